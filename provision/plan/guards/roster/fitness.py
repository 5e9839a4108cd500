"""Whether a roster fits the job: about people whom it may touch, and new enough. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from provision.job.settings import Job
from provision.plan.guards.roster.age import judge_age
from provision.plan.guards.roster.health import Health
from provision.plan.guards.roster.scope import Outside, judge_scope
from provision.roster.value import Roster


def fitness(
    roster: Roster, outside: Outside, job: Job, as_of: datetime, allowed: Mapping[str, int]
) -> Health:
    """The guards on whom it is about, and on its age."""
    in_scope = judge_scope(outside, roster, job.scope, allowed)
    if roster.sources:  # of several each has an age of its own
        return in_scope
    return in_scope.beside(judge_age(roster.profile, job.roster.max_age, as_of, allowed))
