"""What the reconciliation says of plan, outcomes and a fresh listing."""

from __future__ import annotations

import pandas as pd
import pytest

from provision.errors import BoxAnswer, OurFault
from provision.model import Kind, Status
from provision.plan.value import Plan
from provision.report.findings import why_serious
from provision.report.reconciling.reconcile import reconcile, unconfirmed
from provision.report.value import COLUMNS, NUMBERS, ListingFindingCode, Mode, Reconciliation

from .builders import EVERYBODY, listing_after, outcome, outcomes_of, person, plan_of, users


def row_of(reconciliation: Reconciliation, **wanted: object) -> dict[str, object]:
    """The one row that has these cells."""
    table = reconciliation.table
    for column, cell in wanted.items():
        table = table[table[column] == cell]
    (row,) = table.to_dict("records")
    return {str(name): cell for name, cell in row.items()}


def codes(reconciliation: Reconciliation) -> list[ListingFindingCode]:
    return [finding.code for finding in reconciliation.findings]


def test_table_has_exactly_the_columns_scripts_hold_on_to(verified: Reconciliation) -> None:
    assert ",".join(verified.table.columns) == (
        "line,external_id,login,name,kind,box_id,verdict,reason,changes,"
        "outcome,error_code,http_status,attempts,request_id,at,source"
    )


@pytest.mark.parametrize("name", ["preview", "verified"])
def test_numbers_are_numbers_and_all_else_is_text(name: str, request: pytest.FixtureRequest) -> None:
    types = request.getfixturevalue(name).table.dtypes

    assert {str(types[column]) for column in NUMBERS} == {"int64"}
    assert {str(types[column]) for column in COLUMNS if column not in NUMBERS} == {"str"}


def test_preview_has_no_outcomes(preview: Reconciliation) -> None:
    assert preview.mode is Mode.PREVIEW
    assert set(preview.table["outcome"]) == {""}


def test_attention_of_a_preview_is_what_is_held_and_rejected(preview: Reconciliation) -> None:
    assert set(preview.attention["verdict"]) == {"held", "rejected"}


def test_only_operations_and_holds_have_an_outcome_after_a_run(plan: Plan) -> None:
    ends = outcomes_of(plan)

    table = reconcile(plan, ends, listing_after(plan, ends)).table

    told = dict(table[table["outcome"] != ""].groupby("verdict")["outcome"].first())
    assert told == {
        **dict.fromkeys({each.change.kind for each in EVERYBODY if each.change}, "done"),
        "held": "held",
    }


def test_outcome_brings_what_box_answered(verified: Reconciliation) -> None:
    row = row_of(verified, outcome="failed")

    assert (row["error_code"], row["http_status"], row["request_id"]) == (
        "user_login_already_used",
        409,
        "req-409",
    )
    assert row["reason"] == "not in Box; Box refused it"
    assert row["attempts"] == 1


def test_operation_without_an_outcome_was_not_attempted(plan: Plan) -> None:
    first = plan.changes[0]

    table = reconcile(plan, {first.id: outcome(first)}, None).table

    assert table["outcome"].value_counts()["not_attempted"] == len(plan.changes) - 1


def test_run_that_ended_before_its_first_operation_is_no_preview(plan: Plan) -> None:
    reconciliation = reconcile(plan, {}, None, mode=Mode.APPLIED)

    assert reconciliation.totals.outcomes["not_attempted"] == len(plan.changes)


def test_created_account_gets_its_id_into_its_row(plan: Plan) -> None:
    ends = outcomes_of(plan)
    change = plan.changes[0]

    row = row_of(reconcile(plan, ends, listing_after(plan, ends)), line=change.line)

    assert row["box_id"] == ends[change.id].box_id


def test_account_in_the_way_of_a_refused_create_keeps_its_own_row() -> None:
    create, other = person("create", 1), person("unowned", 2)
    plan = plan_of(create, other)
    change = plan.changes[0]
    end = outcome(change, Status.FAILED, box_id=other.box_id, answer=BoxAnswer(409, "conflict"))

    reconciliation = reconcile(plan, {change.id: end}, listing_after(plan, {}))

    assert row_of(reconciliation, line=create.line)["box_id"] == ""


