from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from provision.plan.rules import CONDITIONS, RULES, Decision, decide

from .builders import app_row, app_user, directory, make_job, memory, plan, roster, row, told, user

EVERY_SITUATION = pd.DataFrame(list(product([True, False], repeat=len(CONDITIONS))), columns=list(CONDITIONS))


def test_every_situation_has_a_rule() -> None:
    assert len(EVERY_SITUATION) == 2**14
    assert (decide(EVERY_SITUATION) >= 0).all()


def test_no_rule_is_in_anothers_shadow() -> None:
    assert set(decide(EVERY_SITUATION)) == set(range(len(RULES)))


def test_an_empty_enterprise_and_an_empty_roster_need_no_rule() -> None:
    assert len(decide(EVERY_SITUATION.iloc[:0])) == 0


@pytest.mark.parametrize(
    ("condition", "never"),
    [
        ("protected", {Decision.CHANGE, Decision.LEAVE}),
        ("doubtful", {Decision.CREATE, Decision.CHANGE}),
        ("rejected", {Decision.CREATE, Decision.CHANGE}),
        ("ignored", {Decision.CREATE, Decision.CHANGE}),
        ("upcoming", {Decision.CREATE}),
    ],
)
def test_a_condition_forbids_decisions(condition: str, never: set[Decision]) -> None:
    situations = EVERY_SITUATION[EVERY_SITUATION[condition] & EVERY_SITUATION["row"]]
    if condition == "protected":
        situations = situations[situations["account"]]

    assert not {RULES[at].decision for at in decide(situations)} & never


def test_nobody_outside_the_scope_is_touched() -> None:
    situations = EVERY_SITUATION[~EVERY_SITUATION["in_scope"]]
    touching = {Decision.CREATE, Decision.CHANGE, Decision.LEAVE}

    assert not {RULES[at].decision for at in decide(situations)} & touching


def test_absence_makes_leavers_only_of_owned_accounts_and_by_full_rosters() -> None:
    absent = EVERY_SITUATION[~EVERY_SITUATION["row"]]
    leaving = np.array([RULES[at].decision is Decision.LEAVE for at in decide(absent)])

    assert leaving.any()
    assert absent[leaving][["account", "owned", "full", "in_scope"]].all(axis=None)
    assert not absent[leaving]["protected"].any()


LOGIN = "a@acme.example"
ADA = user(LOGIN, "10")


@pytest.mark.parametrize(
    ("cells", "users", "expected"),
    [
        (row(LOGIN), (), ("create", "in the roster, not in Box")),
        (row(LOGIN), (ADA,), ("unchanged", "in step with the roster")),
        (row(LOGIN, phone="1"), (ADA,), ("update", "differs from the roster in phone")),
        (row(LOGIN, status="inactive"), (ADA,), ("deactivate", "leaver: the roster says inactive")),
        (
            row(LOGIN, status="active"),
            (ADA | {"status": "inactive"},),
            ("activate", "in the roster again, but inactive in Box"),
        ),
        (row(LOGIN, action="ignore", phone="1"), (ADA,), ("unchanged", "the row says ignore")),
        (row(LOGIN, action="ignore"), (), ("unchanged", "the row says ignore")),
        (row(LOGIN, end_date="2026-01-31"), (), ("unchanged", "has left and has no account")),
        (row(LOGIN, end_date="2026-01-31"), (ADA,), ("deactivate", "leaver: end date 2026-01-31 reached")),
        (
            row(LOGIN, start_date="2026-04-01"),
            (),
            ("starts_later", "upcoming: the start date (2026-04-01) is ahead"),
        ),
        (
            row(LOGIN, start_date="2026-04-01"),
            (ADA,),
            ("unchanged", "in step with the roster; the start date is ahead"),
        ),
        (
            row(LOGIN, start_date="2026-04-01", phone="1"),
            (ADA,),
            ("update", "differs from the roster in phone"),
        ),
        (row(LOGIN), (ADA | {"role": "admin"},), ("protected", "the enterprise's admin")),
        (row(LOGIN, name=""), (), ("held", "to be created, but the row has no name")),
        (
            row(LOGIN, kind="app"),
            (),
            ("held", "to be created as an app user, but the row has no external id"),
        ),
    ],
)
def test_a_row_gets_the_verdict_and_words_of_its_rule(
    cells: dict[str, str], users: tuple[dict[str, str], ...], expected: tuple[str, str]
) -> None:
    job = make_job(kind="column")

    assert told(plan(roster(cells), directory(*users, job=job), job=job), LOGIN) == expected


def test_a_row_outside_the_domains_is_out_of_scope() -> None:
    job = make_job(scope={"domains": ["acme.example"]})
    made = plan(
        roster(row("a@other.example"), row("b@other.example", phone="1")),
        directory(user("b@other.example", "10"), job=job),
        job=job,
    )

    assert told(made, "a@other.example") == ("out_of_scope", "outside the job's scope")
    assert told(made, "b@other.example") == ("out_of_scope", "outside the job's scope")


def test_a_bad_row_gets_its_own_reason() -> None:
    made = plan(roster(bad=(row(LOGIN, reason="language: xx is no language of Box"),)), directory(ADA))

    assert told(made, LOGIN) == ("rejected", "language: xx is no language of Box")


@pytest.mark.parametrize(
    ("authority", "known", "expected"),
    [
        ("full", (), ("unowned", "not in the roster, and not this job's account")),
        ("partial", (), ("unowned", "not in the roster, and not this job's account")),
        ("partial", (ADA,), ("unchanged", "not named by this partial roster")),
        ("full", (ADA,), ("unchanged", "not yet a leaver: absent from 1 of 2 complete rosters")),
    ],
)
def test_an_account_without_a_row_gets_the_words_of_its_rule(
    authority: str, known: tuple[dict[str, str], ...], expected: tuple[str, str]
) -> None:
    made = plan(roster(row("b@acme.example")), directory(ADA), memory(*known), make_job(authority))

    assert told(made, LOGIN) == expected


def test_an_app_user_is_named_by_the_external_id() -> None:
    job = make_job(kind="app")
    made = plan(roster(app_row("C-1", phone="1")), directory(app_user("C-1", "20"), job=job), job=job)

    assert made.table[["external_id", "box_id", "verdict"]].values.tolist() == [["C-1", "20", "update"]]
