"""Which path and verb of folders and files lead where; what comes first goes before what fits as well."""

from __future__ import annotations

from provision.sandbox.api.items import files, folders, parts, shared, trash, uploads

ITEMS = (
    ("GET", "/2.0/shared_items", shared.find),
    ("POST", "/2.0/folders", folders.create),
    ("GET", "/2.0/folders/trash/items", trash.items),
    ("GET", "/2.0/folders/*", folders.read),
    ("PUT", "/2.0/folders/*", folders.update),
    ("DELETE", "/2.0/folders/*", folders.delete),
    ("POST", "/2.0/folders/*", trash.restore),
    ("GET", "/2.0/folders/*/items", folders.items),
    ("POST", "/2.0/folders/*/copy", folders.copy),
    ("GET", "/2.0/folders/*/trash", trash.read),
    ("DELETE", "/2.0/folders/*/trash", trash.purge),
    ("POST", "/2.0/files/upload_sessions", parts.begin),
    ("GET", "/2.0/files/upload_sessions/*", parts.look),
    ("PUT", "/2.0/files/upload_sessions/*", parts.send),
    ("DELETE", "/2.0/files/upload_sessions/*", parts.abort),
    ("GET", "/2.0/files/upload_sessions/*/parts", parts.parts),
    ("POST", "/2.0/files/upload_sessions/*/commit", parts.commit),
    ("POST", "/2.0/files/*/upload_sessions", parts.begin_version),
    ("POST", "/2.0/files/content", uploads.upload),
    ("OPTIONS", "/2.0/files/content", uploads.preflight),
    ("GET", "/2.0/files/*", files.read),
    ("PUT", "/2.0/files/*", files.update),
    ("DELETE", "/2.0/files/*", files.delete),
    ("POST", "/2.0/files/*", trash.restore),
    ("POST", "/2.0/files/*/copy", files.copy),
    ("GET", "/2.0/files/*/content", files.content),
    ("POST", "/2.0/files/*/content", uploads.upload_version),
    ("OPTIONS", "/2.0/files/*/content", uploads.preflight_version),
    ("GET", "/2.0/files/*/thumbnail.*", files.thumbnail),
    ("GET", "/2.0/files/*/trash", trash.read),
    ("DELETE", "/2.0/files/*/trash", trash.purge),
    ("GET", "/2.0/files/*/versions", files.versions),
    ("POST", "/2.0/files/*/versions/current", files.promote),
    ("GET", "/2.0/files/*/versions/*", files.one_version),
    ("PUT", "/2.0/files/*/versions/*", files.restore_version),
    ("DELETE", "/2.0/files/*/versions/*", files.drop_version),
)
