"""Whose further addresses differ from what the row says, by what earlier runs know of them: nothing is asked of Box. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from provision.because import Because, joined, reason
from provision.job.settings import Job
from provision.ledger.value import ALIAS_COLUMNS, AliasState, Memory
from provision.model import ALIAS_SEPARATOR, CLEAR, UserKind, fold
from provision.plan.claims import wanted_by_others
from provision.plan.columns import Positions, among

#: what is there for certain, as far as this job knows
_THERE = (AliasState.ADDED, AliasState.FOUND, AliasState.KEPT)
#: what this job has added and may take away again
_OURS = (AliasState.ADDED, AliasState.WAITS, AliasState.DOUBT)


@dataclass(frozen=True, slots=True)
class AddressWants:
    """What one person wants: aliases to be added, and to be removed; ``left``: those that an earlier run could not remove."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def states_of(memory: Memory) -> dict[str, dict[str, str]]:
    """The state of each further address that earlier runs know, by Box id and folded address."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    columns = (memory.aliases[name].tolist() for name in ALIAS_COLUMNS[:3])
    for box_id, address, state in zip(*columns, strict=True):
        found[box_id][address] = state
    return found


def address_wants(
    frame: pd.DataFrame, rows: pd.DataFrame, memory: Memory, job: Job
) -> tuple[dict[int, AddressWants], dict[int, str]]:
    """What differs, by position in a people frame (see :class:`provision.plan.situations.Situations`).

    And why addresses stay that another job's roster names.
    """
    if "aliases" not in rows and memory.aliases.empty:
        return {}, {}
    states, found = states_of(memory), dict[int, AddressWants]()
    for at in _to_be_looked_at(frame, rows, memory, states).tolist():
        cell = str(rows["aliases"].iat[at]) if "aliases" in rows else ""
        logins = {fold(str(frame[name].iat[at])) for name in ("login", "new_login")}
        wants = _wants(cell, states.get(str(frame["box_id"].iat[at]), {}), logins, job)
        if wants != AddressWants():
            found[at] = wants
    return _without_claimed(found, frame, memory)


def _without_claimed(
    found: dict[int, AddressWants], frame: pd.DataFrame, memory: Memory
) -> tuple[dict[int, AddressWants], dict[int, str]]:
    """The same, but that addresses stay which another job's roster names; and why."""
    box_ids = {at: str(frame["box_id"].iat[at]) for at, wants in found.items() if wants.remove}
    theirs = wanted_by_others(list(box_ids.values()), "aliases", memory) if box_ids else {}
    told: dict[int, str] = {}
    for at, box_id in box_ids.items() if theirs else ():
        wants = found.pop(at)
        for one in wants.remove:
            if job := theirs.get((box_id, one)):
                told[at] = joined(told.get(at, ""), reason(Because.ALIAS_CLAIMED, alias=one, job=job))
        fewer = replace(wants, remove=tuple(one for one in wants.remove if (box_id, one) not in theirs))
        if fewer != AddressWants():
            found[at] = fewer
    return found, told


def _to_be_looked_at(
    frame: pd.DataFrame, rows: pd.DataFrame, memory: Memory, states: Mapping[str, Mapping[str, str]]
) -> Positions:
    """Managed users, also new ones, whose row says other aliases than are known to be there, and those of whom something is left."""
    named = frame.iloc[: len(rows)]
    managed = (named["kind"] == UserKind.MANAGED.value).to_numpy(bool)
    left = memory.aliases["box_id"][memory.aliases["state"] == AliasState.LEFT.value]
    wanted = among(named["box_id"], left) if len(left) else np.zeros(len(rows), dtype=bool)
    if "aliases" in rows:
        said = np.flatnonzero((rows["aliases"] != "").to_numpy(bool) & managed)
        known = (
            [_text(states.get(box_id, {})) for box_id in named["box_id"].iloc[said].tolist()]
            if states
            else ""
        )
        unlike = (rows["aliases"].iloc[said] != (known if states else "")).to_numpy(bool)
        wanted[said[unlike]] = True
    return np.flatnonzero(wanted & managed)


def _text(states: Mapping[str, str]) -> str:
    """What is there, as a canonical cell says it."""
    return ALIAS_SEPARATOR.join(sorted(address for address, state in states.items() if state in _THERE))


def _wants(cell: str, states: Mapping[str, str], logins: set[str], job: Job) -> AddressWants:
    said = set() if cell in ("", CLEAR) else set(cell.split(ALIAS_SEPARATOR))
    kept = said | logins
    add = sorted(each for each in said - logins if states.get(each) not in _THERE)
    gone = [each for each, state in states.items() if state in _OURS and each not in kept]
    left = sorted(each for each, state in states.items() if state == AliasState.LEFT and each not in kept)
    return AddressWants(tuple(add), tuple(sorted(gone)) if cell and job.aliases.remove else (), tuple(left))
