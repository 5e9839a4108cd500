"""The few calls about who works with a folder (Box API reference, User collaborations, List collaborations)."""

from __future__ import annotations

from typing import Any

from provision.box import collaborators
from provision.box.calls import Calls, decoded, written
from provision.box.collaborators import GROUP, Collaborator, CollaboratorPage, Grantee
from provision.box.holdings import MOST_ROWS

#: what is asked for of a collaboration
_FIELDS = "id,role,status,accessible_by,invite_email,is_access_only"


class SharingCalls(Calls):
    """Every method makes one request and may raise any BoxFault. All act as the account behind the sign-in unless told otherwise."""

    def collaborators(self, folder_id: str, marker: str = "", as_user: str = "") -> CollaboratorPage:
        """One page of who works with a folder, as an account sees it (Box API reference, GET /folders/{folder_id}/collaborations).

        NotFound for a folder that is not there, or not shared with that account.
        """
        params = {"limit": str(MOST_ROWS), "fields": _FIELDS} | ({"marker": marker} if marker else {})
        body = self._read(f"/2.0/folders/{folder_id}/collaborations", params, as_user)
        return decoded(collaborators.collaborators, body)

    def collaborate(
        self, folder_id: str, who: Grantee, role: str, *, access_only: bool = False
    ) -> Collaborator:
        """Let an account or a group into a folder, without a mail (Box API reference, POST /collaborations).

        ``access_only``: without showing the folder to them among their own (``is_access_only``).

        For somebody who works with it already, Box's guides have both 400 and 409 (Rejected, Conflict): look at
        :meth:`collaborators`. Accounts outside, and people who have to accept terms first, are in once they accept.
        """
        from box_sdk_gen.managers.user_collaborations import (
            CreateCollaborationAccessibleBy,
            CreateCollaborationAccessibleByTypeField,
            CreateCollaborationItem,
            CreateCollaborationItemTypeField,
        )

        item = CreateCollaborationItem(type=CreateCollaborationItemTypeField.FOLDER, id=folder_id)
        kinds = CreateCollaborationAccessibleByTypeField
        kind = kinds.GROUP if who.kind == GROUP else kinds.USER
        whom = CreateCollaborationAccessibleBy(type=kind, id=who.box_id)
        told: Any = role
        status: list[str] = []

        def add() -> object:
            make = self._client.user_collaborations.create_collaboration
            alone = True if access_only else None
            made = make(item, whom, told, is_access_only=alone, notify=False, fields=["id", "role", "status"])
            status.append(str(getattr(made.status, "value", made.status) or ""))
            return made

        collaboration_id = written(add)
        return Collaborator(collaboration_id, who.kind, who.box_id, "", role, status[-1], access_only)

    def end_collaboration(self, collaboration_id: str) -> str:
        """Take somebody out of a folder (Box API reference, DELETE /collaborations/{collaboration_id}); the id.

        NotFound for one that is not there any more.
        """
        self._client.user_collaborations.delete_collaboration_by_id(collaboration_id)
        return collaboration_id
