"""A few people whom Box always refuses keep nobody else waiting; a right that is missing is told as one."""

from __future__ import annotations

from provision.sandbox.trouble.script import rule

from .conftest import SEED, person

IDS = {number: str(300 + 7 * number) for number in range(12)}
WORLD = {
    **SEED,
    "users": [{"id": IDS[n], "name": f"P {n}", "login": f"p{n}@acme.example"} for n in IDS],
}
#: the first of the roster stand together behind an information barrier, as far as Box tells not
BARRIER = {"match": {"method": "PUT", "path": "^/2.0/users/(300|307|314|321)$"}, "do": "forbidden"}


def people(title: str) -> str:
    rows = (f"E{n},p{n}@acme.example,P {n},{title}\n" for n in range(12))
    return "external_id,login,name,job_title\n" + "".join(rows)


def ended(said):
    return {name: number for name, number in said.json["outcomes"].items() if number}


def test_people_who_are_always_refused_are_single_people_every_night(box, nights):
    server = box(seed=WORLD, rules=[BARRIER])

    first = nights(0, people("Clerk"))
    assert (first.code, ended(first)) == (4, {"done": 8, "failed": 4})
    for night in (1, 2):
        again = nights(night, people("Clerk"))
        assert (again.code, ended(again)) == (4, {"failed": 4})
    assert "as in the run before" in (again.folder / "reconciliation.csv").read_text(encoding="utf-8-sig")

    before = len(server.log)
    one = {"requests_per_minute": 60_000, "workers": 1}
    changed = people("Clerk").replace("p9@acme.example,P 9,Clerk", "p9@acme.example,P 9,Head")
    other = nights(3, changed, apply=one)
    assert (other.code, ended(other)) == (4, {"done": 1, "failed": 4})
    assert next(line.path for line in list(server.log)[before:] if line.method == "PUT").endswith(IDS[9])
    assert person(server, "p9@acme.example")["job_title"] == "Head"


def test_right_that_is_missing_is_told_as_one_every_night(box, nights):
    box(seed=WORLD, rules=[{"match": {"method": "PUT"}, "do": "forbidden"}])

    for night in (0, 1):
        said = nights(night, people("Clerk"))
        assert said.code == 7
        assert "Box refused all 12 operations of the kind update" in said.json["error"]


def test_right_that_is_lost_is_told_on_the_second_night(box, nights):
    server = box(seed=WORLD)
    assert nights(0, people("Clerk")).code == 0
    server.faults.add(rule("forbidden", method="PUT"))

    assert [nights(night, people("Clerk").replace("Clerk", "Head", 3)).code for night in (1, 2, 3)] == [
        4,
        7,
        7,
    ]
