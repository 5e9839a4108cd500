from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from provision.journal.value import Outcome
from provision.ledger.progress import Progress, TransferSent
from provision.ledger.store import open_ledger
from provision.ledger.value import Lessons, Memory, Taught
from provision.lessons.finished import lessons
from provision.lessons.interrupted import salvaged
from provision.model import Status
from provision.plan.value import Plan

from .builders import (
    NOW,
    Cells,
    after,
    all_done,
    app_row,
    directory,
    in_batches,
    make_job,
    memory,
    plan,
    roster,
    row,
    user,
)

LOGIN = "ada@acme.example"
ADA = user(LOGIN, "10")
GONE = ADA | {"status": "inactive"}
STAMP = "2026-03-02T01:00:07+00:00"
EARLIER = "2026-02-01T01:00:00+00:00"
UNREADABLE = {"login": "", "external_id": "", "kind": "managed", "name": "?"}


def taught(
    made: Plan, known: Memory | None = None, outcomes: Mapping[str, Outcome] | None = None, **job: Any
) -> Lessons:
    """What a run teaches; all operations went well unless told."""
    done = all_done(made) if outcomes is None else outcomes
    return lessons(made, done, known or memory(), make_job(**job).lifecycle.evidence)


def owned(lesson: Lessons) -> list[tuple[str, ...]]:
    return list(lesson.accounts.itertuples(index=False, name=None))


def absent(lesson: Lessons) -> list[tuple[object, ...]]:
    assert lesson.absences is not None
    return list(lesson.absences.itertuples(index=False, name=None))


def _row(**cells: str) -> Cells:
    return cells


def test_an_account_that_the_plan_saw_was_not_made_by_its_run_whatever_the_outcome_says() -> None:
    """Nobody is owned by an id in a journal: this one is that of an account which was there before, and which no row names."""
    boss = user("boss@acme.example", "99")
    made = plan(roster(row(LOGIN)), directory(boss))
    [change] = made.changes
    told = {change.id: Outcome(change.id, Status.DONE, "99")}

    assert (change.kind, owned(taught(made, outcomes=told))) == ("create", [])
    assert [line[0] for line in owned(taught(made))] != []


#: what a row says of somebody who has an account; the external id and the moment of leaving that are learnt, None for nothing
MATCHED: list[tuple[Cells, tuple[str, str] | None]] = [
    (_row(external_id="E1"), ("E1", "")),
    (_row(external_id="E2", phone="1"), ("E2", "")),
    (_row(), ("", "")),
    (_row(start_date="2027-01-01"), ("", "")),
    (_row(status="inactive"), ("", NOW.isoformat())),
    (_row(end_date="2026-01-01"), ("", STAMP)),
    (_row(action="ignore"), None),
]


def test_who_is_matched_or_created_is_owned() -> None:
    logins = [f"p{at}@acme.example" for at in range(len(MATCHED))]
    rows = [row(login, **cells) for login, (cells, _) in zip(logins, MATCHED, strict=True)]
    rows += [
        row("held@acme.example", name=""),
        row("later@acme.example", start_date="2027-01-01"),
        row("new@acme.example"),
    ]
    users = [user(login, str(at)) for at, login in enumerate(logins, 10)]
    learnt = owned(taught(plan(roster(*rows), directory(*users))))

    assert {each[3]: each for each in learnt} == {
        login: (str(at), "managed", learn[0], login, learn[1])
        for at, (login, (_, learn)) in enumerate(zip(logins, MATCHED, strict=True), 10)
        if learn is not None
    } | {"new@acme.example": ("new-new@acme.example", "managed", "", "new@acme.example", "")}
    assert len(learnt) == 7


@pytest.mark.parametrize("job", [{}, {"scope": {"domains": ["other.example"]}}, {"kind": "app"}])
def test_bad_protected_and_out_of_scope_people_are_not_owned(job: dict[str, Any]) -> None:
    admin, unread = user("boss@acme.example", "11", role="admin"), user("dim@acme.example", "12", role="")
    bad = user("bad@acme.example", "13")
    users = [admin, unread, bad] if not job else [ADA]
    people = roster(
        *(row(each["login"]) for each in users if each is not bad), bad=(row("bad@acme.example"),)
    )
    made = plan(people, directory(*users, job=make_job(**job)), job=make_job(**job))

    assert owned(taught(made, **job)) == []


def test_an_account_without_a_row_is_not_owned() -> None:
    assert owned(taught(plan(roster(), directory(ADA)))) == []


def test_a_doubtful_pair_teaches_nothing_even_if_its_row_is_ignored() -> None:
    known = memory(ADA | {"external_id": "E1"})
    for action in ("upsert", "ignore"):
        made = plan(roster(row(LOGIN, external_id="E9", action=action)), directory(ADA), known)
        assert owned(taught(made, known)) == []


