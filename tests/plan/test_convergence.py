"""The algebra of plans: carried out, a plan leaves nothing to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given

from provision.box.accounts import COLUMNS
from provision.directory.scope import Directory
from provision.ledger.value import Lessons, Memory
from provision.lessons.finished import lessons
from provision.plan.value import Plan
from provision.roster.export import write_roster
from provision.roster.read import read_roster
from provision.runs.handed_out.export import as_roster
from tests.examples import examples

from .builders import after, all_done, app_user, directory, make_job, memory, plan, roster, user
from .strategies import World, worlds


def learnt(known: Memory, taught: Lessons) -> Memory:
    """What the ledger makes of lessons, in memory."""
    replaced = {*taught.gone, *taught.accounts["box_id"]}
    kept = [cells for cells in known.accounts.to_dict("records") if cells["box_id"] not in replaced]
    new = memory(*kept, *taught.accounts.to_dict("records"))
    return replace(new, absences=known.absences if taught.absences is None else taught.absences)


def carried_out(made: Plan, existing: Directory, known: Memory, world: World) -> tuple[Directory, Memory]:
    taught = lessons(made, all_done(made), known, world.job.lifecycle.evidence)
    return after(existing, made, world.job), learnt(known, taught)


@given(world=worlds())
@examples(15)
def test_a_plan_carried_out_leaves_nothing_but_the_next_stage(world: World) -> None:
    people, known = roster(*world.rows, bad=world.bad, left=world.left), world.known
    existing = directory(*world.users, job=world.job)
    plans = []
    for _ in range(3):  # to deactivate, to delete, nothing more
        plans.append(plan(people, existing, known, world.job))
        existing, known = carried_out(plans[-1], existing, known, world)

    assert not set(plans[1].counts) - {"delete"}
    assert not plans[2].changes


@given(world=worlds())
@examples(15)
def test_nothing_is_learnt_twice(world: World) -> None:
    people, existing = (
        roster(*world.rows, bad=world.bad, left=world.left),
        directory(*world.users, job=world.job),
    )
    first = plan(people, existing, world.known, world.job)
    taught = lessons(first, {}, world.known, world.job.lifecycle.evidence)
    known = learnt(world.known, taught)
    again = lessons(plan(people, existing, known, world.job), {}, known, world.job.lifecycle.evidence)

    assert not len(again.accounts)
    if taught.absences is not None:
        assert again.absences is not None
        assert again.absences.equals(taught.absences)


@given(world=worlds())
@examples(15)
def test_only_what_was_ours_or_is_matched_or_made_becomes_ours(world: World) -> None:
    made = plan(
        roster(*world.rows, bad=world.bad, left=world.left),
        directory(*world.users, job=world.job),
        world.known,
        world.job,
    )
    taught = lessons(made, all_done(made), world.known, world.job.lifecycle.evidence)
    table = made.table
    fair = table[
        (table["line"] > 0) & ~table["verdict"].isin(["held", "rejected", "protected", "out_of_scope"])
    ]
    ours = {*world.known.accounts["box_id"], *fair["box_id"]}

    assert {box_id for box_id in taught.accounts["box_id"] if not box_id.startswith("new-")} <= ours
    assert not set(taught.accounts["box_id"]) & set(taught.gone)
    assert taught.accounts["box_id"].is_unique


def test_the_export_of_an_enterprise_plans_no_change(tmp_path: Path) -> None:
    job = make_job(kind="column")
    existing = directory(
        user("Ada@acme.example", "10", phone="007", job_title="NA", tracking_codes='{"cost":"1","site":"B"}'),
        user("groß@acme.example", "11", status="inactive", space_amount="-1", is_sync_enabled="true"),
        user("bob@acme.example", "12", role="coadmin", name="=SUM(1)", address="Street 1, 2nd floor"),
        user("admin@acme.example", "13", role="admin"),
        app_user("C-1", "20", phone="1"),
        app_user("c-1", "21", name="Łucja O’Neil"),
        app_user("", "22"),
        job=job,
    )
    known = memory(existing.frame.iloc[0].to_dict() | {"external_id": "E1"})
    path = tmp_path / "people.csv"
    write_roster(as_roster(existing.frame, known.accounts, job), path)
    settings_now = job.roster.model_copy(update={"path": str(path)})
    made = plan(read_roster(settings_now), existing, known, job)

    assert made.roster.rejected == 0
    assert not made.changes
    assert made.verdicts == {"protected": 2, "unchanged": 5}


def test_the_model_of_box_keeps_the_columns_of_a_listing() -> None:
    existing = directory(user("a@acme.example", "10"))

    assert (
        tuple(after(existing, plan(roster(), existing), make_job()).frame.columns[: len(COLUMNS)]) == COLUMNS
    )
