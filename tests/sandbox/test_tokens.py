"""The token endpoint: three grants, every refusal, and tokens that end."""

from __future__ import annotations

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://api.box.com/oauth2/token"


def redeem(caller, server, assertion):
    return caller.form(
        "/oauth2/token",
        grant_type=JWT_BEARER,
        client_id=server.announcement["client_id"],
        client_secret=server.announcement["client_secret"],
        assertion=assertion,
    )


def by_credentials(caller, server, kind, subject, **replaced):
    told = server.announcement
    form = {"client_id": told["client_id"], "client_secret": told["client_secret"], **replaced}
    return caller.form(
        "/oauth2/token",
        grant_type="client_credentials",
        box_subject_type=kind,
        box_subject_id=subject,
        **form,
    )


def test_token_answer_has_boxs_keys(small, connect):
    """Box guide, Client credentials; API reference, AccessToken."""
    reply = by_credentials(connect(small, None), small, "enterprise", "27335")

    assert reply.status == 200
    assert list(reply.json) == ["access_token", "expires_in", "restricted_to", "token_type"]
    assert (reply.json["expires_in"], reply.json["token_type"]) == (3600, "bearer")
    assert reply.header("cache-control") == "no-store"


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
def test_signed_assertion_gives_the_service_account(small, connect, algorithm, signed):
    reply = redeem(connect(small, None), small, signed(small, algorithm=algorithm))

    me = connect(small, reply.json["access_token"])("GET", "/2.0/users/me").json
    assert me["login"].startswith("AutomationUser_")


def test_signed_assertion_for_a_user_gives_that_user(small, connect, signed):
    reply = redeem(connect(small, None), small, signed(small, sub="300", box_sub_type="user"))

    assert connect(small, reply.json["access_token"])("GET", "/2.0/users/me").json["id"] == "300"


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"aud": "http://127.0.0.1/oauth2/token"}, "'aud'"),
        ({"iss": "somebody"}, "'iss'"),
        ({"sub": "999"}, "Please check the 'sub' claim. The 'sub' specified is invalid."),
        ({"sub": None}, "'sub'"),
        ({"box_sub_type": "admin"}, "'sub'"),
        ({"jti": "short"}, "'jti'"),
        ({"jti": "j" * 129}, "'jti'"),
        ({"jti": None}, "'jti'"),
        ({"exp": None}, "'exp'"),
        (
            {"exp": 1_000_000_000},
            "Current date/time MUST be before the expiration date/time listed in the 'exp'",
        ),
        (
            {"exp": 9_000_000_000},
            "The 'exp' value exceeds the maximum value of 60 seconds beyond the issue time.",
        ),
    ],
)
def test_claim_that_does_not_hold_is_named(small, connect, claims, told, signed):
    """Wordings: Box forum and guide, Common errors."""
    reply = redeem(connect(small, None), small, signed(small, **claims))

    assert (reply.status, reply.json["error"]) == (400, "invalid_grant")
    assert list(reply.json) == ["error", "error_description"]
    assert told in reply.json["error_description"]


@pytest.mark.parametrize(("ahead", "status"), [(1, 200), (60, 200), (61, 400), (0, 400), (-5, 400)])
def test_expiry_is_at_most_sixty_seconds_ahead(small, connect, signed, ahead, status):
    """Box guide, JWT without SDK."""
    now = small.service.world.clock.now()

    assert redeem(connect(small, None), small, signed(small, exp=now + ahead)).status == status


def test_assertion_works_once(small, connect, signed):
    """github.com/box/box-java-sdk, issue 475."""
    assertion = signed(small)
    redeem(connect(small, None), small, assertion)

    reply = redeem(connect(small, None), small, assertion)

    assert reply.status == 400
    assert (
        reply.json["error_description"] == "Please check the 'jti' claim. A unique 'jti' value is required."
    )


def test_assertion_signed_with_another_key_is_refused(small, connect, signed):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    assert redeem(connect(small, None), small, signed(small, key=other)).json["error"] == "invalid_grant"


def test_assertion_with_an_unknown_key_id_is_refused(small, connect, signed):
    assert redeem(connect(small, None), small, signed(small, kid="other")).status == 400


def test_assertion_signed_with_the_public_key_as_a_secret_is_refused(small, connect, clock):
    """The classic confusion of algorithms: HS256 with what everybody knows."""
    claims = {"iss": small.announcement["client_id"], "sub": "27335", "aud": AUDIENCE, "jti": "j" * 20}
    forged = jwt.encode({**claims, "exp": clock.now() + 9}, "k" * 32, "HS256", headers={"kid": "x"})

    assert redeem(connect(small, None), small, forged).status == 400


@pytest.mark.parametrize("assertion", ["", "x.y.z", "not a token"])
def test_assertion_that_is_none_is_refused(small, connect, assertion):
    assert redeem(connect(small, None), small, assertion).json["error"] == "invalid_grant"


