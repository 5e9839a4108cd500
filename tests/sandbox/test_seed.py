"""Seed files: what they may say, and what is wrong with those that cannot be read."""

from __future__ import annotations

import json

import pytest

from provision.sandbox import Options, SandboxError, serve


def test_everything_a_user_may_have_arrives(start, small_seed, connect):
    given = {
        "name": "Full Example",
        "login": "full@acme.example",
        "kind": "managed",
        "role": "coadmin",
        "status": "cannot_delete_edit",
        "language": "de",
        "timezone": "Europe/Berlin",
        "job_title": "Head",
        "phone": "1",
        "address": "Example Street 1",
        "space_amount": -1,
        "tracking_codes": {"Cost Center": "7"},
        "notification_email": "full@mail.example",
        "owns_content": True,
        "created_by_other_app": False,
        "is_exempt_from_device_limits": True,
    }
    small_seed["users"].append({**given, "id": "900"})
    fields = ",".join(given.keys() - {"kind", "owns_content", "created_by_other_app"})

    user = connect(start(seed=small_seed))("GET", f"/2.0/users/900?fields={fields}").json

    assert user.pop("tracking_codes") == [{"type": "tracking_code", "name": "Cost Center", "value": "7"}]
    assert user.pop("notification_email") == {"email": "full@mail.example", "is_confirmed": True}
    assert user == {
        "type": "user",
        "id": "900",
        **{name: given[name] for name in user if name not in ("type", "id")},
    }
    assert len(user) == 13


def test_tracking_codes_can_be_a_list(start, small_seed, connect):
    small_seed["users"].append(
        {"name": "T", "login": "t@acme.example", "id": "900", "tracking_codes": [{"name": "A", "value": "1"}]}
    )

    user = connect(start(seed=small_seed))("GET", "/2.0/users/900?fields=tracking_codes").json

    assert user["tracking_codes"] == [{"type": "tracking_code", "name": "A", "value": "1"}]


def test_only_configured_tracking_codes_are_accepted(start, small_seed, connect):
    """API reference, POST /users: the codes have to be set up in the Admin Console first."""
    small_seed["enterprise"]["tracking_codes"] = ["Cost Center"]
    caller = connect(start(seed=small_seed))

    def put(name):
        return caller("PUT", "/2.0/users/300", {"tracking_codes": [{"name": name, "value": "7"}]}).status

    assert (put("Cost Center"), put("Shoe Size")) == (200, 400)


def test_what_the_admin_has_set_is_told_to_who_may_see_it(start, small_seed, connect):
    small_seed["enterprise"] |= {"tracking_codes": ["Team"], "settings": {"is_enterprise_sso_required": True}}
    call = connect(start(seed=small_seed))
    path = f"/2.0/enterprise_configurations/{small_seed['enterprise']['id']}?categories=user_settings,shield"

    told = call("GET", path, box_version="2025.0")

    assert (told.status, told.json["shield"]) == (200, {})
    users = told.json["user_settings"]
    assert users["is_enterprise_sso_required"] == {"is_used": True, "value": True}
    assert users["is_enterprise_sso_in_testing"] == {"is_used": True, "value": False}
    assert users["user_tracking_codes"] == {"is_used": True, "value": [{"id": 1, "name": "Team"}]}
    assert call("GET", path).status == 400
    assert call("GET", f"{path},other", box_version="2025.0").status == 400
    assert (
        call("GET", path.replace("configurations/", "configurations/9"), box_version="2025.0").status == 404
    )


def test_user_with_an_external_id_and_no_login_is_an_app_user(start, small_seed):
    small_seed["users"].append({"name": "C", "external_app_user_id": "c-9"})

    account = start(seed=small_seed).enterprise.accounts.with_external_id("c-9")

    assert account.kind == "app"
    assert account.login.startswith("AppUser_")


@pytest.mark.parametrize(
    ("replaced", "told"),
    [
        ({"users": [{"name": "X", "login": "x@acme.example", "jobtitle": "J"}]}, "jobtitle"),
        ({"users": [{"login": "x@acme.example"}]}, "name"),
        ({"users": [{"name": "X", "login": "x@acme.example", "status": "gone"}]}, "gone"),
        ({"users": [{"name": "X", "login": "x@acme.example", "id": "abc"}]}, "id"),
        ({"users": [{"name": "X", "login": "ADA@acme.example"}]}, "two accounts have the login"),
        ({"users": [{"name": "X", "login": "x@acme.example", "role": "admin"}]}, "one admin"),
        ({"users": [{"name": "X"}]}, "without a login"),
        ({"elsewhere": [{"login": "ada@acme.example", "what": "personal"}]}, "two accounts have the login"),
        ({"elsewhere": [{"login": "x@mail.example", "what": "alien"}]}, "alien"),
        ({"people": []}, "people"),
        ({"choices": {"page_size": 7}}, "page_size"),
        ({"choices": {"default_limit": "7"}}, "default_limit"),
        ({"admin": None}, "admin"),
    ],
)
def test_seed_that_is_wrong_says_where(tmp_path, small_seed, replaced, told):
    path = tmp_path / "seed.json"
    path.write_text(json.dumps({**small_seed, **replaced}))

    with pytest.raises(SandboxError, match=r"(?s)usual cause: .*do: ") as caught:
        serve(Options(seed_file=path))

    assert told in str(caught.value)
    assert str(caught.value).count("\n") == 2


def test_two_external_ids_that_differ_in_case_are_two(start, small_seed):
    """External ids are compared exactly; logins are not."""
    small_seed["users"] += [
        {"name": "a", "external_app_user_id": "x"},
        {"name": "b", "external_app_user_id": "X"},
    ]

    accounts = start(seed=small_seed).enterprise.accounts

    assert accounts.with_external_id("x") != accounts.with_external_id("X")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"7"])
def test_seed_that_is_no_seed_is_explained(tmp_path, content):
    path = tmp_path / "seed.json"
    path.write_bytes(content)

    with pytest.raises(SandboxError, match="is not a seed"):
        serve(Options(seed_file=path))