def test_all_done_and_seen_leaves_nothing_to_look_at() -> None:
    plan = plan_of(*(person(verdict, number) for number, verdict in enumerate(
        ("create", "update", "activate", "deactivate", "delete", "unchanged"), start=1)))  # fmt: skip
    ends = outcomes_of(plan)

    reconciliation = reconcile(plan, ends, listing_after(plan, ends))

    assert reconciliation.mode is Mode.VERIFIED
    assert reconciliation.attention.empty
    assert reconciliation.findings == ()


@pytest.mark.parametrize(
    ("verdict", "column", "cell", "complaint"),
    [
        ("create", "job_title", "Trainee", "another job_title"),
        ("update", "job_title", "Clerk", "another job_title"),
        ("update", "tracking_codes", '{"cost": "99"}', "another tracking_codes"),
        ("update", "tracking_codes", "", "another tracking_codes"),
        ("activate", "status", "inactive", "another status"),
        ("deactivate", "status", "active", "another status"),
    ],
)
def test_done_that_box_shows_otherwise_has_failed(
    verdict: str, column: str, cell: str, complaint: str
) -> None:
    plan = plan_of(person(verdict, 1))
    ends = outcomes_of(plan)
    now = listing_after(plan, ends)
    now[column] = cell

    reconciliation = reconcile(plan, ends, now)

    row = row_of(reconciliation, verdict=verdict)
    assert (row["outcome"], row["http_status"], row["error_code"]) == ("failed", 200, "shown_otherwise")
    assert complaint in str(row["reason"])
    assert codes(reconciliation) == [ListingFindingCode.OTHERWISE]
    assert [change.id for change in unconfirmed(plan, ends, now)] == [plan.changes[0].id]


@pytest.mark.parametrize("verdict", ["create", "update", "activate", "deactivate"])
def test_done_account_that_is_not_listed_is_in_doubt(verdict: str) -> None:
    plan = plan_of(person(verdict, 1))
    ends = outcomes_of(plan)

    row = row_of(reconcile(plan, ends, users()), verdict=verdict)

    assert row["outcome"] == "in_doubt"
    assert "does not show the account" in str(row["reason"])


def test_deleted_account_that_is_still_listed_is_in_doubt() -> None:
    gone = person("delete", 1)
    plan = plan_of(gone)
    ends = outcomes_of(plan)

    row = row_of(reconcile(plan, ends, listing_after(plan, {})), box_id=gone.box_id)

    assert row["outcome"] == "in_doubt"
    assert "still shows" in str(row["reason"])


def test_single_read_that_proves_the_change_clears_the_doubt() -> None:
    plan = plan_of(person("update", 1))
    ends = outcomes_of(plan)
    stale = listing_after(plan, {})
    assert unconfirmed(plan, ends, stale)

    corrected = reconcile(plan, ends, listing_after(plan, ends))

    assert corrected.totals.outcomes == {"done": 1}


def test_emptied_field_is_proven_by_an_empty_cell() -> None:
    plan = plan_of(person("update", 1, fields=(("phone", "+41 44 555 01 01", ""),)))
    ends = outcomes_of(plan)
    now = listing_after(plan, ends)

    assert unconfirmed(plan, ends, now.assign(phone="")) == []
    assert unconfirmed(plan, ends, now.assign(phone="+41 44 555 01 01")) == list(plan.changes)


@pytest.mark.parametrize(
    ("field", "after", "listed"),
    [
        ("login", "Ann@ACME.example", "ann@acme.example"),
        ("notification_email", "Ann@Home.example", "ann@home.example"),
        ("name", "Jose\u0301 Example", "José Example"),
        ("job_title", "Clerk", " Clerk\u00a0"),
        ("address", "1 Way\n2nd", "1 Way\r\n2nd"),
        ("tracking_codes", '{"cost":"1"}', '{"a": "", "cost": "1"}'),
        ("tracking_codes", '{"cost":"1"}', '{"cost":"1","site":"B"}'),
    ],
)
def test_value_that_box_spells_in_its_own_way_is_no_doubt(field: str, after: str, listed: str) -> None:
    plan = plan_of(person("update", 1, fields=((field, "", after),)))
    ends = outcomes_of(plan)

    assert unconfirmed(plan, ends, listing_after(plan, ends).assign(**{field: listed})) == []


