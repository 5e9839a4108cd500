"""The few calls about groups and who is in them (Box API reference, Groups, Group memberships)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from provision.box import group_answers, holdings
from provision.box.calls import Calls, decoded, written
from provision.box.group_answers import GroupPage, GroupSeen, MemberPage
from provision.box.holdings import MOST_ROWS, Memberships
from provision.errors import NotFound

#: what is asked for of a group; in lists Box shows less by itself (Box API reference, GET /groups)
_FIELDS = "id,name,group_type,provenance,external_sync_identifier"


class GroupCalls(Calls):
    """Every method makes one request and may raise any BoxFault; the app needs the scope Manage groups."""

    def groups(self, offset: int = 0, beginning: str = "") -> GroupPage:
        """One page of the groups, by offset: Box has no markers for them. ``beginning``: only names that begin so."""
        params = {"limit": str(MOST_ROWS), "offset": str(offset), "fields": _FIELDS}
        params |= {"filter_term": beginning} if beginning else {}
        return decoded(lambda body: group_answers.groups(body, offset), self._read("/2.0/groups", params))

    def group(self, group_id: str) -> GroupSeen | None:
        """One group by id, None if there is none (Box API reference, GET /groups/{group_id})."""
        try:
            body = self._read(f"/2.0/groups/{group_id}", {"fields": _FIELDS})
        except NotFound:
            return None
        return decoded(group_answers.group, body)

    def members(self, group_id: str, offset: int = 0) -> MemberPage:
        """One page of who is in a group (Box API reference, GET /groups/{group_id}/memberships)."""
        params = {"limit": str(MOST_ROWS), "offset": str(offset)}
        body = self._read(f"/2.0/groups/{group_id}/memberships", params)
        return decoded(lambda told: group_answers.members(told, offset), body)

    def memberships(self, box_id: str, offset: int = 0) -> Memberships:
        """One page of the groups an account is in (Box API reference, GET /users/{user_id}/memberships).

        Raises Garbled for a page without a total: a snapshot must not have a hole.
        """
        params = {"limit": str(MOST_ROWS), "offset": str(offset)}
        body = self._read(f"/2.0/users/{box_id}/memberships", params)
        return decoded(lambda told: holdings.memberships(told, offset), body)

    def create_group(self, fields: Mapping[str, str]) -> str:
        """Create a group; its id (Box API reference, POST /groups). Raises Conflict if the name is in use.

        With a ``provenance``, its name and members cannot be edited in Box's web application.
        """
        name = fields["name"]
        body: dict[str, Any] = {key: value for key, value in fields.items() if key != "name"}
        return written(lambda: self._client.groups.create_group(name, **body, fields=["id", "name"]))

    def add_membership(self, box_id: str, group_id: str, role: str) -> str:
        """Take an account into a group; the id of the membership (Box API reference, POST /group_memberships).

        Raises Conflict for a membership that is there, whatever its role.
        """
        from box_sdk_gen.managers.memberships import (
            CreateGroupMembershipGroup,
            CreateGroupMembershipUser,
        )

        user, group = CreateGroupMembershipUser(id=box_id), CreateGroupMembershipGroup(id=group_id)
        add = self._client.memberships.create_group_membership
        return written(lambda: add(user, group, role=_role(role)))

    def update_membership(self, membership_id: str, role: str) -> str:
        """Give a membership another role; its id (Box API reference, PUT /group_memberships/{group_membership_id})."""
        change = self._client.memberships.update_group_membership_by_id
        return written(lambda: change(membership_id, role=_role(role)))

    def remove_membership(self, membership_id: str) -> str:
        """End a membership; its id (Box API reference, DELETE /group_memberships/{group_membership_id})."""
        self._client.memberships.delete_group_membership_by_id(membership_id)
        return membership_id


def _role(role: str) -> Any:
    """The SDK has an enumeration for each call; its client takes the word as well."""
    told: Literal["admin", "member"] = "admin" if role == "admin" else "member"
    return told
