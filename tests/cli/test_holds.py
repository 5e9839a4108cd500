"""What is safe goes on, what a guard stops waits for a person: held, aged, released by name, planned afresh."""

from __future__ import annotations

import json
import re

import pytest

from .clocks import Gate
from .conftest import complaint, creates, logins, person, slow

HEADER = "login,name,status\n"
PEOPLE = [f"p{number}@acme.example" for number in range(8)]
LEAVERS = {"leavers": [{"after": "0d", "do": "deactivate"}]}
ONE = {"removals": {"count": 1}}
SEED = {
    "enterprise": {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example"]},
    "admin": {"name": "Ada Abara", "login": "ada@acme.example"},
    "users": [{"name": f"P {number}", "login": login} for number, login in enumerate(PEOPLE)],
}


@pytest.fixture
def night(provision, make_job, clock):
    """Runs the job with so many people gone and a newcomer, so many hours after the first night."""

    def run(hours: float, gone: int, *flags: object, command: str = "run", new: int = 0, **sections):
        clock(hours)
        job = make_job(roster(gone, new), lifecycle=LEAVERS, guards=sections.pop("guards", ONE), **sections)
        return provision(command, job, "--json", *flags)

    return run


def roster(gone: int, new: int = 0) -> str:
    rows = [f"{login},P {at},{'inactive' if at < gone else 'active'}\n" for at, login in enumerate(PEOPLE)]
    return HEADER + "".join([*rows, *(f"new{at}@acme.example,New {at},\n" for at in range(new))])


@pytest.fixture
def waiting(provision, tmp_path):
    """What `provision holds` lists."""

    def listed():
        said = provision("holds", tmp_path / "nightly.yaml", "--json")
        assert said.code == 0
        return said.json["holds"]

    return listed


def inactive(server) -> list[str]:
    return [login for login in PEOPLE if person(server, login)["status"] == "inactive"]


def outcomes(said) -> dict[str, int]:
    return {name: count for name, count in said.json["outcomes"].items() if count}


def test_what_is_safe_goes_on_and_what_a_guard_stops_waits_for_a_word_by_name_or_for_all_of_a_kind(
    box, night, provision, waiting, tmp_path
):
    """A preview makes nobody wait; `explain` says whose word it was, also who adopted an account."""
    server = box(seed={**SEED, "users": [*SEED["users"], {"name": "Old", "login": "old@acme.example"}]})
    preview = night(0, 3, new=2, command="plan")
    assert (preview.code, preview.json["status"], outcomes(preview)) == (3, "held", {"held": 3})
    text = (preview.folder / "reconciliation.csv").read_text(encoding="utf-8-sig")
    assert len(re.findall(r"deactivate,.*,held,", text)) == 3
    assert (waiting(), creates(server)) == ([], [])

    # what is safe goes on
    said = night(0, 3, new=2)
    assert (said.code, said.json["status"]) == (3, "held")
    assert said.json["planned"] == {"create": 2, "deactivate": 3}
    assert outcomes(said) == {"done": 2, "held": 3}
    assert (creates(server), inactive(server)) == ([201] * 2, [])
    assert "the plan removes 3 of 8 accounts" in complaint(said)
    assert f"provision approve {said.folder} --kind deactivate --by NAME" in said.json["error"]
    assert json.loads((said.folder / "summary.json").read_text()) == said.json
    held = waiting()
    assert [(one["kind"], one["login"], one["nights"]) for one in held] == [
        ("deactivate", login, 1) for login in PEOPLE[:3]
    ]
    assert {one["owner"] for one in held} == {"whoever runs the job"}
    assert all("guard removals, which allows 1" in one["reason"] for one in held)

    # a word for one person
    word = provision("approve", said.folder, "--person", PEOPLE[1].upper(), "--by", "Ines Iversen", "--json")
    assert word.code == 0
    assert [(one["login"], one["kind"], one["by"]) for one in word.json["approved"]] == [
        (PEOPLE[1], "deactivate", "Ines Iversen")
    ]
    kept = json.loads((said.folder / "approvals.json").read_text())
    assert [{name: told for name, told in one.items() if name != "seal"} for one in kept] == word.json[
        "approved"
    ]
    assert [one["approved_by"] for one in waiting()] == ["", "Ines Iversen", ""]
    assert inactive(server) == []  # a word sends nothing
    job = tmp_path / "nightly.yaml"
    provision("adopt", job, "--login", "old@acme.example", "--by", "Adam")
    [approved] = provision("explain", job, PEOPLE[1], "--json").json["words"]
    assert (approved["by"], approved["run_id"]) == ("Ines Iversen", said.json["run_id"])
    assert approved["what"].startswith("approved deactivate, until ")
    [adopted] = provision("explain", job, "old@acme.example", "--json").json["words"]
    assert (adopted["by"], adopted["what"]) == ("Adam", "adopted the account for this job")
    told = " ".join(provision("explain", job, "old@acme.example").out.split())
    assert f"Adam (user {adopted['os_user']} on " in told
    assert "adopted the account for this job" in told

    again = night(1, 3, new=2)
    assert (again.code, outcomes(again)) == (3, {"done": 1, "held": 2})
    assert inactive(server) == [PEOPLE[1]]
    assert [one["login"] for one in waiting()] == [PEOPLE[0], PEOPLE[2]]
    change = next(
        one
        for one in json.loads((again.folder / "plan.json").read_text())["changes"]
        if one["login"] == PEOPLE[1]
    )
    assert change["approved"].startswith("Ines Iversen (user ")

    # and for everything of a kind
    provision("approve", again.folder, "--kind", "deactivate", "--by", "Ines")
    assert (night(2, 3, new=2).code, inactive(server), waiting()) == (0, PEOPLE[:3], [])


def test_a_preview_can_be_approved_and_then_applied(box, night, provision):
    server = box(seed=SEED)
    planned = night(0, 3, new=1, command="plan")
    assert provision("apply", planned.folder, "--only", "deactivate").code == 3
    provision("approve", planned.folder, "--all", "--by", "Ines")
    said = provision("apply", planned.folder, "--json")

    assert (said.code, outcomes(said)) == (0, {"done": 4})
    assert inactive(server) == PEOPLE[:3]


def test_an_approval_is_for_what_was_looked_at_and_for_nothing_else(box, provision, make_job, clock, waiting):
    """And is shown beside nothing else."""
    server = box(seed=SEED)
    guards = {"updates": {"count": 0}}
    sections = {"guards": guards, "roster": {"authority": "partial"}}
    clock(0)
    row = f"login,name,job_title\n{PEOPLE[0]},P 0,"
    held = provision("run", make_job(row + "Clerk\n", **sections), "--json")
    provision("approve", held.folder, "--all", "--by", "Ines")
    assert [(one["approved_by"], len(one["approvals"])) for one in waiting()] == [("Ines", 1)]

    other = provision("run", make_job(row + "Chief\n", **sections), "--json")
    assert (other.code, person(server, PEOPLE[0])["job_title"]) == (3, "")
    assert [(one["approved_by"], one["approvals"]) for one in waiting()] == [("", [])]
    same = provision("run", make_job(row + "Clerk\n", **sections), "--json")
    assert (same.code, person(server, PEOPLE[0])["job_title"]) == (0, "Clerk")


#: a guard, and how many go whom it does not let go together, but would without one of them
@pytest.mark.parametrize(
    ("guards", "gone"),
    [
        (ONE, 2),
        ({"removals": {"count": 9, "per_day": 2}}, 3),
        ({"removals": {"percent": 20}, "by": "domain"}, 3),
    ],
)
def test_an_approval_makes_no_room_for_anybody_else(box, night, provision, guards, gone):
    server = box(seed=SEED)
    held = night(24, gone, guards=guards)
    assert inactive(server) == []
    assert provision("approve", held.folder, "--person", PEOPLE[0], "--by", "Ines").code == 0

    again = night(25, gone, guards=guards)
    assert (again.code, inactive(server)) == (3, PEOPLE[:1])
    assert "approved by Ines (user " in (again.folder / "reconciliation.csv").read_text(encoding="utf-8-sig")
    provision("approve", again.folder, "--all", "--by", "Ines")
    assert (night(26, gone, guards=guards).code, inactive(server)) == (0, PEOPLE[:gone])


def test_what_was_allowed_for_a_plan_is_part_of_it(box, night, provision):
    server = box(seed=SEED)
    planned = night(0, 3, "--allow", "removals=3", command="plan")
    assert planned.code == 2

    assert (provision("apply", planned.folder).code, inactive(server)) == (0, PEOPLE[:3])


def test_an_approval_that_is_over_counts_no_more_in_a_saved_plan(box, night, provision, clock):
    """Nor in a night of a later day."""
    server = box(seed=SEED)
    held = night(0, 3)
    assert provision("approve", held.folder, "--all", "--by", "Ines", "--until", "2000-01-01").code == 1
    provision("approve", held.folder, "--all", "--by", "Ines")
    planned = night(1, 3, command="plan")
    assert planned.code == 2
    clock(24 * 8)

    assert (provision("apply", planned.folder).code, inactive(server)) == (3, [])
    assert (night(24 * 8 + 1, 3).code, inactive(server)) == (3, [])


def test_a_changed_job_waits_for_a_look_however_many_quiet_nights_pass(box, provision, make_job, clock):
    server = box(seed=SEED)
    everybody = "login,name\n" + "".join(f"{login},P {at}\n" for at, login in enumerate(PEOPLE))
    rest = everybody.replace(f"{PEOPLE[0]},P 0\n", "")
    changed = {"scope": {"domains": ["acme.example", "acme.test"]}, "guards": {"shrink": {"percent": 50}}}
    codes = []
    for number, (people, sections) in enumerate(
        [(everybody, {}), (rest, changed), (rest, changed), (rest, changed)]
    ):
        clock(24 * number)
        said = provision("run", make_job(people, **sections), "--json")
        codes.append(said.code)
    assert (codes, inactive(server)) == ([0, 0, 3, 3], [])

    provision("approve", said.folder, "--all", "--by", "Ines")
    clock(24 * 4)
    assert (provision("run", make_job(rest, **changed)).code, inactive(server)) == (0, PEOPLE[:1])


def test_an_answer_outlives_a_lost_ledger(box, provision, make_job, tmp_path):
    box()
    known = "external_id,login,name\nE1,mia@acme.example,Mia Managed\n"
    provision("run", make_job(known))
    job = make_job(known.replace("E1", "E9"))
    provision("approve", provision("run", job, "--json").folder, "--person", "E9", "--by", "Ines")
    for path in (tmp_path / "state").glob("provision.db*"):
        path.unlink()
    assert f"provision runs {job} --rebuild" in provision("plan", job, "--json").json["error"]
    assert provision("runs", job, "--rebuild").code == 0

    assert provision("run", job).code == 0


def test_a_hold_grows_louder_with_age(box, night, waiting, provision, tmp_path):
    """And says who is to look at it, and how it is released."""
    box(seed=SEED)
    guards = {**ONE, "owner": "hr-desk@acme.example"}
    assert "OVERDUE" not in night(0, 3, guards=guards).json["error"]
    explained = provision("explain", tmp_path / "nightly.yaml", PEOPLE[0], "--json")
    assert "until a person approves it" in explained.json["next"]["words"]
    night(24, 3, guards=guards)
    late = night(24 * 9, 3, guards=guards)

    assert "OVERDUE, 9 days: the oldest of what is held waits since" in late.json["error"]
    assert [(one["nights"], one["days"], one["owner"]) for one in waiting()] == [
        (3, 9, "hr-desk@acme.example")
    ] * 3
    listed = provision("holds", tmp_path / "nightly.yaml")
    assert "OVERDUE, 9 days: waits since" in listed.out
    assert max(map(len, listed.out.splitlines())) <= 160


def test_a_question_who_is_who_is_answered_for_one_person_and_remembered(
    box, provision, make_job, waiting, tmp_path
):
    server = box()
    known = "external_id,login,name,job_title\nE1,mia@acme.example,Mia Managed,Buyer\n"
    provision("run", make_job(known))
    again = known.replace("E1", "E9").replace("Buyer", "Chief")
    asked = provision("run", make_job(again), "--json")
    assert (asked.code, person(server, "mia@acme.example")["job_title"]) == (3, "Buyer")
    [hold] = waiting()
    assert (hold["kind"], hold["login"], bool(hold["reason"])) == ("", "mia@acme.example", True)
    assert provision("approve", asked.folder, "--all", "--by", "Ines").code == 1  # not for all at once

    said = provision("approve", asked.folder, "--person", "mia@acme.example", "--by", "Ines", "--json")
    assert [one["kind"] for one in said.json["approved"]] == ["same_person"]
    assert provision("run", make_job(again), "--json").code == 0
    assert (person(server, "mia@acme.example")["job_title"], waiting()) == ("Chief", [])
    assert provision("run", make_job(again), "--json").json["status"] == "no_changes"
    words = provision("explain", tmp_path / "nightly.yaml", "mia@acme.example", "--json").json["words"]
    assert [one["what"] for one in words] == ["said that row and account are one person"]


def test_what_was_held_is_not_carried_out_by_resume(box, night, provision, launch, make_job):
    gate = Gate()
    server = box(seed=SEED, rules=[slow(method="POST", path="^/2.0/users$", nth=1)], clock=gate)
    job = make_job(roster(3, 1), lifecycle=LEAVERS, guards=ONE)
    process = launch("run", job)
    gate.arrival()
    process.kill()
    process.wait(timeout=60)
    gate.open()
    [folder] = (job.parent / "runs").iterdir()
    said = provision("resume", folder, "--allow", "removals=3", "--json")

    assert (said.code, outcomes(said)) == (3, {"done": 1, "held": 3})
    assert (inactive(server), "new0@acme.example" in logins(server)) == ([], True)


def test_a_limit_in_percent_holds_for_each_department(box, provision, make_job):
    users = [
        {
            "name": f"{dept} {at}",
            "login": f"{dept}{at}@acme.example",
            "tracking_codes": [{"type": "tracking_code", "name": "department", "value": dept}],
        }
        for dept, many in (("sales", 30), ("legal", 6))
        for at in range(many)
    ]
    server = box(seed={**SEED, "users": users})
    gone = {"legal0", "legal1", "legal2", "sales0"}
    rows = "".join(
        f"{one['login']},{one['name']},{'inactive' if one['login'].split('@')[0] in gone else ''}\n"
        for one in users
    )
    guards = {"removals": {"count": 10, "percent": 15}, "by": "department"}
    said = provision("run", make_job(HEADER + rows, lifecycle=LEAVERS, guards=guards), "--json")

    assert (said.code, outcomes(said)) == (3, {"done": 1, "held": 3})
    assert person(server, "sales0@acme.example")["status"] == "inactive"
    assert person(server, "legal0@acme.example")["status"] == "active"
    refused = [one for one in said.json["guards"] if one["verdict"] == "refused"]
    assert refused == [{"name": "removals[legal]", "limit": 2, "actual": 3, "verdict": "refused"}]
    assert "among legal, the plan removes 3 of 6 accounts" in said.json["error"]
    assert (
        provision(
            "run", make_job(HEADER + rows, lifecycle=LEAVERS, guards=guards), "--allow", "removals[legal]=3"
        ).code
        == 0
    )


def test_only_the_attribute_that_slipped_waits(box, provision, make_job):
    server = box(
        seed={**SEED, "users": [{"name": f"P {at}", "login": f"q{at}@acme.example"} for at in range(25)]}
    )
    rows = "".join(
        f"q{at}@acme.example,P {at},{'Clerk' if at < 20 else ''},{'1' if at == 24 else ''}\n"
        for at in range(25)
    )
    job = make_job("login,name,job_title,phone\n" + rows, guards={"mass_change": {"percent": 30}})
    said = provision("run", job, "--json")

    assert (said.code, outcomes(said)) == (3, {"done": 1, "held": 20})
    assert person(server, "q24@acme.example")["phone"] == "1"
    assert person(server, "q0@acme.example")["job_title"] == ""


#: what is asked for, and what is said of it
NOT_APPROVED = [
    (["--by", "Ines"], "name --all, --kind KIND or --person WHO"),
    (["--all"], "--by"),
    (["--all", "--by", " "], "--by NAME"),
    (["--kind", "vanish", "--by", "Ines"], "There is no kind of operation 'vanish'"),
    (["--kind", "create", "--by", "Ines"], "No operation of the kind create waits"),
    (["--person", "p00@acme.example", "--by", "Ines"], "did you mean p0@acme.example"),
    (["--all", "--by", "Ines", "--until", "tomorrow"], "is not a date"),
]


def test_what_cannot_be_approved_is_said_and_an_old_approval_removes_nobody_who_came_back(
    box, night, provision, make_job
):
    server = box(seed=SEED)
    held = night(0, 3)
    for arguments, told in NOT_APPROVED:
        said = provision("approve", held.folder, *arguments)
        assert (said.code, told in said.err, inactive(server)) == (1, True, []), arguments

    # nor anything of a run of another job
    job = held.folder.parents[1] / "nightly.yaml"
    ours, other = job.read_bytes(), make_job(name="other").read_text(encoding="utf-8")
    job.write_text(other, encoding="utf-8")
    said = provision("approve", held.folder, "--all", "--by", "Ines")
    assert (said.code, inactive(server)) == (1, [])
    assert "is one of the job nightly" in complaint(said)
    assert "name a run of this job" in complaint(said)
    assert not (held.folder / "approvals.json").exists()
    job.write_bytes(ours)

    held = night(1, 3)
    assert (held.code, inactive(server)) == (3, [])
    provision("approve", held.folder, "--all", "--by", "Ines")
    assert night(2, 0).code == 0  # all three are in the roster again
    assert night(3, 3).code == 3
    assert inactive(server) == []


def test_a_run_of_which_nothing_waits_has_nothing_to_approve(box, night, provision, waiting):
    box(seed=SEED)
    said = provision("approve", night(0, 1).folder, "--all", "--by", "Ines")

    assert (said.code, waiting()) == (1, [])
    assert "waits to be approved" in complaint(said)


def test_an_approval_does_not_answer_a_doubt_that_came_up_later(box, provision, make_job, clock):
    server = box(seed=SEED)
    everybody = "login,name\n" + "".join(f"{login},Person Number {at}\n" for at, login in enumerate(PEOPLE))
    rest = everybody.replace(f"{PEOPLE[0]},Person Number 0\n", "")
    sections = {
        "guards": {"removals": {"count": 0}, "shrink": {"percent": 50}},
        "lifecycle": {"evidence": {"absent_runs": 1, "absent_hours": 0}},
    }
    clock(0)
    provision("run", make_job(everybody, **sections))
    clock(24)
    held = provision("run", make_job(rest, **sections), "--json")
    provision("approve", held.folder, "--all", "--by", "Ines")
    clock(48)
    moved = rest + "p.zero@acme.example,Person Number 0\n"
    said = provision("run", make_job(moved, **sections), "--json")

    assert (said.code, inactive(server), creates(server)) == (3, [], [])
    assert "a change of address?" in (said.folder / "reconciliation.csv").read_text(encoding="utf-8-sig")


def test_an_approval_of_somebody_new_counts_for_all_that_was_looked_at(box, provision, make_job):
    """What Box takes only in a second request, too."""
    server = box()
    head, one = "external_id,login,name,notification_email\n", {"guards": {"creates": {"count": 1}}}
    people = "".join(f"N{at},n{at}@acme.example,New {at},home{at}@acme.example\n" for at in (1, 2))
    job = make_job(head + people, **one)
    provision("approve", provision("run", job, "--json").folder, "--all", "--by", "Ines")
    make_job(head + people.replace("home2", "elsewhere"), **one)
    said = provision("run", job, "--json")

    assert (said.code, said.json["outcomes"]["held"]) == (3, 1)
    assert person(server, "n1@acme.example")["notification_email"] == "home1@acme.example"
    assert not person(server, "n2@acme.example")


def test_what_was_done_before_an_approval_ended_stays_done_and_approved(
    box, provision, make_job, clock, tmp_path
):
    box()
    people = "external_id,login,name\n" + "".join(f"N{at},n{at}@acme.example,New {at}\n" for at in range(3))
    plan = provision("plan", make_job(people, guards={"creates": {"count": 1}}), "--json").folder
    clock(1)
    provision("approve", plan, "--person", "N0", "--by", "Ines")
    plan = provision("plan", tmp_path / "nightly.yaml", "--json").folder
    assert provision("apply", plan, "--json").json["outcomes"]["done"] == 1
    clock(24 * 9)
    said = provision("resume", plan, "--json")

    assert (said.code, said.json["status"], said.json["outcomes"]["held"]) == (3, "held", 2)
    assert "approved by Ines" in (plan / "reconciliation.csv").read_text(encoding="utf-8-sig")