@pytest.mark.parametrize(
    ("field", "after", "listed"),
    [
        ("notification_email", "ann@home.example", "bob@home.example"),
        ("name", "Ann Example", "ann example"),
        ("job_title", "Clerk", "Senior  Clerk"),
        ("tracking_codes", '{"cost":"1"}', '{"site":"B"}'),
    ],
)
def test_other_value_is_a_doubt(field: str, after: str, listed: str) -> None:
    plan = plan_of(person("update", 1, fields=((field, "", after),)))
    ends = outcomes_of(plan)

    assert unconfirmed(plan, ends, listing_after(plan, ends).assign(**{field: listed})) == list(plan.changes)


def test_field_that_the_listing_cannot_show_is_not_doubted() -> None:
    plan = plan_of(person("update", 1, fields=(("notification_email", "", "a@acme.example"),)))
    ends = outcomes_of(plan)

    assert unconfirmed(plan, ends, listing_after(plan, {})) == []


@pytest.mark.parametrize("column", ["external_id", "login"])
def test_two_accounts_with_one_key_need_a_person_if_this_run_made_one(column: str) -> None:
    plan = plan_of(person("create", 1, kind="app", external_id="EMP-1", login="emp1@acme.example"))
    ends = outcomes_of(plan)
    now = listing_after(plan, ends)
    twin = {"box_id": "555", "kind": "app", "name": "Twin", column: str(now[column].iloc[0]).upper()}
    now = pd.concat([now, users(twin)], ignore_index=True)

    reconciliation = reconcile(plan, ends, now)

    assert ListingFindingCode.DOUBLE in codes(reconciliation)
    assert len(reconciliation.attention) == 2


def test_very_many_second_accounts_make_an_error_that_can_be_read() -> None:
    clients = [f"EMP-{number:05}" for number in range(1, 211)]
    plan = plan_of(
        *(person("create", at, kind="app", external_id=one, login="") for at, one in enumerate(clients, 1))
    )
    ends = outcomes_of(plan)
    twins = [
        {"box_id": str(900_000 + at), "kind": "app", "external_id": one} for at, one in enumerate(clients)
    ]

    found = reconcile(
        plan, ends, pd.concat([listing_after(plan, ends), users(*twins)], ignore_index=True)
    ).findings
    error = why_serious(found, ["the account of Ada cannot be brought back"])

    assert sum(each.code is ListingFindingCode.DOUBLE for each in found) == 210
    assert error.startswith("2 accounts carry the external_id EMP-00001: ")
    assert error.endswith("; and 201 more, see the report")
    assert len(error) < 2_000
    assert why_serious(found[:1], ["the end"]) == f"{found[0].sentence}; the end"
    assert why_serious((), ()) == ""


def test_second_account_of_a_create_in_doubt_needs_a_person() -> None:
    plan = plan_of(person("create", 1, kind="app", external_id="EMP-1", login=""))
    twins = (
        {"box_id": number, "kind": "app", "external_id": "EMP-1", "login": number} for number in ("71", "72")
    )

    reconciliation = reconcile(plan, outcomes_of(plan, Status.IN_DOUBT), users(*twins))

    (double,) = [finding for finding in reconciliation.findings if finding.code is ListingFindingCode.DOUBLE]
    assert double.box_ids == ("71", "72")
    assert [row["box_id"] for row in reconciliation.attention.to_dict("records")] == ["71", "72"]


def test_two_old_accounts_with_one_key_are_not_this_run_s_doing() -> None:
    plan = plan_of(person("unowned", 1, external_id="X"), person("unowned", 2, external_id="X"))

    assert reconcile(plan, {}, listing_after(plan, {})).findings == ()


@pytest.mark.parametrize(
    ("before", "after", "listed", "proven"),
    [
        ("", '{"Cost": "1", "Site": "B"}', '{"Site":"B","Cost":"1"}', True),
        ("", '{"Cost": "1"}', '{"Cost": "1", "Site": ""}', True),
        ("", '{"Cost": "1"}', '{"Cost": "2"}', False),
        ("", '{"Cost": "1"}', "", False),
        ('{"Cost": "1"}', "", '{"Cost": "1"}', False),
        ('{"Cost": "1", "Site": "B"}', '{"Cost": "2", "Site": "B"}', '{"Cost": "2", "Site": "C"}', True),
        ('{"Cost": "1"}', '{"Cost": "2"}', '{"Cost": "2", "Theirs": "x"}', True),
    ],
)
def test_tracking_codes_are_compared_by_name_and_value_and_only_those_that_were_set(
    before: str, after: str, listed: str, proven: bool
) -> None:
    plan = plan_of(person("update", 1, fields=(("tracking_codes", before, after),)))
    now = listing_after(plan, {}).assign(tracking_codes=listed)

    assert (unconfirmed(plan, outcomes_of(plan), now) == []) is proven


