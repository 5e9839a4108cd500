"""Accidents of other programs with who is who: aliases, addresses given again, two rows for one, accounts of others.

Each test is one accident; its first line is the rule it taught.
"""

from __future__ import annotations

import pytest

from provision.sandbox.trouble.script import rule

from .conftest import ROSTER, accounts, creates, logins, person
from .conftest import SEED as FEW
from .staff import AT_ONCE, BOTH, LOOSE, MIA, OTTO, calls, couple, edited, refused, told

HEADER = "external_id,login,name\n"
DELETE = {"evidence": AT_ONCE, "leavers": [{"after": "0d", "do": "delete"}]}


def seed(*more: dict[str, object]) -> dict[str, object]:
    return {**FEW, "users": [*FEW["users"], *more]}


def test_10_search_by_prefix_hits_nobody_but_the_person(box, nights):
    """Equality on the full login, then act by id: a longer login, or a name that is a login, is another person."""
    neighbours = ["mia@acme.example.au", "mia@acme.example-labs.test", "mia@acme.exampleton"]
    named = [{"name": "mia@acme.example", "login": neighbour} for neighbour in neighbours]
    server = box(seed=seed(*named, {"name": "mia", "login": "mi@acme.example"}))
    everywhere = {"scope": {}, "lifecycle": DELETE}
    assert nights(0, BOTH, **everywhere).code == 0

    assert nights(1, HEADER + OTTO, **everywhere).json["planned"] == {"delete": 1}
    assert nights(2, HEADER + OTTO, **everywhere).json["planned"] == {}
    assert person(server, "mia@acme.example") == {}
    assert {person(server, one)["status"] for one in (*neighbours, "mi@acme.example")} == {"active"}


@pytest.mark.parametrize(
    "seen", [{"login": "mia.moss@acme.example"}, {"role": "coadmin"}, {"status": "inactive"}]
)
def test_10_target_that_is_another_than_was_planned_is_not_deleted(box, provision, make_job, clock, seen):
    """Id, login, role and status are read once more just before a deletion."""
    server = box()
    provision("run", make_job(BOTH, lifecycle=DELETE))
    clock(24)
    planned = provision("plan", make_job(HEADER + OTTO, lifecycle=DELETE), "--json")
    assert planned.json["planned"] == {"delete": 1}
    edited(server, "mia@acme.example", **seen)

    said = provision("apply", planned.folder, "--json")

    assert (said.code, said.json["outcomes"]["done"]) == (3, 0)
    assert calls(server, "DELETE") == []


def test_11_alias_of_somebody_else_is_a_conflict_and_no_match(box, nights):
    """An address that is an alias of another person never leads to that person's account."""
    server = box(
        seed=seed({"name": "Olga Old", "login": "olga@acme.example", "aliases": ["desk@acme.example"]})
    )
    before = accounts(server)
    row = "E9,desk@acme.example,Dora Desk\n"

    for night in (0, 1, 2):
        said = nights(night, HEADER + row)
        assert said.code in (3, 4)
        assert accounts(server) == before
    told_to_go = "login,action\ndesk@acme.example,deactivate\n"
    for night in (3, 4):
        nights(night, told_to_go, roster={"authority": "partial"}, name="hand")
    assert accounts(server) == before


def test_12_address_given_again_does_not_give_the_account_away(settled, nights):
    """Another employee id on a known account stops that person, whatever night it is."""
    server = couple(settled, nights)
    before = accounts(server)

    for night in (1, 2, 3):
        said = nights(
            night, HEADER + OTTO + "E77,mia@acme.example,Mila New\n", lifecycle={"evidence": AT_ONCE}
        )
        assert (said.code, said.json["outcomes"]["held"]) == (3, 1)
        assert "a reused address?" in (said.folder / "reconciliation.csv").read_text()
    assert accounts(server) == before


def test_13_rename_makes_no_duplicate(settled, nights):
    """A joiner with a leaver's employee id is the same person: nobody is created and nobody removed."""
    server = couple(settled, nights)
    before = {one["login"] for one in accounts(server).values()} - {"mia@acme.example"}

    for night in (1, 2, 3):
        renamed = HEADER + OTTO + "E1,mia.moss@acme.example,Mia Moss\n"
        said = nights(night, renamed, lifecycle={"evidence": AT_ONCE})
        assert set(said.json["planned"]) <= {"login_change", "update"}
        assert said.code in (0, 3)
    [one] = [each for each in accounts(server).values() if each["login"] not in before]
    assert (one["id"], one["status"]) == (person(server, one["login"])["id"], "active")


TWO_ROWS = {
    "contractor and employee with one login": (MIA + "C7,mia@acme.example,Mia Managed\n", 1),
    "one employee id twice": (MIA + "E1,mia.moss@acme.example,Mia Moss\n", 1),
    "the id of one and the login of another": ("E1,otto@acme.example,Mia Managed\n", 3),
    "two swapped logins": ("E1,otto@acme.example,Mia\nE2,mia@acme.example,Otto\n", 3),
}