def test_what_is_known_already_is_no_news() -> None:
    known = memory(ADA | {"external_id": "E1"})

    assert owned(taught(plan(roster(row(LOGIN, external_id="E1")), directory(ADA), known), known)) == []


def test_a_roster_without_external_ids_makes_none_forgotten() -> None:
    known = memory(ADA | {"external_id": "E1"})

    assert owned(taught(plan(roster(row(LOGIN)), directory(ADA), known), known)) == []


def test_an_account_that_was_created_but_not_finished_is_owned() -> None:
    made = plan(roster(row(LOGIN)), directory())
    change_id = made.changes[0].id
    unfinished = Outcome(change_id, Status.FAILED, box_id="99")

    assert owned(taught(made, outcomes={change_id: unfinished})) == [("99", "managed", "", LOGIN, "")]


def test_an_account_that_was_not_surely_created_is_not_owned() -> None:
    unsure = [status for status in Status if status not in (Status.DONE, Status.FAILED)]
    made = plan(roster(*(row(f"{status.value}@acme.example") for status in unsure)), directory())
    ids = {change.login.split("@")[0]: change.id for change in made.changes}
    outcomes = {ids[one.value]: Outcome(ids[one.value], one, box_id="99") for one in unsure}

    assert len(outcomes) == len(unsure) > 1
    assert owned(taught(made, outcomes=outcomes)) == []
    assert owned(taught(made, outcomes={})) == []


def test_an_app_user_is_owned_by_its_external_id() -> None:
    job = make_job(kind="app")
    made = plan(roster(app_row("C-1")), directory(job=job), job=job)

    assert owned(taught(made)) == [("new-C-1", "app", "C-1", "", "")]


DELETING = {"leavers": [{"after": "0d", "do": "deactivate"}, {"after": "0d", "do": "delete"}]}


def test_a_deleted_account_is_forgotten() -> None:
    known = memory(ADA, absences={"10": (3, EARLIER, EARLIER)})
    made = plan(roster(), directory(GONE), known, make_job(lifecycle=DELETING))

    assert taught(made, known).gone == ("10",)
    assert owned(taught(made, known)) == absent(taught(made, known)) == []
    assert taught(made, known, {}).gone == ()
    assert absent(taught(made, known, {})) == [("10", 4, EARLIER, STAMP)]


def test_a_row_that_asks_for_deletion_teaches_no_account() -> None:
    made = plan(roster(row(LOGIN, action="delete")), directory(ADA), job=make_job("partial"))

    assert (owned(taught(made)), taught(made).gone) == ([], ("10",))
    assert owned(taught(made, outcomes={})) == [("10", "managed", "", LOGIN, "")]


def test_leaving_is_remembered_when_it_was_done() -> None:
    known = memory(ADA | {"external_id": "E1"}, absences={"10": (3, EARLIER, EARLIER)})
    made = plan(roster(), directory(ADA), known)

    assert owned(taught(made, known)) == [("10", "managed", "E1", LOGIN, STAMP)]
    assert owned(taught(made, known, {})) == []


LEFT = GONE | {"left_at": EARLIER}


#: what a row says of somebody who has left (None: there is no row), the status now, and since when that is known afterwards
RETURNS: list[tuple[Cells | None, str, str]] = [
    (_row(), "inactive", ""),  # activated
    (_row(), "active", ""),  # an admin was faster
    (_row(end_date="2026-01-01"), "inactive", EARLIER),
    (_row(start_date="2026-03-09"), "inactive", EARLIER),  # comes back next week
    (_row(action="ignore"), "inactive", EARLIER),
    (None, "inactive", EARLIER),
]


def test_who_left_is_known_to_have_left_until_they_are_back() -> None:
    left = [
        user(f"p{at}@acme.example", f"2{at}", status=status, left_at=EARLIER)
        for at, (_, status, _) in enumerate(RETURNS)
    ]
    rows = [
        row(each["login"], **cells)
        for each, (cells, _, _) in zip(left, RETURNS, strict=True)
        if cells is not None
    ]
    known = memory(*left)
    lesson = taught(plan(roster(*rows), directory(*left), known), known)

    assert owned(lesson) == [
        (each["box_id"], "managed", "", each["login"], "")
        for each, (_, _, since) in zip(left, RETURNS, strict=True)
        if not since
    ]


def test_a_return_that_failed_is_tried_again() -> None:
    known = memory(LEFT)
    made = plan(roster(row(LOGIN)), directory(GONE), known)

    assert owned(taught(made, known, {})) == []


