"""Roster now, roster last, Box now: who changed a cell, and who wins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.because import Because, codes_of
from provision.journal.value import Outcome
from provision.keyed import FingerprintKey
from provision.ledger.roster_values import LEAST, NOT_SAID
from provision.ledger.value import Memory
from provision.lessons.finished import lessons
from provision.model import CLEAR, Kind, Status
from provision.plan.diff.fingerprints import marks, plain_marks
from provision.plan.diff.lost_accents import loses_accents
from provision.plan.value import Plan
from provision.report.sentences.reasons import words
from tests.examples import either, examples

from .builders import (
    KEY,
    Cells,
    all_done,
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
OTHER = "bea@acme.example"
SIDES = ("roster", "box", "report")
IN_STEP = "in step with the roster"
DRIFT = "changed in Box since (drift)"
#: when the job deactivated somebody
LEFT = "2026-01-01T00:00:00+00:00"


def after_night(made: Plan, known: Memory, outcomes: dict[str, Outcome] | None = None) -> Memory:
    """The memory once this plan has been carried out, all of it unless told."""
    done = all_done(made) if outcomes is None else outcomes
    said = lessons(made, done, known, make_job().lifecycle.evidence).said
    return known if said is None else replace(known, said=said)


def said_before(*rows: Cells, known: Memory | None = None) -> Memory:
    """The memory after a night on which the roster said this and Box had it all."""
    before = known or memory()
    users = [user(each["login"], str(10 + at), name="") for at, each in enumerate(rows)]
    return after_night(plan(roster(*rows), directory(*users), before), before)


def night(last: Cells | None, now: Cells, box: Cells, **sections: Any) -> Plan:
    """The plan for Ada; ``last`` is None where it is not known what the roster said."""
    known = memory() if last is None else said_before(row(LOGIN, **last))
    job = make_job(**sections)
    return plan(roster(row(LOGIN, **now)), directory(user(LOGIN, "10", **box), job=job), known, job)


def outcome(made: Plan, login: str = LOGIN) -> str:
    """``written``, ``written back``, ``left`` or ``reported``, as the person's verdict, operation and reason say."""
    verdict, reason = told(made, login)
    if any(each.login == login for each in made.changes):
        assert verdict == "update"
        return "written back" if DRIFT in reason else "written"
    assert verdict == "unchanged"
    return "reported" if "reported only" in reason else "left"


#: roster last, roster now, Box now → what is done under roster, box, report; None is not known, "" is empty
TABLE = [
    # last   now    Box    roster          box         report
    (None,   "A",   "A",   "left",         "left",     "left"),
    (None,   "A",   "B",   "written",      "written",  "written"),
    (None,   "A",   "",    "written",      "written",  "written"),
    (None,   "",    "A",   "left",         "left",     "left"),
    (None,   CLEAR, "A",   "written",      "written",  "written"),
    ("",     "A",   "B",   "written",      "written",  "written"),
    ("",     "",    "B",   "left",         "left",     "left"),
    ("A",    "A",   "A",   "left",         "left",     "left"),
    ("A",    "A",   "B",   "written back", "left",     "reported"),
    ("A",    "A",   "",    "written back", "left",     "reported"),
    ("A",    "a",   "B",   "written",      "written",  "written"),
    ("A",    "B",   "A",   "written",      "written",  "written"),
    ("A",    "B",   "B",   "left",         "left",     "left"),
    ("A",    "B",   "C",   "written",      "written",  "written"),
    ("A",    "",    "B",   "left",         "left",     "left"),
    ("A",    CLEAR, "B",   "written",      "written",  "written"),
    (CLEAR,  CLEAR, "",    "left",         "left",     "left"),
    (CLEAR,  CLEAR, "B",   "written back", "left",     "reported"),
    (CLEAR,  "A",   "B",   "written",      "written",  "written"),
    ("é",    "é",   "e\u0301", "left",     "left",     "left"),
]  # fmt: skip


