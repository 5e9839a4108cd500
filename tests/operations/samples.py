"""One operation of each kind, and the enterprise in which it can be carried out."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provision.because import Because
from provision.errors import (
    Away,
    BoxAnswer,
    BoxFault,
    Conflict,
    Expired,
    Garbled,
    LedElsewhere,
    Lost,
    NotFound,
    NotSent,
    Rejected,
    ServerTrouble,
    Throttled,
    TokenRefused,
)
from provision.model import Kind
from provision.operations.content.folders import of_group
from provision.operations.content.starter_common import CONTENT, written_tree
from provision.operations.value import Change, FieldChange
from provision.plan.groups.resolve import creation
from provision.plan.wants.onboarding import creation as folder_creation
from provision.trees import read_tree
from tests.apply.changes import (
    ACTIVATE,
    DEACTIVATE,
    DELETE,
    END_SESSIONS,
    ROLL_OUT,
    UPDATE,
    Run,
    change,
    new_app,
    new_managed,
)
from tests.live import SEED

OTTO, MIA = "301", "300"

TRANSFER = replace(change(Kind.TRANSFER, OTTO, login="otto@acme.example", fields={}), to=MIA, to_key="mia")


def archive_move(levels: str) -> Change:
    """The second half of the transfer; what that one makes is known when it was carried out."""
    return replace(
        TRANSFER, kind=Kind.ARCHIVE_MOVE, object=levels, needs=(TRANSFER.id,), completes=TRANSFER.id
    )


#: the group that mia is in, and the one that she is not, and her membership as the sandbox counts them
STAFF, BUYERS, HERS = "900", "901", "26500000000"


def membership(kind: Kind, before: str, after: str, group: str, **more: str) -> Change:
    """An operation on one of mia's memberships."""
    made = change(kind, MIA, login="mia@acme.example", fields={"groups": (before, after)})
    return replace(made, object=(after or before).removesuffix(" (admin)"), group=group, **more)


LOGIN_CHANGE = change(
    Kind.LOGIN_CHANGE,
    MIA,
    login="mia@acme.example",
    fields={"login": ("mia@acme.example", "mia.new@acme.example")},
)
ALIAS_ADD = replace(LOGIN_CHANGE, kind=Kind.ALIAS_ADD, object="mia.new@acme.example", fields=())
ALIAS_REMOVE = replace(ALIAS_ADD, kind=Kind.ALIAS_REMOVE)


INVITE = change(Kind.INVITE, login="guest@partner.example", line=1, fields={})


def collaboration(kind: Kind, folder: str, **more: str) -> Change:
    """An operation on mia's work in a folder; its id, where it is by no path, is known when it was made."""
    told = f"{folder} (viewer uploader)"
    fields = {"collaborations": ("", told) if kind is Kind.COLLABORATION_ADD else (told, "")}
    made = change(kind, MIA, login="mia@acme.example", fields=fields)
    return replace(made, object=folder, **more)


def group_access(kind: Kind, folder: str) -> Change:
    """An operation on the work of a group in a folder, as the operation that lets somebody in."""
    told = collaboration(kind, folder)
    return replace(
        told, line=0, box_id="", external_id="", login="", name="Staff", subject="Staff",
        group=STAFF, object=of_group(folder, "Staff"),
    )  # fmt: skip


#: mia gets a copy of a folder; its id is known when it was made
COPY = replace(
    change(Kind.STARTER_CONTENT, MIA, login="mia@acme.example", fields={"content": "copy of folder 770077"}),
    object="770077",
    folder="770077",
)


