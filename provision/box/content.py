"""The few calls about what lies in folders: names and digests, a copy of a folder, uploads (Box API reference, Folders, Uploads, Chunked uploads)."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Sequence
from contextlib import suppress
from io import BufferedReader

from box_sdk_gen.internal.utils import ByteStream
from box_sdk_gen.managers.folders import CopyFolderParent
from box_sdk_gen.networking.fetch_options import FetchOptions
from box_sdk_gen.networking.fetch_response import FetchResponse

from provision.box import holdings
from provision.box.calls import ROOT, Calls, acting_as, decoded, written
from provision.box.holdings import MOST_ROWS, ContentPage, UploadedPart, UploadSession
from provision.box.translate import retry_after
from provision.errors import BoxAnswer, Garbled, Rejected, ServerTrouble
from provision.trees import UNREADABLE, LocalFile

#: what Box answers while it puts the parts of a file together
_NOT_YET = 202
#: seconds until that is asked again, where Box does not say
_A_MOMENT = 1.0


class ContentCalls(Calls):
    """Every method makes one request and may raise any BoxFault. ``as_user`` "" is the account behind the token."""

    def contents(self, folder_id: str, as_user: str = "", marker: str = "") -> ContentPage:
        """One page of what lies in a folder, with the digests of files (GET /folders/{folder_id}/items).

        NotFound for a folder that is not there, or not shown to that account.
        """
        params = {"usemarker": "true", "limit": str(MOST_ROWS), "fields": "id,type,name,sha1,owned_by"}
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

    def upload(self, file: LocalFile, parent: str, as_user: str) -> None:
        """Send a file in one request, with its digest, into a folder (Box API reference, POST /files/content).

        Conflict where something there has the name: a doubtful one is sent again, and is there once. Box refuses what has
        another digest than was told, since the file was changed meanwhile.
        """
        from box_sdk_gen.managers.uploads import UploadFileAttributes, UploadFileAttributesParentField

        about = UploadFileAttributes(name=file.name, parent=UploadFileAttributesParentField(id=parent))
        send = self._client.uploads.upload_file
        headers: dict[str, str | None] = {**acting_as(as_user)}
        with _opened(file) as content:
            written(
                lambda: send(about, content, fields=["id"], content_md_5=file.sha1, extra_headers=headers),
                told="entries",
            )

    def begin_upload(self, file: LocalFile, parent: str, as_user: str) -> UploadSession:
        """Begin to send a file in parts (POST /files/upload_sessions). Conflict where something there has the name.

        One that is begun twice is harmless: Box forgets those that nobody ends.
        """
        begin = self._client.chunked_uploads.create_file_upload_session
        told: list[UploadSession] = []

        def begun() -> object:
            made = begin(parent, file.size, file.name, extra_headers={**acting_as(as_user)})
            told.append(UploadSession(str(made.id), int(made.part_size or 0)))
            return made

        written(begun)
        if told[-1].part_size < 1:
            raise Garbled
        return told[-1]

    def upload_part(self, session: UploadSession, file: LocalFile, offset: int, as_user: str) -> UploadedPart:
        """Send the part of a file that begins at a byte (PUT /files/upload_sessions/{id}). A second time does no harm."""
        with _opened(file) as content:
            content.seek(offset)
            piece = content.read(session.part_size)
        digest = hashlib.sha1(piece, usedforsecurity=False)
        span = f"bytes {offset}-{offset + len(piece) - 1}/{file.size}"
        send = self._client.chunked_uploads.upload_file_part
        stream: ByteStream = io.BytesIO(piece)
        headers: dict[str, str | None] = {**acting_as(as_user)}
        told = f"sha={base64.b64encode(digest.digest()).decode()}"
        part_id = written(
            lambda: send(session.session_id, stream, told, span, extra_headers=headers).part, told="part_id"
        )
        return UploadedPart(part_id, offset, len(piece), digest.hexdigest())

    def end_upload(
        self, session: UploadSession, file: LocalFile, parts: Sequence[UploadedPart], as_user: str
    ) -> None:
        """Have Box make the file of its parts (POST /files/upload_sessions/{id}/commit).

        ServerTrouble with the seconds to wait while Box puts them together: then it is asked again. NotFound where an earlier
        request, whose answer was lost, has done it; Conflict where something there has the name by now.
        """
        whole = base64.b64encode(bytes.fromhex(file.sha1)).decode()
        told = [
            {"part_id": part.part_id, "offset": part.offset, "size": part.size, "sha1": part.sha1}
            for part in parts
        ]
        response = self._ended(session, {"parts": told}, acting_as(as_user) | {"digest": f"sha={whole}"})
        if response.status == _NOT_YET:
            wait = retry_after({name.casefold(): text for name, text in response.headers.items()}, _A_MOMENT)
            raise ServerTrouble(BoxAnswer(_NOT_YET), wait)
        if not isinstance(response.data, dict) or not response.data.get("entries"):
            raise Garbled

    def _ended(
        self, session: UploadSession, body: dict[str, object], headers: dict[str, str]
    ) -> FetchResponse:
        """The SDK's own call does not tell how long to wait."""
        network = self._client.network_session
        options = FetchOptions(
            url=f"{network.base_urls.upload_url}/2.0/files/upload_sessions/{session.session_id}/commit",
            method="POST",
            headers=headers,
            data=body,
            auth=self._client.auth,
            network_session=network,
        )
        return network.network_client.fetch(options)


def _opened(file: LocalFile) -> BufferedReader:
    """A file on this machine. Rejected for one that can be read no more."""
    with suppress(OSError):
        return file.place.open("rb")
    raise Rejected(BoxAnswer(code=UNREADABLE))
