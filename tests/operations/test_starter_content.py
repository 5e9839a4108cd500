"""Starter content that Box did not answer for clearly: all is there once, and nobody is left in a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from provision.apply.halt import Halt, interrupted
from provision.box.collaborators import Grantee
from provision.journal.value import Noted
from provision.model import Status
from provision.operations.value import Change
from tests.apply.changes import Run
from tests.apply.conftest import Begin
from tests.live import Live, Start

from .samples import COPY, MIA, enterprise, from_here

FILES = {"Rules.txt": b"Be kind", "Maps/City.txt": b"Here", "Maps/Old/Rome.txt": b""}
FROM_HERE = replace(COPY, object="/Welcome", folder="", fields=())
#: 20 MB and a bit, in three parts
LARGE = bytes(20_000_001)


def rule(do: Any, path: str, **match: Any) -> dict[str, Any]:
    return {"do": do, "match": {"path": path, **match}}


def root_of(live: Live, owner: str = MIA) -> dict[str, str]:
    """By path what lies in somebody's root, and the digest of what are files."""
    content = live.server.enterprise.content
    return {
        "/".join([*(above.name for above in reversed(content.above(one))), one.name]): getattr(
            one, "sha1", ""
        )
        for one in content
        if one.owner == owner and not one.name.startswith(("Projects", "file"))
    }


def there(files: Mapping[str, bytes]) -> dict[str, str]:
    """What lies in a root where these files have come into the folder Welcome."""
    digests = {path: hashlib.sha1(told, usedforsecurity=False).hexdigest() for path, told in files.items()}
    above = {path[:at] for path in files for at, sign in enumerate(path) if sign == "/"}
    return {"Welcome": "", **{f"Welcome/{path}": "" for path in above}} | {
        f"Welcome/{path}": digest for path, digest in digests.items()
    }


@pytest.fixture
def begun(start: Start, begin: Begin) -> Callable[..., tuple[Live, Run]]:
    """Starts a sandbox where these things go wrong, and a run."""

    def go(*rules: Mapping[str, Any], **choices: Any) -> tuple[Live, Run]:
        live = start(rules, choices, enterprise())
        return live, begin(live)

    return go


def copy_of(run: Run) -> Change:
    folder = run.connection.box.create_folder("Starter")
    run.connection.box.create_folder("More", folder)
    return replace(COPY, object=folder, folder=folder)


_FAULTS = ("503_written", "503_not_written", "lost_answer", "lost_request", 429)
_COPY, _ACCESS = "^/2.0/folders/.*/copy", "/2.0/collaborations"


@pytest.mark.parametrize("do", _FAULTS)
@pytest.mark.parametrize(("method", "path"), [("POST", _COPY), ("POST", _ACCESS), ("DELETE", _ACCESS)])
def test_a_copy_is_there_once_and_lets_nobody_in_for_longer(begun, do, method, path) -> None:
    live, run = begun(rule(do, path, method=method, first=2))
    outcome = run.one(copy_of(run))

    assert (outcome.status, outcome.box_id) == (Status.DONE, MIA)
    assert root_of(live) == {"Starter": "", "Starter/More": ""}
    assert not list(live.server.enterprise.collaborations)


def test_who_sees_the_folder_anyway_goes_on_seeing_it(begun) -> None:
    live, run = begun()
    change = copy_of(run)
    run.connection.box.collaborate(change.folder, Grantee(MIA), "editor")
    outcome = run.one(change)

    assert outcome.status is Status.DONE
    assert [one.role for one in live.server.enterprise.collaborations] == ["editor"]
    assert "Starter/More" in root_of(live)


def test_who_is_refused_the_copy_is_not_left_in_the_folder(begun) -> None:
    live, run = begun(rule("forbidden", _COPY))
    outcome = run.one(copy_of(run))

    assert outcome.status is Status.FAILED
    assert not list(live.server.enterprise.collaborations)


