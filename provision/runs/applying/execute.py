"""From a sealed plan to its reconciliation: apply, read the enterprise afresh, report, remember."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from provision.apply.again import look_again
from provision.apply.alias_holders import held_as_renamed
from provision.apply.context import ExecutionContext, WorkList
from provision.apply.executor import carry_out, freed
from provision.apply.gate import Gate
from provision.apply.halt import Refusals
from provision.apply.snapshot import SNAPSHOTS, keeper
from provision.errors import (
    BoxRefused,
    ExitCode,
    InputError,
    Interrupted,
    Locked,
    ProvisionError,
    RunFolderError,
)
from provision.files import whole
from provision.journal.value import Noted, Outcome, noted
from provision.ledger.value import Taught
from provision.lessons.finished import lessons
from provision.lessons.interrupted import salvaged
from provision.model import Kind, Status
from provision.operations.people.login_change import planned_logins
from provision.operations.remote import Remote
from provision.operations.value import Change
from provision.plan.columns import Texts
from provision.plan.wants.content import changed_trees
from provision.report.findings import why_serious
from provision.report.kept import keep
from provision.report.reconciling.reconcile import proven
from provision.report.sentences.notes import words_of
from provision.report.summary import files_of
from provision.report.tables.identities import write_identities
from provision.report.value import RunFacts
from provision.report.write import write_reports, write_summary
from provision.runs.applying.concluded import NOTHING, Aftermath, concluded, not_restored
from provision.runs.applying.own_journal import begun_journal, leave_journal
from provision.runs.applying.proof import Way, proof_of
from provision.runs.applying.upload_progress import upload_progress
from provision.runs.ending import Fact, RunResult
from provision.runs.folder import LEARNED, RunFolder
from provision.runs.history import last_time
from provision.runs.memory.job_ledger import ledger_of
from provision.runs.observer import Observer, Phase, Previewed, Reconciled, Remark, Trouble, go_on
from provision.runs.past.histories import add_histories
from provision.runs.planning.prepare import Planned
from provision.runs.reading.starter_folders import trees_for
from provision.runs.reading.unlisted import MOST_ASKED
from provision.runs.selection import Attempt
from provision.trees import LocalTree


def present_plan(planned: Planned, run: RunFolder, observer: Observer) -> RunResult:
    """Write and show the preview of a plan; how it ended."""
    result, facts = _presented(planned, run, observer)
    add_histories(result.reconciliation, facts, planned.job, run.path, observer.now())
    return result


def _presented(planned: Planned, run: RunFolder, observer: Observer) -> tuple[RunResult, RunFacts]:
    result, facts = concluded(planned, run, observer)
    result = _reported(planned, run, facts, result, observer)
    observer.note(Previewed(planned.plan, planned.noticed.row_errors, result.summary.files, facts.findings))
    return result, facts


def leave_preview(planned: Planned, run: RunFolder, observer: Observer) -> None:
    """Write the page of the plan and its private copy, for a run that goes on to apply it."""
    result, facts = concluded(planned, run, observer)
    write_reports(result.reconciliation, facts, run.path, ("html",))
    keep(result.reconciliation, facts, run.path)


def hold_all(planned: Planned, run: RunFolder, observer: Observer) -> RunResult:
    """The preview of a plan of which everything waits: nothing is sent, and since when it waits is remembered."""
    result, facts = _presented(planned, run, observer)
    held = {
        name: Outcome(name, Status.HELD, notes=noted(Noted.WAITS, why=why))
        for name, why in planned.plan.holds.items()
    }
    _remember(planned, run, held, NOTHING, observer)
    add_histories(result.reconciliation, facts, planned.job, run.path, observer.now())
    return result


def apply_plan(planned: Planned, run: RunFolder, attempt: Attempt, observer: Observer) -> RunResult:
    """Carry a plan out and report it. The caller holds the lock and has asked the guards."""
    chosen = [change for change in planned.plan.changes if attempt.selection.takes(change)]
    go_on(observer)
    with observer.careful():
        sent, refused = _carried_out(chosen, attempt, planned, run, observer)
        outcomes = {**attempt.earlier, **sent}
        quiet = not any(map(_was_sent, sent.values()))
        left_out = len(planned.plan.changes) - len(chosen)
        whole = attempt.by_listing or bool(attempt.earlier)
        way = Way.NOTHING_NEW if quiet else Way.LISTING if whole else Way.CHEAPEST
        aftermath = _afresh(planned, outcomes, left_out, observer, way)
        aftermath = replace(aftermath, reason=aftermath.reason or refused)
        result, facts = concluded(planned, run, observer, aftermath)
        try:
            leave_journal(planned, run, attempt, aftermath.reason, observer)
            result = _reported(planned, run, facts, result, observer)
            _remember(planned, run, proven(outcomes, result.reconciliation), aftermath, observer)
            add_histories(result.reconciliation, facts, planned.job, run.path, observer.now())
        except InputError as error:  # a full disk or a broken ledger must not hide what was done
            observer.note(Trouble(str(error)))
            result = _unwritten(result, error, run, observer)
    observer.note(Reconciled(result.reconciliation, facts, result.summary.files))
    return result


def _unwritten(result: RunResult, error: InputError, run: RunFolder, observer: Observer) -> RunResult:
    """The end of a run whose reports or lessons could not be written, in its folder too, if that takes it."""
    less = result.but(Fact.UNWRITTEN, str(error))
    with contextlib.suppress(InputError):
        write_summary(less.summary, run.path)
        run.log("finished", observer.now(), status=less.status, exit_code=int(less.exit_code))
    return less


def _was_sent(outcome: Outcome) -> bool:
    """Whether a request of it may have left, or would have: neither held, nor waiting for one that is."""
    looked = outcome.status is Status.WAITING and not outcome.attempts
    return outcome.status is not Status.HELD and not looked and not outcome.says(Noted.NEED_NOT_DONE)


def _remember(
    planned: Planned,
    run: RunFolder,
    outcomes: Mapping[str, Outcome],
    aftermath: Aftermath,
    observer: Observer,
) -> None:
    """Teach the ledger. A run that was stopped proves nobody's absence: only what it did is learned."""
    plan, memory = planned.plan, planned.memory
    if isinstance(aftermath.reason, Locked):
        return  # whoever has the enterprise now may have learned since; the journal tells it what was done here
    if aftermath.reason is not None:
        taught = salvaged(plan, outcomes, planned.directory, memory)
    else:
        taught = lessons(plan, outcomes, memory, planned.job.lifecycle.evidence)
    taught = replace(taught, calls=planned.connection.box.traffic.requests)
    origin = Taught(run.about.run_id, plan.as_of, observer.now().isoformat(timespec="seconds"))
    with contextlib.closing(ledger_of(planned.job)) as ledger:
        ledger.learn(plan.enterprise_id, planned.job.name, taught, origin)
    run.log(LEARNED, observer.now())


