"""What a run remembers of what its roster said: only what Box has now because of it, or had already."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from provision.directory.scope import WayOfReading
from provision.journal.value import Outcome, is_done
from provision.ledger.roster_values import AS_BEFORE, NOT_SAID, keyed_frame, pack, unpack
from provision.ledger.value import Memory
from provision.model import TRACKING_PREFIX, Kind
from provision.plan.columns import among, positions
from provision.plan.value import Plan


def values_now(plan: Plan, outcomes: Mapping[str, Outcome], memory: Memory) -> bytes | None:
    """What the roster said of each account, packed; None if that is what was known or the plan carries no roster out.

    None as well for a plan whose fingerprints were made with another key than the ledger's: they tell nothing here.

    A cell that was not carried out (failed, held, left out) keeps what is known from before: the next night it is
    still HR's change. Accounts without a good row in this roster keep what it said of them last.
    """
    told, earlier = _told(plan, memory), memory.said
    if told is None:
        return None
    said = _as_before_where_undone(plan, outcomes, _by_account(plan, told, outcomes))
    everybody = plan.directory.read == WayOfReading.LISTING and not plan.roster.people
    listed = plan.table["box_id"] if everybody else None
    packed = pack(_with_the_others(_filled(said, earlier), earlier, listed))
    return None if packed == earlier else packed


def _told(plan: Plan, memory: Memory) -> pd.DataFrame | None:
    """``line`` and the fingerprints of a plan with the ledger's key; those of an earlier release are plain, and keyed here."""
    if plan.said is None or memory.key is None:
        return None
    if not plan.said_key:
        return keyed_frame(plan.said.whole(), memory.key, plan.job)
    return plan.said.whole() if plan.said_key == memory.key.name else None


def _by_account(plan: Plan, said: pd.DataFrame, outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """``line``, ``box_id`` and the fingerprints of every row whose account is known."""
    rows = plan.table.loc[(plan.table["line"] > 0) & (plan.table["box_id"] != ""), ["line", "box_id"]]
    made = [
        (change.line, outcomes[change.id].box_id)
        for change in plan.changes
        if change.kind is Kind.CREATE and is_done(outcomes.get(change.id))
    ]
    known = pd.concat([rows, pd.DataFrame(made, columns=["line", "box_id"])]).astype({"box_id": "str"})
    place = pd.Index(known["line"]).get_indexer(pd.Index(said["line"]))
    ours: pd.DataFrame = said[place >= 0].reset_index(drop=True)
    ours.insert(0, "box_id", known["box_id"].array[place[place >= 0]])
    return ours[~ours["box_id"].duplicated()]


def _as_before_where_undone(plan: Plan, outcomes: Mapping[str, Outcome], said: pd.DataFrame) -> pd.DataFrame:
    """``box_id`` and the fingerprints, AS_BEFORE for fields of operations that are not done."""
    undone: dict[str, list[int]] = {}
    for change in plan.changes:
        for each in () if is_done(outcomes.get(change.id)) else change.fields:
            undone.setdefault(each.field, []).append(change.line)
    cells = {str(name): said[name] for name in said.columns.drop("line")}
    for name, column in cells.items():
        field = "tracking_codes" if name.startswith(TRACKING_PREFIX) else name
        if field in undone:
            cells[name] = column.mask(said["line"].isin(undone[field]), AS_BEFORE)
    return pd.DataFrame(cells)


def _filled(now: pd.DataFrame, earlier: bytes) -> pd.DataFrame:
    """With what was known before in the place of AS_BEFORE; earlier nights are only unpacked if there is any."""
    open_at = {name: np.flatnonzero(now[name] == AS_BEFORE) for name in now.columns.drop("box_id")}
    open_at = {name: at for name, at in open_at.items() if len(at)}
    if not open_at:
        return now
    known = unpack(earlier, open_at)
    place = positions(now["box_id"], known["box_id"])
    filled = {}
    for name, at in open_at.items():
        before = known[name].to_numpy() if name in known and len(known) else np.array([NOT_SAID])
        cells = now[name].to_numpy(copy=True)
        found = place[at] if name in known else np.full(len(at), -1)
        cells[at] = np.where(found >= 0, before[found], NOT_SAID)
        filled[name] = cells
    return now.assign(**filled)


def _with_the_others(now: pd.DataFrame, earlier: bytes, listed: pd.Series[str] | None) -> pd.DataFrame:
    """And what is known of accounts that are ``listed`` still (None: nobody knows), but have no good row in this roster."""
    ids = unpack(earlier, ())["box_id"]
    stays = among(ids, listed) if listed is not None else np.ones(len(ids), bool)
    others = np.flatnonzero(~among(ids, now["box_id"]) & stays)
    if not len(others):
        return now
    before = unpack(earlier).iloc[others]
    names = list(dict.fromkeys([*now.columns, *before.columns]))
    both = [part.reindex(columns=names, fill_value=NOT_SAID) for part in (now, before)]
    return pd.concat(both, ignore_index=True)
