"""A program calls runs: without a terminal, in threads, with an observer of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

import provision
from provision import (
    ExitCode,
    Job,
    Previewed,
    Reconciled,
    Remark,
    Selection,
    Trouble,
    Unattended,
    apply_run,
    check_job,
    plan_job,
    resume_run,
    run_job,
    undo_run,
    verify_job,
)
from provision.box.pacing.timing import Timing
from provision.cli.main import run_program
from provision.errors import (
    Interrupted,
    JobError,
    Locked,
    PlanError,
    ProvisionError,
    Refused,
    RosterError,
    SignInRefused,
    UsageError,
)
from provision.runs.memory.lock import only_run
from provision.runs.observer import Confirmation, Note, Phase
from tests.cli.clocks import Gate
from tests.cli.conftest import ROSTER, SEED, accounts, logins, person, run_folders, slow

GUIDE = Path(__file__).parents[2] / "docs" / "library.md"
#: Otto leaves, by a row that says so
LEAVING = ROSTER.replace("Director,active", "Director,inactive")
ONE_MAY_GO = {"removals": {"count": 1}}
VARIABLES = {
    "BOX_BASE_URL": "url",
    "BOX_CLIENT_ID": "client_id",
    "BOX_CLIENT_SECRET": "client_secret",
    "BOX_ENTERPRISE_ID": "enterprise_id",
}


class Listening(Unattended):
    """Keeps what it is told, and answers as it was told to."""

    def __init__(self, answer: bool = True, **options) -> None:
        super().__init__(**options)
        self.answer = answer
        self.notes: list[Note] = []
        self.asked: list[Confirmation] = []

    def note(self, note: Note) -> None:
        self.notes.append(note)

    def confirm(self, asked: Confirmation) -> bool:
        self.asked.append(asked)
        return self.answer

    def kinds(self) -> list[type]:
        return [type(note) for note in self.notes]


class StopsAt(Unattended):
    """Stops the run as soon as it comes to a phase, for this reason if there is one."""

    def __init__(self, phase: Phase, reason: ProvisionError | None = None) -> None:
        super().__init__()
        self._phase, self._reason = phase, reason

    def progress(self, phase, total=None):
        if phase is self._phase and self._reason:
            self.halt.request(self._reason)
        elif phase is self._phase:
            self.stop()
        return super().progress(phase, total)


def in_a_thread(call, *arguments, **options):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call, *arguments, **options).result()


@pytest.fixture
def job(box, make_job) -> Job:
    box()
    return Job.load(make_job())


# --- results ------------------------------------------------------------------------------------------


def test_a_plan_is_applied_and_verified(box, make_job):
    server, path = box(), make_job()
    job = Job.load(path)
    planned = plan_job(job)
    assert (planned.exit_code, planned.status) == (ExitCode.CHANGES, "planned")
    assert {change.kind for change in planned.plan.changes} == {"activate", "create", "update"}
    assert "nina@acme.example" not in logins(server)

    done = apply_run(planned)
    assert (done.exit_code, done.status, done.folder) == (ExitCode.DONE, "applied", planned.folder)
    assert done.summary.outcomes["done"] == len(done.plan.changes) == 3
    assert "nina@acme.example" in logins(server)
    assert done.reconciliation.mode == "verified"
    after = verify_job(job)
    assert (after.exit_code, after.status, after.folder) == (ExitCode.DONE, "no_changes", None)


def test_a_result_is_what_the_run_folder_says(job):
    done = run_job(job)
    kept = json.loads((done.folder / "summary.json").read_text())

    assert json.loads(done.summary.to_json()) == kept
    assert done.folder == run_folders(job.runs)[0]
    assert (kept["status"], kept["exit_code"]) == (done.status, done.exit_code)


def test_a_result_cannot_be_changed(job):
    result = plan_job(job)

    with pytest.raises(FrozenInstanceError):
        result.folder = None


def test_some_kinds_of_a_plan_are_applied(box, make_job):
    server = box()
    planned = plan_job(Job.load(make_job()))

    done = apply_run(planned.folder, selection=Selection(only=("create",)))

    assert dict(done.summary.outcomes) == dict.fromkeys(done.summary.outcomes, 0) | {
        "done": 1,
        "not_attempted": 2,
    }
    assert person(server, "otto@acme.example")["job_title"] == "Seller"


def test_a_run_is_taken_back(box, make_job):
    server = box()
    before = person(server, "otto@acme.example")
    done = run_job(Job.load(make_job()))

    shown = undo_run(done, dry_run=True)
    assert (shown.exit_code, person(server, "otto@acme.example")["job_title"]) == (2, "Director")
    assert undo_run(done).exit_code == ExitCode.DONE
    assert person(server, "otto@acme.example")["job_title"] == before["job_title"]


def test_a_check_asks_box_nothing(make_job, monkeypatch):
    path = make_job(ROSTER + "E5,no login,Nobody,,active\n")
    environ = {**dict.fromkeys(VARIABLES, "x"), "BOX_BASE_URL": "https://box.invalid"}

    found = check_job(Job.load(path, environ))

    assert (found.exit_code, found.status, found.roster.rejected) == (ExitCode.INPUT, "failed", 1)
    assert found.started_at
    assert found.finished_at


# --- errors -------------------------------------------------------------------------------------------


def test_bad_input_is_an_error_of_its_own_kind(job, tmp_path):
    (tmp_path / "bad.yaml").write_text("version: 1\nbox: 7\n")
    with pytest.raises(JobError, match="box"):
        Job.load(tmp_path / "bad.yaml")
    with pytest.raises(RosterError):
        plan_job(job, roster=tmp_path / "nothing.csv")
    with pytest.raises(UsageError, match="removal"):
        run_job(job, allow={"removal": 1})
    with pytest.raises(UsageError, match="creates"):
        apply_run("anything", selection=Selection(only=("creates",)))
    with pytest.raises(PlanError, match="no run folder"):
        resume_run(tmp_path / "nowhere")
    with pytest.raises(PlanError, match="only planned"):
        resume_run(plan_job(job))


def test_a_job_that_is_no_file_has_no_run(job):
    loose = Job.model_validate(job.model_dump(), context={"folder": job.path.parent})

    with pytest.raises(JobError, match="does not come from a job file"):
        run_job(loose)


def test_a_run_folder_that_was_begun_tells_the_error_too(box, make_job, monkeypatch):
    box()
    monkeypatch.setenv("BOX_CLIENT_SECRET", "wrong")
    job = Job.load(make_job())
    with pytest.raises(SignInRefused) as caught:
        run_job(job)

    kept = json.loads((run_folders(job.runs)[0] / "summary.json").read_text())
    assert (kept["exit_code"], kept["error"]) == (caught.value.exit_code, str(caught.value))


def test_an_enterprise_that_is_at_work_is_locked(job):
    with only_run(job, "27335", "another", Unattended()), pytest.raises(Locked, match="another"):
        run_job(job)


# --- observers ----------------------------------------------------------------------------------------


def test_an_observer_hears_how_it_went(job):
    observer = Listening()
    done = run_job(job, observer=observer)

    assert observer.kinds() == [Reconciled]
    assert observer.notes[0].reconciliation is done.reconciliation
    observer = Listening()
    assert plan_job(job, observer=observer).plan is observer.notes[-1].plan
    assert observer.kinds() == [Previewed]


def test_an_observer_hears_of_trouble(box, make_job):
    box()
    observer = Listening()
    job = Job.load(make_job(LEAVING, guards={"removals": {"count": 0}}))

    refused = run_job(job, observer=observer)

    assert refused.exit_code == ExitCode.HELD
    assert Trouble(refused.summary.error) in observer.notes


@pytest.mark.parametrize("answer", [True, False])
def test_an_observer_is_asked_before_somebody_loses_something(box, make_job, answer):
    server = box()
    run_job(Job.load(make_job(guards=ONE_MAY_GO)))
    job, observer = Job.load(make_job(LEAVING, guards=ONE_MAY_GO)), Listening(answer)
    if answer:
        assert run_job(job, observer=observer).exit_code == ExitCode.DONE
    else:
        with pytest.raises(Refused, match="you answered no"):
            run_job(job, observer=observer)

    [asked] = observer.asked
    assert asked.question == "1 account will be deactivated or deleted. Continue?"
    assert [change.kind for change in asked.plan.changes] == ["deactivate"]
    assert person(server, "otto@acme.example")["status"] == ("inactive" if answer else "active")


def test_without_an_observer_nobody_is_asked_and_nothing_is_said(box, make_job, capfd):
    server = box()
    run_job(Job.load(make_job(guards=ONE_MAY_GO)))

    assert run_job(Job.load(make_job(LEAVING, guards=ONE_MAY_GO))).exit_code == ExitCode.DONE
    assert person(server, "otto@acme.example")["status"] == "inactive"
    assert capfd.readouterr() == ("", "")


def test_a_run_that_is_stopped_early_changes_nothing(box, make_job):
    server = box()
    before = accounts(server)
    job = Job.load(make_job())
    with pytest.raises(Interrupted, match="before anything was changed"):
        run_job(job, observer=StopsAt(Phase.LISTING))

    assert accounts(server) == before
    kept = json.loads((run_folders(job.runs)[0] / "summary.json").read_text())
    assert (kept["status"], kept["exit_code"]) == ("interrupted", 5)


def test_a_run_that_loses_the_enterprise_early_is_locked_out(box, make_job):
    server = box()
    before = accounts(server)
    with pytest.raises(Locked, match="lost"):
        run_job(Job.load(make_job()), observer=StopsAt(Phase.LISTING, Locked("lost")))

    assert accounts(server) == before


def test_a_run_that_loses_the_enterprise_at_work_sends_nothing_more(box, make_job):
    server = box()
    before = accounts(server)
    result = run_job(Job.load(make_job()), observer=StopsAt(Phase.APPLYING, Locked("lost")))

    assert (result.exit_code, result.status, result.summary.error) == (ExitCode.LOCKED, "interrupted", "lost")
    assert accounts(server) == before


def test_a_run_that_is_stopped_at_work_finishes_what_is_in_flight_and_is_resumed(box, make_job):
    gate = Gate()
    server = box(rules=[slow(method="POST", path="^/2.0/users$", times=1)], clock=gate)
    observer = Unattended()
    roster = "login,name\n" + "".join(f"new{at}@acme.example,New Person {at}\n" for at in range(4))
    job = Job.load(make_job(roster, roster={"authority": "partial"}, apply={"workers": 1}))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run_job, job, observer=observer)
        gate.arrival()
        observer.stop()
        gate.open()
        stopped = running.result()
    assert (stopped.exit_code, stopped.status) == (ExitCode.INTERRUPTED, "interrupted")
    assert stopped.summary.outcomes["done"] == 1
    assert f"provision resume {stopped.folder}" in stopped.summary.error

    assert resume_run(stopped).exit_code == ExitCode.DONE
    assert sum(login.startswith("new") for login in logins(server)) == 4


def test_the_clock_is_the_observers(job):
    at = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)

    planned = plan_job(job, observer=Listening(now=lambda: at))

    assert planned.folder.name.startswith("20310506T070809Z-nightly-")
    assert planned.plan.as_of == planned.summary.finished_at == "2031-05-06T07:08:09+00:00"


def test_time_and_sleep_are_the_observers_and_a_long_pause_is_told(box, make_job):
    passed = [0.0]

    def sleep(seconds: float) -> None:
        passed[0] += seconds

    busy = {
        "match": {"path": "^/2.0/users$", "times": 1},
        "do": {"fault": "status", "status": 429, "retry_after": 60},
    }
    box(rules=[busy])
    observer = Listening(timing=Timing(lambda: passed[0], sleep, Random(0)))  # noqa: S311 - jitter, not a secret

    assert plan_job(Job.load(make_job()), observer=observer).exit_code == ExitCode.CHANGES
    remark, digest = [note.text for note in observer.notes if isinstance(note, Remark)]
    assert digest.startswith("The digest of this plan is ")
    assert remark.startswith("Box asks for a pause of 60 s (HTTP 429); going on at ")
    assert passed[0] >= 60


# --- threads ------------------------------------------------------------------------------------------


def test_plan_and_run_work_in_a_thread_and_leave_signals_alone(job):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    assert in_a_thread(plan_job, job).exit_code == ExitCode.CHANGES
    assert in_a_thread(run_job, job).exit_code == ExitCode.DONE
    assert in_a_thread(verify_job, job).exit_code == ExitCode.DONE
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_command_works_in_a_thread(box, make_job, capsys):
    box()
    path = make_job()

    codes = [in_a_thread(run_program, [word, str(path)]) for word in ("check", "plan", "run", "verify")]

    assert codes == [0, 2, 0, 0]


def test_two_enterprises_are_run_at_once(box, make_job):
    """Each run waits in its first create until the other has come as far."""
    gates, servers, jobs = [Gate(), Gate()], [], []
    for number, gate in enumerate(gates):
        seed = {**SEED, "enterprise": {**SEED["enterprise"], "id": f"2733{number}"}}
        server = box(seed, rules=[slow(method="POST", path="^/2.0/users$", times=1)], clock=gate)
        environ = {name: server.announcement[key] for name, key in VARIABLES.items()}
        servers.append(server)
        jobs.append(Job.load(make_job(name=f"job{number}"), environ))
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(run_job, job) for job in jobs]
        for gate in gates:
            gate.arrival()
        for gate in gates:
            gate.open()
        ended = [each.result() for each in running]

    assert [one.exit_code for one in ended] == [0, 0]
    assert [one.summary.enterprise_id for one in ended] == ["27330", "27331"]
    assert [one.plan.job for one in ended] == ["job0", "job1"]
    assert all("nina@acme.example" in logins(server) for server in servers)


def test_of_two_threads_on_one_enterprise_one_is_locked_out(box, make_job):
    gate = Gate()
    box(rules=[slow(method="POST", path="^/2.0/users$", times=1)], clock=gate)
    job = Job.load(make_job())
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(run_job, job)
        gate.arrival()
        with pytest.raises(Locked):
            run_job(job)
        gate.open()

        assert first.result().exit_code == ExitCode.DONE


# --- the door -----------------------------------------------------------------------------------------


def test_every_name_of_the_door_is_there_and_documented():
    silent = [
        name
        for name in provision.__all__
        if callable(thing := getattr(provision, name)) and not thing.__doc__
    ]

    assert silent == []
    assert set(provision.__all__) <= set(dir(provision))
    with pytest.raises(AttributeError, match="plan_jobs"):
        provision.plan_jobs  # noqa: B018 - looked up on purpose


def test_the_door_opens_without_loading_the_house():
    heavy = {"pandas", "pyarrow", "pydantic", "sqlalchemy", "box_sdk_gen", "rich", "requests"}
    asked = f"import sys, provision; print(sorted({heavy!r} & set(sys.modules)))"
    help_asked = (
        "import sys\nfrom provision.cli.main import run_program\nrun_program(['--help'])\n"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for code in (asked, help_asked)
    ]

    assert [text.splitlines()[-1] for text in said] == ["[]", "[]"]


def test_a_library_needs_no_terminal_library():
    code = "import sys\nfrom provision import run_job\nprint(sorted({'rich', 'click'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_guide_tells_the_truth(box, make_job, monkeypatch):
    """Its code runs from top to bottom, against two enterprises; what it asserts holds."""
    branch = box({**SEED, "enterprise": {**SEED["enterprise"], "id": "27336"}})
    text = make_job(name="branch").read_text().replace("${BOX_", "${BRANCH_")
    Path("branch.yaml").write_text(text)
    for name, key in VARIABLES.items():
        monkeypatch.setenv(name.replace("BOX", "BRANCH", 1), branch.announcement[key])
    nightly = box()
    make_job()
    blocks = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    space: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(GUIDE), "exec"), space)  # noqa: S102 - the guide is ours

    assert len(blocks) >= 5
    assert space["planned"].exit_code == ExitCode.CHANGES
    assert space["result"].status == "no_changes"
    assert [each.exit_code for each in space["ended"]] == [ExitCode.DONE, ExitCode.DONE]
    for server in (nightly, branch):
        assert "nina@acme.example" in logins(server)


def test_a_job_with_variables_of_its_own_keeps_them_from_the_plan_to_the_undo(box, make_job, monkeypatch):
    box()
    path = make_job()
    mapping = {name: os.environ[name] for name in VARIABLES}
    for name in VARIABLES:
        monkeypatch.delenv(name)
    planned = plan_job(Job.load(path, mapping))
    applied = apply_run(planned)

    assert applied.exit_code == ExitCode.DONE
    assert undo_run(applied, dry_run=True).exit_code == ExitCode.CHANGES


@pytest.mark.parametrize("call", [plan_job, run_job, verify_job, check_job])
def test_what_is_no_job_is_told_as_such(call):
    with pytest.raises(UsageError, match=r"Job\.load"):
        call("nightly.yaml")


@pytest.mark.parametrize("number", ["12", -1, 5.5, True])
def test_what_is_no_count_is_told_as_such(job, number):
    with pytest.raises(UsageError, match="is no count"):
        plan_job(job, allow={"removals": number})


def test_an_observer_that_fails_at_the_end_hides_nothing_of_what_was_done(job):
    class Failing(Unattended):
        def note(self, note: Note) -> None:
            match note:
                case Reconciled():
                    raise RuntimeError("no room")

    with pytest.raises(ProvisionError) as raised:
        run_job(job, observer=Failing())
    kept = json.loads((run_folders(job.runs)[0] / "summary.json").read_text())

    assert isinstance(raised.value.__cause__, RuntimeError)
    assert (kept["status"], kept["exit_code"]) == ("applied", 0)


def test_a_verification_is_nothing_to_go_on_with(job):
    with pytest.raises(UsageError, match="leaves no run folder"):
        apply_run(verify_job(job))
