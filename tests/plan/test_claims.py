"""Whom another job of the enterprise claims is no leaver of this one, whatever it says or does not say of the person."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from provision.ledger.value import CLAIM_COLUMNS, NAMES
from provision.lessons.finished import lessons

from .builders import (
    NOW,
    Cells,
    app_row,
    app_user,
    directory,
    make_job,
    memory,
    plan,
    roster,
    row,
    told,
    user,
)

MIA, OTTO = user("mia@acme.example", "10"), user("otto@acme.example", "11", name="Otto Ort")
GONE = row("mia@acme.example", status="inactive")
CLAIMS = pd.DataFrame([("10", "labs", NOW.isoformat(), NAMES)], columns=list(CLAIM_COLUMNS), dtype="str")


@pytest.mark.parametrize("says", [(), (GONE,), (row("mia@acme.example", end_date="2026-02-28"),)])
def test_who_is_claimed_does_not_leave_and_is_not_claimed_in_turn(says: tuple[Cells, ...]) -> None:
    """Else two jobs would lock and activate somebody in turns; or, claiming each other's leaver, let nobody go."""
    job, known = make_job(), replace(memory(MIA, OTTO), claims=CLAIMS)
    made = plan(roster(row("otto@acme.example", name="Otto Ort"), *says), directory(MIA, OTTO), known, job)
    absences = lessons(made, {}, known, job.lifecycle.evidence).absences

    assert told(made, "mia@acme.example") == ("claimed", "claimed by job labs")
    assert not made.changes
    assert absences is not None
    assert absences[["box_id", "missed_runs"]].to_numpy().tolist() == [["10", 0]]


def test_somebody_new_who_looks_like_one_who_is_claimed_waits_for_a_person() -> None:
    """As a client of that name under another key: the account that no row names any more may be the same one's."""
    job, ada = make_job(kind="app"), app_user("K-1", "10", name="Ada Lind")
    known = replace(memory(ada), claims=CLAIMS)
    made = plan(roster(app_row("C-7", name="Ada Lind")), directory(ada, job=job), known, job)

    assert [change.hold != "" for change in made.changes] == [True]
    assert made.verdicts == {"claimed": 1, "create": 1}


def test_a_partial_roster_that_says_so_locks_whom_another_job_claims() -> None:
    job, known = make_job("partial"), replace(memory(MIA), claims=CLAIMS)
    made = plan(roster(GONE), directory(MIA, job=job), known, job)

    assert made.counts == {"deactivate": 1}
