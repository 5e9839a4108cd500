from __future__ import annotations

import pytest

from provision.plan.value import Plan

from .builders import (
    ME,
    Cells,
    app_row,
    app_user,
    directory,
    make_job,
    memory,
    plan,
    roster,
    row,
    told,
    user,
)

LONG_ABSENT = (9, "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00")
STAGES = ({"after": "0d", "do": "deactivate"}, {"after": "1d", "do": "delete"})
LOGIN = "ada@acme.example"


def _untouchable(**kinds: Cells) -> dict[str, Cells]:
    """Accounts that nothing may be done to, each with a login and an id of its own where it matters not."""
    return {
        what.replace("_", " "): user(**{"login": f"p{at}@acme.example", "box_id": f"{at}", **cells})
        for at, (what, cells) in enumerate(kinds.items(), 10)
    }


PROTECTED = _untouchable(
    admin={"role": "admin"},
    coadmin={"role": "coadmin"},
    own_account={"box_id": ME.box_id},
    service_account={"login": "AutomationUser_1_x@boxdevedition.com"},
    pattern_over_logins={"login": "svc-backup@acme.example"},
    pattern_over_external_ids={"external_id": "VIP-7"},
    unread_role={"role": ""},
    unread_kind={"kind": ""},
)


#: nobody has decided that these are protected, so that somebody has to know of them
UNREAD = dict.fromkeys(["unread role", "unread kind"], "held")


def _verdicts(made: Plan) -> dict[str, str]:
    """What became of each of the protected; there is nobody else, and nobody twice."""
    found = dict(zip(made.table["box_id"], made.table["verdict"], strict=True))
    assert len(made.table) == len(PROTECTED)
    return {what: found[cells["box_id"]] for what, cells in PROTECTED.items()}


@pytest.mark.parametrize("status", ["active", "inactive"])
@pytest.mark.parametrize(
    ("said", "leaves"),
    [
        (None, False),
        ({"phone": "1"}, False),
        ({"status": "inactive"}, True),
        ({"end_date": "2026-01-01"}, True),
    ],
    ids=["absent", "changed", "inactive", "ended"],
)
def test_protected_user_survives_whatever_the_roster_says(
    said: Cells | None, leaves: bool, status: str
) -> None:
    job = make_job(
        kind="column", scope={"protect": ["svc-*@acme.example", "VIP-?"]}, lifecycle={"leavers": STAGES}
    )
    known = memory(
        *PROTECTED.values(), absences={cells["box_id"]: LONG_ABSENT for cells in PROTECTED.values()}
    )
    users = directory(*(cells | {"status": status} for cells in PROTECTED.values()), job=job)
    rows = [] if said is None else [row(cells["login"], **said) for cells in PROTECTED.values()]
    made = plan(roster(*rows), users, known, job)

    assert not made.changes
    expected = "held" if leaves and status == "active" else "protected"
    assert _verdicts(made) == dict.fromkeys(PROTECTED, expected) | UNREAD


@pytest.mark.parametrize("action", ["deactivate", "delete", "upsert"])
def test_protected_user_survives_the_actions_of_a_partial_roster(action: str) -> None:
    job = make_job("partial", "column", scope={"protect": ["svc-*@acme.example", "VIP-?"]})
    rows = [row(cells["login"], action=action, phone="1") for cells in PROTECTED.values()]
    made = plan(roster(*rows), directory(*PROTECTED.values(), job=job), job=job)

    assert not made.changes
    assert _verdicts(made) == dict.fromkeys(PROTECTED, "protected" if action == "upsert" else "held") | UNREAD


ADA = user(LOGIN, "10")


@pytest.mark.parametrize(("known", "leaves"), [((), False), ((ADA,), True)])
def test_only_an_owned_account_becomes_a_leaver(known: tuple[Cells, ...], leaves: bool) -> None:
    made = plan(roster(), directory(ADA), memory(*known, absences={"10": LONG_ABSENT}))

    assert bool(made.changes) is leaves
    assert made.table["owned"].tolist() == [leaves]


