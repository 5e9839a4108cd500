"""Changing, rolling out and deleting users."""

from __future__ import annotations

import pytest


def create(caller, **body):
    return caller("POST", "/2.0/users", body)


def test_update_changes_what_is_named_and_moves_modified_at(service, clock):
    before = service("GET", "/2.0/users/300").json
    clock.move(60)

    after = service("PUT", "/2.0/users/300", {"name": "Mia Married"}).json

    differing = {name for name in after if after[name] != before[name]}
    assert differing == {"name", "modified_at"}


def test_update_of_an_app_user_ignores_what_app_users_do_not_have(service):
    """Box, "first app user" tutorial: eight attributes, others are not accessible."""
    reply = service("PUT", "/2.0/users/400", {"phone": "1", "role": "coadmin"})

    assert (reply.status, reply.json["phone"]) == (200, "1")
    assert service("GET", "/2.0/users/400?fields=role").json["role"] == "user"


@pytest.mark.parametrize(
    "body", [{"role": "coadmin"}, {"login": "a@acme.example"}, {"is_sync_enabled": True}]
)
def test_extra_attributes_of_app_users_can_be_refused_instead(seeded, connect, body):
    server = seeded(choices={"extra_app_user_attributes": "refused"})

    assert connect(server)("PUT", "/2.0/users/400", body).status == 400


def test_notification_email_is_set_and_removed(service):
    """API reference, PUT /users: an object with `email`, null removes it."""
    given = service("PUT", "/2.0/users/300", {"notification_email": {"email": "n@mail.example"}}).json
    gone = service("PUT", "/2.0/users/300", {"notification_email": None}).json

    assert given["notification_email"] == {"email": "n@mail.example", "is_confirmed": False}
    assert gone["notification_email"] is None


def test_malformed_notification_email_is_invalid_parameter(service):
    """API reference, PUT /users, 400."""
    reply = service("PUT", "/2.0/users/300", {"notification_email": {"email": "nowhere"}})

    assert (reply.status, reply.json["code"]) == (400, "invalid_parameter")


def test_external_id_of_somebody_else_is_a_409_on_update_too(service):
    assert service("PUT", "/2.0/users/401", {"external_app_user_id": "client-1"}).status == 409
    assert service("PUT", "/2.0/users/400", {"external_app_user_id": "client-1"}).status == 200


def test_login_changes_to_a_confirmed_alias_and_the_old_one_becomes_an_alias(service):
    """Box forum, thread 360049147634."""
    reply = service("PUT", "/2.0/users/303", {"login": "al@acme.example"})

    assert (reply.status, reply.json["login"]) == (200, "al@acme.example")
    assert create(service, name="Late", login="alia@acme.example").status == 409


@pytest.mark.parametrize("login", ["new@acme.example", "ALIA@acme.example"])
def test_login_does_not_change_to_anything_else(service, login):
    assert service("PUT", "/2.0/users/303", {"login": login}).status == 400


def test_login_change_to_a_taken_login_is_a_409(service):
    assert service("PUT", "/2.0/users/303", {"login": "mia@acme.example"}).status == 409


def test_rolled_out_user_leaves_the_listing_and_keeps_the_login(service):
    """API reference, PUT /users, `enterprise: null`."""
    reply = service("PUT", "/2.0/users/300?fields=enterprise", {"enterprise": None, "notify": False})

    assert (reply.status, reply.json["enterprise"]) == (200, None)
    assert "300" not in [one["id"] for one in service("GET", "/2.0/users").json["entries"]]
    assert service("GET", "/2.0/users/300?fields=login,enterprise").json["enterprise"] is None
    assert create(service, name="Again", login="mia@acme.example").status == 409


def test_deleted_user_is_gone_and_frees_the_login(service):
    reply = service("DELETE", "/2.0/users/300")

    assert (reply.status, reply.body) == (204, b"")
    assert service("GET", "/2.0/users/300").status == 404
    assert service("DELETE", "/2.0/users/300").status == 404
    assert create(service, name="Again", login="mia@acme.example").status == 201


def test_freed_login_can_lag(seeded, connect, clock):
    """github.com/cburnette/boxr, spec: its live suite waits after deletions before it creates again."""
    caller = connect(seeded(choices={"login_freed_after": 5}))
    caller("DELETE", "/2.0/users/300")

    first = create(caller, name="Again", login="mia@acme.example").status
    clock.move(6)

    assert (first, create(caller, name="Again", login="mia@acme.example").status) == (409, 201)


@pytest.mark.parametrize(
    ("force", "status"), [("", 403), ("?force=False", 403), ("?force=true", 204), ("?force=True", 204)]
)
def test_owner_of_content_is_deleted_only_with_force(service, force, status):
    """API reference, DELETE /users/{id}; booleans in capitals as the Python SDK writes them."""
    assert service("DELETE", f"/2.0/users/301{force}").status == status


def test_refusal_to_delete_an_owner_is_a_switch(seeded, connect):
    """Its status and code are nowhere documented."""
    server = seeded(choices={"owned_content_status": 409, "owned_content_code": "conflict"})

    reply = connect(server)("DELETE", "/2.0/users/301")

    assert (reply.status, reply.json["code"]) == (409, "conflict")


def test_retention_policies_prevent_forced_deletion_of_an_owner(start, small_seed, connect):
    """Box help centre, article 33282413279635."""
    small_seed["enterprise"]["retention_policies"] = True
    caller = connect(start(seed=small_seed))

    reply = caller("DELETE", "/2.0/users/301?force=true")

    assert (reply.status, reply.json["code"]) == (403, "forbidden")
    assert reply.json["message"].startswith("User cannot be deleted due to retention policies.")
    assert caller("DELETE", "/2.0/users/300?force=true").status == 204
