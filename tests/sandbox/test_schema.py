"""Answers about users, held against Box's published OpenAPI file where it is at hand.

It is not part of this repository: github.com/box/box-openapi, openapi.json, laid beside it as
`../shared/box-openapi.json`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

OPENAPI = Path(__file__).parents[3] / "shared" / "box-openapi.json"


@pytest.fixture(scope="module")
def schemas():
    if not OPENAPI.exists():
        pytest.skip("Box's openapi.json is not laid beside this repository")
    return json.loads(OPENAPI.read_text(encoding="utf-8"))["components"]["schemas"]


def properties(schemas, name):
    """All properties of a schema, those it inherits included, and the required ones."""
    found, required = {}, set()
    for part in schemas[name].get("allOf", [schemas[name]]):
        if "$ref" in part:
            inherited, needed = properties(schemas, part["$ref"].rpartition("/")[2])
            found, required = {**found, **inherited}, required | needed
        found.update(part.get("properties", {}))
        required |= set(part.get("required", []))
    return found, required


def fitting(value, schema):
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    if value is None:
        return schema.get("nullable", True)
    if "enum" in schema and value not in schema["enum"]:
        return False
    return "type" not in schema or isinstance(value, kinds[schema["type"]])


def test_user_has_only_fields_of_the_schema_with_values_that_fit(schemas, admin):
    known, required = properties(schemas, "User--Full")
    for user_id in ("100", "200", "300", "400", "27999000000"):
        user = admin("GET", f"/2.0/users/{user_id}?fields={','.join(known)}").json

        assert set(user) == set(known)
        assert required <= set(user)
        assert [name for name, value in user.items() if not fitting(value, known[name])] == []


def test_standard_user_is_the_schema_user(schemas, admin):
    known, _ = properties(schemas, "User")

    assert set(admin("GET", "/2.0/users/300").json) == set(known)


def test_created_user_is_of_the_schema(schemas, admin):
    known, _ = properties(schemas, "User--Full")
    made = admin("POST", "/2.0/users", {"name": "N", "login": "n@acme.example"}).json

    assert [
        name for name, value in made.items() if name not in known or not fitting(value, known[name])
    ] == []


@pytest.mark.parametrize("query", ["", "?usemarker=true"])
def test_page_is_of_the_schema(schemas, admin, query):
    known, _ = properties(schemas, "Users")
    page = admin("GET", f"/2.0/users{query}").json

    assert [
        name for name, value in page.items() if name not in known or not fitting(value, known[name])
    ] == []


def test_groups_and_memberships_are_of_the_schema(schemas, admin):
    made = admin("POST", "/2.0/groups", {"name": "Staff"}).json
    joined = admin(
        "POST", "/2.0/group_memberships", {"user": {"id": "300"}, "group": {"id": made["id"]}}
    ).json
    assert (
        "configurable_permissions" in joined
    )  # Box answers with it (Box CLI's fixtures), and its reference has it not
    del joined["configurable_permissions"]
    for name, answer in {
        "Group": made,
        "Group--Full": admin(
            "GET", f"/2.0/groups/{made['id']}?fields=name,description,provenance,permissions"
        ).json,
        "GroupMembership": joined,
        "Groups": admin("GET", "/2.0/groups").json,
        "GroupMemberships": admin("GET", f"/2.0/groups/{made['id']}/memberships").json,
    }.items():
        known, _ = properties(schemas, name)

        assert [
            key for key, value in answer.items() if key not in known or not fitting(value, known[key])
        ] == [], name


def test_error_is_of_the_schema(schemas, admin):
    known, _ = properties(schemas, "ClientError")

    assert set(admin("GET", "/2.0/users/999").json) <= set(known)


def test_token_is_of_the_schema(schemas, small, connect):
    known, _ = properties(schemas, "AccessToken")
    told = small.announcement
    reply = connect(small, None).form(
        "/oauth2/token",
        grant_type="client_credentials",
        client_id=told["client_id"],
        client_secret=told["client_secret"],
        box_subject_type="enterprise",
        box_subject_id=told["enterprise_id"],
    )

    assert [name for name, value in reply.json.items() if not fitting(value, known[name])] == []


@pytest.mark.parametrize(("name", "attribute"), [("STATUSES", "status"), ("ROLES", "role")])
def test_accepted_values_are_those_of_the_reference(schemas, name, attribute):
    from provision.sandbox.api import attributes

    document = json.loads(OPENAPI.read_text(encoding="utf-8"))
    body = document["paths"]["/users"]["post"]["requestBody"]["content"]["application/json"]["schema"]

    assert getattr(attributes, name) == set(body["properties"][attribute]["enum"])


def test_accepted_attributes_are_those_of_the_reference(schemas):
    from provision.sandbox.api import attributes

    document = json.loads(OPENAPI.read_text(encoding="utf-8"))
    body = document["paths"]["/users/{user_id}"]["put"]["requestBody"]["content"]["application/json"][
        "schema"
    ]

    elsewhere = {"login", "enterprise", "notify", "is_password_reset_required"}
    assert set(body["properties"]) - elsewhere == set(attributes.CHECKS) - {"is_password_reset_required"}


@pytest.mark.parametrize(
    ("method", "path", "body", "schema"),
    [
        ("PUT", "/2.0/users/301/folders/0", {"owned_by": {"id": "300"}}, "Folder--Full"),
        ("GET", "/2.0/folders/0", None, "Folder--Full"),
        ("POST", "/2.0/folders", {"name": "A", "parent": {"id": "0"}}, "Folder--Full"),
        (
            "POST",
            "/2.0/users/terminate_sessions",
            {"user_ids": ["300"], "user_logins": []},
            "SessionTerminationMessage",
        ),
        ("GET", "/2.0/folders/0/items", None, "Items"),
        ("GET", "/2.0/folders/0/items?usemarker=true", None, "Items"),
        ("GET", "/2.0/users/300/memberships", None, "GroupMemberships"),
        ("GET", "/2.0/users/303/email_aliases", None, "EmailAliases"),
        ("GET", "/2.0/groups", None, "Groups"),
        ("GET", "/2.0/groups/900", None, "Group--Full"),
    ],
)
def test_answer_has_only_what_its_schema_has(schemas, start, small_seed, connect, method, path, body, schema):
    small_seed["groups"] = [{"name": "Staff", "id": "900", "members": ["300"]}]
    known, _ = properties(schemas, schema)
    answer = connect(start(seed=small_seed))(method, path, body).json

    assert [
        name for name, value in answer.items() if name not in known or not fitting(value, known[name])
    ] == []


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/2.0/folders/0/items", {"file": "File--Mini", "folder": "Folder--Mini"}),
        ("/2.0/users/300/memberships", {"group_membership": "GroupMembership"}),
        ("/2.0/users/303/email_aliases", {"email_alias": "EmailAlias"}),
        ("/2.0/groups", {"group": "Group--Mini"}),
    ],
)
def test_entries_of_a_listing_are_of_their_schemas(schemas, start, small_seed, connect, path, schema):
    small_seed["groups"] = [{"name": "Staff", "members": ["300"]}]
    small_seed["admin"] |= {"files": 1, "folders": ["Projects"]}
    entries = connect(start(seed=small_seed))("GET", path).json["entries"]

    assert {one["type"] for one in entries} == set(schema)
    for entry in entries:
        known, required = properties(schemas, schema[entry["type"]])
        assert required <= set(entry)
        assert [
            name for name, value in entry.items() if name not in known or not fitting(value, known[name])
        ] == []
