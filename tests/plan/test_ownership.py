from __future__ import annotations

import pytest

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


def untouchable(**cells: str) -> Cells:
    return user(**{"login": LOGIN, "box_id": "10", **cells})


PROTECTED = {
    "admin": untouchable(role="admin"),
    "coadmin": untouchable(role="coadmin"),
    "own account": untouchable(box_id=ME.box_id),
    "service account": untouchable(login="AutomationUser_1_x@boxdevedition.com"),
    "pattern over logins": untouchable(login="svc-backup@acme.example"),
    "pattern over external ids": untouchable(external_id="VIP-7"),
    "unread role": untouchable(role=""),
    "unread kind": untouchable(kind=""),
}


@pytest.mark.parametrize("existing", PROTECTED.values(), ids=PROTECTED)
@pytest.mark.parametrize("status", ["active", "inactive"])
def test_protected_user_survives_whatever_the_roster_says(existing: Cells, status: str) -> None:
    now = existing | {"status": status}
    job = make_job(
        kind="column", scope={"protect": ["svc-*@acme.example", "VIP-?"]}, lifecycle={"leavers": STAGES}
    )
    known = memory(existing, absences={existing["box_id"]: LONG_ABSENT})
    users = directory(now, job=job)
    for cells in (
        None,
        row(now["login"], phone="1"),
        row(now["login"], status="inactive"),
        row(now["login"], end_date="2026-01-01"),
    ):
        made = plan(roster(*([cells] if cells else [])), users, known, job)
        leaves = cells is not None and "phone" not in cells and status == "active"

        assert not made.changes
        assert made.verdicts == {"held" if leaves else "protected": 1}


@pytest.mark.parametrize("action", ["deactivate", "delete", "upsert"])
@pytest.mark.parametrize("existing", PROTECTED.values(), ids=PROTECTED)
def test_protected_user_survives_the_actions_of_a_partial_roster(existing: Cells, action: str) -> None:
    job = make_job("partial", "column", scope={"protect": ["svc-*@acme.example", "VIP-?"]})
    made = plan(
        roster(row(existing["login"], action=action, phone="1")), directory(existing, job=job), job=job
    )

    assert not made.changes
    assert made.verdicts == {"protected" if action == "upsert" else "held": 1}


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
    ("domains", "kind", "existing"),
    [
        (["acme.example"], "managed", user("ada@other.example", "10")),
        (["acme.example"], "managed", user("ada@sub.acme.example", "10")),
        (["acme.example"], "managed", user("ada@acme.example.au", "10")),
        ([], "app", user(LOGIN, "10")),
        ([], "managed", app_user("C-1", "10")),
        ([], "managed", user(LOGIN, "10", enterprise_id="888")),
        ([], "managed", user(LOGIN, "10", enterprise_id="")),
    ],
)
def test_nobody_out_of_scope_is_touched_or_shown_without_a_row(
    domains: list[str], kind: str, existing: Cells
) -> None:
    job = make_job(kind=kind, scope={"domains": domains}, lifecycle={"leavers": STAGES})
    known, users = memory(existing, absences={"10": LONG_ABSENT}), directory(existing, job=job)
    named = plan(roster(row(existing["login"], kind=existing["kind"], phone="1")), users, known, job)

    assert not plan(roster(), users, known, job).table["box_id"].any()
    assert told(named, existing["login"])[0] == "out_of_scope"
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


@pytest.mark.parametrize(
    ("cells", "owned"),
    [
        (row(LOGIN), True),
        (row(LOGIN, phone="1"), True),
        (row(LOGIN, action="ignore"), False),
        (row("ada.new@acme.example"), False),
    ],
)
def test_a_row_that_matches_makes_the_account_this_job_s(cells: Cells, owned: bool) -> None:
    table = plan(roster(cells), directory(ADA)).table

    assert table.loc[table["box_id"] == "10", "owned"].tolist() == [owned]


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