@pytest.mark.parametrize("side", range(3), ids=SIDES)
def test_who_changed_it_decides_what_is_done(side: int) -> None:
    remembered_first = sorted(TABLE, key=lambda line: line[0] is None)
    people = {f"p{at}@acme.example": line for at, line in enumerate(remembered_first)}
    said = [row(login, phone=line[0]) for login, line in people.items() if line[0] is not None]
    now = [row(login, phone=line[1]) for login, line in people.items()]
    box = [user(login, str(10 + at), phone=line[2]) for at, (login, line) in enumerate(people.items())]
    job = make_job(attributes={"phone": SIDES[side]})

    made = plan(roster(*now), directory(*box, job=job), said_before(*said), job)

    found = {(*line[:3], outcome(made, login)) for login, line in people.items()}
    assert found == {(*line[:3], line[3 + side]) for line in TABLE}


@pytest.mark.parametrize("status", [Status.FAILED, Status.HELD, None], ids=["refused", "held", "not begun"])
def test_a_first_night_that_led_to_no_account_leaves_nothing_to_compare_with(status: Status | None) -> None:
    first = plan(roster(row(LOGIN, name="Ada Abara", phone="1")), directory())
    known = after_night(
        first, memory(), {each.id: Outcome(each.id, status) for each in first.changes if status}
    )

    made = plan(
        roster(row(LOGIN, name="Ada Abara", phone="1")), directory(user(LOGIN, "10", name="Ada A.")), known
    )

    assert known.said
    assert words(only_change(made).because) == "differs from the roster in name, phone"


def test_without_a_policy_the_roster_wins_and_says_that_it_was_drift() -> None:
    made = night({"job_title": "A"}, {"job_title": "A"}, {"job_title": "B"})

    assert words(only_change(made).because) == f"differs from the roster in job_title; {DRIFT}: job_title"
    assert tuple(map(words, made.drift)) == (
        "drift: 1 person changed in Box since the last accepted roster (job_title 1); the roster's values are written back",
    )


def test_a_reported_field_is_named_and_counted() -> None:
    made = night(
        {"job_title": "A", "phone": "1"}, {"job_title": "A", "phone": "1"}, {"job_title": "B", "phone": "2"},
        attributes={"*": "report"},
    )  # fmt: skip

    assert told(made, LOGIN) == ("unchanged", f"{IN_STEP}; {DRIFT}, reported only: job_title, phone")
    assert tuple(map(words, made.drift)) == (
        "drift: 1 person changed in Box since the last accepted roster (job_title 1, phone 1); reported only, not written",
    )


def test_what_box_may_keep_stands_in_a_note_only() -> None:
    made = night({"phone": "1"}, {"phone": "1"}, {"phone": "2"}, attributes={"phone": "box"})

    assert told(made, LOGIN) == ("unchanged", IN_STEP)
    assert tuple(map(words, made.drift)) == (
        "drift: 1 person changed in Box since the last accepted roster (phone 1); left as Box has it",
    )


def test_a_named_attribute_goes_before_the_star() -> None:
    said = {"job_title": "A", "phone": "1"}
    made = night(said, said, {"job_title": "B", "phone": "2"}, attributes={"*": "box", "phone": "roster"})

    assert fields(only_change(made)) == {"phone": ("2", "1")}


def test_drift_of_one_field_does_not_hide_hr_s_change_of_another() -> None:
    made = night(
        {"job_title": "A", "phone": "1"}, {"job_title": "A", "phone": "3"}, {"job_title": "B", "phone": "1"},
        attributes={"job_title": "report"},
    )  # fmt: skip

    assert fields(only_change(made)) == {"phone": ("1", "3")}
    assert (
        words(only_change(made).because)
        == f"differs from the roster in phone; {DRIFT}, reported only: job_title"
    )


def test_tracking_codes_are_weighed_singly() -> None:
    said = {"tracking_codes.cost": "1", "tracking_codes.site": "B"}
    now = said | {"tracking_codes.site": "C"}
    box = {"tracking_codes": '{"cost":"9","site":"B","z":"kept"}'}

    made = night(said, now, box, attributes={"tracking_codes.cost": "box"})

    expected = '{"cost":"9","site":"C","z":"kept"}'
    assert fields(only_change(made)) == {"tracking_codes": (box["tracking_codes"], expected)}
    assert "(tracking_codes.cost 1)" in words(made.drift[0])


def test_an_address_in_another_letter_case_is_the_same_word() -> None:
    made = night(
        {"notification_email": "Me@home.example"}, {"notification_email": "me@HOME.example"},
        {"notification_email": "other@home.example"}, attributes={"*": "box"},
    )  # fmt: skip

    assert outcome(made) == "left"