#: each kind at least once, with every size of it that takes another number of calls
SAMPLES: Mapping[str, Change] = {
    "create app": new_app(),
    "create managed": new_managed(),
    "invite": INVITE,
    "update": UPDATE,
    "activate": ACTIVATE,
    "deactivate": DEACTIVATE,
    "end_sessions": END_SESSIONS,
    "transfer": TRANSFER,
    "archive_move": archive_move("Leavers"),
    "archive_move of two levels": archive_move("Leavers/2026-03"),
    "group_create": creation("Sales", "nightly"),
    "membership_add": membership(Kind.MEMBERSHIP_ADD, "", "Buyers", BUYERS),
    "membership_add as an admin": membership(Kind.MEMBERSHIP_ADD, "", "Buyers (admin)", BUYERS),
    "membership_update": membership(Kind.MEMBERSHIP_UPDATE, "Staff", "Staff (admin)", STAFF, membership=HERS),
    "membership_remove": membership(Kind.MEMBERSHIP_REMOVE, "Staff", "", STAFF, membership=HERS),
    "folder_create": folder_creation("/Clients"),
    "collaboration_add": collaboration(Kind.COLLABORATION_ADD, "770077"),
    "collaboration_add by its path": collaboration(Kind.COLLABORATION_ADD, "/Work"),
    "collaboration_add left by an earlier run": collaboration(
        Kind.COLLABORATION_ADD, "770077", because=Because.ONBOARDING_LEFT.value
    ),
    "collaboration_remove": collaboration(Kind.COLLABORATION_REMOVE, "770077"),
    "collaboration_add of a group": group_access(Kind.COLLABORATION_ADD, "770077"),
    "collaboration_add of a group by its path": group_access(Kind.COLLABORATION_ADD, "/Work"),
    "collaboration_remove of a group": group_access(Kind.COLLABORATION_REMOVE, "770077"),
    "starter_content of a folder": COPY,
    "starter_content left by an earlier run": replace(COPY, because=Because.ONBOARDING_LEFT.value),
    "starter_content of this machine": replace(COPY, object="/Welcome", folder="", fields=()),
    "delete": DELETE,
    "delete that destroys": replace(DELETE, destroys=True),
    "roll_out": ROLL_OUT,
    "login_change": LOGIN_CHANGE,
    "alias_add": ALIAS_ADD,
    "alias_remove": ALIAS_REMOVE,
}


def from_here(wanted: Change, run: Run, files: Mapping[str, bytes]) -> Change:
    """An operation that brings these files, which lie in the folder of a run from now on."""
    place = run.folder / "welcome"
    for path, told in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(told)
    tree = read_tree(place)
    run.context = replace(run.context, remote=replace(run.context.remote, trees={wanted.object: tree}))
    return replace(wanted, fields=(FieldChange(CONTENT, "", written_tree(wanted.object, tree)),))


def enterprise() -> dict[str, Any]:
    """Otto owns something that can be given away, and Mia is in a group."""
    seed = copy.deepcopy(SEED)
    otto = next(one for one in seed["users"] if one["id"] == OTTO)
    otto |= {"files": 3, "folders": ["Projects"], "space_used": 4096}
    seed["groups"] = [{"id": STAFF, "name": "Staff", "members": [MIA]}, {"id": BUYERS, "name": "Buyers"}]
    return seed


def faults() -> tuple[BoxFault, ...]:
    """Every fault that one call can meet, and as Box's own answer names it."""
    return (
        Throttled(BoxAnswer(429), 2.0),
        NotSent(),
        Lost(),
        Garbled(BoxAnswer(200)),
        LedElsewhere(BoxAnswer(302)),
        ServerTrouble(BoxAnswer(503), 1.0),
        Away(BoxAnswer()),
        Expired(BoxAnswer(401)),
        NotFound(BoxAnswer(404, "not_found")),
        Conflict(BoxAnswer(409, "conflict")),
        Conflict(BoxAnswer(409, "conflict"), MIA),
        Rejected(BoxAnswer(400, "bad_request")),
        Rejected(BoxAnswer(403, "forbidden")),
        Rejected(BoxAnswer(403, "insufficient_scope"), scope_missing=True),
        TokenRefused(BoxAnswer(400, "invalid_grant"), "no", 0.0),
    )


def after_a_doubt() -> tuple[BoxFault, ...]:
    """The same ones after a try that may have been carried out."""
    met = faults()
    for fault in met:
        fault.doubtful = True
    return met


def kinds_of_fault(above: type[BoxFault] = BoxFault) -> set[type[BoxFault]]:
    """All kinds that there are."""
    below = above.__subclasses__()
    return set(below).union(*map(kinds_of_fault, below)) if below else set()
