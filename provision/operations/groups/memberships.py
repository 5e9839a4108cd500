"""What the kinds of operation on memberships share: how they are looked for, and what a refusal of them means."""

from __future__ import annotations

from provision.box.holdings import Membership
from provision.errors import BoxFault, NotFound
from provision.journal.value import Noted
from provision.model import AS_ADMIN
from provision.operations.kind import Refusal, failed
from provision.operations.refusals import refused as refused_in_general
from provision.operations.remote import Remote
from provision.operations.value import Change

#: roles in a group
MEMBER, ADMIN = "member", "admin"
#: the field that tells of memberships in plans and reports: names of groups, those of admins with AS_ADMIN behind it
GROUPS = "groups"


def written_role(group: str, role: str) -> str:
    """A membership as rosters and reports write it: the name of the group, and whether one is an admin of it."""
    return f"{group}{AS_ADMIN}" if role == ADMIN else group


def wanted_role(change: Change) -> str:
    """Which role a membership is to have."""
    return ADMIN if any(told_role(change.object, each.after) == ADMIN for each in change.fields) else MEMBER


def told_role(group: str, told: str) -> str:
    """The role that a written membership of this group tells, "" for none; a group may be called so that it ends like a role."""
    if not told:
        return ""
    return ADMIN if told == written_role(group, ADMIN) else MEMBER


def found(change: Change, remote: Remote) -> Membership | None:
    """The membership of an account in a group as it is now, None if there is none."""
    offset: int | None = 0
    while offset is not None:
        page = remote.users.memberships(change.box_id, offset)
        for one in page.rows:
            if one.group_id == change.group:
                return one
        offset = page.following
    return None


def refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    """What a fault means for a membership; a 404 may be about the account, the group or itself."""
    if isinstance(fault, NotFound) and not fault.doubtful:
        return failed(change, Noted.MEMBERSHIP_GONE)
    return refused_in_general(change, fault, remote)
