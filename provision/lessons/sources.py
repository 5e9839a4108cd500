"""What a run teaches about several sources of a roster: which of them named somebody last."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from provision.journal.value import Outcome
from provision.ledger.value import NAMED_COLUMNS, Memory
from provision.lessons.leavers import with_made
from provision.plan.columns import positions, taken
from provision.plan.value import Plan


def sources_named(plan: Plan, outcomes: Mapping[str, Outcome], memory: Memory) -> pd.DataFrame | None:
    """Which sources named the people of accounts (NAMED_COLUMNS), where that is new or other than known; None for one file.

    A source that said nothing this time still names whom it named last. So does every one that names nobody any more.
    """
    if not plan.roster.sources or not plan.roster.counts:
        return None
    table = with_made(plan, outcomes)
    told = table[(table["line"] > 0) & (table["box_id"] != "") & (table["named_by"] != "")]
    told = told.drop_duplicates("box_id")
    known = memory.named
    last = taken(known["sources"], positions(told["box_id"], known["box_id"]))
    now = told["named_by"].reset_index(drop=True)
    for name in plan.roster.missing:
        before = last.str.split().map(lambda names, name=name: name in names)
        now = now.where(~before.to_numpy(bool), now + f" {name}")
    now = now.astype("str")
    other = (now != last.reset_index(drop=True)).to_numpy(bool)
    rows = pd.DataFrame({"box_id": told["box_id"].to_numpy(), "sources": now}, columns=list(NAMED_COLUMNS))
    return rows[other].astype("str").reset_index(drop=True) if other.any() else None
