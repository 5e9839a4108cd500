"""Accounts that another job of the enterprise has: whom its full roster names is nobody's leaver but its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from provision.because import Because, reason
from provision.ledger.value import NAMES, Memory
from provision.plan.columns import among, nothing, positions, taken

#: a claim is over so long after the job's last accepted roster
LASTS = timedelta(days=14)


def claimed_by(box_ids: pd.Series[str], memory: Memory, as_of: datetime) -> pd.Series[str]:
    """By which job each account is claimed, as a reason (see :mod:`provision.because`); "" for none.

    Another job claims whom its last accepted roster names. Whom this job has had as claimed before (an absence never
    counted) stays the other one's for as long as that one looks after the account, also as a leaver: its stages are those that count.
    """
    claims = memory.claims
    if not len(claims):
        return nothing(len(box_ids))
    recent = {at for at in claims["accepted_at"].unique() if as_of - datetime.fromisoformat(at) <= LASTS}
    before = memory.absences.loc[memory.absences["missed_runs"] == 0, "box_id"].astype("str")
    counts = (claims["how"] == NAMES).to_numpy(bool) | among(claims["box_id"], before)
    counts &= claims["accepted_at"].isin(recent).to_numpy(bool)
    left = claims[np.asarray(counts)].reset_index(drop=True)
    words = {job: reason(Because.CLAIMED, job=str(job)) for job in left["job"].unique()}
    return taken(left["job"].map(words).astype("str"), positions(box_ids, left["box_id"]))


def also_naming(box_ids: pd.Series[str], memory: Memory) -> str:
    """The other jobs whose full rosters name any of these accounts, with commas between; "" for none."""
    claims = memory.claims
    named = (claims["how"] == NAMES).to_numpy(bool) & among(claims["box_id"], box_ids)
    return ", ".join(sorted(set(claims.loc[named, "job"])))


def still_claimed(memory: Memory, now: datetime, as_of: datetime) -> Memory:
    """The same on another day: jobs that look after their people now are taken to do so then."""
    claims = memory.claims
    lasting = {at for at in claims["accepted_at"].unique() if now - datetime.fromisoformat(at) <= LASTS}
    then = claims["accepted_at"].where(~claims["accepted_at"].isin(lasting), as_of.isoformat())
    return replace(memory, claims=claims.assign(accepted_at=then.astype("str")))
