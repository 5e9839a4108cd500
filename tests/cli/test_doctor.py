"""The doctor: what it finds right, what it finds wrong and what to do about it, and that it changes nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provision.report.first_day.diagnosis import Sign
from provision.sandbox.clock import Shifted, SystemClock
from tests.cli.conftest import JWT, SEED, TOKEN, Said

ALL_SCOPES = ("manage_managed_users", "manage_app_users", "manage_enterprise_properties", "root_readwrite")
#: one with a tracking code, so that the right to see them matters
CODED = "external_id,login,name,tracking_codes.Team\nE1,mia@acme.example,Mia Managed,Buyers\n"
TRANSFERS = {"leavers": [{"after": "30d", "do": "transfer", "to": "manager"}]}


def signs(said: Said) -> dict[str, str]:
    """What was found, by its word, with how it came out."""
    return {one["code"]: one["state"] for one in said.json["checks"]}


def line(said: Said, sign: Sign) -> dict[str, str]:
    """The one look that found this."""
    [found] = [one for one in said.json["checks"] if one["code"] == sign.value]
    return found


def seeded(*, app: dict[str, Any] | None = None, **enterprise: Any) -> dict[str, Any]:
    return {**SEED, "enterprise": {**SEED["enterprise"], **enterprise}, "app": app or {}}


def without(scope: str) -> dict[str, Any]:
    return {"scopes": [one for one in ALL_SCOPES if scope not in one]}


def test_where_all_is_well_every_look_says_so_and_nothing_is_changed(
    provision, box, make_job, tmp_path: Path
):
    server = box(seeded(tracking_codes=["Team"]))
    job = make_job(CODED, lifecycle=TRANSFERS, groups={})
    before = {path.name for path in tmp_path.iterdir()}

    said = provision("doctor", job, "--json")

    assert said.code == 0
    assert said.json["error"] is None
    assert [code for code, state in signs(said).items() if state == "wrong"] == []
    assert {
        "job", "variables", "roster", "folder_not_yet", "key_not_yet", "ledger_not_yet", "way", "certificate_none", "signed_in",
        "clock", "users", "access", "shown", "content", "groups", "sso_off", "invites", "new_users", "codes_registered", "rate",
    } <= set(signs(said))  # fmt: skip
    who = line(said, Sign.SIGNED_IN)["sentence"]
    assert "the service account of the app) in enterprise 27335, by ccg" in who
    assert said.json["enterprise_id"] == "27335"
    assert said.json["api"]["requests"] == len(server.log)
    assert {(one.method, one.path) for one in server.log if one.method != "GET"} == {
        ("POST", "/oauth2/token")
    }
    assert {path.name for path in tmp_path.iterdir()} - before <= {"home"}  # where the rate is shared
    assert "0 wrong. Nothing was changed." in said.err


#: what the admin has not granted, or how Box is set: the sign, how it comes out, the exit code, a part of what is said or to be done
AT_BOX = {
    "no right to users": ({"seed": seeded(app=without("users"))}, "users_refused", "wrong", 7, "tick Manage users in the Dev"),
    "its own users only": ({"seed": seeded(app={"access": "app"})}, "access_app_only", "wrong", 7, "choose App + Enterprise"),
    "not authorised": ({"seed": seeded(app={"authorized": False})}, "sign_in_refused", "wrong", 7, "the app's authorisation in the Admin Console"),
    "no content": ({"seed": seeded(app=without("root"))}, "content_refused", "wrong", 7, "Write all files and folders"),
    "no groups": ({"seed": seeded(app=without("groups"))}, "groups_refused", "wrong", 7, "tick Manage groups"),
    "no settings": ({"seed": seeded(app=without("properties"))}, "settings_untold", "warning", 0, "Manage enterprise prop"),
    "codes are hidden": (
        {"choices": {"hidden_attributes": ["tracking_codes"]}}, "not_shown", "wrong", 7, "does not show tracking_codes",
    ),
    "codes are not registered": (
        {"seed": seeded(tracking_codes=["team"])}, "codes_unregistered", "wrong", 1, "has Team, and the enterprise has team",
    ),
    "single sign-on": (
        {"seed": seeded(settings={"is_enterprise_sso_required": True})}, "sso_required", "ok", 0, "which has to know the same",
    ),
    "single sign-on in testing": (
        {"seed": seeded(settings={"is_enterprise_sso_in_testing": True})}, "sso_testing", "ok", 0, "either way",
    ),
    "invitations end": (
        {"seed": seeded(settings={"user_invites_expiration_time_frame": "7 days"})}, "invites", "ok", 0, "7 days",
    ),
    "logins are fixed": (
        {"seed": seeded(settings={"is_username_change_restricted": True})}, "logins_fixed", "ok", 0, "change their login",
    ),
    "space without end": (
        {"seed": seeded(settings={"is_unlimited_storage_enabled_for_new_users": True})}, "new_users", "ok", 0, "unlimited space",
    ),
    "a clock behind": ({"clock": Shifted(SystemClock(), 600)}, "clock_off", "warning", 0, "600 s behind Box's"),
    "a clock ahead": ({"clock": Shifted(SystemClock(), -600)}, "clock_off", "warning", 0, "s ahead of Box's"),
    "patience": (
        {"rules": [{"match": {"path": "/2.0/users", "times": 1}, "do": {"status": 429, "retry_after": 0}}]},
        "rate_lowered", "warning", 0, "which other programs sign in",
    ),
    "no answers": (
        {"rules": [{"match": {"path": "^/2.0/users$"}, "do": {"status": 403}}]}, "users_refused", "wrong", 7, "HTTP 403",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", AT_BOX)
def test_what_is_not_as_it_ought_to_be_at_box_is_found(provision, box, make_job, case: str):
    world, sign, state, code, told = AT_BOX[case]
    box(**world)

    groups = {"groups": {}} if sign == "groups_refused" else {}
    said = provision("doctor", make_job(CODED, lifecycle=TRANSFERS, **groups), "--json")

    found = line(said, Sign(sign))
    assert (said.code, found["state"]) == (code, state)
    assert told in f"{found['sentence']} · {found['do']}"
    assert bool(found["do"]) == (state != "ok")
    others = {code for code, each in signs(said).items() if each == "wrong"} - {sign}
    assert others == set()
    assert (said.json["error"] or "").startswith(f"{found['name']}: " if state == "wrong" else "")


@pytest.mark.usefixtures("hurried")
def test_a_box_behind_a_proxy_that_is_away_ends_the_looks_and_the_others_are_told(
    provision, box, make_job, monkeypatch: pytest.MonkeyPatch
):
    box().close()
    monkeypatch.setenv("BOX_BASE_URL", "https://api.box.invalid")
    monkeypatch.setenv("HTTPS_PROXY", "http://somebody:hush@127.0.0.1:9")

    said = provision("doctor", make_job(CODED), "--json")

    assert (said.code, signs(said)["not_reached"]) == (7, "wrong")
    assert signs(said)["roster"] == "ok"
    assert Sign.WAY not in signs(said), "the way is not both well and wrong"
    assert "http://127.0.0.1:9 does not answer" in said.json["error"]
    assert "hush" not in said.out + said.err


def test_a_config_file_that_is_not_there_and_a_ledger_without_a_key_are_lines_like_others(
    provision, box, make_job, monkeypatch: pytest.MonkeyPatch
):
    box()
    monkeypatch.setenv("BOX_JWT_CONFIG_FILE", "gone.json")
    monkeypatch.setattr("provision.ledger.postgres._FIRST", 0)

    said = provision(
        "doctor", make_job(CODED, auth=JWT, state="postgresql+psycopg://127.0.0.1:9/none"), "--json"
    )

    assert said.code == 1
    wrong = {code for code, state in signs(said).items() if state == "wrong"}
    assert wrong == {"credentials_wrong", "key_missing", "ledger_wrong"}
    assert "PROVISION_KEY" in line(said, Sign.KEY_MISSING)["do"]


def test_a_token_for_an_hour_and_the_certificate_in_use_are_told(
    provision, box, make_job, clock, monkeypatch: pytest.MonkeyPatch
):
    server = box(tls=True)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", server.announcement["ca_certificate"])
    job = make_job(CODED, auth=TOKEN)

    said = provision("doctor", job, "--json")
    clock(24 * 350)
    later = provision("doctor", job, "--json")

    assert signs(said)["token_ends"] == "warning"
    assert "by token" in line(said, Sign.SIGNED_IN)["sentence"]
    assert "trusted by REQUESTS_CA_BUNDLE" in line(said, Sign.CERTIFICATE)["sentence"]
    assert (later.code, signs(later)["certificate_ends"]) == (0, "warning")


def test_variables_that_are_not_set_are_told_with_all_else_and_box_is_not_asked(
    provision, box, make_job, monkeypatch
):
    server = box()
    monkeypatch.delenv("BOX_CLIENT_SECRET")

    said = provision("doctor", make_job(CODED))

    assert said.code == 1
    assert "wrong variables: not set here: BOX_CLIENT_SECRET" in " ".join(said.err.split())
    assert "ok roster" in " ".join(said.err.split())
    assert server.log == []


def _another_file(path: Path) -> None:
    shutil.rmtree(path)
    path.write_text("no folder")


#: what is done to the places of a job that has run once: the sign, how it comes out, the exit code
HERE: dict[str, tuple[Callable[[Path], object], str, str, int]] = {
    "a key that others read": (lambda at: (at / "state/provision.key").chmod(0o644), "key_wrong", "wrong", 1),
    "a damaged ledger": (lambda at: (at / "state/provision.db").write_bytes(b"x" * 999), "ledger_wrong", "wrong", 1),
    "a lost ledger": (lambda at: (at / "state/provision.db").unlink(), "ledger_wrong", "wrong", 1),
    "open to others": (lambda at: (at / "runs").chmod(0o777), "folder_doubtful", "warning", 0),
    "a file for a folder": (lambda at: _another_file(at / "runs"), "folder_closed", "wrong", 1),
    "no roster": (lambda at: (at / "nightly.csv").unlink(), "roster_unread", "wrong", 1),
    "bad rows": (
        lambda at: (at / "nightly.csv").write_text(f"{CODED}E2,nobody,Nobody,\n"), "roster_rows", "warning", 0,
    ),
}  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="rights are those of POSIX")
def test_what_is_wrong_here_is_found(provision, box, make_job, tmp_path: Path):
    box()
    job = make_job(CODED)
    assert provision("run", job, "--yes").code == 0
    sound = provision("doctor", job, "--json", "--quiet")
    assert sound.code == 0
    assert {"ledger", "key", "folder"} <= signs(sound).keys()
    assert "it includes 1 run of this job" in line(sound, Sign.LEDGER)["sentence"]

    for case, (harm, sign, state, code) in HERE.items():
        kept = tmp_path / "kept"
        for name in ("runs", "state"):
            shutil.copytree(tmp_path / name, kept / name)
        shutil.copy(tmp_path / "nightly.csv", kept)
        harm(tmp_path)

        said = provision("doctor", job, "--json", "--quiet")

        found = [one for one in said.json["checks"] if one["code"] == sign]
        assert (case, said.code, {one["state"] for one in found}) == (case, code, {state})
        assert all(bool(one["do"]) == (state != "ok") for one in found), case
        for name in ("runs", "state"):
            (tmp_path / name).unlink() if (tmp_path / name).is_file() else shutil.rmtree(tmp_path / name)
            shutil.move(kept / name, tmp_path / name)
        shutil.move(kept / "nightly.csv", tmp_path / "nightly.csv")
        kept.rmdir()
