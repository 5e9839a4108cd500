"""Requests that schemathesis makes of Box's published OpenAPI file, to every operation that is built.

None is a 5xx or a dropped connection, each answer is valid by its schema, and what is let pass stands here by name. The file is not part of this repository: github.com/box/box-openapi, openapi.json, laid beside it as `../shared/box-openapi.json`.
"""

from __future__ import annotations

import copy
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provision.sandbox.http.routes import ROUTES
from tests.examples import either

pytest.importorskip("schemathesis", reason="schemathesis is not installed")

import schemathesis
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine.events import NonFatalError, ScenarioFinished

OPENAPI = Path(__file__).parents[3] / "shared" / "box-openapi.json"
pytestmark = [
    pytest.mark.skipif(not OPENAPI.exists(), reason="Box's openapi.json is not laid beside this repository"),
    pytest.mark.soak,
]

#: each in an enterprise of its own, so that they run side by side and one does not delete what another needs
ROOMS = {
    "people": r"/2\.0/users|/2\.0/invites|/oauth2",
    "groups": r"/2\.0/group",
    "folders": r"/2\.0/(folders|collaborations|events|shared_items)",
    "files": r"/2\.0/files/(?!upload|\{file_id\}/upload)",
    "uploads": r"/2\.0/files/(upload|\{file_id\}/upload)",
}

#: codes of live answers and of the guides that the schema of errors has not among its seventeen
CODES = {
    "access_denied_insufficient_permissions": "help centre, article 360043693434",
    "bad_digest": "guide, Common errors",
    "collaborations_not_available_on_root_folder": "API reference, POST /collaborations",
    "file_size_limit_exceeded": "guide, Common errors",
    "folder_not_empty": "guide, Common errors",
    "forbidden_by_policy": "API reference, POST /collaborations",
    "invalid_api_version": "guide, Versioning errors",
    "invalid_limit": "guide, Common errors",
    "invalid_offset": "guide, Common errors",
    "invalid_parameter": "API reference, PUT /users/{user_id}",
    "invalid_request_parameters": "github.com/box/box-java-sdk, issue 1166",
    "item_name_in_use": "guide, Common errors",
    "item_name_invalid": "guide, Common errors",
    "item_name_too_long": "guide, Common errors",
    "metadata_after_file_contents": "guide, Common errors",
    "part_already_uploaded": "API reference, PUT /files/upload_sessions/{upload_session_id}",
    "range_not_satisfiable": "API reference, PUT /files/upload_sessions/{upload_session_id}",
    "trashed": "guide, Common errors",
    "user_already_collaborator": "guide, Common errors",
    "user_email_confirmation_required": "guide, Common errors",
    "user_login_already_used": "github.com/box/box-windows-sdk-v2, issue 455",
}

#: operations that answer 5xx as the reference says
SERVER_ERRORS = {"POST /2.0/folders/{folder_id}/copy": "of the root folder: 500 by the API reference"}

#: where odd values are taken, since nobody knows what Box does with them
TAKEN = {
    "limit": "more than the most is the most",
    "usemarker": "what is no yes is no",
    "recursive": "what is no yes is no",
    "notify": "what is no yes is no",
    "force": "what is no yes is no",
    "sort": "an unknown one leaves the order as it is",
    "direction": "an unknown one leaves the order as it is",
    "created_after": "only streams of admins have it",
    "created_before": "only streams of admins have it",
    "expires_at": "null is none",
    "external_app_user_id": "null is none",
    "file_name": "null is none",
    "parent": "null is none",
    "role": "null is none",
    "status": "null is none",
    "attributes": "a new version has the name of the file",
    "attributes -> name": "a new version has the name of the file",
    "extension": "one picture for all",
    "max_height": "one picture for all",
    "max_width": "one picture for all",
    "min_height": "one picture for all",
    "min_width": "one picture for all",
    "accessible_by -> id": "a number is taken for its text",
    "folder_id": "a number is taken for its text",
    "parent -> id": "a number is taken for its text",
}

#: operations that no generated request gets through
UNREACHED = {
    "PUT /2.0/files/upload_sessions/{upload_session_id}": "a digest of its bytes and a place in the file",
    "POST /2.0/files/upload_sessions/{upload_session_id}/commit": "parts that are all there",
}

