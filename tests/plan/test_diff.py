from __future__ import annotations

import pytest

from provision.model import ATTRIBUTES, CLEAR
from provision.operations.cells import shows
from provision.report.reasons import words

from .builders import (
    Cells,
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
    user,
)

LOGIN = "ada@acme.example"


def changed(cells: Cells, **now: str) -> dict[str, tuple[str, str]]:
    """What a row changes of an account, before and after by field."""
    made = plan(roster(row(LOGIN, **cells)), directory(user(LOGIN, "10", **now)))
    return fields(made.changes[0]) if made.changes else {}


@pytest.mark.parametrize("name", [a.name for a in ATTRIBUTES if a.name not in ("status", "role")])
def test_every_attribute_is_compared_and_shown_before_and_after(name: str) -> None:
    assert changed({name: "new"}, **{name: "old"}) == {name: ("old", "new")}


@pytest.mark.parametrize("name", [a.name for a in ATTRIBUTES])
def test_an_empty_cell_leaves_every_attribute_as_it_is(name: str) -> None:
    assert changed({name: ""}, **{name: "inactive" if name == "status" else "old"}) == {}


@pytest.mark.parametrize("name", [a.name for a in ATTRIBUTES if a.clearable])
def test_clear_empties_an_attribute_once(name: str) -> None:
    assert changed({name: CLEAR}, **{name: "old"}) == {name: ("old", "")}
    assert changed({name: CLEAR}, **{name: ""}) == {}


def test_only_fields_that_differ_are_sent() -> None:
    cells = {"name": "Ada Example", "job_title": "Clerk", "phone": "2", "address": "Street 1"}

    assert changed(cells, job_title="Clerk", phone="1") == {"phone": ("1", "2"), "address": ("", "Street 1")}


@pytest.mark.parametrize(
    ("name", "wanted", "now", "differs"),
    [
        ("space_amount", "-1", "-1", False),
        ("space_amount", "-1", "10737418240", True),
        ("space_amount", "10737418240", "-1", True),
        ("is_sync_enabled", "true", "true", False),
        ("is_sync_enabled", "false", "true", True),
        ("is_sync_enabled", "false", "", True),
        ("notification_email", "Ada@Home.Example", "ada@home.example", False),
        ("notification_email", "ada@home.example", "bob@home.example", True),
        ("name", "ada example", "Ada Example", True),  # names keep their letter case
        ("job_title", "NA", "", True),
        ("phone", "0049", "49", True),
        # a roster cannot say what stands around a text, nor how its letters are encoded
        ("name", "Ada Example", " Ada Example\u00a0", False),
        ("name", "José Example", "Jose\u0301 Example", False),
        ("name", "Ada  Example", "Ada Example", True),
        ("address", "1 Way\n2nd", "1 Way\r\n2nd", False),
    ],
)
def test_cells_are_compared_as_box_means_them(name: str, wanted: str, now: str, differs: bool) -> None:
    assert changed({name: wanted}, **{name: now}) == ({name: (now, wanted)} if differs else {})


@pytest.mark.parametrize(
    ("field", "wanted", "listed", "shown"),
    [
        ("notification_email", "Ada@Home.Example", "ada@home.example", True),
        ("notification_email", "", "ada@home.example", False),
        ("login", "ADA@acme.example", "ada@acme.example", True),
        ("name", "Ada", "ada", False),
        ("name", "Ada", "Ada ", True),
        ("tracking_codes", '{"cost":"1"}', '{"cost":"1","site":""}', True),
        ("tracking_codes", '{"cost":"1"}', "", False),
        ("status", "inactive", "active", False),
    ],
)
def test_an_account_shows_a_value_by_the_rule_that_the_plan_goes_by(
    field: str, wanted: str, listed: str, shown: bool
) -> None:
    assert shows(field, wanted, listed) is shown


def test_a_login_in_another_letter_case_is_no_change() -> None:
    assert not plan(roster(row("ADA@Acme.example")), directory(user(LOGIN, "10"))).changes


