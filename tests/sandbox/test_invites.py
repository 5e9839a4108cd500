"""Invitations of accounts outside into the enterprise."""

from __future__ import annotations

import pytest

PATH = "/2.0/invites"


def invite(caller, login, enterprise="27335"):
    return caller("POST", PATH, {"enterprise": {"id": enterprise}, "actionable_by": {"login": login}})


def test_invitation_is_a_200_and_waits(admin):
    """API reference, POST /invites: not 201."""
    made = invite(admin, "private@mail.example")

    assert (made.status, made.json["status"], made.json["invited_to"]["id"]) == (200, "pending", "27335")
    assert made.json["actionable_by"]["login"] == "private@mail.example"
    assert admin("GET", f"{PATH}/{made.json['id']}").json == made.json
    assert invite(admin, "PRIVATE@mail.example").json["id"] == made.json["id"]
    assert set(admin("GET", f"{PATH}/{made.json['id']}?fields=status").json) == {"type", "id", "status"}


@pytest.mark.parametrize(
    ("login", "enterprise", "status"),
    [
        ("nobody@mail.example", "27335", 404),
        ("private@mail.example", "1", 404),
        ("rival@rival.example", "27335", 403),
        ("mia@acme.example", "27335", 400),
        (None, "27335", 400),
    ],
)
def test_who_cannot_be_invited(admin, login, enterprise, status):
    assert invite(admin, login, enterprise).status == status
    assert admin("GET", f"{PATH}/999").status == 404


def test_member_of_another_enterprise_is_refused_as_chosen(start, small_seed, connect):
    caller = connect(start(seed=small_seed, choices={"invite_of_other_enterprise_status": 404}))

    assert invite(caller, "rival@rival.example").status == 404


def test_who_accepts_is_a_managed_user_with_the_same_id(start, small_seed, connect, clock, tmp_path):
    small_seed["choices"] = {"invites_accepted_after": 60}
    server = start(seed=small_seed, state=tmp_path / "box.db")
    caller = connect(server)
    made = invite(caller, "guest@partner.example").json
    clock.move(59)
    before = caller("GET", f"{PATH}/{made['id']}").json["status"]
    clock.move(2)
    joined = caller("GET", "/2.0/users/500?fields=login,enterprise").json

    assert (before, caller("GET", f"{PATH}/{made['id']}").json["status"]) == ("pending", "accepted")
    assert (joined["login"], joined["enterprise"]["id"]) == ("guest@partner.example", "27335")
    server.close()
    again = connect(start(state=tmp_path / "box.db"))
    assert again("GET", f"{PATH}/{made['id']}").json["status"] == "accepted"


def test_app_user_cannot_invite(small, connect, sign_in):
    assert invite(connect(small, sign_in(small, "400")), "private@mail.example").status == 403
