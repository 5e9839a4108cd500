from __future__ import annotations

import pytest

from provision.plan.value import Plan
from provision.report.sentences.reasons import reason_words

from .builders import (
    Cells,
    app_row,
    app_user,
    directory,
    make_job,
    memory,
    only_change,
    plan,
    roster,
    row,
    told,
    user,
)

APPS = make_job(kind="app")
BOTH = make_job(kind="column")


def pairs(made: Plan) -> dict[int, str]:
    """The account of each roster row, by line."""
    named = made.table[made.table["line"] > 0]
    return dict(zip(named["line"].tolist(), named["box_id"].tolist(), strict=True))


def held(made: Plan) -> dict[int, str]:
    """Why rows are held, by line."""
    rows = made.table[(made.table["verdict"] == "held") & (made.table["line"] > 0)]
    return dict(zip(rows["line"].tolist(), reason_words(rows["because"]).tolist(), strict=True))


@pytest.mark.parametrize(
    ("in_roster", "in_box", "same"),
    [
        ("ada@acme.example", "ada@acme.example", True),
        ("ADA@Acme.Example", "ada@acme.example", True),
        ("groß@acme.example", "gross@acme.example", False),  # two addresses, though Unicode folds ß to ss
        ("GROẞ@acme.example", "groß@acme.example", True),
        ("ILKAY@acme.example", "ilkay@acme.example", True),
        ("ılkay@acme.example", "ilkay@acme.example", False),  # the dotless ı is a letter of its own
        ("İlkay@acme.example", "ilkay@acme.example", False),  # İ is i and a combining dot in lower case
        ("ΣΟΦΟΣ@acme.example", "σοφος@acme.example", True),
        ("ada@acme.example", "ada@acme.example.au", False),  # never by a beginning
        ("ada@acme.example", "x.ada@acme.example", False),
        ("ada@acme.example\u00a0", "ada@acme.example", True),  # a no-break space at the end is no letter
        ("ADA@acme.example", "ada@acme.example\u00a0", True),
    ],
)
def test_managed_users_are_found_by_the_whole_login_in_any_case(
    in_roster: str, in_box: str, same: bool
) -> None:
    made = plan(roster(row(in_roster)), directory(user(in_box, "10")))

    assert pairs(made) == {2: "10" if same else ""}
    assert [change.kind for change in made.changes] == ([] if same else ["create"])


def test_app_users_are_found_by_external_id_to_the_letter() -> None:
    users = directory(app_user("c-1", "20"), app_user("C-1", "21"), app_user("C-10", "22"), job=APPS)

    assert pairs(plan(roster(app_row("C-1")), users, job=APPS)) == {2: "21"}


def test_an_app_row_with_only_a_login_is_found_by_it() -> None:
    existing = app_user("", "20")
    made = plan(
        roster(row(existing["login"].lower(), kind="app", phone="1")), directory(existing, job=APPS), job=APPS
    )

    assert only_change(made).box_id == "20"


def test_an_external_id_of_a_managed_user_in_box_pairs_no_app_row() -> None:
    users = directory(user("a@acme.example", "10", external_id="C-1"), job=BOTH)

    assert pairs(plan(roster(app_row("C-1")), users, job=BOTH)) == {2: ""}


def test_an_app_user_with_the_number_of_a_managed_row_is_somebody_else() -> None:
    users = directory(app_user("E1", "20"), user("a@acme.example", "10"), job=BOTH)
    people = roster(row("a@acme.example", external_id="E1"))

    assert pairs(plan(people, users, job=BOTH)) == {2: "10"}


ADA, BOB = user("ada@acme.example", "10"), user("bob@acme.example", "11")
KNOWN = (ADA | {"external_id": "E1"}, BOB | {"external_id": "E2"})
WAITS = "login: ada@acme.example → ada.new@acme.example waits: the job does not change logins (match.login_changes), or not to this domain; change it in the Admin Console"
DISPUTED = (
    "E1 is known for the account ada@acme.example, and bob@acme.example is the login of another one, known as E2; "
    "correct the roster, or the logins in the Admin Console"
)
REUSED = (
    "ada@acme.example is the login of the account known as E1, and the row says E9: a reused address? If they are two "
    "people, archive the old account: give it another login in the Admin Console and remove the alias that is left; then "
    "the next run creates a new one. If they are one, answer so: provision approve RUN --person ada@acme.example --by NAME"
)


def swapped(with_row: str, external_id: str, account: str) -> str:
    return (
        f"logins swapped with {with_row}: {external_id} is known for the account {account}; "
        "correct the roster, or change both logins in the Admin Console"
    )