@pytest.mark.parametrize(
    ("cells", "now", "after"),
    [
        ({"tracking_codes.cost": "100"}, "", '{"cost":"100"}'),
        ({"tracking_codes.cost": "200"}, '{"cost":"100"}', '{"cost":"200"}'),
        ({"tracking_codes.cost": "100"}, '{"cost":"100"}', None),
        ({"tracking_codes.cost": ""}, '{"cost":"100"}', None),
        # Box replaces the whole list, so what somebody else keeps in it has to be sent along
        ({"tracking_codes.cost": "200"}, '{"cost":"100","site":"B"}', '{"cost":"200","site":"B"}'),
        ({"tracking_codes.cost": CLEAR}, '{"cost":"100","site":"B"}', '{"site":"B"}'),
        ({"tracking_codes.cost": CLEAR}, '{"cost":"100"}', ""),
        ({"tracking_codes.cost": CLEAR}, '{"site":"B"}', None),
        ({"tracking_codes.cost": CLEAR}, "", None),
        ({"tracking_codes.cost": "100"}, '{"cost":"100","site":"B"}', None),
        ({"tracking_codes.site": "A", "tracking_codes.cost": ""}, '{"cost":"1"}', '{"cost":"1","site":"A"}'),
        ({"tracking_codes.b": "2", "tracking_codes.a": "1"}, "", '{"a":"1","b":"2"}'),
    ],
)
def test_tracking_codes_are_merged_into_those_of_others(cells: Cells, now: str, after: str | None) -> None:
    assert changed(cells, tracking_codes=now) == ({} if after is None else {"tracking_codes": (now, after)})


def test_tracking_codes_of_many_people_do_not_mix() -> None:
    rows = [row(f"p{n}@acme.example", **{"tracking_codes.cost": str(n % 3)}) for n in range(12)]
    users = [user(f"p{n}@acme.example", str(n), tracking_codes=f'{{"cost":"{n % 2}"}}') for n in range(12)]
    made = plan(roster(*rows), directory(*users))

    assert {change.box_id: change.fields[0].after for change in made.changes} == {
        str(n): f'{{"cost":"{n % 3}"}}' for n in range(12) if n % 3 != n % 2
    }


@pytest.mark.parametrize(
    ("wanted", "now", "kind", "reason"),
    [
        ("inactive", "active", "deactivate", "leaver: the roster says inactive"),
        ("inactive", "cannot_delete_edit", "deactivate", "leaver: the roster says inactive"),
        ("active", "inactive", "activate", "in the roster again, but inactive in Box"),
        ("cannot_delete_edit", "inactive", "activate", "in the roster again, but inactive in Box"),
        ("cannot_delete_edit", "active", "update", "differs from the roster in status, phone"),
    ],
)
def test_a_change_of_status_carries_the_other_fields(wanted: str, now: str, kind: str, reason: str) -> None:
    made = plan(roster(row(LOGIN, status=wanted, phone="2")), directory(user(LOGIN, "10", status=now)))
    change = only_change(made)

    assert (change.kind, words(change.because)) == (kind, reason)
    assert fields(change) == {"status": (now, wanted), "phone": ("", "2")}


def test_a_create_says_only_what_the_row_says() -> None:
    cells = row(
        LOGIN,
        external_id="E1",
        phone="",
        job_title=CLEAR,
        **{"tracking_codes.cost": "1", "tracking_codes.x": ""},
    )
    change = only_change(plan(roster(cells), directory()))

    assert fields(change) == {
        "login": ("", LOGIN), "name": ("", "Ada Example"), "tracking_codes": ("", '{"cost":"1"}')
    }  # fmt: skip
    assert (change.external_id, change.box_id, change.line, change.key) == ("E1", "", 2, LOGIN)


def test_an_app_user_is_created_with_its_external_id_and_no_login() -> None:
    job = make_job(kind="app")
    change = only_change(
        plan(roster(app_row("C-1", login="x@acme.example", phone="1")), directory(job=job), job=job)
    )

    assert fields(change) == {"external_id": ("", "C-1"), "name": ("", "Ada Example"), "phone": ("", "1")}
    assert change.key == "C-1"


def test_the_table_tells_changes_in_words() -> None:
    made = plan(
        roster(row(LOGIN, phone="2", job_title=CLEAR)), directory(user(LOGIN, "10", job_title="Clerk"))
    )

    assert made.table["changes"].tolist() == ["job_title: Clerk → (empty); phone: (empty) → 2"]


def test_the_employee_id_stays_known_when_a_roster_does_not_say_it() -> None:
    made = plan(roster(row(LOGIN)), directory(user(LOGIN, "10")), memory(user(LOGIN, "10", external_id="E1")))

    assert made.table["external_id"].tolist() == ["E1"]


def test_an_external_id_in_box_is_no_employee_id() -> None:
    made = plan(roster(row(LOGIN)), directory(user(LOGIN, "10", external_id="single-sign-on")))

    assert made.table["external_id"].tolist() == [""]


def test_an_app_user_shows_box_s_external_id() -> None:
    job = make_job(kind="app")
    existing = app_user("C-1", "20")

    assert plan(roster(), directory(existing, job=job), job=job).table["external_id"].tolist() == ["C-1"]
