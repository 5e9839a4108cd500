"""The few calls about what lies in folders (Box API reference, Folders): its names and digests, and a copy of a folder."""

from __future__ import annotations

from box_sdk_gen.managers.folders import CopyFolderParent

from provision.box import holdings
from provision.box.calls import ROOT, Calls, acting_as, decoded, written
from provision.box.holdings import MOST_ROWS, ContentPage


class ContentCalls(Calls):
    """Every method makes one request and may raise any BoxFault. ``as_user`` "" is the account behind the token."""

    def contents(self, folder_id: str, as_user: str = "", marker: str = "") -> ContentPage:
        """One page of what lies in a folder, with the digests of files (GET /folders/{folder_id}/items).

        NotFound for a folder that is not there, or not shown to that account.
        """
        params = {"usemarker": "true", "limit": str(MOST_ROWS), "fields": "id,type,name,sha1"}
        params |= {"marker": marker} if marker else {}
        return decoded(holdings.contents, self._read(f"/2.0/folders/{folder_id}/items", params, as_user))

    def folder_name(self, folder_id: str) -> str:
        """The name of a folder (GET /folders/{folder_id}). NotFound for one that is not shown to this sign-in."""
        body = self._read(f"/2.0/folders/{folder_id}", {"fields": "id,type,name"})
        return decoded(holdings.name_of, body)

    def copy_folder(self, folder_id: str, as_user: str) -> str:
        """Copy a folder, with all that lies in it, into the root of an account and as that account; the id of the copy.

        Box API reference, POST /folders/{folder_id}/copy. The copy has the name of the folder; Conflict where something in
        the root has it already. The account has to see the folder and may have to be allowed to download from it. A copy of
        much content may be answered with 5xx and go on; since names are unique in a folder, there is never a second one.
        """
        copy, into = self._client.folders.copy_folder, CopyFolderParent(id=ROOT)
        return written(lambda: copy(folder_id, into, fields=["id"], extra_headers={**acting_as(as_user)}))
