"""Who is not removed for what others need of them: who receives content, and, if the job says so, who manages people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

import pandas as pd

from provision.because import Because, reason
from provision.frames import folded
from provision.ledger.progress import Progress
from provision.ledger.value import Memory
from provision.model import Kind, fold
from provision.operations.registry import REMOVALS
from provision.operations.value import Change
from provision.plan.columns import positions, taken
from provision.plan.leavers.leavers import LeaverContext
from provision.plan.situations import Situations

#: why somebody is needed; a leaver whom one of these protects is still counted as absent
NEEDED = (Because.RECEIVES, Because.RECEIVED, Because.MANAGES)


def shielded(changes: Mapping[int, Change], people: Situations, terms: LeaverContext) -> dict[int, str]:
    """The removals that are not carried out, by position in the people frame, with the reason."""
    removals = {at: change for at, change in changes.items() if change.kind in REMOVALS}
    if not removals:
        return {}
    receiving = _receiving(changes.values(), terms.progress_by_id)
    found = {at: receiving[change.box_id] for at, change in removals.items() if change.box_id in receiving}
    if terms.job.scope.protect_managers:
        removed = {change.box_id for change in removals.values()}
        keys = managers_of(people.frame, terms.memory, removed) | people.aside.managers
        found |= {
            at: Because.MANAGES.value
            for at, change in removals.items()
            if at not in found and keys & {fold(change.login), fold(change.external_id)} - {""}
        }
    return found


def _receiving(changes: Iterable[Change], progress_by_id: Mapping[str, Progress]) -> dict[str, str]:
    """The accounts that get content in this plan, or that got some which is not proven to have arrived."""
    planned = {change.to: Because.RECEIVES.value for change in changes if change.kind is Kind.TRANSFER}
    sent = {
        progress.transfer.to: reason(Because.RECEIVED, day=progress.transfer.at[:10])
        for progress in progress_by_id.values()
        if progress.moving and progress.transfer is not None
    }
    return planned | sent


def managers_of(frame: pd.DataFrame, memory: Memory, removed: AbstractSet[str]) -> set[str]:
    """The folded keys of the managers of everybody in a people frame who is active and stays.

    ``removed``: Box ids of those who do not. A row's word goes before the last one.
    """
    known = memory.managers
    last = taken(known["manager"], positions(frame["box_id"], known["box_id"]))
    keys = frame["manager"].where(frame["manager"] != "", last)
    stay = (frame["status"] != "inactive") & ~frame["leaving"] & ~frame["box_id"].isin(removed)
    return set(folded(keys[stay]).unique()) - {""}