def shared(account: str, rows: str) -> str:
    return (
        f"rows of the roster lead to the same account ({account}): {rows}; correct the one that is wrong, or, if an address "
        "went from one person to another, change the login of the account in the Admin Console first"
    )


TWO_FOR_ADA = shared("ada@acme.example", "row 2 (ada@acme.example) and row 3 (E1, ada.new@acme.example)")


@pytest.mark.parametrize(
    ("rows", "reasons"),
    [
        ((row("ada@acme.example", external_id="E1"),), {}),
        ((row("ada@acme.example"),), {}),  # a row without an id contradicts nothing
        ((row("ada.new@acme.example", external_id="E1"),), {2: WAITS}),
        ((row("bob@acme.example", external_id="E1"),), {2: DISPUTED}),
        ((row("ada@acme.example", external_id="E9"),), {2: REUSED}),
        (
            (row("bob@acme.example", external_id="E1"), row("ada@acme.example", external_id="E2")),
            {
                2: swapped("row 3 (E2, ada@acme.example)", "E1", "ada@acme.example"),
                3: swapped("row 2 (E1, bob@acme.example)", "E2", "bob@acme.example"),
            },
        ),
        (
            (row("ada@acme.example"), row("ada.new@acme.example", external_id="E1")),
            {2: TWO_FOR_ADA, 3: TWO_FOR_ADA},
        ),
    ],
)
def test_the_ledger_is_a_second_witness(rows: tuple[Cells, ...], reasons: dict[int, str]) -> None:
    made = plan(roster(*rows), directory(ADA, BOB), memory(*KNOWN))

    assert held(made) == reasons
    assert not made.changes


def test_without_a_ledger_only_the_login_counts() -> None:
    swapped = roster(row("bob@acme.example", external_id="E1"), row("ada@acme.example", external_id="E2"))

    assert pairs(plan(swapped, directory(ADA, BOB))) == {2: "11", 3: "10"}


def test_a_renamed_person_gets_no_second_account_and_is_no_leaver() -> None:
    gone_long = {"10": (9, "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00")}
    made = plan(
        roster(row("ada.new@acme.example", external_id="E1")),
        directory(ADA),
        memory(*KNOWN, absences=gone_long),
    )

    assert pairs(made) == {2: "10"}
    assert made.verdicts == {"held": 1}


def test_an_account_deleted_in_box_is_no_witness() -> None:
    known = memory(*KNOWN)  # Ada's account 10 is gone; she has got a new one
    made = plan(
        roster(row("ada@acme.example", external_id="E1")), directory(user("ada@acme.example", "12")), known
    )

    assert not held(made)
    assert pairs(made) == {2: "12"}


def test_of_two_accounts_remembered_for_one_id_the_one_that_exists_counts() -> None:
    old, new = ADA | {"external_id": "E1"}, user("ada@acme.example", "12", external_id="E1")
    made = plan(
        roster(row("ada.new@acme.example", external_id="E1")),
        directory(user("ada@acme.example", "12")),
        memory(old, new),
    )

    assert held(made) == {2: WAITS}


def test_the_disputed_account_is_not_taken_for_absent() -> None:
    absent = {"10": (5, "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00")}
    made = plan(
        roster(row("bob@acme.example", external_id="E1")),
        directory(ADA, BOB),
        memory(*KNOWN, absences=absent),
    )

    assert told(made, "ada@acme.example") == (
        "held",
        "a row of the roster may mean this account; nothing is done about it",
    )
    assert not made.changes


def test_two_rows_for_one_account_are_both_held_and_both_listed() -> None:
    existing = app_user("C-1", "20")
    made = plan(
        roster(app_row("C-1"), row(existing["login"], kind="app", phone="1")),
        directory(existing, job=APPS),
        job=APPS,
    )

    both = shared("C-1", f"row 2 (C-1) and row 3 ({existing['login']})")
    assert held(made) == {2: both, 3: both}
    assert pairs(made) == {2: "20", 3: ""}


@pytest.mark.parametrize(
    ("cells", "existing"),
    [
        (row("ada@acme.example", kind="app", external_id="C-1"), ADA),
        (row("ada@acme.example", kind="app"), ADA),
        (row("AppUser_20@boxdevedition.com"), app_user("C-1", "20")),
    ],
)
def test_an_account_of_the_other_kind_is_held(cells: Cells, existing: Cells) -> None:
    made = plan(roster(cells), directory(existing, job=BOTH), job=BOTH)

    assert held(made) == {
        2: "the account of this key is of the other kind, and Box makes none of the other; correct the row's kind"
    }


