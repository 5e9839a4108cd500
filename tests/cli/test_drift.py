"""Nights on which somebody changes accounts in Box: drift is told from what HR changed."""

from __future__ import annotations

import json
import urllib.request

import pytest

from provision.sandbox.trouble.script import rule

from .conftest import SEED, person

HEADER = "external_id,login,name,job_title,phone\n"
MIA = "E1,mia@acme.example,Mia Managed,{},\n"
BUYER = HEADER + MIA.format("Buyer")
KEEP_BOX = {"attributes": {"job_title": "box"}}


@pytest.fixture
def night(provision, make_job, clock):
    """Runs the nightly job with a roster, so many hours after the first night."""

    def run(hours: float, people: str, *flags: str, **sections):
        clock(hours)
        return provision("run", make_job(people, **sections), "--json", *flags)

    return run


@pytest.fixture
def admin():
    """Changes somebody's account over the API of Box, as an admin's console does."""

    def change(server, who="mia", /, **fields):
        request = urllib.request.Request(
            f"{server.url}/2.0/users/{person(server, f'{who}@acme.example')['id']}",
            json.dumps(fields).encode(),
            {"Authorization": f"Bearer {server.announcement['developer_token']}"},
            method="PUT",
        )
        urllib.request.urlopen(request).close()

    return change


def title(server, who="mia"):
    return person(server, f"{who}@acme.example")["job_title"]


#: Box may keep titles and a status, a phone is only told, and an address is the roster's; who has which drift says the name
THEIRS = {"attributes": {"job_title": "box", "status": "box", "phone": "report"}}
TOWN = {
    **SEED,
    "users": [
        {"name": name, "login": f"{name.lower()}@acme.example", "job_title": "Buyer", "phone": "555", "address": "Main St"}
        for name in ("Home", "Title", "Phone", "Lock", "Refused")
    ],
}  # fmt: skip


def town(*, title="Buyer", refused="Buyer"):
    """The roster, with the titles that HR gives to the two whose title changes."""
    titles = {"title": title, "refused": refused}
    return "external_id,login,name,job_title,phone,address,status\n" + "".join(
        f"E{at},{who}@acme.example,{who.title()},{titles.get(who, 'Buyer')},555,Main St,active\n"
        for at, who in enumerate(("home", "title", "phone", "lock", "refused"), 1)
    )


def planned_for(said):
    """What is planned for whom."""
    changes = json.loads((said.folder / "plan.json").read_text())["changes"]
    return {each["login"].partition("@")[0]: each["kind"] for each in changes}


def test_drift_is_told_from_what_hr_changed_and_is_written_back_kept_or_reported(
    box, night, admin, provision, tmp_path
):
    server = box(seed=TOWN)
    assert night(0, town(), **THEIRS).json["planned"] == {}
    admin(server, "home", address="Elsewhere")
    admin(server, "title", job_title="Queen")
    admin(server, "phone", phone="777")
    admin(server, "lock", status="inactive")
    refused = person(server, "refused@acme.example")["id"]
    server.faults.add(rule("forbidden", method="PUT", path=f"^/2.0/users/{refused}$", times=1))

    first = night(24, town(refused="Boss"), **THEIRS)
    assert (first.code, planned_for(first)) == (4, {"home": "update", "refused": "update"})
    assert (person(server, "home@acme.example")["address"], title(server, "refused")) == ("Main St", "Buyer")
    changes = json.loads((first.folder / "plan.json").read_text())["changes"]
    [why] = [each["because"] for each in changes if each["login"] == "home@acme.example"]
    assert why.endswith("drifted:fields=address")
    told = provision("explain", tmp_path / "nightly.yaml", "E1")
    assert "changed in Box since (drift): address" in " ".join(told.out.split())
    assert "drift: 1 person changed in Box" in " ".join(first.err.split())

    # what HR said and Box refused is written in the next night, and what Box may keep is kept another one
    second = night(48, town(refused="Boss"), **THEIRS)
    assert (second.code, planned_for(second), title(server, "refused")) == (0, {"refused": "update"}, "Boss")
    assert (title(server, "title"), person(server, "phone@acme.example")["phone"]) == ("Queen", "777")
    assert person(server, "lock@acme.example")["status"] == "inactive"
    assert provision("verify", tmp_path / "nightly.yaml").code == 0

    # until HR says something else, or the job
    theirs = {"attributes": THEIRS["attributes"] | {"status": "roster"}}
    third = night(72, town(refused="Boss", title="Chief"), **theirs)
    assert planned_for(third) == {"title": "update", "lock": "activate"}
    assert (title(server, "title"), person(server, "lock@acme.example")["status"]) == ("Chief", "active")


