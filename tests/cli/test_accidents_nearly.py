"""What nearly is an accident: letters that look alike, times that come twice, people who may not leave. Several nights each."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from .conftest import SEED as FEW
from .conftest import accounts, person
from .staff import ALL, AT_ONCE, GOOD, LOOSE, SEED, left, roster, village

HEADER = "external_id,login,name\n"
MIA = "E1,mia@acme.example,Mia Managed\n"
OTTO = "E2,otto@acme.example,Otto Ömer\n"
BOTH = HEADER + MIA + OTTO
GONE_AT_ONCE = {"lifecycle": {"evidence": AT_ONCE}, "guards": LOOSE}

#: one row in other letters each, of six people who are in Box by these names
SAME_PERSON = {
    "login in other letter case": ("S1,sara@acme.example,Sara Sund", "S1,Sara@Acme.Example,Sara Sund"),
    "login in capitals": ("S2,bela@acme.example,Bela Berg", "S2,BELA@ACME.EXAMPLE,Bela Berg"),
    "no-break space after the login": ("S3,cleo@acme.example,Cleo Cole", "S3,cleo@acme.example\u00a0,Cleo Cole"),
    "no-break space after the key": ("S4,dara@acme.example,Dara Dorn", "S4\u00a0,dara@acme.example,Dara Dorn"),
    "no-break space after the name": ("S5,edna@acme.example,Edna Egg", "S5,edna@acme.example,Edna Egg\u00a0"),
    "name decomposed": ("S6,finn@acme.example,Finn Föhr", "S6,finn@acme.example,Finn Fo\u0308hr"),
}  # fmt: skip


def test_letters_that_mean_the_same_change_nothing(box, nights):
    users = [dict(zip(("login", "name"), row.split(",")[1:], strict=True)) for row, _ in SAME_PERSON.values()]
    server = box(seed={**FEW, "users": [*users, *FEW["users"]]})
    before = accounts(server)

    rosters = (BOTH + "".join(f"{each[which]}\n" for each in SAME_PERSON.values()) for which in (0, 1, 1))
    found = [nights(night, people, **GONE_AT_ONCE) for night, people in enumerate(rosters)]

    assert [(said.code, said.json["planned"]) for said in found] == [(0, {})] * 3
    assert [said.json["roster"]["valid"] for said in found] == [8] * 3
    assert accounts(server) == before


def test_letters_that_only_look_the_same_make_nobody_new_or_gone(box, nights):
    """A dotless ı, a dotted İ, a wide ｉ and a Cyrillic і are not an i; the row names its person by the employee id."""
    named = {f"i{at}na": f"{other}{at}na" for at, other in enumerate("ıİｉі")}
    users = [{"name": "Ina", "login": f"{who}@acme.example"} for who in named]
    server = box(seed={**FEW, "users": [*users, *FEW["users"]]})

    def people(logins) -> str:
        return BOTH + "".join(f"I{at},{who}@acme.example,Ina\n" for at, who in enumerate(logins))

    assert nights(0, people(named), **GONE_AT_ONCE).code == 0
    before = accounts(server)

    for night in (1, 2):
        assert nights(night, people(named.values()), **GONE_AT_ONCE).code in (1, 3)
        assert accounts(server) == before


def test_sharp_s_makes_nobody_gone(box, nights):
    """ß and ss fold into the same letters: an address that is spelt now so and now so is no leaver and no joiner."""
    pairs = [("E6,weiss@acme.example,Eva", "E6,weiß@acme.example,Eva"), ("E8,groß@acme.example,Ida", "E8,gross@acme.example,Ida")]  # fmt: skip
    mine, other = ("".join(f"{each[which]}\n" for each in pairs) for which in (0, 1))
    users = [dict(zip(("login", "name"), row.split(",")[1:], strict=True)) for row, _ in pairs]
    server = box(seed={**FEW, "users": [*users, *FEW["users"]]})
    assert nights(0, BOTH + mine, **GONE_AT_ONCE).code == 0
    before = accounts(server)

    for night, people in enumerate([other, mine, other, other], 1):
        assert nights(night, BOTH + people, **GONE_AT_ONCE).code in (0, 1, 3)
    assert accounts(server) == before


def test_rows_that_differ_in_sharp_s_only_are_two_people_and_neither_is_removed(box, nights):
    server = box(seed={**FEW, "users": [{"name": "Eva", "login": "weiss@acme.example"}, *FEW["users"]]})
    assert nights(0, f"{BOTH}E8,weiss@acme.example,Eva\n", **GONE_AT_ONCE).code == 0
    before = accounts(server)

    # this Box gives the second address to nobody, which is that person's outcome: told once, it waits then
    for night, codes in ((1, (3, 4)), (2, (0, 3, 4))):
        both = f"{BOTH}E8,weiss@acme.example,Eva\nE9,weiß@acme.example,Eva\n"
        assert nights(night, both, **GONE_AT_ONCE).code in codes
    assert accounts(server) == before


def test_older_roster_that_is_the_newer_file_removes_nobody(box, nights, tmp_path):
    """Two rosters in one folder; somebody touches the older one, which does not have those who joined since."""
    server = box(seed={**SEED, "users": SEED["users"][:38]})
    for number, (name, people) in enumerate([("a.csv", roster(range(1, 39))), ("b.csv", GOOD)]):
        Path(name).write_text(people)
        os.utime(name, (1_700_000_000 + number, 1_700_000_000 + number))
        assert nights(number, Path(name).resolve()).code == 0
    before = accounts(server)
    os.utime("a.csv", (1_700_000_100, 1_700_000_100))

    for night in (2, 3, 4):
        said = nights(night, tmp_path / "[ab].csv")
        assert (said.json["roster"]["path"].endswith("a.csv"), said.json["planned"]) == (True, {})
    assert accounts(server) == before


def test_same_file_fed_twice_is_one_absence(settled, nights):
    server = village(settled, nights)
    Path("without.csv").write_text(roster(range(2, 41)))

    assert [nights(night, Path("without.csv").resolve()).json["planned"] for night in (1, 2, 3)] == [{}] * 3
    assert left(server) == set()


def test_the_last_day_ends_at_midnight_of_the_zone_though_clocks_change(box, provision, make_job, clock):
    """In a night whose first hour comes twice; others have their plans in tests/plan/test_lifecycle.py."""
    server = box()
    ends = "external_id,login,name,end_date\nE1,mia@acme.example,Mia Managed,2027-11-06\nE2,otto@acme.example,Otto Ömer,\n"
    job = make_job(ends, lifecycle={"timezone": "America/Havana"})
    midnight = (datetime(2027, 11, 7, 4, tzinfo=UTC) - datetime.now(UTC)).total_seconds() / 3600

    found = {}
    for hours in (-0.5, 0.5, 1.5):
        clock(midnight + hours)
        planned = provision("run", job, "--json").json["planned"]
        found[hours] = planned, person(server, "mia@acme.example")["status"]

    assert found == {-0.5: ({}, "active"), 0.5: ({"deactivate": 1}, "inactive"), 1.5: ({}, "inactive")}


def test_leaver_to_whom_the_content_of_others_goes_is_not_deleted(box, nights):
    """Destinations of transfers stay, also when they leave in the same night as those whose content they get."""
    stages = [{"after": "0d", "do": "transfer", "to": "p40@acme.example"}, {"after": "1d", "do": "delete"}]
    terms = {"lifecycle": {"evidence": AT_ONCE, "leavers": stages}, "guards": LOOSE}
    server = box(seed=SEED)
    assert nights(0, GOOD, **terms).code == 0

    for night in (1, 2, 3, 4):
        nights(night, roster(range(3, 40)), **terms)
    assert person(server, "p40@acme.example")["status"] == "active"


def test_last_admin_service_account_and_coadmin_in_the_list_of_leavers_stay(box, nights):
    server = box()
    service = next(one.login for one in server.enterprise.accounts if one.login.startswith("Automation"))
    before = accounts(server)
    who_stay = ("ada@acme.example", "cora@acme.example", service)
    everywhere = {"scope": {}, "roster": {"authority": "partial"}, "guards": LOOSE}

    for night, action in enumerate(("deactivate", "delete", "delete")):
        rows = "".join(f"{who},{action}\n" for who in who_stay)
        said = nights(night, "login,action\n" + rows, **everywhere)
        assert said.json["planned"] == {}
        told = (said.folder / "reconciliation.csv").read_text()
        assert told.count("the row says this person leaves, and the account is protected") == 2
        # nothing is done, and somebody has to know; listings do not show the other
    assert accounts(server) == before


def test_last_admin_and_service_account_survive_their_absence(box, nights):
    """Whoever the program signs in as was in a roster once, and is not any more."""
    server = box()
    service = next(one for one in server.enterprise.accounts if one.login.startswith("Automation"))
    rows = f"E7,ada@acme.example,Ada Abara\nE8,{service.login},{service.name}\n"
    nights(0, BOTH + rows, scope={}, **GONE_AT_ONCE)
    before = accounts(server)
    assert before[service.id]["status"] == person(server, "ada@acme.example")["status"] == "active"

    for night in (1, 2):
        assert nights(night, BOTH, scope={}, **GONE_AT_ONCE).json["planned"] == {}
    assert accounts(server) == before


def test_everybody_who_may_leave_does_so_on_the_same_nights(settled, nights):
    """Beside all the above: the same nights do remove who has left, so that none of these tests is empty."""
    server = village(settled, nights)

    assert [nights(night, roster(range(2, 41))).json["planned"] for night in (1, 2)] == [
        {},
        {"deactivate": 1},
    ]
    assert left(server) == {1} < set(ALL)
