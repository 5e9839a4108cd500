"""What rows mean for people, over nights and through the command line: dates, status words, several rows, logins built anew."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any

from .conftest import logins, person

SEED: dict[str, Any] = {
    "enterprise": {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example"]},
    "admin": {"name": "Ada Abara", "login": "ada@acme.example"},
    "users": [
        {"name": name, "login": f"{name.split()[0].lower()}@acme.example"}
        for name in ("Mia Marsh", "Otto Ort", "Sara Süß", "Bela Berg")
    ],
}
HEADER = "external_id,login,name,status,end_date\n"


def rows(**cells: str) -> str:
    """The roster of the four, each with what is said of status and end date, active by default."""
    people = zip("1234", SEED["users"], strict=True)
    return HEADER + "".join(
        f"E{number},{user['login']},{user['name']},{cells.get(user['login'].split('@')[0], 'Active,')}\n"
        for number, user in people
    )


def status(server, who: str) -> str:
    return str(person(server, f"{who}@acme.example")["status"])


def line(said, login: str) -> dict[str, str]:
    """The line of one person in the reconciliation."""
    with (said.folder / "reconciliation.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(each for each in csv.DictReader(file) if each["login"] == login)


def test_dates_and_status_words_over_nights(box, nights, hands):
    """The last day, an end date entered late, one of an earlier employment, and somebody who is hired again."""
    server = box(seed=SEED)
    nights(0, rows())
    today = hands.now().date()
    late, next_week = today + timedelta(days=1), today + timedelta(days=7)
    said = {
        "mia": f"Active,{next_week}",
        "otto": "Active,2023-06-30",
        "sara": "Terminated,",
        "bela": "Active,",
    }

    assert nights(1, rows(**said)).json["planned"] == {"deactivate": 1}
    assert (status(server, "sara"), status(server, "otto")) == ("inactive", "active")
    assert nights(7, rows(**said)).json["planned"] == {}
    assert nights(8, rows(**said)).json["planned"] == {"deactivate": 1}
    # 40 days late, but an earlier roster named her without it; and she who was terminated is back with that date
    said |= {"bela": f"Active,{late}", "sara": f"Active,{today}"}
    assert nights(41, rows(**said)).json["planned"] == {"activate": 1, "deactivate": 1}
    assert nights(42, rows(**said)).json["planned"] == {}
    assert [status(server, who) for who in ("mia", "otto", "sara", "bela")] == [
        "inactive", "active", "active", "inactive",
    ]  # fmt: skip


UPN = "User principal name,mail,Display name\n"


def test_a_roster_about_nobody_in_scope_is_refused_and_the_fitting_column_named(box, provision, make_job):
    server = box(seed=SEED)
    before = logins(server)
    job = make_job(UPN + "".join(f"n{at}@acme.onmicrosoft.com,n{at}@acme.example,N {at}\n" for at in "123"))

    for command in ("check", "plan", "run"):
        said = provision(command, job, "--json")
        assert (said.code, [each["name"] for each in said.json["guards"]][-1]) == (3, "out_of_scope")
        assert "all 3 rows are outside scope.domains (acme.example)" in said.json["error"]
        assert 'column "mail" has addresses that fit' in said.json["error"]
    assert logins(server) == before


def test_some_people_out_of_scope_are_told_and_the_others_looked_after(box, provision, make_job):
    box(seed=SEED)
    job = make_job(
        rows().replace("bela@acme.example", "bela@elsewhere.example"), guards={"removals": {"count": 0}}
    )

    checked, said = provision("check", job), provision("run", job, "--json")

    assert "1 of 4 rows is outside scope.domains (acme.example), as bela@elsewhere.example" in " ".join(
        checked.err.split()
    )
    assert (checked.code, said.code, said.json["planned"]) == (0, 0, {})


def test_a_name_of_which_a_part_is_missing_is_not_written_and_somebody_new_gets_what_there_is(box, nights):
    server = box(seed=SEED)
    parts = "Work Email,First Name,Last Name\nmia@acme.example,,Marsh\notto@acme.example,Otto,Ort\nnew@acme.example,,Teller\n"

    said = nights(0, parts)

    assert said.json["planned"] == {"create": 1}
    assert [person(server, f"{who}@acme.example")["name"] for who in ("mia", "new")] == [
        "Mia Marsh",
        "Teller",
    ]


def test_the_account_of_a_leaver_whose_address_was_cleared_is_locked_and_a_stranger_without_one_holds_nobody(
    box, nights
):
    server = box(seed=SEED)
    nights(0, rows())
    cleared = rows(sara="Terminated,").replace("sara@acme.example", "")
    assert nights(1, cleared).json["planned"] == {"deactivate": 1}
    assert status(server, "sara") == "inactive"

    no_ids = "login,name\n" + "".join(f"{user['login']},{user['name']}\n" for user in SEED["users"][:3])
    absent = no_ids + ",Nora Ost\n"
    terms = {
        "name": "other",
        "state": "sqlite:///other/provision.db",  # else the people of the first job are claimed by it
        "lifecycle": {"evidence": {"absent_runs": 2, "absent_hours": 0}},
    }
    nights(0, no_ids + "bela@acme.example,Bela Berg\n,Nora Ost\n", **terms)
    assert nights(1, absent, **terms).code == 1
    assert nights(2, absent + "\n", **terms).json["planned"] == {"deactivate": 1}


def test_who_has_two_contracts_leaves_when_both_have_ended(box, nights, hands):
    server = box(seed=SEED)
    today = hands.now().date()
    over, later = today - timedelta(days=1), today + timedelta(days=1)
    first = HEADER + f"E1,mia@acme.example,Mia Marsh,,{over}\n"
    others = "".join(f"{line}\n" for line in rows().splitlines()[1:] if "mia@" not in line)

    said = nights(0, first + f"E1,mia@acme.example,Mia Marsh,,{later}\n" + others)
    assert (said.code, said.json["planned"], status(server, "mia")) == (0, {}, "active")
    assert nights(2, first + f"E1,mia@acme.example,Mia Marsh,,{later}\n" + others).json["planned"] == {
        "deactivate": 1
    }


def test_a_roster_that_is_too_old_is_refused_unless_its_age_is_allowed(box, provision, make_job, clock):
    box(seed=SEED)
    job = make_job(rows(), roster={"max_age": "36h"})
    found = {}
    for hours in (35.5, 37.5):
        clock(hours)
        found[hours] = [provision(command, job, "--json") for command in ("check", "plan", "run")]

    assert {hours: [said.code for said in each] for hours, each in found.items()} == {
        35.5: [0] * 3,
        37.5: [3] * 3,
    }
    assert "38 hours ago; this job takes none older than 36 h" in found[37.5][-1].json["error"]
    assert provision("run", job, "--allow", "max_age=38").code == 0


def test_a_manager_who_is_named_by_name_is_protected_and_gets_the_content(box, nights):
    """Also when she is the one who leaves; and nobody leaves while nobody knows who a manager is."""
    server = box(seed=SEED)
    scope = {"domains": ["acme.example"], "protect_managers": True}
    stages = {
        "leavers": [{"after": "0d", "do": "deactivate"}, {"after": "1d", "do": "transfer", "to": "manager"}]
    }
    head = "external_id,login,name,supervisor,status\n"
    people = (
        "E1,mia@acme.example,Mia Marsh,,{0}\nE2,otto@acme.example,Otto Ort,{1},{2}\n"
        "E3,sara@acme.example,Sara Süß,{1},\n"
    )

    def night(number, mia="", manager='"Marsh, Mia"', otto=""):
        return nights(number, head + people.format(mia, manager, otto), scope=scope, lifecycle=stages)

    assert night(0).code == 0
    assert (night(1, mia="Terminated", manager="Amy Amiss").code, status(server, "mia")) == (3, "active")
    both = night(2, mia="Terminated", otto="Terminated")
    assert [status(server, who) for who in ("mia", "otto")] == ["active", "inactive"]
    assert "manager of active people" in line(both, "mia@acme.example")["reason"]
    moved = night(4, otto="Terminated")
    assert "the content goes to mia@acme.example (the manager)" in line(moved, "otto@acme.example")["reason"]
