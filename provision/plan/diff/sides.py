"""Rows beside their accounts, cell by cell: where both are there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from provision.frames import equals
from provision.job.settings import Job
from provision.ledger.others import LEFT
from provision.ledger.value import Memory
from provision.plan.coadmins import COADMIN, ROLE
from provision.plan.columns import Mask, Positions, among, nothing, overlaid
from provision.plan.diff.aligned import Side
from provision.plan.diff.three_way import Sides, weigh


def sides_of(
    frame: pd.DataFrame,
    rows: pd.DataFrame,
    there: tuple[pd.DataFrame, Positions],
    memory: Memory,
    job: Job,
) -> Sides:
    """Cells that differ, and drift, for valid rows that have an account; ``at`` is the position in ``frame``."""
    both = np.flatnonzero((frame["row"] & frame["account"] & ~frame["rejected"]).to_numpy(bool))
    accounts, account_at = there
    theirs = Side(accounts, account_at[both])
    back = among(theirs["box_id"], _left(memory)) & ~frame["upcoming"].to_numpy(bool)[both]
    back &= (theirs["status"] == "inactive").to_numpy(bool)
    ours = Side(_active_again(rows, both[back]) if back.any() else rows, both)
    sides = weigh(ours, theirs, back, memory, job)
    cells, drift, untold, contested = (
        part.assign(at=both[part["at"].to_numpy()])
        for part in (sides.cells, sides.drift, sides.untold, sides.contested)
    )
    gone = frame["leaving"].to_numpy(bool) | equals(frame["row_status"], "inactive")
    cells = cells[~(_gives_rights(cells, frame) & gone[cells["at"].to_numpy()])]
    drift = drift[~(_gives_rights(drift, frame) & gone[drift["at"].to_numpy()])]
    apart = frame["protected"] | frame["doubtful"] | frame["ignored"] | frame["leaving"] | ~frame["in_scope"]
    return Sides(cells, drift[~apart.to_numpy(bool)[drift["at"].to_numpy()]], untold, contested)


def _gives_rights(cells: pd.DataFrame, frame: pd.DataFrame) -> Mask:
    """The cells by which the row makes a co-admin of somebody: who leaves needs no rights, and waits for none."""
    asked = equals(frame["row_role"], COADMIN)
    mask: Mask = equals(cells["field"], ROLE) & asked[cells["at"].to_numpy()]
    return mask


def _left(memory: Memory) -> pd.Series[str]:
    """Whom this job has locked since they left, or another one since they were absent there: who moved is in one roster only."""
    ours, others = memory.accounts, memory.claims
    left = (ours.loc[ours["left_at"] != "", "box_id"], others.loc[others["how"] == LEFT, "box_id"])
    return pd.concat(left, ignore_index=True).astype("str")


def _active_again(rows: pd.DataFrame, at: Positions) -> pd.DataFrame:
    """Who left by our doing and is in the roster again (``at``) comes back, unless the row itself says a status."""
    said = rows["status"] if "status" in rows else nothing(len(rows))
    silent = at[(said.iloc[at] == "").to_numpy(bool)]
    return rows.assign(status=overlaid(said, dict.fromkeys(silent.tolist(), "active")))
