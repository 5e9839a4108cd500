"""Who may do what: tokens, scopes, admin levels, As-User, protected accounts."""

from __future__ import annotations

import pytest

SERVICE = "27999000000"
INVALID_TOKEN = (
    'Bearer realm="Service", error="invalid_token", error_description="The access token provided is invalid."'
)
INSUFFICIENT_SCOPE = (
    'Bearer realm="Service", error="insufficient_scope", error_description="The request requires higher '
    'privileges than provided by the access token."'
)


@pytest.mark.parametrize("token", [None, "garbage", "a b"])
def test_call_without_a_token_in_force_is_a_401_without_a_body(small, connect, token):
    """github.com/box/box-node-sdk, issue 157."""
    reply = connect(small, token)("GET", "/2.0/users/me")

    assert (reply.status, reply.body) == (401, b"")
    assert reply.header("www-authenticate") == INVALID_TOKEN


def test_empty_bearer_is_a_400(small, connect):
    assert connect(small, None)("GET", "/2.0/users/me", Authorization="Bearer ").status == 400


@pytest.mark.parametrize("user_id", ["300", "400"])
def test_plain_users_and_app_users_manage_nobody(small, connect, sign_in, user_id):
    """Box help centre, article 360043693434: code, message and hyphen."""
    caller = connect(small, sign_in(small, user_id))

    replies = [
        caller("GET", "/2.0/users"),
        caller("GET", "/2.0/users/301"),
        caller("POST", "/2.0/users", {"name": "X", "login": "x@acme.example"}),
        caller("PUT", "/2.0/users/301", {"name": "X"}),
        caller("DELETE", "/2.0/users/301"),
    ]

    assert {reply.status for reply in replies} == {403}
    assert {reply.json["code"] for reply in replies} == {"access_denied_insufficient_permissions"}
    assert replies[0].json["message"] == "Access denied - insufficient permission"
    assert caller("GET", "/2.0/users/me").json["id"] == user_id


def test_app_without_the_scope_gets_a_403_without_a_body(start, small_seed, connect):
    """Box forum, thread 1500001305301."""
    small_seed["app"] = {"scopes": ["manage_groups"]}

    reply = connect(start(seed=small_seed))("GET", "/2.0/users")

    assert (reply.status, reply.body, reply.header("www-authenticate")) == (403, b"", INSUFFICIENT_SCOPE)


def test_app_that_may_manage_app_users_only_does_not_touch_managed_ones(start, small_seed, connect):
    """Box guide, Scopes: manage_managed_users and manage_app_users."""
    small_seed["app"] = {"scopes": ["manage_app_users"]}
    caller = connect(start(seed=small_seed))

    assert caller("PUT", "/2.0/users/300", {"phone": "1"}).status == 403
    assert caller("POST", "/2.0/users", {"name": "X", "login": "x@acme.example"}).status == 403
    assert caller("PUT", "/2.0/users/400", {"phone": "1"}).status == 200


def test_app_without_enterprise_access_sees_its_own_users_only(start, small_seed, connect):
    """Box guide, Scopes, application access; forum, thread 1500000157161."""
    small_seed["app"] = {"access": "app"}
    caller = connect(start(seed=small_seed))

    listed = {user["id"] for user in caller("GET", "/2.0/users").json["entries"]}

    assert listed == {"400", "401"}
    assert caller("GET", "/2.0/users/300").status == 404
    assert caller("POST", "/2.0/users", {"name": "X", "login": "x@acme.example"}).status == 403


def test_nobody_but_the_admin_edits_the_admin(service, admin):
    """Box help centre, article 360043694174."""
    assert service("PUT", "/2.0/users/100", {"phone": "1"}).status == 403
    assert admin("PUT", "/2.0/users/100", {"phone": "1"}).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/2.0/users/100?force=true", None),
        ("PUT", "/2.0/users/100", {"role": "user"}),
        ("PUT", "/2.0/users/100", {"status": "inactive"}),
        ("PUT", "/2.0/users/100", {"enterprise": None}),
        ("DELETE", f"/2.0/users/{SERVICE}?force=true", None),
        ("PUT", f"/2.0/users/{SERVICE}", {"status": "inactive"}),
    ],
)
def test_admin_and_service_account_stay_what_they_are(admin, small, method, path, body):
    reply = admin(method, path, body)

    assert reply.status == 403
    assert small.enterprise.changes == 0


def test_space_of_the_service_account_can_be_set(service):
    """Box guide, User types: raise its space with PUT `space_amount`."""
    assert service("PUT", f"/2.0/users/{SERVICE}", {"space_amount": 7}).json["space_amount"] == 7


def test_co_admin_deletes_no_co_admin_but_the_admin_does(small, connect, sign_in, admin):
    caller = connect(small, sign_in(small, "200"))

    assert caller("DELETE", "/2.0/users/201").status == 403
    assert caller("DELETE", "/2.0/users/200").status == 403
    assert admin("DELETE", "/2.0/users/201").status == 204


@pytest.mark.parametrize(
    ("as_user", "status"),
    [
        ("300", 200),
        ("400", 200),
        ("302", 403),  # inactive: github.com/box/box-java-sdk, issue 483
        ("100", 403),  # the admin: Box help centre, article 360043693434
        ("200", 403),  # another co-admin: the same
        (SERVICE, 403),  # Box guide, As-User: not the service account's own id
    ],
)
def test_service_account_acts_as_those_below_it(service, as_user, status):
    reply = service("GET", "/2.0/users/me", AS_USER=as_user)

    assert reply.status == status
    assert status != 200 or reply.json["id"] == as_user


def test_as_user_needs_the_switch_of_the_app(start, small_seed, connect):
    """Box guide, As-User: Make API calls using the as-user header."""
    small_seed["app"] = {"as_user": False}

    assert connect(start(seed=small_seed))("GET", "/2.0/users/me", As_User="300").status == 403


def test_plain_user_acts_as_nobody(small, connect, sign_in):
    assert connect(small, sign_in(small, "300"))("GET", "/2.0/users/me", As_User="301").status == 403


def test_deleted_user_is_signed_out(small, connect, sign_in, admin):
    caller = connect(small, sign_in(small, "300"))
    admin("DELETE", "/2.0/users/300")

    assert caller("GET", "/2.0/users/me").status == 401


def test_unconfirmed_user_can_refuse_as_user(seeded, connect):
    """Box guide, Provision users: 403 user_email_confirmation_required right after creation."""
    caller = connect(seeded(choices={"unconfirmed_users_refuse_as_user": True}))
    made = caller("POST", "/2.0/users", {"name": "N", "login": "n@acme.example"}).json["id"]

    reply = caller("GET", "/2.0/users/me", As_User=made)

    assert (reply.status, reply.json["code"]) == (403, "user_email_confirmation_required")
