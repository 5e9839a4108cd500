"""What a run teaches of new people: what they are to get beside their account still, and what of it waits."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from provision.journal.value import Noted, Outcome, is_done
from provision.ledger.value import ONBOARDING_COLUMNS, EntryState, Memory
from provision.lessons.invites import is_taken_outside
from provision.model import Kind, Status
from provision.operations.registry import ENDINGS
from provision.operations.value import Change
from provision.plan.value import Plan
from provision.plan.wants.onboarding_entries import entry_of

#: by key of the person, kind and entry: the state, and since when
_Left = dict[tuple[str, str, str], tuple[str, str]]


def onboarding_after(plan: Plan, outcomes: Mapping[str, Outcome], memory: Memory) -> pd.DataFrame | None:
    """The whole new list, ONBOARDING_COLUMNS; None if it is as before."""
    columns = (memory.onboarding[name].tolist() for name in ONBOARDING_COLUMNS)
    before: _Left = {place[:3]: place[3:] for place in zip(*columns, strict=True)}
    now = dict(before)
    for change in plan.changes:
        if change.of_nobody:
            _learn_of_group(change, plan.as_of, outcomes.get(change.id), now)
            continue
        entry = entry_of(change) if change.line else ""
        person = _person(change, outcomes) if entry else ""
        if person:
            _learn(change, entry, (person, plan.as_of), outcomes.get(change.id), now)
    gone = {
        change.box_id
        for change in plan.changes
        if change.kind in ENDINGS and is_done(outcomes.get(change.id))
    }
    now = {place: state for place, state in now.items() if place[0] not in gone}
    if now == before:
        return None
    rows = [(*place, *state) for place, state in sorted(now.items())]
    return pd.DataFrame(rows, columns=list(ONBOARDING_COLUMNS), dtype="str")


def _person(change: Change, outcomes: Mapping[str, Outcome]) -> str:
    """What the person is known by from now on, "" for somebody who has no account and whose next plan makes one once more.

    Whose login is taken outside has no account, and joins by an invitation, which no plan gives anything beside.
    """
    if change.box_id:
        return change.box_id
    created = (outcomes.get(need) for need in change.needs if need.startswith(f"{Kind.CREATE}:"))
    made = next((one for one in created if one is not None), None)
    if made is None:
        return ""
    if made.status is Status.DONE:
        return made.box_id
    comes = made.status is Status.IN_DOUBT or is_taken_outside(made)
    return change.person.compared if comes else ""


def _learn_of_group(change: Change, as_of: str, outcome: Outcome | None, now: _Left) -> None:
    """A group is let in once; whoever takes that back by an undo has it asked for again."""
    place = ("", Kind.COLLABORATION_ADD.value, change.object)
    if change.kind is Kind.COLLABORATION_REMOVE and is_done(outcome):
        now.pop(place, None)
    elif change.kind is Kind.COLLABORATION_ADD and is_done(outcome):
        now[place] = (EntryState.DONE.value, as_of)
    elif change.kind is Kind.COLLABORATION_ADD and outcome is not None and outcome.attempts:
        now.setdefault(place, (EntryState.OPEN.value, as_of))


def _learn(change: Change, entry: str, whom: tuple[str, str], outcome: Outcome | None, now: _Left) -> None:
    person, as_of = whom
    place = (person, change.kind.value, entry)
    as_key = (change.person.compared, change.kind.value, entry)
    state, since = now.pop(as_key, now.get(place, ("", "")))
    if is_done(outcome):
        now.pop(place, None)
        return
    waits = outcome is not None and outcome.status is Status.WAITING and not outcome.says(Noted.NEED_NOT_DONE)
    wanted = EntryState.WAITS if waits else EntryState.OPEN
    if outcome is None and state:
        now[place] = (state, since)
    else:
        now[place] = (wanted.value, since if state == wanted else as_of)
