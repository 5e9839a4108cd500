"""Logins that are taken outside of the enterprise: invited and followed where the job says so, and told once."""

from __future__ import annotations

import csv

import msgspec
import pytest

from provision.sandbox.api.sharing.invites import answer
from provision.sandbox.trouble.script import rule

from .conftest import SEED, creates, person

HEADER = "external_id,login,name,job_title\n"
MIA = "E1,mia@acme.example,Mia Managed,Buyer\n"
PIA = "E9,pia@acme.example,Pia Personal,Clerk\n"
#: who has which login, and where
OUTSIDE = [
    {"login": "pia@acme.example", "what": "personal", "id": "500", "name": "Pia P."},
    {"login": "olga@acme.example", "what": "other_enterprise", "id": "501", "name": "Olga O."},
]
INVITING = {"invite_existing": True}


@pytest.fixture
def night(provision, make_job, clock):
    """Runs the nightly job with a roster, so many days after the first night; whoever is known outside is invited."""

    def run(days: float, people: str, *flags: str, **sections):
        clock(24 * days)
        sections.setdefault("onboarding", INVITING)
        return provision("run", make_job(HEADER + people, **sections), "--json", *flags)

    return run


def seed(*users: dict) -> dict:
    return SEED | {"elsewhere": OUTSIDE, "users": [*SEED["users"], *users]}


def asked(server, method: str) -> list[int]:
    """Statuses of the calls about invitations."""
    return [line.status for line in server.log if line.method == method and "/2.0/invites" in line.path]


def says(server, *, accepted: bool) -> None:
    """Whoever is invited answers."""
    [one] = server.enterprise.invites.pending()
    answer(server.service.world, one, accepted=accepted)


def reconciled(said) -> dict[str, dict[str, str]]:
    """The lines of the reconciliation by login."""
    with (said.folder / "reconciliation.csv").open(encoding="utf-8-sig") as file:
        return {row["login"]: row for row in csv.DictReader(file)}


def test_a_personal_account_is_invited_followed_and_looked_after_once_it_has_joined(box, night, provision):
    server = box(seed=seed())

    met, invited, quiet = (night(day, MIA + PIA) for day in (0, 1, 2))
    overdue, again = night(16, MIA + PIA), night(17, MIA + PIA)
    says(server, accepted=True)
    joined, still = night(18, MIA + PIA), night(19, MIA + PIA)

    assert [one.code for one in (met, invited, quiet, overdue, again)] == [4, 3, 0, 3, 0], met.err
    assert [one.json["planned"].get("invite") for one in (met, invited, quiet)] == [None, 1, 1]
    assert (len(creates(server)), len(asked(server, "POST"))) == (1, 1)
    assert len(asked(server, "GET")) == 3
    assert invited.json["outcomes"]["waiting"] == 1
    [hold] = quiet.json["holds"]
    assert (hold["kind"], hold["approve"]) == ("invite", "")
    assert "invited: the person has to accept" in hold["reason"]
    assert (joined.code, joined.json["planned"]) == (0, {"update": 1}), joined.err
    assert person(server, "pia@acme.example")["job_title"] == "Clerk"
    assert (still.code, still.json["planned"]) == (0, {})


def test_who_joins_by_an_invitation_is_let_into_folders_once_like_other_new_people(box, night):
    server = box(seed=seed())
    section = INVITING | {
        "collaborations": [{"folder": "/For {external_id}", "role": "editor", "create": True}]
    }

    met, invited = (night(day, MIA + PIA, onboarding=section) for day in (0, 1))
    says(server, accepted=True)
    joined, still = (night(day, MIA + PIA, onboarding=section) for day in (2, 3))

    assert (met.code, met.json["outcomes"]["not_attempted"], invited.code) == (4, 2, 3), met.err
    assert "since what it needs was not done: create the folder /For E9 (not attempted)" in met.err
    assert joined.json["planned"] == {"update": 1, "folder_create": 1, "collaboration_add": 1}, joined.err
    assert [(one.user, one.role) for one in server.enterprise.collaborations] == [("500", "editor")]
    assert (joined.code, still.code, still.json["planned"]) == (0, 0, {})


