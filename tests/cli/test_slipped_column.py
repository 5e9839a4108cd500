"""A name column that slipped by one row would rename everybody: held in a job that says nothing of it, and nothing is sent."""

from __future__ import annotations

from .conftest import accounts, person

PEOPLE = [(f"p{n:02}@acme.example", f"Person {n:02}") for n in range(44)]
SEED = {
    "enterprise": {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example"]},
    "admin": {"name": "Ada Abara", "login": "ada@acme.example"},
    "users": [{"name": name, "login": login} for login, name in PEOPLE],
}


def roster(shift: int = 0, title: str = "") -> str:
    names = [PEOPLE[(at + shift) % len(PEOPLE)][1] for at in range(len(PEOPLE))]
    rows = (f"{login},{name},{title}\n" for (login, _), name in zip(PEOPLE, names, strict=True))
    return "login,name,job_title\n" + "".join(rows)


def test_the_first_roster_already_is_held_and_goes_on_when_it_is_mended(box, provision, make_job):
    server = box(seed=SEED)
    before = accounts(server)
    said = provision("run", make_job(roster(shift=1)), "--json")

    assert (said.code, said.json["planned"], said.json["outcomes"]["held"]) == (3, {"update": 44}, 44)
    assert [(each["name"], each["limit"], each["actual"]) for each in said.json["guards"]][-1] == (
        "mass_change",
        13,
        44,
    )
    assert "name changes for 44 of 44 people; this job allows 30%" in said.err
    assert "a column that slipped in the export" in said.err
    assert accounts(server) == before
    assert [line.method for line in server.log if line.method in ("PUT", "DELETE")] == []

    assert provision("run", make_job(roster()), "--json").json["status"] == "no_changes"


def test_what_is_meant_for_everybody_passes_by_its_number_or_by_name(box, provision, make_job):
    server = box(seed=SEED)
    job = make_job(roster(title="Clerk"))
    assert provision("run", job).code == 0  # a first roster may change everything but the names
    job = make_job(roster(title="Officer"))
    held = provision("run", job, "--json")
    assert (held.code, {each["name"] for each in held.json["guards"] if each["verdict"] == "refused"}) == (
        3,
        {"updates", "mass_change"},
    )
    assert person(server, "p00@acme.example")["job_title"] == "Clerk"

    assert provision("approve", held.folder, "--kind", "update", "--by", "Ines").code == 0
    assert provision("run", job).code == 0
    assert person(server, "p00@acme.example")["job_title"] == "Officer"

    job = make_job(roster(title="Chief"))
    assert provision("run", job, "--allow", "updates=44", "--allow", "mass_change=44").code == 0
    assert person(server, "p00@acme.example")["job_title"] == "Chief"


def test_a_job_may_switch_them_off(box, provision, make_job):
    box(seed=SEED)
    job = make_job(roster(shift=1), guards={"mass_change": "off"})

    assert provision("run", job).code == 0
