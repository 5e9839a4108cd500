"""A job that is about some rows of its roster only, over nights and through the command line."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from .conftest import logins, person
from .staff import refused, told

PEOPLE = ("Mia Marsh", "Otto Ort", "Sara Sund", "Bela Berg", "Cleo Cole", "Dara Dorn")
SEED: dict[str, Any] = {
    "enterprise": {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example"]},
    "admin": {"name": "Ada Abara", "login": "ada@acme.example"},
    "users": [{"name": name, "login": f"{name.split()[0].lower()}@acme.example"} for name in PEOPLE],
}
HEADER = "external_id,login,name,status,Type\n"
WHERE = {"where": {"Type": ["Regular", "Intern"]}}
AT_ONCE = {"evidence": {"absent_runs": 1, "absent_hours": 0}}


def rows(**types: str) -> str:
    """The roster of the six, all regular but those of whom it is said otherwise; None is no row."""
    cells = {user["login"].split("@")[0]: user for user in SEED["users"]}
    kinds = dict.fromkeys(cells, "Active,Regular") | types
    return HEADER + "".join(
        f"E{at},{cells[who]['login']},{cells[who]['name']},{kinds[who]}\n"
        for at, who in enumerate(cells, 1)
        if kinds[who]
    )


def verdicts(said) -> dict[str, tuple[str, str]]:
    """Verdict and outcome of each line of the reconciliation, by login."""
    with (said.folder / "reconciliation.csv").open(encoding="utf-8-sig", newline="") as file:
        return {each["login"]: (each["verdict"], each["outcome"]) for each in csv.DictReader(file)}


def test_nothing_is_done_about_who_is_left_out(box, nights, provision, make_job):
    """Not to somebody new, nor of whom the row says that they left, nor to an account the job has never had, nor by absence."""
    server = box(seed=SEED)
    before = logins(server)
    new = "E7,nia@acme.example,Nia North,Active,Contractor\n,,Vacant,,Contractor\n,not an address,,nonsense,Temp\n"
    people = rows(mia="Terminated,Contractor", otto="Active,Temp") + new
    first = nights(0, people, roster=WHERE, lifecycle=AT_ONCE)

    assert (first.code, first.json["planned"]) == (0, {})
    assert {key: first.json["roster"][key] for key in ("rows", "valid", "rejected", "excluded")} == {
        "rows": 9, "valid": 4, "rejected": 0, "excluded": 5,
    }  # fmt: skip
    assert [each["level"] for each in first.json["findings"] if each["code"] == "rows_excluded"] == ["note"]
    lines = verdicts(first)
    assert {login for login, (verdict, _) in lines.items() if verdict == "excluded"} == {
        "mia@acme.example", "otto@acme.example", "nia@acme.example", "",
    }  # fmt: skip
    # nobody's absence is hidden by a row without a key that names nobody, and nobody left out is absent
    people = people.replace("E6,dara@acme.example,Dara Dorn,Active,Regular\n", "")
    second = nights(1, people, roster=WHERE, lifecycle=AT_ONCE)
    assert (second.code, second.json["planned"]) == (0, {"deactivate": 1})
    assert person(server, "dara@acme.example")["status"] == "inactive"
    assert [person(server, f"{who}@acme.example")["status"] for who in ("mia", "otto")] == ["active"] * 2
    assert logins(server) == before
    verified = provision("verify", make_job(people, roster=WHERE, lifecycle=AT_ONCE), "--json")
    assert (verified.code, verified.json["roster"]["excluded"]) == (0, 5)


def test_who_was_looked_after_and_is_left_out_now_stays_as_they_are(box, nights, provision):
    server = box(seed=SEED)
    assert nights(0, rows(), lifecycle=AT_ONCE).code == 0
    out = rows(mia="Terminated,Contractor", otto="Active,Contractor")
    for night in (1, 2, 3):
        said = nights(night, out, roster=WHERE, lifecycle=AT_ONCE)
        assert (said.code, said.json["planned"]) == (0, {}), told(said)
    assert person(server, "mia@acme.example")["status"] == "active"
    explained = provision("explain", said.folder.parents[1] / "nightly.yaml", "mia@acme.example")
    assert 'left out by roster.where ("Type")' in told(explained)
    # whose row counts again is looked after as before, and who has no row at all is absent
    people = rows(mia="Terminated,Regular", otto="")
    back = nights(4, people, "--allow", "changed_job=2", roster=WHERE, lifecycle=AT_ONCE)
    assert (back.code, back.json["planned"]) == (0, {"deactivate": 2}), told(back)


def test_a_filter_that_leaves_out_too_many_is_refused_until_its_number_is_allowed(
    box, nights, provision, make_job
):
    """Two always pass, as for rows that are missing; who was left out the night before does not count again."""
    box(seed=SEED)
    assert nights(0, rows()).code == 0
    out = rows(**dict.fromkeys(("mia", "otto", "sara"), "Active,Contractor"))
    said = nights(1, out, roster=WHERE)
    assert (said.code, refused(said)) == (3, {"shrink"})
    assert "roster.where leaves out 3 of 6 people matched last time (50.0%)" in said.json["error"]
    everybody = rows(**dict.fromkeys(("mia", "otto", "sara", "bela", "cleo", "dara"), "Active,Contractor"))
    assert (nights(2, everybody, roster=WHERE).code, refused(said)) == (3, {"shrink"})

    assert nights(3, out, "--allow", "shrink=2", roster=WHERE).code == 3
    assert nights(4, out, "--allow", "shrink=3", roster=WHERE).code == 0
    assert nights(5, out, roster=WHERE).code == 0
    two_more = rows(**dict.fromkeys(("mia", "otto", "sara", "bela", "cleo"), "Active,Contractor"))
    assert nights(6, two_more, roster=WHERE).code == 0
    # all count again, then three do not: that is a new question, which may be answered once for all
    assert nights(7, rows(), roster=WHERE).code == 0
    assert nights(8, out, roster=WHERE).code == 3
    assert provision("check", make_job(out, roster=WHERE), "--accept").code == 0
    assert nights(8, out, roster=WHERE).code == 0


@pytest.mark.parametrize(
    "where",
    [{"where": {"Type": "Reguler"}}, {"where_not": {"Type": ["Regular", "Contractor"]}}],
    ids=["misspelt", "all named"],
)
def test_a_full_roster_of_which_every_row_is_left_out_is_no_roster(box, provision, make_job, where):
    server = box(seed=SEED)
    job = make_job(rows(otto="Active,Contractor"), roster=where)

    said = [provision(command, job, "--json") for command in ("check", "plan", "run", "verify")]

    assert [one.code for one in said] == [1] * 4
    for one in said:
        assert "leaves out every row of" in one.json["error"]
        assert ('"Regular" may be meant; correct roster.where' in told(one)) == ("where" in where)
    assert [each for each in server.log if each.method != "GET" and "oauth2" not in each.path] == []
    # a list of those who join may name nobody of the department today
    partial = make_job(rows(), roster={**where, "authority": "partial"})
    assert provision("run", partial, "--json").code == 0


def test_a_filter_that_comes_to_leave_out_everybody_is_refused_in_a_small_team_too(box, nights):
    box(seed=SEED)
    two = {"sara": "", "bela": "", "cleo": "", "dara": ""}
    assert nights(0, rows(**two)).code == 0

    said = nights(1, rows(**two), roster={"where": {"Type": "Reguler"}})

    assert (said.code, refused(said)) == (3, {"shrink"})


def test_an_excluded_row_beside_one_that_counts_changes_nothing_about_the_person(box, nights):
    """Under the same keys, under a new number, and under a new login: the row that counts has the person."""
    server = box(seed=SEED)
    assert nights(0, rows()).code == 0
    beside = (
        "E1,mia@acme.example,Mia Marsh,Terminated,Contractor\n"
        "E99,otto@acme.example,Otto Ort,Terminated,Contractor\n"
        "E3,old@acme.example,Sara Sund,Terminated,Contractor\n"
    )
    said = nights(1, rows() + beside, roster=WHERE, lifecycle=AT_ONCE)
    assert (said.code, said.json["planned"]) == (0, {}), told(said)
    assert {person(server, user["login"])["status"] for user in SEED["users"]} == {"active"}


def test_check_says_how_many_are_left_out_and_why(provision, make_job, no_sockets):
    no_sockets()
    job = make_job(rows(mia="Active,Contractor", otto="?,Temp"), roster=WHERE)
    said = provision("check", job)
    assert said.code == 0
    assert "6 rows, 4 good, 0 with errors, 2 left out." in told(said)
    assert '2 of 6 rows are left out: 2 where "Type" is none of Regular, Intern (roster.where)' in told(said)
    assert "but for the rows that count (roster.where): Type" in told(said)
    wrong = provision("check", make_job(rows(), roster={"where": {"Typ": "Regular"}}))
    assert (wrong.code, 'the header is "Type"' in told(wrong)) == (1, True)
