"""What each command does, in the words of the rooms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from provision.cli.account import Case, folder_command, job_command, run_command
from provision.cli.applying import (
    apply_plan,
    leave_preview,
    present_plan,
    refused_again,
    removals,
    verified,
)
from provision.cli.desk import Desk
from provision.cli.lock import only_run
from provision.cli.planning import Planned, plan_from, prepare
from provision.cli.runfolder import RunFolder
from provision.cli.saved import reopened, resumed
from provision.cli.task import Selection, Task
from provision.cli.terms import Terms
from provision.errors import Refused, UsageError
from provision.job.settings import Job
from provision.model import Kind
from provision.plan.guard import refusal
from provision.report.summary import Summary
from provision.report.terminal import render_plan


def _kinds(text: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",")) if text else ()
    for name in names:
        if name not in tuple(Kind):
            raise UsageError(
                f"There is no kind of operation {name!r}.", remedy=f"choose from {', '.join(Kind)}"
            )
    return names


def plan_job(job_path: Path, terms: Terms) -> int:
    """``provision plan``."""
    desk = Desk(terms)

    def work(job: Job, run: RunFolder) -> Summary:
        planned = plan_from(prepare(job, desk), desk, run)
        summary = present_plan(planned, run, desk)
        return _with_refusal(planned, summary, desk)

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
                return _with_refusal(planned, present_plan(planned, run, desk), desk)
            leave_preview(planned, run, desk)
            task = Task(allow=terms.allow)
            _ask(planned, task, desk)
            return apply_plan(planned, run, task, desk)

    return run_command(job_path, desk, work)


def apply_run(name: str, terms: Terms, *, only: str | None, excepted: str | None) -> int:
    """``provision apply``."""
    desk = Desk(terms)
    selection = Selection(_kinds(only), _kinds(excepted))

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
        return _with_refusal(planned, refused_again(planned, run, desk), desk)
    _ask(planned, task, desk)
    return apply_plan(planned, run, task, desk)


def _with_refusal(planned: Planned, summary: Summary, desk: Desk) -> Summary:
    """Say a guard's no in words, with the exact way out."""
    if not planned.plan.refused:
        return summary
    error = refusal(planned.plan.refused)
    desk.complain(str(error))
    return replace(summary, error=str(error))


def _ask(planned: Planned, task: Task, desk: Desk) -> None:
    number = removals(planned.plan, task)
    if number and desk.asks and not desk.terms.json:
        render_plan(planned.plan, planned.noticed.row_errors, desk.console)
    if number and not desk.confirm(f"{number} accounts will be deactivated or deleted. Go on?"):
        raise Refused("Nothing was changed: you said no.", remedy="look at the preview, then run again")


def verify_job(job_path: Path, terms: Terms) -> int:
    """``provision verify``."""
    desk = Desk(terms)

    def work(job: Job) -> Summary:
        planned = plan_from(prepare(job, desk), desk, None)
        if not terms.json:
            render_plan(planned.plan, planned.noticed.row_errors, desk.console)
        return verified(planned, desk)

    return job_command(job_path, desk, work)
