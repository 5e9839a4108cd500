"""From a sealed plan to its reconciliation: apply, read the enterprise afresh, report, remember."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from provision.apply.again import TWICE, look_again
from provision.apply.crew import Crew, Work
from provision.apply.executor import carry_out
from provision.apply.gate import Gate
from provision.apply.halt import away
from provision.apply.snapshot import SNAPSHOTS, keeper
from provision.batches import Held
from provision.box.accounts import COLUMNS
from provision.box.connect import unreachable
from provision.cli.desk import Desk
from provision.cli.planning import Planned, api_facts, read_directory
from provision.cli.runfolder import RunFolder
from provision.cli.task import Task, identity
from provision.directory.scope import survey
from provision.errors import (
    Away,
    BoxFault,
    BoxRefused,
    ExitCode,
    InputError,
    Interrupted,
    Locked,
    ProvisionError,
    RunFolderError,
)
from provision.journal.book import JOURNAL_NAME, Journal
from provision.journal.value import Outcome
from provision.ledger.store import open_ledger
from provision.ledger.value import Taught
from provision.lessons.finished import lessons
from provision.lessons.interrupted import salvaged
from provision.model import Status
from provision.plan.columns import Texts
from provision.plan.guards.approvals import oldest
from provision.plan.value import Change, Plan
from provision.report.kept import keep
from provision.report.reconcile import proven, reconcile, unconfirmed
from provision.report.summary import Conclusion, Files, Summary, conclude, files_of, situation_of, summarise
from provision.report.terminal import render_plan, render_result
from provision.report.value import Mode, Reconciliation, RunFacts, RunStatus, facts_of
from provision.report.write import write_reports, write_summary

#: the most accounts that are read singly after a run; if a listing lags by more, the report says so
_MOST_REREAD = 500


@dataclass(frozen=True, slots=True)
class Ending:
    """How it went, before it is reported. ``now`` is the enterprise read afresh, None where that was not possible."""

    outcomes: Mapping[str, Outcome]
    now: pd.DataFrame | None
    left_out: int = 0
    reason: ProvisionError | None = None


def present_plan(planned: Planned, run: RunFolder, desk: Desk) -> Summary:
    """Write and show the preview of a plan; its summary."""
    reconciliation, facts = _previewed(planned, run, desk)
    summary = _report(planned, run, reconciliation, facts, desk)
    if not desk.terms.json:
        render_plan(planned.plan, planned.noticed.row_errors, desk.console, summary.files)
    return summary


def _previewed(planned: Planned, run: RunFolder, desk: Desk) -> tuple[Reconciliation, RunFacts]:
    reconciliation = reconcile(planned.plan, {}, None)
    return reconciliation, _facts(planned, run, reconciliation, desk, Ending({}, None))


def leave_preview(planned: Planned, run: RunFolder, desk: Desk) -> None:
    """Write the page of the plan and its private copy, for a run that goes on to apply it."""
    reconciliation, facts = _previewed(planned, run, desk)
    write_reports(reconciliation, facts, run.path, ("html",))
    keep(reconciliation, facts, run.path)


def hold_all(planned: Planned, run: RunFolder, desk: Desk) -> Summary:
    """The preview of a plan of which everything waits: nothing is sent, and since when it waits is remembered."""
    summary = present_plan(planned, run, desk)
    held = {name: Outcome(name, Status.HELD, note=why) for name, why in planned.plan.holds.items()}
    _remember(planned, run, held, Ending({}, None), desk)
    return summary


def apply_plan(planned: Planned, run: RunFolder, task: Task, desk: Desk) -> Summary:
    """Carry a plan out and report it; the run's summary. The caller holds the lock and has asked the guards."""
    chosen = [change for change in planned.plan.changes if task.selection.takes(change)]
    with desk.careful():
        sent, refused = _carried_out(chosen, task, planned, run, desk)
        outcomes = {**task.earlier, **sent}
        quiet = all(one.status is Status.HELD for one in sent.values())
        ending = _afresh(planned, outcomes, len(planned.plan.changes) - len(chosen), desk, listed=quiet)
        ending = replace(ending, reason=ending.reason or refused)
        mode = Mode.APPLIED if ending.now is None else Mode.VERIFIED
        reconciliation = reconcile(planned.plan, ending.outcomes, ending.now, mode=mode)
        facts = _facts(planned, run, reconciliation, desk, ending)
        summary = summarise(facts, reconciliation, files_of(run.path, {}))
        try:
            summary = _report(planned, run, reconciliation, facts, desk)
            _remember(planned, run, proven(outcomes, reconciliation), ending, desk)
        except InputError as error:  # a full disk or a broken ledger must not hide what was done
            desk.complain(str(error))
            summary = replace(
                summary, status=RunStatus.PARTIAL, exit_code=int(ExitCode.PARTIAL), error=str(error)
            )
    if not desk.terms.json:
        render_result(reconciliation, facts, desk.console, summary.files)
    return summary


