"""What several sources mean for people: whose absence tonight's files prove, and what waits for a source that is missing. Pure.

Who is absent leaves only when absent from every source, each of them whole; and a file that was sent again proves nothing anew
of those whom it named last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.model import NAMED_BY, TRACKING_PREFIX, place_of
from provision.operations.registry import operation_of
from provision.operations.value import Change
from provision.plan.columns import nothing, positions, taken
from provision.roster.reading import SourceReading


@dataclass(frozen=True, slots=True)
class Freshness:
    """Whether a roster proves anew that somebody is absent: ``whole`` if it is new and names somebody.

    ``missing`` are the sources that say nothing this time, ``resent`` those that say the very same as before, ``named`` by account
    (box id) the sources that named the person last, with blanks between.
    """

    whole: bool = True
    missing: tuple[str, ...] = ()
    resent: frozenset[str] = frozenset()
    named: Mapping[str, str] = field(default_factory=dict)

    def of(self, box_id: str) -> bool:
        """Whether it does so for the person of this account: a source that named them last speaks anew; not, if nobody knows which did."""
        if not self.whole or self.missing:
            return False
        if not self.resent:
            return True
        last = set(self.named.get(box_id, "").split())
        return bool(last - self.resent)


def freshness(whole: bool, missing: tuple[str, ...], resent: frozenset[str], memory: Memory) -> Freshness:
    """What is known of it, the ledger included; only where a file was sent again it matters who named whom."""
    named = memory.named if resent else memory.named[:0]
    by_account = dict(zip(named["box_id"].tolist(), named["sources"].tolist(), strict=True))
    return Freshness(whole, missing, resent, by_account)


def named_by(people: pd.DataFrame, rows: pd.DataFrame, memory: Memory) -> pd.Series[str]:
    """Which sources name each person (text, with blanks between), or named them last; "" for a roster of one file."""
    said = rows[NAMED_BY] if NAMED_BY in rows else nothing(len(rows))
    rest = people["box_id"].iloc[len(rows) :]
    if not len(memory.named):
        last = nothing(len(rest))
    else:
        last = taken(memory.named["sources"], positions(rest, memory.named["box_id"]))
    return pd.concat([said, last], ignore_index=True).astype("str")


def waiting_for(
    changes: Iterable[Change], sources: Sequence[SourceReading], memory: Memory, job: Job
) -> tuple[Change, ...]:
    """The operations, with the missing sources that may say otherwise.

    What takes something away waits for every one that named the person last, or may have; what changes an attribute for one of those
    that would be asked for it before the source of the row.
    """
    planned = tuple(changes)
    missing = [each.name for each in sources if each.trouble]
    if not missing:
        return planned
    ids = pd.Series([change.box_id for change in planned], dtype="str")
    last = taken(memory.named["sources"], positions(ids, memory.named["box_id"])).tolist()
    return tuple(
        replace(change, missing=tuple(name for name in missing if _waits(change, name, said.split(), job)))
        if change.box_id
        else change
        for change, said in zip(planned, last, strict=True)
    )


def _waits(change: Change, missing: str, last: Sequence[str], job: Job) -> bool:
    # a source that was taken away or has another name now may be the missing one
    known = bool(last) and set(last) <= set(job.roster.source_names)
    if known and missing not in last:
        return False
    if operation_of(change).takes_away or not (change.line or change.of_nobody):
        return True
    own = job.roster.sources[place_of(change.line)[0]].name
    return bool(last) and any(_before(missing, own, each.field, job) for each in change.fields)


def _before(one: str, other: str, field_name: str, job: Job) -> bool:
    """Whether a source is asked for a field before another one."""
    names = job.roster.source_names
    asked = job.roster.precedence
    if field_name == "tracking_codes":
        lists = [names, *(order for key, order in asked.items() if key.startswith(TRACKING_PREFIX))]
    else:
        lists = [asked.get(field_name, names)]
    return any(_place(one, order, names) < _place(other, order, names) for order in lists)


def _place(name: str, first: Sequence[str], names: Sequence[str]) -> int:
    order = [*first, *(each for each in names if each not in first)]
    return order.index(name)
