"""Undoing: a run of its own that takes an earlier one back, from what that one recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from provision.box.connect import Connection
from provision.directory.groups import GroupsRead
from provision.directory.list_groups import of_people
from provision.directory.lookup import Wanted
from provision.directory.scope import Directory
from provision.errors import PlanError
from provision.files import whole
from provision.findings import NONE_FOUND
from provision.job.fingerprint import fingerprint, same_job
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.plan.groups.warrant import OF_MEMBERSHIPS
from provision.plan.guards.allow_names import check_allowed
from provision.plan.occasion import Occasion
from provision.plan.planfile import write_plan
from provision.plan.undo.past import Past
from provision.plan.undo.support_request import REQUEST_NAME, restore_request
from provision.plan.undo.undo import Undo, make_undo
from provision.plan.value import Plan
from provision.report.sentences.undo_notes import RETURNS, with_notes
from provision.runs.applying.before_apply import with_hooks
from provision.runs.applying.consent import Words, ask, with_refusal
from provision.runs.applying.execute import apply_plan, leave_preview, present_plan
from provision.runs.ending import RunResult
from provision.runs.folder import RunFolder, find_run, of_job
from provision.runs.history import recalled
from provision.runs.memory.lock import only_run
from provision.runs.memory.memory_loss import expect_memory
from provision.runs.observer import Observer, TakenBack
from provision.runs.planning.prepare import NoticedInRoster, Planned, expect_ours, read_directory
from provision.runs.reading.connection import sign_in
from provision.runs.reading.unlisted import still_there, targets, with_unlisted
from provision.runs.seal.closing import has_grown, outcomes_that_count, own_seal
from provision.runs.seal.seal import job_here, seal, sealed_plan
from provision.runs.selection import Attempt, identity
from provision.runs.start import Begun

_WORDS = Words(
    removed="deactivated",
    again="undo again",
    cause="the run to be undone made or activated more accounts than this job may lock at once",
)
_CHANGED_JOB = "the job was changed since that run: its scope, protection and guards as they are now decide"
_NOT_ASKED = "its journal has entries that came after the run was closed, and no run has asked Box about them: they count for nothing here"


@dataclass(frozen=True, slots=True)
class _UndoContext:
    """What the way back is planned with, and whether it is only to be shown."""

    job: Job
    connection: Connection
    allow: Mapping[str, int]
    dry_run: bool


def undo(name: str, allow: Mapping[str, int], begun: Begun, *, dry_run: bool) -> RunResult:
    """Take the run of this name back, by a run of its own; ``dry_run`` only shows it.

    Raises UsageError for a guard there is not, PlanError for a run that was never applied or is another enterprise's.
    """
    return begun.ended(lambda: _undo(name, allow, begun, dry_run=dry_run), preview=dry_run)


def _undo(name: str, allow: Mapping[str, int], begun: Begun, *, dry_run: bool) -> RunResult:
    observer, old = begun.observer, find_run(name)
    job = job_here(old, begun, applies=False)
    check_allowed(allow, job.roster.source_names)
    plan = _applied(old, job)
    run = begun.start(job)
    connection = sign_in(job, observer, run)
    _expect_its_enterprise(plan, connection.me.enterprise_id)
    lock = only_run(job, connection.me.enterprise_id, run.about.run_id, observer)
    with contextlib.nullcontext() if dry_run else lock:
        expect_memory(job, connection.me.enterprise_id)
        context = _UndoContext(job, connection, allow, dry_run)
        planned, back = _planned(old, context, run, observer)
        return _undone(planned, back, context, run, observer)


def _applied(old: RunFolder, job: Job) -> Plan:
    """The sealed plan of a run that was applied by this job. Raises PlanError for any other."""
    remedy = f"restore {old.about.job_path} as it was, then undo again"
    plan = of_job(sealed_plan(old.path, job), old, job, remedy)
    if not (old.path / JOURNAL_NAME).exists():
        raise PlanError(
            f"Run {old.about.run_id} was never applied, so there is nothing to undo.",
            cause="it is a preview, or a guard refused it",
            remedy="name a run that changed something; see them with: provision runs JOB",
        )
    return plan


def _expect_its_enterprise(plan: Plan, enterprise_id: str) -> None:
    """Raise PlanError for credentials of another enterprise than that of the run."""
    if enterprise_id != plan.enterprise_id:
        raise PlanError(
            f"The run was for enterprise {plan.enterprise_id}, the sign-in is for {enterprise_id}.",
            cause="other credentials in the environment than when the run was made",
            remedy="sign in to the enterprise of that run, then undo again",
        )


def _recorded(old: RunFolder, context: _UndoContext) -> Past:
    """What the old run recorded, read while no other run can add to it; what nobody has closed or asked Box about counts for nothing."""
    plan = _applied(old, context.job)
    outcomes = outcomes_that_count(old.path, context.job, identity(plan))
    changed = not same_job(plan.job_fingerprint, fingerprint(context.job))
    grown = has_grown(old.path, own_seal(old.path, context.job))
    remarks = [text for said, text in ((changed, _CHANGED_JOB), (grown, _NOT_ASKED)) if said]
    return Past(old.about.run_id, plan, outcomes, tuple(remarks))


def _planned(
    old: RunFolder, context: _UndoContext, run: RunFolder, observer: Observer
) -> tuple[Planned, Undo]:
    """The way back, compared with the enterprise as it is now and sealed in the new run folder."""
    job, connection = context.job, context.connection
    enterprise_id = connection.me.enterprise_id
    listed = read_directory(job, connection, observer)
    before = recalled(job, connection, listed, observer, teach=not context.dry_run)
    past = _recorded(old, context)  # once Box was asked about a run that was cut off
    wanted = _touched(past, before.directory)
    memory, directory = before.memory, with_unlisted(wanted, before.directory, job, connection)
    expect_ours(directory, memory)
    groups = _groups(past, directory, connection)
    occasion = Occasion(observer.now(), enterprise_id, context.allow, groups=groups)
    back = make_undo(past, directory, memory, job, occasion)
    back = with_notes(back)
    plan = write_plan(back.plan, run.path)
    seal(run, job)
    run.log(
        "planned",
        observer.now(),
        digest=plan.digest,
        planned=plan.counts,
        undoes=past.run_id,
        nothing_sent=True,
    )
    if back.deleted:
        text = restore_request(back.deleted, enterprise_id)
        whole(run.path / REQUEST_NAME, lambda path: path.write_text(text, encoding="utf-8"))
    return Planned(
        job, plan, NoticedInRoster(findings=NONE_FOUND.beside(before.found)), directory, connection, memory
    ), back


def _groups(past: Past, directory: Directory, connection: Connection) -> GroupsRead | None:
    """The groups that people are in whose memberships that run changed, None if it changed none of anybody who is still there."""
    changes = [change for change in past.plan.changes if change.kind in OF_MEMBERSHIPS]
    ids = (past.outcomes[one.id].box_id or one.box_id for one in changes if one.id in past.outcomes)
    wanted = still_there((box_id for box_id in ids if box_id), directory)
    if not wanted:
        return None
    return of_people(GroupsRead(()), wanted, connection.box, connection.retry, lambda _number: None)


def _touched(past: Past, directory: Directory) -> Wanted:
    """The accounts of that run that are not listed: none of them is called gone before Box was asked for it."""
    known = [change for change in past.plan.changes if change.id in past.outcomes and not change.of_nobody]
    return targets(
        [replace(one, box_id=one.box_id or past.outcomes[one.id].box_id) for one in known], directory
    )


def _undone(
    planned: Planned, back: Undo, context: _UndoContext, run: RunFolder, observer: Observer
) -> RunResult:
    """Carry the way back out, or only show it."""
    attempt = Attempt(allow=context.allow)
    if not context.dry_run and not planned.plan.refused:
        leave_preview(planned, run, observer)
        ask(planned, attempt, observer, _WORDS)
        planned = with_hooks(planned, run, attempt, observer)
    shown = context.dry_run or bool(planned.plan.refused)
    result = present_plan(planned, run, observer) if shown else apply_plan(planned, run, attempt, observer)
    observer.note(_taken_back(back, run))
    return with_refusal(planned, result, run, observer, _WORDS) if shown else result


def _taken_back(back: Undo, run: RunFolder) -> TakenBack:
    remarks = (*back.remarks, RETURNS) if back.returns else back.remarks
    return TakenBack(back, remarks, run.path / REQUEST_NAME if back.deleted else None)
