"""The section on groups: which column names them, which rules add people, and in which groups memberships may end."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import MinLen
from pydantic import Field, StringConstraints

from provision.job.section import Section
from provision.job.values import PlainField, Words
from provision.model import GROUP_NAME_LETTERS

#: the name of a group, or a pattern of names
GroupName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=GROUP_NAME_LETTERS)
]


class GroupRule(Section):
    """Who belongs into some groups by what the row says, whatever its column of groups has."""

    conditions: Annotated[dict[PlainField, Words], MinLen(1)] = Field(
        alias="if",
        description="roster field to its value, or values of which one is enough; all fields have to match",
    )
    add: Annotated[tuple[GroupName, ...], MinLen(1)] = Field(
        description='the groups, "Name (admin)" for an admin of one'
    )


class GroupSettings(Section):
    """Groups. Without this section no group is read and no membership is touched."""

    column: Literal["groups", "off"] = Field(
        "groups", description="the roster field that names groups, with ; between; off: rules alone do"
    )
    rules: tuple[GroupRule, ...] = Field((), description="group membership decided by other fields")
    create: bool = Field(
        False,
        description="whether groups that do not exist are created; otherwise people who need one wait",
    )
    manage: tuple[GroupName, ...] = Field(
        (),
        description="groups (with * and ?) from which members may be removed, besides those this job created",
    )
