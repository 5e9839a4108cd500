from __future__ import annotations

from typing import Any

import pytest

from provision.errors import ExitCode, UsageError
from provision.job.limits import Shrink
from provision.model import Kind
from provision.plan.guards.allow_names import check_allowed
from provision.plan.guards.limits import judge_shrink, rejudge
from provision.plan.guards.refused import refusal
from provision.plan.value import GuardVerdict, Plan, Ruling

from .builders import directory, make_job, memory, plan, roster, row, user

ALL = {"removals": {"percent": 5}, "creates": {"percent": 25}, "updates": {"percent": 25}}


def made(people: int, removed: int = 0, created: int = 0, updated: int = 0, **given: Any) -> Plan:
    """The plan of a job with so many accounts, the first of which leave and the next change."""
    users = [user(f"p{n}@acme.example", str(1000 + n)) for n in range(people)]
    rows = [row(each["login"]) for each in users]
    for n in range(removed):
        rows[n]["end_date"] = "2026-01-01"
    for n in range(removed, removed + updated):
        rows[n]["phone"] = "1"
    rows += [row(f"new{n}@acme.example") for n in range(created)]
    job = make_job(guards=given.pop("guards", ALL))
    return plan(roster(*rows), directory(*users), memory(rows=given.pop("before", 0)), job, **given)


def verdicts(made_plan: Plan) -> dict[str, tuple[int, int, str]]:
    return {guard.name: (guard.limit, guard.actual, guard.verdict) for guard in made_plan.guards}


@pytest.mark.parametrize(
    ("guard", "people", "limit"),
    [
        ({"count": 10}, 1000, 10),
        ({"count": 10}, 0, 10),
        ({"count": 0}, 1000, 0),
        ({"percent": 5}, 1000, 50),
        ({"percent": 5}, 59, 2),  # 2.95: a share is rounded down
        ({"percent": 5}, 60, 3),
        ({"percent": 5}, 7, 2),  # two removals pass any share but none
        ({"percent": 5}, 0, 2),
        ({"percent": 0}, 1000, 0),
        ({"percent": 0}, 7, 0),
        ({"count": 10, "percent": 5}, 1000, 10),
        ({"count": 10, "percent": 5}, 100, 5),
        ({"count": 1, "percent": 5}, 7, 1),
    ],
)
def test_the_limit_of_removals(guard: dict[str, int], people: int, limit: int) -> None:
    assert verdicts(made(people, guards={"removals": guard}))["removals"] == (limit, 0, "ok")


@pytest.mark.parametrize(
    ("guard", "people", "limit"),
    [
        ({"count": 50}, 3, 50),
        ({"percent": 25}, 100, 25),
        ({"percent": 25}, 20, 5),
        ({"percent": 25}, 30, 7),  # 7.5: a share is rounded down
        ({"percent": 25}, 31, 7),  # 7.75
        ({"percent": 25}, 19, 5),  # judged as if there were twenty
        ({"percent": 25}, 0, 5),
        ({"count": 50, "percent": 25}, 19, 50),  # so few: the count alone
        ({"count": 50, "percent": 25}, 20, 5),
        ({"count": 50, "percent": 25}, 1000, 50),
        ({"percent": 0}, 0, 0),
        ({"count": 0, "percent": 25}, 100, 0),
    ],
)
def test_the_limit_of_creates_and_updates(guard: dict[str, int], people: int, limit: int) -> None:
    found = verdicts(made(people, guards={"creates": guard, "updates": guard}))

    assert {name: found[name] for name in ("creates", "updates")} == dict.fromkeys(
        ("creates", "updates"), (limit, 0, "ok")
    )


@pytest.mark.parametrize(("removed", "verdict"), [(4, "ok"), (5, "ok"), (6, "refused")])
def test_a_guard_refuses_beyond_its_limit_only(removed: int, verdict: str) -> None:
    made_plan = made(100, removed=removed)

    assert verdicts(made_plan)["removals"] == (5, removed, verdict)
    assert [guard.name for guard in made_plan.stopped] == (["removals"] if verdict == "refused" else [])
    assert made_plan.refused == ()
    assert len(made_plan.holds) == (removed if verdict == "refused" else 0)


