"""Folders and files as values."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

ROOT = "0"


class Version(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """What a file has been: an earlier upload of it. sha1: also where its bytes are kept; trashed_at: "" means it is not."""

    id: str
    name: str
    sha1: str
    size: int
    created_at: str
    by: str
    trashed_at: str = ""


class Owned(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """What folders and files have in common. parent `0` is the owner's root; owner, made_by, changed_by: accounts.

    version: how often it was changed. shared_link: as it is answered. trashed_at: "" means it is not in the trash.
    content_created_at, content_modified_at: "" means as the item itself.
    """

    id: str
    name: str
    owner: str
    created_at: str
    modified_at: str
    parent: str = ROOT
    version: int = 0
    description: str = ""
    tags: tuple[str, ...] = ()
    shared_link: dict[str, Any] | None = None
    trashed_at: str = ""
    made_by: str = ""
    changed_by: str = ""
    content_created_at: str = ""
    content_modified_at: str = ""


class Folder(Owned, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One folder. files, size: counted files that lie in it, and their bytes with those of all below it.

    origin: the account whose counted files they were; their ids and names follow from it.
    """

    files: int = 0
    size: int = 0
    origin: str = ""
    sync_state: str = "not_synced"
    upload_email: str | None = None
    can_non_owners_invite: bool = True
    can_non_owners_view_collaborators: bool = True
    is_collaboration_restricted_to_enterprise: bool = False

    @property
    def kind(self) -> Literal["folder"]:
        """The `type` of answers."""
        return "folder"


class File(Owned, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One file that was uploaded. version_id: of its newest version; earlier: the others, newest first."""

    size: int
    sha1: str
    version_id: str
    earlier: tuple[Version, ...] = ()
    lock: dict[str, Any] | None = None

    @property
    def kind(self) -> Literal["file"]:
        """The `type` of answers."""
        return "file"


Item = Folder | File


class Transfer(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A transfer under way: from whom, to whom, into which folder; it ends at a moment and after so many looks."""

    source: str
    destination: str
    folder: str
    ends_at: float
    looks: int