@pytest.mark.parametrize("do", _FAULTS)
@pytest.mark.parametrize("path", ["/2.0/folders", "/api/2.0/files/content"])
def test_each_file_is_there_once_whatever_was_answered(begun, do, path) -> None:
    live, run = begun(rule(do, path, method="POST", every=2))
    outcome = run.one(from_here(FROM_HERE, run, FILES))

    assert (outcome.status, outcome.box_id) == (Status.DONE, MIA)
    assert root_of(live) == there(FILES)


def test_a_large_file_goes_in_parts_each_of_which_may_be_sent_twice(begun) -> None:
    parts = "^/api/2.0/files/upload_sessions/"
    live, run = begun(
        rule("503_written", parts, method="PUT", nth=1),
        rule("503_not_written", parts, method="PUT", nth=4),
        rule("lost_answer", f"{parts}.*/commit", nth=3),
        commits_answered_later=2,
    )
    outcome = run.one(from_here(FROM_HERE, run, {"Film.bin": LARGE}))

    assert outcome.status is Status.DONE
    assert root_of(live) == there({"Film.bin": LARGE})
    assert 1.0 in run.time.waits  # as Box says while it puts the parts together


def test_a_large_file_takes_the_requests_that_are_foreseen(begun) -> None:
    live, run = begun()
    change = from_here(FROM_HERE, run, {"Film.bin": LARGE, "Rules.txt": b"Be kind"})
    told: list[tuple[str, int]] = []
    remote = replace(run.context.remote, sent=lambda file, there: told.append((file.name, there)))
    run.context = replace(run.context, remote=remote)
    before = live.asked()
    run.one(change)

    assert told == [("Film.bin", 8_388_608), ("Film.bin", 16_777_216), ("Film.bin", len(LARGE))]
    assert "calls=7 " in change.fields[0].after
    assert live.asked() - before == 7


def test_a_run_that_is_stopped_ends_between_two_parts_and_is_gone_on_with(begun) -> None:
    live, run = begun()
    change = from_here(FROM_HERE, run, {"Film.bin": LARGE, "Rules.txt": b"Be kind"})
    remote, retry = run.context.remote, run.context.retry
    stopping = replace(remote, sent=lambda _file, _there: run.halt.request(interrupted()), pause=retry.pause)
    run.context = replace(run.context, remote=stopping)
    first = run.carry_out([change])[change.id]
    parts = live.asked("PUT", "/api/2.0/files/upload_sessions")
    run.halt = Halt()
    run.context = replace(run.context, remote=remote, halt=run.halt)
    last = run.resume([change])[change.id]

    assert (first.status, parts) == (Status.IN_DOUBT, 1)
    assert last.status is Status.DONE
    assert root_of(live) == there({"Film.bin": LARGE, "Rules.txt": b"Be kind"})


def test_something_else_of_a_name_stays_as_it_is(begun) -> None:
    live, run = begun()
    change = from_here(FROM_HERE, run, FILES)
    folder = run.connection.box.create_folder("Welcome", as_user=MIA)
    run.connection.box.create_folder("rules.TXT", folder, MIA)
    outcome = run.one(change)

    assert outcome.status is Status.FAILED
    assert outcome.says(Noted.CONTENT_OTHERWISE)
    assert root_of(live)["Welcome/rules.TXT"] == ""


def test_a_file_that_changes_while_it_is_sent_is_not_taken(begun) -> None:
    live, run = begun()
    change = from_here(FROM_HERE, run, FILES)
    (run.folder / "welcome" / "Rules.txt").write_bytes(b"Be unkind")
    (run.folder / "welcome" / "Maps" / "City.txt").unlink()
    outcome = run.one(change)

    assert outcome.status is Status.FAILED
    assert outcome.says(Noted.CONTENT_CHANGED)
    assert not {"Welcome/Rules.txt", "Welcome/Maps/City.txt"} & root_of(live).keys()