def refused_again(planned: Planned, run: RunFolder, observer: Observer) -> RunResult:
    """The end of a saved plan that a guard still refuses; its preview stays as it is."""
    return concluded(planned, run, observer)[0]


def _carried_out(
    chosen: list[Change], attempt: Attempt, planned: Planned, run: RunFolder, observer: Observer
) -> tuple[dict[str, Outcome], ProvisionError | None]:
    """What this process did and saw: the outcomes that are new, and why a kind of operation was stopped."""
    plan, retry, box = planned.plan, planned.connection.retry, planned.connection.box
    trees = _trees(chosen, planned, observer)
    journal = begun_journal(planned, run, attempt, observer)
    workers, gate = planned.job.apply.workers, Gate(lambda: box.breadth)
    kept, me = keeper(run.path / SNAPSHOTS), planned.connection.me.box_id
    remote = Remote(box, retry.read, plan.enterprise_id, me, trees, upload_progress(observer), retry.pause)
    refusals = Refusals(chosen, last_time(planned.job, plan.enterprise_id, run.about.run_id))
    context = ExecutionContext(remote, retry, journal, workers, observer.halt, kept, refusals, gate=gate)
    for change in chosen:
        if (earlier := attempt.earlier.get(change.id)) is not None and earlier.status is Status.DONE:
            refusals.accepted(change.kind)
    known, held = Texts(plan.table["box_id"]), attempt.held(plan)
    wary = not planned.directory.certainty.proven and plan.counts.get(Kind.CREATE, 0) > MOST_ASKED
    logins = planned_logins(plan.changes)
    skipped = {**attempt.skipped, **changed_trees(chosen, trees)}
    work = WorkList(chosen, skipped, attempt.earlier, known, held, planned.sent, wary, logins)
    outcomes: dict[str, Outcome] = {}
    decided: dict[str, Outcome] = {}
    try:
        with observer.progress(Phase.APPLYING, len(work.pending)) as show:
            told = _teller(run, observer, outcomes, show)
            carry_out(work, context, told)
            # a second account that a look finds is removed, which a run that has lost the enterprise must not do
            if not isinstance(observer.halt.reason, Locked):
                decided = look_again(work, {**attempt.earlier, **outcomes}, context)
                outcomes |= decided
                carry_out(freed(work, {**attempt.earlier, **outcomes}), context, told)
                outcomes |= held_as_renamed(work, outcomes, plan.table, context)
        for change in chosen:
            twice = decided.get(change.id)  # an account that is removed is never passed over in silence
            if twice is not None and twice.says(Noted.TWICE_REMOVED, Noted.TWICE_LEFT):
                observer.note(Remark(f"{change.key}: {words_of(twice, change)}"))
    except RunFolderError as error:  # what was done before the disk was full is still told
        observer.note(Trouble(str(error)))
        observer.halt.request(error)
        outcomes = journal.outcomes() | outcomes
    finally:
        journal.close()
    return outcomes, context.refusals.reason


