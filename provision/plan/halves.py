"""Second halves: what Box takes only in a request of its own is an operation of its own, after the first one.

It names the one that it completes and needs that one done; guards count, and people approve, the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from provision.model import AFTER_CREATE, Kind, UserKind, escaped
from provision.operations.value import Change
from provision.plan.leavers.leavers import LeaverDecision

#: the operations of one person, in the order in which they need each other
Parts = tuple[Change, ...]

_NOTHING: Mapping[int, Change] = MappingProxyType({})
_NONE_FURTHER: Mapping[int, Parts] = MappingProxyType({})


def in_halves(
    changes: Mapping[int, Change],
    leaving: Mapping[int, LeaverDecision],
    apart: Mapping[int, Change] = _NOTHING,
    further: Mapping[int, Parts] = _NONE_FURTHER,
) -> dict[int, Parts]:
    """The operations of each person, by position as in ``changes``.

    ``leaving`` is what was decided about leavers, ``apart`` what of somebody's changes waits while the others go on.
    ``further`` are operations that each stand on their own, of the same people or of others; those of somebody who is to be
    created need that.
    """
    firsts = {**changes, **{at: parts[0] for at, parts in further.items() if at not in changes}}
    named = zip(firsts, told_apart(firsts.values()), strict=True)
    return {
        at: (
            *((*_parts(change, leaving.get(at)), *_beside(change, apart.get(at))) if at in changes else ()),
            *(_as_theirs(each, change) for each in further.get(at, ())),
        )
        for at, change in named
    }


def _as_theirs(further: Change, first: Change) -> Change:
    """An operation of the person of another one."""
    if first.kind is Kind.CREATE:
        return of_new_account(further, first)
    return replace(further, subject=first.subject)


def of_new_account(further: Change, created: Change) -> Change:
    """An operation of somebody who gets an account first."""
    return replace(further, subject=created.subject, needs=(*further.needs, created.id))


def _beside(change: Change, held: Change | None) -> Parts:
    return () if held is None else (replace(held, subject=change.subject),)


def _parts(change: Change, leaving: LeaverDecision | None) -> Parts:
    if change.kind is Kind.CREATE:
        return _create(change)
    if leaving is not None and change.kind is Kind.DEACTIVATE and leaving.ends_sessions:
        return (change, _after(change, Kind.END_SESSIONS))
    if leaving is not None and change.kind is Kind.TRANSFER and leaving.archive:
        return (change, replace(_after(change, Kind.ARCHIVE_MOVE), object=leaving.archive))
    return (change,)


def _create(change: Change) -> Parts:
    """A create, and an update with what Box takes in no create."""
    later = tuple(each for each in change.fields if each.field in AFTER_CREATE)
    if not later:
        return (change,)
    first = replace(change, fields=tuple(each for each in change.fields if each not in later))
    return (first, replace(_after(first, Kind.UPDATE), fields=later))


def _after(change: Change, kind: Kind) -> Change:
    return replace(change, kind=kind, fields=(), hold="", asks="", needs=(change.id,), completes=change.id)


def told_apart(changes: Iterable[Change]) -> list[Change]:
    """The same operations, no two of one name.

    An app user whose external id is also somebody's Box id is named as one, and with the Box id as well where a second
    account carries the same external id.
    """
    planned = list(changes)
    if not any(change.user_kind is UserKind.APP for change in planned):
        return planned
    named, alike = defaultdict(set), defaultdict(set)
    for change in planned:
        named[change.subject].add((change.user_kind, change.external_id, change.box_id))
        alike[change.external_id].add(change.box_id)
    return [
        replace(change, subject=_in_full(change, twice=len(alike[change.external_id]) > 1))
        if change.user_kind is UserKind.APP and len(named[change.subject]) > 1
        else change
        for change in planned
    ]


def _in_full(change: Change, *, twice: bool) -> str:
    own = f"app={escaped(change.external_id)}"
    return f"{own}/{change.box_id}" if twice and change.box_id else own
