"""One person, one account: what is certain is decided, what is doubtful is asked, and an answer is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.because import Because, led_by
from provision.findings import Code
from provision.lessons.finished import lessons
from provision.letters import plain_name
from provision.model import Verdict, fold
from provision.plan.value import Plan
from provision.report.sentences.reasons import same_person
from provision.report.sentences.reasons import words as in_words
from tests.examples import examples

from .builders import (
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
from .strategies import IDS, LONG_AGO, World, worlds
from .test_convergence import carried_out

ADA = user("ada@acme.example", "10", name="Ada Abara", external_id="E1")
BOB = user("bob@acme.example", "11", name="Bob Baker", external_id="E2")
LONG_ABSENT = (5, "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00")
NEW = row("ada.new@acme.example", external_id="E1", name="Ada Abara")
WAITS = "login: ada@acme.example → ada.new@acme.example waits: the job does not change logins (match.login_changes), or not to this domain; change it in the Admin Console"
JOB = make_job()


def holds(made: Plan) -> dict[str, str]:
    """Why operations wait for a person, by their id."""
    return {change.id: in_words(change.hold) for change in made.changes if change.hold}


def asked(made: Plan) -> list[tuple[str, str]]:
    """Which external id and which account a plan asks about."""
    return [(each.external_id, each.box_id) for each in made.questions]


# --- a change of login --------------------------------------------------------------------------


def test_a_change_of_login_alone_is_held_and_named() -> None:
    made = plan(roster(NEW), directory(ADA), memory(ADA))

    assert told(made, "ada@acme.example") == ("held", WAITS)
    assert (made.changes, made.questions) == ((), ())


def test_other_fields_are_updated_while_the_login_waits() -> None:
    made = plan(roster(NEW | {"phone": "1"}), directory(ADA), memory(ADA))
    change = only_change(made)

    assert (change.kind, change.box_id, change.login, fields(change)) == (
        "update", "10", "ada@acme.example", {"phone": ("", "1")},
    )  # fmt: skip
    assert in_words(change.because) == f"differs from the roster in phone; {WAITS}"


@pytest.mark.parametrize("phone", ["", "1"])
def test_who_changes_the_login_stays_owned_under_the_one_in_box(phone: str) -> None:
    known = memory(ADA, absences={"10": LONG_ABSENT})
    made = plan(roster(NEW | {"phone": phone}), directory(ADA), known)
    taught = lessons(made, all_done(made), known, JOB.lifecycle.evidence)

    assert (len(taught.accounts), taught.gone) == (0, ())
    assert taught.absences is not None
    assert not len(taught.absences)


def test_once_the_login_is_changed_in_box_the_night_is_quiet_and_the_ledger_learns_it() -> None:
    renamed = ADA | {"login": "ada.new@acme.example"}
    made = plan(roster(NEW), directory(renamed), memory(ADA))
    taught = lessons(made, {}, memory(ADA), JOB.lifecycle.evidence)

    assert made.verdicts == {"unchanged": 1}
    assert taught.accounts["login"].tolist() == ["ada.new@acme.example"]


def test_who_left_and_comes_back_with_another_login_gets_the_same_account() -> None:
    gone = ADA | {"status": "inactive", "left_at": LONG_AGO}
    change = only_change(plan(roster(NEW), directory(gone), memory(gone)))

    assert (change.kind, change.box_id) == ("activate", "10")
    assert in_words(change.because) == f"in the roster again, but inactive in Box; {WAITS}"


@pytest.mark.parametrize(
    ("rows", "bad"),
    [
        ((NEW, row("ada@acme.example", external_id="E9")), ()),  # a newcomer has the old address already
        ((NEW,), (row("ada@acme.example"),)),
        ((NEW,), (row("", external_id="E1"),)),
    ],
)
def test_a_change_of_login_is_not_sure_when_another_row_means_the_account(
    rows: tuple[Cells, ...], bad: tuple[Cells, ...]
) -> None:
    made = plan(
        roster(*(cells | {"phone": "1"} for cells in rows), bad=bad),
        directory(ADA),
        memory(ADA, absences={"10": LONG_ABSENT}),
    )

    assert not made.changes
    assert not made.questions
    assert made.verdicts["held"] == len(rows)


def test_of_two_accounts_known_for_one_id_none_is_taken_for_a_change_of_login() -> None:
    twins = ADA, BOB | {"external_id": "E1"}
    made = plan(roster(NEW | {"phone": "1"}), directory(*twins), memory(*twins, absences={"11": LONG_ABSENT}))

    assert not made.changes
    assert set(made.table["verdict"]) == {"held"}


def test_a_row_that_says_so_lets_a_person_leave_under_the_old_login() -> None:
    made = plan(roster(NEW | {"end_date": "2026-01-01"}), directory(ADA), memory(ADA))

    assert (only_change(made).kind, only_change(made).box_id) == ("deactivate", "10")


# --- questions and answers ----------------------------------------------------------------------


@pytest.mark.parametrize("left_at", ["", LONG_AGO])
def test_a_question_about_an_id_that_may_have_lost_its_zeros_says_so(left_at: str) -> None:
    now = ADA | {"left_at": left_at, "external_id": "0012"}
    made = plan(roster(row("ada@acme.example", external_id="12")), directory(now), memory(now))
    [question] = made.questions

    assert "the same id without its leading zeros (format the column as text, and export again)" in in_words(
        question.because
    )


@pytest.mark.parametrize(
    ("left_at", "status", "words"),
    [
        ("", "active", "ada@acme.example is the login of the account known as E1, and the row says E9: a reused address?"),
        ("", "inactive", "ada@acme.example is the login of the account known as E1, and the row says E9: a reused address?"),
        (
            LONG_AGO, "inactive",
            "ada@acme.example is the login of the account of E1, who has left, and the row says E9: hired again under a new",
        ),
    ],
)  # fmt: skip
def test_a_login_known_under_another_number_is_asked_about(left_at: str, status: str, words: str) -> None:
    now = ADA | {"left_at": left_at, "status": status}
    made = plan(roster(row("ada@acme.example", external_id="E9", phone="1")), directory(now), memory(now))
    [question] = made.questions

    assert not made.changes
    assert told(made, "ada@acme.example") == ("held", in_words(question.because))
    assert in_words(question.because).startswith(words)
    assert "archive the old account" in in_words(question.because)
    assert (question.key, question.line, question.external_id, question.login, question.box_id) == (
        "ada@acme.example", 2, "E9", "ada@acme.example", "10",
    )  # fmt: skip
    assert same_person(question) == "the account ada@acme.example (10) is that of E9 from now on"


def test_an_answer_settles_the_doubt_and_is_learnt() -> None:
    people, known = roster(row("ada@acme.example", external_id="E9", phone="1")), memory(ADA)
    known = replace(known, answers=memory(answers={"E9": "10"}).answers)
    made = plan(people, directory(ADA), known)
    taught = lessons(made, all_done(made), known, JOB.lifecycle.evidence)

    assert (only_change(made).kind, made.questions) == ("update", ())
    assert taught.accounts[["box_id", "external_id"]].to_numpy().tolist() == [["10", "E9"]]


def test_an_answer_brings_a_person_back_who_was_hired_again() -> None:
    gone = ADA | {"status": "inactive", "left_at": LONG_AGO}
    known = memory(gone, answers={"E9": "10"})

    assert (
        only_change(plan(roster(row("ada@acme.example", external_id="E9")), directory(gone), known)).kind
        == "activate"
    )


@pytest.mark.parametrize("answers", [{"E8": "10"}, {"E9": "11"}, {"E9": "99"}])
def test_an_answer_about_others_settles_nothing(answers: dict[str, str]) -> None:
    made = plan(
        roster(row("ada@acme.example", external_id="E9")),
        directory(ADA, BOB),
        memory(ADA, BOB, answers=answers),
    )

    assert not made.changes
    assert made.table["verdict"].iloc[0] == "held"


def test_a_second_account_is_asked_about_and_after_the_answer_nobody_leaves() -> None:
    second = user("ada.new@acme.example", "12", name="Ada Abara")
    users, known = directory(ADA, second), memory(ADA, absences={"10": LONG_ABSENT})
    before = plan(roster(NEW), users, known)
    assert asked(before) == [("E1", "12")]

    answered = memory(ADA, absences={"10": LONG_ABSENT}, answers={"E1": "12"})
    for _ in range(2):  # also when the ledger knows both accounts for the number
        made = plan(roster(NEW), users, answered)
        assert (made.changes, made.questions) == ((), ())
        assert told(made, "ada.new@acme.example")[0] == "unchanged"
        assert told(made, "ada@acme.example")[0] == "held"
        answered = replace(answered, accounts=memory(ADA, second | {"external_id": "E1"}).accounts)


@pytest.mark.parametrize(
    "rows",
    [
        (row("bob@acme.example", external_id="E1"),),  # known as E2
        (row("bob@acme.example", external_id="E1"), row("ada@acme.example", external_id="E2")),  # swapped
        (NEW, row("ada@acme.example", external_id="E9")),  # shared
        (row("ada@acme.example", external_id="E9", role="coadmin", action="ignore"),),
    ],
)
def test_what_one_word_cannot_settle_is_not_asked(rows: tuple[Cells, ...]) -> None:
    assert not plan(roster(*rows), directory(ADA, BOB), memory(ADA, BOB)).questions


def test_questions_are_part_of_the_sealed_plan_in_the_order_of_rows() -> None:
    rows = row("bob@acme.example", external_id="E8"), row("ada@acme.example", external_id="E9")

    assert asked(plan(roster(*rows), directory(ADA, BOB), memory(ADA, BOB))) == [("E8", "11"), ("E9", "10")]


# --- a joiner and a leaver who look like one person ----------------------------------------------

TWIN = row("abara@other.example", external_id="E9", name="Abara, Ada")
BECAUSE = (
    "looks like the account ada@acme.example, which no row names: a change of address? If they are one person, change the "
    "login of that account to abara@other.example in the Admin Console; if they are two, approve this"
)
NOT_GONE = "looks like the person of row 2 (abara@other.example), who would be created: a change of address?"


def test_a_joiner_and_a_leaver_of_one_name_both_wait() -> None:
    made = plan(roster(TWIN), directory(ADA), memory(ADA, absences={"10": LONG_ABSENT}))

    assert holds(made) == {made.changes[-1].id: BECAUSE, "deactivate:10": NOT_GONE}


def test_before_the_absence_is_proven_the_joiner_waits_already() -> None:
    made = plan(roster(TWIN), directory(ADA), memory(ADA))

    assert list(holds(made).values()) == [BECAUSE]


#: a joiner and an account that no row names, and whether they look like one person
ALIKE = [
    (row("x0@other.example", name="Ömer, OTTO"), user("otto@acme.example", "10", name="Otto Omer"), True),
    (row("x1@other.example", name="Łucja Sørensen"), user("l@acme.example", "11", name="Lucja Sorensen"), True),
    (row("x2@other.example", name="Hugo Hult Jr"), user("hugo@acme.example", "12", name="Hugo Hult"), False),
    (row("ada@other.example", name="Ada Married"), user("ADA@acme.example", "13", name="Ada Single"), True),
    (row("eve.b@other.example", name="Eve Married"), user("eve@acme.example", "14", name="Eve Single"), False),
    (app_row("C-9", name="Ines Ivo"), user("ines@acme.example", "15", name="Ines Ivo"), False),
    (app_row("C-8", name="Client One"), app_user("C-1", "20", name="Client one"), True),
    (row("x7@other.example", name="Kuno"), user("k@acme.example", "16", name="Kuno", status="inactive"), True),
]  # fmt: skip


def test_who_looks_like_one_person() -> None:
    job = make_job(kind="column")
    gone = [each for _, each, _ in ALIKE]
    made = plan(roster(*(joiner for joiner, _, _ in ALIKE)), directory(*gone, job=job), memory(*gone), job)

    assert {change.line: bool(change.hold) for change in made.changes} == {
        line: alike for line, (_, _, alike) in enumerate(ALIKE, 2)
    }
    assert {change.kind for change in made.changes} == {"create"}


def crowd(size: int, domain: str, start: int) -> list[Cells]:
    return [user(f"p{start + at}@{domain}", str(start + at), name="Reception") for at in range(size)]


def test_a_common_name_holds_nobody() -> None:
    gone = crowd(40, "acme.example", 100)
    joiners = [row(f"q{at}@acme.example", name="Reception") for at in range(40)]
    several = plan(roster(*joiners), directory(*gone), memory(*gone))
    one = plan(roster(*joiners), directory(gone[0]), memory(gone[0]))
    two_candidates = plan(roster(joiners[0]), directory(*gone[:2]), memory(*gone[:2]))

    assert [holds(several), holds(one), holds(two_candidates)] == [{}, {}, {}]


def test_the_login_tells_people_of_one_name_apart() -> None:
    gone = crowd(3, "acme.example", 100)
    joiners = [row(f"p{at}@other.example", name="Reception") for at in (101, 300)]
    made = plan(roster(*joiners), directory(*gone), memory(*gone))

    assert [change.login for change in made.changes if change.hold] == ["p101@other.example"]


def test_two_joiners_who_may_be_the_same_one_both_wait() -> None:
    joiners = row("x@other.example", name="Ada Abara"), row("y@other.example", name="Ada Abara")
    made = plan(roster(*joiners), directory(ADA), memory(ADA, absences={"10": LONG_ABSENT}))

    assert len(holds(made)) == 3
    assert "row 2 (x@other.example)" in holds(made)["deactivate:10"]


@pytest.mark.parametrize(
    ("known", "job"),
    [
        (memory(ADA), make_job("partial")),  # which says nothing about who is gone
        (memory(), make_job("partial")),
        (memory(ADA), make_job(scope={"domains": ["other.example"]})),
    ],
)
def test_only_whom_a_full_roster_does_not_name_has_a_twin(known: object, job: object) -> None:
    made = plan(roster(TWIN), directory(ADA, job=job), known, job)

    assert (only_change(made).kind, only_change(made).hold) == ("create", "")


def first_run(names: Sequence[str], users: Sequence[str], kind: str = "managed") -> Plan:
    """People to be created, and accounts in scope that nobody owns and no row names."""
    make, there = (row, user) if kind == "managed" else (app_row, app_user)
    rows = [make(f"new{at}@acme.example", name=name) for at, name in enumerate(names)]
    accounts = [there(f"u{at}@acme.example", str(100 + at), name=name) for at, name in enumerate(users)]
    job = make_job(kind=kind)
    return plan(roster(*rows), directory(*accounts, job=job), job=job)


@pytest.mark.parametrize(
    ("names", "users", "held"),
    [
        (["Işıl Yıldız"], ["Isil Yildiz"], [0]),
        (["Berg, Jo"], ["jo berg"], [0]),
        (["Jo Berg"], ["Jo Berg", "Jo Berg"], []),
        (["Jo Berg", "Jo Berg"], ["Jo Berg"], []),
        (["Jo Berg", "Jo Berg", "A A", "B B"], ["Jo Berg", "A A", "B B"], [2, 3]),
        (["Jo Berg", "Jo Berg", "A A", "B B", "C C", "D D"], ["Jo Berg", "A A", "B B", "C C"], [0, 1, 2, 3, 4]),
    ],
)  # fmt: skip
def test_nobody_gets_a_second_account_because_logins_are_built_in_another_way(
    names: Sequence[str], users: Sequence[str], held: list[int]
) -> None:
    made = first_run(names, users)

    assert [change.login for change in made.changes if change.hold] == [
        f"new{at}@acme.example" for at in held
    ]


def test_an_app_user_or_a_partial_roster_with_names_that_are_there_is_told_of_only() -> None:
    portal = first_run(["Client One"], ["Client one"], kind="app")
    partial = plan(roster(TWIN), directory(ADA), job=make_job("partial"))

    for made in (portal, partial):
        assert holds(made) == {}
        assert [each.code for each in made.findings] == [Code.SAME_NAME]
    assert "ada@acme.example" in partial.findings[0].sentence


@pytest.mark.parametrize(
    ("who", "held"),
    [({"role": "coadmin"}, True), ({"login": "AutomationUser_1@boxdevedition.com"}, False)],
)
def test_the_account_of_an_admin_counts_and_that_of_a_machine_does_not(who: Cells, held: bool) -> None:
    made = plan(roster(row("x@acme.example", name="Ada Abara")), directory(ADA | who))

    assert bool(only_change(made).hold) is held


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Otto Ömer", "ömer,  Otto", True),
        ("Strauß", "STRAUSS", True),
        ("Jean-Luc O’Neil", "o'neil jean luc", True),
        ("Ayşe Işık", "ayse isik", True),
        ("Otto", "Ott", False),
        ("李雷", "李雷", True),
        ("李雷", "李磊", False),  # two names, though both are Li Lei in our letters
        ("Иван", "Ivan", False),
        ("Ådne Ŋŧħ", "adne ngth", True),
        ("Ａｄａ", "ada", True),
    ],
)
def test_names_are_compared_in_any_order_without_accents(one: str, other: str, same: bool) -> None:
    assert (plain_name(one) == plain_name(other)) is same


# --- properties ---------------------------------------------------------------------------------


def _answers() -> st.SearchStrategy[dict[str, str]]:
    ids = st.sampled_from(["100", "101", "102", "103"])
    return st.dictionaries(st.sampled_from(IDS), ids, max_size=3).filter(
        lambda said: len(set(said.values())) == len(said)
    )


def _plan(world: World, answers: dict[str, str], rows: tuple[Cells, ...]) -> Plan:
    known = replace(world.known, answers=memory(answers=answers).answers)
    return plan(roster(*rows, bad=world.bad), directory(*world.users, job=world.job), known, world.job)


@given(world=worlds(), answers=_answers(), turn=st.randoms(use_true_random=False))
@examples(8)
def test_the_order_of_rows_decides_nothing(world: World, answers: dict[str, str], turn: Random) -> None:
    shuffled = list(world.rows)
    turn.shuffle(shuffled)
    seen = []
    for rows in (world.rows, tuple(shuffled)):
        made = _plan(world, answers, rows)
        # of two rows for one account only the first shows it, and with it why nothing is done
        verdicts = made.table["verdict"].replace(dict.fromkeys(["protected", "out_of_scope"], "held"))
        lines = made.table[["external_id", "login"]].assign(verdict=verdicts)
        changes = {(each.id, each.fields, bool(each.hold)) for each in made.changes}
        seen.append((sorted(map(tuple, lines.to_numpy().tolist())), changes, set(asked(made))))

    assert seen[0] == seen[1]


@given(world=worlds(), answers=_answers())
@examples(8)
def test_nobody_is_created_whose_account_may_exist(world: World, answers: dict[str, str]) -> None:
    made = _plan(world, answers, world.rows)
    there = {each["box_id"] for each in world.users}
    known = world.known.accounts
    answered = {external_id for external_id, box_id in answers.items() if box_id in there}
    given_away = {box_id for box_id in answers.values() if box_id in there}
    ids = set(known["external_id"][~known["box_id"].isin(given_away)]) | answered
    logins = {fold(each["login"]) for each in world.users}
    for change in (each for each in made.changes if each.kind == "create"):
        assert not change.external_id or change.external_id not in ids
        assert fold(change.login) not in logins or not change.login


@given(world=worlds(), answers=_answers())
@examples(6)
def test_what_is_asked_is_settled_by_its_answer(world: World, answers: dict[str, str]) -> None:
    made = _plan(world, answers, world.rows)
    for each in made.questions:
        kept = {
            external_id: box_id
            for external_id, box_id in answers.items()
            if external_id != each.external_id and box_id != each.box_id
        }
        again = _plan(world, {**kept, each.external_id: each.box_id}, world.rows)
        assert (each.external_id, each.box_id) not in asked(again)
        [paired] = again.table[again.table["line"] == each.line].itertuples()
        assert paired.box_id == each.box_id


@given(world=worlds())
@examples(6)
def test_whose_login_waits_is_never_given_a_second_account_nor_removed(world: World) -> None:
    people, existing, known = roster(*world.rows), directory(*world.users, job=world.job), world.known
    for _ in range(2):
        made = plan(people, existing, known, world.job)
        waiting = made.table[led_by(made.table["because"], [Because.LOGIN_WAITS, Because.BAD_ROW])]
        assert set(waiting["verdict"]) <= {Verdict.HELD, Verdict.UPDATE, Verdict.ACTIVATE, Verdict.DEACTIVATE}
        assert not {change.login for change in made.changes if change.kind == "create"} & set(
            waiting["login"]
        )
        existing, known = carried_out(made, existing, known, world)
