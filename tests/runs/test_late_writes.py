"""A create that was sent twice, and written a second time after its run had ended: the next run sees to it, or a person does."""

from __future__ import annotations

import json
import urllib.request
from random import Random
from typing import Any

import pytest

from provision import ExitCode, Job, Unattended, apply_run, plan_job, run_job, verify_job
from provision.box.pacing.timing import Timing
from tests.cli.conftest import accounts

CREATE = {"method": "POST", "path": "^/2.0/users$"}
ROSTER = "external_id,name,phone\nportal-1,Client One,1\nportal-2,Client Two,2\n"
PORTAL = {"kind": "app", "authority": "partial"}


@pytest.fixture
def quick() -> Any:
    """Runs whose waits take no time."""
    passed = [0.0]

    def sleep(seconds: float) -> None:
        passed[0] += seconds

    return lambda: Unattended(timing=Timing(lambda: passed[0], sleep, Random(0)))  # noqa: S311 - jitter


def landed(server, **changed: str) -> None:
    """The write of a request that was given up for lost."""
    fields = {
        "name": "Client One",
        "phone": "1",
        "is_platform_access_only": True,
        "external_app_user_id": "portal-1",
    }
    request = urllib.request.Request(
        f"{server.url}/2.0/users",
        json.dumps(fields | changed).encode(),
        {"Authorization": f"Bearer {server.announcement['developer_token']}"},
        method="POST",
    )
    urllib.request.urlopen(request).close()


def those_of(server, key: str = "portal-1") -> list[str]:
    return sorted(one["id"] for one in accounts(server).values() if one["external_app_user_id"] == key)


@pytest.fixture
def twice_sent(box, make_job, quick):
    """A first run, of which one create was answered by a 503; the job, its enterprise, and who was made."""
    server = box(
        rules=[{"match": {**CREATE, "nth": 1}, "do": "503_not_written"}],
        choices={"external_id_taken": "accepted"},
    )
    job = Job.load(make_job(ROSTER, roster=PORTAL, apply={"workers": 1}))
    assert run_job(job, observer=quick()).exit_code == ExitCode.DONE
    return server, job, those_of(server)


def test_what_came_late_is_removed_by_the_next_run(twice_sent, quick):
    server, job, made = twice_sent
    landed(server)

    assert verify_job(job, observer=quick()).exit_code == ExitCode.CHANGES
    result = run_job(job, observer=quick())

    assert (result.exit_code, result.summary.planned) == (ExitCode.DONE, {"delete": 1})
    assert those_of(server) == made
    assert "was written after the run had ended" in (result.folder / "reconciliation.csv").read_text()
    assert verify_job(job, observer=quick()).exit_code == ExitCode.DONE


def test_a_saved_plan_that_removes_what_came_late_is_warranted_by_the_run_that_sent_it(twice_sent, quick):
    server, job, made = twice_sent
    landed(server)

    planned = plan_job(job, observer=quick())
    done = apply_run(planned, observer=quick())

    assert (done.exit_code, done.summary.outcomes["done"], those_of(server)) == (ExitCode.DONE, 1, made)


@pytest.mark.parametrize(
    "times, changed", [(1, {"name": "Somebody Else"}), (2, {})], ids=["another", "too many"]
)
def test_what_the_run_cannot_have_made_is_left_to_a_person(twice_sent, quick, times, changed):
    server, job, made = twice_sent
    for _ in range(times):
        landed(server, **changed)

    result = run_job(job, observer=quick())

    assert result.exit_code == ExitCode.HELD
    assert len(those_of(server)) == len(made) + times


def test_a_second_account_of_a_create_that_was_sent_once_is_somebody_elses(twice_sent, quick):
    server, job, _made = twice_sent
    landed(server, external_app_user_id="portal-2", name="Client Two", phone="2")

    assert run_job(job, observer=quick()).exit_code == ExitCode.HELD
    assert len(those_of(server, "portal-2")) == 2
