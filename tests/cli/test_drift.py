"""Nights on which somebody changes accounts in Box: drift is told from what HR changed."""

from __future__ import annotations

import json
import urllib.request

import pytest

from provision.sandbox.trouble.script import rule

from .conftest import SEED, person

HEADER = "external_id,login,name,job_title,phone\n"
MIA = "E1,mia@acme.example,Mia Managed,{},\n"
BUYER, BOSS = HEADER + MIA.format("Buyer"), HEADER + MIA.format("Boss")
KEEP_BOX = {"attributes": {"job_title": "box"}}
TELL = {"attributes": {"job_title": "report"}}


@pytest.fixture
def night(provision, make_job, clock):
    """Runs the nightly job with a roster, so many hours after the first night."""

    def run(hours: float, people: str, *flags: str, **sections):
        clock(hours)
        return provision("run", make_job(people, **sections), "--json", *flags)

    return run


@pytest.fixture
def admin():
    """Changes Mia's account over the API of Box, as an admin's console does."""

    def change(server, **fields):
        request = urllib.request.Request(
            f"{server.url}/2.0/users/{person(server, 'mia@acme.example')['id']}",
            json.dumps(fields).encode(),
            {"Authorization": f"Bearer {server.announcement['developer_token']}"},
            method="PUT",
        )
        urllib.request.urlopen(request).close()

    return change


def title(server):
    return person(server, "mia@acme.example")["job_title"]


def test_drift_is_written_back_and_called_drift(box, night, admin, provision, tmp_path):
    server = box()
    night(0, BUYER)
    admin(server, job_title="Queen")

    said = night(24, BUYER)

    assert (said.json["planned"], title(server)) == ({"update": 1}, "Buyer")
    [change] = json.loads((said.folder / "plan.json").read_text())["changes"]
    assert change["because"].endswith("drifted:fields=job_title")
    told = provision("explain", tmp_path / "nightly.yaml", "E1")
    assert "changed in Box since (drift): job_title" in " ".join(told.out.split())


def test_what_box_may_keep_is_kept_until_hr_says_something_else(box, night, admin):
    server = box()
    night(0, BUYER, **KEEP_BOX)
    admin(server, job_title="Queen")

    quiet = [night(24 * number, BUYER, **KEEP_BOX) for number in (1, 2)]
    assert [(one.code, one.json["planned"]) for one in quiet] == [(0, {})] * 2
    assert title(server) == "Queen"

    assert night(72, BOSS, **KEEP_BOX).json["planned"] == {"update": 1}
    assert title(server) == "Boss"


def test_reported_drift_is_shown_and_not_written(box, provision, make_job, clock, night, admin):
    server = box()
    night(0, BUYER, **TELL)
    admin(server, job_title="Queen")
    clock(24)

    said = provision("run", make_job(BUYER, **TELL))

    assert (said.code, title(server)) == (0, "Queen")
    assert "drift: 1 person changed in Box" in " ".join(said.err.split())
    assert provision("verify", make_job(BUYER, **TELL)).code == 0


def test_change_of_hr_that_box_refused_is_written_the_next_night(box, night):
    server = box()
    night(0, BUYER, **KEEP_BOX)
    server.faults.add(rule("forbidden", method="PUT", times=1))
    assert night(24, BOSS, **KEEP_BOX).code == 4
    assert title(server) == "Buyer"

    again = night(48, BOSS, **KEEP_BOX)
    assert (again.code, again.json["planned"], title(server)) == (0, {"update": 1}, "Boss")


def test_account_that_an_admin_locked_stays_locked_if_the_job_says_so(box, night, admin):
    server = box()
    people = "login,name,status\nmia@acme.example,Mia Managed,active\n"
    keep = {"attributes": {"status": "box"}}
    night(0, people, **keep)
    admin(server, status="inactive")

    assert night(24, people, **keep).json["planned"] == {}
    assert night(48, people, attributes={"*": "roster"}).json["planned"] == {"activate": 1}


def test_rebuilt_ledger_still_tells_drift_from_hr(box, night, admin, provision, tmp_path):
    server = box()
    night(0, BUYER, **KEEP_BOX)
    admin(server, job_title="Queen")
    for path in (tmp_path / "state").glob("provision.db*"):
        path.unlink()

    assert provision("runs", tmp_path / "nightly.yaml", "--rebuild").code == 0
    assert night(24, BUYER, **KEEP_BOX).json["planned"] == {}
    assert title(server) == "Queen"


def test_without_its_memory_the_roster_s_word_counts(box, night, admin, provision, tmp_path):
    server = box()
    night(0, BUYER, **KEEP_BOX)
    admin(server, job_title="Queen")
    for path in (tmp_path / "state").glob("provision.db*"):
        path.unlink()
    assert provision("runs", tmp_path / "nightly.yaml", "--new-ledger", "--by", "Ines").code == 0

    assert night(24, BUYER, **KEEP_BOX).json["planned"] == {"update": 1}
    assert title(server) == "Buyer"


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


def test_with_another_key_it_is_told_that_drift_is_not_known_and_what_differs_is_written(
    box, night, admin, tmp_path
):
    """As by a ledger that never had any; and nothing else is planned, as if somebody had changed everything."""
    server = box()
    night(0, BUYER, **KEEP_BOX)
    admin(server, job_title="Queen")
    (tmp_path / "state" / "provision.key").unlink()

    said = night(24, BUYER, **KEEP_BOX)
    after = night(48, BUYER, **KEEP_BOX)

    [found] = [each for each in said.json["findings"] if each["code"] == "fingerprints_other_key"]
    assert (found["level"], found["do"].startswith("put the key back")) == ("warning", True)
    assert "made with another key" in " ".join(said.err.split())
    assert (said.json["planned"], title(server)) == ({"update": 1}, "Buyer")
    assert [each["code"] for each in after.json["findings"] if "key" in each["code"]] == []
    admin(server, job_title="Queen")
    assert (night(72, BUYER, **KEEP_BOX).json["planned"], title(server)) == ({}, "Queen")
