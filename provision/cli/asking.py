"""The question before somebody loses something, and a guard's no; the same words for every command that changes Box."""

from __future__ import annotations

from dataclasses import dataclass, replace

from provision.cli.desk import Desk
from provision.cli.planning import Planned
from provision.cli.task import Task
from provision.errors import Refused
from provision.model import REMOVALS
from provision.plan.guard import refusal
from provision.report.summary import Summary
from provision.report.terminal import render_plan


@dataclass(frozen=True, slots=True)
class Words:
    """What a command calls a removal, how it is begun again, and the usual cause of a refusal ("" for the guards' own)."""

    removed: str = "deactivated or deleted"
    again: str = "run again"
    cause: str = ""


_USUAL = Words()


def ask(planned: Planned, task: Task, desk: Desk, words: Words = _USUAL) -> None:
    """Ask a person at a terminal before anybody loses something; raises Refused for a no."""
    left = task.left(planned.plan.changes)
    number = sum(change.kind in REMOVALS and task.selection.takes(change) for change in left)
    if number and desk.asks and not desk.terms.json:
        render_plan(planned.plan, planned.noticed.row_errors, desk.console)
    if number and not desk.confirm(f"{number} accounts will be {words.removed}. Go on?"):
        raise Refused("Nothing was changed: you said no.", remedy=f"look at the preview, then {words.again}")


def with_refusal(planned: Planned, summary: Summary, desk: Desk, words: Words = _USUAL) -> Summary:
    """The summary with a guard's no in words and the exact way out; as it is if no guard refuses."""
    if not planned.plan.refused:
        return summary
    no = refusal(planned.plan.refused)
    error = str(Refused(no.what, cause=words.cause or no.cause, remedy=no.remedy))
    desk.complain(error)
    return replace(summary, error=error)
