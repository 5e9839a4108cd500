"""What new people get beside their account, through the command line: from the job's section to folders in Box, and back."""

from __future__ import annotations

import csv

import pytest

from provision.sandbox.model.groups import Group

from .conftest import SEED

#: mia is there; nina and the portal's client come
PEOPLE = (
    "external_id,login,name,kind,status\n"
    "E1,mia@acme.example,Mia Managed,managed,active\n"
    "E4,nina@acme.example,Nina New,managed,active\n"
    "c-9,,Client Nine,app,\n"
)
CLIENTS = "/Clients/{external_id}"
ONBOARDING = {
    "collaborations": [
        {"folder": "/House rules", "role": "viewer", "create": True},
        {"folder": CLIENTS, "role": "viewer uploader", "create": True},
    ]
}


def folders(server, owner=""):
    """The paths of the folders of an account, of the service account unless another is named, each with who works in it."""
    content, people = server.enterprise.content, server.enterprise.accounts
    whose = owner or next(one.id for one in people if one.login.startswith("Automation"))
    found = {}
    for item in (one for one in content if one.owner == whose):
        path = "/".join([*(one.name for one in reversed(content.above(item))), item.name])
        there = [one for one in server.enterprise.collaborations if one.item == item.id]
        found[path] = {people.get(one.user).name: one.role for one in there}
    return found


def outcomes(said):
    return {name: count for name, count in said.json["outcomes"].items() if count}


def operations(said):
    with (said.folder / "operations.csv").open(encoding="utf-8-sig") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def writes(server, path):
    return [line.status for line in server.log if line.path.startswith(path) and line.method != "GET"]


def job_of(make_job, text=PEOPLE, onboarding=ONBOARDING, **more):
    return make_job(text, onboarding=onboarding, roster={"kind": "column"}, **more)


def test_new_people_are_let_into_folders_once_and_taken_out_by_undo(box, provision, make_job):
    server = box()
    job = job_of(make_job)
    plan = provision("plan", job, "--json")
    none = folders(server)
    said = provision("apply", plan.folder, "--json", "--yes")

    assert (plan.code, plan.json["planned"], none) == (
        2, {"create": 2, "folder_create": 4, "collaboration_add": 4}, {},
    )  # fmt: skip
    assert "collaborations: (empty) → /Clients/E4 (viewer uploader)" in plan.err
    assert (said.code, said.json["status"], outcomes(said)) == (0, "applied", {"done": 10}), said.err
    assert folders(server) == {
        "House rules": {"Nina New": "viewer", "Client Nine": "viewer"},
        "Clients": {},
        "Clients/E4": {"Nina New": "viewer uploader"},
        "Clients/c-9": {"Client Nine": "viewer uploader"},
    }
    told = operations(said)
    assert told["collaboration_add:c-9:/Clients/c-9"]["outcome"] == "done"
    assert told["folder_create:/Clients"]["line"] == ""

    calls = len(server.log)
    again = provision("run", job, "--json")
    assert (again.code, again.json["planned"]) == (0, {})
    assert not [line.path for line in list(server.log)[calls:] if "folders" in line.path]

    undone = provision("undo", said.folder, "--json", "--yes")
    assert undone.json["planned"] == {"deactivate": 2, "collaboration_remove": 4}, undone.err
    assert (undone.code, outcomes(undone)) == (0, {"done": 6}), undone.err
    assert folders(server) == {"House rules": {}, "Clients": {}, "Clients/E4": {}, "Clients/c-9": {}}
    assert "it may have content by now" in " ".join(undone.err.split())


def test_a_job_without_the_section_never_asks_for_folders(box, provision, make_job):
    server = box()
    said = provision("run", job_of(make_job, onboarding={}), "--json", "--yes")

    assert (said.code, said.json["planned"]) == (0, {"create": 2})
    assert not [line.path for line in server.log if "folder" in line.path or "collab" in line.path]


# --- groups

HOUSE, OURS = "/House rules", "/House rules//Staff"
FOR_GROUPS = {
    "collaborations": [
        {"folder": HOUSE, "role": "viewer", "create": True},
        {"folder": HOUSE, "role": "editor", "create": True, "group": "Staff"},
    ]
}
#: whose external id is what the group is called
LIKE_A_GROUP = "external_id,login,name,kind,status\nStaff,,Client Staff,app,\n"
WITH_GROUPS = SEED | {"groups": [{"name": "Staff", "members": ["mia@acme.example"]}]}


def at_work(server, path=HOUSE):
    """Who works with a folder of the service account, groups by their names, and as what."""
    people, groups = server.enterprise.accounts, server.enterprise.groups
    folder = next(one.id for one in server.enterprise.content if f"/{one.name}" == path)
    there = server.enterprise.collaborations.of("item", folder)
    return {
        (groups.get(one.group).name if one.group else people.get(one.user).name): one.role for one in there
    }


