"""Which path and verb of collaborations, invitations, events and pictures lead where."""

from __future__ import annotations

from provision.sandbox.api import avatars, streams
from provision.sandbox.api.sharing import collaborations, invites, lists, outsiders

SHARING = (
    ("GET", "/2.0/collaborations", lists.pending),
    ("POST", "/2.0/collaborations", collaborations.create),
    ("GET", "/2.0/collaborations/*", collaborations.read),
    ("PUT", "/2.0/collaborations/*", collaborations.update),
    ("DELETE", "/2.0/collaborations/*", collaborations.delete),
    ("GET", "/2.0/folders/*/collaborations", lists.of_folder),
    ("GET", "/2.0/files/*/collaborations", lists.of_file),
    ("GET", "/2.0/groups/*/collaborations", lists.of_group),
    ("POST", "/2.0/invites", invites.create),
    ("GET", "/2.0/invites/*", invites.read),
    ("POST", "/2.0/external_users/submit_delete_job", outsiders.remove),
    ("POST", "/2.0/users/*/avatar", avatars.put),
    ("GET", "/2.0/users/*/avatar", avatars.read),
    ("DELETE", "/2.0/users/*/avatar", avatars.drop),
    ("GET", "/2.0/events", streams.events),
    ("OPTIONS", "/2.0/events", streams.servers),
)