def test_14_two_rows_for_one_account_go_into_quarantine(settled, nights):
    """One person, one account: two rows for one account, or one row for two, change neither."""
    server = couple(settled, nights)
    before = accounts(server)

    for night, (what, (rows, code)) in enumerate(TWO_ROWS.items(), 1):
        rest = "" if "E2" in rows or "otto" in rows else OTTO
        said = nights(night, HEADER + rows + rest, lifecycle={"evidence": AT_ONCE}, guards=LOOSE)
        assert said.code in (code, 3), what
        assert said.json["planned"] == {}, what
    assert accounts(server) == before


def test_14_who_is_hired_again_gets_the_old_account_back(settled, nights):
    """A rehire is one person: the account that was locked is opened, and none is made beside it."""
    server = couple(settled, nights)
    before = person(server, "mia@acme.example")["id"]
    for night in (1, 2):
        nights(night, HEADER + OTTO)
    assert person(server, "mia@acme.example")["status"] == "inactive"

    assert nights(3, BOTH).json["planned"] == {"activate": 1}
    assert nights(4, BOTH).json["planned"] == {}
    assert {person(server, "mia@acme.example")[name] for name in ("id", "status")} == {before, "active"}


def test_15_accounts_of_others_are_never_removed_until_somebody_adopts_them(box, nights, provision):
    """Ownership is required to remove; adoption is a separate, recorded act."""
    server = box()
    terms = {"lifecycle": {"evidence": AT_ONCE}, "guards": LOOSE}
    before = accounts(server)
    assert [nights(night, BOTH, **terms).json["planned"] for night in range(4)] == [{}] * 4
    assert accounts(server) == before

    assert provision("adopt", "nightly.yaml", "--login", "zoe@acme.example", "--by", "Carla Chief").code == 0
    assert nights(5, BOTH, **terms).json["planned"] == {"deactivate": 1}
    assert person(server, "zoe@acme.example")["status"] == "inactive"


CHANGED = {
    "scope": {"scope": {"domains": ["acme.example", "acme.test"]}},
    "mapping": {"roster": {"columns": {"Number": "external_id"}}},
    "lifecycle": {"lifecycle": {"evidence": {"absent_runs": 1, "absent_hours": 1}}},
    "guards": {"guards": {"removals": {"count": 11}}},
}


def test_16_changed_job_removes_nobody_before_a_second_look(box, nights):
    """If scope, mapping, lifecycle or guards changed since the last night, removals wait for a second look."""
    server = box()
    for night, people in enumerate([BOTH, HEADER + OTTO]):
        assert nights(night, people).code == 0

    for night, (what, changed) in enumerate(CHANGED.items(), 2):
        without = (HEADER + OTTO).replace("external_id", "Number" if what == "mapping" else "external_id")
        said = nights(night, without, "--allow", "headers=1", **changed)
        assert (said.code, "changed_job" in refused(said)) == (3, True), what
        assert "changed since it was last applied" in told(said), what
    assert person(server, "mia@acme.example")["status"] == "active"


def test_19_create_that_was_carried_out_in_spite_of_a_503_is_not_sent_again(box, nights):
    """Look before retry: after an answer that may have been a yes, the account is looked for first."""
    fault = {
        "do": {"fault": "503_written", "retry_after": 0},
        "match": {"method": "POST", "path": "^/2.0/users$"},
    }
    server = box(rules=[fault])

    first = nights(0, ROSTER)
    again = [nights(night, ROSTER) for night in (1, 2)]

    assert (first.code, [each.json["planned"] for each in again]) == (0, [{}, {}])
    assert len(creates(server)) == 1
    assert logins(server).count("nina@acme.example") == 1


def test_28_nothing_is_taken_away_before_what_replaces_it_is_there(box, nights):
    """Add, verify, then remove: in one night whoever is created is there before anybody is deleted."""
    server = box()
    assert nights(0, BOTH, lifecycle=DELETE).code == 0
    joined = HEADER + OTTO + "E5,nora@acme.example,Nora New\n"

    assert nights(1, joined, lifecycle=DELETE).json["planned"] == {"create": 1, "delete": 1}
    order = [
        each.method for each in server.log if each.method in ("POST", "DELETE") and "oauth2" not in each.path
    ]
    assert order == ["POST", "DELETE"]
    assert nights(2, joined, lifecycle=DELETE).json["planned"] == {}


def test_28_change_of_a_person_locks_nobody_out_in_between(settled, nights):
    """A change is one call: where it fails, the account is as it was, and open."""
    server = couple(settled, nights)
    server.faults.add(rule("forbidden", method="PUT"))

    for night in (1, 2):
        said = nights(night, BOTH.replace("Mia Managed", "Mia Moss"))
        assert said.code == 4
        assert (person(server, "mia@acme.example")["status"], calls(server, "DELETE")) == ("active", [])
