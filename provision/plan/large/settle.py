"""People about whom nothing is to be decided, settled batch by batch, so that only the others have to be in memory at once.

Settled are a row and an account that the decision table finds in step with each other, and of which no key is that of any
other row or account. All others are compared as if there were nobody else, knowing of those who are set aside only what
they may refer to: so the plan is the same, however the people fall into batches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.batches import Batches, Held, Spool, joined
from provision.because import Because
from provision.directory.scope import Directory, by_box_id
from provision.frames import folded, worded
from provision.hashes import EMPTY, hashed
from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.model import PERSON_FIELDS, Verdict
from provision.plan.columns import Mask, Positions, among, marked, nothing
from provision.plan.large.partition import (
    ADDED,
    HAS_LEFT,
    KEYS,
    Parts,
    Remembered,
    RowKeys,
    each_of,
    rows_of,
    sorted_out,
)
from provision.plan.leavers.needed import managers_of, strangers_in
from provision.plan.remarks.people import cannot_be_used
from provision.plan.roster_memory import fingerprints
from provision.plan.rules import RULES, decide
from provision.plan.situations import Situations, gather
from provision.plan.uninvolved import NAMED_COLUMNS, NOBODY, Uninvolved
from provision.plan.value import TABLE_COLUMNS, Plan
from provision.roster.value import Roster

#: the rules that find somebody in step: in the job's scope, not protected, without a doubt
_SETTLES = np.array([rule.because in (Because.IN_STEP, Because.IN_STEP_STARTS_LATER) for rule in RULES])


#: where nobody is set aside; a plan of people who fit into memory needs no room on a disk
_NOTHING = Held(pd.DataFrame())


@dataclass(frozen=True, slots=True)
class Rest:
    """Who is left to be compared, and who is set aside.

    ``roster`` and ``directory`` have only the rest, but tell of the whole how many there are. ``table``: the verdicts on those
    set aside, a batch for each of the roster (TABLE_COLUMNS and ``status``); ``said``: what their rows say, likewise. ``ends``:
    the last line of each batch.
    """

    roster: Roster
    directory: Directory
    aside: Uninvolved = NOBODY
    table: Batches = field(default=_NOTHING, repr=False)
    said: Batches = field(default=_NOTHING, repr=False)
    ends: tuple[int, ...] = ()

    def joined_by(self, plan: Plan) -> Plan:
        """The plan of the rest with everybody in it, in the order it would have if nobody had been set aside.

        Only for a rest that :func:`settle` has left.
        """
        columns = list(TABLE_COLUMNS)
        counts = Counter(plan.verdicts) + Counter({Verdict.UNCHANGED.value: self.aside.count})
        people = _merged(self.table.each(columns), plan.table, self.ends)
        said = _merged(self.said.each(), plan.said.whole(), self.ends) if plan.said else None
        return replace(plan, people=people, said=said, verdicts=dict(sorted(counts.items())))


def settle(roster: Roster, directory: Directory, memory: Memory, job: Job, as_of: datetime) -> Rest:
    """Set aside about whom nothing is to be decided."""
    rows = rows_of(roster)
    remembered = Remembered.of(memory)
    parts = sorted_out(directory.listed, remembered, rows)
    settling = _Settling(rows, parts, job)
    for some, accounts in each_of(parts, roster):
        part = replace(roster, people=Held(some), rejected=roster.rejected[:0], excluded=roster.excluded[:0])
        listed = replace(directory, listed=Held(accounts.drop(columns=list(ADDED))))
        people = gather(part, listed, remembered.of_these(accounts), job, as_of)
        settling.take(some, accounts, people, memory)
    return settling.rest(roster, directory, memory)


class _Settling:
    """What came of the batches so far."""

    def __init__(self, rows: RowKeys, parts: Parts, job: Job) -> None:
        self._parts, self._job = parts, job
        self._shared_logins = rows.logins.shared
        self._shared_ids = np.union1d(rows.ids.shared, parts.ids.shared)
        self._table, self._said = Spool(), Spool()
        self._left: tuple[list[pd.DataFrame], list[pd.DataFrame]] = ([], [parts.apart])
        self._segments: Counter[str] = Counter()
        self._managers: set[str] = set()
        self._ends: list[int] = []

    def take(self, rows: pd.DataFrame, accounts: pd.DataFrame, people: Situations, memory: Memory) -> None:
        """Settle whom one can of a batch of rows and the accounts beside them, put together as ``people``."""
        frame, size = people.frame.iloc[: len(rows)], len(rows)
        rule_at, at = decide(frame), people.account_at[:size]
        told = frame["stale"].to_numpy(bool) | cannot_be_used(frame)
        mine = _SETTLES[rule_at] & ~told & self._alone(rows, accounts, at)
        settled = frame[mine].reset_index(drop=True)
        self._table.append(_table(settled, rule_at[mine]))
        said = fingerprints(rows[mine], self._job.name, memory.key)
        self._said.append(pd.DataFrame({"line": rows["line"].to_numpy()[mine], **said}, copy=False))
        self._left[0].append(rows[~mine])
        self._left[1].append(accounts[~marked(at[mine], len(accounts))])
        segments = settled["segment"].value_counts()
        self._segments.update({str(name): int(count) for name, count in segments.items()})
        if self._job.scope.protect_managers:
            self._managers |= managers_of(settled, memory)
        self._ends.append(int(rows["line"].iloc[-1]) if size else (self._ends or [0])[-1])

    def rest(self, roster: Roster, directory: Directory, memory: Memory) -> Rest:
        """All who are left."""
        rows, accounts = (joined(parts) for parts in self._left)
        accounts = by_box_id(accounts).drop(columns=list(ADDED))
        managers = pd.Series(sorted(strangers_in(roster, self._job)), dtype="str")
        named = self._named_by(pd.concat([_receivers(rows, accounts, memory, self._job), managers]))
        aside = Uninvolved(self._table.rows, dict(self._segments), frozenset(self._managers), named)
        return Rest(
            replace(roster, people=Held(rows)),
            replace(directory, listed=Held(accounts)),
            aside,
            self._table,
            self._said,
            tuple(self._ends),
        )

    def _alone(self, rows: pd.DataFrame, accounts: pd.DataFrame, at: Positions) -> Mask:
        """Which rows have an account, and neither has a key that any other row or account has.

        Both have the same login, or the row has none. No account elsewhere has the row's, and no row elsewhere the
        account's: these lie beside each other. The account has no external id but the row's. Who left and is locked has
        a seat that is told of (see :func:`provision.plan.guards.forecast.foretell`), and so is not among them.
        """
        login, row_id = hashed(folded(rows["login"])), hashed(rows["external_id"])
        # what is appended is for -1, no account
        alone: Mask = ~np.append(accounts[HAS_LEFT].to_numpy(bool), True)[at]
        theirs, *ids = (np.append(accounts[name].to_numpy(), EMPTY)[at] for name in KEYS)
        alone &= (login == theirs) | (login == EMPTY)
        alone &= ~np.isin(theirs, self._shared_logins)
        for one in ids:
            alone &= (one == EMPTY) | (one == row_id)
        theirs_too = np.logical_or.reduce([one == row_id for one in ids])
        alone &= theirs_too | (self._parts.ids.find(row_id) < 0)
        alone &= ~np.isin(row_id, self._shared_ids)
        return alone

    def _named_by(self, keys: pd.Series[str]) -> pd.DataFrame:
        """Those set aside whose login or external id is among these folded keys."""
        found = [NOBODY.named]
        if len(keys):
            sources = (self._table.each(NAMED_COLUMNS), self._parts.left_out.each(NAMED_COLUMNS))
            for frame in (frame for source in sources for frame in source):
                logins, ids = folded(frame["login"]), folded(frame["external_id"])
                found.append(frame[among(logins, keys) | among(ids, keys)])
        return joined(found)


def _table(settled: pd.DataFrame, rule_at: npt.NDArray[np.intp]) -> pd.DataFrame:
    reasons = worded(rule_at, [rule.because.value for rule in RULES])
    verdicts = worded(np.zeros(len(settled), np.intp), [Verdict.UNCHANGED.value])
    empty = nothing(len(settled)).array  # of a job with groups nobody is set aside
    told = {"verdict": verdicts.array, "because": reasons.array, "changes": empty, "groups": empty}
    return settled.assign(**told)[[*TABLE_COLUMNS, "status"]]


def _receivers(rows: pd.DataFrame, accounts: pd.DataFrame, memory: Memory, job: Job) -> pd.Series[str]:
    """The folded keys of all who may be named as receivers of somebody's content; none for a job without transfers."""
    stages = job.lifecycle.transfers
    if not stages:
        return nothing(0)
    remembered = memory.managers[among(memory.managers["box_id"], accounts["box_id"])]
    told = [side[name] for side in (rows, remembered) for name in PERSON_FIELDS if name in side]
    fixed = pd.Series([stage.to for stage in stages if stage.to], dtype="str")
    return folded(pd.concat([*told, fixed], ignore_index=True).astype("str")).drop_duplicates()


def _merged(settled: Iterator[pd.DataFrame], others: pd.DataFrame, ends: tuple[int, ...]) -> Spool:
    """All by ``line``, which both sides are in the order of; who has none comes last, as among the ``others``."""
    merged = Spool()
    named = int((others["line"] > 0).sum())
    lines = others["line"].to_numpy()[:named]
    places = [0, *np.searchsorted(lines, ends[:-1], side="right").tolist(), named]
    for frame, (first, last) in zip(settled, pairwise(places), strict=True):
        both = pd.concat([frame, others.iloc[first:last]], ignore_index=True)
        merged.append(both.sort_values("line", ignore_index=True))
    merged.append(others.iloc[named:])
    return merged
