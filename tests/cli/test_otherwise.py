"""Box says yes and shows another value: told in one sentence, put before a person, and not sent again night after night."""

from __future__ import annotations

from .conftest import SEED, person

WORLD = {
    **SEED,
    "users": [{"name": "Mia Managed", "login": "mia@acme.example", "phone": "1", "job_title": "Buyer"}],
}


def people(title: str, phone: str = "1") -> str:
    return f"external_id,login,name,job_title,phone\nE1,mia@acme.example,Mia Managed,{title},{phone}\n"


def clamps(**edit):
    """Box takes what a PUT says and keeps something else."""
    return {"match": {"method": "PUT"}, "do": {"fault": "edited", "edit": edit, "moment": "after"}}


def puts(server):
    return sum(line.method == "PUT" for line in server.log)


def counts(numbers):
    return {name: number for name, number in numbers.items() if number}


def ended(said):
    return counts(said.json["outcomes"])


def holds(provision, job):
    return provision("holds", job, "--json").json["holds"]


def test_value_that_box_keeps_otherwise_is_not_sent_every_night(box, nights, provision, make_job):
    server = box(seed=WORLD, rules=[clamps(job_title="Head")])

    first = nights(0, people("Head of Buying", "2"))
    told = (first.folder / "reconciliation.csv").read_text(encoding="utf-8-sig")
    assert (first.code, ended(first)) == (4, {"failed": 1})
    assert "Box accepted the change but shows another job_title: a person has to compare" in told
    assert "shown_otherwise" in told
    assert "No answer" not in first.err

    second = nights(1, people("Head of Buying", "2"))
    assert (second.code, ended(second), puts(server)) == (3, {"held": 1}, 1)
    third = nights(2, people("Head of Buying", "3"))
    assert (third.code, ended(third), puts(server)) == (3, {"done": 1, "held": 1}, 2)
    assert (person(server, "mia@acme.example")["phone"], person(server, "mia@acme.example")["job_title"]) == (
        "3",
        "Head",
    )
    fourth = nights(3, people("Head of Buying", "3"))
    assert (ended(fourth), puts(server)) == ({"held": 1}, 2)
    assert [one["nights"] for one in holds(provision, make_job(people("Head of Buying", "3")))] == [4]


def test_approval_sends_it_once_more_and_another_value_at_once(box, nights, provision, make_job):
    server = box(seed=WORLD, rules=[clamps(job_title="Head")])
    nights(0, people("Head of Buying"))
    waits = nights(1, people("Head of Buying"))

    assert provision("approve", waits.folder, "--all", "--by", "Ines").code == 0
    assert (nights(2, people("Head of Buying")).code, puts(server)) == (4, 2)
    assert (nights(3, people("Head of Buying")).code, puts(server)) == (3, 2)
    assert (nights(4, people("Head of Sales")).code, puts(server)) == (4, 3)
    assert (nights(5, people("Head")).code, puts(server)) == (0, 3)
    assert holds(provision, make_job(people("Head"))) == []


def test_account_that_is_made_with_another_value_is_kept_and_its_value_waits(box, nights):
    made = {
        "match": {"method": "POST"},
        "do": {"fault": "edited", "edit": {"job_title": "x"}, "moment": "after"},
    }
    other = {"name": "Otto", "login": "otto@acme.example"}
    server = box(seed={**SEED, "users": [other]}, rules=[made])
    both = people("Buyer") + "E2,otto@acme.example,Otto,,\n"

    assert nights(0, both).code == 4
    second = nights(1, both)

    assert (second.code, counts(second.json["planned"]), ended(second)) == (3, {"update": 1}, {"held": 1})
    assert (puts(server), person(server, "mia@acme.example")["job_title"]) == (0, "x")


def test_what_was_sent_and_what_waits_of_one_person_are_both_explained(box, nights, provision, make_job):
    box(seed=WORLD, rules=[clamps(job_title="Head")])
    nights(0, people("Head of Buying", "2"))
    nights(1, people("Head of Buying", "3"))

    said = provision("explain", make_job(people("Head of Buying", "3")), "mia@acme.example", "--json").json
    newest = said["runs"][0]["decisions"]
    told = {one["fields"][0]["field"]: one["outcome"] for one in newest}
    assert told == {"phone": "done", "job_title": "held"}
