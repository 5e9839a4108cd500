"""One run per enterprise at a time: real processes, and leases of machines that are not there."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import stat
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provision.errors import InputError, Locked, RunFolderError
from provision.job.load import load_job
from provision.ledger.store import open_ledger
from provision.ledger.value import Lease
from provision.runs.memory.lock import locked, only_run, renew
from provision.runs.observer import Unattended

from .clocks import Gate
from .conftest import ended, logins, slow

NOW = datetime(2026, 3, 2, 1, 0, 7, tzinfo=UTC)
STAMP = "2026-03-02T01:00:07+00:00"

#: tries to hold the enterprise of a job for each line it reads, says what came of it, and lets go at the next line
HOLDER = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from provision.runs.observer import Unattended
from provision.runs.memory.lock import only_run
from provision.errors import Locked
from provision.job.load import load_job

job = load_job(Path(sys.argv[1]), os.environ)
while sys.stdin.readline():
    try:
        with only_run(job, "27335", sys.argv[2], Unattended(lambda: datetime.now(UTC))):
            print("held", flush=True)
            sys.stdin.readline()
        print("let go", flush=True)
    except Locked as error:
        print(str(error).splitlines()[0], flush=True)
"""


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.fixture
def job(make_job, said_where):
    """A job of an enterprise that nobody asks; `job(name="other", state=…)`."""

    def make(**sections):
        return load_job(make_job(**sections), os.environ)

    return make


@pytest.fixture
def holder(tmp_path, make_job, said_where):
    """Starts processes that want the enterprise: `holder("run-1")`; each waits for a line before it tries."""
    started = []

    def start(run_id, **sections):
        command = [sys.executable, "-c", HOLDER, str(make_job(**sections)), run_id]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe, stderr=pipe))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def go(process):
    process.stdin.write("go\n")
    process.stdin.flush()


def held(process):
    """Lets it try; what it says first."""
    go(process)
    return process.stdout.readline().strip()


def lease(**changed):
    facts = {"job": "portal", "run_id": "run-0", "host": "elsewhere", "pid": 4711}
    return Lease("27335", **{**facts, "since": STAMP, "renewed_at": STAMP, **changed})


def leave(job, found):
    with contextlib.closing(open_ledger(job.state.url)) as ledger:
        assert ledger.take_lease(found, STAMP) is None


def holder_of(job):
    with contextlib.closing(open_ledger(job.state.url)) as ledger:
        return ledger.leaseholder("27335")


# --- who wins ---------------------------------------------------------------------------------------


def test_of_processes_that_try_together_exactly_one_wins_each_time(holder):
    rivals = [holder(f"run-{number}") for number in range(3)]
    for _ in range(10):
        for process in rivals:
            go(process)
        said = [process.stdout.readline().strip() for process in rivals]
        assert said.count("held") == 1
        assert sum(line.startswith("Another run is working on enterprise 27335.") for line in said) == 2

        assert held(rivals[said.index("held")]) == "let go"


def test_of_two_commands_started_together_one_works_and_one_exits_with_six(box, make_job, launch):
    gate = Gate()
    server, job = box(rules=[slow(method="POST", path="/2.0/users", times=1)], clock=gate), make_job()
    rivals = [launch("run", job, "--json") for _ in range(2)]
    gate.arrival()  # the winner is at work, and stays so until the losers have gone
    while all(process.poll() is None for process in rivals):
        with contextlib.suppress(subprocess.TimeoutExpired):
            rivals[0].wait(timeout=0.05)
    [loser] = [process for process in rivals if process.poll() is not None]
    late = ended(
        launch("run", job, "--json")
    )  # the first loser may have come before the winner said its name
    gate.open()
    said = {process: ended(process) for process in rivals}

    assert said[loser].code == said[loser].json["exit_code"] == late.code == 6
    assert said[loser].json["error"].startswith("Another run is working on enterprise 27335.")
    [winner] = [one for process, one in said.items() if process is not loser]
    assert winner.code == 0
    assert logins(server).count("nina@acme.example") == 1
    error = late.json["error"]
    assert winner.json["run_id"] in error
    assert (
        f"of job nightly, process {next(p.pid for p in rivals if p is not loser)} on {platform.node()}"
        in error
    )


def test_the_lock_says_who_has_it_and_dies_with_its_process(holder, job):
    first = holder("run-1")
    assert held(first) == "held"
    with pytest.raises(Locked) as caught, only_run(job(), "27335", "run-2", Unattended(lambda: NOW)):
        raise AssertionError
    found = holder_of(job())
    assert str(caught.value).splitlines()[0] == (
        f"Another run is working on enterprise 27335. It is run-1 of job nightly, process {first.pid} on "
        f"{platform.node()}, since {found.since}, with its last sign of life at {found.renewed_at}."
    )

    first.send_signal(signal.SIGKILL)
    first.wait(timeout=30)
    assert holder_of(job()).run_id == "run-1"
    with only_run(job(), "27335", "run-2", Unattended(lambda: NOW)):
        assert holder_of(job()).run_id == "run-2"


def test_the_lock_needs_no_lease_to_say_that_it_is_taken(holder, job):
    assert held(holder("run-1")) == "held"
    ledger = Path(job().state.url.removeprefix("sqlite:///"))
    for path in ledger.parent.glob(f"{ledger.name}*"):
        path.unlink()
    ledger.write_bytes(b"rubbish" * 1000)

    with pytest.raises(Locked) as caught, only_run(job(), "27335", "run-2", Unattended(lambda: NOW)):
        raise AssertionError
    assert str(caught.value).splitlines()[0] == "Another run is working on enterprise 27335."


