"""The accidents whose rule is that a person looks first: what is safe goes on, the rest waits, is told, and is asked once."""

from __future__ import annotations

from .conftest import creates, logins, person
from .staff import ALL, GOOD, HEADER, SEED, left, line, refused, roster, told, village

TEAMS = {
    **SEED,
    "users": [
        {**user, "job_title": "Agency" if at < 8 else "Staff"} for at, user in enumerate(SEED["users"])
    ],
}
PARTS = {"guards": {"removals": {"count": 10, "percent": 25}, "shrink": {"percent": 50}, "by": "job_title"}}
GONE = {1, 2, 3}


def test_03_class_of_people_that_disappears_is_held_though_the_total_is_small(box, nights):
    """Limits hold for each part of the people: three of forty are few, three of the eight from the agency are not."""
    server = box(seed=TEAMS)
    assert nights(0, GOOD, **PARTS).code == 0
    rest = roster(n for n in ALL if n not in GONE)
    nights(1, rest, **PARTS)
    said = nights(2, rest, **PARTS)

    assert (said.code, refused(said), left(server)) == (3, {"removals[Agency]"}, set())
    assert "among Agency, the plan removes 3 of 8 accounts" in told(said)


def test_13_mistyped_address_removes_nobody(box, nights):
    """A joiner and a leaver who look like one person are asked about, also where the new address is out of scope."""
    server = box(seed=SEED)
    people = GOOD.replace("external_id,", "number,")
    mistyped = people.replace("p9@acme.example", "p9@acme.test").replace("p7@acme.example", "p7@acme.exmaple")
    assert nights(0, people).code == 0
    for night in (1, 2, 3):
        said = nights(night, mistyped)
        assert left(server) == set()

    assert said.code == 3
    words = told(said) + (said.folder / "reconciliation.csv").read_text()
    assert [row for row in (8, 10) if f"looks like the person of row {row}" not in words] == []


def test_13_new_address_of_a_known_name_makes_no_second_account_before_somebody_looked(
    box, nights, provision
):
    """A joiner and a leaver who look like one person wait, and are asked about once: two people are two accounts."""
    server = box(seed=SEED)
    people = GOOD.replace("external_id,", "number,")
    moved = people.replace("p9@acme.example", "p.nine@acme.example")
    assert nights(0, people).code == 0
    held = nights(1, moved)
    assert (held.code, creates(server)) == (3, [])
    nights(2, moved)
    assert (creates(server), left(server)) == ([], set())

    provision("approve", nights(3, moved).folder, "--person", "p.nine@acme.example", "--by", "Ines Iversen")
    nights(4, moved)
    assert "p.nine@acme.example" in logins(server)


LOST_ACCENTS = {1: ("Zoë Weiß", "Zoe Weiss"), 2: ("Łukasz Öz", "Lukasz Oz"), 3: ("Zoë", "Zo?")}


def test_20_name_that_lost_its_accents_waits_and_the_rest_goes_on(box, nights):
    """Suspicious characters hold the name, not the person."""

    def people(which: int, old: str = "555-", new: str = "555-") -> str:
        rows = "".join(
            line(n).replace(f"Person {n}", names[which]).replace(old, new)
            for n, names in LOST_ACCENTS.items()
        )
        return HEADER + rows + "".join(line(n) for n in ALL if n not in LOST_ACCENTS)

    named = [{"name": names[0], "login": f"p{n}@acme.example"} for n, names in LOST_ACCENTS.items()]
    server = box(seed={**SEED, "users": [*named, *SEED["users"][3:]]})
    assert nights(0, people(0)).code == 0
    said = nights(1, people(1))
    for n, names in LOST_ACCENTS.items():
        assert (said.code, person(server, f"p{n}@acme.example")["name"]) == (3, names[0])

    said = nights(2, people(1, new="555-000"))
    assert (said.code, said.json["outcomes"]["done"], said.json["outcomes"]["held"]) == (3, 3, 3)
    for n, names in LOST_ACCENTS.items():
        found = person(server, f"p{n}@acme.example")
        assert (found["name"], found["phone"]) == (names[0], f"555-000{n}")
    assert "accents" in (said.folder / "reconciliation.csv").read_text(encoding="utf-8-sig")


def test_24_two_a_night_are_looked_at_before_they_are_everybody(settled, nights):
    """Rolling budgets hold without a word in the job file: no more than a quarter of the accounts in a month."""
    server = village(settled, nights)
    codes = [nights(night, roster(n for n in ALL if n > 2 * night)).code for night in range(1, 8)]

    assert (codes[0], codes[-1]) == (0, 3)
    assert 2 < len(left(server)) <= len(ALL) // 4


def test_25_what_is_held_grows_louder_while_the_safe_part_goes_on(settled, nights, provision):
    """Split and age: newcomers get their accounts, the removals get an owner, a clock and louder words."""
    server = village(settled, nights)
    rest = roster(n for n in ALL if n > 3) + "00000050,new@acme.example,New Comer,1\n"
    sections = {
        "guards": {"removals": {"count": 1}, "shrink": {"percent": 50}, "owner": "it-desk@acme.example"}
    }
    for night in (1, 3):
        said = nights(night, rest, **sections)
    assert (said.code, left(server), "new@acme.example" in logins(server)) == (3, set(), True)
    late = nights(12, rest, **sections)

    assert "OVERDUE" in late.json["error"]
    listed = provision("holds", "nightly.yaml", "--json").json["holds"]
    assert {(one["owner"], one["days"] >= 9) for one in listed} == {("it-desk@acme.example", True)}
    provision("approve", late.folder, "--all", "--by", "Ines Iversen")
    assert (nights(13, rest, **sections).code, left(server)) == (0, {1, 2, 3})