@pytest.mark.parametrize(
    ("allowed", "verdict"),
    [({"removals": 6}, "allowed"), ({"removals": 7}, "allowed"), ({"removals": 5}, "refused"), ({"creates": 6}, "refused"), ({"removals": 0}, "refused"), ({}, "refused")],
)  # fmt: skip
def test_a_guard_is_passed_by_its_own_number_only(allowed: dict[str, int], verdict: str) -> None:
    assert verdicts(made(100, removed=6, allowed=allowed))["removals"] == (5, 6, verdict)


def test_a_number_allowed_makes_no_limit_lower() -> None:
    assert verdicts(made(100, removed=5, allowed={"removals": 1}))["removals"] == (5, 5, "ok")


def test_each_guard_counts_its_own_kinds() -> None:
    assert verdicts(made(100, removed=3, created=4, updated=7)) == {
        "removals": (5, 3, "ok"), "creates": (25, 4, "ok"), "updates": (25, 7, "ok"),
    }  # fmt: skip


def test_deactivations_and_deletions_are_removals_and_activations_updates() -> None:
    gone = [user(f"g{n}@acme.example", str(50 + n), status="inactive") for n in range(2)]
    stages = ({"after": "0d", "do": "deactivate"}, {"after": "1d", "do": "delete"})
    job = make_job(guards=ALL, lifecycle={"leavers": stages})
    rows = [
        row(gone[0]["login"], end_date="2026-01-01"),
        row(gone[1]["login"], status="active"),
        row("a@acme.example", end_date="2026-01-01"),
        row("b@acme.example", status="inactive"),
    ]
    users = [*gone, user("a@acme.example", "10"), user("b@acme.example", "11")]
    made_plan = plan(roster(*rows), directory(*users), job=job)

    assert made_plan.counts == {Kind.ACTIVATE: 1, Kind.DEACTIVATE: 2, Kind.DELETE: 1}
    assert {guard.name: guard.actual for guard in made_plan.guards} == {
        "removals": 3,
        "creates": 0,
        "updates": 1,
    }


def test_the_population_is_the_accounts_this_job_owns() -> None:
    users = [
        user("mine@acme.example", "10"),
        user("absent@acme.example", "11"),
        user("not-mine@acme.example", "12"),
        user("admin@acme.example", "13", role="admin"),
        user("rejected@acme.example", "14"),
        user("ignored@acme.example", "15"),
    ]
    made_plan = plan(
        roster(row("mine@acme.example"), row("admin@acme.example"), row("ignored@acme.example", action="ignore"),
               bad=(row("rejected@acme.example"),)),
        directory(*users),
        memory(users[1], users[3]),
    )  # fmt: skip

    assert [guard.population for guard in made_plan.guards] == [2]


@pytest.mark.parametrize(
    ("percent", "before", "rows", "limit", "verdict"),
    [
        (5, 100, 95, 5, "ok"),
        (5, 100, 94, 5, "refused"),
        (5, 100, 200, 5, "ok"),
        (5, 10, 8, 2, "ok"),
        (5, 10, 7, 2, "refused"),
        (0, 10, 9, 0, "refused"),
        (0, 10, 10, 0, "ok"),
    ],
)
def test_a_roster_that_shrinks_is_refused(
    percent: float, before: int, rows: int, limit: int, verdict: str
) -> None:
    guards = {"shrink": {"percent": percent}}

    assert verdicts(made(rows, guards=guards, before=before))["shrink"] == (
        limit,
        max(before - rows, 0),
        verdict,
    )


def test_bad_rows_are_rows_too() -> None:
    job = make_job(guards={"shrink": {"percent": 0}})
    made_plan = plan(
        roster(row("a@acme.example"), bad=(row("b@acme.example"),)), directory(), memory(rows=2), job
    )

    assert verdicts(made_plan)["shrink"] == (0, 0, "ok")


def test_shrinking_is_not_judged_without_history_or_in_partial_rosters() -> None:
    asked = {"shrink": {"percent": 5}}

    assert "shrink" not in verdicts(made(1, guards=asked))
    partial = plan(roster(), directory(), memory(rows=100), make_job("partial", guards=asked))
    assert "shrink" not in verdicts(partial)
    assert judge_shrink(Shrink(percent=5), 0, 1, {}) == ()


