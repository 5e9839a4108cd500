"""What a plan is made of beside roster and directory: when, for whom, and what is asked for and known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from provision.directory.groups import GroupsRead
from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.plan.few import Few
from provision.plan.value import LateDouble, LeaverLooks
from provision.trees import LocalTree


@dataclass(frozen=True, slots=True)
class Occasion:
    """When the plan is made, for which enterprise, and which guards were told an exact number for this once.

    ``seen`` is what was read singly beside the listing, ``doubles`` are second accounts that an earlier run made, by id.
    ``few`` are the people whom alone the plan is about, None for everybody. ``groups`` are those of the enterprise, None for a job
    without groups. ``now`` is the time where ``as_of`` is another day's. ``trees`` are the folders of this machine that new people
    get, by their place in the root; each may be read as it is asked for.
    """

    as_of: datetime
    enterprise_id: str
    allowed: Mapping[str, int] = field(default_factory=dict)
    seen: LeaverLooks = field(default_factory=LeaverLooks)
    doubles: Mapping[str, LateDouble] = field(default_factory=dict)
    few: Few | None = None
    groups: GroupsRead | None = None
    now: datetime | None = None
    trees: Mapping[str, LocalTree] = field(default_factory=dict)

    @property
    def read_at(self) -> datetime:
        """When the roster was read: now, for whatever day the plan is."""
        return self.now or self.as_of


@dataclass(frozen=True, slots=True)
class PlanContext:
    """What is asked for, what earlier runs left, and when: the same for everybody of a plan."""

    memory: Memory
    job: Job
    occasion: Occasion
