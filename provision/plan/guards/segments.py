"""Parts of the people, by ``guards.by``: a limit in percent holds for each of them as it does for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import numpy as np
import pandas as pd

from provision.frames import folded
from provision.job.limits import Guard, Guards
from provision.model import TRACKING_PREFIX
from provision.operations.value import Change
from provision.plan.columns import Positions, taken
from provision.plan.guards.limits import GUARDED, judge_share
from provision.plan.value import GuardVerdict, Ruling
from provision.tracking_codes import codes_of

#: the part of people about whom the account and the row say nothing
NO_SEGMENT = "(none)"
_DEPARTMENT = f"{TRACKING_PREFIX}department"


def division(by: str | None, columns: Collection[str]) -> str:
    """What people are divided by: ``guards.by``, else the department that the rows tell, which is shown and limits nothing; "" for nothing.

    ``columns`` are those of the roster's frame.
    """
    departments = (each for each in columns if each.casefold() == _DEPARTMENT)
    return by or next(departments, "")


def segments(
    frame: pd.DataFrame, rows: pd.DataFrame, accounts: pd.DataFrame, account_at: Positions, by: str
) -> pd.Series[str]:
    """The part each person of the people frame falls into: what the account says in Box, else what the row says.

    ``by`` is ``domain``, ``kind``, an attribute or ``tracking_codes.NAME``. ``account_at`` is the account's position for each
    row of the frame, -1 for none.
    """
    if by == "kind":
        found = frame["kind"]
    elif by == "domain":
        found = folded(frame["login"]).str.replace(r"(?s)^.*@", "", regex=True)
    else:
        row_at = np.where(np.arange(len(frame)) < len(rows), np.arange(len(frame)), -1)
        said = taken(rows[by], row_at) if by in rows else pd.Series("", frame.index, dtype="str")
        there = taken(_of_accounts(accounts, by), account_at)
        found = there.where(there != "", said)
    return found.where(found != "", NO_SEGMENT)


def judge_segments(
    guards: Guards, changes: Iterable[Change], populations: Mapping[str, int], allowed: Mapping[str, int]
) -> tuple[GuardVerdict, ...]:
    """The verdicts on parts of the people in which more is planned than the share allows; the others say nothing.

    ``populations`` counts the accounts the job owns in each part.
    """
    planned = list(changes)
    verdicts: list[GuardVerdict] = []
    for name, kinds in GUARDED.items():
        guard: Guard | None = getattr(guards, name)
        if guard is None or guard.percent is None:
            continue
        counts = Counter(change.segment for change in planned if change.kind in kinds)
        for segment, actual in sorted(counts.items()):
            verdict = judge_share(
                name, guard.percent, actual, (segment, populations.get(segment, 0)), allowed
            )
            verdicts += [verdict] if verdict.verdict is not Ruling.OK else []
    return tuple(verdicts)


def _of_accounts(accounts: pd.DataFrame, by: str) -> pd.Series[str]:
    if not by.startswith(TRACKING_PREFIX):
        return accounts[by]
    lists = accounts["tracking_codes"].to_numpy(object)
    place, distinct = pd.factorize(lists)  # few different ones, whatever the number of people
    code = by.removeprefix(TRACKING_PREFIX)
    values = np.array([codes_of(text).get(code, "") for text in distinct], dtype=object)
    return pd.Series(values[place] if len(values) else [], dtype="str")