@pytest.mark.parametrize(("side", "planned"), [("roster", {"activate": 1}), ("box", {}), ("report", {})])
def test_an_account_that_an_admin_locked_is_drift_of_its_status(side: str, planned: dict[str, int]) -> None:
    said = {"status": "active"}

    assert night(said, said, {"status": "inactive"}, attributes={"status": side}).counts == planned


def test_who_left_by_our_doing_and_is_back_is_activated_whoever_wins() -> None:
    back: dict[str, Cells] = {
        "p0@acme.example": {"status": "active"},
        "p1@acme.example": {"status": ""},
        "p2@acme.example": {},
    }
    ids = {login: str(10 + at) for at, login in enumerate(back)}
    people = [row(login, **said) for login, said in back.items()]
    known = said_before(
        *people, known=memory(*(user(login, box_id, left_at=LEFT) for login, box_id in ids.items()))
    )
    job = make_job(attributes={"*": "box"})
    existing = directory(*(user(login, box_id, status="inactive") for login, box_id in ids.items()), job=job)

    made = plan(roster(*people), existing, known, job)

    assert [(each.login, each.kind) for each in made.changes] == [(login, Kind.ACTIVATE) for login in back]


def test_reported_drift_does_not_keep_alive_that_somebody_once_left() -> None:
    known = said_before(row(LOGIN, phone="1"), known=memory(user(LOGIN, "10", left_at=LEFT)))
    job = make_job(attributes={"*": "report"})
    made = plan(roster(row(LOGIN, phone="1")), directory(user(LOGIN, "10", phone="2"), job=job), known, job)

    learnt = lessons(made, {}, known, job.lifecycle.evidence)
    assert learnt.accounts["left_at"].tolist() == [""]


def test_a_change_of_hr_that_was_not_carried_out_is_hr_s_change_still() -> None:
    ends = {
        f"p{at}@acme.example": status
        for at, status in enumerate(
            (Status.FAILED, Status.IN_DOUBT, Status.SKIPPED, Status.NOT_ATTEMPTED, None)
        )
    }
    job = make_job(attributes={"*": "box"})
    known = said_before(*(row(login, job_title="A") for login in ends))
    here = directory(*(user(login, str(10 + at), job_title="A") for at, login in enumerate(ends)), job=job)
    promoted = roster(*(row(login, job_title="B") for login in ends))
    first = plan(promoted, here, known, job)
    failed = {
        each.id: Outcome(each.id, status)
        for each in first.changes
        if (status := ends[each.login]) is not None
    }

    second = plan(promoted, here, after_night(first, known, failed), job)

    wanted = {"job_title": ("A", "B")}
    assert [(each.login, fields(each)) for each in second.changes] == [(login, wanted) for login in ends]
    assert all(Because.DRIFTED not in codes_of(each.because) for each in second.changes)


def test_a_change_of_hr_that_was_carried_out_and_is_changed_in_box_then_is_drift() -> None:
    job = make_job(attributes={"*": "box"})
    known = said_before(row(LOGIN, job_title="A"))
    promoted = roster(row(LOGIN, job_title="B"))
    first = plan(promoted, directory(user(LOGIN, "10", job_title="A"), job=job), known, job)

    second = plan(
        promoted, directory(user(LOGIN, "10", job_title="C"), job=job), after_night(first, known), job
    )

    assert second.changes == ()
    assert len(second.drift) == 1


def test_one_field_that_failed_does_not_unsay_the_others() -> None:
    job = make_job(attributes={"*": "box"})
    known = said_before(row(LOGIN, job_title="A", phone="1"))
    now = roster(row(LOGIN, job_title="B", phone="1"))
    first = plan(now, directory(user(LOGIN, "10", job_title="A", phone="1"), job=job), known, job)

    changed = directory(user(LOGIN, "10", job_title="A", phone="2"), job=job)
    second = plan(now, changed, after_night(first, known, {}), job)

    assert fields(only_change(second)) == {"job_title": ("A", "B")}


def test_what_a_protected_person_s_row_says_is_not_taken_as_carried_out() -> None:
    known = said_before(row(LOGIN, job_title="A"))
    now, here = roster(row(LOGIN, job_title="B")), user(LOGIN, "10", job_title="A")
    guarded = make_job(scope={"protect": [LOGIN]}, attributes={"*": "box"})
    first = plan(now, directory(here, job=guarded), known, guarded)
    assert first.changes == first.drift == ()

    job = make_job(attributes={"*": "box"})
    second = plan(now, directory(here, job=job), after_night(first, known), job)
    assert fields(only_change(second)) == {"job_title": ("A", "B")}


