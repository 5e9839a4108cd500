"""Answers about items, who shares them, invitations, events and tokens, held whole against Box's OpenAPI file.

As in `test_schema`, the file is not part of this repository.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

OPENAPI = Path(__file__).parents[3] / "shared" / "box-openapi.json"
KINDS = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
    "number": (int, float),
}
# null where the reference has no null: recorded answers have it there (github.com/box/boxcli, test/fixtures)
NULL_ALL_THE_SAME = {"session_id", "shared_link", "additional_details", "parent"}
# and where nothing else could stand: a lock without an end, a collaboration nobody has answered, an address without account
NULL_ALL_THE_SAME |= {"expired_at", "acknowledged_at", "accessible_by"}


@pytest.fixture(scope="module")
def document():
    if not OPENAPI.exists():
        pytest.skip("Box's openapi.json is not laid beside this repository")
    return json.loads(OPENAPI.read_text(encoding="utf-8"))


class Reader:
    """Holds values against schemas; `wrong` says where one does not fit."""

    def __init__(self, document):
        self._schemas = document["components"]["schemas"]

    def whole(self, schema):
        """A schema with what it refers to and is put together of."""
        if "$ref" in schema:
            return self.whole(self._schemas[schema["$ref"].rpartition("/")[2]])
        found = {key: value for key, value in schema.items() if key != "allOf"}
        for part in map(self.whole, schema.get("allOf", [])):
            merged = {**part.get("properties", {}), **found.get("properties", {})}
            found = {**part, **found} | ({"properties": merged} if merged else {})
        return found

    def wrong(self, value, schema, where="answer"):
        schema = self.whole(schema)
        if value is None:
            name = where.rpartition(".")[2]
            fine = schema.get("nullable") or name in NULL_ALL_THE_SAME or not schema.get("type")
            return [] if fine else [f"{where} is null"]
        if "oneOf" in schema:
            tried = [self.wrong(value, one, where) for one in schema["oneOf"]]
            return [] if [] in tried else min(tried, key=len)
        kind = KINDS.get(schema.get("type"))
        if kind is not None and (not isinstance(value, kind) or (isinstance(value, bool) and kind is int)):
            return [f"{where} is a {type(value).__name__}"]
        if "enum" in schema and value not in schema["enum"]:
            return [f"{where} is {value!r}"]
        if isinstance(value, list):
            return [
                one
                for number, each in enumerate(value)
                for one in self.wrong(each, schema.get("items", {}), f"{where}[{number}]")
            ]
        if not isinstance(value, dict) or "properties" not in schema:
            return []
        known = schema["properties"]
        unknown = [f"{where}.{name} is not in the reference" for name in value if name not in known]
        # `accessed` of shared links is required and does not exist
        required = set(schema.get("required", [])) & set(known)
        missing = [f"{where}.{name} is missing" for name in required - set(value)]
        parts = [
            self.wrong(one, known[name], f"{where}.{name}") for name, one in value.items() if name in known
        ]
        return unknown + missing + [one for part in parts for one in part]


@pytest.fixture
def lived(small, admin):
    """An enterprise in which a folder with a file is shared, something is in the trash, and somebody is invited."""
    folder = admin("POST", "/2.0/folders", {"name": "F", "parent": {"id": "0"}}).json["id"]
    file = admin.upload("a.txt", b"abc", parent=folder).json["entries"][0]["id"]
    admin.upload("a.txt", b"abcd", path=f"/2.0/files/{file}/content")
    admin("PUT", f"/2.0/files/{file}", {"lock": {"access": "lock"}, "shared_link": {"access": "open"}})
    thrown = admin.upload("b.txt", b"abc").json["entries"][0]["id"]
    admin("DELETE", f"/2.0/files/{thrown}")
    made = [
        share(admin, folder, {"type": "user", "id": "300"}),
        share(admin, folder, {"type": "user", "login": "x@mail.example"}),
    ]
    whom = {"enterprise": {"id": "27335"}, "actionable_by": {"login": "private@mail.example"}}
    invite = admin("POST", "/2.0/invites", whom).json["id"]
    group = admin("POST", "/2.0/groups", {"name": "G"}).json["id"]
    share(admin, folder, {"type": "group", "id": group})
    session = {"folder_id": "0", "file_size": 30_000_000, "file_name": "big"}
    upload = admin("POST", "/2.0/files/upload_sessions", session).json["id"]
    made = {"one": made[0], "other": made[1]}
    return {
        "folder": folder,
        "file": file,
        "thrown": thrown,
        "invite": invite,
        "group": group,
        "upload": upload,
        **made,
    }


def share(admin, folder, grantee):
    body = {"item": {"type": "folder", "id": folder}, "accessible_by": grantee, "role": "editor"}
    return admin("POST", "/2.0/collaborations", body).json["id"]


ANSWERS = [
    ("/folders/{folder}", "Folder--Full"),
    ("/folders/{folder}?fields=*", "Folder--Full"),
    ("/folders/0", "Folder--Full"),
    ("/folders/{folder}/items", "Items"),
    ("/folders/{folder}/items?usemarker=true&fields=*", "Items"),
    ("/folders/trash/items", "Items"),
    ("/folders/{folder}/collaborations", "Collaborations"),
    ("/files/{file}", "File--Full"),
    ("/files/{file}?fields=*", "File--Full"),
    ("/files/{thrown}/trash", "TrashFile"),
    ("/files/{file}/versions", "FileVersions"),
    ("/files/{file}/collaborations", "Collaborations"),
    ("/files/upload_sessions/{upload}", "UploadSession"),
    ("/files/upload_sessions/{upload}/parts", "UploadParts"),
    ("/collaborations/{one}", "Collaboration"),
    ("/collaborations/{other}", "Collaboration"),
    ("/collaborations?status=pending", "CollaborationsOffsetPaginated"),
    ("/groups/{group}/collaborations", "CollaborationsOffsetPaginated"),
    ("/invites/{invite}", "Invite"),
    ("/events", "Events"),
    ("/events?stream_type=admin_logs", "Events"),
]
# what answers have beyond the reference, and where it comes from
BEYOND = {
    "ip_address": "recorded answers of admin streams (github.com/box/boxcli, test/fixtures/events)",
    "is_active": "the reference has it for users of collaborations, which is not resolved here",
}


def test_answers_are_those_of_the_reference(document, admin, lived):
    """All in one world, since only looks are taken."""
    reader, schemas = Reader(document), document["components"]["schemas"]
    of_files = ",".join(reader.whole(schemas["File--Full"])["properties"])
    found = {}
    for path, name in ANSWERS:
        fields = of_files if name == "Items" else ",".join(reader.whole(schemas[name]).get("properties", {}))
        reply = admin("GET", "/2.0" + path.format(**lived).replace("*", fields))
        wrong = reader.wrong(reply.json, schemas[name])
        found[path] = [one for one in wrong if not any(f".{known} " in one for known in BEYOND)]

    assert found == {path: [] for path, _ in ANSWERS}
