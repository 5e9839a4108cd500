"""What a plan takes is counted before it is sent: calls, the month's allowance, seats, mails."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from provision.ledger.value import Called, Memory
from provision.model import Kind
from provision.operations.registry import operation_of
from provision.plan.guards.allow_names import check_allowed
from provision.plan.guards.forecast import calls_of, used_in_month
from provision.plan.guards.refused import refusal
from provision.plan.planfile import read_plan, write_plan
from provision.plan.seats import Seats, UnusedSeat
from provision.plan.value import Forecast, Plan
from provision.report.sentences.forecast_words import foretold

from .builders import app_row, app_user, directory, in_batches, make_job, memory, plan, roster, row, user

#: one page, and the count before and after it
LISTING = 3


def forecast(made: Plan) -> Forecast:
    assert made.forecast is not None
    return made.forecast


def of_app_users(number: int, **cells: str) -> Plan:
    """The plan of a portal with so many clients, of whom the roster names one, and another one that is new."""
    users = [app_user(f"C{n}", str(1000 + n)) for n in range(number)]
    job = make_job("partial", "app")
    return plan(roster(app_row("new", **cells)), directory(*users, job=job), job=job)


@pytest.mark.parametrize(
    ("cells", "users", "kind", "calls"),
    [
        ({}, [], Kind.CREATE, 1),
        ({"notification_email": "mia@acme.test"}, [], Kind.CREATE, 2),
        ({"phone": "1"}, [user("mia@acme.example", "11")], Kind.UPDATE, 1),
        ({"status": "active"}, [user("mia@acme.example", "11", status="inactive")], Kind.ACTIVATE, 1),
        ({"action": "deactivate"}, [user("mia@acme.example", "11")], Kind.DEACTIVATE, 2),
        ({"action": "delete"}, [user("mia@acme.example", "11")], Kind.DELETE, 5),
    ],
)
def test_the_calls_of_one_operation(cells: dict[str, str], users: Any, kind: Kind, calls: int) -> None:
    known = memory(*users)
    made = plan(roster(row("mia@acme.example", **cells)), directory(*users), known, make_job("partial"))
    change, *later = made.changes

    assert change.kind is kind
    assert sum(map(calls_of, made.changes)) == calls
    assert forecast(made).calls == calls + LISTING
    assert (
        operation_of(change).reads == {Kind.DEACTIVATE: 1, Kind.DELETE: 3}.get(kind, 0)
    )  # account, groups, aliases; and the folders of who is active, which are looked at where there may be any
    assert [each.kind for each in later] == ([Kind.UPDATE] if "notification_email" in cells else [])


@pytest.mark.parametrize("among", [lambda existing: existing, in_batches])
def test_since_when_somebody_is_locked_is_known_of_whoever_still_is(among: Any) -> None:
    days = [
        ("11", "03", "inactive"),
        ("12", "02", "inactive"),
        ("13", "01", "active"),
        ("14", "", "inactive"),
    ]
    users = [user(f"p{box_id}@acme.example", box_id, status=status) for box_id, _, status in days]
    left = [f"2026-{month}-01T01:00:00+00:00" if month else "" for _, month, _ in days]
    known = memory(*(one | {"left_at": at} for one, at in zip(users, left, strict=True)))
    existing = among(directory(*users))

    seats = forecast(plan(roster(), existing, known, make_job("partial"))).seats
    assert (seats.since, seats.unused) == (left[1], 2)
    assert seats.longest == (UnusedSeat("p12@acme.example", left[1]), UnusedSeat("p11@acme.example", left[0]))
    assert forecast(plan(roster(), existing, memory(*users), make_job("partial"))).seats == Seats(4, 3, 4, 3)


@pytest.mark.parametrize(
    ("users", "before", "afterwards"),
    [(999, 1 + 2, 1 + 2), (1000, 1 + 2, 1 + 2), (1001, 1 + 2, 1 + 2), (10_990, 1 + 11, 1)],
)
def test_the_enterprise_is_listed_page_by_page_before_and_afterwards(
    users: int, before: int, afterwards: int
) -> None:
    """One page and two counts, or a count and pages side by side; and who was made alone where that takes a quarter of it."""
    told = forecast(of_app_users(users))

    assert told.calls == 1 + afterwards
    assert told.reading == 1 + before


def test_nothing_to_do_takes_nothing_and_is_not_talked_about() -> None:
    told = forecast(plan(roster(row("mia@acme.example")), directory(user("mia@acme.example", "11"))))

    assert (told.calls, foretold(told)) == (0, ())
    assert foretold(None) == ()


def test_seats_are_those_of_all_managed_users_inactive_ones_too() -> None:
    users = [
        user("ada@acme.example", "10", role="admin"),
        user("far@other.example", "11", status="inactive"),
        user("back@acme.example", "12", status="inactive"),
        user("ended@acme.example", "13"),
        user("gone@acme.example", "14", status="inactive"),
        user("stays@acme.example", "15", status="cannot_delete_edit"),
        app_user("C1", "16", status="inactive"),
    ]
    rows = [
        row("new@acme.example"),
        row("newer@acme.example"),
        row("back@acme.example", status="active"),
        row("ended@acme.example", action="deactivate"),
        row("gone@acme.example", action="delete"),
        row("stays@acme.example", phone="1"),
    ]
    job = make_job("partial", scope={"domains": ["acme.example"]})
    made = plan(roster(*rows), directory(*users, job=job), memory(users[3], users[4]), job)
    assert len(made.changes) == len(rows)

    assert forecast(made).seats == Seats(6, 3, 7, 2)
    assert forecast(made).mails == 2


def test_what_waits_for_a_person_frees_no_seat_takes_none_and_sends_no_mail() -> None:
    users = [user(f"p{number}@acme.example", str(number)) for number in range(11, 15)]
    rows = [row(f"p{number}@acme.example", action="delete") for number in (11, 12)]
    rows += [row("p13@acme.example", action="deactivate")]
    rows += [row(f"new{number}@acme.example") for number in (1, 2)]

    def told(**guards: Any) -> Forecast:
        job = make_job("partial", guards={"removals": {"count": 9}, **guards})
        return forecast(plan(roster(*rows), directory(*users), memory(*users), job))

    assert (told().seats, told().mails) == (Seats(4, 0, 4, 1), 2)
    removals = told(removals={"count": 1})
    assert (removals.seats, removals.mails) == (Seats(4, 0, 6, 0), 2)
    seats = told(seats=5)
    assert (seats.seats, seats.mails) == (Seats(4, 0, 3, 1), 1)
    assert removals.calls == seats.calls == told().calls  # the month has to have room for all of it


def test_app_users_take_no_seat_and_get_no_mail() -> None:
    told = forecast(of_app_users(3))

    assert (told.seats, told.mails) == (Seats(0, 0, 0, 0), 0)


def spent(*past: tuple[int, str]) -> Memory:
    return replace(memory(), called=tuple(Called(made, at) for made, at in past))


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        ("2026-03-01T00:00:00+00:00", True),
        ("2026-02-28T23:59:59+00:00", False),
        ("2026-02-28T23:30:00-01:00", True),
        ("2026-03-01T00:30:00+01:00", False),
        ("2025-03-02T00:00:00+00:00", False),
    ],
)
def test_a_month_is_a_calendar_month_in_utc(at: str, counts: bool) -> None:
    as_of = datetime.fromisoformat("2026-04-01T01:00:00+02:00")

    assert used_in_month(spent((7, at), (5, "2026-03-31T00:00:00+00:00")), as_of) == 5 + 7 * counts


def monthly(allowance: int | None, known: Memory, rows: int = 1, **given: Any) -> Plan:
    """A plan that makes so many accounts in an empty enterprise."""
    apply = {} if allowance is None else {"monthly_calls": allowance}
    people = roster(*(row(f"p{n}@acme.example") for n in range(rows)))
    return plan(people, directory(), known, make_job(apply=apply), **given)


def verdict(made: Plan) -> tuple[int, int, str] | None:
    return next(
        ((one.limit, one.actual, one.verdict) for one in made.guards if one.name == "monthly_calls"), None
    )


def test_the_allowance_counts_earlier_runs_this_one_and_its_reading() -> None:
    known = spent((100, "2026-03-01T12:00:00+00:00"), (1, "2026-03-02T00:00:00+00:00"))
    own = 1 + LISTING + 1 + LISTING

    assert verdict(monthly(101 + own, known)) == (101 + own, 101 + own, "ok")
    assert verdict(monthly(100 + own, known)) == (100 + own, 101 + own, "refused")
    assert verdict(monthly(None, known)) is None


def test_the_allowance_is_passed_by_its_exact_number() -> None:
    known = spent((100, "2026-03-01T12:00:00+00:00"))
    refused = monthly(50, known)
    assert "--allow monthly_calls=108" in (refusal(refused.refused).remedy or "")
    assert "allowance of calls" in (refusal(refused.refused).cause or "")

    check_allowed({"monthly_calls": 108})
    assert verdict(monthly(50, known, allowed={"monthly_calls": 108})) == (50, 108, "allowed")
    assert verdict(monthly(50, known, allowed={"monthly_calls": 107})) == (50, 108, "refused")


def test_a_plan_without_changes_is_not_refused_by_a_month_that_is_used_up() -> None:
    assert verdict(monthly(50, spent((100, "2026-03-01T12:00:00+00:00")), rows=0)) == (50, 0, "ok")


def test_the_forecast_is_sealed_with_its_plan(tmp_path: Any) -> None:
    written = write_plan(monthly(50, memory()), tmp_path)

    assert read_plan(tmp_path).forecast == written.forecast is not None


SEATS = Seats(1203, 0, 1210, 0)
FORECAST = Forecast(1000, 1000.0, 4, 0, None, SEATS, 0)


def said(**given: Any) -> list[str]:
    return [line.sentence for line in foretold(replace(FORECAST, **given))]


@pytest.mark.parametrize(
    ("calls", "rate", "words"),
    [
        (1, 1.0, "1 call to Box (1 minute at 1 a minute)"),
        (999, 1000.0, "999 calls to Box (less than a minute at 1,000 a minute)"),
        (1001, 1000.0, "1,001 calls to Box (2 minutes at 1,000 a minute)"),
        (3, 2.5, "3 calls to Box (2 minutes at 2.5 a minute)"),
        (1_000_000, 1000.0, "1,000,000 calls to Box (16.7 hours at 1,000 a minute)"),
        (1, 60_000_000.0, "1 call to Box (less than a minute at 60,000,000 a minute)"),
    ],
)
def test_calls_and_minutes_in_words(calls: int, rate: float, words: str) -> None:
    assert said(calls=calls, per_minute=rate)[0] == f"This will take about {words}."


def test_seats_and_mails_in_words() -> None:
    assert said()[1:] == ["Seats: 1,203 managed users now, 0 of them inactive; 1,210 afterwards, 0 inactive."]
    assert said(seats=Seats(1, 0, 1, 1))[1].endswith("1 inactive. An inactive account still holds its seat.")
    first = Seats(1, 1, 1, 1, since="2026-02-01T01:00:00+00:00")
    assert said(seats=first)[1].endswith("The first that this job deactivated is so since 2026-02-01.")
    held = replace(first, unused=11, longest=(UnusedSeat("pia@acme.example", first.since),))
    assert said(seats=held)[2] == (
        "11 seats are held unused by accounts that this job deactivated, the longest first: "
        "pia@acme.example since 2026-02-01 …"
    )
    assert said(mails=1)[2].startswith("Box sends a welcome mail to the new managed user;")
    assert said(mails=1204)[2].startswith("Box sends a welcome mail to 1,204 new managed users;")


def test_the_month_in_words_warns_beyond_the_allowance_only() -> None:
    within, beyond = (foretold(replace(FORECAST, used=996, monthly=limit)) for limit in (2000, 1999))

    assert "996 so far, 1,004 in this run" in within[1].sentence
    assert within[1].sentence.endswith("2,000 of 2,000 allowed (100.0%).")
    assert [line.sentence for line in within if line.warns] == []
    assert [line.sentence for line in beyond if line.warns] == [
        "That exceeds the monthly allowance by 1 call."
    ]
