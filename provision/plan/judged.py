"""The guards on what a plan does, beside how many people there are: of the roster's health see guards/roster/."""

from __future__ import annotations

from collections import Counter

from provision.directory.scope import WayOfReading
from provision.operations.registry import REMOVALS
from provision.operations.value import Change
from provision.plan.guards.managers import judge_managers
from provision.plan.guards.on_operations import Grounds, judge_operations, known_people
from provision.plan.guards.roster.sources import judge_sources
from provision.plan.large.settle import Rest
from provision.plan.leavers.needed import strangers_in, unknown_managers
from provision.plan.occasion import PlanContext
from provision.plan.situations import Situations
from provision.plan.value import GuardVerdict


def judged(
    changes: tuple[Change, ...], people: Situations, context: PlanContext, rest: Rest
) -> tuple[GuardVerdict, ...]:
    """What the guards on operations, on sources and on managers say of a plan; ``rest`` is who was not set aside."""
    memory, job, occasion = context.memory, context.job, context.occasion
    frame, aside = people.frame, people.aside
    owned = frame["owned"] & frame["in_scope"] & ~frame["protected"]
    population = int(owned.sum()) + aside.count
    matched = int((frame["row"] & frame["account"]).sum()) + aside.count
    # percentages are of all accounts of the job, not of those that were looked up
    if rest.directory.read is WayOfReading.LOOKUP:
        population = max(population, len(memory.accounts))
        if occasion.few:
            everybody = known_people(memory, rest.roster.valid)
            population, matched = max(population, everybody), max(matched, everybody)
    parts = Counter(frame.loc[owned, "segment"].tolist() if job.guards.by else ()) + Counter(aside.segments)
    managed = rest.directory.tally.managed if rest.directory.read is WayOfReading.LISTING else None
    grounds = Grounds(
        job, memory, occasion.as_of, occasion.allowed, population, matched, parts, managed=managed
    )
    on_operations = judge_operations([change for change in changes if not change.completes], grounds)
    return (
        *on_operations,
        *judge_sources(rest.roster.sources, changes, occasion.allowed),
        *_of_managers(changes, people, rest, context),
    )


def _of_managers(
    changes: tuple[Change, ...], people: Situations, rest: Rest, context: PlanContext
) -> tuple[GuardVerdict, ...]:
    """Whether anybody can be removed while some managers are not known."""
    memory = context.memory
    removed = {change.box_id for change in changes if change.kind in REMOVALS}
    unknown = (
        unknown_managers(strangers_in(rest.roster, context.job), people, memory, changes) if removed else ()
    )
    return judge_managers(unknown, len(removed), context.occasion.allowed)