def test_who_cannot_be_invited_is_told_apart_and_once(box, night):
    server = box(seed=seed({"name": "Hugo", "login": "hugo@acme.example", "aliases": ["al@acme.example"]}))
    rows = MIA + "E5,hugo@acme.example,Hugo,\nE7,al@acme.example,Al Alias,\nE8,olga@acme.example,Olga O.,\n"

    said = [night(day, rows) for day in (0, 1, 2, 15, 16, 29)]

    assert [one.code for one in said] == [4, 3, 0, 3, 0, 3], said[1].err
    lines = reconciled(said[1])
    assert "an alias of somebody" in lines["al@acme.example"]["reason"]
    assert "belongs to another enterprise" in lines["olga@acme.example"]["reason"]
    assert [lines[f"{who}@acme.example"]["outcome"] for who in ("al", "olga")] == ["waiting", "waiting"]
    assert server.enterprise.invites.pending() == []
    # somebody's alias is tried as a create again, and as an invitation when it is reported again
    assert [one.json["planned"] for one in said[2:4]] == [{"create": 1, "invite": 1}, {"invite": 2}]
    account = server.enterprise.accounts.with_login("hugo@acme.example")
    server.enterprise.change(account, msgspec.structs.replace(account, aliases=()))
    free = [night(day, rows) for day in (30, 31)]
    assert [one.json["outcomes"]["done"] for one in free] == [1, 0], free[0].err
    assert person(server, "al@acme.example")["name"] == "Al Alias"


def test_without_the_key_nobody_is_invited_and_a_taken_login_fails_once(box, night):
    server = box(seed=seed())

    said = [night(day, MIA + PIA, onboarding=None) for day in (0, 1, 2, 15)]

    assert [one.code for one in said] == [4, 0, 0, 3], said[1].err
    assert asked(server, "POST") == []
    assert "onboarding.invite_existing" in said[1].json["holds"][0]["reason"]


def test_who_says_no_waits_for_a_person_and_is_invited_again_once_approved(box, night, provision):
    server = box(seed=seed())
    for day in (0, 1):
        night(day, MIA + PIA)
    says(server, accepted=False)

    refused, held = night(2, MIA + PIA), night(3, MIA + PIA)
    provision("approve", held.folder, "--person", "pia@acme.example", "--by", "Ada")
    again = night(4, MIA + PIA)

    assert [one.code for one in (refused, held, again)] == [3, 3, 3], refused.err
    assert [one.json["outcomes"]["held"] for one in (refused, held, again)] == [1, 1, 0]
    assert "said no" in held.json["holds"][0]["reason"]
    assert len(asked(server, "POST")) == 2
    assert again.json["outcomes"]["waiting"] == 1


def test_a_guard_holds_many_and_no_look_at_those_who_are_invited(box, night):
    others = "".join(f"F{n},p{n}@acme.example,P {n},\n" for n in range(3))
    outside = [{"login": f"p{n}@acme.example", "what": "personal"} for n in range(3)]
    server = box(seed=SEED | {"elsewhere": [*OUTSIDE, *outside]})
    guards = {"invites": {"count": 2}}
    for day in (0, 1):
        night(day, MIA + PIA, guards=guards)

    met = night(2, MIA + PIA + others, guards=guards)
    over = night(3, MIA + PIA + others, guards=guards)
    let_go = night(4, MIA + PIA + others, "--allow", "invites=3", guards=guards)

    assert met.code == 4, met.err
    assert over.json["outcomes"] | {"held": 3, "waiting": 1} == over.json["outcomes"], over.err
    assert let_go.json["outcomes"]["waiting"] == 4
    assert len(asked(server, "POST")) == 4


