"""What somebody should know of groups: a column that nothing is done about, rules that nobody can decide, groups renamed in Box."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provision.directory.groups import GroupsRead, NamedGroup
from provision.findings import Code, Finding, Level
from provision.job.settings import Job
from provision.plan.groups.wishes import COLUMN
from provision.roster.value import Roster


def remarks_on_groups(roster: Roster, job: Job) -> Iterator[Finding]:
    """A finding for a column of groups that is not used, and for each field of a rule that the roster has not."""
    settings = job.groups
    if COLUMN in roster.mapped and (settings is None or settings.column != COLUMN):
        yield Finding(
            Code.GROUPS_NOT_USED,
            Level.WARNING,
            "the roster names groups, and the job does not go by that: no membership follows from the column",
            "write groups: {} into the job, or switch the column off in roster.columns (ignore)",
            roster.path,
        )
    asked = {field for rule in settings.rules for field in rule.conditions} if settings else set()
    there = {name.casefold() for name in roster.mapped}
    for field in sorted(asked):
        if field.casefold() not in there and field != "kind":
            yield Finding(
                Code.RULE_UNDECIDED,
                Level.WARNING,
                f"groups.rules asks for {field}, which the roster has not: nobody joins or leaves a group by such a rule",
                "map the column in roster.columns, or correct the rule",
                roster.path,
                key=field,
            )


def renamed_groups(named: Iterable[NamedGroup], read: GroupsRead | None) -> Iterator[Finding]:
    """A finding for each group that is known by its id alone."""
    names = {one.group_id: one.name for one in read.listed} if read else {}
    for one in named:
        now = names.get(one.group_id, one.name)
        if now.casefold() != one.name.casefold():
            yield Finding(
                Code.GROUP_RENAMED,
                Level.NOTE,
                f"the group {one.name!r} is called {now!r} in Box now, and goes by its id",
                "nothing, or write the new name into the roster and the job",
                key=one.name,
            )