def test_who_is_created_is_known_by_what_the_row_said() -> None:
    job = make_job(attributes={"*": "box"})
    people = roster(row(LOGIN, job_title="A"))
    known = after_night(plan(people, directory(job=job), None, job), memory())
    box_id = f"new-{LOGIN}"

    assert plan(people, directory(user(LOGIN, box_id, job_title="B"), job=job), known, job).changes == ()


@pytest.mark.parametrize("authority", ["full", "partial"])
def test_who_is_missing_or_has_a_bad_row_for_a_night_is_remembered(authority: str) -> None:
    job = make_job(authority, attributes={"*": "box"})
    known = said_before(row(LOGIN, job_title="A"), row(OTHER, job_title="A"))
    here = directory(user(LOGIN, "10", job_title="B"), user(OTHER, "11", job_title="A"), job=job)
    known = after_night(plan(roster(row(OTHER, job_title="A")), here, known, job), known)
    known = after_night(plan(roster(row(OTHER, job_title="A"), bad=(row(LOGIN),)), here, known, job), known)

    assert plan(roster(row(LOGIN, job_title="A")), here, known, job).changes == ()


def test_a_quiet_night_leaves_the_memory_as_it_is() -> None:
    known = said_before(row(LOGIN, job_title="A"))
    made = plan(roster(row(LOGIN, job_title="A")), directory(user(LOGIN, "10", job_title="A")), known)

    assert lessons(made, {}, known, make_job().lifecycle.evidence).said is None


def test_what_was_said_is_not_looked_into_on_a_quiet_night() -> None:
    unreadable = replace(memory(), said=b"no Parquet at all")
    here = directory(user(LOGIN, "10", job_title="A"))

    assert plan(roster(row(LOGIN, job_title="A")), here, unreadable).changes == ()


VALUES = st.sampled_from(["", "A", "B", "C", CLEAR])


@examples(25)
@given(last=VALUES, now=VALUES, box=st.sampled_from(["", "A", "B", "C"]), side=st.sampled_from(SIDES))
def test_box_is_only_left_alone_where_the_roster_says_what_it_said(
    last: str, now: str, box: str, side: str
) -> None:
    made = night({"phone": last}, {"phone": now}, {"phone": box}, attributes={"*": side})
    wanted = "" if now == CLEAR else now
    differs = now != "" and wanted != box

    assert bool(made.changes) == (differs and (last != now or side == "roster"))
    assert bool(made.drift) == (differs and last == now)
    for change in made.changes:
        assert fields(change) == {"phone": (box, wanted)}


@examples(either(50, 100))
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=40), max_size=30))
def test_fingerprints_tell_texts_apart_and_nothing_else(texts: list[str]) -> None:
    cells = pd.Series(texts, dtype="str").str.strip()
    found = marks("nightly", "job_title", cells, KEY)
    tidy = pd.Series(found).groupby(found).size()

    assert len(tidy) <= cells.nunique()
    assert ((found == NOT_SAID) == (cells == "").to_numpy()).all()
    assert (found[found != NOT_SAID] >= LEAST).all()
    assert (marks("nightly", "job_title", cells[1:], KEY) == found[1:]).all()


def test_fingerprints_of_many_like_texts_are_all_different() -> None:
    number = pd.Series(range(200_000)).astype("str")
    for texts in (number, "Person " + number, "+49 30 " + number, number.str.zfill(9) + " Street"):
        assert len(set(marks("nightly", "address", texts.astype("str"), KEY).tolist())) == len(texts)


def test_fingerprints_are_made_of_what_the_ledgers_of_earlier_releases_hold() -> None:
    cells = pd.Series(["Clerk", "Zoë Ὀδυσσεύς", "x" * 100], dtype="str")

    assert plain_marks("nightly", "job_title", cells).tolist() == PLAIN
    assert marks("nightly", "job_title", cells, KEY).tolist() == KNOWN


def test_fingerprints_are_others_with_another_key_field_or_job() -> None:
    cells = pd.Series(["Clerk"], dtype="str")
    made = [
        plain_marks("nightly", "job_title", cells),
        *(marks(job, field, cells, key) for job, field, key in OTHERS),
    ]

    assert len({int(one[0]) for one in made}) == len(made)


