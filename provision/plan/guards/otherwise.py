"""What Box said yes to and shows otherwise: put down as a hold, so that it is not sent again night after night."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from provision.because import Because, parsed, reason
from provision.journal.value import Noted, Outcome
from provision.keyed import MARK, FingerprintKey, kept
from provision.ledger.value import Hold, Memory
from provision.model import Kind, Status
from provision.operations.cells import mark
from provision.operations.value import Change, FieldChange, hold_id
from provision.plan.value import Plan


def shown_otherwise(fields: Iterable[FieldChange]) -> str:
    """Why these fields wait, with the marks by which a later plan knows them again."""
    told = tuple(fields)
    names, marks = ", ".join(each.field for each in told), ",".join(map(mark, told))
    return reason(Because.SHOWN_OTHERWISE, fields=names, marks=marks)


@dataclass(frozen=True, slots=True)
class ToldOtherwise:
    """What Box said yes to and showed otherwise, as far as it still waits: by account marks, as a ledger with this ``key`` keeps them."""

    marks_by_id: Mapping[str, Collection[str]]
    key: FingerprintKey | None

    def has(self, box_id: str, each: FieldChange) -> bool:
        """Whether this very value of a field is among it."""
        marks = self.marks_by_id.get(box_id)
        return marks is not None and kept(mark(each), self.key, MARK) in marks


def told_otherwise(memory: Memory) -> ToldOtherwise:
    """What still waits so, by the ledger."""
    found: dict[str, set[str]] = {}
    for hold in memory.holds:
        if Because.SHOWN_OTHERWISE.value in hold.because:
            for each in parsed(hold.because):
                if each.code is Because.SHOWN_OTHERWISE:
                    marks = (kept(one, memory.key, MARK) for one in each.fact("marks").split(","))
                    found.setdefault(hold.box_id, set()).update(marks)
    return ToldOtherwise(found, memory.key)


def seen_otherwise(plan: Plan, outcomes: Mapping[str, Outcome]) -> Iterable[Hold]:
    """What waits after a run since a fresh listing showed other values than Box had said yes to."""
    for change in plan.changes:
        outcome = outcomes.get(change.id)
        if outcome is not None and is_otherwise(outcome):
            fields = _fields(change, outcome)
            if fields:
                yield _hold(change, outcome.box_id or change.box_id, fields, plan.as_of)


def is_otherwise(outcome: Outcome) -> bool:
    """Whether Box said yes to an operation and shows other values."""
    return outcome.status is Status.FAILED and outcome.says(Noted.LISTED_OTHERWISE)


def _fields(change: Change, outcome: Outcome) -> tuple[FieldChange, ...]:
    """The fields that are shown otherwise; that somebody is to be locked out is sent again all the same."""
    names = outcome.notes[0].facts["fields"].split(", ")
    wrong = (each for each in change.fields if each.field in names)
    return tuple(each for each in wrong if (each.field, each.after) != ("status", "inactive"))


def _hold(change: Change, box_id: str, fields: tuple[FieldChange, ...], as_of: str) -> Hold:
    names = [each.field for each in fields]
    kind = Kind.ACTIVATE if "status" in names else Kind.UPDATE
    return Hold(
        hold_id(kind, box_id, ",".join(names)), kind.value, box_id, change.external_id, change.login, change.name,
        shown_otherwise(fields), as_of, as_of, 1, user_kind=change.user_kind.value,
    )  # fmt: skip
