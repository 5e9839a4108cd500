"""Token exchange: a token that may do less, on one item if wanted (Box guide, Downscope a token)."""

from __future__ import annotations

import pytest

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
KIND = "urn:ietf:params:oauth:token-type:access_token"
API = "https://api.box.com/2.0"


@pytest.fixture
def narrow(small, connect):
    """Exchanges the admin's token, without the client's secret unless it is given."""

    def go(scope, token="", **more):
        held = token or small.announcement["developer_token"]
        form = {"subject_token": held, "subject_token_type": KIND, "scope": scope, **more}
        return connect(small, None).form("/oauth2/token", grant_type=EXCHANGE, **form)

    return go


@pytest.fixture
def narrowed(narrow, small, connect):
    """A connection with such a token."""
    return lambda *args, **more: connect(small, narrow(*args, **more).json["access_token"])


def test_item_scopes_say_what_may_be_done_with_the_one_item(admin, narrow, small, connect):
    file, other = (admin.upload(name, b"abc").json["entries"][0]["id"] for name in ("a", "b"))
    reply = narrow("item_rename item_preview", resource=f"{API}/files/{file}")
    low = connect(small, reply.json["access_token"])

    assert [(one["scope"], one["object"]["id"]) for one in reply.json["restricted_to"]] == [
        ("item_rename", file),
        ("item_preview", file),
    ]
    assert low("PUT", f"/2.0/files/{file}", {"name": "c"}).status == 200
    assert low("GET", f"/2.0/files/{file}").json["name"] == "c"
    refused = [
        low("DELETE", f"/2.0/files/{file}"),
        low("GET", f"/2.0/files/{file}/content"),
        low("PUT", f"/2.0/files/{other}", {"name": "d"}),
        low("GET", "/2.0/folders/0/items"),
        low("GET", "/2.0/users"),
    ]
    assert {reply.status for reply in refused} == {403}
    assert "insufficient_scope" in refused[0].header("www-authenticate")


def test_token_for_a_folder_is_for_all_below_it(admin, narrowed):
    folder = admin("POST", "/2.0/folders", {"name": "F", "parent": {"id": "0"}}).json["id"]
    low = narrowed("item_upload item_preview", resource=f"{API}/folders/{folder}")
    file = low.upload("a", b"abc", parent=folder)

    assert file.status == 201
    assert low("GET", f"/2.0/files/{file.json['entries'][0]['id']}").status == 200
    assert low.upload("a", b"abc").status == 403


def test_read_only_token_takes_no_upload(admin, narrowed):
    low = narrowed("root_readonly")

    assert (low("GET", "/2.0/folders/0").status, low.upload("a", b"abc").status) == (200, 403)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": "bogus_scope"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "root_readonly", "client_id": "x", "client_secret": "x"}, "invalid_client"),
        ({"scope": "root_readonly", "token": "nobody"}, "invalid_grant"),
        ({"scope": "root_readonly", "subject_token_type": "other"}, "invalid_request"),
        ({"scope": "root_readonly", "resource": f"{API}/files/999"}, "invalid_resource"),
        ({"scope": "root_readonly", "resource": f"{API}/users/300"}, "invalid_resource"),
    ],
)
def test_exchange_that_is_wrong_is_refused(narrow, form, error):
    reply = narrow(**form)

    assert (reply.status, reply.json["error"]) == (400, error)


def test_token_cannot_be_widened_nor_outlast_the_one_it_came_from(
    narrow, service, clock, small, connect, sign_in
):
    clock.move(1000)
    held = sign_in(small)
    clock.move(600)
    low = narrow("root_readonly", token=held).json

    assert low["expires_in"] == 3000
    assert narrow("root_readwrite", token=low["access_token"]).json["error"] == "invalid_scope"
    assert narrow("item_preview", token=low["access_token"]).status == 200
