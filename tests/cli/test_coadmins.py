"""Co-admins: never removed, unless the job lists them by name."""

from __future__ import annotations

import contextlib

import pytest

from provision.ledger.store import open_ledger

from .conftest import person

LEAVING = "login,name,action\ncora@acme.example,Cora Coadmin,deactivate\n"


@pytest.mark.parametrize(
    ("listed", "code", "status"),
    [
        ((), 3, "active"),  # protected, and her row says she left: somebody has to know
        (("cora@acme.example",), 0, "inactive"),
        (("c*@acme.example",), 0, "inactive"),
        (("mia@*",), 3, "active"),
    ],
)
def test_a_coadmin_leaves_only_if_the_job_lists_her(box, provision, make_job, listed, code, status):
    server = box()
    scope = {"domains": ["acme.example"], "coadmins": list(listed)}
    said = provision("run", make_job(LEAVING, roster={"authority": "partial"}, scope=scope), "--json")

    assert (said.code, person(server, "cora@acme.example")["status"]) == (code, status)


def test_an_admin_is_none_of_them(box, provision, make_job):
    server = box()
    rows = LEAVING.replace("cora", "ada")
    scope = {"domains": ["acme.example"], "coadmins": ["*"]}
    provision("run", make_job(rows, roster={"authority": "partial"}, scope=scope), "--json")

    assert person(server, "ada@acme.example")["status"] == "active"


HEADER = "external_id,login,name,role,job_title\n"
MIA = "E1,mia@acme.example,Mia Managed,coadmin,Head\n"
NINA = "E4,nina@acme.example,Nina New,coadmin,Clerk\n"
CORA = "E5,cora@acme.example,Cora Coadmin,user,\n"
LISTED = {"scope": {"domains": ["acme.example"], "coadmins": ["mia@*", "nina@*", "cora@*"]}}


def test_rights_are_given_once_somebody_has_approved_and_all_else_at_once(box, provision, make_job, clock):
    server = box()
    clock(0)
    first = provision("run", make_job(HEADER + MIA + NINA, **LISTED), "--json")
    before = [person(server, f"{who}@acme.example")["role"] for who in ("mia", "nina")]
    done = person(server, "mia@acme.example")["job_title"]
    clock(24)
    held = provision("run", make_job(HEADER + MIA + NINA, **LISTED), "--json")
    provision(
        "approve", held.folder, "--person", "mia@acme.example", "--person", "nina@acme.example", "--by", "Ada"
    )
    clock(48)
    said = provision("run", make_job(HEADER + MIA + NINA, **LISTED), "--json")
    clock(72)
    quiet = provision("run", make_job(HEADER + MIA + NINA, **LISTED), "--json")

    assert (first.code, before, done) == (3, ["user", "user"], "Head"), first.err
    assert first.json["outcomes"] | {"held": 2, "done": 2} == first.json["outcomes"]
    reasons = {hold["reason"] for hold in held.json["holds"]}
    assert len(reasons) == 1
    assert "none of the permissions ticked" in reasons.pop()
    assert said.code == 0, said.err
    assert [person(server, f"{who}@acme.example")["role"] for who in ("mia", "nina")] == ["coadmin"] * 2
    assert (quiet.code, quiet.json["planned"]) == (0, {})

    undone = provision("undo", said.folder, "--yes", "--json")
    assert undone.code == 0, undone.err
    assert person(server, "mia@acme.example")["role"] == "user"


def test_an_approval_counts_though_the_account_it_is_about_was_only_made_then(
    box, provision, make_job, clock
):
    """What waits beside a create is approved under the person's key; the next night knows the account by its Box id."""
    server, job = box(), make_job(HEADER + NINA, **LISTED)
    clock(0)
    first = provision("run", job, "--json")
    assert (first.code, len(first.json["holds"])) == (3, 1)
    clock(2)
    again = provision("run", job, "--json")
    assert [hold["since"] for hold in again.json["holds"]] == [hold["since"] for hold in first.json["holds"]]
    assert provision("approve", first.folder, "--person", "nina@acme.example", "--by", "Ada").code == 0
    clock(24)
    said = provision("run", job, "--json")

    assert (said.code, said.json["holds"]) == (0, []), said.err
    assert person(server, "nina@acme.example")["role"] == "coadmin"
    with contextlib.closing(open_ledger(f"sqlite:///{job.parent}/state/provision.db")) as known:
        assert known.memory("27335", "nightly").releases == ()  # it has served, and counts for no other time


def test_rights_that_the_job_lists_nobody_for_are_no_matter_of_a_file(box, provision, make_job):
    server = box()
    scope = {"domains": ["acme.example"], "coadmins": ["nina@*"]}
    said = provision("run", make_job(HEADER + MIA, scope=scope), "--json")

    assert (said.code, said.json["planned"]) == (3, {})
    assert person(server, "mia@acme.example")["role"] == "user"


ADMINS = (
    "external_id,login,name,role,job_title\n"
    "E1,mia@acme.example,Mia Managed,Admin,Head\n"
    "E4,nina@acme.example,Nina New,admin,Clerk\n"
    "E6,ada@acme.example,Ada Abara,admin,\n"
)


def test_role_that_nobody_can_be_given_is_held_and_all_else_is_done(box, provision, make_job):
    server, job = box(), make_job(ADMINS)

    planned, said = provision("plan", job, "--json"), provision("run", job, "--json")
    later = [provision(command, job, "--json") for command in ("verify", "run")]

    assert [one.code for one in (planned, said, *later)] == [3] * 4
    assert said.json["outcomes"] | {"done": 2, "held": 2} == said.json["outcomes"]
    assert person(server, "mia@acme.example")["job_title"] == "Head"
    assert {person(server, f"{who}@acme.example")["role"] for who in ("mia", "nina")} == {"user"}
    for one in (said, *later):
        assert {hold["key"] for hold in one.json["holds"]} == {"mia@acme.example", "nina@acme.example"}
        assert all("the row says the role admin" in hold["reason"] for hold in one.json["holds"])


def test_word_that_is_no_role_in_the_job_is_none(box, provision, make_job):
    box()
    said = provision("run", make_job(ADMINS, roster={"values": {"role": {"Admin": "user"}}}), "--json")

    assert (said.code, said.json["outcomes"]["done"]) == (0, 2)
    assert "role_admin" not in {found["code"] for found in said.json["findings"]}


@pytest.mark.parametrize("role", ["admin", "coadmin"])
def test_who_leaves_is_locked_out_whatever_rights_the_row_asks_for(box, nights, role):
    server = box()
    rows = "external_id,login,name,role,status\nE1,mia@acme.example,Mia Managed,{},{}\n"
    assert nights(0, rows.format("user", "active")).code == 0

    said = [nights(night, rows.format(role, "terminated")) for night in (1, 2)]

    assert [(one.code, one.json["holds"]) for one in said] == [(0, [])] * 2
    assert [person(server, "mia@acme.example")[name] for name in ("status", "role")] == ["inactive", "user"]
    assert "changed in Box" not in said[1].err


@pytest.mark.parametrize(("may", "code", "role"), [(True, 0, "user"), (False, 3, "coadmin")])
def test_rights_are_taken_back_or_held_with_the_way_in_the_console(box, provision, make_job, may, code, role):
    server = box(choices={"coadmin_edits_coadmin": may})
    said = provision("run", make_job(HEADER + CORA, **LISTED), "--json")

    assert (said.code, person(server, "cora@acme.example")["role"]) == (code, role), said.err
    told = [hold["reason"] for hold in said.json["holds"]]
    assert ["in the Admin Console" in one for one in told] == [True] * (not may)
