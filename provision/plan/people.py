"""Everybody in one frame: roster rows beside their accounts, then the accounts no row names, with what is known of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.directory.scope import Directory, login_in_scope
from provision.job.settings import Authority, Job
from provision.ledger.value import Memory
from provision.model import Action, UserKind
from provision.plan.correlate import Pairs, correlate
from provision.plan.diff import differing
from provision.plan.lifecycle import ended
from provision.plan.rules import CONDITIONS
from provision.roster.value import Roster

_NO_NAME = "to be created, but the row has no name"
_NO_ID = "to be created as an app user, but the row has no external id"


@dataclass(frozen=True, slots=True)
class People:
    """Rows beside their accounts.

    ``frame``: one row a person: identity, the CONDITIONS of the decision table (bool), ``doubt`` and ``why_protected``
    (text), ``status`` of the account, ``action`` and ``end_date`` of the row, ``row`` columns as the roster has them.
    ``cells``: the cells that differ (see :func:`provision.plan.diff.differing`), ``at`` is the position in ``frame``.
    ``unreadable`` counts rejected rows whose keys could not be read: any absent person may be one of them.
    ``rows``: the roster's rows, valid ones first; a row's position is its position in ``frame``.
    """

    frame: pd.DataFrame
    cells: pd.DataFrame
    unreadable: int
    rows: pd.DataFrame


def gather(roster: Roster, directory: Directory, memory: Memory, job: Job, as_of: datetime) -> People:
    """Put rows and accounts side by side and find out what is known of each person."""
    accounts = directory.frame
    rows = _all_rows(roster)
    valid = len(roster.frame)
    pairs = _pairs(rows, valid, accounts, memory)
    account_at = _with_the_rest(pairs.position, len(accounts))
    frame = _identity(rows, accounts, account_at)
    frame["rejected"] = (frame.index >= valid) & frame["row"]
    known = set(memory.accounts["box_id"])
    frame["owned"] = frame["account"] & (frame["row"] | frame["box_id"].isin(known))
    frame["doubt"] = _doubts(frame, pairs, valid)
    frame["doubtful"] = (frame["doubt"] != "").to_numpy(bool)
    frame["full"] = job.roster.authority is Authority.FULL
    frame["in_scope"] = _scope(frame, accounts, account_at, job)
    frame["why_protected"] = _looked_up(accounts["protected"], account_at)
    frame["protected"] = frame["why_protected"] != ""
    _row_says(frame, as_of, job)
    cells = _differing(frame, rows, accounts, account_at, memory)
    frame["differs"] = frame.index.isin(cells["at"].unique())
    unreadable = int(((roster.rejected["external_id"] == "") & (roster.rejected["login"] == "")).sum())
    # accounts that a doubtful or bad row may mean are not taken for absent ones
    frame["spared"] = ~frame["row"] & np.isin(account_at, pairs.bystanders)
    assert set(CONDITIONS) <= set(frame.columns)  # noqa: S101 - the table and this module name the same things
    return People(frame, cells, unreadable, rows)


def _all_rows(roster: Roster) -> pd.DataFrame:
    """Valid rows first, then rejected ones with their keys only."""
    rejected = roster.rejected.drop(columns="reason")
    rows = pd.concat([roster.frame, rejected], ignore_index=True)
    text = [name for name in rows.columns if name != "line"]
    rows[text] = rows[text].fillna("").astype("str")
    return rows.astype({"line": "int64"}).assign(reason=_reasons(roster, len(rows)))


def _reasons(roster: Roster, size: int) -> npt.NDArray[np.object_]:
    reasons = np.full(size, "", dtype=object)
    reasons[len(roster.frame) :] = roster.rejected["reason"].to_numpy(object)
    return reasons


def _pairs(rows: pd.DataFrame, valid: int, accounts: pd.DataFrame, memory: Memory) -> Pairs:
    """Valid rows decide first; a rejected row takes an account that no valid row has, once."""
    good = correlate(rows.iloc[:valid], accounts, memory.accounts)
    bad = correlate(rows.iloc[valid:].reset_index(drop=True), accounts, memory.accounts)
    taken = pd.Series(bad.position).isin(good.position) | pd.Series(bad.position).duplicated()
    position = np.where(taken.to_numpy(bool), -1, bad.position)
    bystanders = np.unique(np.concatenate([good.bystanders, bad.bystanders, bad.position[bad.position >= 0]]))
    return Pairs(
        np.concatenate([good.position, position]), np.concatenate([good.doubt, bad.doubt]), bystanders
    )


def _with_the_rest(position: npt.NDArray[np.intp], accounts: int) -> npt.NDArray[np.intp]:
    """The account of each row, then every account no row has. A shared account stays with the first row only."""
    first = ~pd.Series(position).duplicated().to_numpy(bool)
    mine = np.where(first, position, -1)
    rest = np.setdiff1d(np.arange(accounts), mine)
    return np.concatenate([mine, rest]).astype(np.intp)


def _identity(rows: pd.DataFrame, accounts: pd.DataFrame, account_at: npt.NDArray[np.intp]) -> pd.DataFrame:
    size, named = len(account_at), len(rows)
    frame = pd.DataFrame({"account": account_at >= 0}, index=pd.RangeIndex(size))
    frame["row"] = frame.index < named
    frame["line"] = np.concatenate([rows["line"].to_numpy(), np.zeros(size - named, dtype=np.int64)])
    for name in ("external_id", "login", "name", "kind"):
        said = _padded(rows[name] if name in rows else pd.Series("", index=rows.index, dtype="str"), size)
        frame[name] = said.where(said != "", _looked_up(accounts[name], account_at))
    for name in ("box_id", "status"):
        frame[name] = _looked_up(accounts[name], account_at)
    for name in ("action", "end_date", "start_date", "reason"):
        frame[f"row_{name}"] = _padded(
            rows[name] if name in rows else pd.Series("", index=rows.index, dtype="str"), size
        )
    return frame


def _padded(column: pd.Series[str], size: int) -> pd.Series[str]:
    return column.astype("str").reindex(pd.RangeIndex(size), fill_value="")


def _looked_up(column: pd.Series[str], account_at: npt.NDArray[np.intp]) -> pd.Series[str]:
    """The cell of each account, "" where there is none."""
    return column.reindex(account_at, fill_value="").reset_index(drop=True).astype("str")


def _doubts(frame: pd.DataFrame, pairs: Pairs, valid: int) -> npt.NDArray[np.object_]:
    doubt = np.full(len(frame), "", dtype=object)
    doubt[:valid] = pairs.doubt[:valid]
    new = (frame["row"] & ~frame["account"] & ~frame["rejected"]).to_numpy(bool) & (doubt == "")
    doubt[new & (frame["name"] == "").to_numpy(bool)] = _NO_NAME
    no_id = (frame["kind"] == UserKind.APP.value) & (frame["external_id"] == "")
    doubt[new & no_id.to_numpy(bool)] = _NO_ID
    return doubt


def _scope(
    frame: pd.DataFrame, accounts: pd.DataFrame, account_at: npt.NDArray[np.intp], job: Job
) -> npt.NDArray[np.bool_]:
    existing = accounts["in_scope"].reindex(account_at, fill_value=False).to_numpy(bool)
    managed = frame["kind"] != UserKind.APP.value
    new = ~managed | (frame["login"] == "") | login_in_scope(frame["login"].str.casefold(), job.scope)
    return np.where(frame["account"].to_numpy(bool), existing, new.to_numpy(bool))


def _row_says(frame: pd.DataFrame, as_of: datetime, job: Job) -> None:
    """What the row says apart from attributes: ignore it, leaving, not yet started."""
    reached = {
        day: ended(day, job.lifecycle, as_of)
        for day in {*frame["row_end_date"], *frame["row_start_date"]}
        if day
    }
    frame["ignored"] = frame["row_action"] == Action.IGNORE.value
    told = frame["row_action"].isin([Action.DEACTIVATE.value, Action.DELETE.value])
    frame["leaving"] = told | frame["row_end_date"].map(lambda day: reached.get(day, False)).astype(bool)
    frame["upcoming"] = frame["row_start_date"].map(lambda day: bool(day) and not reached[day]).astype(bool)


def _differing(
    frame: pd.DataFrame,
    rows: pd.DataFrame,
    accounts: pd.DataFrame,
    account_at: npt.NDArray[np.intp],
    memory: Memory,
) -> pd.DataFrame:
    """Cells that differ, for valid rows that have an account; ``at`` is the position in ``frame``."""
    both = np.flatnonzero((frame["row"] & frame["account"] & ~frame["rejected"]).to_numpy(bool))
    ours = rows.iloc[both]
    theirs = accounts.iloc[account_at[both]]
    returned = (
        theirs["box_id"].isin(memory.accounts.loc[memory.accounts["left_at"] != "", "box_id"]).to_numpy(bool)
    )
    if returned.any():
        # who left by our doing and is in the roster again comes back, unless the row itself says a status
        said = ours["status"].to_numpy(object) if "status" in ours else np.full(len(ours), "", dtype=object)
        ours = ours.assign(status=pd.array(np.where(returned & (said == ""), "active", said), dtype="str"))
    cells = differing(ours, theirs)
    return cells.assign(at=both[cells["at"].to_numpy()])
