"""What nearly is an accident: letters that look alike, times that come twice, people who may not leave. Several nights each."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from .conftest import SEED as FEW
from .conftest import accounts, person
from .staff import ALL, AT_ONCE, GOOD, LOOSE, SEED, left, roster

HEADER = "external_id,login,name\n"
MIA = "E1,mia@acme.example,Mia Managed\n"
OTTO = "E2,otto@acme.example,Otto Ömer\n"
BOTH = HEADER + MIA + OTTO
GONE_AT_ONCE = {"lifecycle": {"evidence": AT_ONCE}, "guards": LOOSE}

SAME_PERSON = {
    "login in other letter case": BOTH.replace("mia@acme.example", "Mia@Acme.Example"),
    "login in capitals": BOTH.replace("mia@acme.example", "MIA@ACME.EXAMPLE"),
    "no-break space after the login": BOTH.replace("mia@acme.example", "mia@acme.example\u00a0"),
    "no-break space after the key": BOTH.replace("E1", "E1\u00a0"),
    "no-break space after the name": BOTH.replace("Mia Managed", "Mia Managed\u00a0"),
    "name decomposed": BOTH.replace("Ö", "O\u0308"),
}


def test_letters_that_mean_the_same_change_nothing(box, nights):
    server = box()
    assert nights(0, BOTH, **GONE_AT_ONCE).code == 0
    before = accounts(server)

    for night, (what, people) in enumerate(SAME_PERSON.items(), 1):
        said = nights(night, people, **GONE_AT_ONCE)
        assert (said.code, said.json["planned"]) == (0, {}), what
    assert accounts(server) == before


def test_letters_that_only_look_the_same_make_nobody_new_or_gone(box, nights):
    """A dotless ı, a dotted İ, a wide ｉ and a Cyrillic і are not an i; the row names its person by the employee id."""
    active = {**FEW, "users": [{**each, "status": "active"} for each in FEW["users"]]}
    server = box(seed=active)
    assert nights(0, BOTH + "E3,ina@acme.example,Ina Inactive\n", **GONE_AT_ONCE).code == 0
    before = accounts(server)

    for night, other in enumerate(2 * ("ına", "İna", "ｉna", "іna"), 1):
        people = f"{BOTH}E3,{other}@acme.example,Ina Inactive\n"
        assert nights(night, people, **GONE_AT_ONCE).code in (0, 1, 3), other
        assert accounts(server) == before, other


SHARP = "E8,weiß@acme.example,Eva\nE9,straße@acme.example,Ida\n"
DOUBLE = SHARP.replace("ß", "ss")


@pytest.mark.parametrize(("mine", "other"), [(DOUBLE, SHARP), (SHARP, DOUBLE)], ids=["ss", "ß"])
def test_sharp_s_makes_nobody_gone(box, nights, mine, other):
    """ß and ss fold into the same letters: an address that is spelt now so and now so is no leaver and no joiner."""
    named = [row.split(",") for row in mine.splitlines()]
    server = box(
        seed={**FEW, "users": [*({"name": row[2], "login": row[1]} for row in named), *FEW["users"]]}
    )
    assert nights(0, BOTH + mine, **GONE_AT_ONCE).code == 0
    before = accounts(server)

    for night, people in enumerate([other, mine, other, other], 1):
        assert nights(night, BOTH + people, **GONE_AT_ONCE).code in (0, 1, 3)
    assert accounts(server) == before


def test_rows_that_differ_in_sharp_s_only_are_two_people_and_neither_is_removed(box, nights):
    server = box(seed={**FEW, "users": [{"name": "Eva", "login": "weiss@acme.example"}, *FEW["users"]]})
    assert nights(0, f"{BOTH}E8,weiss@acme.example,Eva\n", **GONE_AT_ONCE).code == 0
    before = accounts(server)

    for night in (1, 2, 3):  # this Box gives the second address to nobody, which is that person's outcome
        both = f"{BOTH}E8,weiss@acme.example,Eva\nE9,weiß@acme.example,Eva\n"
        assert nights(night, both, **GONE_AT_ONCE).code in (3, 4)
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


def test_same_file_fed_twice_is_one_absence(box, nights):
    server = box(seed=SEED)
    nights(0, GOOD)
    Path("without.csv").write_text(roster(range(2, 41)))

    assert [nights(night, Path("without.csv").resolve()).json["planned"] for night in (1, 2, 3)] == [{}] * 3
    assert left(server) == set()


#: the day after the last one, its zone, and when that day begins there, in UTC; in some zones without a midnight, or with two
MIDNIGHTS = [
    ("Europe/Berlin", "2027-03-28", datetime(2027, 3, 27, 23, tzinfo=UTC)),
    ("Europe/Berlin", "2027-03-29", datetime(2027, 3, 28, 22, tzinfo=UTC)),
    ("Europe/Berlin", "2027-10-31", datetime(2027, 10, 30, 22, tzinfo=UTC)),
    ("Asia/Beirut", "2027-03-28", datetime(2027, 3, 27, 22, tzinfo=UTC)),
    ("America/Havana", "2027-11-07", datetime(2027, 11, 7, 4, tzinfo=UTC)),
    ("Pacific/Kiritimati", "2027-01-01", datetime(2026, 12, 31, 10, tzinfo=UTC)),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "day", "begins"), MIDNIGHTS)
def test_the_last_day_ends_at_midnight_of_the_zone_though_clocks_change(box, nights, zone, day, begins):
    server, last = box(), date.fromisoformat(day) - timedelta(days=1)
    ends = f"external_id,login,name,end_date\nE1,mia@acme.example,Mia Managed,{last}\nE2,otto@acme.example,Otto Ömer,\n"
    terms = {"lifecycle": {"timezone": zone}}
    midnight = (begins - datetime.now(UTC)).total_seconds() / 86_400

    assert nights(midnight - 0.02, ends, **terms).json["planned"] == {}
    assert person(server, "mia@acme.example")["status"] == "active"
    assert nights(midnight + 0.02, ends, **terms).json["planned"] == {"deactivate": 1}
    assert (
        nights(midnight + 0.06, ends, **terms).json["planned"] == {}
    )  # an hour that comes twice changes nothing
    assert person(server, "mia@acme.example")["status"] == "inactive"


def test_leaver_to_whom_the_content_of_others_goes_is_not_deleted(box, nights):
    """Destinations of transfers stay, also when they leave in the same night as those whose content they get."""
    stages = [{"after": "0d", "do": "transfer", "to": "p40@acme.example"}, {"after": "1d", "do": "delete"}]
    terms = {"lifecycle": {"evidence": AT_ONCE, "leavers": stages}, "guards": LOOSE}
    server = box(seed=SEED)
    assert nights(0, GOOD, **terms).code == 0

    for night in (1, 2, 3, 4):
        nights(night, roster(range(3, 40)), **terms)
    assert person(server, "p40@acme.example")["status"] == "active"


@pytest.mark.parametrize("action", ["deactivate", "delete"])
def test_last_admin_service_account_and_coadmin_in_the_list_of_leavers_stay(box, nights, action):
    server = box()
    service = next(one.login for one in server.enterprise.accounts if one.login.startswith("Automation"))
    before = accounts(server)
    rows = "".join(f"{who},{action}\n" for who in ("ada@acme.example", "cora@acme.example", service))
    everywhere = {"scope": {}, "roster": {"authority": "partial"}, "guards": LOOSE}

    for night in (0, 1, 2):
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

    for night in (1, 2, 3):
        assert nights(night, BOTH, scope={}, **GONE_AT_ONCE).json["planned"] == {}
    assert accounts(server) == before


def test_everybody_who_may_leave_does_so_on_the_same_nights(box, nights):
    """Beside all the above: the same nights do remove who has left, so that none of these tests is empty."""
    server = box(seed=SEED)
    assert nights(0, GOOD).code == 0

    assert [nights(night, roster(range(2, 41))).json["planned"] for night in (1, 2)] == [
        {},
        {"deactivate": 1},
    ]
    assert left(server) == {1} < set(ALL)