def test_another_enterprise_is_free(job):
    with (
        only_run(job(), "27335", "run-1", Unattended(lambda: NOW)),
        only_run(job(), "555", "run-2", Unattended(lambda: NOW)),
    ):
        assert holder_of(job()).run_id == "run-1"


# --- jobs with ledgers of their own -------------------------------------------------------------------


def test_jobs_with_different_ledgers_do_not_work_on_one_enterprise_at_once(holder, job):
    assert held(holder("run-1", name="one", state="sqlite:///one/provision.db")) == "held"
    other = job(name="two", state="sqlite:///two/provision.db")

    with pytest.raises(Locked), only_run(other, "27335", "run-2", Unattended(lambda: NOW)):
        raise AssertionError
    with only_run(other, "555", "run-2", Unattended(lambda: NOW)):
        pass
    elsewhere = other.model_copy(
        update={"box": other.box.model_copy(update={"base_url": "https://b.invalid"})}
    )
    with only_run(elsewhere, "27335", "run-2", Unattended(lambda: NOW)):
        pass


def test_no_lock_stays_and_what_lies_there_meanwhile_is_private(job, tmp_path):
    locks = tmp_path / "home" / "box-provision" / "locks"
    with only_run(job(), "27335", "run-1", Unattended(lambda: NOW)):
        [path] = locks.iterdir()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    assert list(locks.iterdir()) == []


def test_what_somebody_put_in_the_place_of_a_lock_is_told_and_neither_followed_nor_waited_for(
    job, tmp_path, monkeypatch
):
    elsewhere, lock = tmp_path / "elsewhere", tmp_path / "state" / "enterprise-27335.lock"
    with locked(job(), "27335"):
        pass

    def theirs():
        lock.touch()
        monkeypatch.setattr("provision.runs.memory.lock.counts", lambda *_: False)

    puts = {
        "a link lies in its place": lambda: lock.symlink_to(elsewhere),
        "a pipe or a device lies in its place": lambda: os.mkfifo(lock),
        "it belongs to somebody else, who could hold it for ever": theirs,
    }
    for words, put in puts.items():
        lock.unlink(missing_ok=True)
        put()
        with pytest.raises(RunFolderError, match=words), locked(job(), "27335"):
            raise AssertionError
    assert not elsewhere.exists()


def test_without_a_folder_of_ones_own_the_lock_beside_the_ledger_has_to_do(job, tmp_path, holder):
    (tmp_path / "home").write_text("a file")
    (tmp_path / "temporary").rmdir()
    (tmp_path / "temporary").write_text("a file")
    tempfile.tempdir = str(tmp_path / "temporary")

    with only_run(job(), "27335", "run-1", Unattended(lambda: NOW)):
        assert "Another run is working" in held(holder("run-2"))


# --- machines that share a ledger ---------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "free"), [(0, False), (120, False), (121, True), (86_400, True)])
def test_another_machine_has_the_enterprise_until_it_gives_no_sign_of_life(job, seconds, free):
    leave(job(), lease())
    outcome = contextlib.nullcontext() if free else pytest.raises(Locked, match="process 4711 on elsewhere")

    with outcome, only_run(job(), "27335", "run-1", Unattended(lambda: NOW + timedelta(seconds=seconds))):
        assert holder_of(job()).host == platform.node()
    assert holder_of(job()) == (None if free else lease())


def test_who_waits_for_another_machine_is_told_when_that_ends(job):
    leave(job(), lease())
    with pytest.raises(Locked) as caught, only_run(job(), "27335", "run-1", Unattended(lambda: NOW)):
        raise AssertionError

    assert str(caught.value) == (
        "Another run is working on enterprise 27335. It is run-0 of job portal, process 4711 on elsewhere, "
        f"since {STAMP}, with its last sign of life at {STAMP}.\n"
        "  usual cause: the nightly run is still under way, or somebody runs a job by hand\n"
        "  do: wait until it has finished; its lock ends 120 seconds after its last sign of life, "
        "there is nothing to delete"
    )


def test_a_lease_that_this_machine_left_over_is_taken_over_at_once(job):
    leave(job(), lease(host=platform.node()))

    with only_run(job(), "27335", "run-1", Unattended(lambda: NOW)):
        assert holder_of(job()) == lease(job="nightly", run_id="run-1", host=platform.node(), pid=os.getpid())
    assert holder_of(job()) is None


def test_a_sign_of_life_is_given_at_the_time_it_is(job):
    mine = lease()
    leave(job(), mine)
    renew(job().state.url, mine, lambda: NOW + timedelta(seconds=60))

    assert holder_of(job()).renewed_at == "2026-03-02T01:01:07+00:00"


def test_a_run_that_fails_gives_the_enterprise_back(job):
    with pytest.raises(InputError), only_run(job(), "27335", "run-1", Unattended(lambda: NOW)):
        raise InputError("wrong")

    assert holder_of(job()) is None
    with locked(job(), "27335"):
        pass


def test_a_ledger_that_breaks_meanwhile_does_not_stop_the_run(job, tmp_path):
    ledger = Path(job().state.url.removeprefix("sqlite:///"))
    with only_run(job(), "27335", "run-1", Unattended(lambda: NOW)):
        for path in ledger.parent.glob(f"{ledger.name}*"):
            path.unlink()
        ledger.write_bytes(b"rubbish" * 1000)
        renew(job().state.url, lease(), lambda: NOW)

    assert ledger.read_bytes() == b"rubbish" * 1000