def _remember(
    planned: Planned, run: RunFolder, outcomes: Mapping[str, Outcome], ending: Ending, desk: Desk
) -> None:
    """Teach the ledger. A run that was stopped proves nobody's absence: only what it did is learned."""
    plan, memory = planned.plan, planned.memory
    if ending.reason is not None:
        taught = salvaged(plan, outcomes, planned.directory, memory)
    else:
        taught = lessons(plan, outcomes, memory, planned.job.lifecycle.evidence)
    taught = replace(taught, calls=planned.connection.box.traffic.requests)
    origin = Taught(run.about.run_id, plan.as_of, desk.now().isoformat())
    with contextlib.closing(open_ledger(planned.job.state)) as ledger:
        ledger.learn(plan.enterprise_id, planned.job.name, taught, origin)


def refused_again(planned: Planned, run: RunFolder, desk: Desk) -> Summary:
    """The summary of a saved plan that a guard still refuses; its preview stays as it is."""
    reconciliation, facts = _previewed(planned, run, desk)
    return summarise(facts, reconciliation, files_of(run.path, {}))


def verified(planned: Planned, desk: Desk) -> Summary:
    """The summary of a verification: what still differs, with no run folder behind it."""
    reconciliation = reconcile(planned.plan, {}, None)
    end = _end(reconciliation, Ending({}, None))
    differs = bool(planned.plan.changes) or end.status is RunStatus.HELD
    refused = end.exit_code is ExitCode.HELD  # the roster, by a guard
    otherwise = ExitCode.INPUT if refused else end.exit_code
    facts = replace(
        facts_of(planned.plan, "", planned.plan.as_of),
        finished_at=desk.now().isoformat(timespec="seconds"),
        status=RunStatus.PLANNED if differs else end.status,
        exit_code=int(ExitCode.CHANGES if differs else otherwise),
        api=api_facts(planned.connection, planned.plan.as_of, desk),
    )
    return replace(summarise(facts, reconciliation, Files()), run_id=None)


def _carried_out(
    chosen: list[Change], task: Task, planned: Planned, run: RunFolder, desk: Desk
) -> tuple[dict[str, Outcome], ProvisionError | None]:
    """What this process did and saw: the outcomes that are new, and why a kind of operation was stopped."""
    plan, retry, box = planned.plan, planned.connection.retry, planned.connection.box
    journal = _journal(plan, run, task, desk)
    workers, gate = planned.job.apply.workers, Gate(lambda: box.breadth)
    kept, me = keeper(run.path / SNAPSHOTS), planned.connection.me.box_id
    crew = Crew(box, retry, journal, workers, desk.halt, plan.enterprise_id, kept, me=me, gate=gate)
    work = Work(chosen, task.skipped, task.earlier, Texts(plan.table["box_id"]), task.held(plan))
    outcomes: dict[str, Outcome] = {}
    try:
        with desk.progress("Applying", len(work.pending)) as show:
            carry_out(work, crew, _teller(run, desk, outcomes, show))
            # a second account that it finds is removed, which a run that has lost the enterprise must not do
            lost = isinstance(desk.halt.reason, Locked)
            decided = {} if lost else look_again(work, {**task.earlier, **outcomes}, crew)
            outcomes |= decided
        for each in decided.values():
            if each.note.startswith(TWICE):  # an account that is removed is never passed over in silence
                desk.say(f"{each.change_id.partition(':')[2]}: {each.note}")
    except RunFolderError as error:  # what was done before the disk was full is still told
        desk.complain(str(error))
        desk.halt.request(error)
        outcomes = journal.outcomes() | outcomes
    finally:
        journal.close()
    return outcomes, crew.refusals.reason


def _journal(plan: Plan, run: RunFolder, task: Task, desk: Desk) -> Journal:
    path = run.path / JOURNAL_NAME
    return Journal(path, identity(plan), lambda: desk.now().isoformat(timespec="milliseconds"), task.notes())