def test_wrong_secret_is_invalid_client(small, connect):
    reply = by_credentials(connect(small, None), small, "enterprise", "27335", client_secret="wrong")

    assert (reply.status, reply.json["error"]) == (400, "invalid_client")
    assert reply.json["error_description"] == "The client credentials are invalid"


@pytest.mark.parametrize(
    ("kind", "subject", "error"),
    [
        ("enterprise", "1", "invalid_grant"),
        ("user", "999", "invalid_grant"),
        ("user", "402", "invalid_grant"),  # an app user of another app
        ("admin", "100", "unauthorized_client"),
        ("user", "27999000000", "invalid_request"),  # Box help centre, article 360044192553
    ],
)
def test_subject_that_cannot_be_had_is_refused(small, connect, kind, subject, error):
    reply = by_credentials(connect(small, None), small, kind, subject)

    assert (reply.status, reply.json["error"]) == (400, error)


@pytest.mark.parametrize(
    ("granted", "subject", "error"),
    [
        ({"authorized": False}, ("enterprise", "27335"), "invalid_grant"),
        ({"user_tokens": False}, ("user", "300"), "invalid_request"),
        ({"access": "app"}, ("user", "300"), "invalid_request"),
    ],
)
def test_what_the_admin_did_not_grant_is_refused(seeded, connect, granted, subject, error):
    """Box guide, Client credentials, common errors; help centre, article 360044192553."""
    server = seeded(app=granted)

    assert by_credentials(connect(server, None), server, *subject).json["error"] == error


def test_app_without_authorization_is_told_so_by_jwt(seeded, connect, signed):
    server = seeded(app={"authorized": False})

    reply = redeem(connect(server, None), server, signed(server))

    assert reply.json["error"] == "unauthorized_client"
    assert reply.json["error_description"] == "This app is not authorized by the enterprise admin"


def test_app_access_alone_is_enough_for_an_app_user(seeded, connect):
    server = seeded(app={"access": "app"})

    assert by_credentials(connect(server, None), server, "user", "400").status == 200


def test_token_ends_after_its_lifetime(seeded, connect, sign_in, clock):
    server = seeded(token_lifetime=90)
    caller = connect(server, sign_in(server))

    clock.move(89)
    before = caller("GET", "/2.0/users/me").status
    clock.move(1)

    assert (before, caller("GET", "/2.0/users/me").status) == (200, 401)


def test_revoked_token_is_void(small, connect, sign_in):
    """API reference, POST /oauth2/revoke: 200 without a body."""
    token, told = sign_in(small), small.announcement

    reply = connect(small, None).form(
        "/oauth2/revoke", client_id=told["client_id"], client_secret=told["client_secret"], token=token
    )

    assert (reply.status, reply.body) == (200, b"")
    assert connect(small, token)("GET", "/2.0/users/me").status == 401


def test_refresh_token_works_once_and_gives_the_next(small, connect, clock):
    """Box guide, Refresh a token: single use."""
    told = small.announcement
    given = small.service.world.tokens.issue_refresh("300", clock.now()).value
    client = {"client_id": told["client_id"], "client_secret": told["client_secret"]}
    form = {"grant_type": "refresh_token", **client, "refresh_token": given}

    first = connect(small, None).form("/oauth2/token", **form)
    second = connect(small, None).form("/oauth2/token", **form)

    assert connect(small, first.json["access_token"])("GET", "/2.0/users/me").json["id"] == "300"
    assert first.json["refresh_token"] != given
    assert (second.status, second.json["error_description"]) == (400, "Invalid refresh token")


def test_refresh_token_is_no_access_token(small, connect, clock):
    given = small.service.world.tokens.issue_refresh("300", clock.now()).value

    assert connect(small, given)("GET", "/2.0/users/me").status == 401


def test_downscoped_token_has_fewer_rights(small, connect, sign_in):
    """API reference, POST /oauth2/token, token exchange."""
    told = small.announcement
    reply = connect(small, None).form(
        "/oauth2/token",
        grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
        client_id=told["client_id"],
        client_secret=told["client_secret"],
        subject_token=sign_in(small),
        subject_token_type="urn:ietf:params:oauth:token-type:access_token",
        scope="item_preview",
    )

    assert connect(small, reply.json["access_token"])("GET", "/2.0/users").status == 403


def test_json_body_is_refused(small, connect):
    reply = connect(small, None)(
        "POST", "/oauth2/token", {"grant_type": JWT_BEARER}, Content_Type="application/json"
    )

    assert reply.status == 400


def test_unknown_grant_is_refused(small, connect):
    assert connect(small, None).form("/oauth2/token", grant_type="password").status == 400


@pytest.mark.parametrize(("choice", "body"), [("empty", b""), ("object", b"{}")])
def test_answer_to_a_revocation_is_as_chosen(seeded, connect, choice, body):
    server = seeded(choices={"revoke_answer": choice})
    told = server.announcement
    client = {"client_id": told["client_id"], "client_secret": told["client_secret"]}

    assert connect(server, None).form("/oauth2/revoke", token="x", **client).body == body
