"""Fields of one person that differ, as operations: those that are sent, and those that wait for a look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from provision.because import Because, joined, reason
from provision.model import Kind
from provision.operations.value import Change, FieldChange
from provision.plan.coadmins import granting, grants
from provision.plan.diff.lost_accents import loses_accents
from provision.plan.guards.otherwise import ToldOtherwise, shown_otherwise
from provision.plan.leavers.leavers import Person

#: most often a roster that was exported in an encoding without these letters
_LOST_ACCENTS = Because.ACCENTS_LOST.value


def waiting_fields(
    box_id: str, fields: Iterable[FieldChange], otherwise: ToldOtherwise
) -> dict[FieldChange, Because]:
    """Which of an account's fields wait for a person, and why: a name would lose its accents, rights are given, or Box has let it down."""
    waits = {}
    for each in fields:
        locks = each.field == "status" and each.after == "inactive"  # never left open for want of a look
        if each.field == "name" and loses_accents(each.before, each.after):
            waits[each] = Because.ACCENTS_LOST
        elif grants(each):
            waits[each] = Because.COADMIN_GRANTED
        elif not locks and otherwise.has(box_id, each):
            waits[each] = Because.SHOWN_OTHERWISE
    return waits


def update_of(
    person: Person, fields: list[FieldChange], waits: Mapping[FieldChange, Because], drifted: str
) -> tuple[Change, Change | None]:
    """One change of attributes, and the part of it that waits for a person while the others go on."""
    others = tuple(each for each in fields if each not in waits)
    if not waits:
        return _differing(person, others, drifted), None
    held = _held_update(person, waits, drifted if not others else "")
    if not others:
        return held, None
    told = (Because.NAME_HELD, _LOST_ACCENTS) if Because.ACCENTS_LOST in waits.values() else ()
    names = ",".join(each.field for each in waits)
    return _differing(person, others, joined(*told, drifted)), replace(held, object=names)


def _differing(person: Person, fields: tuple[FieldChange, ...], more: str) -> Change:
    kind, differs = _kind_of(fields)
    return change_of(kind, person, fields, joined(differs, more))


def _held_update(person: Person, waits: Mapping[FieldChange, Because], drifted: str) -> Change:
    change = _differing(person, tuple(waits), drifted)
    hold = _LOST_ACCENTS if Because.ACCENTS_LOST in waits.values() else ""
    if Because.COADMIN_GRANTED in waits.values():
        change = granting(change)
        hold = joined(change.hold, hold)
    refused = [each for each, why in waits.items() if why is Because.SHOWN_OTHERWISE]
    if not refused:
        return replace(change, hold=hold, asks=change.asks or "accents")
    hold = joined(hold, shown_otherwise(refused))
    return replace(change, hold=hold, asks="otherwise", object=",".join(each.field for each in waits))


def _kind_of(fields: Iterable[FieldChange]) -> tuple[Kind, str]:
    """A change of status has a name of its own; other fields travel with it in the same call."""
    status = next((change for change in fields if change.field == "status"), None)
    if status is not None and status.after == "inactive":
        return Kind.DEACTIVATE, Because.SAYS_INACTIVE.value
    if status is not None and status.before == "inactive":
        return Kind.ACTIVATE, Because.BACK.value
    return Kind.UPDATE, _differs(tuple(change.field for change in fields))


@lru_cache(maxsize=1_024)
def _differs(names: tuple[str, ...]) -> str:
    """In which fields somebody differs, as a reason; a hundred thousand people differ in a few ways."""
    return reason(Because.DIFFERS, fields=", ".join(names))


def change_of(kind: Kind, person: Person, fields: tuple[FieldChange, ...], because: str) -> Change:
    """An operation on somebody as the plan saw them."""
    return Change(
        kind=kind,
        user_kind=person.kind,
        line=person.line,
        box_id=person.box_id,
        external_id=person.external_id,
        login=person.login,
        name=person.name,
        fields=fields,
        because=because,
        status=person.status,
        segment=person.segment,
        coadmin=person.coadmin,
    )
