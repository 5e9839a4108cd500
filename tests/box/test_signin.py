"""Signing in against the sandbox, which checks signatures, assertions and secrets for real."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from provision.errors import JobError, ProvisionError, SignInRefused
from provision.job.settings import BoxSettings
from tests.live import SEED, BoxTime, Canned, Serve, Start

TOKEN = "/oauth2/token"


@pytest.mark.parametrize(("method", "who"), [("jwt", ""), ("ccg", ""), ("token", "100")])
def test_every_way_of_signing_in_says_who_we_are(start: Start, method: str, who: str) -> None:
    live = start()

    me = live.connect(method).me

    assert me.enterprise_id == "27335"
    assert me.box_id == (who or live.server.enterprise.facts.service_account_id)


def test_a_token_pasted_with_a_line_break_is_taken(start: Start) -> None:
    live = start()
    pasted = live.server.announcement["developer_token"] + "\n"

    assert live.connect(settings=live.settings("token", token=pasted)).me.box_id == "100"


@pytest.mark.parametrize(
    ("method", "changed", "sentence", "remedy"),
    [
        ("ccg", {"client_secret": "wrong"}, "invalid_client: The client credentials are invalid", "compare"),
        ("ccg", {"client_id": "wrong"}, "invalid_client: The client credentials are invalid", "compare"),
        ("ccg", {"enterprise_id": "99"}, "invalid_grant", "check the enterprise id"),
        (
            "token",
            {"token": "no-token-of-anybody"},
            "Box no longer accepts the developer token",
            "make a new",
        ),
    ],
)
def test_wrong_credentials_are_told_with_a_remedy(
    start: Start, method: str, changed: dict[str, str], sentence: str, remedy: str
) -> None:
    live = start()

    with pytest.raises(SignInRefused, match=sentence) as refused:
        live.connect(settings=live.settings(method, **changed))

    assert refused.value.exit_code == 7
    assert remedy in refused.value.remedy
    assert "wrong" not in str(refused.value).replace("a wrong", "")


@pytest.mark.parametrize(("method", "code"), [("jwt", "unauthorized_client"), ("ccg", "invalid_grant")])
def test_an_app_that_no_admin_authorised_is_told(start: Start, method: str, code: str) -> None:
    live = start(seed={**SEED, "app": {"authorized": False}})

    with pytest.raises(SignInRefused, match=code) as refused:
        live.connect(method)

    assert "authoris" in refused.value.cause


def test_an_app_without_the_scope_is_told(start: Start) -> None:
    live = start([{"match": {"path": "/2.0/users/me"}, "do": {"fault": "forbidden"}}])

    with pytest.raises(
        SignInRefused, match=r"does not accept this sign-in \(HTTP 403 access_denied"
    ) as refused:
        live.connect()

    assert "scope 'Manage users'" in refused.value.cause


@pytest.mark.parametrize("seconds", [600, -600, 45, -45])
def test_a_clock_that_is_off_signs_in_by_the_time_that_box_tells(
    start: Start, box_time: BoxTime, seconds: int
) -> None:
    live = start(token_lifetime=1000)
    box_time.move(seconds)

    connection = live.connect("jwt")
    assert abs(connection.skew + seconds) <= 5
    assert live.asked("POST", TOKEN) == 2
    box_time.move(990)
    connection.box.me()
    assert (
        live.asked("POST", TOKEN) == 4
    )  # the time the sandbox has passed meanwhile is no time of this machine


def test_a_clock_that_is_right_has_no_skew(start: Start) -> None:
    assert start().connect("jwt").skew == 0


def test_no_clock_is_told_where_box_does_not_tell_its_time(start: Start, canned: Serve) -> None:
    live = start()
    mute = canned(Canned(400, f'{{"error": "invalid_grant", "error_description": "{EXP}"}}'))
    settings = live.settings("jwt").model_copy(update={"base_url": mute.url})

    with pytest.raises(SignInRefused, match=r"\(Box did not tell its time\)"):
        live.connect(settings=settings)


def test_an_assertion_that_box_refuses_by_its_own_time_too_is_told_with_the_clock(
    start: Start, box_time: BoxTime
) -> None:
    live = start(
        [
            {
                "match": {"path": TOKEN},
                "do": {"fault": "sign_in_refused", "error": "invalid_grant", "detail": EXP},
            }
        ]
    )
    box_time.move(3600)

    with pytest.raises(SignInRefused, match=r"clock is \d+ s behind Box's") as refused:
        live.connect("jwt")
    assert "NTP" in refused.value.remedy
    assert live.asked("POST", TOKEN) == 2


EXP = "Please check the 'exp' claim."


@pytest.mark.parametrize(
    ("error", "detail", "cause"),
    [
        ("password_reset_required", "User needs to reset password", "has to set a new password"),
        ("invalid_grant", "password_reset_required", "has to set a new password"),
        (
            "invalid_request",
            "Cannot obtain user token based on the enterprise configuration for your app",
            "names a user",
        ),
        ("invalid_request", "Invalid grant_type parameter or parameter missing", "missing or empty"),
        (
            "unauthorized_client",
            'The "box_subject_type" value is unauthorized for this client_id',
            "whole enterprise",
        ),
        (
            "unauthorized_client",
            "The grant type is unauthorized for this client_id",
            "another way of signing in",
        ),
        ("unauthorized_client", "This app is not authorized by the enterprise", "not authorised by an admin"),
        ("invalid_grant", "OAuth JWT public key for the 'kid' specified does not correspond", "key pair"),
        ("invalid_grant", "Please check the 'sub' claim. The 'sub' specified is invalid.", "enterprise id"),
        ("invalid_grant", "Grant credentials are invalid", "a wrong enterprise id or secret"),
    ],
)
def test_each_refusal_of_the_token_endpoint_has_a_hint_of_its_own(
    start: Start, error: str, detail: str, cause: str
) -> None:
    rule = {"match": {"path": TOKEN}, "do": {"fault": "sign_in_refused", "error": error, "detail": detail}}

    with pytest.raises(SignInRefused, match=error) as refused:
        start([rule]).connect("ccg")
    assert cause in refused.value.cause
    assert refused.value.remedy


def _config(live: Any, tmp_path: Path, **changed: Any) -> Path:
    config = json.loads(Path(live.server.announcement["jwt_config"]).read_text())
    config["boxAppSettings"]["appAuth"] |= changed
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    return path


EC_KEY = (
    ec.generate_private_key(ec.SECP256R1())
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"good"))
    .decode()
)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"passphrase": "not this one"}, "the passphrase does not open it"),
        ({"passphrase": "päßwort"}, "the passphrase does not open it"),
        ({"passphrase": ""}, "it is encrypted, and boxAppSettings.appAuth.passphrase is missing"),
        ({"passphrase": None}, "it is encrypted, and boxAppSettings.appAuth.passphrase is missing"),
        ({"privateKey": "-----BEGIN ENCRYPTED PRIVATE KEY-----\ncut off"}, "the passphrase does not open it"),
        ({"privateKey": "-----BEGIN RSA PRIVATE KEY-----\ncut off"}, "it cannot be read"),
        ({"privateKey": "no key"}, "it is no key in PEM form"),
        ({"privateKey": EC_KEY, "passphrase": "good"}, "it is no RSA key"),
    ],
    ids=["wrong", "not ascii", "empty", "missing", "cut off", "plain, cut off", "no key", "no RSA key"],
)
def test_a_key_that_cannot_be_used_is_told_before_anything_is_sent(
    start: Start, tmp_path: Path, changed: dict[str, str | None], why: str
) -> None:
    live = start()
    path = _config(live, tmp_path, **changed)

    with pytest.raises(SignInRefused, match=f"The private key of the JWT config file cannot be used: {why}"):
        live.connect(settings=live.settings("jwt", config_file=str(path)))

    assert live.asked() == 0


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("passphrase", ["left over", "", None])
def test_a_key_without_a_passphrase_is_used_as_it_is(
    start: Start, tmp_path: Path, form: PrivateFormat, passphrase: str | None
) -> None:
    live = start()
    whole = json.loads(Path(live.server.announcement["jwt_config"]).read_text())["boxAppSettings"]["appAuth"]
    key = load_pem_private_key(whole["privateKey"].encode(), whole["passphrase"].encode())
    plain = key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
    path = _config(live, tmp_path, privateKey=plain, passphrase=passphrase)

    assert live.connect(settings=live.settings("jwt", config_file=str(path))).me.enterprise_id == "27335"


def test_a_key_of_another_app_is_refused_by_box(start: Start, tmp_path: Path) -> None:
    live = start()
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    locked = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"theirs"))
    path = _config(live, tmp_path, privateKey=locked.decode(), passphrase="theirs")

    with pytest.raises(SignInRefused, match="Box refused the sign-in: invalid_grant"):
        live.connect(settings=live.settings("jwt", config_file=str(path)))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"boxAppSettings": "x"}',
        '{"boxAppSettings": {"appAuth": null}}',
        '"text"',
        "\udcff",
    ],
)
def test_a_file_that_is_no_jwt_config_is_told(start: Start, tmp_path: Path, content: str) -> None:
    live = start()
    path = tmp_path / "other.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))

    with pytest.raises(JobError, match="is not a Box JWT config file") as refused:
        live.connect(settings=live.settings("jwt", config_file=str(path)))

    assert "Developer Console" in refused.value.remedy


@pytest.mark.parametrize("key", ["", None])
def test_a_config_without_a_key_is_told(start: Start, tmp_path: Path, key: str | None) -> None:
    live = start()
    path = _config(live, tmp_path, privateKey=key)

    with pytest.raises(JobError, match=r"lacks boxAppSettings\.appAuth\.privateKey\."):
        live.connect(settings=live.settings("jwt", config_file=str(path)))


@pytest.mark.parametrize("told", [None, "", "0", 0])
def test_a_config_of_no_enterprise_is_told(start: Start, tmp_path: Path, told: object) -> None:
    live = start()
    path = _config(live, tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_text()), "enterpriseID": told}))

    with pytest.raises(JobError, match=r"lacks enterpriseID\."):
        live.connect(settings=live.settings("jwt", config_file=str(path)))
    assert live.asked() == 0


def test_a_config_that_came_through_a_variable_is_used(start: Start, tmp_path: Path) -> None:
    """Its key has two signs in the place of each line end, and its enterprise is a number."""
    live = start()
    path = _config(live, tmp_path)
    whole = json.loads(path.read_text())
    auth = whole["boxAppSettings"]["appAuth"]
    auth["privateKey"] = auth["privateKey"].replace("\n", "\\n")
    path.write_text(json.dumps({**whole, "enterpriseID": 27335}))

    assert live.connect(settings=live.settings("jwt", config_file=str(path))).me.enterprise_id == "27335"


def test_a_missing_config_file_is_told(start: Start, tmp_path: Path) -> None:
    live = start()
    path = tmp_path / "nowhere.json"

    with pytest.raises(JobError, match="cannot be read") as refused:
        live.connect(settings=live.settings("jwt", config_file=str(path)))

    assert str(path) in str(refused.value)


def test_a_token_near_its_end_is_renewed_once_for_all_threads(start: Start, box_time: BoxTime) -> None:
    live = start(token_lifetime=3600)
    box = live.connect(workers=16).box
    box_time.move(3600 - 110)
    line = threading.Barrier(16)

    def read() -> str:
        line.wait()
        return box.me().enterprise_id

    with ThreadPoolExecutor(16) as pool:
        read_by_all = [future.result() for future in [pool.submit(read) for _ in range(16)]]

    assert read_by_all == ["27335"] * 16
    assert live.asked("POST", TOKEN) == 2


def test_a_token_is_kept_until_shortly_before_its_end(start: Start, box_time: BoxTime) -> None:
    live = start(token_lifetime=3600)
    box = live.connect().box
    box_time.move(3600 - 130)

    box.me()

    assert live.asked("POST", TOKEN) == 1


def test_a_short_lived_token_is_not_renewed_for_every_call(start: Start, box_time: BoxTime) -> None:
    live = start(token_lifetime=60)
    box = live.connect().box
    for _ in range(10):
        box_time.move(2)
        box.me()

    assert live.asked("POST", TOKEN) == 1


def test_a_401_in_mid_run_gets_one_fresh_token_and_goes_on(start: Start) -> None:
    live = start([{"match": {"method": "GET", "path": "/2.0/users/300", "nth": 2}, "do": "expired_token"}])
    connection = live.connect()

    logins = [connection.retry.read(lambda: connection.box.get("300")) for _ in range(3)]

    assert [account.login for account in logins if account] == ["mia@acme.example"] * 3
    assert live.asked("POST", TOKEN) == 2


def test_a_token_void_for_all_threads_is_renewed_once(start: Start, box_time: BoxTime) -> None:
    live = start(token_lifetime=3600)
    connection = live.connect(timing=BoxTime().timing(), workers=16)  # our own clock does not see it coming
    box_time.move(3600)
    with ThreadPoolExecutor(16) as pool:
        reads = [pool.submit(connection.retry.read, connection.box.me) for _ in range(16)]

    assert {read.result().enterprise_id for read in reads} == {"27335"}
    assert live.asked("POST", TOKEN) == 2


def test_a_late_401_does_not_throw_away_the_token_another_worker_has_fetched(start: Start) -> None:
    live = start()
    client = live.connect().box._client
    asked = {"network_session": client.network_session}
    ended = client.auth.retrieve_token(**asked).access_token
    client.auth.discard(ended)
    fresh = client.auth.retrieve_token(**asked).access_token
    client.auth.discard(ended)  # the same 401, heard by a slower worker

    assert client.auth.retrieve_token(**asked).access_token == fresh != ended
    assert live.asked("POST", TOKEN) == 2


def test_a_developer_token_that_ends_in_mid_run_cannot_be_renewed(start: Start) -> None:
    live = start([{"match": {"path": "/2.0/users/300"}, "do": "expired_token"}])
    connection = live.connect("token")

    with pytest.raises(SignInRefused, match="no longer accepts the developer token"):
        connection.retry.read(lambda: connection.box.get("300"))


def test_a_developer_token_is_used_until_box_refuses_it(start: Start, box_time: BoxTime) -> None:
    live = start(token_lifetime=360_000)
    box = live.connect("token").box
    box_time.move(4000)

    assert box.me().box_id == "100"


def test_an_app_that_was_taken_back_in_mid_run_is_told(start: Start, box_time: BoxTime) -> None:
    live = start()
    connection = live.connect()
    live.server.service.world.enterprise.app = live.server.enterprise.app.__class__(
        **{**_fields(live.server.enterprise.app), "authorized": False}
    )
    box_time.move(3600)

    with pytest.raises(SignInRefused, match="invalid_grant"):
        connection.retry.read(connection.box.me)


def _fields(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def test_no_error_at_the_door_is_of_a_foreign_kind_or_holds_a_secret(start: Start) -> None:
    live = start()
    settings: BoxSettings = live.settings("ccg", client_secret="s3cr3t-of-somebody")

    with pytest.raises(ProvisionError) as refused:
        live.connect(settings=settings)

    error: BaseException | None = refused.value
    while error is not None:
        assert "s3cr3t" not in f"{error!s}{error!r}{error.args}"
        error = error.__cause__ or error.__context__
