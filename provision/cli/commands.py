"""What each command does, in the words of the rooms."""

from __future__ import annotations

from pathlib import Path

from provision.cli.account import Case, folder_command, job_command, run_command
from provision.cli.applying import apply_plan, hold_all, leave_preview, present_plan, refused_again, verified
from provision.cli.asking import ask, with_refusal
from provision.cli.desk import Desk
from provision.cli.planning import Planned, plan_from, prepare
from provision.cli.saved import reopened, resumed
from provision.cli.terms import Terms, kinds_in
from provision.job.settings import Job
from provision.report.summary import Summary
from provision.report.terminal import render_plan
from provision.runs.folder import RunFolder
from provision.runs.lock import only_run
from provision.runs.selection import Selection, Task


def plan_job(job_path: Path, terms: Terms) -> int:
    """``provision plan``."""
    desk = Desk(terms)

    def work(job: Job, run: RunFolder) -> Summary:
        planned = plan_from(prepare(job, desk), desk, run)
        summary = present_plan(planned, run, desk)
        return with_refusal(planned, summary, run, desk)

    return run_command(job_path, desk, work)


def run_job(job_path: Path, terms: Terms) -> int:
    """``provision run``."""
    desk = Desk(terms)

    def work(job: Job, run: RunFolder) -> Summary:
        prepared = prepare(job, desk)
        with only_run(
            job, prepared.connection.me.enterprise_id, run.about.run_id, desk.now, desk.halt.request
        ):
            planned = plan_from(prepared, desk, run, teach=True)
            if planned.plan.refused:
                return with_refusal(planned, present_plan(planned, run, desk), run, desk)
            leave_preview(planned, run, desk)
            return _carried_out(planned, run, Task(allow=terms.allow), desk)

    return run_command(job_path, desk, work)


def apply_run(name: str, terms: Terms, *, only: str | None, excepted: str | None) -> int:
    """``provision apply``."""
    desk = Desk(terms)
    selection = Selection(kinds_in(only), kinds_in(excepted))

    def work(case: Case) -> Summary:
        run = case.open(name).begun(desk.now())
        job = case.load(Path(run.about.job_path))
        with reopened(run, job, selection, desk) as (planned, task):
            return _gone_on(planned, run, task, desk)

    return folder_command(desk, work)


def resume_run(name: str, terms: Terms) -> int:
    """``provision resume``."""
    desk = Desk(terms)

    def work(case: Case) -> Summary:
        run = case.open(name).begun(desk.now())
        job = case.load(Path(run.about.job_path))
        with resumed(run, job, desk) as (planned, task):
            return _gone_on(planned, run, task, desk)

    return folder_command(desk, work)


def _gone_on(planned: Planned, run: RunFolder, task: Task, desk: Desk) -> Summary:
    if planned.plan.refused:
        return with_refusal(planned, refused_again(planned, run, desk), run, desk)
    return _carried_out(planned, run, task, desk)


def _carried_out(planned: Planned, run: RunFolder, task: Task, desk: Desk) -> Summary:
    """What is safe goes on; what waits for a person is told and remembered."""
    if task.waits(planned.plan):
        return with_refusal(planned, hold_all(planned, run, desk), run, desk)
    ask(planned, task, desk)
    return with_refusal(planned, apply_plan(planned, run, task, desk), run, desk)


def verify_job(job_path: Path, terms: Terms) -> int:
    """``provision verify``."""
    desk = Desk(terms)

    def work(job: Job) -> Summary:
        planned = plan_from(prepare(job, desk), desk, None)
        if not terms.json:
            render_plan(planned.plan, planned.noticed.row_errors, desk.console)
        return verified(planned, desk)

    return job_command(job_path, desk, work)
