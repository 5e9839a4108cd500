"""Which call makes which event, and what stands in it (Box guide, Event triggers; API reference, GET /events).

Of what a call did only its answer and the model are looked at, so the rooms of the API know nothing of this. Sources of
groups and memberships are inferred from those of users.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from provision.sandbox.model.events import Event

from .items.view import mini_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from provision.sandbox.errors import Answer
    from provision.sandbox.world import Call, World

    Room = Callable[[World, Call], Answer]


class _Made(msgspec.Struct):
    """What of an answer says which thing was made; an upload's is a list of one."""

    id: str = ""
    entries: list[_Made] = []


_answered = msgspec.json.Decoder(_Made).decode


class _Told(NamedTuple):
    """What an event is about: its source, details, and the accounts in whose own stream it is."""

    source: dict[str, Any] | None
    details: dict[str, Any] | None = None
    concerns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a call is told: its names for admins and for users, what it is about, and whether that is gone afterwards.

    key: only if the body has it. made: about what the call has made, not about what its path names. place: which variable
    part of the path it is about.
    """

    admin: str
    user: str
    about: Callable[[World, str], _Told]
    beforehand: bool = False
    key: str = ""
    made: bool = False
    place: int = -1


def recorded(kinds: tuple[_Kind, ...], room: Room) -> Room:
    """A room that leaves events behind when it succeeds."""

    def go(world: World, call: Call) -> Answer:
        given = call.request.json() if any(kind.key for kind in kinds) else {}
        fitting = [kind for kind in kinds if not kind.key or kind.key in given]
        earlier = [kind.about(world, call.args[kind.place]) if kind.beforehand else None for kind in fitting]
        answer = room(world, call)
        if answer.status < 300 and (answer.status != 202 or answer.body):  # one without a body: not yet
            for kind, told in zip(fitting, earlier, strict=True):
                wanted = call.args[kind.place] if call.args and not kind.made else _id_of(answer)
                _note(world, call, kind, told or kind.about(world, wanted))
        return answer

    return go


def kinds_of(method: str, path: str) -> tuple[_Kind, ...]:
    """How a call of a route is told; empty if it leaves no event behind."""
    return _KINDS.get((method, path), ())


def note(world: World, admin: str, account_id: str) -> None:
    """An event about a user that no call made."""
    told = _user(world, account_id)
    _add(world, mini_user(world, account_id), _Kind(admin, "", _user), told)


def _id_of(answer: Answer) -> str:
    body = _answered(answer.body)
    return body.entries[0].id if body.entries else body.id


def _note(world: World, call: Call, kind: _Kind, told: _Told) -> None:
    actor = call.actor.account
    told = told._replace(concerns=(actor.id, *told.concerns))
    _add(world, {"type": "user", "id": actor.id, "name": actor.name, "login": actor.login}, kind, told)


def _add(world: World, by: dict[str, Any] | None, kind: _Kind, told: _Told) -> None:
    events = world.enterprise.events
    events.add(
        Event(
            number=events.last + 1,
            at=world.clock.now(),
            by=by,
            source=told.source,
            details=told.details,
            admin=kind.admin,
            user=kind.user,
            concerns=told.concerns if kind.user else (),
        )
    )


def _user(world: World, user_id: str) -> _Told:
    known = mini_user(world, user_id)
    if known is None and (left := world.enterprise.who_left(user_id)) is not None:
        known = {"type": "user", "id": left.id, "name": left.name, "login": left.login}
    return _Told(known)


def _group(world: World, group_id: str) -> _Told:
    group = world.enterprise.groups.get(group_id)
    return _Told(None if group is None else {"type": "group", "id": group.id, "name": group.name})


def _membership(world: World, membership_id: str) -> _Told:
    found = world.enterprise.groups.membership(membership_id)
    if found is None:
        return _Told(None)
    group = world.enterprise.groups.get(found.group)
    details = {"group_id": found.group, "group_name": "" if group is None else group.name, "role": found.role}
    return _Told(mini_user(world, found.user), details)


def _thing(world: World, item_id: str) -> _Told:
    """A file or folder, as admin streams have it."""
    item = world.enterprise.content.find(item_id)
    if item is None:
        return _Told(None)
    above = world.enterprise.content.get(item.parent)
    parent = {
        "type": "folder",
        "name": above.name if above else "All Files",
        "id": above.id if above else "0",
    }
    source = {
        "type": item.kind,
        "id": item.id,
        "name": item.name,
        "item_type": item.kind,
        "item_id": item.id,
        "item_name": item.name,
        "parent": parent,
        "owned_by": mini_user(world, item.owner),
    }
    app = world.enterprise.app
    details: dict[str, Any] = {"service_id": app.service_id, "service_name": app.name}
    if item.kind == "file":
        details |= {"size": item.size, "version_id": item.version_id, "ekm_id": ""}
    users = [one.user for one in world.enterprise.collaborations.of("item", item.id) if one.user]
    return _Told(source, details, (item.owner, *users))


def _collaboration(world: World, collaboration_id: str) -> _Told:
    one = world.enterprise.collaborations.get(collaboration_id)
    if one is None:
        return _Told(None)
    told = _thing(world, one.item)
    grantee = mini_user(world, one.user) if one.user else None
    details = {"collab_id": one.id, "role": one.role, "type": "collab", "accessible_by": grantee}
    return _Told(told.source, {**(told.details or {}), **details}, (*told.concerns, one.user))


_UPLOAD = (_Kind("UPLOAD", "ITEM_UPLOAD", _thing),)
_COPY = (_Kind("COPY", "ITEM_COPY", _thing, made=True),)
_CHANGES = (
    _Kind("RENAME", "ITEM_RENAME", _thing, key="name"),
    _Kind("MOVE", "ITEM_MOVE", _thing, key="parent"),
    _Kind("EDIT", "ITEM_MODIFY", _thing, key="description"),
    _Kind("SHARE", "ITEM_SHARED_UPDATE", _thing, key="shared_link"),
)
_KINDS: dict[tuple[str, str], tuple[_Kind, ...]] = {
    ("POST", "/2.0/users"): (_Kind("NEW_USER", "", _user),),
    ("PUT", "/2.0/users/*"): (_Kind("EDIT_USER", "", _user),),
    ("DELETE", "/2.0/users/*"): (_Kind("DELETE_USER", "", _user, beforehand=True),),
    ("DELETE", "/2.0/users/*/email_aliases/*"): (_Kind("EMAIL_ALIAS_REMOVE", "", _user, place=0),),
    ("POST", "/2.0/groups"): (_Kind("GROUP_CREATION", "", _group),),
    ("PUT", "/2.0/groups/*"): (_Kind("GROUP_EDITED", "", _group),),
    ("DELETE", "/2.0/groups/*"): (_Kind("GROUP_DELETION", "", _group, beforehand=True),),
    ("POST", "/2.0/group_memberships"): (_Kind("GROUP_ADD_USER", "", _membership),),
    ("DELETE", "/2.0/group_memberships/*"): (_Kind("GROUP_REMOVE_USER", "", _membership, beforehand=True),),
    # UPLOAD is of files and of folders (github.com/box/box-python-sdk, test/events.py)
    ("POST", "/2.0/folders"): (_Kind("UPLOAD", "ITEM_CREATE", _thing),),
    ("PUT", "/2.0/folders/*"): _CHANGES,
    ("POST", "/2.0/folders/*/copy"): _COPY,
    ("DELETE", "/2.0/folders/*"): (_Kind("DELETE", "ITEM_TRASH", _thing),),
    ("POST", "/2.0/folders/*"): (_Kind("UNDELETE", "ITEM_UNDELETE_VIA_TRASH", _thing),),
    ("POST", "/2.0/files/content"): _UPLOAD,
    ("POST", "/2.0/files/*/content"): _UPLOAD,
    ("PUT", "/2.0/files/*"): _CHANGES,
    ("POST", "/2.0/files/*/copy"): _COPY,
    ("POST", "/2.0/files/upload_sessions/*/commit"): (_Kind("UPLOAD", "ITEM_UPLOAD", _thing, made=True),),
    ("DELETE", "/2.0/files/*"): (_Kind("DELETE", "ITEM_TRASH", _thing),),
    ("POST", "/2.0/files/*"): (_Kind("UNDELETE", "ITEM_UNDELETE_VIA_TRASH", _thing),),
    ("POST", "/2.0/collaborations"): (
        _Kind("COLLABORATION_INVITE", "COLLAB_ADD_COLLABORATOR", _collaboration),
    ),
    ("PUT", "/2.0/collaborations/*"): (
        _Kind("COLLABORATION_ROLE_CHANGE", "COLLAB_ROLE_CHANGE", _collaboration, beforehand=True),
    ),
    ("DELETE", "/2.0/collaborations/*"): (
        _Kind("COLLABORATION_REMOVE", "COLLAB_REMOVE_COLLABORATOR", _collaboration, beforehand=True),
    ),
}
