"""Each switch of what is undocumented or disputed does what it says, and each has a line here."""

from __future__ import annotations

from dataclasses import fields

import pytest

from provision.sandbox.choices import Choices

SERVICE = "27999000000"
MANAGED = {"name": "N", "login": "n@acme.example"}
APP = {"name": "N", "is_platform_access_only": True}


def status(caller, method, path, body=None):
    return caller(method, path, body).status


def code(caller, method, path, body=None):
    return caller(method, path, body).json["code"]


def attribute(name):
    return lambda caller, *request: caller(*request).json[name]


def entries(caller, *request):
    found = caller(*request).json["entries"]
    return found and len(found)


def honoured(caller, *request):
    return caller(*request).json["login"] == request[2]["login"]


def first_name(caller, *request):
    return caller(*request).json["entries"][0]["name"]


def keys(caller, *request):
    return len(caller(*request).json)


# choice, another value than the default, how to look, where, and what is seen by default and with that value
PROBES = [
    (
        "sessions_by_one_key",
        "refused",
        status,
        ("POST", "/2.0/users/terminate_sessions", {"user_ids": ["300"]}),
        202,
        400,
    ),
    ("default_limit", 3, attribute("limit"), ("GET", "/2.0/users"), 100, 3),
    (
        "default_user_type",
        "all",
        entries,
        ("GET", "/2.0/users?filter_term=guest%40partner.example"),
        [],
        1,
    ),
    ("listing_order", "id", first_name, ("GET", "/2.0/users?filter_term=C"), "Client One", "Cora Coadmin"),
    ("max_offset", 9999, status, ("GET", "/2.0/users?offset=10000"), 200, 400),
    ("offset_refusal_code", "oops", code, ("GET", "/2.0/users?offset=10001"), "bad_request", "oops"),
    ("last_marker", "empty", attribute("next_marker"), ("GET", "/2.0/users?usemarker=true"), None, ""),
    (
        "external_id_with_marker_is_null",
        True,
        entries,
        ("GET", "/2.0/users?usemarker=true&external_app_user_id=client-1"),
        1,
        None,
    ),
    ("fields_base", "mini", keys, ("GET", "/2.0/users/300?fields=role"), 3, 5),
    ("login_of_app_user", "honoured", honoured, ("POST", "/2.0/users", {**APP, **MANAGED}), False, True),
    ("extra_app_user_attributes", "refused", status, ("PUT", "/2.0/users/400", {"role": "user"}), 200, 400),
    (
        "external_id_on_managed",
        "refused",
        status,
        ("POST", "/2.0/users", {**MANAGED, "external_app_user_id": "new"}),
        201,
        400,
    ),
    (
        "alias_refusal_code",
        "oops",
        code,
        ("POST", "/2.0/users/300/email_aliases", {"email": "mia@elsewhere.example"}),
        "bad_request",
        "oops",
    ),
    (
        "most_aliases",
        0,
        status,
        ("POST", "/2.0/users/300/email_aliases", {"email": "mimi@acme.example"}),
        201,
        400,
    ),
    ("over_long_text", "cut", status, ("PUT", "/2.0/users/300", {"name": "n" * 51}), 400, 200),
    (
        "unknown_tracking_code",
        "accepted",
        status,
        ("PUT", "/2.0/users/300", {"tracking_codes": [{"name": "Odd", "value": "1"}]}),
        400,
        200,
    ),
    ("unlimited_space", "refused", status, ("PUT", "/2.0/users/300", {"space_amount": -1}), 200, 400),
    ("new_managed_status", "inactive", attribute("status"), ("POST", "/2.0/users", MANAGED), "active", "inactive"),
    ("hidden_attributes", ("role",), keys, ("GET", "/2.0/users/300?fields=role"), 3, 2),
    (
        "unset_notification_email",
        "empty_list",
        attribute("notification_email"),
        ("GET", "/2.0/users/300"),
        None,
        [],
    ),
    ("login_change", "any", status, ("PUT", "/2.0/users/300", {"login": "m@acme.example"}), 400, 200),
    (
        "login_change_refusal_code",
        "oops",
        code,
        ("PUT", "/2.0/users/300", {"login": "m@acme.example"}),
        "bad_request",
        "oops",
    ),
    (
        "external_id_taken",
        "accepted",
        status,
        ("POST", "/2.0/users", {**APP, "external_app_user_id": "client-1"}),
        409,
        201,
    ),
    (
        "external_id_conflict_code",
        "oops",
        code,
        ("POST", "/2.0/users", {**APP, "external_app_user_id": "client-1"}),
        "conflict",
        "oops",
    ),
    ("owned_content_status", 409, status, ("DELETE", "/2.0/users/301"), 403, 409),
    ("owned_content_code", "oops", code, ("DELETE", "/2.0/users/301"), "forbidden", "oops"),
    ("protected_account_status", 400, status, ("DELETE", f"/2.0/users/{SERVICE}"), 403, 400),
    (
        "protected_account_code",
        "oops",
        code,
        ("DELETE", f"/2.0/users/{SERVICE}"),
        "access_denied_insufficient_permissions",
        "oops",
    ),
    *(
        (choice, other, look, ("PUT", f"/2.0/users/{source}/folders/0", {"owned_by": {"id": to}}), default, then)
        for choice, other, look, source, to, default, then in (
            ("transfer_folder_name", "name", attribute("name"), "301", "300",
             "otto@acme.example - Otto Owner's Files and Folders", "Otto Owner's Files and Folders"),
            ("transfer_to_unknown_status", 400, status, "301", "999", 404, 400),
            ("transfer_to_self_status", 403, status, "301", "301", 400, 403),
        )
    ),
    (
        "unknown_session_user",
        202,
        status,
        ("POST", "/2.0/users/terminate_sessions", {"user_ids": ["999"], "user_logins": []}),
        404,
        202,
    ),
    ("service_account_role", "coadmin", attribute("role"), ("GET", f"/2.0/users/{SERVICE}?fields=role"), "user", "coadmin"),
    (
        "service_account_platform_only",
        False,
        attribute("is_platform_access_only"),
        ("GET", f"/2.0/users/{SERVICE}?fields=is_platform_access_only"),
        True,
        False,
    ),
]  # fmt: skip
# Those that need more than one look have a test of their own, here or where they belong.
ELSEWHERE = {
    # test_groups.py
    "membership_conflict_code",
    "group_conflict_code",
    "app_users_in_groups",
    "all_users_group_refusal",
    # tests/cli/test_coadmins.py
    "coadmin_edits_coadmin",
    # test_attribute_that_is_hidden_is_absent_or_null
    "hidden_as",
    "listing_delay",
    "login_freed_after",
    "unconfirmed_users_refuse_as_user",
    # tests/sandbox/test_files.py
    "storage_full_status",
    # tests/sandbox/test_tokens.py
    "revoke_answer",
    # tests/sandbox/test_parts.py
    "chunked_from",
    "upload_part_size",
    "commits_answered_later",
    # tests/sandbox/test_events.py
    "admin_logs_delay",
    "streaming_repeats",
    # tests/sandbox/test_collaborations.py, test_invites.py
    "collaboration_twice_status",
    "invites_accepted_after",
    "invite_of_other_enterprise_status",
    "as_user_is_charged_to",
    "refused_calls_count",
    "rolled_out_status",
    "coadmin_deletes_coadmin",
    "rate_limit_message",
    "permission_dash",
    # tests/sandbox/test_transfer.py
    "retention_refuses_unforced",
    "transfer_seconds",
    "transfer_looks",
    "repeated_transfer",
    "inactive_refused_as",
    "locked_user_status",
    "locked_user_code",
    "privileged_transfer_code",
    "folder_locked_meanwhile",
}