def _trees(chosen: list[Change], planned: Planned, observer: Observer) -> dict[str, LocalTree]:
    """The folders that new people get; none where one cannot be read any more, and everybody else goes on."""
    try:
        return trees_for(chosen, planned.job)
    except InputError as error:
        observer.note(Trouble(str(error)))
        return {}


def _teller(
    run: RunFolder, observer: Observer, outcomes: dict[str, Outcome], show: Callable[[int], None]
) -> Callable[[Outcome], None]:
    """Keeps, counts and logs each outcome as it comes."""

    def told(outcome: Outcome) -> None:
        outcomes[outcome.change_id] = outcome
        show(len(outcomes))
        answer = outcome.answer
        run.log(
            "outcome", observer.now(), change=outcome.change_id, status=outcome.status, box_id=outcome.box_id,
            http_status=answer.http_status, code=answer.code, request_id=answer.request_id,
        )  # fmt: skip

    return told


def _afresh(
    planned: Planned, outcomes: Mapping[str, Outcome], left_out: int, observer: Observer, way: Way
) -> Aftermath:
    """The enterprise as it is now; where that is not possible the report says so."""
    if observer.halt.reason is not None:
        return Aftermath(outcomes, None, left_out, observer.halt.reason)
    try:
        proof = proof_of(planned, outcomes, observer, way)
    except (BoxRefused, Interrupted, InputError) as error:  # the last for want of room on the disk
        return Aftermath(outcomes, None, left_out, error)
    return Aftermath(outcomes, proof, left_out)


def _reported(
    planned: Planned, run: RunFolder, facts: RunFacts, result: RunResult, observer: Observer
) -> RunResult:
    """Write all files of a run and its summary, which says why where it ends badly."""
    reconciliation = result.reconciliation
    written = write_reports(reconciliation, facts, run.path, planned.job.report.formats)
    whole(run.path / "identities.csv", lambda path: write_identities(reconciliation, path))
    keep(reconciliation, facts, run.path)
    summary = replace(result.summary, files=files_of(run.path, written))
    serious = why_serious(reconciliation.findings, not_restored(planned.plan))
    if summary.error is None and serious and summary.exit_code == ExitCode.PARTIAL:
        summary = replace(summary, error=serious)
    write_summary(summary, run.path)
    run.log("finished", observer.now(), status=summary.status, exit_code=summary.exit_code)
    return replace(result, summary=summary)
