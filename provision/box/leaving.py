"""The calls a leaver's stages need: sessions, content, folders for an archive, roll-out, and what a snapshot reads."""

from __future__ import annotations

from collections.abc import Sequence

from box_sdk_gen.internal.utils import create_null
from box_sdk_gen.managers.folders import CreateFolderParent, UpdateFolderByIdParent
from box_sdk_gen.managers.transfer import TransferOwnedFolderOwnedBy

from provision.box import holdings
from provision.box.calls import ROOT, Calls, acting_as, decoded, written
from provision.box.holdings import MOST_ROWS, FolderPage, SharedFolders


class LeaverCalls(Calls):
    """Every method makes one request and may raise any BoxFault. ``as_user`` "" is the account behind the token."""

    def end_sessions(self, box_ids: Sequence[str]) -> None:
        """Have Box sign these accounts out everywhere; at least one id (Box API reference, POST /users/terminate_sessions).

        Box only promises to do it (202); whether it was done stands in the admin events. A doubtful one is sent again:
        a second time does no harm.
        """
        end = self._client.session_termination.terminate_users_sessions
        written(lambda: end(list(box_ids), []), told="message")

    def transfer(self, box_id: str, to: str) -> str:
        """Give all that an account owns to another one, without a mail; the id of the new folder in the other's root.

        Box API reference, PUT /users/{user_id}/folders/0. **Success is no end**: what takes longer than ten minutes is
        answered with 200 and goes on, and no call tells when it ends. **Failure is no stop**: after about a minute a
        gateway may answer 504 (ServerTrouble), or the job's ``apply.timeout_seconds`` ends the wait (Lost), and it goes on all the same
        (Box help centre, article 360044192173).

        So the answer decides nothing; the source does. :meth:`space_used` 0, twice and some time apart: it is over, as far as
        anything with a size goes. Anything else: it goes on, or never began. Then it is not sent again but looked at
        later; Box refuses a second one while the first goes on ("User is locked", github.com/box/box-java-sdk, issue
        556), and where one after it puts things is undocumented. Only if the source is unchanged much later and
        :meth:`find_folder` sees none of :func:`landing_names` in the other's root, it never began. The last proof is
        a deletion without force, which Box refuses while anything is owned.

        Rejected: a higher privileged account on either side, an information barrier, no destination, a locked source.
        """
        owner = TransferOwnedFolderOwnedBy(id=to)
        move = self._client.transfer.transfer_owned_folder
        return written(lambda: move(box_id, owner, fields=["id"], notify=False))

    def roll_out(self, box_id: str) -> str:
        """Let a managed user leave the enterprise with all content, without a mail; the id, which stays the same.

        Box API reference, PUT /users/{user_id}, ``enterprise: null``. A doubtful one is decided by ``get``: nobody, or
        an ``enterprise_id`` that is not ours, and it was done; sent again to somebody who has left it is refused (403
        or 404, undocumented which). It cannot be undone: only an invitation that the person accepts leads back.
        """
        change = self._client.users.update_user_by_id
        return written(lambda: change(box_id, enterprise=create_null(), notify=False, fields=["id"]))

    def find_folder(self, name: str, parent: str = ROOT, as_user: str = "", marker: str = "") -> FolderPage:
        """Look for a folder by its name on one page of another one; go on with ``marker`` until it is "".

        Box API reference, GET /folders/{folder_id}/items. Raises Garbled for what is no page.
        """
        params = {"usemarker": "true", "limit": str(MOST_ROWS), "fields": "id,type,name"}
        params |= {"marker": marker} if marker else {}
        body = self._read(f"/2.0/folders/{parent}/items", params, as_user)
        return decoded(lambda told: holdings.folder_named(name, told), body)

    def shared_folders(self, box_id: str, marker: str = "") -> SharedFolders:
        """One page of the folders in an account's root that it owns and others take part in (GET /folders/{folder_id}/items).

        Asked as that account, which has to be active. Raises Garbled for what is no page.
        """
        params = {
            "usemarker": "true",
            "limit": str(MOST_ROWS),
            "fields": "id,type,name,owned_by,has_collaborations",
        }
        params |= {"marker": marker} if marker else {}
        body = self._read(f"/2.0/folders/{ROOT}/items", params, box_id)
        return decoded(lambda told: holdings.shared_folders(box_id, told), body)

    def create_folder(self, name: str, parent: str = ROOT, as_user: str = "") -> str:
        """Create a folder; its id (Box API reference, POST /folders).

        Raises Conflict if the name is in use there, with the id of the folder in the way as ``box_id`` (code
        ``item_name_in_use``). So a doubtful one is sent again, and a conflict then tells the id.
        """
        make, into = self._client.folders.create_folder, CreateFolderParent(id=parent)
        return written(lambda: make(name, into, fields=["id"], extra_headers={**acting_as(as_user)}))

    def move_folder(self, folder_id: str, parent: str, as_user: str = "") -> str:
        """Put a folder into another one; its id (Box API reference, PUT /folders/{folder_id}).

        A doubtful one is sent again: a folder that is there already stays. Raises Conflict with ``box_id`` if the name
        is in use there, and Conflict with the code ``operation_blocked_temporary`` while a transfer or another move
        has the folder: then later. What takes longer than ten minutes is answered with 503 and goes on.
        """
        move, into = self._client.folders.update_folder_by_id, UpdateFolderByIdParent(id=parent)
        return written(
            lambda: move(folder_id, parent=into, fields=["id"], extra_headers={**acting_as(as_user)})
        )


def landing_names(login: str, name: str) -> tuple[str, str]:
    """What Box may call the folder that a transfer makes: as its guide and CLI have it, and as its API reference has it.

    A second one of the same name may get a number. The id that :meth:`LeaverCalls.transfer` returns goes before any name.
    """
    return f"{login} - {name}'s Files and Folders", f"{name}'s Files and Folders"
