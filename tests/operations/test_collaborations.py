"""A user and a group of one id: nothing in Box's reference says that their ids are counted together."""

from __future__ import annotations

from dataclasses import replace

from provision.box.collaborators import GROUP, Grantee
from provision.box.group_answers import GroupSeen
from provision.model import Kind
from provision.operations.content import folders
from provision.operations.registry import OPERATIONS
from provision.operations.remote import Remote
from tests.apply.village import ENTERPRISE, Village

from .samples import collaboration, group_access


def test_a_user_and_a_group_of_one_id_are_let_in_and_taken_out_apart() -> None:
    village = Village([{"login": "mia@acme.example", "kind": "managed"}])
    mia = next(iter(village.users))
    village.all_groups[mia] = GroupSeen(mia, "Staff", "managed_group", "", "")
    folder = village.create_folder("Work", "0", "")
    remote = Remote(village, lambda call: call(), ENTERPRISE)
    person = replace(collaboration(Kind.COLLABORATION_ADD, folder), box_id=mia, folder=folder)
    group = replace(group_access(Kind.COLLABORATION_ADD, folder), group=mia, folder=folder)
    OPERATIONS[Kind.COLLABORATION_ADD].send(person, remote)
    village.end_collaboration(village.collaborators(folder).rows[0].collaboration_id)
    OPERATIONS[Kind.COLLABORATION_ADD].send(group, remote)

    assert person.id != group.id
    assert person.hold_id != group.hold_id
    assert folders.collaborator(folder, Grantee(mia), remote) is None
    assert folders.collaborator(folder, Grantee(mia, GROUP), remote) is not None
    out = replace(group_access(Kind.COLLABORATION_REMOVE, folder), group=mia, folder=folder)
    OPERATIONS[Kind.COLLABORATION_ADD].send(person, remote)
    OPERATIONS[Kind.COLLABORATION_REMOVE].send(out, remote)
    assert [one.kind for one in village.collaborators(folder).rows] == ["user"]
