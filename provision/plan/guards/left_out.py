"""Whether a filter on rows leaves out more people than a roster may lose. Pure.

Nothing is done about people who are left out, so a filter that leaves out too many does no harm at once: it only stops looking
after them, and nobody would notice.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from provision.job.settings import Authority, Job
from provision.ledger.value import Memory
from provision.plan.columns import among
from provision.plan.guards.limits import judged, share_of
from provision.plan.guards.roster.health import Health
from provision.plan.value import HealthLine, Opinion, Ruling
from provision.roster.profile.profile import as_in, from_json, keys_of
from provision.wording import counted

_NAME = "shrink"
#: a share that lets a roster lose anybody
_ALL = 100


def judge_left_out(
    excluded: pd.DataFrame, memory: Memory, job: Job, allowed: Mapping[str, int], *, everybody: bool = False
) -> Health:
    """Refused where a full roster leaves out more than ``guards.shrink`` of the people whom the last accepted one was about.

    Where ``everybody`` is left out, one is too many.

    ``excluded``: the rows that are left out, text columns ``external_id, login`` as the roster says, and ``box_id``. Who was
    left out by the last one too does not count.
    """
    if job.roster.authority is not Authority.FULL or not len(excluded):
        return Health((), ())
    theirs = _matched(memory)
    known = excluded[among(excluded["box_id"], theirs)]
    again = _left_out_before(known, memory, job.name)
    population, out = len(theirs) - again, len(known) - again
    if not out:
        return Health((), ())
    percent = job.guards.shrink.percent
    sentence = (
        f"roster.where leaves out {out:,} of {counted(population, 'person', 'people')} matched last time "
        f"({100 * out / population:.1f}%); this job allows {percent:g}%"
    )
    most = 0 if everybody and job.guards.shrink.percent < _ALL else share_of(population, percent)
    guard = judged(_NAME, most, out, sentence, allowed)
    word = Opinion.REFUSED if guard.verdict is Ruling.REFUSED else Opinion.LOOK
    return Health((HealthLine(_NAME, word, sentence),), (guard,))


def _matched(memory: Memory) -> pd.Series[str]:
    """The accounts of people who have not left and were in the last accepted roster, as far as is known."""
    accounts = memory.accounts
    stays = (accounts["left_at"] == "").to_numpy(bool) & ~among(accounts["box_id"], memory.absences["box_id"])
    return accounts.loc[stays, "box_id"]


def _left_out_before(rows: pd.DataFrame, memory: Memory, job: str) -> int:
    """How many of these rows are of people whom the last accepted roster left out; of very many a good estimate."""
    known = (from_json(each.profile) for each in memory.baselines if each.complete)
    last = next((each for each in known if each is not None), None)
    if last is None:
        return 0
    plain, before = keys_of(rows), last.excluded
    keys = as_in(last, "excluded", plain, memory.key, job)
    if keys is None:
        return 0
    again = np.isin(keys, before.values)
    if before.whole:
        return int(again.sum())
    seen = plain < np.uint64(min(before.reach, (1 << 64) - 1))
    share = float(again[seen].mean()) if seen.any() else 0.0
    return round(share * len(keys))
