"""What is told to whoever gets the content of people who have left: who left, what comes, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from provision.journal.value import Outcome
from provision.model import Kind, Status
from provision.operations.value import Change
from provision.plan.value import Plan
from provision.report.messages.message import Gravity, Message
from provision.wording import counted, harmless

#: people who left that one message names
_NAMED = 50


@dataclass(frozen=True, slots=True)
class Gift:
    """The content of one leaver: sent on ``day`` (ISO), into which folders of the archive (``place``), "" for none.

    ``sure``: Box has said that it took it.
    """

    name: str
    login: str
    day: str
    place: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Handover:
    """All that one account gets by a run; ``key`` is how people name the account."""

    key: str
    gifts: tuple[Gift, ...]


def handovers(plan: Plan, outcomes: Mapping[str, Outcome], since: str) -> tuple[Handover, ...]:
    """What was sent from ``since`` (ISO) on, by who gets it; what an earlier process sent has been told then."""
    places = {change.completes: change.object for change in plan.changes if change.kind is Kind.ARCHIVE_MOVE}
    begun = datetime.fromisoformat(since)
    found: dict[str, list[Gift]] = defaultdict(list)
    for change in plan.changes:
        outcome = outcomes.get(change.id)
        if change.kind is Kind.TRANSFER and outcome is not None and _sent(outcome, begun):
            found[change.to_key].append(_gift(change, outcome, places.get(change.id, "")))
    return tuple(Handover(key, tuple(gifts)) for key, gifts in found.items())


def _sent(outcome: Outcome, begun: datetime) -> bool:
    may_have = outcome.status in (Status.DONE, Status.IN_DOUBT)
    return may_have and outcome.at != "" and datetime.fromisoformat(outcome.at) >= begun


def _gift(change: Change, outcome: Outcome, place: str) -> Gift:
    return Gift(change.name, change.login, outcome.at[:10], place, outcome.status is Status.DONE)


def message_for(handover: Handover, job: str) -> Message:
    """The message for who gets it."""
    number = counted(len(handover.gifts), "person", "people")
    title = f"{job}: the content of {number} who left comes to {handover.key}"
    return Message(harmless(title), harmless("\n".join(_lines(handover))), Gravity.INFO)


def _lines(handover: Handover) -> Iterator[str]:
    yield f"The Box account of {handover.key} gets all files and folders of these people, who have left:"
    for gift in handover.gifts[:_NAMED]:
        began = f"sent on {gift.day}" if gift.sure else f"perhaps sent on {gift.day}: no answer told"
        place = f" in the folder {gift.place}" if gift.place else ""
        yield f'  {gift.name} ({gift.login}): {began}; a folder that begins with "{gift.login}"{place}, among your files'
    if (more := len(handover.gifts) - _NAMED) > 0:
        yield f"  and {more:,} more"
    yield "Box moves it in the background, large accounts for hours; until it is there nobody can open these files."
    yield "Their accounts stay locked meanwhile. What is of no use there, move or delete it once it has arrived."


def message_of_counts(found: tuple[Handover, ...], job: str) -> Message:
    """The same for an address that is told nobody's name."""
    people = counted(sum(len(each.gifts) for each in found), "person", "people")
    title = f"{job}: the content of {people} who left goes to {counted(len(found), 'account')}"
    body = "names: true at this address of notify names them; {receiver} in it tells each who gets content."
    return Message(title, body, Gravity.INFO)
