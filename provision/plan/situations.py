"""Everybody in one frame: roster rows beside their accounts, then the accounts no row names, with what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.because import Because
from provision.directory.groups import GroupsRead
from provision.directory.scope import Directory, login_in_scope, named
from provision.frames import equals, folded
from provision.job.settings import Authority, Job, LoginChanges, OnDrift
from provision.ledger.value import Memory
from provision.model import ALIASES, NAMED_BY, PERSON_FIELDS, SUPERSEDED, Action, UserKind
from provision.plan.claims import claimed_by
from provision.plan.coadmins import may_be_coadmins
from provision.plan.columns import (
    Mask,
    Positions,
    lengthened,
    marked,
    nothing,
    placed,
    taken,
)
from provision.plan.dates import dates_said
from provision.plan.diff.addresses import AddressWants, address_wants
from provision.plan.diff.contested import with_logins
from provision.plan.diff.sides import sides_of
from provision.plan.diff.three_way import Sides
from provision.plan.guards.roster.health import fed_again
from provision.plan.guards.roster.sources import resent
from provision.plan.guards.segments import division, segments
from provision.plan.match.correlate import (
    Pairs,
    app_ids,
    correlate,
    correlate_excluded,
    correlate_rejected,
    may_mean,
    unsure_of_renamed,
    with_memory,
)
from provision.plan.match.lookalikes import numbered_alike
from provision.plan.match.unreadable_rows import Unread, may_still_mean, unread
from provision.plan.rules import CONDITIONS
from provision.plan.sources import Freshness, freshness, named_by
from provision.plan.uninvolved import NOBODY, Uninvolved
from provision.roster.value import Roster

#: fields of a row that are kept beside those of its account, as row_…
_ROW_SAYS = ("action", "end_date", "start_date", "reason", "status", "role", "timezone")


@dataclass(frozen=True, slots=True)
class Situations:
    """Rows beside their accounts.

    ``frame``: one row a person: ``line`` (int64, 0 without a row), ``external_id`` (the row's, else an app user's
    in Box, else the ledger's), ``login`` (the row's, else the account's), ``new_login`` ("", or the row's where a change of login
    waits: ``login`` is the account's then), ``name``, ``kind``, ``box_id`` ("" without an account), ``status`` and ``role`` of the account, the
    CONDITIONS of the decision table (bool), ``doubt``, ``answerable`` (bool: "they are one person" settles the doubt), ``why_protected`` and ``spared`` (bool: a bad or doubtful row may
    mean this account), ``claimed_by`` (why the account is claimed, "" if not), the row's ``manager`` and ``transfer_to``
    as they are written, and its ``row_action``, ``row_end_date``, ``row_start_date``, ``row_timezone``, ``row_reason``;
    ``starts_on`` and ``ends_on``: the same dates where they lie ahead, else "";
    ``named_by``: which sources name the person, or did so last, "" for a roster of one file; ``stale`` (bool): its end date is that of an earlier employment; ``said_gone`` (bool): its status says that the person has left. The valid
    rows come first, then the rejected ones, then those the job leaves out, then the accounts without a row by box id.
    ``cells``: the cells that differ (see :func:`provision.plan.diff.diff.differing`), ``at`` is the position in ``frame``.
    ``rows``: the roster's rows; a row's position is its position in ``frame``. ``drift``: the cells that were changed in
    Box and not in the roster, of people with whom the job has to do (see :class:`provision.plan.diff.three_way.Sides`). ``fresh``: whose absence it proves
    anew: it is not the file of an earlier night once more, and has a row that can be used. ``untold``: what the roster says and nobody may
    write (see :func:`provision.plan.diff.diff.not_done`), ``at`` likewise. ``account_at``: the position among the directory's accounts for each of
    ``frame``, -1 for none. ``aside``: who is not in ``frame``, since nothing is to be decided about them. ``groups``: those of the
    enterprise, None for a job without groups. ``addresses``: whose further addresses differ, by position in ``frame``. ``contested``: what
    another job's roster says otherwise, whose word counts first (see :class:`provision.plan.diff.three_way.Sides`; also logins), ``at``
    likewise; ``kept_aliases``: why further addresses stay that another job's roster names, by position.
    """

    frame: pd.DataFrame
    cells: pd.DataFrame
    unread: Unread
    rows: pd.DataFrame
    drift: pd.DataFrame
    account_at: Positions
    untold: pd.DataFrame
    fresh: Freshness = field(default_factory=Freshness)
    aside: Uninvolved = NOBODY
    groups: GroupsRead | None = None
    addresses: Mapping[int, AddressWants] = field(default_factory=dict)
    contested: pd.DataFrame = field(default_factory=pd.DataFrame)
    kept_aliases: Mapping[int, str] = field(default_factory=dict)

    @property
    def excluded(self) -> pd.DataFrame:
        """The rows that the job leaves out, with the ``box_id`` of their accounts, "" for none."""
        out = np.flatnonzero(self.frame["excluded"].to_numpy(bool))
        return self.rows.iloc[out].assign(box_id=self.frame["box_id"].iloc[out].array)


def gather(roster: Roster, directory: Directory, memory: Memory, job: Job, as_of: datetime) -> Situations:
    """Put rows and accounts side by side and find out what is known of each person."""
    accounts = with_memory(directory.frame, memory)
    rows, valid = _all_rows(roster), len(roster.frame)
    left = len(rows) - len(roster.excluded)
    pairs = _pairs(rows, (valid, left), accounts, job)
    account_at = _with_the_rest(pairs.position, len(accounts))
    rows = _without_half_names(rows, roster, account_at[: len(rows)] >= 0)
    frame = _identity(rows, accounts, account_at)
    frame[NAMED_BY] = named_by(frame, rows, memory)
    frame["claimed_by"] = claimed_by(frame, memory, as_of)
    frame["claimed"] = frame["claimed_by"] != ""
    frame["rejected"] = (frame.index >= valid) & frame["row"]
    frame["excluded"] = (frame.index >= left) & frame["row"]
    _row_says(frame, memory, as_of, job)
    frame["doubt"] = _doubts(frame, pairs, job)
    frame["doubtful"] = frame["doubt"] != ""
    frame["answerable"] = _filled_up(pairs.answerable, len(frame))
    frame["full"] = job.roster.authority is Authority.FULL
    frame["in_scope"] = _scope(frame, accounts, account_at, job)
    frame["why_protected"] = _why_protected(frame, taken(accounts["protected"], account_at), job)
    frame["protected"] = frame["why_protected"] != ""
    frame["owned"] = _owned(frame, accounts, account_at)
    sides = sides_of(frame, rows, (accounts, account_at), memory, job)
    frame["said_gone"] = _said_gone(frame, sides.drift)
    frame["leaving"] |= frame["said_gone"]
    _keep_logins(frame, pairs.renamed, taken(accounts["login"], account_at))
    sides = replace(sides, contested=with_logins(sides.contested, frame, memory, job))
    addresses, kept_aliases = address_wants(frame, rows, memory, job)
    frame["differs"] = _differs(frame, sides, addresses)
    by = division(job.guards.by, rows.columns)
    frame["segment"] = segments(frame, rows, accounts, account_at, by) if by else nothing(len(frame))
    lost = rows[_unattached(frame, rows, valid, pairs.position)]
    frame["spared"] = False
    spared = pairs.bystanders | may_still_mean(lost, accounts)
    spared |= numbered_alike(rows.loc[pairs.position < 0, ["external_id", "kind"]], accounts)
    frame.loc[len(rows) :, "spared"] = spared[account_at[len(rows) :]]
    assert set(CONDITIONS) <= set(frame.columns)  # noqa: S101 - the table and this module name the same things
    fresh, drift = _fresh(roster, memory, job), sides.drift
    made = Situations(frame, sides.cells, unread(lost), rows, drift, account_at, sides.untold, fresh)
    return replace(made, addresses=addresses, contested=sides.contested, kept_aliases=kept_aliases)


def _differs(frame: pd.DataFrame, sides: Sides, addresses: Mapping[int, AddressWants]) -> Mask:
    """Whoever differs in an attribute, in one that Box does not tell, in the login or in further addresses."""
    at = np.concatenate(
        [sides.cells["at"], sides.untold["at"], sides.contested["at"], np.array([*addresses], np.intp)]
    )
    found: Mask = marked(at, len(frame)) | (frame["new_login"] != "").to_numpy(bool)
    return found


def _unattached(frame: pd.DataFrame, rows: pd.DataFrame, valid: int, position: Positions) -> Mask:
    """Rows without an account that may be about anybody: bad ones, and those without a key."""
    keyless = equals(rows["login"], "") & equals(rows["kind"], UserKind.MANAGED.value)
    keyless = keyless & (frame["row_action"].iloc[: len(rows)] != SUPERSEDED).to_numpy(bool)
    nobody = frame["excluded"].iloc[: len(rows)] & (rows["name"] == "")  # as a vacant post, which is left out
    found: Mask = ((np.arange(len(rows)) >= valid) | keyless) & (position < 0) & ~nobody.to_numpy(bool)
    return found


def _fresh(roster: Roster, memory: Memory, job: Job) -> Freshness:
    names_somebody = roster.valid > 0 or not roster.rows
    again = job.lifecycle.evidence.resent_files
    whole = names_somebody and not fed_again(roster.profile, memory, again)
    return freshness(whole, roster.missing, resent(roster.profile, memory, again), memory)


def _all_rows(roster: Roster) -> pd.DataFrame:
    """Valid rows first, then rejected and excluded ones with their keys only; ``reason`` is "" for valid ones."""
    others = [each for each in (roster.rejected, roster.excluded) if len(each)]
    if not others:
        return roster.frame.assign(reason="")
    rows = pd.concat([roster.frame, *others], ignore_index=True)
    text = rows.columns.drop("line")
    rows[text] = rows[text].fillna("").astype("str")
    return rows.astype({"line": "int64"})


def _without_half_names(rows: pd.DataFrame, roster: Roster, there: Mask) -> pd.DataFrame:
    """The rows in which a name of which a part is missing says nothing of an account that is there."""
    if not len(roster.half_names):
        return rows
    half = rows["line"].isin(roster.half_names).to_numpy(bool)
    return rows.assign(name=rows["name"].mask(half & there, ""))


def _pairs(rows: pd.DataFrame, ends: tuple[int, int], accounts: pd.DataFrame, job: Job) -> Pairs:
    """The pairs of valid rows, then the accounts that the rejected ones most likely mean, then those of excluded ones.

    ``ends``: how many rows are valid, and how many are not excluded.
    """
    valid, left = ends
    good, bad, out = rows[:valid], rows[valid:left], rows[left:]
    meant, moves = may_mean(bad, accounts), job.match.login_changes is LoginChanges.APPLY
    pairs = unsure_of_renamed(correlate(good, accounts, moves=moves), good, accounts, meant)
    neither = np.zeros(len(rows) - valid, dtype=bool)
    theirs = np.concatenate([pairs.position, correlate_rejected(bad, accounts)])
    if len(out):
        theirs = np.concatenate([theirs, correlate_excluded(out, accounts, theirs)])
        meant |= may_mean(out, accounts)
    return Pairs(
        theirs,
        np.concatenate([pairs.doubt, np.full(len(neither), "", dtype=object)]),
        np.concatenate([pairs.answerable, neither]),
        np.concatenate([pairs.renamed, neither]),
        pairs.bystanders | meant,
    )


def _with_the_rest(position: Positions, accounts: int) -> Positions:
    """The account of each row, then every account no row has. A shared account stays with the first row only.

    Valid rows come first, so a rejected row has an account only if no valid one has it.
    """
    first, row = np.full(accounts + 1, -1, np.intp), np.arange(len(position))
    first[position[::-1]] = row[::-1]  # the last word counts, and here that is the first row's
    mine = np.where(first[position] == row, position, -1)
    rest = np.flatnonzero(~marked(mine, accounts))
    return np.concatenate([mine, rest]).astype(np.intp)


def _identity(rows: pd.DataFrame, accounts: pd.DataFrame, account_at: Positions) -> pd.DataFrame:
    size, named = len(account_at), len(rows)

    def said(name: str) -> pd.Series[str]:  # the rows come first, in their order
        return lengthened(rows[name], size) if name in rows else nothing(size)

    ids = app_ids(accounts)  # Box ties external ids to app users; for the others the ledger keeps them
    theirs = accounts.assign(external_id=_first_said(ids, accounts["known_id"]))
    lines = np.concatenate([rows["line"].to_numpy(), np.zeros(size - named, dtype=np.int64)])
    columns = {
        **{
            name: _filled_in(said(name), theirs[name], account_at)
            for name in ("external_id", "login", "name", "kind")
        },
        **{name: taken(accounts[name], account_at) for name in ("box_id", "status", "role")},
        **{f"row_{name}": said(name) for name in _ROW_SAYS},
        **{name: said(name) for name in (*PERSON_FIELDS, ALIASES)},
    }
    known = {"account": account_at >= 0, "row": np.arange(size) < named, "line": lines}
    return pd.DataFrame(known | columns, copy=False)


def _filled_in(said: pd.Series[str], theirs: pd.Series[str], account_at: Positions) -> pd.Series[str]:
    """What the row says, else the account; only the accounts that are asked for are looked at."""
    blank = equals(said, "")
    silent = np.flatnonzero(blank)
    if not len(silent):
        return said
    return said.mask(blank, placed(taken(theirs, account_at[silent]), silent, len(said)))


def _first_said(text: pd.Series[str], otherwise: pd.Series[str]) -> pd.Series[str]:
    return text.where(text != "", otherwise)


def _doubts(frame: pd.DataFrame, pairs: Pairs, job: Job) -> npt.NDArray[np.object_]:
    doubt = np.full(len(frame), "", dtype=object)
    doubt[: len(pairs.doubt)] = pairs.doubt
    row, rejected = frame["row"].to_numpy(bool), frame["rejected"].to_numpy(bool)
    new = row & ~frame["account"].to_numpy(bool) & ~rejected & (doubt == "")
    if new.any():
        no_id = equals(frame["kind"], UserKind.APP.value) & equals(frame["external_id"], "")
        doubt[new & equals(frame["name"], "")] = Because.NO_NAME.value
        doubt[new & no_id] = Because.NO_ID.value
        no_login = equals(frame["kind"], UserKind.MANAGED.value) & equals(frame["login"], "")
        doubt[new & no_login] = Because.NO_LOGIN.value
    lacking = new & (doubt != "")
    # who has these rights is protected, and so is never asked about
    asks = row & ~rejected & equals(frame["row_role"], "coadmin") & ~equals(frame["role"], "coadmin")
    asks &= ~(
        frame["leaving"].to_numpy(bool) | equals(frame["row_status"], "inactive")
    )  # they are locked out first
    if asks.any():
        asks &= ~may_be_coadmins(frame["login"], frame["external_id"], job.scope).to_numpy(bool)
    doubt[asks & (doubt == "")] = Because.RIGHTS.value
    # who has left or starts later is not made, so nothing is missing in the row
    doubt[lacking & (frame["leaving"] | frame["upcoming"]).to_numpy(bool)] = ""
    return doubt


def _filled_up(mask: Mask, size: int) -> Mask:
    return np.concatenate([mask, np.zeros(size - len(mask), dtype=bool)])


def _keep_logins(frame: pd.DataFrame, renamed: Mask, logins: pd.Series[str]) -> None:
    """Whose login changes is still known by the one in Box: ``login`` is that, and ``new_login`` the row's."""
    at = _filled_up(renamed, len(frame))
    frame["new_login"] = frame["login"].where(at, "")
    if at.any():
        frame["login"] = frame["login"].mask(at, logins)


def _scope(frame: pd.DataFrame, accounts: pd.DataFrame, account_at: Positions, job: Job) -> Mask:
    """An account is in scope as the directory says; somebody to be created by the domain of the login."""
    exists = frame["account"].to_numpy(bool)
    in_scope = np.zeros(len(frame), dtype=bool)
    in_scope[exists] = accounts["in_scope"].to_numpy(bool)[account_at[exists]]
    new = frame[~exists]
    by_domain = login_in_scope(folded(new["login"]), job.scope)
    in_scope[~exists] = by_domain | (new["kind"] == UserKind.APP.value) | (new["login"] == "")
    return in_scope


def _why_protected(frame: pd.DataFrame, reasons: pd.Series[str], job: Job) -> pd.Series[str]:
    """What the directory says, and ``scope.protect`` once more: only here are all external ids and new people known."""
    listed = named(folded(frame["login"]), frame["external_id"], job.scope.protect)
    return reasons.mask(listed & (reasons == ""), Because.SCOPE_PROTECT.value)


def _row_says(frame: pd.DataFrame, memory: Memory, as_of: datetime, job: Job) -> None:
    """What the row says apart from attributes: ignore it, leaving, not yet started, an end date of before."""
    frame["ignored"] = frame["row_action"].isin([Action.IGNORE.value, SUPERSEDED])
    told = frame["row_action"].isin([Action.DEACTIVATE.value, Action.DELETE.value])
    # nobody is given an account to be locked out of it
    gone = (frame["row_status"] == "inactive") & ~frame["account"]
    said = dates_said(frame, memory, job.lifecycle, as_of)
    frame["leaving"] = told | gone | said.ended
    frame["upcoming"], frame["stale"] = said.upcoming, said.stale
    frame["starts_on"] = frame["row_start_date"].where(said.upcoming, "")
    frame["ends_on"] = frame["row_end_date"].mask(said.ended | said.stale, "")


def _said_gone(frame: pd.DataFrame, drift: pd.DataFrame) -> Mask:
    """Whose account is to be inactive by the status of the row; not where the job leaves a status as Box has it."""
    inactive = equals(frame["row_status"], "inactive")
    inactive &= (frame["account"] & ~frame["rejected"]).to_numpy(bool)
    if not inactive.any():
        return inactive
    kept = drift[(drift["field"] == "status") & (drift["on_drift"] != OnDrift.ROSTER)]
    found: Mask = inactive & ~marked(kept["at"].to_numpy(), len(frame))
    return found


def _owned(frame: pd.DataFrame, accounts: pd.DataFrame, account_at: Positions) -> Mask:
    """Accounts of this job: known from earlier runs, or matched now by a row that can be trusted."""
    known: Mask = np.append(accounts["known"].to_numpy(bool), False)[
        account_at
    ]  # the last is for -1, no account
    matched = frame["row"] & ~frame["rejected"] & ~frame["doubtful"] & ~frame["ignored"]
    return known | (frame["account"] & matched).to_numpy(bool)
