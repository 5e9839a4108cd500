"""Two jobs whose rosters say two things of one person: nothing is done by turns, and each is told what stays as it is, and why."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import person
from .test_claims import AT_ONCE, MIA, PEOPLE
from .test_groups import members
from .test_left_out import SEED

OTTO = "otto@acme.example"


@pytest.fixture
def both(nights):
    """Runs both jobs night after night, each with its roster: the ends of all of them, job by job."""

    def run(texts: dict[str, str], *numbers: float, **sections: Any):
        guards: dict[str, Any] = {name: {"percent": 100} for name in ("shrink", "removals")}
        guards["memberships_removed"] = {"count": 9}
        shared = {"lifecycle": AT_ONCE, "guards": guards, **sections}
        return [
            nights(night + at / 10, text, "--yes", name=name, **shared)
            for night in numbers
            for at, (name, text) in enumerate(texts.items())
        ]

    return run


def codes(said) -> set[str]:
    return {each["code"] for each in said.json["findings"]}


def roster(header: str, **cells: str) -> str:
    """The people of these names, each with more cells."""
    rows = (PEOPLE[who].replace("\n", f",{more}\n") for who, more in cells.items())
    return f"external_id,login,name,{header}\n" + "".join(rows)


def test_who_is_in_a_group_by_one_roster_stays_in_it_and_is_its_admin_by_whichever_says_so(
    box, both, provision
):
    """Also where only one of the jobs that manage a group names somebody at all, and until the other one names the group no more."""
    groups = [{"name": name, "members": [MIA, OTTO]} for name in ("Sales", "Board", "Desk")]
    server = box(seed=SEED | {"groups": groups})
    texts = {
        "sales": roster("groups", mia="Sales; Board (admin)", otto="Sales; Board; Desk"),
        "labs": roster("groups", mia="Board; Fresh", sara="Board"),
    }
    managed = {"groups": {"create": True, "manage": ["*"]}}
    both(texts, 0, **managed)
    stable = both(texts, 1, 2, 3, **managed)

    assert [(each.code, each.json["planned"]) for each in stable] == [(0, {})] * 6
    assert {name: members(server, name) for name in ("Sales", "Board", "Desk", "Fresh")} == {
        "Sales": {"mia": "member", "otto": "member"},
        "Board": {"mia": "admin", "otto": "member", "sara": "member"},
        "Desk": {"otto": "member"},
        "Fresh": {"mia": "member"},
    }
    assert ["claimed_by_job" in codes(each) for each in stable[:2]] == [True, True]
    told = " ".join(provision("explain", "labs.yaml", MIA).out.split())
    assert (
        "stays in group Sales as it is: claimed by job sales, whose roster names the group for this person"
        in told
    )
    # sales says no more that she is in Sales and an admin of the board, and labs has named neither
    fewer = both(texts | {"sales": roster("groups", mia="Desk", otto="(clear)")}, 4, 5, **managed)
    assert [each.json["planned"] for each in fewer[2:]] == [{}, {}]
    assert (members(server, "Sales"), members(server, "Desk")) == ({}, {"mia": "member"})
    assert members(server, "Board") == {"mia": "member", "sara": "member"}
    again = both({"labs": texts["labs"]}, 20, 21, **managed)  # the claims of sales are over by now
    assert members(server, "Desk") == {}
    assert again[1].json["planned"] == {}


def test_an_attribute_stays_as_the_job_has_it_that_had_the_account_first_and_the_other_one_is_told(
    box, both, provision
):
    server = box(seed=SEED)
    texts = {
        "sales": roster("job_title,phone", mia="Buyer,1", otto="Seller,2"),
        "labs": roster("job_title,phone", mia="Chief,3", otto="Seller,2"),
    }
    both({"sales": texts["sales"]}, 0)
    nights = both(texts, 1, 2)

    assert [(each.code, each.json["planned"]) for each in nights] == [(0, {}), (3, {})] * 2
    shown = person(server, MIA)
    assert (shown["job_title"], shown["phone"]) == ("Buyer", "1")
    waits = provision("holds", "labs.yaml").out
    assert "job_title, phone waits: claimed by job sales, which has had the account for longer" in " ".join(
        waits.split()
    )
    # what the first one says nothing of any more is the other one's; the rest goes on waiting
    freed = both(texts | {"sales": roster("job_title,phone", mia="Buyer,", otto="Seller,")}, 3, 4)
    assert [each.code for each in freed] == [0, 3, 0, 3]
    shown = person(server, MIA)
    assert (shown["job_title"], shown["phone"]) == ("Buyer", "3")
    agreed = both(texts | {"sales": texts["labs"]}, 5, 6)
    assert [each.code for each in agreed] == [0, 0, 0, 0]
    assert person(server, MIA)["job_title"] == "Chief"


def test_an_address_that_the_other_roster_names_stays_and_no_login_goes_back_and_forth(box, both):
    server = box(seed=SEED)
    texts = {
        "sales": roster("aliases", mia="mm@acme.example; mimi@acme.example"),
        "labs": roster("aliases", mia="mm@acme.example"),
    }
    how = {"aliases": {"remove": True}, "match": {"login_changes": "apply"}}
    both(texts, 0, **how)
    fewer = texts | {"sales": roster("aliases", mia="(clear)")}
    stays = both(fewer, 1, 2, **how)

    assert person(server, MIA)["aliases"] == ("mm@acme.example",)
    assert [each.json["planned"] for each in stays[1:]] == [{}] * 3
    assert "claimed_by_job" in codes(stays[2])
    renamed = texts["labs"].replace(MIA, "mia.marsh@acme.example")
    logins = both(fewer | {"labs": renamed}, 3, 4, **how)
    assert [(each.code, each.json["planned"]) for each in logins] == [(0, {}), (3, {})] * 2
    [waits] = logins[-1].json["holds"]
    assert (
        "login waits: claimed by job sales" in waits["reason"]
        and "leave the column out" not in waits["reason"]
    )
    assert person(server, MIA)["login"] == MIA


def test_a_status_that_two_rosters_say_otherwise_is_turned_once_at_most(box, both):
    server = box(seed=SEED)
    texts = {
        "sales": roster("status", mia="active", otto="inactive"),
        "labs": roster("status", mia="inactive", otto="active"),
    }
    both(texts, 0, 1)
    stable = both(texts, 2, 3)

    assert [each.json["planned"] for each in stable] == [{}] * 4
    assert [person(server, who)["status"] for who in (MIA, OTTO)] == ["active", "active"]


def test_whom_a_partial_roster_has_locked_no_full_one_activates_before_somebody_says_which_is_right(
    box, nights, provision
):
    """Else a list of leavers and a whole roster lock and activate somebody by turns."""
    server = box(seed=SEED)
    whole, leavers = roster("status", mia="active", otto="active"), roster("status", mia="terminated")
    nights(0, whole, "--yes", name="sales")
    locked = nights(0.1, leavers, "--yes", name="list", roster={"authority": "partial"})
    waits = nights(1, whole, "--yes", name="sales")
    again = nights(1.1, leavers, "--yes", name="list", roster={"authority": "partial"})

    assert (locked.json["planned"], waits.code, waits.json["planned"]) == ({"deactivate": 1}, 3, {})
    assert "the roster of job list says that the person has left" in waits.json["holds"][0]["reason"]
    assert (again.code, again.json["planned"], person(server, MIA)["status"]) == (0, {}, "inactive")
    assert provision("adopt", "sales.yaml", "--login", MIA, "--by", "Carla Chief").code == 0
    assert nights(2, whole, "--yes", name="sales").json["planned"] == {"activate": 1}
