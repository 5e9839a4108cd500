"""The question before somebody loses something, and a guard's no; the same words for every command that changes Box."""

from __future__ import annotations

from dataclasses import dataclass, replace

from provision.cli.desk import Desk
from provision.cli.planning import Planned
from provision.errors import ExitCode, Refused
from provision.model import REMOVALS, Kind
from provision.plan.guards.approvals import oldest
from provision.plan.guards.limits import refusal
from provision.report.summary import Summary
from provision.report.terminal import render_plan
from provision.report.words import loudness, waited
from provision.report.write import write_summary
from provision.runs.folder import RunFolder
from provision.runs.selection import Task


@dataclass(frozen=True, slots=True)
class Words:
    """What a command calls a removal, how it is begun again, and the usual cause of a refusal ("" for the guards' own)."""

    removed: str = "deactivated or deleted"
    again: str = "run again"
    cause: str = ""


_USUAL = Words()


def ask(planned: Planned, task: Task, desk: Desk, words: Words = _USUAL) -> None:
    """Ask a person at a terminal before anybody loses something; raises Refused for a no."""
    held = task.held(planned.plan)
    left = [change for change in task.left(planned.plan.changes) if change.id not in held]
    number = sum(
        change.kind in (*REMOVALS, Kind.TRANSFER) and task.selection.takes(change) for change in left
    )
    if number and desk.asks and not desk.terms.json:
        render_plan(planned.plan, planned.noticed.row_errors, desk.console)
    if number and not desk.confirm(f"{number} accounts will be {words.removed}. Go on?"):
        raise Refused("Nothing was changed: you said no.", remedy=f"look at the preview, then {words.again}")


def with_refusal(
    planned: Planned, summary: Summary, run: RunFolder, desk: Desk, words: Words = _USUAL
) -> Summary:
    """The summary with a guard's no in words and the exact way out, also in the folder; as it is if no guard refuses."""
    refused = planned.plan.refused or planned.plan.stopped
    if not refused or summary.error or summary.exit_code != ExitCode.HELD:
        return summary
    no = refusal(refused)
    remedy = (no.remedy or "").replace("approve RUN", f"approve {run.path}")
    what = f"{_age(planned, desk)}{no.what}"
    error = str(Refused(what, cause=words.cause or no.cause, remedy=remedy))
    desk.complain(error)
    told = replace(summary, error=error)
    if planned.plan.stopped:
        write_summary(told, run.path)
    return told


def _age(planned: Planned, desk: Desk) -> str:
    """A line for what has waited long, "" for what has not."""
    since = oldest(planned.plan, planned.memory)
    loud = loudness(waited(since, desk.now())) if since else ""
    return f"{loud}: the oldest of what is held waits since {since[:10]}.\n" if loud else ""