OTHER_KEY = FingerprintKey(b"another one")
OTHERS = [
    ("nightly", "job_title", KEY), ("nightly", "job_title", OTHER_KEY), ("nightly", "phone", KEY), ("portal", "job_title", KEY),
]  # fmt: skip
KNOWN = [9125148721864117358, 2913731340496462373, 9888383467918652399]
PLAIN = [10029574669398567545, 16069840753993477020, 18172081696190343618]

LOSSES = [
    ("Zoë", "Zoe"), ("Müller", "Muller"), ("Müller", "M?ller"), ("Müller", "M??ller"), ("Strauß", "Strauss"),
    ("Søren Ørsted", "Soren Orsted"), ("Łukasz Zoë", "Lukasz Zoë"), ("ZOË", "zoe"), ("Zoe\u0308", "Zoe"),
    ("王小明", "???"), ("Ægir", "Aegir"), ("Ŧor Ŋaŧ", "Tor Ngat"),
    ("José Muñoz", "JosŽ Mu–oz"), ("Åsa Öberg", "Źsa ™berg"), ("Jürgen Groß", "JÃ¼rgen GroÃŸ"), ("Dvořák", "Dvoøák"),
    ("Ștefan Țepeș", "Ştefan Ţepeş"), ("Иван Петров", "Èâàí Ïåòðîâ"), ("山田", "ŽR“c"), ("Işıl", "Iþýl"),
]  # fmt: skip
NO_LOSSES = [
    ("Müller", "Mueller"), ("Zoe", "Zoë"), ("Zoë", "Zoë"), ("ZOË", "Zoë"), ("Zoë Alt", "Zoe Neu"), ("Zoë", "Chloe"),
    ("Ada", "Eda"), ("Zoë", "Zo"), ("王小明", "Wang Xiaoming"), ("Ян", "Yan"), ("?" * 3, "Zoë"),
    ("JosŽ Mu–oz", "José Muñoz"), ("Dvoøák", "Dvořák"), ("Müller", "Möller"), ("Péter", "Pèter"), ("Şahin", "Șahin"),
]  # fmt: skip


def test_a_name_that_only_loses_its_accents_is_held_and_any_other_is_not() -> None:
    people = {f"p{at}@acme.example": names for at, names in enumerate(LOSSES + NO_LOSSES)}
    now = [row(login, name=after) for login, (_, after) in people.items()]
    box = [user(login, str(10 + at), name=before) for at, (login, (before, _)) in enumerate(people.items())]
    made = plan(roster(*now), directory(*box), memory())
    found = {each.login: (each.kind, fields(each), each.hold) for each in made.changes}

    assert found == {
        login: (Kind.UPDATE, {"name": names}, "accents_lost" if names in LOSSES else "")
        for login, names in people.items()
        if names[0] != names[1]
    }
    assert not any(loses_accents(*names) for names in NO_LOSSES)


def test_a_long_name_of_question_marks_is_judged_at_once() -> None:
    assert not loses_accents("王" * 50, "?" * 120 + "!")
    assert loses_accents("王" * 50, "?" * 120)


def test_the_other_fields_do_not_wait_for_a_held_name() -> None:
    known = said_before(row(LOGIN, name="Zoë", phone="1"))
    job = make_job(attributes={"*": "box"})
    damaged = roster(row(LOGIN, name="Zoe", phone="2"))
    first = plan(damaged, directory(user(LOGIN, "10", name="Zoë", phone="1"), job=job), known, job)

    change, waits = first.changes
    assert (fields(change), change.hold) == ({"phone": ("1", "2")}, "")
    assert (fields(waits), waits.hold, waits.id) == (
        {"name": ("Zoë", "Zoe")},
        "accents_lost",
        "update:10:name",
    )
    assert (
        words(change.because)
        == "differs from the roster in phone; name held: the name would lose its accents"
    )

    here = directory(user(LOGIN, "10", name="Zoë", phone="2"), job=job)
    sent = {change.id: all_done(first)[change.id]}
    second = only_change(plan(damaged, here, after_night(first, known, sent), job))
    assert (fields(second), bool(second.hold)) == ({"name": ("Zoë", "Zoe")}, True)
    assert Because.DRIFTED not in codes_of(second.because)