def test_a_roster_may_shrink_by_a_twentieth_unless_the_job_says_otherwise() -> None:
    assert verdicts(made(19, guards={}, before=20))["shrink"] == (2, 1, "ok")
    assert verdicts(made(6, guards={}, before=12))["shrink"] == (2, 6, "refused")
    assert verdicts(made(95, guards={}, before=100))["shrink"] == (5, 5, "ok")
    assert verdicts(made(94, guards={}, before=100))["shrink"] == (5, 6, "refused")


def test_an_unknown_guard_is_named_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        check_allowed({"removals": 3, "removal": 12})

    assert str(caught.value) == (
        "--allow removal=12: there is no guard 'removal'.\n  do: name one of removals, creates, updates, transfers, "
        "groups, memberships_added, memberships_removed, login_changes, aliases_removed, invites, collaborations, removals_24h, removals_7d, removals_30d, creates_24h, creates_7d, creates_30d, "
        "updates_24h, updates_7d, updates_30d, transfers_24h, transfers_7d, transfers_30d, groups_24h, groups_7d, groups_30d, memberships_added_24h, memberships_added_7d, "
        "memberships_added_30d, memberships_removed_24h, memberships_removed_7d, memberships_removed_30d, login_changes_24h, login_changes_7d, login_changes_30d, "
        "aliases_removed_24h, aliases_removed_7d, aliases_removed_30d, invites_24h, invites_7d, invites_30d, collaborations_24h, collaborations_7d, collaborations_30d, seats, mass_change, changed_job, monthly_calls, "
        "managers, hook, right_content, right_invites, shrink, truncated, rekeyed, headers, blank_keys, stale, out_of_scope, max_age, source[NAME]"
    )
    with pytest.raises(UsageError, match="there is no guard 'source'"):
        check_allowed({"source": 1})
    check_allowed({"source[hr]": 1, "shrink[hr]": 2, "removals[Sales]": 1}, ("hr", "it"))
    check_allowed({"removals": 3, "creates": 1, "updates": 0, "shrink": 2})


def test_a_refusal_tells_the_numbers_and_the_exact_way_out() -> None:
    guards = made(100, removed=6, created=30, guards={**ALL, "removals": {"count": 10, "percent": 5}}).guards
    error = refusal(guards)

    assert error.exit_code == ExitCode.HELD
    assert str(error) == (
        "Held: the plan removes 6 of 100 accounts (6.0%); this job allows 10 and 5%.\n"
        "Held: the plan creates 30 accounts beside 100 (30.0%); this job allows 25%.\n"
        "  usual cause: a truncated roster, the wrong sheet of a workbook, or a mapping that changed\n"
        "  do: look at the preview; release what is meant by name: provision approve RUN --kind KIND --by NAME; "
        "or run again with --allow removals=6 --allow creates=30"
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"people": 0, "created": 6}, "the plan creates 6 accounts beside 0; this job allows 25%"),
        ({"people": 40, "updated": 11}, "the plan changes 11 of 40 accounts (27.5%); this job allows 25%"),
        (
            {"people": 1000, "before": 2000, "guards": {"shrink": {"percent": 2.5}}},
            "the roster has 1,000 rows fewer than the 2,000 of the last accepted one (50.0%); this job allows 2.5%",
        ),
    ],
)
def test_a_guard_says_its_numbers(given: dict[str, Any], sentence: str) -> None:
    assert [guard.sentence for guard in made(**given).guards if guard.verdict == "refused"] == [sentence]


def test_a_saved_verdict_is_judged_again_by_what_is_allowed_now() -> None:
    saved = made(100, removed=6).guards

    def again(**allowed: int) -> str:
        return rejudge(saved, allowed)[0].verdict

    assert (saved[0].verdict, again(), again(removals=5), again(removals=6)) == (
        "refused", "refused", "refused", "allowed"
    )  # fmt: skip
    allowed = made(100, removed=6, allowed={"removals": 6}).guards
    assert rejudge(allowed, {})[0].verdict == "allowed"  # an allowance holds for the plan it was given to
    assert rejudge((GuardVerdict("removals", 5, 5, Ruling.REFUSED, ""),), {})[0].verdict == "ok"
