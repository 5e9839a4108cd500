"""Single users: what answers look like, and what creating them does."""

from __future__ import annotations

import pytest

# The keys and their order in recorded answers: github.com/box/boxcli, test/fixtures/users; newer answers
# have notification_email as well (API reference, schema User).
STANDARD = [
    *("type", "id", "name", "login", "created_at", "modified_at", "language", "timezone", "space_amount"),
    *("space_used", "max_upload_size", "status", "job_title", "phone", "address", "avatar_url"),
    "notification_email",
]


def create(caller, **body):
    return caller("POST", "/2.0/users", body)


def test_user_has_the_standard_fields_and_no_others(admin):
    user = admin("GET", "/2.0/users/300").json

    assert list(user) == STANDARD


def test_empty_attributes_are_empty_text(admin):
    """github.com/box/boxcli, test/fixtures/users: "" and not null."""
    user = admin("GET", "/2.0/users/300").json

    assert (user["phone"], user["address"]) == ("", "")


def test_fields_gives_type_id_and_what_was_named(admin):
    """Box guide, Request extra fields; the "first app user" tutorial shows exactly these three keys."""
    user = admin("GET", "/2.0/users/400?fields=is_platform_access_only").json

    assert user == {"type": "user", "id": "400", "is_platform_access_only": True}


def test_fields_can_add_to_the_mini_tier_instead(seeded, connect):
    """API reference, GET /users, `fields`: mini and what was named."""
    server = seeded(choices={"fields_base": "mini"})

    user = connect(server)("GET", "/2.0/users/300?fields=role").json

    assert list(user) == ["type", "id", "name", "login", "role"]


def test_role_is_absent_unless_named(admin):
    """Box forum, thread 360049187333."""
    assert "role" not in admin("GET", "/2.0/users/200").json
    assert admin("GET", "/2.0/users/200?fields=role").json["role"] == "coadmin"


def test_me_is_the_service_account_for_an_enterprise_token(service, small):
    """API reference, GET /users/me."""
    me = service("GET", "/2.0/users/me?fields=login,enterprise").json

    assert me["login"].startswith("AutomationUser_")
    assert me["enterprise"] == {
        "type": "enterprise",
        "id": small.announcement["enterprise_id"],
        "name": "Acme Inc.",
    }


def test_me_is_the_admin_for_the_developer_token(admin, small):
    assert admin("GET", "/2.0/users/me").json["id"] == small.announcement["admin_user_id"]


def test_external_user_is_shown_in_part(admin):
    """API reference, GET /users/{id}: fields that may not be seen are null."""
    user = admin("GET", "/2.0/users/500").json

    assert (user["login"], user["status"], user["space_used"]) == ("guest@partner.example", None, None)


def test_unknown_user_is_a_404_that_names_the_id(admin):
    """Shape: Box forum, thread 360049140914."""
    reply = admin("GET", "/2.0/users/999")

    assert reply.status == 404
    assert list(reply.json) == ["type", "status", "code", "context_info", "help_url", "message", "request_id"]
    assert reply.json["context_info"]["errors"][0]["message"].endswith("'user' with value '999' not found")


def test_app_user_of_another_app_is_not_found(admin):
    """Box guide, Find app user: look-ups by another app return nothing."""
    assert admin("GET", "/2.0/users/402").status == 404


def test_created_managed_user_has_what_was_sent(service):
    reply = create(
        service,
        name="Nia New",
        login="nia@acme.example",
        role="coadmin",
        language="de",
        timezone="Europe/Berlin",
        space_amount=-1,
        tracking_codes=[{"type": "tracking_code", "name": "Cost Center", "value": "7"}],
    )

    fields = "login,role,language,timezone,space_amount,tracking_codes,is_platform_access_only"
    user = service("GET", f"/2.0/users/{reply.json['id']}?fields={fields}").json
    assert reply.status == 201
    assert user.pop("id").isdigit()
    assert user == {
        "type": "user",
        "login": "nia@acme.example",
        "role": "coadmin",
        "language": "de",
        "timezone": "Europe/Berlin",
        "space_amount": -1,
        "tracking_codes": [{"type": "tracking_code", "name": "Cost Center", "value": "7"}],
        "is_platform_access_only": False,
    }


def test_created_app_user_has_the_documented_defaults(service):
    """Box, "first app user" tutorial: login, language, zone and sizes of a fresh app user."""
    user = create(service, name="Client Nine", is_platform_access_only=True).json

    assert user["login"].startswith("AppUser_")
    assert user["login"].endswith("@boxdevedition.com")
    assert (user["language"], user["timezone"]) == ("en", "America/Los_Angeles")
    assert (user["space_amount"], user["max_upload_size"]) == (5368709120, 16106127360)


