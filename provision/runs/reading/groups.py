"""Reading the groups that a job asks for: all groups by name, and who is in those that matter.

By the groups of single people where only a few people are looked up and that takes fewer calls.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from provision.box.connect import Connection
from provision.directory.groups import GroupsRead
from provision.directory.list_groups import list_groups, of_people, with_members
from provision.directory.scope import Directory, WayOfReading
from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.plan.few import Few
from provision.plan.groups.resolve import KnownGroups
from provision.plan.groups.wishes import COLUMN, names_asked
from provision.plan.wants.group_access import left_to_let_in
from provision.roster.value import Roster
from provision.runs.observer import Observer, Phase, go_on
from provision.runs.reading.connection import waited_for


def read_groups(
    whose: tuple[Roster, Few | None],
    directory: Directory,
    knows: tuple[Job, Memory],
    connection: Connection,
    observer: Observer,
) -> GroupsRead | None:
    """The groups, None for a job that has nothing to do with them: their names alone where groups are only let into folders.

    Raises as :func:`list_groups`.

    ``whose``: the roster, and the people of it whom alone the plan is about; ``knows``: the job and its memory.
    """
    job, memory = knows
    if job.groups is None and (whose[1] is not None or not left_to_let_in(memory, job)):
        return None
    with waited_for(job), observer.progress(Phase.LISTING) as show:
        groups = list_groups(connection.box, connection.retry)
        if job.groups is None:
            return groups
        names = names_asked(_cells(*whose), job.groups)
        wanted = KnownGroups.of(groups, job, memory).wanted(names)
        return members_of(groups, (wanted, _people(directory)), connection, _until_stopped(observer, show))


def members_of(
    groups: GroupsRead,
    sides: tuple[tuple[str, ...], tuple[str, ...] | None],
    connection: Connection,
    seen: Callable[[int], None],
) -> GroupsRead:
    """The groups with their members, or with what these people are in. ``sides``: the ids of the groups, and of people who were looked up."""
    wanted, people = sides
    if people is not None and len(people) <= len(wanted):
        return of_people(groups, people, connection.box, connection.retry, seen)
    return with_members(groups, wanted, connection.box, connection.retry, seen)


def _cells(roster: Roster, few: Few | None) -> list[pd.Series[str]]:
    """The cells that name groups."""
    if few is not None:
        rows = few.among(roster.people)
        return [rows[COLUMN]] if COLUMN in rows else []
    return [rows[COLUMN] for rows in roster.people.each() if COLUMN in rows]


def _people(directory: Directory) -> tuple[str, ...] | None:
    """Whose accounts were looked up, None where everybody was listed."""
    if directory.read is not WayOfReading.LOOKUP:
        return None
    found = directory.where(lambda users: users["in_scope"], ("box_id", "in_scope"))
    return tuple(found["box_id"].tolist())


def _until_stopped(observer: Observer, show: Callable[[int], None]) -> Callable[[int], None]:
    def seen(number: int) -> None:
        go_on(observer)
        show(number)

    return seen
