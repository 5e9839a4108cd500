"""The way back from a run: what it left is taken back, what somebody else did since is not, what is lost is named."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given

from provision.batches import Held
from provision.because import Because, joined, reason
from provision.box.accounts import COLUMNS
from provision.directory.scope import Directory
from provision.errors import BoxAnswer
from provision.job.settings import Job
from provision.journal.value import Outcome
from provision.ledger.value import Memory
from provision.lessons.finished import lessons
from provision.model import Kind, Status, UserKind, Verdict
from provision.operations.value import Change, FieldChange
from provision.plan.occasion import Occasion
from provision.plan.undo.past import Past
from provision.plan.undo.support_request import restore_request, said
from provision.plan.undo.undo import Undo, make_undo
from provision.plan.value import UNDO, Plan
from provision.report.reconciling.reconcile import reconcile
from provision.report.sentences.reasons import words
from provision.report.sentences.undo_notes import left_alone, with_notes
from tests.examples import examples

from .builders import (
    ENTERPRISE,
    NOW,
    Cells,
    after,
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
from .strategies import STAGES, World, worlds

RUN = "20260302T010007Z-nightly-abcd"
ADA = user("ada@acme.example", "10", phone="1", job_title="Clerk")


def undone(
    made: Plan,
    now: Directory,
    outcomes: dict[str, Outcome] | None = None,
    *,
    job: Job | None = None,
    known: Memory | None = None,
    allowed: dict[str, int] | None = None,
) -> Undo:
    past = Past(RUN, made, all_done(made) if outcomes is None else outcomes)
    occasion = Occasion(NOW, ENTERPRISE, allowed or {})
    return make_undo(past, now, known or memory(), job or make_job(), occasion)


def cells_of(one: Directory) -> dict[str, Cells]:
    return {cells["box_id"]: cells for cells in one.frame[list(COLUMNS)].to_dict("records")}


@given(world=worlds(bad=False))
@examples(15)
def test_undo_gives_back_everything_but_deletions_and_leaves_new_accounts_locked(world: World) -> None:
    before = directory(*world.users, job=world.job)
    made = plan(roster(*world.rows), before, world.known, world.job)
    changed = after(before, made, world.job)

    undo = undone(made, changed, job=world.job, known=world.known)
    restored = after(changed, undo.plan, world.job)

    deleted = {change.box_id for change in made.changes if change.kind is Kind.DELETE}
    now = cells_of(restored)
    new = [now.pop(box_id) for box_id in set(now) - set(cells_of(before))]
    assert now == {box_id: cells for box_id, cells in cells_of(before).items() if box_id not in deleted}
    assert {cells["status"] for cells in new} <= {"inactive"}
    assert {lost.box_id for lost in undo.deleted} == deleted
    again = undone(made, restored, job=world.job, known=world.known)
    assert (undo.left, again.plan.changes, again.left) == ((), (), ())


@given(world=worlds(bad=False))
@examples(10)
def test_undo_is_a_plan_that_balances_and_undoing_it_gives_the_run_back(world: World) -> None:
    before = directory(*world.users, job=world.job)
    made = plan(roster(*world.rows), before, world.known, world.job)
    changed = after(before, made, world.job)
    undo = undone(made, changed, job=world.job, known=world.known)
    restored = after(changed, undo.plan, world.job)

    reconciliation = reconcile(undo.plan, all_done(undo.plan), restored.frame)
    again = undone(undo.plan, restored, job=world.job, known=world.known)

    assert not reconciliation.findings
    assert set(restored.frame.loc[restored.frame["in_scope"], "box_id"]) <= set(
        reconciliation.table["box_id"]
    )
    assert cells_of(after(restored, again.plan, world.job)) == cells_of(changed)


# --- one operation -------------------------------------------------------------------------------------------


def test_update_goes_back_with_its_before_values() -> None:
    before = directory(ADA)
    made = plan(roster(row("ada@acme.example", phone="2", job_title="Chief")), before)

    undo = undone(made, after(before, made, make_job()))

    change = only_change(undo.plan)
    assert (change.kind, change.line) == (Kind.UPDATE, 0)
    assert fields(change) == {"phone": ("2", "1"), "job_title": ("Chief", "Clerk")}
    assert told(undo.plan, "ada@acme.example") == ("update", "the undone run changed this account")


def test_a_field_that_was_empty_is_emptied_again() -> None:
    before = directory(user("ada@acme.example", "10"))
    made = plan(roster(row("ada@acme.example", phone="2")), before)

    assert fields(only_change(undone(made, after(before, made, make_job())).plan)) == {"phone": ("2", "")}


def test_what_somebody_changed_since_is_left_and_named() -> None:
    before = directory(ADA)
    made = plan(roster(row("ada@acme.example", phone="2", job_title="Chief")), before)
    now = directory(ADA | {"phone": "3", "job_title": "Chief"})

    undo = undone(made, now)

    assert fields(only_change(undo.plan)) == {"job_title": ("Chief", "Clerk")}
    assert left_alone(undo) == (
        (
            "ada@acme.example: the undone run changed this account; "
            "left as it is: phone, changed since by somebody else"
        ),
    )
    assert any("phone, changed since" in note for note in with_notes(undo).plan.roster.notes)


def test_other_tracking_codes_stay_as_somebody_set_them_since() -> None:
    before = directory(user("ada@acme.example", "10", tracking_codes='{"cost":"1"}'))
    made = plan(roster(row("ada@acme.example", **{"tracking_codes.cost": "2"})), before)
    now = directory(user("ada@acme.example", "10", tracking_codes='{"cost":"2","site":"B"}'))

    [change] = only_change(undone(made, now).plan).fields

    assert json.loads(change.after) == {"cost": "1", "site": "B"}


@pytest.mark.parametrize(("now", "left"), [("3", 1), ("1", 0)])
def test_a_tracking_code_that_is_another_since_stays(now: str, left: int) -> None:
    before = directory(user("ada@acme.example", "10", tracking_codes='{"cost":"1"}'))
    made = plan(roster(row("ada@acme.example", **{"tracking_codes.cost": "2"})), before)

    undo = undone(made, directory(user("ada@acme.example", "10", tracking_codes=f'{{"cost":"{now}"}}')))

    assert not undo.plan.changes
    assert len(undo.left) == left
    assert all("tracking_codes.cost, changed since" in sentence for sentence in left_alone(undo))


def test_what_box_cannot_empty_stays_and_is_named() -> None:
    made = _one(Kind.UPDATE, FieldChange("language", "", "de"))

    undo = undone(made, directory(user("ada@acme.example", "10", language="de")))

    assert not undo.plan.changes
    assert "language, which Box cannot empty" in left_alone(undo)[0]


@pytest.mark.parametrize(
    ("status", "kind", "planned"),
    [
        ("inactive", Kind.DEACTIVATE, {"activate": 1}),
        ("active", Kind.DEACTIVATE, {}),
        ("cannot_delete_edit", Kind.DEACTIVATE, {}),
        ("active", Kind.ACTIVATE, {"deactivate": 1}),
        ("inactive", Kind.ACTIVATE, {}),
    ],
)
def test_status_goes_back_only_from_what_the_run_set(
    status: str, kind: Kind, planned: dict[str, int]
) -> None:
    swapped = ("active", "inactive") if kind is Kind.DEACTIVATE else ("inactive", "active")
    made = _one(kind, FieldChange("status", *swapped))

    undo = undone(made, directory(user("ada@acme.example", "10", status=status)))

    assert undo.plan.counts == planned
    assert bool(undo.left) == (status == "cannot_delete_edit")


def test_a_restricted_account_gets_its_own_status_back() -> None:
    made = _one(Kind.DEACTIVATE, FieldChange("status", "cannot_delete_edit", "inactive"))

    change = only_change(undone(made, directory(user("ada@acme.example", "10", status="inactive"))).plan)

    assert (change.kind, fields(change)) == (Kind.ACTIVATE, {"status": ("inactive", "cannot_delete_edit")})


@pytest.mark.parametrize("kind", ["managed", "app"])
def test_an_account_that_was_made_is_locked_never_deleted(kind: str) -> None:
    job = make_job(kind="column")
    new = row("new@acme.example") if kind == "managed" else app_row("C1")
    before = directory(job=job)
    made = plan(roster(new), before, job=job)

    change = only_change(undone(made, after(before, made, job), job=job).plan)

    assert (change.kind, fields(change)) == (Kind.DEACTIVATE, {"status": ("active", "inactive")})


def test_an_account_that_was_made_and_is_gone_needs_no_undoing() -> None:
    made = plan(roster(row("new@acme.example")), directory())

    undo = undone(made, directory())

    assert (undo.plan.changes, undo.left, undo.deleted) == ((), (), ())
    assert (
        told(undo.plan, "new@acme.example")[1] == "the account (Box id new-new@acme.example) no longer exists"
    )


PROOF = joined(Because.LEAVER, reason(Because.END_DATE, day="2026-02-28"))


def test_the_proof_of_a_leaver_survives_an_undo_of_the_undo() -> None:
    made = replace(_one(Kind.DEACTIVATE, FieldChange("status", "active", "inactive")))
    made = replace(made, changes=(replace(made.changes[0], evidence=PROOF),))
    known = memory(ADA | {"left_at": NOW.isoformat()})
    locked, open_ = (
        directory(user("ada@acme.example", "10", status=each)) for each in ("inactive", "active")
    )

    undo = undone(made, locked, known=known)
    taught = lessons(undo.plan, all_done(undo.plan), known, make_job().lifecycle.evidence)
    assert taught.accounts["left_at"].tolist() == [""]
    assert (taught.absences, taught.complete, taught.roster_sha256) == (None, False, "")

    change = only_change(undone(undo.plan, open_).plan)
    assert (change.kind, change.evidence) == (Kind.DEACTIVATE, PROOF)


# --- whom undo leaves alone ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "sections", "verdict", "why"),
    [
        ({"login": "ida@acme.example"}, {}, "unchanged", "another login now"),
        ({"role": "coadmin"}, {}, "protected", "protected now: a co-admin"),
        ({}, {"scope": {"protect": ["ada@*"]}}, "protected", "protected now: scope.protect"),
        ({}, {"scope": {"protect": ["E1"]}}, "protected", "protected now: scope.protect"),
        ({}, {"scope": {"domains": ["other.example"]}}, "out_of_scope", "out of the job's scope now"),
        ({"kind": "app", "external_id": "C1"}, {"kind": "column"}, "unchanged", "is of another kind"),
    ],
)
def test_whoever_may_not_be_touched_now_is_left(
    now: dict[str, str], sections: dict[str, Any], verdict: str, why: str
) -> None:
    made = _one(Kind.UPDATE, FieldChange("phone", "1", "2"))
    job = make_job(**sections)
    known = memory(ADA | {"external_id": "E1"})

    undo = undone(made, directory(ADA | {"phone": "2"} | now, job=job), job=job, known=known)

    assert not undo.plan.changes
    assert why in left_alone(undo)[0]
    assert told(undo.plan, now.get("login", "ada@acme.example"))[0] == verdict


def test_an_app_user_with_another_external_id_is_left() -> None:
    job = make_job(kind="column")
    before = directory(app_user("C1", "20", phone="1"), job=job)
    made = plan(roster(app_row("C1", phone="2")), before, job=job)

    undo = undone(made, directory(app_user("C2", "20", phone="2"), job=job), job=job)

    assert not undo.plan.changes
    assert "another external id now" in left_alone(undo)[0]


def test_an_app_user_whose_external_id_only_the_ledger_knows_is_undone() -> None:
    job = make_job(kind="column", lifecycle={"evidence": {"absent_runs": 1}, "leavers": STAGES[:1]})
    nameless = app_user("", "20")
    before, known = directory(nameless, job=job), memory(nameless | {"external_id": "E1"})
    made = plan(roster(), before, known, job)

    undo = undone(made, after(before, made, job), job=job, known=known)

    assert made.counts == {"deactivate": 1}
    assert (undo.plan.counts, undo.left) == ({"activate": 1}, ())


def test_a_changed_account_that_is_gone_is_named_with_its_id() -> None:
    undo = undone(_one(Kind.UPDATE, FieldChange("phone", "1", "2")), directory())

    assert left_alone(undo) == ("ada@acme.example: the account (Box id 10) no longer exists",)
    assert told(undo.plan, "ada@acme.example")[0] == "unchanged"


def test_people_the_run_did_not_touch_are_not_touched() -> None:
    made = _one(Kind.UPDATE, FieldChange("phone", "1", "2"))
    now = directory(
        ADA | {"phone": "2"},
        user("bob@acme.example", "11", phone="2"),
        user("eve@acme.example", "12", role="admin"),
    )

    undo = undone(made, now)

    assert only_change(undo.plan).box_id == "10"
    assert told(undo.plan, "bob@acme.example") == ("unchanged", "not touched by the undone run")
    assert told(undo.plan, "eve@acme.example") == ("protected", "the enterprise's admin")
    assert undo.plan.verdicts == {"protected": 1, "unchanged": 1, "update": 1}


# --- what the journal says -------------------------------------------------------------------------------------


#: how one operation ended by the journal, the phone that Box shows now, and whether it is taken back
HAPPENED: list[tuple[Status | None, str, bool]] = [
    (Status.DONE, "2", True),
    (Status.IN_DOUBT, "2", True),
    (Status.IN_DOUBT, "1", False),
    (Status.IN_DOUBT, "3", False),
    (Status.FAILED, "2", False),
    (Status.SKIPPED, "2", False),
    (Status.NOT_ATTEMPTED, "2", False),
    (None, "2", False),
]


def test_only_what_happened_is_undone() -> None:
    users = [user(f"p{at}@acme.example", f"2{at}", phone="1") for at in range(len(HAPPENED))]
    made = plan(roster(*(row(each["login"], phone="2") for each in users)), directory(*users))
    ids = {change.box_id: change.id for change in made.changes}
    outcomes = {
        ids[f"2{at}"]: Outcome(ids[f"2{at}"], status, f"2{at}")
        for at, (status, _, _) in enumerate(HAPPENED)
        if status is not None
    }
    now = [each | {"phone": phone} for each, (_, phone, _) in zip(users, HAPPENED, strict=True)]

    undo = undone(made, directory(*now), outcomes)

    back = {change.box_id: change for change in undo.plan.changes}
    assert {at: f"2{at}" in back for at in range(len(HAPPENED))} == {
        at: taken for at, (_, _, taken) in enumerate(HAPPENED)
    }
    assert {change.kind for change in undo.plan.changes} == {Kind.UPDATE}
    assert not undo.left
    assert "could not be sure of; Box shows that it did" in words(back["21"].because)


#: how a create ended, the accounts that Box shows now, by key and id, and whether one of them is locked
UNCLEAR: list[tuple[Outcome, tuple[str, str] | None, bool]] = [
    (Outcome("", Status.IN_DOUBT), ("C", "new"), True),
    (Outcome("", Status.IN_DOUBT), None, False),
    (Outcome("", Status.IN_DOUBT), ("D", "new"), False),
    (Outcome("", Status.IN_DOUBT), ("C", "old"), False),  # was there before the run
    (Outcome("", Status.FAILED, "new"), ("C", "new"), True),  # made, and not finished
    (Outcome("", Status.FAILED, "new", answer=BoxAnswer(409)), ("C", "new"), False),  # somebody else's
    (Outcome("", Status.FAILED), ("C", "new"), False),
]


def test_a_create_without_a_clear_answer_is_undone_where_box_shows_it() -> None:
    job = make_job(kind="column")
    numbers = range(len(UNCLEAR))
    before = directory(*(app_user(f"Z{at}", f"old{at}") for at in numbers), job=job)
    made = plan(roster(*(app_row(f"C{at}") for at in numbers)), before, job=job)
    ids = {change.external_id: change.id for change in made.changes if change.kind is Kind.CREATE}
    assert set(ids) == {f"C{at}" for at in numbers}
    outcomes, now = {}, []
    for at, (outcome, shown, _) in enumerate(UNCLEAR):
        named = f"{outcome.box_id}{at}" if outcome.box_id else ""
        outcomes[ids[f"C{at}"]] = replace(outcome, change_id=ids[f"C{at}"], box_id=named)
        now += [app_user(f"{shown[0]}{at}", f"{shown[1]}{at}")] if shown else []

    undo = undone(made, directory(*now, job=job), outcomes, job=job)

    assert {(change.box_id, change.kind) for change in undo.plan.changes} == {
        (f"new{at}", Kind.DEACTIVATE) for at, (_, _, locked) in enumerate(UNCLEAR) if locked
    }
    assert not undo.left


def test_a_doubtful_create_that_looks_otherwise_is_somebody_elses() -> None:
    made = plan(roster(row("new@acme.example", phone="1")), directory())
    [change] = made.changes
    outcomes = {change.id: Outcome(change.id, Status.IN_DOUBT)}

    assert undone(made, directory(user("NEW@acme.example", "30", phone="1")), outcomes).plan.changes
    assert not undone(made, directory(user("new@acme.example", "30", phone="2")), outcomes).plan.changes


@pytest.mark.parametrize("named", ["", "20"])
def test_several_accounts_with_the_key_of_a_doubtful_create_wait_for_a_person(named: str) -> None:
    job = make_job(kind="column")
    made = plan(roster(app_row("C1")), directory(job=job), job=job)
    [change] = made.changes
    now = directory(app_user("C1", "20"), app_user("C1", "21"), job=job)

    undo = undone(made, now, {change.id: Outcome(change.id, Status.IN_DOUBT, named)}, job=job)

    assert not undo.plan.changes
    assert undo.plan.verdicts == {"held": 1, "unchanged": 2}
    assert left_alone(undo)[0].endswith("several accounts carry its key: 20, 21")


# --- deletions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "there", "named", "words"),
    [
        (Status.DONE, False, True, "deleted at 2026-03-02 01:00:07 UTC"),
        (Status.IN_DOUBT, False, True, "gone, perhaps deleted at"),
        (Status.DONE, True, False, ""),
        (Status.IN_DOUBT, True, False, ""),
    ],
)
def test_deleted_accounts_are_named_unless_they_are_there(
    status: Status, there: bool, named: bool, words: str
) -> None:
    made = _one(Kind.DELETE)
    [change] = made.changes
    outcome = Outcome(change.id, status, "10", answer=BoxAnswer(204, "", "req-1"), at=NOW.isoformat())

    undo = undone(made, directory(*([ADA] if there else [])), {change.id: outcome})

    assert not undo.plan.changes
    assert bool(undo.deleted) == named
    if named:
        assert words in said(undo.deleted[0])
        assert "until 2026-03-16" in said(undo.deleted[0])


def test_a_deletion_whose_time_nobody_knows_is_told_all_the_same() -> None:
    undo = undone(_one(Kind.DELETE), directory())

    assert "deleted at an unknown time" in said(undo.deleted[0])
    assert "until 14 days after that" in said(undo.deleted[0])
    assert "ada@acme.example" in restore_request(undo.deleted, ENTERPRISE)


def test_an_account_box_support_brought_back_is_said_to_be_there() -> None:
    made = _one(Kind.DELETE)
    [change] = made.changes

    undo = undone(
        made, directory(ADA), {change.id: Outcome(change.id, Status.DONE, "10", at=NOW.isoformat())}
    )

    reason = "the undone run deleted this account, and it is there again"
    assert told(undo.plan, "ada@acme.example") == ("unchanged", reason)


def test_the_request_to_box_support_has_all_that_box_asks_for() -> None:
    made = _one(Kind.DELETE)
    [change] = made.changes
    outcome = Outcome(change.id, Status.DONE, "10", answer=BoxAnswer(204, "", "req-1"), at=NOW.isoformat())

    text = restore_request(undone(made, directory(), {change.id: outcome}).deleted, ENTERPRISE)

    wanted = ["1 user deleted in enterprise 777", "Ada Example", "ada@acme.example", "10", "2026-03-02 01:00:07 UTC", "req-1", "2026-03-16"]  # fmt: skip
    assert [word for word in wanted if word not in text] == []


# --- the plan --------------------------------------------------------------------------------------------------


def test_locking_out_counts_as_removal() -> None:
    people = [row(f"p{number}@acme.example") for number in range(3)]
    job = make_job(guards={"removals": {"count": 2}})
    before = directory(ADA)
    made = plan(roster(*people), before, job=job)
    now = after(before, made, job)

    refused = undone(made, now, job=job).plan.refused
    allowed = undone(made, now, job=job, allowed={"removals": 3}).plan

    assert [(guard.name, guard.actual) for guard in refused] == [("removals", 3)]
    assert not allowed.refused


@pytest.mark.parametrize(
    ("rows", "returns"),
    [
        ([row("ada@acme.example", phone="2")], True),
        ([row("new@acme.example")], False),  # it is there and locked, and no row says otherwise
        ([row("new@acme.example", status="active")], True),
        ([row("ada@acme.example", phone="1")], False),
    ],
)
def test_what_the_next_run_does_again_is_said_only_if_it_is_so(rows: list[Cells], returns: bool) -> None:
    before = directory(ADA)
    made = plan(roster(*rows), before)

    undo = undone(made, after(before, made, make_job()))

    assert undo.returns == returns
    assert any("makes these changes again" in note for note in with_notes(undo).plan.roster.notes) == returns


def test_what_is_left_as_it_is_does_not_come_again() -> None:
    made = _one(Kind.UPDATE, FieldChange("phone", "1", "2"))

    assert not undone(made, directory(ADA | {"phone": "3"})).returns


def test_an_undone_undo_is_what_the_roster_wants_anyway() -> None:
    before = directory(ADA)
    made = plan(roster(row("ada@acme.example", phone="2")), before)
    undo = undone(made, after(before, made, make_job()))

    again = undone(undo.plan, before)

    assert fields(only_change(again.plan)) == {"phone": ("1", "2")}
    assert not again.returns


def test_undo_has_no_roster() -> None:
    facts = undone(_one(Kind.UPDATE, FieldChange("phone", "1", "2")), directory()).plan.roster

    assert (facts.path, facts.rows, facts.sha256, facts.authority) == (f"undo of run {RUN}", 0, "", UNDO)


def test_lockouts_come_first() -> None:
    job = make_job("partial")
    before = directory(user("a@acme.example", "10", phone="1"), user("b@acme.example", "11"))
    people = roster(
        row("a@acme.example", phone="2"), row("b@acme.example", action="deactivate"), row("c@acme.example")
    )
    made = plan(people, before, job=job)

    undo = undone(made, after(before, made, job), job=job)

    assert [change.kind for change in undo.plan.changes] == [Kind.DEACTIVATE, Kind.ACTIVATE, Kind.UPDATE]


@cache
def _quiet() -> Plan:
    """The plan about Ada alone, made once; nobody changes it."""
    return plan(roster(row("ada@acme.example")), directory(ADA))


def _one(kind: Kind, *changed: FieldChange) -> Plan:
    """A plan with one operation on Ada's account."""
    change = Change(
        kind, UserKind.MANAGED, 2, "10", "E1", "ada@acme.example", "Ada Example", changed, "because"
    )
    made = _quiet()
    return replace(made, changes=(change,), people=Held(made.table.assign(verdict=Verdict(kind.value).value)))
