"""``provision undo``: a run of its own that takes an earlier one back, from what that one recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import wrap

from provision.box.connect import Connection, connect
from provision.cli.account import Case, folder_command
from provision.cli.applying import apply_plan, leave_preview, present_plan
from provision.cli.asking import Words, ask, with_refusal
from provision.cli.desk import Desk
from provision.cli.lock import only_run
from provision.cli.planning import Noticed, Planned, expect_ours, read_directory
from provision.cli.runfolder import RunFolder, find_run, plan_of
from provision.cli.task import Task, identity
from provision.cli.terms import Terms
from provision.cli.unfinished import recalled
from provision.errors import ExitCode, PlanError
from provision.files import whole
from provision.job.fingerprint import fingerprint, same_job
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME, read_outcomes
from provision.plan.build import Occasion
from provision.plan.guards.limits import check_allowed
from provision.plan.planfile import write_plan
from provision.plan.undo.support_request import REQUEST_NAME, restore_request, said
from provision.plan.undo.undo import RETURNS, Past, Undo, make_undo
from provision.plan.value import Plan
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.report.write import write_summary

#: how many sentences of a kind are said on the terminal; the reconciliation has them all
_SHOWN = 10
_WORDS = Words(
    removed="deactivated",
    again="undo again",
    cause="the run to be undone made or activated more accounts than this job may lock at once",
)
_CHANGED_JOB = "the job was changed since that run: its scope, protection and guards as they are now decide"


@dataclass(frozen=True, slots=True)
class _Way:
    """What the way back is planned with, and whether it is only to be shown."""

    job: Job
    connection: Connection
    dry_run: bool


def undo_run(name: str, terms: Terms, *, dry_run: bool) -> int:
    """``provision undo``."""
    desk = Desk(terms)

    def work(case: Case) -> Summary:
        check_allowed(terms.allow)
        old = find_run(name)
        job_path = Path(old.about.job_path)
        job = case.load(job_path)
        _applied(old, job)
        run = case.start(job_path)
        connection = connect(job.box, job.apply, desk.timing, desk)
        lock = only_run(job, connection.me.enterprise_id, run.about.run_id, desk.now, desk.halt.request)
        with contextlib.nullcontext() if dry_run else lock:
            way = _Way(job, connection, dry_run)
            planned, undo = _planned(_recorded(old, way), way, run, desk)
            return _undone(planned, undo, run, desk, dry_run=dry_run)

    return folder_command(desk, work)


def _applied(old: RunFolder, job: Job) -> Plan:
    """The sealed plan of a run that was applied by this job. Raises PlanError for any other."""
    plan = plan_of(old, job, f"restore {old.about.job_path} as it was, then undo again")
    if not (old.path / JOURNAL_NAME).exists():
        raise PlanError(
            f"Run {old.about.run_id} was never applied, so there is nothing to undo.",
            cause="it is a preview, or a guard refused it",
            remedy="name a run that changed something; see them with: provision runs JOB",
        )
    return plan


def _recorded(old: RunFolder, way: _Way) -> Past:
    """What the old run recorded, read while no other run can add to it."""
    plan, enterprise_id = _applied(old, way.job), way.connection.me.enterprise_id
    if enterprise_id != plan.enterprise_id:
        raise PlanError(
            f"The run was for enterprise {plan.enterprise_id}, the sign-in is for {enterprise_id}.",
            cause="other credentials in the environment than when the run was made",
            remedy="sign in to the enterprise of that run, then undo again",
        )
    outcomes = read_outcomes(old.path / JOURNAL_NAME, identity(plan))
    remarks = () if same_job(plan.job_fingerprint, fingerprint(way.job)) else (_CHANGED_JOB,)
    return Past(old.about.run_id, plan, outcomes, remarks)


def _planned(past: Past, way: _Way, run: RunFolder, desk: Desk) -> tuple[Planned, Undo]:
    """The way back, compared with the enterprise as it is now and sealed in the new run folder."""
    job, connection = way.job, way.connection
    enterprise_id = past.plan.enterprise_id
    directory = read_directory(job, connection, desk)
    memory, _offers = recalled(job, enterprise_id, directory, desk, teach=not way.dry_run)
    expect_ours(directory, memory)
    undo = make_undo(past, directory, memory, job, Occasion(desk.now(), enterprise_id, desk.terms.allow))
    plan = write_plan(undo.plan, run.path)
    run.log("planned", desk.now(), digest=plan.digest, planned=plan.counts, undoes=past.run_id)
    if undo.deleted:
        text = restore_request(undo.deleted, enterprise_id)
        whole(run.path / REQUEST_NAME, lambda path: path.write_text(text, encoding="utf-8"))
    return Planned(job, plan, Noticed((), (), ()), directory, connection, memory), undo


def _undone(planned: Planned, undo: Undo, run: RunFolder, desk: Desk, *, dry_run: bool) -> Summary:
    """Carry the way back out, or only show it."""
    refused = bool(planned.plan.refused)
    if dry_run or refused:
        summary = present_plan(planned, run, desk)
    else:
        leave_preview(planned, run, desk)
        task = Task(allow=desk.terms.allow)
        ask(planned, task, desk, _WORDS)
        summary = apply_plan(planned, run, task, desk)
    _tell(planned.plan, undo, run, desk)
    if dry_run or refused:
        return with_refusal(planned, summary, run, desk, _WORDS)
    return _with_lost(summary, undo, run)


def _with_lost(summary: Summary, undo: Undo, run: RunFolder) -> Summary:
    """An undo that cannot bring everybody back has not done its work, and says so to programs too."""
    lost = bool(undo.deleted or undo.lasting)
    if not lost or summary.exit_code not in (ExitCode.DONE, ExitCode.INPUT):
        return summary
    error = "; ".join(_lost(undo, run))
    told = replace(summary, status=RunStatus.PARTIAL, exit_code=int(ExitCode.PARTIAL), error=error)
    write_summary(told, run.path)
    return told


def _lost(undo: Undo, run: RunFolder) -> Iterator[str]:
    if undo.deleted:
        people = f"{len(undo.deleted):,} deleted account{'' if len(undo.deleted) == 1 else 's'}"
        request = run.path / REQUEST_NAME
        yield f"{people} cannot be brought back by this program; the request to Box is in {request}"
    if undo.lasting:
        people = f"of {len(undo.lasting):,} {'person' if len(undo.lasting) == 1 else 'people'}"
        yield f"{people} the content, or the account itself, went away and cannot be brought back by this program"


def _tell(plan: Plan, undo: Undo, run: RunFolder, desk: Desk) -> None:
    """What the numbers do not say: what stays as it is and why, what only Box can do, what comes back."""
    _list(desk, "Left as they are", undo.left)
    _list(desk, "Deleted: only Box support can bring these back", tuple(map(said, undo.deleted)))
    if undo.deleted:
        desk.say("  The request to Box support is ready to be sent:")
        request = f"    {run.path / REQUEST_NAME}"
        desk.console.print(request, markup=False, soft_wrap=True)  # to be copied whole
    for remark in plan.roster.notes:
        if remark in (_CHANGED_JOB, RETURNS):
            desk.say("")
            _say(desk, f"Note: {remark}.")


def _list(desk: Desk, title: str, sentences: tuple[str, ...]) -> None:
    if not sentences:
        return
    desk.say(f"\n{title} ({len(sentences):,})")
    for sentence in sentences[:_SHOWN]:
        _say(desk, sentence, "  ")
    if len(sentences) > _SHOWN:
        desk.say(f"  … and {len(sentences) - _SHOWN:,} more")


def _say(desk: Desk, sentence: str, before: str = "") -> None:
    """One sentence with a hanging indent; a key in it must not move the cursor or change colours."""
    harmless = "".join(letter if letter.isprintable() else "�" for letter in sentence)
    after = f"{before}  " if before else ""
    for line in wrap(
        harmless,
        max(desk.console.width, 20),
        initial_indent=before,
        subsequent_indent=after,
        break_on_hyphens=False,
    ):
        desk.say(line)