def test_preview_says_which_mails_box_sends_and_an_undo_says_why_an_invitation_stays(
    box, night, provision, make_job, clock
):
    server = box(seed=seed())
    night(0, MIA + PIA)
    clock(24)
    planned = provision("plan", make_job(HEADER + MIA + PIA, onboarding=INVITING))
    invited = night(25 / 24, MIA + PIA)
    resumed = provision("resume", invited.folder, "--json")
    undone = provision("undo", invited.folder, "--yes", "--json")

    assert "Box mails an invitation to 1 person" in " ".join(planned.err.split())
    assert resumed.json["outcomes"]["waiting"] == 1
    assert (len(asked(server, "POST")), asked(server, "GET")) == (1, [200])
    assert (undone.code, undone.json["planned"]) == (0, {})
    assert "no way for a program to take that back" in " ".join(undone.err.split())


def test_an_invitation_is_told_of_when_the_person_joins_or_is_wanted_no_more(box, night):
    server = box(seed=seed())
    for day in (0, 1):
        night(day, MIA + PIA)

    dropped, forgotten = night(2, MIA), night(3, MIA)
    again = [night(day, MIA + PIA) for day in (4, 5)]
    says(server, accepted=True)
    joined = night(6, MIA + PIA)

    codes = [[one["code"] for one in run.json["findings"]] for run in (dropped, forgotten, joined)]
    assert ["invite_left" in each for each in codes] == [True, False, False]
    assert ["invite_accepted" in each for each in codes] == [False, False, True]
    assert again[1].json["outcomes"]["waiting"] == 1


@pytest.mark.parametrize("fault", ["lost_answer", "503_written"])
def test_an_invitation_whose_answer_was_lost_is_made_once_more(box, night, fault):
    server = box(seed=seed())
    night(0, MIA + PIA)
    server.faults.add(rule({"fault": fault}, method="POST", path="/2.0/invites", nth=1))

    said = night(1, MIA + PIA)

    assert said.json["outcomes"] | {"waiting": 1, "failed": 0, "in_doubt": 0} == said.json["outcomes"], (
        said.err
    )
    assert len(server.enterprise.invites.pending()) == 1


def test_an_app_that_may_invite_nobody_is_told_which_scope_it_lacks_and_does_all_else(box, night):
    server = box(seed=seed() | {"app": {"scopes": ["manage_managed_users", "manage_app_users"]}})
    night(0, MIA + PIA)

    said = night(1, MIA.replace("Buyer", "Head") + PIA)

    assert (said.code, said.json["outcomes"]["held"]) == (3, 1), said.err
    assert "right_invites" in said.json["holds"][0]["reason"]
    assert "Manage enterprise properties" in " ".join(said.err.split())
    assert person(server, "mia@acme.example")["job_title"] == "Head"


def test_whoever_is_invited_has_a_seat_kept_and_waits_where_none_is_left(box, night):
    server = box(seed=seed())
    night(0, MIA + PIA)
    taken = sum(one.kind == "managed" for one in server.enterprise.accounts)
    full = night(1, MIA + PIA, guards={"seats": taken})
    assert (full.code, full.json["outcomes"]["held"], asked(server, "POST")) == (3, 1, [])
    assert f"{taken} of {taken} taken, inactive accounts too; 1 invitation planned" in " ".join(
        full.err.split()
    )

    fits = night(2, MIA + PIA, guards={"seats": taken + 1})
    assert (fits.json["planned"], asked(server, "POST")) == ({"invite": 1}, [200]), fits.err
    nina = "E4,nina@acme.example,Nina New,Clerk\n"
    said = night(3, MIA + PIA + nina, guards={"seats": taken + 1})
    assert (said.code, said.json["outcomes"]["held"]) == (3, 1)
    assert "1 more kept for who is invited; 1 create planned, 1 beyond" in " ".join(said.err.split())
    assert asked(server, "GET")[-1] == 200  # and the invitation is followed all the same
