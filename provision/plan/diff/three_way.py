"""Three sides of a cell: what the roster says, what it said last, and what Box shows. Who changed it decides who wins.

The roster says something else than last time, or it is not known what it said: HR changed it, and it is written. The roster
says the same as last time and Box shows something else: somebody changed it in Box, which is drift, and the job says what
becomes of that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from provision.batches import only
from provision.because import Because, joined, reason
from provision.job.settings import Job, OnDrift
from provision.ledger.roster_values import NOT_SAID, unpack
from provision.ledger.value import Memory
from provision.plan.claims import also_naming
from provision.plan.columns import Mask, positions
from provision.plan.diff.aligned import Side
from provision.plan.diff.contested import among_cells, contested_cells
from provision.plan.diff.diff import code_columns, differing, differing_codes, not_done
from provision.plan.diff.fingerprints import marks


@dataclass(frozen=True, slots=True)
class Sides:
    """What came of looking at all three sides.

    ``cells``: what is to be written (see :func:`provision.plan.diff.diff.differing`). ``drift``: one row a cell that was
    changed in Box: ``at`` (position), ``field`` (as the job names it, tracking codes singly), ``on_drift`` (OnDrift).
    ``untold``: what the roster says and nobody may write (see :func:`provision.plan.diff.diff.not_done`).
    ``contested``: what another job's roster says otherwise, whose word counts first: ``at``, ``field`` and ``job``; not among the others.
    """

    cells: pd.DataFrame
    drift: pd.DataFrame
    untold: pd.DataFrame
    contested: pd.DataFrame


def weigh(rows: Side, accounts: Side, back: Mask, memory: Memory, job: Job) -> Sides:
    """The cells that differ, and which of them drifted; ``rows`` and ``accounts`` are aligned by position.

    ``back`` marks people whose account this job deactivated: their status is ours to turn back. What the
    roster said last is not looked into where nothing differs.
    """
    cells = differing(rows, accounts)
    single = _singly(cells, rows, accounts)
    contested = contested_cells(single, rows, accounts, memory, job)
    drift = single[~among_cells(single, contested)].reset_index(drop=True)
    if memory.said and len(cells):
        drift = drift[_as_last(drift, rows, accounts, memory, job.name)]
        drift = drift[~((drift["field"] == "status") & back[drift["at"].to_numpy()])]
    else:
        drift = drift[:0]
    drift = drift.assign(on_drift=[on_drift(job, field) for field in drift["field"].tolist()])
    kept = drift[drift["on_drift"] != OnDrift.ROSTER]
    if len(kept) or len(contested):
        left_out = pd.concat([kept[["at", "field"]], contested[["at", "field"]]], ignore_index=True)
        cells = _without(left_out, cells, rows, accounts)
    return Sides(cells, drift, not_done(rows, accounts), contested)


def on_drift(job: Job, field: str) -> OnDrift:
    """What this job does about an attribute that was changed in Box only."""
    return job.attributes.get(field, job.attributes.get("*", OnDrift.ROSTER))


def drift_reasons(drift: pd.DataFrame) -> dict[int, str]:
    """What is a reason besides, by position: which fields drifted, unless Box has its way."""
    reasons: dict[int, str] = {}
    if drift.empty:
        return reasons
    for choice, code in ((OnDrift.ROSTER, Because.DRIFTED), (OnDrift.REPORT, Because.DRIFT_REPORTED)):
        for place, group in drift[drift["on_drift"] == choice].groupby("at"):
            at, fields = int(str(place)), ", ".join(group["field"].tolist())
            reasons[at] = joined(reasons.get(at, ""), reason(code, fields=fields))
    return reasons


def drift_notes(drift: pd.DataFrame, box_ids: pd.Series[str], memory: Memory) -> Iterator[str]:
    """A reason for each way in which drift is dealt with: how many people, which fields how often, and which other job names them.

    ``box_ids`` are the accounts by position.
    """
    for choice in OnDrift if len(drift) else ():
        cells = drift[drift["on_drift"] == choice]
        if people := cells["at"].nunique():
            counts = cells["field"].value_counts().sort_index()
            fields = ", ".join(f"{field} {count:,}" for field, count in counts.items())
            jobs = also_naming(box_ids.iloc[cells["at"].to_numpy()], memory)
            told = {"jobs": jobs} if jobs else {}
            yield reason(Because.DRIFT, people=people, fields=fields, on_drift=choice.value, **told)


def _singly(cells: pd.DataFrame, rows: Side, accounts: Side) -> pd.DataFrame:
    """``at`` and ``field`` of the cells that differ, each tracking code for itself."""
    listed = (cells["field"] == "tracking_codes").to_numpy(bool)
    at = cells["at"].to_numpy()[listed]
    if not len(at):
        return only(cells, ("at", "field"))
    parts = [cells.loc[~listed, ["at", "field"]]]
    current = accounts.part(["tracking_codes"], at)["tracking_codes"]
    unlike = differing_codes(rows.part(code_columns(rows), at), current)
    parts += [pd.DataFrame({"at": at[mask], "field": name}) for name, mask in unlike.items()]
    return pd.concat(parts, ignore_index=True).astype({"at": "int64", "field": "str"})


def _as_last(single: pd.DataFrame, rows: Side, accounts: Side, memory: Memory, job: str) -> Mask:
    """Whether the roster says of these cells what it said last. An empty cell says nothing, so it never does."""
    same = np.zeros(len(single), dtype=bool)
    if memory.key is None:
        return same
    last = unpack(memory.said, set(single["field"]))
    for field, group in single.groupby("field"):
        if field not in last.columns:
            continue
        at = group["at"].to_numpy()
        known = positions(accounts.part(["box_id"], at)["box_id"], last["box_id"])
        before = np.append(last[field].to_numpy(np.uint64), NOT_SAID)[known]  # the last is for -1, nobody
        now = marks(job, str(field), rows.part([str(field)], at)[str(field)], memory.key)
        same[group.index] = (now == before) & (now > NOT_SAID)
    return same


def _without(kept: pd.DataFrame, cells: pd.DataFrame, rows: Side, accounts: Side) -> pd.DataFrame:
    """The cells that differ if the roster did not say what is kept as Box has it."""
    at = np.unique(kept["at"].to_numpy())
    names = [name for name in rows.columns if name in set(kept["field"])]
    some = rows.part(rows.columns, at)
    for name in names:
        here = np.searchsorted(at, kept.loc[kept["field"] == name, "at"].to_numpy())
        some.loc[here, name] = ""
    again = differing(some, accounts.part(accounts.columns, at))
    others = cells[~np.isin(cells["at"].to_numpy(), at)]
    return pd.concat([others, again.assign(at=at[again["at"].to_numpy()])], ignore_index=True)
