"""What the dates of a row mean beside its status: the last day, an earlier employment, and who comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provision.because import Because
from provision.findings import Code
from provision.ledger.progress import Progress
from provision.ledger.value import Hold
from provision.model import Kind
from provision.plan.value import Plan

from .builders import NOW, directory, make_job, memory, only_change, plan, roster, row, told, user

LOGIN = "ada@acme.example"
ADA = user(LOGIN, "10")
GONE = ADA | {"status": "inactive"}
OLD = "2023-06-30"
OWNED = ADA | {"since": "2026-02-01T00:00:00+00:00"}


def day(before: int) -> str:
    return (NOW - timedelta(days=before)).date().isoformat()


def kinds(made: Plan) -> list[str]:
    return [change.kind.value for change in made.changes]


def stale(made: Plan) -> list[str]:
    return [each.key for each in made.findings if each.code is Code.STALE_END_DATE]


@pytest.mark.parametrize(
    ("cells", "known", "leaves"),
    [
        ({"end_date": day(0)}, (), False),
        ({"end_date": day(1)}, (), True),
        ({"end_date": OLD}, (), True),  # nothing in the row speaks against it
        ({"status": "active", "end_date": day(31)}, (), True),
        ({"status": "active", "end_date": day(32)}, (), False),
        ({"status": "cannot_delete_edit", "end_date": OLD}, (), False),
        ({"status": "active", "end_date": OLD}, (OWNED,), False),
        ({"status": "active", "end_date": day(40)}, (OWNED,), False),  # seen first when it was past
        ({"status": "active", "end_date": day(40)}, (OWNED | {"since": f"{day(40)}T23:00:00+00:00"},), True),
        ({"status": "active", "end_date": day(3), "start_date": day(2)}, (OWNED,), False),
        ({"status": "inactive", "end_date": OLD, "start_date": day(5)}, (OWNED,), True),
    ],
)
def test_a_row_that_says_active_does_not_leave_by_the_date_of_an_earlier_employment(
    cells: dict[str, str], known: Any, leaves: bool
) -> None:
    made = plan(roster(row(LOGIN, **cells)), directory(ADA), memory(*known))

    assert (Kind.DEACTIVATE.value in kinds(made)) is leaves
    is_old = cells.get("status", "inactive") != "inactive" and not leaves
    assert stale(made) == ([LOGIN] if is_old else [])


@pytest.mark.parametrize(
    ("gone_for", "expected"),
    [
        (OLD, []),  # HR never changes the status: whom the date locked out stays so
        ("", []),  # an older ledger does not tell
        ("absent", ["activate"]),
        ("says_inactive", ["activate"]),
    ],
)
def test_whom_the_date_locked_out_stays_so_and_who_was_hired_again_comes_back(
    gone_for: str, expected: list[str]
) -> None:
    left = "2023-07-01T01:00:00+00:00"
    known = memory(
        GONE | {"left_at": left, "since": "2020-01-01T00:00:00+00:00"},
        progress_by_id={"10": Progress(left_at=left, gone_at=left, gone_for=gone_for)} if gone_for else {},
    )

    made = plan(roster(row(LOGIN, status="active", end_date=OLD)), directory(GONE), known)

    assert kinds(made) == expected
    assert stale(made) == ([LOGIN] if expected else [])


def test_a_leaver_whose_deactivation_waits_for_a_person_does_not_become_one_who_stays() -> None:
    since = (NOW - timedelta(days=20)).isoformat()
    hold = Hold("deactivate:10", Kind.DEACTIVATE.value, "10", "", LOGIN, "", "", since, since, 3)
    waiting = replace(memory(OWNED), holds=(hold,))

    made = plan(roster(row(LOGIN, status="active", end_date=day(45))), directory(ADA), waiting)

    assert (kinds(made), stale(made)) == (["deactivate"], [])


@pytest.mark.parametrize(
    ("zone", "hour", "leaves"),
    [("Pacific/Auckland", 12, True), ("America/Los_Angeles", 12, False), ("", 12, False), ("", 24, True)],
)
def test_the_last_day_is_over_where_the_person_is(zone: str, hour: int, leaves: bool) -> None:
    as_of = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour)
    people = roster(row(LOGIN, end_date="2026-03-02", timezone=zone))
    home = ADA | {"timezone": zone}

    made = plan(people, directory(home), job=make_job(lifecycle={"timezone": "person"}), as_of=as_of)

    assert (Kind.DEACTIVATE.value in kinds(made)) is leaves


STAGES = [{"after": "0d", "do": "deactivate"}, {"after": "30d", "do": "delete"}]


@pytest.mark.parametrize(
    ("known", "cells", "expected"),
    [
        (Progress(), {}, ("unchanged", f"delete is due on {day(-30)}")),
        (Progress(gone_at=f"{day(29)}T00:00:00+00:00"), {}, ("unchanged", f"delete is due on {day(-1)}")),
        (Progress(gone_at=f"{day(30)}T00:00:00+00:00"), {}, ("delete", "leaver: the roster says inactive")),
        (Progress(), {"end_date": day(31)}, ("delete", "leaver: the roster says inactive")),
        (Progress(), {"end_date": day(-9)}, ("unchanged", f"delete is due on {day(-30)}")),
    ],
)
def test_a_status_word_starts_the_stages_of_leaving(
    known: Progress, cells: dict[str, str], expected: tuple[str, str]
) -> None:
    """Somebody who is locked already: the time counts from the first row that said so, or from the day it names."""
    remembered = memory(OWNED, progress_by_id={"10": known})
    people = roster(row(LOGIN, status="inactive", **cells))

    made = plan(people, directory(GONE), remembered, make_job(lifecycle={"leavers": STAGES}))

    verdict, why = told(made, LOGIN)
    assert (verdict, why.removeprefix("has left (the roster says inactive); ")) == expected


def test_a_status_word_counts_at_once_where_the_first_stage_is_due_later() -> None:
    later = make_job(lifecycle={"leavers": [{"after": "7d", "do": "deactivate"}]})

    made = plan(roster(row(LOGIN, status="inactive", phone="2")), directory(ADA), job=later)

    change = only_change(made)
    assert change.kind is Kind.DEACTIVATE
    assert Because.SAYS_INACTIVE.value in change.evidence
    assert {each.field for each in change.fields} == {"status", "phone"}


def test_what_else_the_row_of_a_leaver_says_is_written_without_bringing_the_leaver_back() -> None:
    made = plan(roster(row(LOGIN, status="inactive", phone="2")), directory(GONE), memory(OWNED))

    assert kinds(made) == ["update"]
    assert told(made, LOGIN)[1].startswith("has left")


KNOWN = OWNED | {"external_id": "E1"}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"external_id": "E1", "status": "inactive"}, ("deactivate", "leaver: the roster says inactive")),
        ({"external_id": "E1", "end_date": day(1)}, ("deactivate", f"leaver: end date {day(1)} reached")),
        (
            {"external_id": "E1", "start_date": day(-3)},
            ("unchanged", "in step with the roster; the start date is ahead"),
        ),
    ],
)
def test_a_row_without_an_address_is_enough_for_the_account_it_certainly_means(
    cells: dict[str, str], expected: tuple[str, str]
) -> None:
    made = plan(roster(row("", **cells)), directory(ADA), memory(KNOWN))

    assert told(made, LOGIN) == expected
    assert [change.login for change in made.changes] == ([LOGIN] if expected[0] == "deactivate" else [])


def test_without_an_account_such_a_row_is_no_error() -> None:
    rows = (
        row("", external_id="E8", name="", status="inactive"),
        row("", external_id="E9", name="", start_date=day(-3)),
    )

    made = plan(roster(*rows), directory(ADA | {"name": "Bo Berg"}), memory(KNOWN))

    assert made.table["verdict"].tolist()[:2] == ["unchanged", "starts_later"]
    assert made.changes == ()


SURE = {"10": (5, "2026-01-01T00:00:00+00:00", "2026-02-20T00:00:00+00:00")}


@pytest.mark.parametrize(
    ("name", "held"), [("Nora Ost", False), ("Ada Ost", True), ("", True), ("A. Ost", False)]
)
def test_a_row_without_a_key_holds_only_people_whom_it_may_mean(name: str, held: bool) -> None:
    keyless = {"name": name, "kind": "managed", "login": "", "external_id": ""}

    made = plan(
        roster(row("x@acme.example", name="Xi"), bad=(keyless,)), directory(ADA), memory(OWNED, absences=SURE)
    )

    assert told(made, LOGIN)[0] == ("held" if held else "deactivate")
    findings = [each.sentence for each in made.findings if each.code is Code.ABSENCE_NOT_COUNTED]
    expected = "1 account is absent and does not count, because row 3 has no readable key"
    assert findings == ([expected] if held else [])


def test_on_the_first_absent_night_too_it_is_told_what_stands_in_the_way() -> None:
    keyless = {"name": "", "kind": "managed", "login": "", "external_id": ""}

    made = plan(roster(row("x@acme.example", name="Xi"), bad=(keyless,)), directory(ADA), memory(OWNED))

    assert told(made, LOGIN)[1].endswith("but 1 row without a readable key may mean this person")
