from __future__ import annotations

from collections.abc import Mapping

import pytest

from provision.model import ATTRIBUTES, CLEAR
from provision.operations.cells import shows
from provision.report.sentences.reasons import words

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
    return changed_each({"one": (cells, now)})["one"]


def changed_each(people: Mapping[str, tuple[Cells, Cells]]) -> dict[str, dict[str, tuple[str, str]]]:
    """The same of many people by what they are called here, each with the cells of row and account; in one plan."""
    rows = [row(**{"login": f"p{at}@acme.example", **cells}) for at, (cells, _) in enumerate(people.values())]
    users = [
        user(**{"login": f"p{at}@acme.example", "box_id": f"2{at}", **now})
        for at, (_, now) in enumerate(people.values())
    ]
    made = plan(roster(*rows), directory(*users))
    found = {change.box_id: fields(change) for change in made.changes}
    assert len(found) == len(made.changes)
    return {what: found.get(f"2{at}", {}) for at, what in enumerate(people)}


def test_every_attribute_is_compared_and_shown_before_and_after() -> None:
    names = [a.name for a in ATTRIBUTES if a.name not in ("status", "role")]
    people = {name: ({name: "new"}, {name: "old"}) for name in names}

    assert len(names) > 10
    assert changed_each(people) == {name: {name: ("old", "new")} for name in names}


def test_an_empty_cell_leaves_every_attribute_as_it_is() -> None:
    names = [a.name for a in ATTRIBUTES]
    now = {name: "inactive" if name == "status" else "old" for name in names}

    assert changed_each({name: ({name: ""}, {name: now[name]}) for name in names}) == {
        name: {} for name in names
    }


def test_clear_empties_an_attribute_once() -> None:
    names = [a.name for a in ATTRIBUTES if a.clearable]
    full = {name: ({name: CLEAR}, {name: "old"}) for name in names}
    empty = {f"{name} is empty": ({name: CLEAR}, {name: ""}) for name in names}

    assert names
    assert changed_each(full | empty) == {
        **{name: {name: ("old", "")} for name in names},
        **{name: {} for name in empty},
    }


def test_only_fields_that_differ_are_sent() -> None:
    cells = {"name": "Ada Example", "job_title": "Clerk", "phone": "2", "address": "Street 1"}

    assert changed(cells, job_title="Clerk", phone="1") == {"phone": ("1", "2"), "address": ("", "Street 1")}


#: attribute, cell of the row, what Box has, and whether that differs
MEANT = [
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
]


def test_cells_are_compared_as_box_means_them() -> None:
    people = {
        f"{name}: {wanted!r} of {now!r}": ({name: wanted}, {name: now}) for name, wanted, now, _ in MEANT
    }

    assert changed_each(people) == {
        f"{name}: {wanted!r} of {now!r}": {name: (now, wanted)} if differs else {}
        for name, wanted, now, differs in MEANT
    }


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


#: cells of the row, what Box has, and what it is to have; None for no change
CODES: list[tuple[Cells, str, str | None]] = [
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
]


def test_tracking_codes_are_merged_into_those_of_others() -> None:
    people = {f"{cells} of {now!r}": (cells, {"tracking_codes": now}) for cells, now, _ in CODES}

    assert changed_each(people) == {
        f"{cells} of {now!r}": {} if after is None else {"tracking_codes": (now, after)}
        for cells, now, after in CODES
    }


def test_tracking_codes_of_many_people_do_not_mix() -> None:
    rows = [row(f"p{n}@acme.example", **{"tracking_codes.cost": str(n % 3)}) for n in range(12)]
    users = [user(f"p{n}@acme.example", str(n), tracking_codes=f'{{"cost":"{n % 2}"}}') for n in range(12)]
    made = plan(roster(*rows), directory(*users))

    assert {change.box_id: change.fields[0].after for change in made.changes} == {
        str(n): f'{{"cost":"{n % 3}"}}' for n in range(12) if n % 3 != n % 2
    }


#: status of the row, that of the account, and what follows with its reason
STATUSES = [
    ("inactive", "active", "deactivate", "leaver: the roster says inactive"),
    ("inactive", "cannot_delete_edit", "deactivate", "leaver: the roster says inactive"),
    ("active", "inactive", "activate", "in the roster again, but inactive in Box"),
    ("cannot_delete_edit", "inactive", "activate", "in the roster again, but inactive in Box"),
    ("cannot_delete_edit", "active", "update", "differs from the roster in status, phone"),
]


def test_a_change_of_status_carries_the_other_fields() -> None:
    people = [row(f"p{at}@acme.example", status=each[0], phone="2") for at, each in enumerate(STATUSES)]
    users = [user(f"p{at}@acme.example", f"2{at}", status=each[1]) for at, each in enumerate(STATUSES)]
    made = plan(roster(*people), directory(*users))

    found = {change.box_id: (change.kind, words(change.because), fields(change)) for change in made.changes}
    assert found == {
        f"2{at}": (kind, reason, {"status": (now, wanted), "phone": ("", "2")})
        for at, (wanted, now, kind, reason) in enumerate(STATUSES)
    }


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