def test_without_the_flag_a_login_makes_a_managed_user(service):
    """Box guide, User types: a dropped `is_platform_access_only` burns a seat."""
    made = create(service, name="Oops", login="oops@acme.example", external_app_user_id="client-9").json

    user = service("GET", f"/2.0/users/{made['id']}?fields=is_platform_access_only,external_app_user_id").json
    assert user["is_platform_access_only"] is False


def test_create_answers_only_the_fields_named(service):
    reply = service("POST", "/2.0/users?fields=role", {"name": "N", "login": "n@acme.example"})

    assert list(reply.json) == ["type", "id", "role"]


@pytest.mark.parametrize(
    "login",
    [
        "mia@acme.example",
        "MIA@Acme.Example",
        "al@acme.example",
        "guest@partner.example",
        "private@mail.example",
        "rival@rival.example",
    ],
)
def test_login_taken_anywhere_in_box_is_a_409(service, login):
    """Box guide, Common errors; github.com/box/box-windows-sdk-v2, issue 491."""
    reply = create(service, name="Twice", login=login)

    assert (reply.status, reply.json["code"]) == (409, "user_login_already_used")
    assert reply.json["message"] == "User with the specified login already exists"
    assert "context_info" not in reply.json


def test_external_id_taken_is_a_409_that_names_the_holder(service):
    """Box forum, thread 360049154754."""
    reply = create(service, name="Twice", is_platform_access_only=True, external_app_user_id="client-1")

    assert reply.status == 409
    assert reply.json["message"] == "An app user already exists for this external_app_user_id"
    assert reply.json["context_info"]["conflicts"][0]["id"] == "400"


def test_external_id_is_unique_per_app_only(start, small_seed, connect):
    """API reference, POST /users, `external_app_user_id`."""
    small_seed["users"].append(
        {"name": "F", "kind": "app", "external_app_user_id": "theirs", "created_by_other_app": True}
    )
    caller = connect(start(seed=small_seed))

    assert create(caller, name="C", is_platform_access_only=True, external_app_user_id="theirs").status == 201


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"login": "x@acme.example"}, "name"),
        ({"name": "X"}, "login"),  # github.com/cburnette/boxr, issue 65
        ({"name": "", "login": "x@acme.example"}, "name"),
        ({"name": 7, "login": "x@acme.example"}, "name"),
        ({"name": "n" * 51, "login": "x@acme.example"}, "name"),
        ({"name": "X", "login": "no address"}, "login"),
        ({"name": "X", "login": "x@acme.example", "job_title": "j" * 101}, "job_title"),
        ({"name": "X", "login": "x@acme.example", "phone": "1" * 101}, "phone"),
        ({"name": "X", "login": "x@acme.example", "address": "a" * 256}, "address"),
        ({"name": "X", "login": "x@acme.example", "role": "admin"}, "role"),
        ({"name": "X", "login": "x@acme.example", "status": "pending"}, "status"),
        ({"name": "X", "login": "x@acme.example", "language": "de-AT"}, "language"),
        ({"name": "X", "login": "x@acme.example", "timezone": "Mars/Olympus"}, "timezone"),
        ({"name": "X", "login": "x@acme.example", "space_amount": -2}, "space_amount"),
        ({"name": "X", "login": "x@acme.example", "space_amount": "10 GB"}, "space_amount"),
        ({"name": "X", "login": "x@acme.example", "is_sync_enabled": "yes"}, "is_sync_enabled"),
        ({"name": "X", "login": "x@acme.example", "tracking_codes": [{"name": "only"}]}, "tracking_codes"),
        ({"name": "X", "is_platform_access_only": "true"}, "is_platform_access_only"),
    ],
)
def test_body_outside_the_documented_limits_is_a_400_that_names_the_field(service, small, body, named):
    """Limits and values: API reference, POST /users. The shape of the refusal: box-python-sdk, issue 880."""
    before = small.enterprise.changes

    reply = create(service, **body)

    assert reply.status == 400
    assert reply.json["context_info"]["errors"][0]["name"] == named
    assert small.enterprise.changes == before


def test_body_at_the_documented_limits_is_accepted(service):
    body = {"name": "n" * 50, "job_title": "j" * 100, "phone": "1" * 100, "address": "a" * 255}

    assert create(service, login="long@acme.example", **body).status == 201


@pytest.mark.parametrize("content", [b"{", b"[]", b"", b'"text"'])
def test_body_that_is_no_object_is_a_400(small, content):
    import requests

    headers = {"Authorization": f"Bearer {small.announcement['developer_token']}"}
    with requests.post(f"{small.url}/2.0/users", data=content, headers=headers) as reply:
        assert (reply.status_code, reply.json()["code"]) == (400, "bad_request")


def test_timestamps_are_whole_seconds_with_an_offset(admin):
    """Box guide, Types and formats."""
    assert admin("GET", "/2.0/users/300").json["created_at"][-6:] in ("-08:00", "-07:00")
