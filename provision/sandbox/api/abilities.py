"""What one may do with a file or folder: by a token's scopes, and by a collaboration's role.

Sources: Box guides, Scopes and Downscope a token; Box help centre, Understanding Collaborator Permission Levels.
An ability is one word: read, download, upload, edit (name, place, description), delete, share, invite.
"""

from __future__ import annotations

_ALL = frozenset({"read", "download", "upload", "edit", "delete", "share", "invite"})

#: by scope; a scope that is not here says nothing of items
SCOPES: dict[str, frozenset[str]] = {
    "root_readwrite": _ALL,
    "root_readonly": frozenset({"read", "download"}),
    "item_readwrite": _ALL,
    "item_read": frozenset({"read"}),
    "item_preview": frozenset({"read"}),
    "item_download": frozenset({"read", "download"}),
    "item_upload": frozenset({"upload"}),
    "item_rename": frozenset({"edit"}),
    "item_delete": frozenset({"delete"}),
    "item_share": frozenset({"share"}),
    "base_explorer": frozenset({"read"}),
    "base_picker": frozenset({"read"}),
    "base_preview": frozenset({"read"}),
    "base_sidebar": frozenset({"read"}),
    "base_upload": frozenset({"upload"}),
    "annotation_edit": frozenset({"read"}),
    "annotation_view_all": frozenset({"read"}),
    "annotation_view_self": frozenset({"read"}),
}

#: by role
ROLES: dict[str, frozenset[str]] = {
    "owner": _ALL,
    "co-owner": _ALL,
    "editor": _ALL,
    "viewer uploader": frozenset({"read", "download", "upload", "share"}),
    "previewer uploader": frozenset({"read", "upload"}),
    "viewer": frozenset({"read", "download", "share"}),
    "previewer": frozenset({"read"}),
    "uploader": frozenset({"upload"}),
}


def by_scopes(scopes: frozenset[str]) -> frozenset[str]:
    """What scopes allow together."""
    return frozenset[str]().union(*(SCOPES.get(one, frozenset()) for one in scopes))
