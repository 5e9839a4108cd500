from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from provision.job.lifecycle import Evidence
from provision.ledger.progress import Look, Progress, TransferSent
from provision.model import Kind
from provision.plan.leavers.stages import Absence, streak
from provision.plan.value import LeaverLooks, Plan
from provision.report.sentences.reasons import words

from .builders import (
    NOW,
    Cells,
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

LOGIN = "ada@acme.example"
ADA = user(LOGIN, "10")
GONE = ADA | {"status": "inactive"}
STAY = row("stay@acme.example", action="ignore")
DEACTIVATE, DELETE = {"after": "0d", "do": "deactivate"}, {"after": "30d", "do": "delete"}


def ending(
    end_date: str, as_of: datetime, zone: str = "UTC", now: Cells = ADA, leavers: Any = (DEACTIVATE,)
) -> Plan:
    """The plan for a person with this end date."""
    job = make_job(lifecycle={"timezone": zone, "leavers": leavers})
    return plan(roster(row(LOGIN, end_date=end_date)), directory(now), job=job, as_of=as_of)


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def absent(missed: int, hours: float, **lifecycle: Any) -> Plan:
    """The plan when Ada is absent again, so many hours after the last roster that counted."""
    last = (NOW - timedelta(hours=hours)).isoformat()
    job = make_job(lifecycle=lifecycle)
    absences = {"10": (missed, "2026-02-01T01:00:00+00:00", last)} if missed else {}
    return plan(roster(STAY), directory(ADA), memory(ADA, absences=absences), job)


@pytest.mark.parametrize(
    ("zone", "utc", "left"),
    [
        ("UTC", "2026-03-28T23:59:59", False),
        ("UTC", "2026-03-29T00:00:00", True),
        ("Europe/Berlin", "2026-03-28T22:59:59", False),
        ("Europe/Berlin", "2026-03-28T23:00:00", True),  # clocks go forward in this night
        ("America/New_York", "2026-03-29T03:59:59", False),
        ("America/New_York", "2026-03-29T04:00:00", True),
        ("Pacific/Kiritimati", "2026-03-28T09:59:59", False),  # 14 hours ahead
        ("Pacific/Kiritimati", "2026-03-28T10:00:00", True),
        ("Pacific/Pago_Pago", "2026-03-29T10:59:59", False),  # 11 hours behind
        ("Pacific/Pago_Pago", "2026-03-29T11:00:00", True),
    ],
)
def test_the_last_day_is_over_in_the_time_zone_of_the_job(zone: str, utc: str, left: bool) -> None:
    made = ending("2026-03-28", datetime.fromisoformat(utc).replace(tzinfo=UTC), zone)

    assert bool(made.changes) is left


@pytest.mark.parametrize(
    ("zone", "day", "utc"),
    [
        (
            "Africa/Cairo",
            "2026-04-24",
            "2026-04-23T22:00:00",
        ),  # 00:00 does not exist: clocks jump from 24:00 to 1:00
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00"),  # 2:00 to 3:00 comes twice on this day
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00"),  # 0:00 to 1:00 comes twice
        ("America/Havana", "2027-11-07", "2027-11-07T04:00:00"),
        ("Asia/Beirut", "2027-03-28", "2027-03-27T22:00:00"),
        ("Europe/Berlin", "2027-03-28", "2027-03-27T23:00:00"),
        ("Europe/Berlin", "2027-03-29", "2027-03-28T22:00:00"),
        ("Europe/Berlin", "2027-10-31", "2027-10-30T22:00:00"),
        ("Pacific/Kiritimati", "2027-01-01", "2026-12-31T10:00:00"),  # the first of all zones
    ],
)
def test_a_midnight_of_changing_clocks_is_reached_once(zone: str, day: str, utc: str) -> None:
    instant, day = datetime.fromisoformat(utc).replace(tzinfo=UTC), _day_before(day)

    assert not ending(day, instant - timedelta(seconds=1), zone).changes
    assert words(only_change(ending(day, instant, zone)).evidence) == f"leaver: end date {day} reached"


def test_a_stage_is_counted_in_days_of_the_calendar_across_changing_clocks() -> None:
    leavers = ({"after": "30d", "do": "deactivate"},)
    due = datetime(
        2026, 4, 13, 22, 0, tzinfo=UTC
    )  # midnight of the 14th in summer time, 30 days after winter's 15th

    early = ending("2026-03-14", due - timedelta(seconds=1), "Europe/Berlin", leavers=leavers)

    assert told(early, LOGIN)[1] == "has left (end date 2026-03-14 reached); deactivate is due on 2026-04-14"
    assert only_change(ending("2026-03-14", due, "Europe/Berlin", leavers=leavers)).kind == "deactivate"


@pytest.mark.parametrize("hours", [0, 12])
@pytest.mark.parametrize("runs", [1, 2, 3])
def test_absence_counts_after_so_many_nights(runs: int, hours: int) -> None:
    """Four people, of whom each was missed in one night more."""
    job = make_job(lifecycle={"evidence": {"absent_runs": runs, "absent_hours": hours}})
    users = [user(f"p{night}@acme.example", f"2{night}") for night in range(4)]
    last = (NOW - timedelta(hours=24)).isoformat()
    absences = {f"2{night}": (night, "2026-02-01T01:00:00+00:00", last) for night in range(1, 4)}
    made = plan(roster(STAY), directory(*users), memory(*users, absences=absences), job)

    leaving = {change.box_id for change in made.changes}
    assert {night: f"2{night}" in leaving for night in range(4)} == {
        night: night + 1 >= runs for night in range(4)
    }


@pytest.mark.parametrize(("hours", "leaves"), [(0, False), (11.99, False), (12, True), (300, True)])
def test_rosters_too_close_together_count_once(hours: float, leaves: bool) -> None:
    assert bool(absent(1, hours).changes) is leaves


@pytest.mark.parametrize(
    ("missed", "reason"),
    [
        (0, "not yet a leaver: absent from 1 of 2 complete rosters"),
        (1, "leaver: absent from 2 complete rosters in a row, first on 2026-02-01"),
        (7, "leaver: absent from 8 complete rosters in a row, first on 2026-02-01"),
    ],
)
def test_absence_is_told_with_its_evidence(missed: int, reason: str) -> None:
    made = absent(missed, 24)

    assert told(made, LOGIN)[1] == reason
    assert [words(change.evidence) for change in made.changes] == ([reason] if missed else [])


def test_one_absence_is_enough_where_the_job_says_so() -> None:
    assert words(only_change(absent(0, 0, evidence={"absent_runs": 1})).because) == (
        "leaver: absent from 1 complete roster, first on 2026-03-02"
    )


def test_the_first_absence_is_dated_in_the_time_zone_of_the_job() -> None:
    made = absent(0, 0, evidence={"absent_runs": 1}, timezone="America/New_York")

    assert told(made, LOGIN)[1].endswith("first on 2026-03-01")


LEAVING = (DEACTIVATE, DELETE)
DONE = "has left (end date {} reached); nothing more is to be done"


@pytest.mark.parametrize(
    ("leavers", "end_date", "now", "expected"),
    [
        (LEAVING, "2026-03-01", ADA, "deactivate"),
        (LEAVING, "2026-01-01", ADA, "deactivate"),  # long overdue, but never both in one run
        (LEAVING, "2026-03-01", GONE, "has left (end date 2026-03-01 reached); delete is due on 2026-04-01"),
        (LEAVING, "2026-01-30", GONE, "delete"),
        (LEAVING, "2026-01-31", GONE, "has left (end date 2026-01-31 reached); delete is due on 2026-03-03"),
        ((DEACTIVATE,), "2026-01-01", GONE, DONE.format("2026-01-01")),
        ((DEACTIVATE, {"after": "0d", "do": "delete"}), "2026-03-01", ADA, "deactivate"),
        ((DEACTIVATE, {"after": "0d", "do": "delete"}), "2026-03-01", GONE, "delete"),
        (({"after": "0d", "do": "delete"},), "2026-03-01", ADA, "delete"),
        ((), "2026-03-01", ADA, DONE.format("2026-03-01")),
    ],
)
def test_the_stages_of_leaving_come_one_a_run(leavers: Any, end_date: str, now: Cells, expected: str) -> None:
    made = ending(end_date, NOW, now=now, leavers=leavers)

    if expected in ("deactivate", "delete"):
        assert only_change(made).kind == expected
    else:
        assert (made.changes, told(made, LOGIN)) == ((), ("unchanged", expected))


def test_a_transfer_without_a_receiver_blocks_the_deletion_behind_it() -> None:
    leavers = (
        DEACTIVATE,
        {"after": "1d", "do": "transfer", "to": "manager"},
        {"after": "2d", "do": "delete"},
    )

    assert not ending("2026-01-01", NOW, now=GONE, leavers=leavers).changes


WAY_OUT = (
    DEACTIVATE,
    {"after": "0d", "do": "end_sessions"},
    {"after": "10d", "do": "transfer", "to": "boss@acme.example"},
    {"after": "11d", "do": "roll_out"},
)
BOSS = user("boss@acme.example", "20")


def ago(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).isoformat()


def sent(hours: float, told: bool = True) -> TransferSent:
    """A transfer to the boss so many hours ago."""
    return TransferSent(ago(hours), "20", "boss@acme.example", told)


LOCKED = Progress(left_at=ago(480))
SIGNED_OUT = replace(LOCKED, sessions_at=ago(480))
MOVING = replace(SIGNED_OUT, transfer=sent(48))
UNSURE = replace(SIGNED_OUT, transfer=sent(48, told=False))
EMPTY = replace(MOVING, empty_at=ago(24))
MOVED = replace(EMPTY, moved_at=ago(1))


#: how far a leaver is, what was seen of the account now, and what comes next
WAYS: list[tuple[Progress, Look | None, str]] = [
    (Progress(), None, "end_sessions"),
    (LOCKED, None, "end_sessions"),
    (SIGNED_OUT, None, "transfer"),
    (
        replace(SIGNED_OUT, sessions_at=ago(12)),
        None,
        "unchanged",
    ),  # ten days have to pass between the two
    (MOVING, None, "unchanged"),
    (MOVING, Look("", None), "unchanged"),
    (MOVING, Look("", 5), "unchanged"),
    (MOVING, Look("", 0), "unchanged"),
    (replace(MOVING, empty_at=ago(11.9)), Look("", 0), "unchanged"),
    (EMPTY, Look("", 0), "roll_out"),
    (EMPTY, None, "unchanged"),
    (EMPTY, Look("", 5), "unchanged"),  # something came back: it is proven from the beginning
    (MOVED, None, "roll_out"),
    (replace(MOVING, transfer=sent(24 * 6.9)), Look("", 5), "unchanged"),
    (replace(MOVING, transfer=sent(24 * 7.1)), Look("", 5), "held"),
    (replace(EMPTY, transfer=sent(24 * 7.1)), Look("", 0), "roll_out"),
    (UNSURE, Look("", 5, landing=False), "unchanged"),
    (replace(UNSURE, owns=5, owns_since=ago(13)), Look("", 5, landing=False), "transfer"),
    (replace(UNSURE, owns=5, owns_since=ago(11)), Look("", 5, landing=False), "unchanged"),
    (replace(UNSURE, owns=6, owns_since=ago(13)), Look("", 5, landing=False), "unchanged"),
    (replace(UNSURE, owns=5, owns_since=ago(13)), Look("", 5, landing=True), "unchanged"),
    (replace(UNSURE, owns=5, owns_since=ago(13)), Look("", 5, landing=None), "unchanged"),
    (
        replace(MOVING, owns=5, owns_since=ago(13)),
        Look("", 5, landing=False),
        "unchanged",
    ),  # Box took it
]


def test_the_next_stage_follows_from_the_way_so_far() -> None:
    """One plan for leavers who are all at another place of the way."""
    job = make_job(lifecycle={"leavers": WAY_OUT})
    gone = [
        user(f"p{at}@acme.example", f"1{at:02}", status="inactive", left_at=progress.left_at)
        for at, (progress, _, _) in enumerate(WAYS)
    ]
    progress_by_id = {each["box_id"]: way[0] for each, way in zip(gone, WAYS, strict=True)}
    looks = tuple(
        replace(look, box_id=each["box_id"]) for each, (_, look, _) in zip(gone, WAYS, strict=True) if look
    )
    rows = [row(each["login"], end_date="2026-01-01") for each in gone]
    seen = LeaverLooks(looks)
    made = plan(
        roster(*rows, row("boss@acme.example")),
        directory(*gone, BOSS),
        memory(*gone, BOSS, progress_by_id=progress_by_id),
        job,
        seen=seen,
    )

    found = {at: told(made, each["login"])[0] for at, each in enumerate(gone)}
    assert found == {at: expected for at, (_, _, expected) in enumerate(WAYS)}
    kinds = {change.box_id: change.kind for change in made.changes}
    assert kinds == {
        each["box_id"]: way[2] for each, way in zip(gone, WAYS, strict=True) if way[2] in tuple(Kind)
    }
    assert len(kinds) == len(made.changes)
    assert made.looks == seen.looks


@pytest.mark.parametrize("action", ["delete", "deactivate"])
def test_a_row_cannot_ask_for_a_deletion_while_content_moves(action: str) -> None:
    known = memory(GONE, progress_by_id={"10": MOVING})
    made = plan(roster(row(LOGIN, action=action)), directory(GONE), known, make_job("partial"))

    assert not made.changes


def test_a_job_without_a_transfer_waits_for_one_that_was_sent() -> None:
    job = make_job(lifecycle={"leavers": (DEACTIVATE, {"after": "1d", "do": "delete", "content": "destroy"})})
    known = memory(GONE, progress_by_id={"10": MOVING})

    assert not plan(roster(row(LOGIN, end_date="2026-01-01")), directory(GONE), known, job).changes


def test_content_on_its_way_is_told_even_if_no_stage_is_left() -> None:
    made = plan(
        roster(row(LOGIN, end_date="2026-01-01")),
        directory(GONE),
        memory(GONE, progress_by_id={"10": MOVING}),
    )

    assert "its content was sent to boss@acme.example on 2026-02-28" in told(made, LOGIN)[1]


def test_sessions_end_with_the_deactivation_only_if_both_are_due_at_once() -> None:
    later = (DEACTIVATE, {"after": "1d", "do": "end_sessions"})
    both = [ending("2026-01-01", NOW, leavers=stages) for stages in (WAY_OUT, later)]

    assert [[change.kind for change in made.changes] for made in both] == [
        [Kind.DEACTIVATE, Kind.END_SESSIONS],
        [Kind.DEACTIVATE],
    ]
    first, second = both[0].changes
    assert (second.needs, second.completes) == ((first.id,), first.id)


def test_nobody_who_is_named_twice_over_receives_anything() -> None:
    twins = [user("a@acme.example", "21"), user("b@acme.example", "22")]
    job = make_job(lifecycle={"leavers": ({"after": "0d", "do": "transfer", "to": "manager"},)})
    rows = roster(row(LOGIN, end_date="2026-01-01", manager="a@acme.example"), row("b@acme.example"))
    known = memory(twins[1] | {"external_id": "a@acme.example"})
    made = plan(rows, directory(ADA, *twins), known, job)

    assert told(made, LOGIN)[0] == "held"
    assert "a@acme.example (the manager) may be any of 2 accounts" in told(made, LOGIN)[1]


def test_content_goes_to_nobody_whose_row_is_in_doubt() -> None:
    boss = user("boss@acme.example", "20")
    job = make_job(lifecycle={"leavers": ({"after": "0d", "do": "transfer", "to": "manager"},)})
    rows = roster(
        row(LOGIN, end_date="2026-01-01", manager="E2"), row("boss@acme.example", external_id="E2")
    )  # the address of somebody known as E1: a reused one
    made = plan(rows, directory(ADA, boss), memory(boss | {"external_id": "E1"}), job)

    assert told(made, LOGIN)[0] == "held"
    assert "the row that names E2 (the manager) is in doubt" in told(made, LOGIN)[1]


def test_the_last_known_manager_counts_for_who_is_absent() -> None:
    job = make_job(
        lifecycle={
            "evidence": {"absent_runs": 1},
            "leavers": ({"after": "0d", "do": "transfer", "to": "manager"},),
        }
    )
    known = memory(ADA, BOSS, managers={"10": "boss@acme.example"})
    change = only_change(plan(roster(row("boss@acme.example")), directory(ADA, BOSS), known, job))

    assert (change.kind, change.to, change.to_key) == ("transfer", "20", "boss@acme.example")


def test_a_deactivation_says_the_status_it_changes() -> None:
    made = ending("2026-03-01", NOW, now=ADA | {"status": "cannot_delete_edit"})

    assert fields(only_change(made)) == {"status": ("cannot_delete_edit", "inactive")}


def test_the_time_between_two_stages_passes_even_if_the_end_date_came_late() -> None:
    left = {
        "": "delete",  # somebody else deactivated the account: only the end date counts
        "2026-01-31T01:00:07+00:00": "delete",
        "2026-01-31T01:00:08+00:00": "",
        "2026-03-02T01:00:07+00:00": "",
    }
    gone = [
        user(f"p{at}@acme.example", f"2{at}", status="inactive", left_at=moment)
        for at, moment in enumerate(left)
    ]
    rows = [row(each["login"], end_date="2025-06-30") for each in gone]
    made = plan(roster(*rows), directory(*gone), memory(*gone), make_job(lifecycle={"leavers": LEAVING}))

    kinds = {change.box_id: change.kind for change in made.changes}
    assert {moment: kinds.get(f"2{at}", "") for at, moment in enumerate(left)} == left


def test_nobody_is_given_an_account_to_be_locked_out_of_it() -> None:
    assert told(plan(roster(row(LOGIN, status="inactive")), directory()), LOGIN) == (
        "unchanged",
        "has left and has no account",
    )


LEFT = GONE | {"left_at": "2026-02-01T00:00:00+00:00"}


def _named(**cells: str) -> Cells:
    return cells


#: what a row says of somebody who is inactive, whether we made them so, and what is done
BACK: list[tuple[Cells, bool, str | None]] = [
    (_named(), True, "activate"),
    (_named(status=""), True, "activate"),
    (_named(status="inactive"), True, None),  # the row itself says so
    (_named(), False, None),  # somebody else deactivated the account
    (_named(action="ignore"), True, None),
    (_named(end_date="2026-01-01"), True, None),
    (_named(start_date="2026-03-02"), True, "activate"),
    (_named(start_date="2026-03-03"), True, None),  # comes back tomorrow
]


def test_who_left_by_our_doing_and_is_in_the_roster_again_comes_back() -> None:
    gone = [user(f"p{at}@acme.example", f"2{at}", status="inactive") for at in range(len(BACK))]
    rows = [row(each["login"], **cells) for each, (cells, _, _) in zip(gone, BACK, strict=True)]
    known = [
        each | ({"left_at": LEFT["left_at"]} if ours else {})
        for each, (_, ours, _) in zip(gone, BACK, strict=True)
    ]
    made = plan(roster(*rows), directory(*gone), memory(*known))

    kinds = {change.box_id: change.kind for change in made.changes}
    assert {at: kinds.get(f"2{at}") for at in range(len(BACK))} == {
        at: each[2] for at, each in enumerate(BACK)
    }


def test_coming_back_carries_the_other_changes() -> None:
    change = only_change(plan(roster(row(LOGIN, phone="2")), directory(GONE), memory(LEFT)))

    assert (change.kind, words(change.because)) == ("activate", "in the roster again, but inactive in Box")
    assert fields(change) == {"status": ("inactive", "active"), "phone": ("", "2")}


def test_a_restriction_set_by_an_admin_is_no_reason_to_activate() -> None:
    restricted = ADA | {"status": "cannot_delete_edit"}

    assert not plan(roster(row(LOGIN)), directory(restricted), memory(LEFT)).changes


#: what a row asks for, the account there is, and what is done with what reason
ASKED: list[tuple[str, Cells | None, str | None, str]] = [
    ("deactivate", ADA, "deactivate", "row {} says deactivate"),
    ("deactivate", GONE, None, "row {} says deactivate; the account is inactive already"),
    ("deactivate", None, None, "has left and has no account"),
    ("delete", ADA, "delete", "row {} says delete"),
    ("delete", GONE, "delete", "row {} says delete"),
    ("delete", None, None, "has left and has no account"),
    ("ignore", ADA, None, "the row says ignore"),
    ("ignore", None, None, "the row says ignore"),
]


def test_a_row_of_a_partial_roster_does_what_its_action_says() -> None:
    logins = [f"p{at}@acme.example" for at in range(len(ASKED))]
    rows = [row(login, action=each[0], phone="2") for login, each in zip(logins, ASKED, strict=True)]
    users = [
        now | {"login": login, "box_id": login}
        for login, (_, now, _, _) in zip(logins, ASKED, strict=True)
        if now
    ]
    made = plan(roster(*rows), directory(*users), job=make_job("partial"))

    reasons = {
        login: each[3].format(line) for line, (login, each) in enumerate(zip(logins, ASKED, strict=True), 2)
    }
    assert {login: told(made, login)[1] for login in logins} == reasons
    assert {change.box_id: (change.kind, words(change.evidence)) for change in made.changes} == {
        login: (kind, reasons[login]) for login, (_, _, kind, _) in zip(logins, ASKED, strict=True) if kind
    }


ABSENT = {"10": (5, "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00")}
UNREADABLE = {"login": "", "external_id": "", "kind": "managed", "name": "?"}


def leaver_kinds(*bad: Cells, known: Cells = ADA) -> list[str]:
    made = plan(roster(bad=bad), directory(ADA), memory(known, absences=ABSENT))
    return [change.kind for change in made.changes]


NUMBERED = ADA | {"external_id": "E1"}


@pytest.mark.parametrize(
    ("bad", "known", "leaves"),
    [
        ((), ADA, True),
        ((row("other@acme.example"),), ADA, True),  # a new starter's bad row
        ((row("ADA@acme.example"),), ADA, False),
        ((row("", external_id="E1"),), NUMBERED, False),
        ((row("", external_id="E2", name="Eva Else"),), NUMBERED, True),  # somebody else: Ada is known as E1
        ((row("", external_id="E2"),), NUMBERED, False),  # by the name it may be hers all the same
        (
            (row("", external_id="E2", name="Eva Else"),),
            ADA,
            True,
        ),  # nobody knows Ada's number, but the name is quite another one
        ((row("", external_id="E1", kind="app"),), NUMBERED, False),  # nothing in a bad row is trusted
        ((row("", external_id="E1", kind=""),), NUMBERED, False),
        ((UNREADABLE,), ADA, False),
        ((UNREADABLE,), NUMBERED, False),
        ((row("other@acme.example"), UNREADABLE), NUMBERED, False),
    ],
)
def test_a_bad_row_protects_its_person(bad: tuple[Cells, ...], known: Cells, leaves: bool) -> None:
    assert leaver_kinds(*bad, known=known) == (["deactivate"] if leaves else [])


def test_a_bad_row_whose_person_is_found_holds_nobody_else() -> None:
    bob = user("bob@acme.example", "11")
    known = memory(NUMBERED, bob, absences={"11": ABSENT["10"]})

    change = only_change(plan(roster(bad=(row("", external_id="E1"),)), directory(ADA, bob), known))

    assert (change.kind, change.login) == ("deactivate", "bob@acme.example")


@pytest.mark.parametrize(("rows", "words"), [(1, "1 row"), (3, "3 rows")])
def test_who_may_be_an_unreadable_row_is_held_with_the_reason(rows: int, words: str) -> None:
    made = plan(roster(STAY, bad=(UNREADABLE,) * rows), directory(ADA), memory(ADA, absences=ABSENT))

    why = f"but {words} without a readable key may mean this person"

    assert told(made, LOGIN) == (
        "held",
        f"leaver: absent from 6 complete rosters in a row, first on 2026-01-01, {why}",
    )


def test_an_unreadable_row_holds_nobody_whose_own_row_says_they_left() -> None:
    made = plan(roster(row(LOGIN, end_date="2026-01-01"), bad=(UNREADABLE,)), directory(ADA), memory(ADA))

    assert only_change(made).kind == "deactivate"


def test_an_unreadable_row_is_no_news_about_who_is_not_a_leaver_yet() -> None:
    made = plan(roster(STAY, bad=(UNREADABLE,)), directory(ADA), memory(ADA))

    assert told(made, LOGIN)[0] == "unchanged"


@pytest.mark.parametrize(("fresh", "missed"), [(True, 2), (False, 1)])
def test_the_file_of_an_earlier_night_once_more_is_no_second_absence(fresh: bool, missed: int) -> None:
    once = Absence(1, *[(NOW - timedelta(hours=48)).isoformat()] * 2)

    assert streak(once, Evidence(absent_runs=2, absent_hours=12), NOW, fresh=fresh) == missed