@pytest.mark.parametrize("probe", PROBES, ids=[probe[0] for probe in PROBES])
def test_switch_changes_the_answer(small_seed, start, connect, probe):
    choice, other, look, request, by_default, switched = probe
    small_seed["enterprise"]["tracking_codes"] = ["Cost Center"]
    plain, changed = start(seed=small_seed), start(seed=small_seed, choices={choice: other})

    assert look(connect(plain), *request) == by_default
    assert look(connect(changed), *request) == switched


def test_attribute_that_is_hidden_is_absent_or_null(small_seed, start, connect):
    hidden = {"hidden_attributes": ["job_title"], "hidden_as": "null"}

    assert (
        "job_title"
        not in connect(start(seed=small_seed, choices={**hidden, "hidden_as": "absent"}))(
            "GET", "/2.0/users/300"
        ).json
    )
    assert connect(start(seed=small_seed, choices=hidden))("GET", "/2.0/users/300").json["job_title"] is None


def test_every_switch_is_tried():
    assert {probe[0] for probe in PROBES} | ELSEWHERE == {field.name for field in fields(Choices)}


@pytest.mark.parametrize(("choice", "read", "write"), [(200, 200, 404), (404, 404, 404), (403, 403, 403)])
def test_user_who_left_is_shown_not_found_or_denied(seeded, connect, choice, read, write):
    caller = connect(seeded(choices={"rolled_out_status": choice}))
    caller("PUT", "/2.0/users/300", {"enterprise": None})

    assert caller("GET", "/2.0/users/300").status == read
    assert caller("PUT", "/2.0/users/300", {"enterprise": None}).status == write


def test_co_admins_can_be_let_to_delete_each_other(seeded, connect, sign_in):
    server = seeded(choices={"coadmin_deletes_coadmin": True})

    assert connect(server, sign_in(server, "200"))("DELETE", "/2.0/users/201").status == 204


def test_words_of_two_refusals_can_be_the_documented_ones(seeded, connect, sign_in):
    words = {"permission_dash": "–", "rate_limit_message": "Request rate limit exceeded, try again later."}
    server = seeded(choices=words, rate_limit=(1, 60))
    caller = connect(server, sign_in(server, "300"))

    denied, limited = (caller("GET", "/2.0/users").json["message"] for _ in range(2))

    assert denied == "Access denied – insufficient permission"
    assert limited == "Request rate limit exceeded, try again later."


def test_switch_of_the_owner_is_refused_with_the_dash_of_other_refusals(seeded, connect, sign_in):
    server = seeded(choices={"permission_dash": "–"})
    mia, otto = (connect(server, sign_in(server, one)) for one in ("300", "301"))
    folder = mia("POST", "/2.0/folders", {"name": "F", "parent": {"id": "0"}}).json["id"]
    editor = {"accessible_by": {"type": "user", "id": "301"}, "role": "editor"}
    mia("POST", "/2.0/collaborations", {"item": {"type": "folder", "id": folder}, **editor})
    refused = otto("PUT", f"/2.0/folders/{folder}", {"can_non_owners_invite": False})

    assert (refused.status, refused.json["message"]) == (403, "Access denied – insufficient permission")


def test_app_users_with_one_external_id_are_all_found_and_go_one_by_one(seeded, connect):
    caller = connect(seeded(choices={"external_id_taken": "accepted"}))
    made = [
        caller("POST", "/2.0/users", {**APP, "external_app_user_id": "twin"}).json["id"] for _ in range(3)
    ]

    def found():
        return [one["id"] for one in caller("GET", "/2.0/users?external_app_user_id=twin").json["entries"]]

    assert found() == made
    for gone in (made[0], made[2], made[1]):
        caller("DELETE", f"/2.0/users/{gone}")
        made.remove(gone)
        assert found() == made