def test_a_group_is_let_in_once_beside_somebody_of_its_name_and_taken_out_by_undo(box, provision, make_job):
    server = box(seed=WITH_GROUPS)
    job = job_of(make_job, LIKE_A_GROUP, FOR_GROUPS)
    plan = provision("plan", job, "--json")
    said = provision("apply", plan.folder, "--json", "--yes")

    assert (plan.code, plan.json["planned"]) == (2, {"create": 1, "folder_create": 1, "collaboration_add": 2})
    assert (said.code, outcomes(said)) == (0, {"done": 4}), said.err
    assert at_work(server) == {"Client Staff": "viewer", "Staff": "editor"}
    told = operations(said)
    assert told["collaboration_add:Staff:/House rules"]["line"] == "2"
    mine = told[f"collaboration_add:Staff:{OURS}"]
    assert (mine["line"], mine["outcome"], mine["subject"]) == ("", "done", "Staff")

    calls = len(server.log)
    again = provision("run", job, "--json")
    assert (again.code, again.json["planned"]) == (0, {})
    assert not [
        line.path for line in list(server.log)[calls:] if "groups" in line.path or "folders" in line.path
    ]
    assert provision("verify", job, "--json").code == 0

    undone = provision("undo", said.folder, "--json", "--yes")
    assert undone.json["planned"] == {"deactivate": 1, "collaboration_remove": 2}, undone.err
    assert (undone.code, outcomes(undone)) == (0, {"done": 3}), undone.err
    assert at_work(server) == {}
    assert (
        provision("plan", job, "--json").json["planned"]["collaboration_add"] == 1
    )  # the group's, once more


def test_a_group_is_let_in_though_nobody_comes_and_made_where_the_job_makes_groups(box, provision, make_job):
    server = box()
    onboarding = {"collaborations": [{"folder": HOUSE, "role": "viewer", "create": True, "group": "staff"}]}
    text = "external_id,login,name,kind,status,groups\nE1,mia@acme.example,Mia Managed,managed,active,Staff\n"
    job = job_of(make_job, text, onboarding, groups={"create": True})
    said = provision("run", job, "--json", "--yes")

    assert said.json["planned"] == {
        "group_create": 1, "membership_add": 1, "folder_create": 1, "collaboration_add": 1,
    }  # fmt: skip
    assert (said.code, outcomes(said)) == (0, {"done": 4}), said.err
    assert at_work(server) == {"Staff": "viewer"}


def test_a_group_that_is_not_there_waits_every_night_until_it_is(box, provision, make_job):
    server = box()
    onboarding = {"collaborations": [{"folder": HOUSE, "role": "viewer", "create": True, "group": "Staff"}]}
    job = job_of(
        make_job, PEOPLE.splitlines()[0] + "\nE1,mia@acme.example,Mia Managed,managed,active\n", onboarding
    )
    first = provision("run", job, "--json", "--yes")
    second = provision("run", job, "--json", "--yes")

    assert (first.code, second.code) == (3, 3)
    assert "no group of this name in Box" in " ".join(second.err.split())
    assert [hold["key"] for hold in second.json["holds"]] == ["Staff"]
    assert folders(server) == {}
    server.enterprise.groups.put(Group(id="77", name="Staff", created_at="", modified_at=""))
    third = provision("run", job, "--json", "--yes")
    assert (third.code, at_work(server)) == (0, {"Staff": "viewer"}), third.err


def test_a_group_keeps_the_role_that_somebody_has_given_it(box, provision, make_job):
    box(seed=WITH_GROUPS)
    provision("run", job_of(make_job, LIKE_A_GROUP, FOR_GROUPS), "--json", "--yes")
    other = {"collaborations": [{"folder": HOUSE, "role": "viewer", "group": "Staff"}]}
    said = provision("run", job_of(make_job, LIKE_A_GROUP, other, name="another"), "--json", "--yes")

    assert (said.code, outcomes(said)) == (4, {"failed": 1})
    assert "give the group Staff access to /House rules" in " ".join(said.err.split())
    assert "works with the folder already, as editor; that stays as it is" in " ".join(said.err.split())


def test_a_look_at_single_people_lets_no_group_in(box, provision, make_job):
    server = box(seed=WITH_GROUPS)
    job = job_of(make_job, LIKE_A_GROUP, FOR_GROUPS)
    said = provision("run", job, "--person", "Staff", "--json", "--yes")

    assert (said.code, said.json["planned"]) == (0, {"create": 1, "folder_create": 1, "collaboration_add": 1})
    assert at_work(server) == {"Client Staff": "viewer"}
    assert provision("verify", job, "--json").code == 2


def test_a_lost_answer_lets_a_group_in_once(box, provision, make_job):
    lost = {"match": {"method": "POST", "path": "/2.0/collaborations", "nth": 1}, "do": "503_written"}
    server = box(seed=WITH_GROUPS, rules=[lost])
    job = job_of(make_job, LIKE_A_GROUP, {"collaborations": [FOR_GROUPS["collaborations"][1]]})
    said = provision("run", job, "--json", "--yes")

    assert (said.code, at_work(server)) == (0, {"Staff": "editor"}), said.err
    assert writes(server, "/2.0/collaborations") == [503]


@pytest.mark.parametrize(
    ("access", "told"),
    [
        ({"folder": "/Clients/{external_id}", "role": "viewer", "group": "Staff"}, "so name the one above"),
        ({"folder": "/A", "role": "viewer", "group": "Staff; Board"}, "the name of one group"),
        ({"folder": "/A", "role": "viewer", "group": " "}, "the name of one group"),
    ],
)
def test_a_group_that_cannot_be_meant_is_an_error_of_the_job(provision, make_job, access, told):
    said = provision("check", job_of(make_job, onboarding={"collaborations": [access]}))

    assert said.code == 1
    assert told in " ".join(said.err.split())
