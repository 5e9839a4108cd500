"""All kinds of operation: the only list of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from provision.model import Kind
from provision.operations.content.collaboration_add import COLLABORATION_ADD
from provision.operations.content.collaboration_remove import COLLABORATION_REMOVE
from provision.operations.content.folder_create import FOLDER_CREATE
from provision.operations.content.starter_content import STARTER_CONTENT
from provision.operations.groups.group_create import GROUP_CREATE
from provision.operations.groups.membership_add import MEMBERSHIP_ADD
from provision.operations.groups.membership_remove import MEMBERSHIP_REMOVE
from provision.operations.groups.membership_update import MEMBERSHIP_UPDATE
from provision.operations.kind import Operation
from provision.operations.leavers.archive_move import ARCHIVE_MOVE
from provision.operations.leavers.deactivate import DEACTIVATE
from provision.operations.leavers.delete import DELETE
from provision.operations.leavers.end_sessions import END_SESSIONS
from provision.operations.leavers.roll_out import ROLL_OUT
from provision.operations.leavers.transfer import TRANSFER
from provision.operations.people.activate import ACTIVATE
from provision.operations.people.alias_add import ALIAS_ADD
from provision.operations.people.alias_remove import ALIAS_REMOVE
from provision.operations.people.create import CREATE
from provision.operations.people.invite import INVITE
from provision.operations.people.login_change import LOGIN_CHANGE
from provision.operations.people.update import UPDATE
from provision.operations.value import Change

_ALL = (
    DEACTIVATE, END_SESSIONS, LOGIN_CHANGE, GROUP_CREATE, CREATE, INVITE, ACTIVATE, UPDATE, ALIAS_ADD, ALIAS_REMOVE, MEMBERSHIP_ADD,
    MEMBERSHIP_UPDATE, MEMBERSHIP_REMOVE, FOLDER_CREATE, COLLABORATION_ADD, COLLABORATION_REMOVE, TRANSFER, STARTER_CONTENT, ARCHIVE_MOVE, DELETE, ROLL_OUT,
)  # fmt: skip

#: every kind of operation, in the order in which they are sent: what protects first, what cannot be undone last
OPERATIONS: Mapping[Kind, Operation] = MappingProxyType(
    {one.kind: one for one in sorted(_ALL, key=lambda one: one.rank)}
)

#: operations after which the account is no longer one of the enterprise's
ENDINGS = tuple(one.kind for one in OPERATIONS.values() if one.ends_account)
#: operations that take an account away from a person, or the use of it
REMOVALS = tuple(one.kind for one in OPERATIONS.values() if one.takes_away and one.guard == "removals")
#: operations before which a person is asked: they take something away, or what they do stays
GRAVE = tuple(one.kind for one in OPERATIONS.values() if one.takes_away or one.for_good)
#: operations that only somebody who has left is subject to
LEAVING = tuple(one.kind for one in OPERATIONS.values() if one.of_leavers)
#: operations that need the right to content
OF_CONTENT = tuple(one.kind for one in OPERATIONS.values() if one.of_content)


def operation_of(change: Change) -> Operation:
    """What kind of operation this is."""
    return OPERATIONS[change.kind]


def counted_by(guard: str) -> tuple[Kind, ...]:
    """The kinds that a guard counts."""
    return tuple(one.kind for one in OPERATIONS.values() if one.guard == guard)


def in_order(change: Change) -> tuple[int, int, str, str]:
    """Where an operation stands in a plan."""
    return (operation_of(change).rank, change.line, change.box_id, change.object)