#: parameters that are left out: what the document invents of them is wrong of any item, and told before anything else
INVENTED = {"if-match", "if-none-match", "content-md5", "marker"}


def built(document: dict[str, Any], room: str) -> dict[str, Any]:
    """What of the document a room has, under the paths of the sandbox."""
    routes = [(one.method, re.compile(re.escape(one.path).replace(r"\*", "[^/]+") + "$")) for one in ROUTES]
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for path, verbs in document["paths"].items():
        whole = path if path.startswith("/oauth2") else f"/2.0{path}"
        if "#" in path or not re.match(ROOMS[room], whole):
            continue
        for verb, operation in verbs.items():
            if any(verb.upper() == method and pattern.match(whole) for method, pattern in routes):
                paths[whole][verb] = {
                    key: copy.deepcopy(value) for key, value in operation.items() if key != "servers"
                }
    return {**document, "paths": dict(paths), "servers": []}


def adjusted(document: dict[str, Any]) -> dict[str, Any]:
    """The document with what live answers have and it has not; each has its source."""
    schemas = document["components"]["schemas"]
    schemas["ClientError"]["properties"]["code"]["enum"] += sorted(CODES)
    # null where there is none (github.com/box/boxcli, test/fixtures/events and test/fixtures/files)
    schemas["Event"]["properties"]["session_id"]["nullable"] = True
    for name in ("File", "Folder"):
        for part in schemas[name]["allOf"]:
            if "shared_link" in part.get("properties", {}):
                link = part["properties"]["shared_link"]
                link["nullable"] = True
                link["allOf"][0]["required"].remove("accessed")  # there is no such property anywhere
    for name in (
        "TrashFile",
        "TrashFileRestored",
        "TrashFolder",
        "TrashFolderRestored",
    ):  # with `fields` there is what was asked for, and no more
        schemas[name]["required"] = ["id", "type"]
    # a folder fits the schema of anything else as well
    source = schemas["EventSourceResource"]
    source["anyOf"] = source.pop("oneOf")
    # pictures come as they were sent (github.com/box/box-python-sdk, test/avatars.py: a PNG)
    picture = document["paths"]["/users/{user_id}/avatar"]["get"]["responses"]["200"]["content"]
    picture["image/png"] = picture["image/jpeg"] = picture["image/jpg"]
    return document


@pytest.fixture(scope="module")
def document():
    return adjusted(json.loads(OPENAPI.read_text(encoding="utf-8")))


@dataclass
class Village:
    """A sandbox with one of each, and the ids of it all."""

    server: Any
    ids: dict[str, str]
    """By the names that paths have for them."""
    own: dict[str, str]
    """By the operation that takes it away, and others that need one of their own."""
    known: dict[str, Any]
    """Bodies by the operation, where the document's own example names what is not there."""


@pytest.fixture
def village(start, small_seed, connect, sign_in):
    small_seed["groups"] = [{"name": "Staff", "id": "900", "members": ["300", "302"]}]
    small_seed["groups"] += [{"name": "Buyers", "id": "901"}]
    small_seed["elsewhere"].append({"login": "other@mail.example", "what": "personal"})
    server = start(seed=small_seed)
    admin = connect(server)
    items = Items(admin)
    ids, own = items.made()
    return Village(server, ids, own, bodies(server, ids, sign_in(server)))


