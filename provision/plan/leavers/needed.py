"""Who is not removed for what others need of them: who receives content, and, if the job says so, who manages people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import pandas as pd

from provision.because import Because, reason
from provision.frames import folded
from provision.job.settings import Job
from provision.ledger.progress import Progress
from provision.ledger.value import Memory
from provision.letters import plain_name
from provision.model import Kind, fold
from provision.operations.registry import REMOVALS
from provision.operations.value import Change
from provision.plan.columns import among, positions, taken
from provision.plan.leavers.leavers import LeaverContext
from provision.plan.situations import Situations
from provision.roster.profile.profile import KEYS
from provision.roster.value import Roster

#: why somebody is needed; a leaver whom one of these protects is still counted as absent
NEEDED = (Because.RECEIVES, Because.RECEIVED, Because.MANAGES)


@dataclass(frozen=True, slots=True)
class Moves:
    """Box ids of those whom a plan removes, and of those whom it lets in again."""

    removed: frozenset[str] = frozenset()
    back: frozenset[str] = frozenset()


NOBODY_MOVES = Moves()


def shielded(changes: Mapping[int, Change], people: Situations, terms: LeaverContext) -> dict[int, str]:
    """The removals that are not carried out, by position in the people frame, with the reason."""
    removals = {at: change for at, change in changes.items() if change.kind in REMOVALS}
    if not removals:
        return {}
    receiving = _receiving(changes.values(), terms.progress_by_id)
    found = {at: receiving[change.box_id] for at, change in removals.items() if change.box_id in receiving}
    if terms.job.scope.protect_managers:
        keys = managers_of(people.frame, terms.memory, _moves(changes.values())) | people.aside.managers
        names = {plain_name(key) for key in keys if _may_be_a_name(key)} - {""}
        found |= {
            at: Because.MANAGES.value
            for at, change in removals.items()
            if at not in found
            and (
                keys & {fold(change.login), fold(change.external_id)} - {""}
                or plain_name(str(people.frame["name"].iat[at])) in names
            )
        }
    return found


def strangers_in(roster: Roster, job: Job) -> frozenset[str]:
    """The managers of the roster's people whom nothing in it tells, for a job that protects managers; folded."""
    if not job.scope.protect_managers:
        return frozenset()
    return frozenset().union(*(each.strangers for each in roster.named if each.field == "manager"))


def unknown_managers(
    strangers: AbstractSet[str], people: Situations, memory: Memory, changes: Collection[Change]
) -> frozenset[str]:
    """Of the ``strangers`` those who are the managers of active people and no account either: nobody can protect them.

    ``changes``: all that is planned.
    """
    if not strangers:
        return frozenset()
    moves = _moves(changes)
    frame, aside = people.frame, people.aside
    asked = strangers & (managers_of(frame, memory, moves) | aside.managers)
    wanted = pd.Series(sorted(asked), dtype="str")
    columns = [folded(each[name]) for each in (frame[frame["account"]], aside.named) for name in KEYS]
    keys = {key for column in columns for key in column[among(column, wanted)].tolist()}
    there = frame["account"] & frame["in_scope"] & (~frame["row"] | frame["box_id"].isin(moves.removed))
    names = {plain_name(name) for name in frame.loc[there, "name"].tolist()}
    return frozenset(key for key in asked - keys if plain_name(key) not in names)


def _may_be_a_name(key: str) -> bool:
    """Names are of several words; what is none of a name's is only ever no account's name."""
    return " " in key or "," in key


def _receiving(changes: Iterable[Change], progress_by_id: Mapping[str, Progress]) -> dict[str, str]:
    """The accounts that get content in this plan, or that got some which is not proven to have arrived."""
    planned = {change.to: Because.RECEIVES.value for change in changes if change.kind is Kind.TRANSFER}
    sent = {
        progress.transfer.to: reason(Because.RECEIVED, day=progress.transfer.at[:10])
        for progress in progress_by_id.values()
        if progress.moving and progress.transfer is not None
    }
    return planned | sent


def _moves(changes: Iterable[Change]) -> Moves:
    removed, back = set(), set()
    for change in changes:
        if change.kind in REMOVALS:
            removed.add(change.box_id)
        elif change.kind is Kind.ACTIVATE:
            back.add(change.box_id)
    return Moves(frozenset(removed), frozenset(back))


def managers_of(frame: pd.DataFrame, memory: Memory, moves: Moves = NOBODY_MOVES) -> set[str]:
    """The folded keys of the managers of everybody in a people frame who is active or comes back, and stays.

    A row's word goes before the last one.
    """
    known = memory.managers
    last = taken(known["manager"], positions(frame["box_id"], known["box_id"]))
    keys = frame["manager"].where(frame["manager"] != "", last)
    there = (frame["status"] != "inactive") | frame["box_id"].isin(moves.back)
    stay = there & ~frame["leaving"] & ~frame["box_id"].isin(moves.removed)
    return set(folded(keys[stay]).unique()) - {""}
