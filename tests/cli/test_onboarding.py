"""What new people get beside their account, through the command line: from the job's section to folders in Box, and back."""

from __future__ import annotations

import csv

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
    assert "collaborations: /Clients/E4 (viewer uploader)" in plan.err
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
    assert "there may be something in it by now" in " ".join(undone.err.split())


def test_a_job_without_the_section_never_asks_for_folders(box, provision, make_job):
    server = box()
    said = provision("run", job_of(make_job, onboarding={}), "--json", "--yes")

    assert (said.code, said.json["planned"]) == (0, {"create": 2})
    assert not [line.path for line in server.log if "folder" in line.path or "collab" in line.path]