class Items:
    """What the admin has of one sandbox."""

    def __init__(self, admin):
        self.admin = admin

    def folder(self, name, *, gone=False):
        made = self.admin("POST", "/2.0/folders", {"name": name, "parent": {"id": "0"}}).json["id"]
        if gone:
            self.admin("DELETE", f"/2.0/folders/{made}")
        return str(made)

    def file(self, name, *, gone=False):
        made = self.admin.upload(name, b"abc").json["entries"][0]["id"]
        if gone:
            self.admin("DELETE", f"/2.0/files/{made}")
        return str(made)

    def shared(self, folder, user):
        item, user = {"type": "folder", "id": folder}, {"type": "user", "id": user}
        return self.id("POST", "/2.0/collaborations", {"item": item, "accessible_by": user, "role": "viewer"})

    def id(self, method, path, body=None):
        answer = self.admin(method, path, body).json
        return str((answer["entries"][0] if "entries" in answer else answer)["id"])

    def link(self, file):
        body = {"shared_link": {"access": "open"}}
        made = self.admin("PUT", f"/2.0/files/{file}?fields=shared_link", body).json["shared_link"]["url"]
        return f"shared_link={made}"

    def made(self):
        folder, file = self.folder("Shared"), self.file("a.txt")
        self.admin.upload("a.txt", b"abcd", path=f"/api/2.0/files/{file}/content")
        memberships = [one["id"] for one in self.admin("GET", "/2.0/groups/900/memberships").json["entries"]]
        invited = {"enterprise": {"id": "27335"}, "actionable_by": {"login": "private@mail.example"}}
        session = {"folder_id": "0", "file_size": 20_000_000, "file_name": "large.bin"}
        ids = {
            "user_id": "303",
            "group_id": "900",
            "folder_id": folder,
            "file_id": file,
            "extension": "png",
            "boxapi": self.link(file),
            "group_membership_id": memberships[0],
            "email_alias_id": self.id("GET", "/2.0/users/303/email_aliases"),
            "invite_id": self.id("POST", "/2.0/invites", invited),
            "file_version_id": self.id("GET", f"/2.0/files/{file}/versions"),
            "upload_session_id": self.id("POST", "/2.0/files/upload_sessions", session),
            "collaboration_id": self.shared(folder, "300"),
        }
        own = {
            "PUT /2.0/users/{user_id}": "201",  # among others, out of the enterprise
            "DELETE /2.0/users/{user_id}": "302",
            "DELETE /2.0/groups/{group_id}": "901",
            "DELETE /2.0/group_memberships/{group_membership_id}": memberships[1],
            "DELETE /2.0/collaborations/{collaboration_id}": self.shared(folder, "302"),
            "DELETE /2.0/files/upload_sessions/{upload_session_id}": self.id(
                "POST", "/2.0/files/upload_sessions", session | {"file_name": "other.bin"}
            ),
        }
        for kind, make in (("folder", self.folder), ("file", self.file)):
            path = f"/2.0/{kind}s/{{{kind}_id}}"
            own[f"DELETE {path}"] = make(f"DELETE {kind}")
            for one in (f"POST {path}", f"GET {path}/trash", f"DELETE {path}/trash"):
                own[one] = make(one.replace("/", "."), gone=True)
        return ids, own


def bodies(server, ids, token):
    told = server.announcement
    app = {"client_id": told["client_id"], "client_secret": told["client_secret"]}
    subject = {"box_subject_type": "enterprise", "box_subject_id": told["enterprise_id"]}
    root = {"id": "0"}
    return {
        "POST /2.0/group_memberships": {"user": {"id": "301"}, "group": {"id": "900"}, "role": "member"},
        "POST /2.0/groups/terminate_sessions": {"group_ids": ["901"]},
        "POST /2.0/users/terminate_sessions": {"user_ids": ["300"], "user_logins": []},
        "POST /2.0/users/{user_id}/email_aliases": {"email": "other@acme.example"},
        "PUT /2.0/users/{user_id}/folders/0": {"owned_by": {"id": "301"}},
        "PUT /2.0/users/{user_id}": {"name": "Another Name"},
        "POST /2.0/invites": {
            "enterprise": {"id": told["enterprise_id"]},
            "actionable_by": {"login": "other@mail.example"},
        },
        "POST /2.0/collaborations": {
            "item": {"type": "folder", "id": ids["folder_id"]},
            "accessible_by": {"type": "user", "id": "301"},
            "role": "editor",
        },
        "PUT /2.0/collaborations/{collaboration_id}": {"role": "editor"},
        "POST /2.0/files/content": {"attributes": {"name": "b.txt", "parent": root}, "file": "abc"},
        "POST /2.0/files/{file_id}/content": {"attributes": {"name": "a.txt"}, "file": "abcde"},
        "POST /2.0/files/{file_id}/versions/current": {"type": "file_version", "id": ids["file_version_id"]},
        "PUT /2.0/files/{file_id}": {"name": "c.txt"},
        "POST /2.0/files/{file_id}/copy": {"name": "d.txt", "parent": root},
        "POST /2.0/files/{file_id}/upload_sessions": {"file_size": 20_000_000},
        "PUT /2.0/folders/{folder_id}": {"name": "Other"},
        "POST /2.0/folders/{folder_id}/copy": {"name": "Copy", "parent": root},
        "POST /oauth2/token": {"grant_type": "client_credentials", **app, **subject},
        "POST /oauth2/revoke": {**app, "token": token},
    }


