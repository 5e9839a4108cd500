"""The night of a fleet, as a message for people who were not there: how many enterprises need somebody, which, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from provision.errors import ExitCode
from provision.job.nightly import NotifyEvent
from provision.model import Status
from provision.report.fleet.value import FleetSummary
from provision.report.fleet.words import end_word, headline, urgent
from provision.report.kind_words import label
from provision.report.messages.message import Gravity, Message
from provision.report.value import RunStatus
from provision.wording import harmless

#: enterprises that a message names
_NAMED = 20


def night_events(summary: FleetSummary) -> frozenset[NotifyEvent]:
    """What of the night somebody may want to be told of."""
    return frozenset(_events(summary))


def _events(summary: FleetSummary) -> Iterator[NotifyEvent]:
    for line in summary.lines:
        code = line.summary.exit_code
        if line.summary.status == RunStatus.REFUSED:
            yield NotifyEvent.REFUSED
        elif code == ExitCode.HELD:
            yield NotifyEvent.HELD
        elif code not in (ExitCode.DONE, ExitCode.CHANGES):
            yield NotifyEvent.FAILED
        if line.summary.outcomes.get(Status.DONE, 0):
            yield NotifyEvent.CHANGES


def night_message(summary: FleetSummary) -> Message:
    """What an address is told of the night: enterprises by their names in the fleet, and nobody in them."""
    bad = [line for line in urgent(summary.lines) if line.needs_a_person]
    told = [
        f"  {line.name}: {end_word(line)} (exit code {int(line.summary.exit_code)})" for line in bad[:_NAMED]
    ]
    more = [f"  and {len(bad) - _NAMED:,} more"] if len(bad) > _NAMED else []
    outcomes = ", ".join(f"{count:,} {label(word)}" for word, count in summary.people.items() if count)
    body = [*([f"outcome: {outcomes}"] if outcomes else []), *told, *more]
    if summary.error:
        body.append(f"  do: {summary.error.rpartition('  do: ')[2]}")
    if summary.files.report_html:
        body.append(f"report: {summary.files.report_html}")
    title = f"{summary.fleet}: {headline(summary)} (exit code {int(summary.exit_code)})"
    return Message(harmless(title), harmless("\n".join(body)), _gravity(summary))


def _gravity(summary: FleetSummary) -> Gravity:
    found = night_events(summary)
    if NotifyEvent.FAILED in found:
        return Gravity.FAILURE
    if found & {NotifyEvent.HELD, NotifyEvent.REFUSED}:
        return Gravity.WARNING
    return Gravity.SUCCESS if NotifyEvent.CHANGES in found else Gravity.INFO
