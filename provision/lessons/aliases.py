"""What a run teaches of further addresses: which this job has added, which wait to be confirmed, which are to be removed still."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from provision.journal.value import Noted, Outcome, is_done
from provision.ledger.value import ALIAS_COLUMNS, AliasState, Memory
from provision.model import Kind, Status, fold
from provision.operations.people.addresses import is_on_the_way
from provision.operations.people.login_change import new_login
from provision.operations.registry import ENDINGS
from provision.operations.value import Change
from provision.plan.value import Plan

#: by Box id and folded address: the state, and since when
_Known = dict[tuple[str, str], tuple[str, str]]

_NONE = ("", "")
#: what an alias that is there for sure replaces
_UNSURE = ("", AliasState.WAITS, AliasState.DOUBT)


def aliases_after(plan: Plan, outcomes: Mapping[str, Outcome], memory: Memory) -> pd.DataFrame | None:
    """The whole new list, ALIAS_COLUMNS; None if it is as before."""
    told = [(change, outcomes[change.id]) for change in plan.changes if change.id in outcomes]
    known = _known(memory)
    now = dict(known)
    for change, outcome in told:
        if change.kind is Kind.ALIAS_ADD:
            _added(change, outcome, plan.as_of, now)
    for change, outcome in told:
        if change.kind is Kind.LOGIN_CHANGE and outcome.status is Status.DONE:
            _moved(change, plan.as_of, now)
        if outcome.says(Noted.ALIAS_GONE):
            now.pop((change.box_id, fold(new_login(change))), None)
    for change in plan.changes:
        if change.kind is Kind.ALIAS_REMOVE:
            _removed(change, outcomes, plan.as_of, now)
    gone = {change.box_id for change, end in told if _ends(change, end)}
    now = {place: state for place, state in now.items() if place[0] not in gone}
    if now == known:
        return None
    rows = [(*place, *state) for place, state in sorted(now.items())]
    return pd.DataFrame(rows, columns=list(ALIAS_COLUMNS), dtype="str")


def _known(memory: Memory) -> _Known:
    columns = (memory.aliases[name].tolist() for name in ALIAS_COLUMNS)
    return {(box_id, address): (state, since) for box_id, address, state, since in zip(*columns, strict=True)}


def _added(change: Change, outcome: Outcome, as_of: str, now: _Known) -> None:
    place = (change.box_id or outcome.box_id, change.object)
    state, since = now.get(place, _NONE)
    if outcome.status is Status.WAITING and not outcome.says(Noted.NEED_NOT_DONE):
        now[place] = (AliasState.WAITS.value, since if state == AliasState.WAITS else as_of)
    if outcome.status not in (Status.DONE, Status.IN_DOUBT):
        return
    if is_on_the_way(change.object):
        now[place] = (AliasState.LEFT.value, as_of)
    elif outcome.status is Status.IN_DOUBT:
        now.setdefault(place, (AliasState.DOUBT.value, as_of))
    elif state in _UNSURE:
        found = outcome.says(Noted.THERE_ALREADY) and not state
        now[place] = ((AliasState.FOUND if found else AliasState.ADDED).value, as_of)


def _moved(change: Change, as_of: str, now: _Known) -> None:
    """The new login is no alias any more, and the old one is; one on the way is to be removed as soon as it is no login."""
    if not change.object:
        now.pop((change.box_id, fold(new_login(change))), None)
    old = fold(change.login)
    left = AliasState.LEFT if is_on_the_way(old) else AliasState.KEPT
    now[change.box_id, old] = (left.value, as_of)


def _removed(change: Change, outcomes: Mapping[str, Outcome], as_of: str, now: _Known) -> None:
    place = (change.box_id, change.object)
    if is_done(outcomes.get(change.id)):
        if not _may_come_late(change, outcomes):
            now.pop(place, None)
    elif change.completes and all(is_done(outcomes.get(need)) for need in change.needs):
        now[place] = (AliasState.LEFT.value, as_of)


def _may_come_late(change: Change, outcomes: Mapping[str, Outcome]) -> bool:
    """Whether a first request that brought an address on the way may still be carried out; the next run looks once more."""
    if not is_on_the_way(change.object):
        return False
    steps = (outcomes.get(replace(change, kind=kind).id) for kind in (Kind.ALIAS_ADD, Kind.LOGIN_CHANGE))
    return any(step is not None and step.attempts > 1 for step in steps)


def _ends(change: Change, outcome: Outcome) -> bool:
    return change.kind in ENDINGS and outcome.status is Status.DONE
