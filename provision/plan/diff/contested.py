"""What another job's roster says otherwise, whose word counts first: it stays, and what this one says waits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from provision.because import Because, reason
from provision.frames import equals, folded
from provision.job.settings import Job
from provision.ledger.others import SAYS_LEFT
from provision.ledger.roster_values import NOT_SAID, unpack
from provision.ledger.value import Memory
from provision.plan.claims import first_jobs, locked_by_others
from provision.plan.columns import Mask, overlaid, positions
from provision.plan.diff.aligned import Side
from provision.plan.diff.fingerprints import marks
from provision.plan.moving import moving

_CONTESTED = {"at": "int64", "field": "str", "job": "str"}


def contested_cells(
    single: pd.DataFrame, rows: Side, accounts: Side, memory: Memory, job: Job
) -> pd.DataFrame:
    """Of the cells that differ, those of which a job whose word counts first said something else last, and which job.

    Nobody is activated whom a job with a partial roster has locked: it would lock them again, night by night.
    """
    parts = [pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _CONTESTED.items()})]
    if len(single) and (memory.claims["how"] == SAYS_LEFT).any():
        at = single["at"].to_numpy()[equals(single["field"], "status")]
        locked = locked_by_others(accounts.part(["box_id"], at)["box_id"].reset_index(drop=True), memory)
        told = pd.DataFrame({"at": at, "field": "status", "job": locked.array})
        parts.append(told[~equals(locked, "")])
    if memory.key is None or not memory.others or not len(single):
        return pd.concat(parts, ignore_index=True).astype(_CONTESTED)
    places = np.unique(single["at"].to_numpy())
    box_ids = accounts.part(["box_id"], places)["box_id"].reset_index(drop=True)
    for other, first, _ in first_jobs(box_ids, memory, job):
        last = unpack(other.said, set(single["field"]))
        theirs = single[np.isin(single["at"].to_numpy(), places[first])]
        for name, group in theirs.groupby("field"):
            field, at = str(name), group["at"].to_numpy()
            if field not in last.columns:
                continue
            known = positions(accounts.part(["box_id"], at)["box_id"], last["box_id"])
            said = np.append(last[field].to_numpy(np.uint64), NOT_SAID)[known]  # the last is for -1, nobody
            now = marks(other.name, field, rows.part([field], at)[field], memory.key)
            unlike = at[(said != NOT_SAID) & (said != now)]
            parts.append(pd.DataFrame({"at": unlike, "field": field, "job": other.name}))
    found = pd.concat(parts, ignore_index=True).astype(_CONTESTED)
    return found.drop_duplicates(["at", "field"], ignore_index=True)


def among_cells(single: pd.DataFrame, some: pd.DataFrame) -> Mask:
    """Which of the cells are among these."""
    if not len(some):
        return np.zeros(len(single), dtype=bool)
    ours, theirs = (pd.MultiIndex.from_frame(each[["at", "field"]]) for each in (single, some))
    found: Mask = ours.isin(theirs)
    return found


def with_logins(contested: pd.DataFrame, frame: pd.DataFrame, memory: Memory, job: Job) -> pd.DataFrame:
    """And the logins that this job would change, and that another one whose word counts first has as they are; they stay."""
    at = np.flatnonzero(moving(frame, job))
    logins = folded(frame["login"].iloc[at].reset_index(drop=True))
    parts = [contested]
    for other, first, theirs in first_jobs(frame["box_id"].iloc[at].reset_index(drop=True), memory, job):
        stays = at[first & (folded(theirs) == logins).to_numpy(bool)]
        parts.append(pd.DataFrame({"at": stays, "field": "login", "job": other.name}))
        frame["new_login"] = overlaid(frame["new_login"], dict.fromkeys(stays.tolist(), ""))
    return pd.concat(parts, ignore_index=True).astype(contested.dtypes).drop_duplicates(["at", "field"])


def said_otherwise(cells: pd.DataFrame, changed: Mask) -> Iterator[tuple[int, str]]:
    """What of these people (``changed``, by position) waits since another job's roster says otherwise, whose word counts first; by position."""
    if not len(cells):
        return
    some = cells[changed[cells["at"].to_numpy()]]
    for (place, job), fields in some.groupby(["at", "job"])["field"]:
        other = Because.LOCKED_THERE if fields.tolist() == ["status"] else Because.OTHER_ROSTER
        yield int(place), reason(other, fields=", ".join(fields.tolist()), job=str(job))