def test_absences_grow_only_with_time_between() -> None:
    """Absences so far, hours since the last that counted, and absences afterwards."""
    counts = [(0, 0.0, 1), (1, 11.9, 1), (1, 12.0, 2), (5, 0.0, 5), (5, 24.0, 6)]
    users = [user(f"p{at}@acme.example", f"2{at}") for at in range(len(counts))]
    last = {f"2{at}": (NOW - timedelta(hours=hours)).isoformat() for at, (_, hours, _) in enumerate(counts)}
    known = memory(
        *users,
        absences={f"2{at}": (each[0], EARLIER, last[f"2{at}"]) for at, each in enumerate(counts) if each[0]},
    )
    found = absent(taught(plan(roster(), directory(*users), known), known))

    assert sorted(found) == [
        (
            f"2{at}",
            after_run,
            EARLIER if missed else STAMP,
            STAMP if after_run > missed else last[f"2{at}"],
        )
        for at, (missed, _, after_run) in enumerate(counts)
    ]


def test_who_is_named_again_starts_from_nothing() -> None:
    """In a row that counts, in one to be ignored, in one that is held, and in a bad one; whoever is in none goes on."""
    users = [user(f"{who}@acme.example", who) for who in ("named", "ignored", "held", "bad", "absent")]
    known = memory(
        *(each | {"external_id": f"E-{each['box_id']}"} for each in users),
        absences={each["box_id"]: (5, EARLIER, EARLIER) for each in users},
    )
    people = roster(
        row("named@acme.example"),
        row("ignored@acme.example", action="ignore"),
        row("held@acme.example", external_id="E9"),
        bad=(row("bad@acme.example"),),
    )

    assert absent(taught(plan(people, directory(*users), known), known)) == [("absent", 6, EARLIER, STAMP)]


def test_unowned_protected_and_out_of_scope_people_are_not_counted_as_absent() -> None:
    admin, foreign = user("b@acme.example", "11", role="admin"), user("c@other.example", "12")
    job = make_job(scope={"domains": ["acme.example"]})
    known = memory(admin, foreign)

    assert absent(taught(plan(roster(), directory(ADA, admin, foreign, job=job), known, job), known)) == []


def test_a_partial_roster_teaches_nothing_about_absence() -> None:
    known = memory(ADA, absences={"10": (5, EARLIER, EARLIER)})
    lesson = taught(plan(roster(), directory(ADA), known, make_job("partial")), known)

    assert (lesson.absences, lesson.complete) == (None, False)


@pytest.mark.parametrize(
    ("bad", "number", "grows"),
    [
        (UNREADABLE, "E1", False),
        (UNREADABLE, "", False),
        (row("", external_id="E2", name="Eva Else"), "E1", True),
        (row("", external_id="E2"), "", False),
        (row("bob@acme.example"), "", True),
    ],
)
def test_a_roster_with_an_unreadable_row_proves_nobody_s_absence(
    bad: Cells, number: str, grows: bool
) -> None:
    """Neither that of her who was there last time, nor that of him who was absent once."""
    tim = user("tim@acme.example", "12")
    known = memory(
        ADA | {"external_id": number},
        tim | {"external_id": number and "E3"},
        absences={"12": (1, EARLIER, EARLIER)},
    )
    made = plan(roster(row("carl@acme.example"), bad=(bad,)), directory(ADA, tim), known)

    kept: list[tuple[object, ...]] = [("12", 1, EARLIER, EARLIER)]
    grown: list[tuple[object, ...]] = [("10", 1, STAMP, STAMP), ("12", 2, EARLIER, STAMP)]
    assert absent(taught(made, known)) == (grown if grows else kept)


def test_an_account_that_a_doubtful_row_may_mean_is_not_counted_as_absent() -> None:
    bob = user("bob@acme.example", "11")
    known = memory(
        ADA | {"external_id": "E1"}, bob | {"external_id": "E2"}, absences={"10": (1, EARLIER, EARLIER)}
    )
    made = plan(roster(row("bob@acme.example", external_id="E1")), directory(ADA, bob), known)

    assert absent(taught(made, known)) == [("10", 1, EARLIER, EARLIER)]


def test_the_roster_is_remembered_with_its_bad_rows() -> None:
    lesson = taught(plan(roster(row(LOGIN), bad=(UNREADABLE,)), directory(ADA)))

    assert (lesson.roster_sha256, lesson.roster_rows, lesson.complete) == ("ab" * 32, 2, True)


