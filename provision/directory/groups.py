"""The groups of an enterprise as a value, and who is in those that matter."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from provision.box.group_answers import ALL_USERS, GroupSeen

#: what other rooms take from here
__all__ = ["MEMBER_COLUMNS", "GroupSeen", "GroupsRead", "NamedGroup", "is_foreign", "no_members"]

MEMBER_COLUMNS = ("membership_id", "group_id", "box_id", "role")


def no_members() -> pd.DataFrame:
    """Nobody in any group: MEMBER_COLUMNS."""
    return pd.DataFrame({name: pd.Series(dtype="str") for name in MEMBER_COLUMNS})


@dataclass(frozen=True, slots=True)
class GroupsRead:
    """The groups of an enterprise at one moment.

    ``listed``: all of them, by name. ``members``: MEMBER_COLUMNS, text, one row a membership, of the groups ``read``; those
    ``too_large`` could not be listed. ``asked``: by how many requests. ``by_person``: the groups of some people were read, and not
    the members of groups.
    """

    listed: tuple[GroupSeen, ...]
    members: pd.DataFrame = field(default_factory=no_members, repr=False)
    read: frozenset[str] = frozenset()
    too_large: frozenset[str] = frozenset()
    asked: int = 0
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class NamedGroup:
    """Which group a name of the roster or of a rule means; ``ours``: Box shows it as one that this job made for that name."""

    name: str
    group_id: str
    ours: bool = False


def is_foreign(group: GroupSeen, ours: str) -> bool:
    """Whether another system looks after a group, or Box itself; ``ours`` is what groups of this program say they come from."""
    return group.group_type == ALL_USERS or group.provenance not in ("", ours)
