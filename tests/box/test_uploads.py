"""Uploads have a budget of their own: over real sockets, on a clock that moves only when somebody waits."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from box_sdk_gen.managers.uploads import UploadFileAttributes, UploadFileAttributesParentField

from provision.box.connect import Connection, Surroundings, connect
from provision.box.pacing.outage import Unwatched
from provision.box.pacing.timing import Timing
from provision.errors import Throttled
from provision.job.settings import ApplySettings, BoxSettings
from tests.live import WHO_AM_I, Canned, Recital, Serve

TAKEN_IN = Canned(201, '{"total_count": 1, "entries": []}')
SLOW_DOWN = Canned(429, "", {"retry-after": "30"})
#: seconds between two uploads at Box's 240 a minute
BETWEEN = 60 / 240


class Told(Unwatched):
    """Keeps what is told of the budgets."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, float]] = []

    def paced(self, why: str, wait: float) -> None:
        self.heard.append((why, wait))


def connected(server: Recital, told: Told, timing: Timing | None = None, **apply: float) -> Connection:
    return _connected({"base_url": server.url}, told, timing or server.time.timing(), **apply)


def _connected(addresses: dict[str, str], told: Told, timing: Timing, **apply: float) -> Connection:
    settings = BoxSettings.model_validate({**addresses, "auth": {"method": "token", "token": "abc"}})
    pace = ApplySettings.model_validate({"requests_per_minute": 600_000, "timeout_seconds": 5, **apply})
    return connect(settings, pace, timing, Surroundings(told))


def upload(connection: Connection) -> None:
    """Send one small file."""
    about = UploadFileAttributes(name="welcome.txt", parent=UploadFileAttributesParentField(id="0"))
    connection.box._client.uploads.upload_file(about, io.BytesIO(b"Welcome"))


def picture(connection: Connection) -> None:
    """Send the picture of a user."""
    connection.box._client.avatars.create_user_avatar("1", io.BytesIO(b"GIF"), pic_file_name="a.gif")


def look(connection: Connection) -> None:
    """An ordinary call."""
    connection.box.me()


def took(server: Recital, do: Callable[[Connection], None], connection: Connection, times: int = 1) -> float:
    """Seconds that so many calls were made to wait."""
    before = server.time.now()
    for _ in range(times):
        do(connection)
    return server.time.now() - before


@pytest.fixture
def told() -> Told:
    return Told()


def test_uploads_leave_at_their_own_rate(canned: Serve, told: Told) -> None:
    server = canned(WHO_AM_I, TAKEN_IN)
    waited = took(server, upload, connected(server, told), 24)

    assert 21 * BETWEEN <= waited <= 24 * BETWEEN
    assert {path for _, path, _ in server.asked[1:]} == {"/api/2.0/files/content"}


def test_a_job_may_lower_it(canned: Serve, told: Told) -> None:
    server = canned(WHO_AM_I, TAKEN_IN)
    connection = connected(server, told, uploads_per_minute=60)

    assert took(server, upload, connection, 10) == pytest.approx(9, rel=0.02)


@pytest.mark.parametrize(("do", "answer"), [(look, WHO_AM_I), (picture, Canned(201, "{}"))])
def test_neither_takes_anything_from_the_other(
    canned: Serve, told: Told, do: Callable[[Connection], None], answer: Canned
) -> None:
    server = canned(WHO_AM_I, *[TAKEN_IN] * 12, answer)
    connection = connected(server, told, requests_per_minute=60)
    uploading = took(server, upload, connection, 12)
    calling = took(server, do, connection, 10)

    assert uploading <= 12 * BETWEEN
    assert calling == pytest.approx(9, rel=0.02)


def test_one_address_for_both_makes_no_call_an_upload(canned: Serve, told: Told) -> None:
    server = canned(WHO_AM_I)
    addresses = {"base_url": server.url, "upload_url": server.url}
    connection = _connected(addresses, told, server.time.timing())

    assert took(server, look, connection, 10) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(("refused", "other"), [(upload, look), (look, upload)], ids=["an upload", "a call"])
def test_a_429_teaches_only_the_budget_it_was_for(
    canned: Serve, told: Told, refused: Callable[[Connection], None], other: Callable[[Connection], None]
) -> None:
    answer = {upload: TAKEN_IN, look: WHO_AM_I}
    server = canned(WHO_AM_I, SLOW_DOWN, answer[other], answer[refused])
    connection = connected(server, told)
    with pytest.raises(Throttled):
        refused(connection)
    others = took(server, other, connection)
    its_own = took(server, refused, connection)

    assert others == pytest.approx(0, abs=0.1)
    assert its_own == pytest.approx(30, abs=0.3)


def test_a_long_wait_says_that_it_is_for_uploads_and_how_long(canned: Serve, told: Told) -> None:
    connection = connected(canned(WHO_AM_I, SLOW_DOWN, TAKEN_IN), told)
    with pytest.raises(Throttled):
        upload(connection)
    upload(connection)

    [(why, wait)] = told.heard
    assert why == "Uploads: Box asks for a pause of 30 s (HTTP 429)"
    assert wait == pytest.approx(30)


def test_both_budgets_are_shared_on_this_machine_each_by_itself(
    canned: Serve, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    timing = Timing(time.monotonic, time.sleep, Random(0))  # noqa: S311 - jitter
    server = canned(*(WHO_AM_I, WHO_AM_I, TAKEN_IN) * 2)
    kept = []
    for _ in range(2):
        connection = connected(server, told, timing, uploads_per_minute=600_000)
        look(connection)
        upload(connection)
        kept.append({path.name for path in (tmp_path / "state" / "box-provision" / "budgets").iterdir()})

    assert len(kept[0]) == 2
    assert kept[0] == kept[1]
    assert told.heard == []