def test_nights_in_a_row_through_a_real_ledger(tmp_path: Path) -> None:
    """Hired, absent, deactivated, deleted; each night as the nightly job would do it."""
    job = make_job(
        lifecycle={"leavers": [{"after": "0d", "do": "deactivate"}, {"after": "3d", "do": "delete"}]}
    )
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    existing, told = directory(job=job), []
    for night, names in enumerate(["ab", "ab", "a", "ab", "a", "a", "a", "a", "a"]):
        as_of = NOW + timedelta(days=night)
        known = ledger.memory("777", "nightly")
        made = plan(
            roster(*(row(f"{name}@acme.example") for name in names)), existing, known, job, as_of=as_of
        )
        told.append(made.counts)
        lesson = lessons(made, all_done(made), known, job.lifecycle.evidence)
        stamp = as_of.isoformat()
        ledger.learn("777", "nightly", lesson, Taught(f"run-{night}", stamp, stamp))
        existing = after(existing, made, job)
    kept = ledger.memory("777", "nightly")
    ledger.close()

    assert told == [{"create": 2}, {}, {}, {}, {}, {"deactivate": 1}, {}, {}, {"delete": 1}]
    assert kept.accounts["login"].tolist() == ["a@acme.example"]
    assert len(kept.absences) == 0
    assert datetime.fromisoformat(STAMP) == NOW


def test_a_roster_of_bad_rows_only_proves_nobody_s_absence_and_is_not_accepted() -> None:
    known = memory(ADA, absences={"10": (1, EARLIER, EARLIER)})
    made = plan(roster(bad=(row("bob@acme.example"), row("carl@acme.example"))), directory(ADA), known)
    learnt = taught(made, known)

    assert absent(learnt) == [("10", 1, EARLIER, EARLIER)]
    assert (learnt.roster_sha256, made.counts) == ("", {})


@pytest.mark.parametrize(("moved_at", "marks"), [("", ["transfer"]), (EARLIER, [])])
def test_content_on_its_way_is_not_forgotten_when_its_person_comes_back(
    moved_at: str, marks: list[str]
) -> None:
    progress = Progress(
        left_at=EARLIER,
        sessions_at=EARLIER,
        transfer=TransferSent(EARLIER, "20", "boss", told=True),
        moved_at=moved_at,
    )
    gone = ADA | {"status": "inactive", "left_at": EARLIER}
    known = memory(gone, progress_by_id={"10": progress})
    made = plan(roster(row(ADA["login"])), directory(gone), known)
    assert [change.kind for change in made.changes] == ["activate"]

    stages = taught(made, known).stages
    assert stages is not None
    assert stages["stage"].tolist() == marks


def test_a_killed_deactivation_is_not_taken_for_ended_sessions() -> None:
    job = make_job(
        lifecycle={
            "evidence": {"absent_runs": 1},
            "leavers": ({"after": "0d", "do": "deactivate"}, {"after": "0d", "do": "end_sessions"}),
        }
    )
    made = plan(
        roster(row("carl@acme.example")), directory(ADA, user("carl@acme.example", "11")), memory(ADA), job
    )
    change, signed_out = made.changes
    assert (change.kind, signed_out.kind) == ("deactivate", "end_sessions")
    begun = {change.id: Outcome(change.id, Status.IN_DOUBT, "10")}
    shown = directory(ADA | {"status": "inactive"})

    lesson = salvaged(made, begun, shown, memory(ADA))
    assert lesson.done == {"deactivate": 1}
    assert lesson.stages is None or "end_sessions" not in set(lesson.stages["stage"])


@pytest.mark.parametrize("among", [lambda existing: existing, in_batches])
def test_doubts_of_a_killed_run_are_settled_by_whoever_is_listed(among: Any) -> None:
    carl = user("carl@acme.example", "11", job_title="Clerk")
    made = plan(
        roster(row("carl@acme.example"), row("mia@acme.example"), row("noah@acme.example")),
        directory(carl),
        memory(carl),
    )
    creates = {change.login: change.id for change in made.changes if change.kind == "create"}
    begun = {name: Outcome(name, Status.IN_DOUBT) for name in creates.values()}
    shown = directory(
        carl,
        user("MIA@acme.example", "12"),
        user("noah@acme.example", "13", enterprise_id="1"),
        user("x@acme.example", "14"),
    )

    lesson = salvaged(made, begun, among(shown), memory(carl))
    assert sorted(lesson.accounts["box_id"]) == ["12"]
    assert lesson.done == {"create": 1}
    assert salvaged(made, begun, None, memory(carl)).done == {}


@pytest.mark.parametrize("status", [Status.DONE, Status.FAILED])
def test_manager_named_on_the_night_the_account_is_made_is_kept(status: Status) -> None:
    made = plan(roster(row(LOGIN, manager="boss@acme.example"), row("bea@acme.example")), directory())
    outcomes = {name: replace(one, status=status) for name, one in all_done(made).items()}

    learned = lessons(made, outcomes, memory(), make_job().lifecycle.evidence).managers

    assert learned is not None
    assert learned.to_dict("records") == [
        {"box_id": f"new-{LOGIN}", "manager": "boss@acme.example", "transfer_to": ""}
    ]