def _teller(
    run: RunFolder, desk: Desk, outcomes: dict[str, Outcome], show: Callable[[int], None]
) -> Callable[[Outcome], None]:
    """Keeps, counts and logs each outcome as it comes."""

    def told(outcome: Outcome) -> None:
        outcomes[outcome.change_id] = outcome
        show(len(outcomes))
        answer = outcome.answer
        run.log(
            "outcome", desk.now(), change=outcome.change_id, status=outcome.status, box_id=outcome.box_id,
            http_status=answer.http_status, code=answer.code, request_id=answer.request_id,
        )  # fmt: skip

    return told


def _afresh(
    planned: Planned, outcomes: Mapping[str, Outcome], left_out: int, desk: Desk, *, listed: bool
) -> Ending:
    """The enterprise as it is now; where that is not possible the report says so.

    ``listed``: nothing was sent, so what this process has read before is fresh.
    """
    if desk.halt.reason is not None:
        return Ending(outcomes, None, left_out, desk.halt.reason)
    try:
        now = planned.directory
        if not listed:
            now = read_directory(planned.job, planned.connection, desk, patient=True)
        return Ending(outcomes, _confirmed(planned, outcomes, now.frame), left_out)
    except (BoxRefused, Interrupted, InputError) as error:  # the last for want of room on the disk
        return Ending(outcomes, None, left_out, error)
    except Away:
        return Ending(outcomes, None, left_out, away())
    except BoxFault as fault:
        return Ending(outcomes, None, left_out, unreachable(fault, planned.job.box.base_url))


def _confirmed(planned: Planned, outcomes: Mapping[str, Outcome], users: pd.DataFrame) -> pd.DataFrame:
    """The fresh listing, corrected by reading singly what it does not show yet: a listing may lag behind."""
    doubted = unconfirmed(planned.plan, outcomes, users)[:_MOST_REREAD]
    if not doubted:
        return users
    box, retry = planned.connection.box, planned.connection.retry
    box_ids = [outcomes[change.id].box_id or change.box_id for change in doubted]
    found = [retry.read(partial(box.get, box_id)) for box_id in box_ids]
    # Box may still tell of an account that has left the enterprise
    ours = [account for account in found if account is not None and account.cells["enterprise_id"]]
    cells = [account.cells for account in ours]
    kept = users.loc[~users["box_id"].isin(box_ids), list(COLUMNS)]
    listed = pd.concat([kept, pd.DataFrame(cells, columns=list(COLUMNS), dtype="str")], ignore_index=True)
    return survey(Held(listed), planned.job.scope, planned.job.roster.kinds, planned.connection.me).frame


def _report(
    planned: Planned, run: RunFolder, reconciliation: Reconciliation, facts: RunFacts, desk: Desk
) -> Summary:
    """Write all files of a run and its summary, which says why where it ends badly."""
    written = write_reports(reconciliation, facts, run.path, planned.job.report.formats)
    keep(reconciliation, facts, run.path)
    summary = summarise(facts, reconciliation, files_of(run.path, written))
    serious = [finding.sentence for finding in reconciliation.findings if finding.serious]
    if summary.error is None and serious and summary.exit_code == ExitCode.PARTIAL:
        summary = replace(summary, error="; ".join(serious))
    write_summary(summary, run.path)
    run.log("finished", desk.now(), status=summary.status, exit_code=summary.exit_code)
    return summary


def _facts(
    planned: Planned, run: RunFolder, reconciliation: Reconciliation, desk: Desk, ending: Ending
) -> RunFacts:
    end = _end(reconciliation, ending)
    return replace(
        facts_of(planned.plan, run.about.run_id, run.about.started_at),
        finished_at=desk.now().isoformat(timespec="seconds"),
        status=end.status,
        exit_code=int(end.exit_code),
        api=api_facts(planned.connection, run.about.started_at, desk),
        ignored=planned.noticed.ignored,
        later=planned.noticed.later,
        row_errors=planned.noticed.row_errors,
        oldest=oldest(planned.plan, planned.memory),
        error=str(ending.reason).replace("resume RUN", f"resume {run.path}") if ending.reason else "",
    )


def _end(reconciliation: Reconciliation, ending: Ending) -> Conclusion:
    situation = situation_of(
        reconciliation,
        interrupted=isinstance(ending.reason, Interrupted),
        overtaken=isinstance(ending.reason, Locked),
        left_out=ending.left_out,
    )
    end = conclude(situation)
    if isinstance(ending.reason, BoxRefused) and not situation.refused:
        done = reconciliation.totals.outcomes.get(Status.DONE, 0)
        return Conclusion(RunStatus.PARTIAL if done else RunStatus.FAILED, ExitCode.BOX_REFUSED)
    if isinstance(ending.reason, InputError) and not situation.refused:
        return Conclusion(RunStatus.PARTIAL, ExitCode.PARTIAL)
    return end