def lost(tmp_path):
    for path in (tmp_path / "state").glob("provision.db*"):
        path.unlink()


def test_a_rebuilt_ledger_tells_drift_from_hr_and_without_memory_or_key_the_roster_s_word_counts(
    box, night, admin, provision, tmp_path
):
    """With another key, nothing else is planned, as if somebody had changed everything; from then on drift is known again."""
    server = box()
    night(0, BUYER, **KEEP_BOX)
    admin(server, job_title="Queen")
    lost(tmp_path)
    assert provision("runs", tmp_path / "nightly.yaml", "--rebuild").code == 0
    assert (night(24, BUYER, **KEEP_BOX).json["planned"], title(server)) == ({}, "Queen")

    (tmp_path / "state" / "provision.key").unlink()
    said = night(48, BUYER, **KEEP_BOX)
    [found] = [each for each in said.json["findings"] if each["code"] == "fingerprints_other_key"]
    assert (found["level"], found["do"].startswith("put the key back")) == ("warning", True)
    assert "made with another key" in " ".join(said.err.split())
    assert (said.json["planned"], title(server)) == ({"update": 1}, "Buyer")

    admin(server, job_title="Queen")
    after = night(72, BUYER, **KEEP_BOX)
    assert [each["code"] for each in after.json["findings"] if "key" in each["code"]] == []
    assert (after.json["planned"], title(server)) == ({}, "Queen")

    lost(tmp_path)
    assert provision("runs", tmp_path / "nightly.yaml", "--new-ledger", "--by", "Ines").code == 0
    assert (night(96, BUYER, **KEEP_BOX).json["planned"], title(server)) == ({"update": 1}, "Buyer")


def test_ledger_holds_no_value_of_anybody_s_attributes(box, night, tmp_path):
    box()
    night(0, HEADER + "E1,mia@acme.example,Mia Managed,Unmistakable Title,+49 30 4711\n")

    kept = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir())
    assert b"mia@acme.example" in kept
    assert b"Unmistakable" not in kept
    assert b"4711" not in kept


def test_attribute_that_is_none_is_a_sentence(make_job, provision, said_where):
    said = provision("check", make_job(BUYER, attributes={"job_titel": "box"}))

    assert said.code == 1
    assert '"job_titel" is no attribute of an account; did you mean "job_title"?' in said.err


@pytest.fixture
def bodies():
    """What a sandbox is sent to write, as it comes in."""

    def watch(server):
        deliver, found = server.service.deliver, []

        def watched(request):
            if request.method in ("POST", "PUT") and request.path.startswith("/2.0/users"):
                found.append(json.loads(request.body))
            return deliver(request)

        server.service.deliver = watched
        return found

    return watch


def test_only_mapped_attributes_are_ever_sent(box, night, bodies):
    server = box(
        seed={**SEED, "users": [*SEED["users"], {"name": "Nil", "login": "nil@acme.example", "phone": "1"}]}
    )
    people = (
        "login,name,job_title\nmia@acme.example,Mia Managed,Chief\nnil@acme.example,Nil,\n"
        "otto@acme.example,Otto Ömer,(clear)\nnina@acme.example,Nina Néw,Clerk\n"
    )
    sent = bodies(server)

    assert night(0, people).json["planned"] == {"create": 1, "update": 2}
    assert sorted(sent, key=str) == [
        {"job_title": ""}, {"job_title": "Chief"}, {"job_title": "Clerk", "login": "nina@acme.example", "name": "Nina Néw"},
    ]  # fmt: skip
