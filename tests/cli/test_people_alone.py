"""``--person``: one joiner or one leaver now, beside an enterprise that nobody lists and an absence that nobody judges."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from provision import Job, apply_run, plan_job, verify_job
from provision.errors import UsageError
from provision.runs.reading import by_key

from .conftest import ROSTER, accounts, complaint, logins, person
from .test_by_key import decided, pages_of

WIDE = {"guards": {"creates": {"percent": 100}, "updates": {"percent": 100}, "mass_change": "off"}}
LISTS = {"scope": {"domains": ["acme.example"], "protect_managers": True}}
#: of everybody Mia is in step, Otto and Ina differ, Nina is new; Mia is gone here
WITHOUT_MIA = ROSTER.replace("E1,mia@acme.example,Mia Managed,Buyer,active\n", "")


@pytest.fixture
def large(monkeypatch):
    """An enterprise of some users is as one of many pages."""
    monkeypatch.setattr(by_key, "PAGE_SIZE", 0.1)


def lines_of(said) -> pd.DataFrame:
    return pd.read_csv(said.folder / "reconciliation.csv", dtype=str, keep_default_na=False)


def told(said) -> list[str]:
    return [each["code"] for each in said.json["findings"]]


def test_one_joiner_takes_a_handful_of_calls_beside_many(box, provision, make_job):
    server = box(users=3_000)
    job = make_job()

    said = provision("run", job, "--person", "E4", "--json")

    assert (said.code, said.json["planned"], said.json["outcomes"]["done"]) == (0, {"create": 1}, 1)
    assert said.json["directory"]["read"] == "lookup"
    assert said.json["roster"]["people"] == ["E4"]
    assert len(server.log) <= 6  # the token, who we are, a look, the create, and a look at what came of it
    assert lines_of(said)["login"].tolist() == ["nina@acme.example"]
    assert "only_people" in told(said)
    assert "only 1 row was looked at" in said.err
    assert "for the people who were named" in said.err
    assert person(server, "otto@acme.example")["job_title"] == "Seller"
    assert provision("verify", job, "--person", "nina@ACME.example").code == 0


ALONE, TOGETHER = [["E1"], ["E2"], ["E3"], ["E4"], ["E5"]], [["E1", "E2", "E3", "E4", "E5"]]
#: terms of a job, how large a page is, who is named at once, and how they are read then
WAYS = {
    "an enterprise of one page": ({}, 1_000, TOGETHER, "listing"),
    "a job that lists": (LISTS, 0.1, [["E4"], ["E1", "E2", "E3", "E5"]], "listing"),
    "one of many": ({}, 0.1, ALONE, "lookup"),
}


def test_a_person_is_decided_as_in_a_night_of_everybody(box, provision, make_job, monkeypatch):
    box()
    rows = (
        ROSTER
        + "E9,guest@elsewhere.example,Gus Guest,,active\nE5,cora@acme.example,Cora,,active\nE6,,Nobody,,what\n"
    )
    lines = {"2", "3", "4", "5", "7"}
    for way, (section, size, named, read) in WAYS.items():
        job = make_job(rows, **section)
        whole = decided(provision("plan", job, "--json"))
        monkeypatch.setattr(by_key, "PAGE_SIZE", size)
        found = []
        for names in named:
            said = provision("plan", job, *(word for name in names for word in ("--person", name)), "--json")
            assert (said.json["directory"]["read"], bool(said.json["guards"])) == (read, True), (way, names)
            assert len(decided(said)) == len(names), (way, names)
            found += decided(said)
        assert sorted(found) == [line for line in whole if line[0] in lines], way

    codes = {name: provision("plan", job, "--person", name, "--json").code for name in ("E9", "E1", "E6")}
    # nothing is done of what was asked for; the bad row is somebody else's; and here that person's own
    assert codes == {"E9": 3, "E1": 0, "E6": 1}


@pytest.mark.usefixtures("either_way")
def test_a_person_of_many_batches(box, provision, make_job):
    server = box()
    job = make_job(**LISTS)

    said = provision("run", job, "--person", "E2", "--person", "mia@acme.example", "--json")

    assert (said.code, said.json["planned"]) == (0, {"update": 1})
    assert said.json["directory"]["read"] == "listing"
    assert lines_of(said)["verdict"].tolist() == ["unchanged", "update"]
    assert "nina@acme.example" not in logins(server)
    assert [line.method for line in server.log].count("PUT") == 1


@pytest.mark.usefixtures("large")
def test_a_later_night_is_as_if_only_box_had_changed(box, nights):
    server = box()
    patient = {"lifecycle": {"evidence": {"absent_runs": 3}}}
    changed = WITHOUT_MIA.replace("Director", "Boss")
    assert nights(0, ROSTER, **patient).code == 0
    assert nights(1, WITHOUT_MIA, **patient).code == 0  # the first night without Mia
    joiners = "".join(f"E{n},p{n}@acme.example,Person {n},,active\n" for n in range(70, 99))
    said = nights(2, changed + joiners, "--person", "E70", "--person", "E2", **patient, **WIDE)
    assert (said.code, said.json["planned"]) == (0, {"create": 1, "update": 1})

    # it was no accepted roster: the next one has not shrunk beside it, and Mia has been missing twice
    again = nights(3, changed, "--yes", **patient)
    assert (again.code, again.json["planned"]) == (0, {})
    # Mia leaves by the nights of everybody, and then whom it made, who is the job's own
    for night in (4, 5):
        gone = nights(night, changed, "--yes", **patient)
        assert (gone.code, gone.json["planned"]) == (0, {"deactivate": 1})
    assert {person(server, f"{who}@acme.example")["status"] for who in ("mia", "p70")} == {"inactive"}


def test_a_leaver_now_and_by_the_row_alone(box, provision, make_job):
    server = box()
    job = make_job(
        ROSTER.replace("Buyer,active", "Buyer,terminated").replace("Director,active", "Director,terminated")
    )

    said = provision("run", job, "--person", "mia@acme.example", "--json", "--yes")

    assert said.json["planned"] == {"deactivate": 1}
    assert person(server, "mia@acme.example")["status"] == "inactive"
    assert person(server, "otto@acme.example")["status"] == "active"
    assert len(lines_of(said)) == 1


def test_limits_hold_for_one_and_in_percent_of_everybody(box, provision, make_job):
    box()
    gone = ROSTER.replace("Buyer,active", "Buyer,terminated")
    job = make_job(gone, guards={"removals": {"count": 0}})
    held = provision("run", job, "--person", "E1", "--json", "--yes")
    assert (held.code, held.json["planned"]) == (3, {"deactivate": 1})
    assert provision("run", job, "--person", "E1", "--allow", "removals=1", "--json", "--yes").code == 0
    many = gone + "".join(f"E{n},p{n}@acme.example,Person {n},,active\n" for n in range(10, 96))
    few = make_job(
        many.replace("Director,active", "Director,terminated"), guards={"removals": {"percent": 10}}
    )
    said = provision("plan", few, "--person", "E2", "--json")
    assert (said.code, said.json["directory"]["read"]) == (2, "lookup")
    assert [guard["limit"] for guard in said.json["guards"] if guard["name"] == "removals"] == [
        9
    ]  # of 90 rows


@pytest.mark.usefixtures("large")
def test_who_stands_in_no_row_is_told_and_nobody_leaves(box, provision, make_job, nights):
    server = box()
    assert nights(0, ROSTER).code == 0
    mia = person(server, "mia@acme.example")["id"]
    for name in ("E1", "mia@acme.example", mia):
        said = nights(1, WITHOUT_MIA, "--person", name)
        assert said.code == 1
        assert "is in no row of" in said.json["error"]
        assert f"mia@acme.example ({mia})" in said.json["error"]
    unowned = nights(1, WITHOUT_MIA, "--person", person(server, "zoe@acme.example")["id"])
    assert (unowned.code, "zoe@acme.example" in unowned.json["error"]) == (1, True)
    typo = nights(1, WITHOUT_MIA, "--person", "otto@acme.exampl")
    assert (typo.code, "a typing error: otto@acme.example is there" in typo.json["error"]) == (1, True)
    assert nights(1, WITHOUT_MIA, "--person", " ").code == 1
    assert nights(1, WITHOUT_MIA, "--person", "E2", "--person", "E99").code == 1
    assert {each["status"] for each in accounts(server).values()} == {"active"}


@pytest.mark.usefixtures("large")
def test_a_box_id_leads_to_the_row_and_an_ambiguous_name_to_nobody(box, provision, make_job):
    server = box()
    otto, app = (person(server, key)["id"] for key in ("otto@acme.example", "client-1"))
    rows = "external_id,login,name,kind\nE2,otto@acme.example,Otto Ömer,managed\nclient-1,,Client One,app\n"
    job = make_job(rows + f"{otto},mia@acme.example,Mia Managed,managed\n", roster={"kind": "column"})
    assert provision("run", make_job(rows, roster={"kind": "column"})).code == 0
    job = make_job(rows + f"{otto},mia@acme.example,Mia Managed,managed\n", roster={"kind": "column"})

    both = provision("plan", job, "--person", otto, "--json")
    assert (both.code, "means 2 people" in both.json["error"]) == (1, True)
    assert lines_of(provision("run", job, "--person", app, "--json"))["box_id"].tolist() == [app]
    twice = provision("plan", job, "--person", app, "--person", "client-1", "--json")
    assert len(decided(twice)) == 1


def test_a_damaged_file_is_not_used_for_one_either(box, provision, make_job, nights):
    box()
    many = ROSTER + "".join(f"E{n},p{n}@acme.example,Person {n},,active\n" for n in range(10, 40))
    assert nights(0, many).code == 0

    said = nights(1, ROSTER.replace("Clerk", "Chief"), "--person", "E4")

    assert (said.code, said.json["status"]) == (3, "refused")
    assert "shrink" in [guard["name"] for guard in said.json["guards"] if guard["verdict"] == "refused"]
    assert nights(1, "external_id,name\nE4,Nina\n", "--person", "E4").code in (1, 3)


@pytest.mark.usefixtures("large")
def test_a_saved_plan_and_what_is_resumed_stay_with_the_people(box, provision, make_job):
    server = box(
        rules=[{"match": {"method": "POST", "path": "^/2.0/users$", "nth": 1}, "do": {"status": 400}}]
    )
    job = make_job(report={"formats": ["html", "csv"]})
    planned = provision("plan", job, "--person", "E4", "--person", "E2", "--json")
    assert planned.code == 2
    assert json.loads((planned.folder / "plan.json").read_text())["roster"]["people"] == ["E4", "E2"]
    assert "--person" in (planned.folder / "preview.html").read_text()
    part = provision("apply", planned.folder, "--only", "create", "--json")
    assert (part.code, part.json["outcomes"]["failed"], part.json["roster"]["people"]) == (4, 1, ["E4", "E2"])

    seen = len(server.log)
    again = provision("resume", planned.folder, "--json")

    assert (again.code, lines_of(again)["login"].tolist()) == (0, ["otto@acme.example", "nina@acme.example"])
    assert person(server, "otto@acme.example")["job_title"] == "Seller"  # --only goes on as well
    assert len(pages_of(server, seen)) <= 4
    assert provision("report", planned.folder).code == 0
    assert provision("undo", planned.folder, "--json", "--yes").code == 0
    assert "nina@acme.example" not in {
        each["login"] for each in accounts(server).values() if each["status"] == "active"
    }


def test_explain_knows_of_it_and_of_whom_it_left_alone(box, provision, make_job, nights):
    box()
    assert nights(0, ROSTER).code == 0
    assert nights(1, ROSTER.replace("Director", "Boss"), "--person", "E2").code == 0
    job = make_job(ROSTER.replace("Director", "Boss"))

    assert len(provision("explain", job, "E2", "--json").json["runs"]) == 2
    assert len(provision("explain", job, "E1", "--json").json["runs"]) == 1


def test_what_waits_for_others_goes_on_waiting(box, provision, make_job, nights):
    box()
    gone = ROSTER.replace("Buyer,active", "Buyer,terminated")
    assert nights(0, gone, guards={"removals": {"count": 0}}).code == 3
    assert nights(1, gone, "--person", "E2", guards={"removals": {"count": 0}}).code == 0

    waits = provision("holds", make_job(gone, guards={"removals": {"count": 0}}), "--json")

    assert [each["kind"] for each in waits.json["holds"]] == ["deactivate"]


@pytest.mark.usefixtures("large")
def test_who_looks_like_somebody_gone_is_not_made_anew(box, provision, make_job, nights):
    server = box()
    assert nights(0, ROSTER).code == 0
    seen = len(server.log)
    scope = {"domains": ["acme.example", "other.acme.example"]}

    for new in ("E8,mia@other.acme.example,Mia Married", "E8,m.managed@acme.example,Mia Managed"):
        people = f"{WITHOUT_MIA}{new},Buyer,active\n"
        alone = nights(1, people, "--person", "E8", scope=scope)
        assert (alone.code, alone.json["outcomes"]["held"], alone.json["directory"]["read"]) == (
            3,
            1,
            "lookup",
        )
        whole = provision("plan", make_job(people, scope=scope), "--json")
        assert (whole.code, whole.json["holds_total"]) == (3, 1), new
    assert not [line for line in server.log[seen:] if line.method == "POST" and line.path == "/2.0/users"]


def test_from_python(box, make_job):
    box()
    job = Job.load(make_job())

    planned = plan_job(job, people=["E4"])

    assert dict(planned.summary.planned) == {"create": 1}
    assert apply_run(planned).exit_code == 0
    assert verify_job(job, people=["E4"]).exit_code == 0
    assert verify_job(job, people=["E2"]).exit_code == 2
    with pytest.raises(UsageError, match="people is a list"):
        plan_job(job, people="E4")


def test_where_a_person_may_not_be_named(provision, make_job):
    assert "No such option" in complaint(provision("apply", "x", "--person", "E1"))


def test_a_ledger_made_anew_remembers_what_it_did(box, provision, make_job, nights):
    server = box()
    assert nights(0, WITHOUT_MIA).code == 0
    joined = WITHOUT_MIA + "E7,noa@acme.example,Noa New,,active\n"
    assert nights(1, joined, "--person", "E7").code == 0
    job = make_job(joined)
    for file in (job.parent / "state").glob("*.db*"):
        file.unlink()
    assert provision("runs", job, "--rebuild").code == 0

    (said,) = [nights(night, WITHOUT_MIA, "--yes") for night in (2, 3)][1:]

    assert (said.code, said.json["planned"]) == (0, {"deactivate": 1})
    assert person(server, "noa@acme.example")["status"] == "inactive"


@pytest.mark.usefixtures("large")
def test_an_approval_given_to_such_a_run_counts(box, provision, make_job):
    server = box()
    job = make_job(ROSTER.replace("Buyer,active", "Buyer,terminated"), guards={"removals": {"count": 0}})
    planned = provision("plan", job, "--person", "E1", "--json")
    assert planned.code == 3
    assert provision("approve", planned.folder, "--person", "E1", "--by", "Ines").code == 0

    done = provision("apply", planned.folder, "--json", "--yes")

    assert (done.code, done.json["planned"]) == (0, {"deactivate": 1})
    assert person(server, "mia@acme.example")["status"] == "inactive"


def test_a_plan_of_everybody_is_not_overtaken_by_it(box, provision, make_job, clock):
    server = box()
    job = make_job()
    planned = provision("plan", job, "--json")
    clock(1)  # runs of one second have no order
    assert provision("run", job, "--person", "E1").code == 0

    assert provision("apply", planned.folder, "--json").code == 0
    assert "nina@acme.example" in logins(server)


def test_a_named_person_whose_row_is_left_out_is_told_so_and_left_as_they_are(box, provision, make_job):
    server = box()
    rows = "external_id,login,name,Type\nE1,one@acme.example,One,Regular\nE2,two@acme.example,Two,External\n"
    job = make_job(rows, roster={"where": {"Type": "Regular"}})

    said = provision("run", job, "--person", "two@acme.example", "--json")

    assert (said.code, said.json["planned"]) == (0, {})
    assert "two@acme.example" not in logins(server)
    assert "excluded" in (said.folder / "reconciliation.csv").read_text(encoding="utf-8-sig")


@pytest.mark.usefixtures("large")
def test_a_saved_plan_for_one_is_judged_again_in_percent_of_everybody(box, provision, make_job):
    server = box()
    many = ROSTER + "".join(f"E{n},p{n}@acme.example,Person {n},,active\n" for n in range(10, 96))
    job = make_job(
        many.replace("Director,active", "Director,terminated"),
        guards={"removals": {"percent": 5, "count": 1}, "updates": {"percent": 5}},
    )
    planned = provision("plan", job, "--person", "E2", "--json")
    assert planned.code == 2
    assert provision("apply", planned.folder, "--yes", "--json").code == 0
    assert person(server, "otto@acme.example")["status"] == "inactive"