def test_account_that_appeared_during_the_run_gets_a_row_of_its_own(plan: Plan) -> None:
    ends = outcomes_of(plan)
    newcomer = users({"box_id": "777", "login": "new@acme.example", "name": "New"})
    now = pd.concat([listing_after(plan, ends), newcomer], ignore_index=True)

    reconciliation = reconcile(plan, ends, now)

    row = row_of(reconciliation, box_id="777")
    assert (row["line"], row["verdict"], row["outcome"]) == (0, "unowned", "")
    assert row["reason"] == "appeared while the run was under way"
    assert reconciliation.totals.appeared == 1
    assert len(reconciliation.table) == len(plan.table) + 1


def test_account_out_of_scope_gets_no_row() -> None:
    plan = plan_of(person("unchanged", 1))
    outside = users({"box_id": "777", "login": "x@elsewhere.example", "in_scope": False})
    now = pd.concat([listing_after(plan, {}), outside], ignore_index=True)

    assert "777" not in set(reconcile(plan, {}, now).table["box_id"])


@pytest.mark.parametrize("status", [Status.IN_DOUBT, Status.FAILED, Status.NOT_ATTEMPTED])
def test_account_with_the_key_of_an_undone_create_stands_in_its_row(status: Status) -> None:
    create = person("create", 1, login="Ann@acme.example")
    plan = plan_of(create)
    now = users({"box_id": "777", "login": "ann@acme.example", "name": "Ann"})

    reconciliation = reconcile(plan, outcomes_of(plan, status), now)

    row = row_of(reconciliation, line=create.line)
    assert (row["box_id"], row["outcome"], len(reconciliation.table)) == ("777", status.value, 1)
    assert "Box lists an account with this key now" in str(row["reason"])


def test_two_operations_of_one_name_are_never_taken_for_one() -> None:
    plan = plan_of(*(person("create", n, login="ann@acme.example", external_id=f"E{n}") for n in (1, 2)))

    with pytest.raises(OurFault, match="two operations of one name"):
        reconcile(plan, outcomes_of(plan, Status.IN_DOUBT), None)


def test_account_that_disappeared_is_told() -> None:
    plan = plan_of(person("unchanged", 1), person("unchanged", 2))
    now = listing_after(plan, {}).head(1)

    (finding,) = reconcile(plan, {}, now).findings

    assert (finding.code, finding.box_ids, finding.serious) == (
        ListingFindingCode.VANISHED,
        ("20002",),
        False,
    )


def test_changes_are_found_by_the_position_of_their_line(verified: Reconciliation) -> None:
    found = {at: (change.kind, change.line) for at, change in verified.changes.items()}

    assert found == {
        at: (row["verdict"], row["line"])
        for at, row in enumerate(verified.table.to_dict("records"))
        if row["verdict"] in tuple(Kind)
    }


def test_statement_tells_the_balance_in_words() -> None:
    plan = plan_of(
        *(person("unchanged", number) for number in range(3)), person("create", 9), person("unowned", 10)
    )

    statement = reconcile(plan, outcomes_of(plan, Status.FAILED), None).statement

    assert statement == (
        "4 roster rows + 1 account without a row = 5 lines; 3 unchanged + 1 create + 1 unowned = 5. "
        "Of 1 operation: 1 failed = 1."
    )


def test_outcomes_of_another_plan_are_refused(plan: Plan) -> None:
    with pytest.raises(OurFault, match="does not have"):
        reconcile(plan, {"create:somebody": outcome(plan.changes[0])}, None)


def test_plan_whose_lines_miss_an_operation_is_refused() -> None:
    plan = plan_of(*EVERYBODY)
    shorter = plan_of(*EVERYBODY[:-1], changes=(*plan.changes, person("update", 99).change))

    with pytest.raises(OurFault, match="do not match"):
        reconcile(shorter, {}, None)


def test_listing_that_names_an_account_twice_is_refused(plan: Plan) -> None:
    now = listing_after(plan, {})

    with pytest.raises(OurFault, match="twice"):
        reconcile(plan, {}, pd.concat([now, now.head(1)], ignore_index=True))