@pytest.mark.parametrize("status", ["active", "inactive"])
def test_a_partial_roster_makes_no_leaver_by_absence(status: str) -> None:
    job = make_job("partial", lifecycle={"evidence": {"absent_runs": 1}, "leavers": STAGES})
    users = directory(ADA | {"status": status})

    assert not plan(roster(), users, memory(ADA, absences={"10": LONG_ABSENT}), job).changes


@pytest.mark.parametrize(
    ("domains", "kind", "users"),
    [
        (
            ["acme.example"],
            "managed",
            [
                user("ada@other.example", "10"),
                user("ada@sub.acme.example", "11"),
                user("ada@acme.example.au", "12"),
            ],
        ),
        ([], "app", [user(LOGIN, "10")]),
        (
            [],
            "managed",
            [
                app_user("C-1", "10"),
                user(LOGIN, "11", enterprise_id="888"),
                user("eve@acme.example", "12", enterprise_id=""),
            ],
        ),
    ],
    ids=["domains", "kind", "enterprise"],
)
def test_nobody_out_of_scope_is_touched_or_shown_without_a_row(
    domains: list[str], kind: str, users: list[Cells]
) -> None:
    job = make_job(kind=kind, scope={"domains": domains}, lifecycle={"leavers": STAGES})
    known = memory(*users, absences={each["box_id"]: LONG_ABSENT for each in users})
    existing = directory(*users, job=job)
    named = plan(
        roster(*(row(each["login"], kind=each["kind"], phone="1") for each in users)), existing, known, job
    )

    assert not plan(roster(), existing, known, job).table["box_id"].any()
    assert {each["login"]: told(named, each["login"])[0] for each in users} == {
        each["login"]: "out_of_scope" for each in users
    }
    assert not named.changes


def test_somebody_of_another_domain_is_not_created() -> None:
    job = make_job(scope={"domains": ["acme.example"]})
    made = plan(roster(row("new@other.example"), row("new@ACME.example")), directory(job=job), job=job)

    assert [change.login for change in made.changes] == ["new@ACME.example"]


def test_domains_say_nothing_about_app_users() -> None:
    job = make_job(kind="app", scope={"domains": ["acme.example"]})
    people = roster(app_row("C-1", phone="1"), app_row("C-2"), app_row("C-3", login="c@other.example"))

    assert plan(people, directory(app_user("C-1", "20"), job=job), job=job).counts == {
        "create": 2,
        "update": 1,
    }


def test_a_row_that_matches_makes_the_account_this_job_s() -> None:
    users = [user(f"{who}@acme.example", who) for who in ("same", "differs", "ignored", "unnamed")]
    rows = [
        row("same@acme.example"),
        row("differs@acme.example", phone="1"),
        row("ignored@acme.example", action="ignore"),
        row("new@acme.example"),
    ]
    table = plan(roster(*rows), directory(*users)).table

    assert dict(zip(table["box_id"], table["owned"], strict=True)) == {
        "same": True, "differs": True, "ignored": False, "unnamed": False, "": False,
    }  # fmt: skip


def test_a_doubtful_row_makes_no_account_this_job_s() -> None:
    job = make_job(kind="column")
    made = plan(roster(row(LOGIN, kind="app")), directory(ADA, job=job), job=job)

    assert made.table[["box_id", "verdict", "owned"]].values.tolist() == [["10", "held", False]]


def test_a_bad_row_or_another_number_makes_no_account_this_job_s() -> None:
    bob = user("bob@acme.example", "11")
    made = plan(
        roster(row("ada@acme.example", external_id="E9"), bad=(row("bob@acme.example"),)),
        directory(ADA, bob),
        memory(user("gone@acme.example", "99", external_id="E9"), user(LOGIN, "10", external_id="E1")),
    )

    assert dict(zip(made.table["box_id"], made.table["owned"], strict=True)) == {"10": True, "11": False}
    assert made.verdicts == {"held": 1, "rejected": 1}
