"""Whom another job of the enterprise claims is no leaver of this one, whatever it says or does not say of the person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from provision.batches import Held
from provision.ledger.others import CLAIM_COLUMNS, NAMES, OtherJob
from provision.lessons.finished import lessons
from provision.roster.value import Roster
from provision.tracking_codes import codes_text

from .builders import (
    NOW,
    Cells,
    all_done,
    app_row,
    app_user,
    directory,
    fields,
    make_job,
    memory,
    only_change,
    plan,
    roster,
    row,
    told,
    user,
)

MIA, OTTO = user("mia@acme.example", "10"), user("otto@acme.example", "11", name="Otto Ort")
GONE = row("mia@acme.example", status="inactive")
CLAIMS = pd.DataFrame(
    [("10", "labs", NOW.isoformat(), NAMES, "", "")], columns=list(CLAIM_COLUMNS), dtype="str"
)


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


def labs(people: Roster, *existing: Cells, days: int = 0) -> OtherJob:
    """The other job, whose roster was accepted so many days ago and carried out."""
    job = make_job(name="labs")
    made = plan(people, directory(*existing), memory(), job)
    taught = lessons(made, all_done(made), memory(), job.lifecycle.evidence)
    at = (NOW - timedelta(days=days)).isoformat()
    return OtherJob("labs", at, taught.wants or b"", taught.said or b"")


@pytest.mark.parametrize(
    ("known_as", "named", "claimed"),
    [
        ({}, {"login": "mia@acme.example"}, True),
        ({}, {"login": "MIA@acme.example", "external_id": "E9"}, True),
        ({"external_id": "E1"}, {"external_id": "E1"}, True),
        ({"external_id": "E1"}, {"external_id": "E1", "kind": "app"}, False),  # a client of that number
        ({}, {"name": "Example, ADA"}, True),
        ({}, {"name": "Ada"}, False),  # no more than a first name
        ({}, {"name": "Ada Example", "login": "else@acme.example"}, False),  # somebody of that name
    ],
)
def test_a_bad_row_of_another_job_claims_by_the_keys_it_has_and_by_name_where_it_has_none(
    known_as: Cells, named: Cells, claimed: bool
) -> None:
    bad = {"name": "", "kind": "managed", "external_id": "", "login": "", **named}
    other = labs(roster(row("sara@acme.example", name="Sara Sund"), bad=(bad,)))
    mia = MIA | known_as
    known = replace(memory(mia, OTTO), others=(other,))
    made = plan(roster(row("otto@acme.example", name="Otto Ort")), directory(MIA, OTTO), known)

    why = "claimed by job labs, whose roster names this person in a row of which nothing is done"
    assert (told(made, "mia@acme.example") == ("claimed", why)) is claimed


@pytest.mark.parametrize(
    ("people", "days", "claimed"),
    [
        (roster(row("mia@acme.example", role="coadmin")), 0, True),  # waits for a person
        (roster(row("mia@acme.example", action="ignore")), 0, True),
        (roster(left=(row("mia@acme.example"),)), 0, False),  # the job is not about her
        (roster(bad=(row("mia@acme.example"),)), 14, True),
        (roster(bad=(row("mia@acme.example"),)), 15, False),
    ],
)
def test_whoever_is_named_without_consequence_is_claimed_too_for_as_long_as_claims_last(
    people: Roster, days: int, claimed: bool
) -> None:
    rest = roster(row("sara@acme.example", name="Sara Sund")).frame
    both = (
        pd.concat([people.frame, rest.assign(line=99)], ignore_index=True)
        .fillna("")
        .astype({"line": "int64"})
    )
    whole = replace(people, people=Held(both), rows=people.rows + 1, valid=len(both))
    known = replace(memory(MIA, OTTO), others=(labs(whole, MIA, OTTO, days=days),))
    made = plan(roster(row("otto@acme.example", name="Otto Ort")), directory(MIA, OTTO), known)

    assert (told(made, "mia@acme.example")[0] == "claimed") is claimed


def test_what_another_job_says_otherwise_waits_and_the_rest_of_the_row_does_not() -> None:
    """Attribute by attribute, tracking codes singly; by the one that has had the account for longer."""
    codes = {"tracking_codes.cost": "1", "tracking_codes.site": "Oslo"}
    here = MIA | {"job_title": "Buyer", "tracking_codes": codes_text({"cost": "1", "site": "Oslo"})}
    other = labs(roster(row("mia@acme.example", name="Mia Marsh", job_title="Buyer", **codes)), here)
    claims = CLAIMS.assign(since=NOW.isoformat(), login="mia@acme.example")
    said = row(
        "mia@acme.example", name="Mia Marsh", job_title="Chief", phone="7",
        **{"tracking_codes.cost": "2", "tracking_codes.team": "North"},
    )  # fmt: skip
    later = replace(memory(), claims=claims, others=(other,))
    made = plan(roster(said), directory(here), later)

    after = codes_text({"cost": "1", "site": "Oslo", "team": "North"})
    assert {name: told for name, (_, told) in fields(only_change(made)).items()} == {
        "phone": "7", "tracking_codes": after, "name": "Mia Marsh",
    }  # fmt: skip
    assert "job_title, tracking_codes.cost waits: claimed by job labs" in told(made, "mia@acme.example")[1]
    earlier = here | {"since": (NOW - timedelta(days=1)).isoformat()}
    first = plan(roster(said), directory(here), replace(memory(earlier), claims=claims, others=(other,)))
    assert fields(only_change(first))["job_title"] == ("Buyer", "Chief")
