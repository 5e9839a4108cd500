"""Accounts that another job of the enterprise has: what its full roster names is no other job's to take away.

Nobody is locked, put out of a group or given another name by turns, because two rosters say two things of one person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from provision.because import Because, reason
from provision.frames import equals, folded
from provision.job.settings import Authority, Job
from provision.keyed import FingerprintKey, kept
from provision.ledger.others import A_ROW, BY_ROW, NAMES, SAYS_LEFT, OtherJob
from provision.ledger.value import Memory
from provision.ledger.wanted import unpack_wants
from provision.letters import plain_name
from provision.model import LIST_SEPARATOR
from provision.plan.columns import Mask, among, nothing, overlaid, positions, taken

#: a claim is over so long after the job's last accepted roster
LASTS = timedelta(days=14)
#: what kept digests of names are of
_NAME = "name"


def claimed_by(people: pd.DataFrame, memory: Memory, as_of: datetime) -> pd.Series[str]:
    """By which job each of these people's accounts is claimed, as a reason (see :mod:`provision.because`); "" for none.

    Another job claims whom its last accepted roster names, also by a row of which nothing is done. Whom this job has had as claimed
    before (an absence never counted) stays the other one's for as long as that one looks after the account, also as a leaver: its
    stages are those that count. ``people``: text columns ``box_id, kind, external_id, login, name``.
    """
    claims, box_ids = memory.claims, people["box_id"]
    told = nothing(len(people))
    if len(claims):
        before = memory.absences.loc[memory.absences["missed_runs"] == 0, "box_id"].astype("str")
        counts = claims["how"].isin([NAMES, BY_ROW]).to_numpy(bool) | among(claims["box_id"], before)
        counts &= (claims["how"] != SAYS_LEFT).to_numpy(bool)
        left = claims[counts & _lasting(claims["accepted_at"], as_of)].reset_index(drop=True)
        by = list(zip(left["job"].tolist(), (left["how"] == BY_ROW).tolist(), strict=True))
        words = {one: _reason(*one) for one in set(by)}
        reasons = pd.Series([words[one] for one in by], dtype="str")
        told = taken(reasons, positions(box_ids, left["box_id"]))
    for other in memory.others:
        rows = unpack_wants(other.wants, ("kind", "external_id", "login", "name", "named"))
        rows = rows[rows["named"] == A_ROW].reset_index(drop=True)
        if len(rows):
            meant = _meant(people, rows, memory.key) & equals(told, "") & ~equals(box_ids, "")
            why = _reason(other.name, by_row=True)
            told = overlaid(told, dict.fromkeys(np.flatnonzero(meant).tolist(), why))
    return told


def _reason(job: str, by_row: bool) -> str:
    return reason(Because.CLAIMED, job=job, row=BY_ROW) if by_row else reason(Because.CLAIMED, job=job)


def _meant(people: pd.DataFrame, rows: pd.DataFrame, key: FingerprintKey | None) -> Mask:
    """Whom these rows mean by external id, login, or where they have neither by the whole name."""
    meant = among(folded(people["login"]), rows["login"])
    for kind in rows["kind"].unique().tolist():
        ids = rows["external_id"][rows["kind"] == kind]
        meant |= among(people["external_id"], ids) & equals(people["kind"], kind)
    if (rows["name"] != "").any():
        meant |= among(name_marks(people["name"], key), rows["name"])
    return meant


def name_marks(names: pd.Series[str], key: FingerprintKey | None) -> pd.Series[str]:
    """What whole names have in common, whatever the order of their parts, and tells none; "" for a single word, and without a key."""
    marks = [
        kept(hashlib.sha256(name.encode()).hexdigest(), key, _NAME) if key is not None and " " in name else ""
        for name in map(plain_name, names.tolist())
    ]
    return pd.Series(marks, dtype="str")


def _lasting(accepted_at: pd.Series[str], as_of: datetime) -> Mask:
    recent = {at for at in accepted_at.unique() if as_of - datetime.fromisoformat(at) <= LASTS}
    found: Mask = accepted_at.isin(recent).to_numpy(bool)
    return found


def with_lasting_claims(memory: Memory, as_of: datetime) -> Memory:
    """The memory with those of the other jobs alone whose claims last, and of what partial rosters say of leavers."""
    lasting = tuple(one for one in memory.others if as_of - datetime.fromisoformat(one.accepted_at) <= LASTS)
    claims = memory.claims
    over = (claims["how"] == SAYS_LEFT).to_numpy(bool)
    if over.any():
        over = over & ~_lasting(claims["accepted_at"], as_of)
        claims = claims[~over].reset_index(drop=True)
    return replace(memory, others=lasting, claims=claims)


def locked_by_others(box_ids: pd.Series[str], memory: Memory) -> pd.Series[str]:
    """The job with a partial roster that has locked each of these accounts, by a row of a leaver; "" where this job agreed to it, or none has."""
    claims, mine = memory.claims, memory.accounts
    said = claims[(claims["how"] == SAYS_LEFT).to_numpy(bool)].reset_index(drop=True)
    agreed = among(box_ids, mine.loc[mine["left_at"] != "", "box_id"].astype("str"))
    return taken(said["job"], positions(box_ids, said["box_id"])).mask(agreed, "").astype("str")


def first_jobs(
    box_ids: pd.Series[str], memory: Memory, job: Job
) -> Iterator[tuple[OtherJob, Mask, pd.Series[str]]]:
    """The other jobs whose word on an account counts before this one's; on which of these accounts, and the login they know.

    That is who has had the account for longer, and any job of a full roster before one of a partial one.
    """
    if not memory.others or not len(box_ids):
        return
    full = job.roster.authority is Authority.FULL
    mine = taken(memory.accounts["since"], positions(box_ids, memory.accounts["box_id"]))
    for other in memory.others:
        theirs = memory.claims[(memory.claims["job"] == other.name) & (memory.claims["how"] == NAMES)]
        place = positions(box_ids, theirs["box_id"])
        since = taken(theirs["since"], place)
        before = (since < mine) | (mine == "") | ((since == mine) & (other.name < job.name))
        first = (place >= 0) & (since != "").to_numpy(bool)
        first &= before.to_numpy(bool) if full else True
        if first.any():
            yield other, first, taken(theirs["login"], place)


def wanted_by_others(box_ids: list[str], column: str, memory: Memory) -> dict[tuple[str, str], str]:
    """By account and what its row names in a column of lists (groups, aliases): the job whose last accepted roster does so.

    Asked for few accounts: those of which something would be taken away.
    """
    found: dict[tuple[str, str], str] = {}
    asked = pd.Series(sorted(set(box_ids)), dtype="str")
    for other in memory.others if len(asked) else ():
        claims = memory.claims
        named = claims["box_id"][(claims["job"] == other.name) & claims["how"].isin([NAMES, BY_ROW])]
        wants = unpack_wants(other.wants, ("box_id", column))
        told = wants[among(wants["box_id"], asked[among(asked, named)])]
        for box_id, cell in zip(told["box_id"].tolist(), told[column].tolist(), strict=True):
            for one in cell.split(LIST_SEPARATOR) if cell else ():
                found.setdefault((box_id, one), other.name)
    return found


def also_naming(box_ids: pd.Series[str], memory: Memory) -> str:
    """The other jobs whose full rosters name any of these accounts, with commas between; "" for none."""
    claims = memory.claims
    named = (claims["how"] == NAMES).to_numpy(bool) & among(claims["box_id"], box_ids)
    return ", ".join(sorted(set(claims.loc[named, "job"])))


def still_claimed(memory: Memory, now: datetime, as_of: datetime) -> Memory:
    """The same on another day: jobs that look after their people now are taken to do so then."""
    claims, then = memory.claims, as_of.isoformat()
    accepted_at = claims["accepted_at"].where(~_lasting(claims["accepted_at"], now), then)
    lasting = {one.name for one in with_lasting_claims(memory, now).others}
    others = tuple(replace(one, accepted_at=then) if one.name in lasting else one for one in memory.others)
    return replace(memory, claims=claims.assign(accepted_at=accepted_at.astype("str")), others=others)