def test_an_external_id_that_box_has_twice_is_held_and_neither_account_leaves() -> None:
    twins = app_user("C-1", "20"), app_user("C-1", "21")
    known = [twin | {"external_id": ""} for twin in twins]
    absent = {"21": (5, "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00")}
    made = plan(
        roster(app_row("C-1", phone="1")), directory(*twins, job=APPS), memory(*known, absences=absent), APPS
    )

    assert held(made) == {2: "Box has two accounts with this external id; one of them has to go first"}
    assert made.verdicts == {"held": 2}


def test_two_logins_of_box_that_differ_in_case_only_are_held() -> None:
    users = directory(user("ada@acme.example", "10"), user("ADA@acme.example", "11"))
    made = plan(roster(row("ada@acme.example", phone="1")), users)

    assert held(made) == {
        2: "Box has two accounts whose logins differ in letters only that count as the same; one has to go first"
    }
    assert not made.changes


def test_an_app_user_whose_login_and_id_name_two_accounts_is_held() -> None:
    one, two = app_user("C-1", "20"), app_user("C-2", "21")
    made = plan(roster(app_row("C-1", login=two["login"])), directory(one, two, job=APPS), job=APPS)

    assert held(made) == {
        2: "Box has the external id on one account and the login on another; correct the row"
    }


def test_an_app_user_whose_login_has_another_id_is_held() -> None:
    existing = app_user("C-2", "21")
    made = plan(roster(app_row("C-1", login=existing["login"])), directory(existing, job=APPS), job=APPS)

    assert held(made) == {
        2: "the login exists in Box, but not with this external id; leave the login out, or correct the external id"
    }


def test_an_app_user_renumbered_in_box_gets_no_second_account() -> None:
    made = plan(
        roster(app_row("C-1")),
        directory(app_user("X-1", "20"), job=APPS),
        memory(app_user("C-1", "20")),
        APPS,
    )

    assert held(made) == {
        2: "the account known for this external id does not carry it in Box; put it back there, or correct the row"
    }
    assert not made.changes


def test_ignored_rows_are_not_held() -> None:
    made = plan(
        roster(row("bob@acme.example", external_id="E1", action="ignore")),
        directory(ADA, BOB),
        memory(*KNOWN),
    )

    assert told(made, "bob@acme.example") == ("unchanged", "the row says ignore")


@pytest.mark.parametrize("known", [memory(), memory(*KNOWN)])
def test_an_empty_enterprise_gets_everybody_created(known: object) -> None:
    people = roster(row("ada@acme.example", external_id="E1"), app_row("C-1"))
    made = plan(people, directory(job=BOTH), known, BOTH)

    assert made.counts == {"create": 2}


def test_an_empty_roster_pairs_nothing() -> None:
    made = plan(roster(), directory(ADA, BOB), memory(ADA))

    assert made.verdicts == {"unchanged": 1, "unowned": 1}


def test_nothing_against_nothing_is_an_empty_plan() -> None:
    made = plan(roster(), directory())

    assert (made.changes, len(made.table), made.verdicts) == ((), 0, {})


def test_a_roster_of_bad_rows_only_touches_nobody() -> None:
    made = plan(
        roster(bad=(row("ada@acme.example"), row("new@acme.example"))), directory(ADA, BOB), memory(*KNOWN)
    )

    assert made.verdicts == {"rejected": 2, "unchanged": 1}
    assert pairs(made) == {2: "10", 3: ""}


@pytest.mark.parametrize(
    ("bad", "box_ids"),
    [
        ((row("", external_id="E1"),), {2: "10"}),
        ((row("bob@acme.example", external_id="E1"),), {2: "11"}),
        ((row("bob@acme.example", kind="app", external_id="E9"),), {2: "11"}),
        ((row("", external_id="E1"), row("ADA@acme.example")), {2: "10", 3: ""}),
    ],
)
def test_a_bad_row_shows_the_account_it_most_likely_means(
    bad: tuple[Cells, ...], box_ids: dict[int, str]
) -> None:
    assert pairs(plan(roster(bad=bad), directory(ADA, BOB), memory(*KNOWN))) == box_ids


def test_a_bad_row_takes_no_account_from_a_valid_one() -> None:
    made = plan(
        roster(row("ada@acme.example", phone="1"), bad=(row("ADA@acme.example"),)),
        directory(ADA),
        memory(*KNOWN),
    )

    assert pairs(made) == {2: "10", 3: ""}
    assert made.verdicts == {"rejected": 1, "update": 1}


def test_nobody_whom_a_bad_row_may_mean_is_taken_for_absent() -> None:
    absent = {"10": (5, "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00")}
    bad = row("bob@acme.example", external_id="E1")
    made = plan(roster(bad=(bad,)), directory(ADA, BOB), memory(*KNOWN, absences=absent))

    assert made.verdicts == {"held": 1, "rejected": 1}
    assert told(made, "ada@acme.example")[0] == "held"