def pointed(document, village):
    """Let the examples of the document be what there is, and a path lead there every other time."""
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            label = f"{verb.upper()} {path}"
            kept = [one for one in operation.get("parameters", ()) if one["name"] not in INVENTED]
            operation["parameters"] = [_pointed(one, village, label) for one in kept]
            for form in operation.get("requestBody", {"content": {}})["content"].values():
                form.update({"example": village.known[label]} if label in village.known else {})
    return document


def _pointed(parameter, village, label):
    known = village.own.get(label) if parameter["in"] == "path" else None
    known = known or village.ids.get(parameter["name"])
    if known is None:
        return parameter
    either = {"anyOf": [{"type": "string", "enum": [known]}, parameter["schema"]]}
    return {**parameter, "example": known, **({"schema": either} if parameter["in"] == "path" else {})}


def configured(server):
    """In the suite always the same requests; in depth many more, also with what earlier answers brought, and one after the other."""
    deep = either(small=False, large=True)
    every = {"extra-data-sources": {"responses": deep}}
    some = {"generation": {"max-examples": either(2, 60)}}
    verbs = either(["patch"], ["get", "put", "post", "delete", "options", "patch", "trace"])
    return SchemathesisConfig.from_dict(
        {
            "base-url": server.url,
            "headers": {"Authorization": f"Bearer {server.announcement['developer_token']}"},
            "continue-on-failure": True,
            "generation": {"database": "none", "deterministic": not deep},
            **({} if deep else {"seed": 14}),
            # the schema says little of what Box demands: numbers below zero, offsets beyond 10,000, empty bodies …
            "checks": {"positive_data_acceptance": {"enabled": False}},
            "phases": {
                "examples": every,
                "coverage": {**every, "unexpected-methods": verbs},
                # several odd values at once, of which one may be taken
                "fuzzing": {**every, **some, "checks": {"negative_data_rejection": {"enabled": False}}},
                "stateful": {**some, "enabled": deep},
            },
        }
    )


def sent(schema):
    """Of all that is sent: the operation, the answer, and the checks that failed."""
    for event in engine.from_schema(schema).execute():
        assert not isinstance(event, NonFatalError), str(event.info)
        if isinstance(event, ScenarioFinished):
            recorder = event.recorder
            for case, told in recorder.interactions.items():
                failed = [one for one in recorder.checks.get(case, ()) if one.failure_info is not None]
                yield recorder.cases[case].value.operation.label, told.response, failed


def passes(label, answer, check):
    """Whether it is one of those that stand above by name."""
    if answer is not None and answer.status_code == 501:
        return "x-sandbox-not-built" in answer.headers
    if check.name == "not_a_server_error":
        return label in SERVER_ERRORS
    said = check.failure_info.failure.message.replace("Missing required property: ", "")
    odd = re.search(r"Invalid component: (?:parameter `|in body - )?(\w+(?: -> \w+)*)", said)
    return check.name == "negative_data_rejection" and odd is not None and odd[1] in TAKEN


@pytest.mark.timeout(either(120, 0))
@pytest.mark.parametrize("room", ROOMS)
def test_every_answer_is_valid(room, document, village):
    schema = schemathesis.openapi.from_dict(
        pointed(built(document, room), village), config=configured(village.server)
    )
    wrong, reached = set(), set()
    for label, answer, failed in sent(schema):
        status = answer.status_code if answer is not None else None
        reached |= {label} if status is not None and 200 <= status < 400 else set()
        wrong |= {
            (label, status, one.name, one.failure_info.failure.message)
            for one in failed
            if not passes(label, answer, one)
        }

    assert not wrong, "\n".join(map(str, sorted(wrong, key=str)))
    labels = {
        f"{verb.upper()} {path}" for path, verbs in schema.raw_schema["paths"].items() for verb in verbs
    }
    assert either(labels - reached, set()) == either(labels & UNREACHED.keys(), set())
