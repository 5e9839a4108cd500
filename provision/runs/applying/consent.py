"""The question before somebody loses something, and a guard's no; the same words for every command that changes Box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from provision.errors import ExitCode, Refused, naming
from provision.model import Kind
from provision.operations.registry import GRAVE
from provision.plan.guards.approvals import oldest
from provision.plan.guards.refused import refusal
from provision.plan.value import Plan
from provision.report.findings import gathered
from provision.report.words import loudness, waited
from provision.report.write import write_summary
from provision.runs.ending import RunResult
from provision.runs.folder import RunFolder
from provision.runs.observer import Confirmation, Observer, Trouble
from provision.runs.planning.prepare import Planned
from provision.runs.selection import Attempt
from provision.wording import counted


@dataclass(frozen=True, slots=True)
class Words:
    """What a command calls a removal, how it is begun again, and the usual cause of a refusal ("" for the guards' own)."""

    removed: str = "deactivated or deleted"
    again: str = "run again"
    cause: str = ""


_USUAL = Words()


def ask(planned: Planned, attempt: Attempt, observer: Observer, words: Words = _USUAL) -> None:
    """Ask a person before anybody loses something; raises Refused for a no."""
    held = attempt.held(planned.plan)
    left = [change for change in attempt.left(planned.plan.changes) if change.id not in held]
    kinds = [change.kind for change in left if change.kind in GRAVE and attempt.selection.takes(change)]
    question = f"{', and '.join(_losses(kinds, words))}. Continue?"
    found = gathered(planned.plan, planned.noticed.findings)
    asked = Confirmation(question, planned.plan, planned.noticed.row_errors, found)
    if kinds and not observer.confirm(asked):
        raise Refused(
            "Nothing was changed: you answered no.", remedy=f"look at the preview, then {words.again}"
        )


def _losses(kinds: Sequence[Kind], words: Words) -> Iterator[str]:
    """What people lose by operations of these kinds."""
    given, ended = kinds.count(Kind.TRANSFER), kinds.count(Kind.MEMBERSHIP_REMOVE)
    out = kinds.count(Kind.COLLABORATION_REMOVE)
    if gone := len(kinds) - given - ended - out:
        yield f"{counted(gone, 'account')} will be {words.removed}"
    if given:
        yield f"the content of {counted(given, 'account')} goes to somebody else"
    if ended:
        yield f"{counted(ended, 'membership')} of groups will end"
    if out:
        yield f"{counted(out, 'time')} somebody will be taken out of a folder"


def with_refusal(
    planned: Planned, result: RunResult, run: RunFolder | None, observer: Observer, words: Words = _USUAL
) -> RunResult:
    """The end with a guard's no in words and the exact way out, also in the folder, if there is one; as it is if no guard refuses."""
    summary, refused = result.summary, planned.plan.refused or planned.plan.stopped
    missing = planned.plan.roster.missing
    if not (refused or missing) or summary.error or summary.exit_code != ExitCode.HELD:
        return result
    no = refusal(refused, planned.job.approvals.required) if refused else _without(missing)
    no = _with_kinds(naming(no, run.path), planned.plan) if run else _of_verification(no, planned)
    what = f"{_age(planned, observer)}{no.what}"
    error = str(Refused(what, cause=words.cause or no.cause, remedy=no.remedy))
    observer.note(Trouble(error))
    summary = replace(summary, error=error)
    if run:
        write_summary(summary, run.path)
    return replace(result, summary=summary)


def _with_kinds(no: Refused, plan: Plan) -> Refused:
    """The same, with the kinds that guards hold where its remedy leaves them open, so that the command can be copied."""
    held = {one.kind for one in plan.changes if any(guard.covers(one) for guard in plan.stopped)}
    kinds = ",".join(kind for kind in Kind if kind in held)
    remedy = no.remedy.replace("--kind KIND", f"--kind {kinds}") if kinds else no.remedy
    return Refused(no.what, cause=no.cause, remedy=remedy)


def _of_verification(no: Refused, planned: Planned) -> Refused:
    """The same where there is no run folder to look at or to approve."""
    remedy = f"provision plan {planned.job.path} writes it down in a run folder RUN; {no.remedy}"
    return Refused(no.what, cause=no.cause, remedy=remedy)


def _without(missing: tuple[str, ...]) -> Refused:
    """What is said where sources of the roster could not be used and nothing waits for them."""
    return Refused(
        f"Not everybody was looked at: {', '.join(missing)} could not be used; nobody's absence counts in this run.",
        cause="an export that did not arrive, was cut off, or is an old one",
        remedy="see the findings for each source, export it again, then run again",
    )


def _age(planned: Planned, observer: Observer) -> str:
    """A line for what has waited long, "" for what has not."""
    since = oldest(planned.plan, planned.memory)
    loud = loudness(waited(since, observer.now())) if since else ""
    return f"{loud}: the oldest of what is held waits since {since[:10]}.\n" if loud else ""
