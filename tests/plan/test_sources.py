"""What waits for a source that is missing."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from provision.ledger.value import NAMED_COLUMNS
from provision.model import SOURCE_LINES
from provision.plan.sources import waiting_for
from provision.roster.reading import SourceReading, SourceTrouble

from .builders import directory, make_job, memory, only_change, plan, roster, row, user

BO = "bo@x.example"


@pytest.mark.parametrize(
    ("last", "waits"),
    [
        ("hr it", ("hr",)),
        ("it", ()),
        ("", ("hr",)),
        # of a source that has another name now, or is in the job no more, nobody knows whether it is the one that is missing
        ("personnel it", ("hr",)),
        ("personnel", ("hr",)),
    ],
)
def test_a_removal_waits_for_a_source_that_may_say_otherwise(last: str, waits: tuple[str, ...]) -> None:
    sources = [{"name": name, "path": f"{name}.csv"} for name in ("hr", "it")]
    made = plan(roster(row(BO, status="inactive")), directory(user(BO, "11")), memory(user(BO, "11")))
    change = only_change(made)
    named = pd.DataFrame([("11", last)][: bool(last)], columns=list(NAMED_COLUMNS), dtype="str")
    told = (
        SourceReading("hr", "hr.csv", trouble=SourceTrouble.UNREADABLE, why="empty"),
        SourceReading("it", "it.csv"),
    )

    known = replace(memory(user(BO, "11")), named=named)
    at = replace(change, line=SOURCE_LINES + 2)
    job = make_job(roster={"sources": sources})
    assert waiting_for([at], told, known, job)[0].missing == waits
