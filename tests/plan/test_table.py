from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from provision.model import Kind, Verdict
from provision.plan.value import TABLE_COLUMNS, Plan
from tests.examples import examples

from .builders import directory, plan, roster, row, user
from .strategies import World, worlds

KINDS = [kind.value for kind in Kind]


def made(world: World) -> Plan:
    return plan(
        roster(*world.rows, bad=world.bad, left=world.left),
        directory(*world.users, job=world.job),
        world.known,
        world.job,
    )


def everybody_is_in_the_table_once(world: World, result: Plan) -> None:
    table = result.table
    lines = table.loc[table["line"] > 0, "line"].tolist()
    shown = [box_id for box_id in table["box_id"] if box_id]
    surveyed = directory(*world.users, job=world.job).frame
    in_scope = set(surveyed.loc[surveyed["in_scope"], "box_id"])

    assert lines == list(range(2, 2 + len(world.rows) + len(world.bad) + len(world.left)))
    assert len(shown) == len(set(shown))
    assert in_scope <= set(shown)
    assert table.loc[table["line"] == 0, "box_id"].isin(in_scope).all()


def verdicts_and_operations_say_the_same(world: World, result: Plan) -> None:
    operations = result.table[result.table["verdict"].isin(KINDS)]
    planned = sorted(
        (change.kind.value, change.line, change.box_id, change.because) for change in result.changes
    )
    told = sorted(operations[["verdict", "line", "box_id", "because"]].itertuples(index=False, name=None))

    assert planned == told
    assert sum(result.verdicts.values()) == len(result.table)
    assert result.counts == {name: number for name, number in result.verdicts.items() if name in KINDS}
    assert set(result.table["verdict"]) <= {verdict.value for verdict in Verdict}
    assert (result.table["because"] != "").all()
    assert len({change.id for change in result.changes}) == len(result.changes)


def every_operation_has_something_to_do(world: World, result: Plan) -> None:
    for change in result.changes:
        assert all(each.before != each.after for each in change.fields)
        assert bool(change.fields) is (change.kind is not Kind.DELETE)
        assert bool(change.box_id) is (change.kind is not Kind.CREATE)
        assert bool(change.line or change.evidence)


def nobody_untouchable_is_touched(world: World, result: Plan) -> None:
    surveyed = directory(*world.users, job=world.job).frame.set_index("box_id")
    known = set(world.known.accounts["box_id"])
    for change in result.changes:
        if change.box_id:
            assert surveyed.loc[change.box_id, "in_scope"]
            assert surveyed.loc[change.box_id, "protected"] == ""
        if not change.line:
            assert change.box_id in known
            assert world.job.roster.authority == "full"


def a_named_person_never_leaves_by_absence(world: World, result: Plan) -> None:
    named_logins = {cells["login"].casefold() for cells in (*world.rows, *world.bad, *world.left)}
    readable = all(cells["login"] or cells["external_id"] for cells in (*world.bad, *world.left))
    for change in result.changes:
        if not change.line:
            assert change.login.casefold() not in named_logins
            assert readable


def who_is_left_out_is_not_touched(world: World, result: Plan) -> None:
    first = 2 + len(world.rows) + len(world.bad)
    out = result.table[result.table["line"] >= first]
    assert (out["verdict"] == "excluded").all()
    assert not {change.box_id for change in result.changes} & (set(out["box_id"]) - {""})
    assert all(change.line < first for change in result.changes)


PROMISES = (
    who_is_left_out_is_not_touched,
    everybody_is_in_the_table_once,
    verdicts_and_operations_say_the_same,
    every_operation_has_something_to_do,
    nobody_untouchable_is_touched,
    a_named_person_never_leaves_by_absence,
)


@given(world=worlds())
@examples(40)
def test_any_plan_keeps_its_promises_in_whatever_order_box_lists(world: World) -> None:
    result = made(world)
    for promise in PROMISES:
        promise(world, result)

    turned = made(replace(world, users=world.users[::-1]))
    assert turned == result
    assert turned.table.equals(result.table)


def test_operations_are_ordered_by_what_protects_first_then_by_row() -> None:
    users = [user(f"{name}@acme.example", str(at)) for at, name in enumerate(("u2", "d2", "u1", "d1"), 10)]
    back = user("back@acme.example", "20", status="inactive")
    rows = [
        row("u1@acme.example", phone="1"), row("new@acme.example"), row("d1@acme.example", status="inactive"),
        row("back@acme.example", status="active"), row("d2@acme.example", end_date="2026-01-01"), row("u2@acme.example", phone="1"),
    ]  # fmt: skip
    result = plan(roster(*rows), directory(*users, back))

    assert [(change.kind.value, change.line) for change in result.changes] == [
        ("deactivate", 4), ("deactivate", 6), ("create", 3), ("activate", 5), ("update", 2), ("update", 7),
    ]  # fmt: skip


def test_the_table_has_rows_in_their_order_then_accounts_without_one_by_id() -> None:
    users = [user(f"x{n}@acme.example", str(n)) for n in (30, 9, 10)]
    table = plan(
        roster(row("b@acme.example"), row("x10@acme.example"), bad=(row("c@acme.example"),)),
        directory(*users),
    ).table

    assert table["line"].tolist() == [2, 3, 4, 0, 0]
    assert table["box_id"].tolist() == ["", "10", "", "30", "9"]
    assert tuple(table.columns) == TABLE_COLUMNS
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
        **dict.fromkeys(TABLE_COLUMNS, "str"), "line": "int64", "owned": "bool"
    }  # fmt: skip
