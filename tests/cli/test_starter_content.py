"""What new people find in their root from the beginning, through the command line: a copy of a folder of Box, a folder of this machine."""

from __future__ import annotations

import hashlib
import json

import msgspec
import pytest

from provision.sandbox.model.items import File, Folder
from provision.sandbox.trouble.script import rule

from .test_onboarding import job_of, operations, outcomes

READ_ME, MAP = (hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest() for text in ("Hello", "Here"))
#: what is kept for new people, by path: the digest
KEPT = {"Starter/Read me.txt": READ_ME, "Starter/More/Map.txt": MAP}
GIVEN = {"Starter": "", "Starter/More": "", **KEPT}
NINA, CLIENT = "nina@acme.example", "Client Nine"


def account_of(server, who):
    return next(one for one in server.enterprise.accounts if who in (one.login, one.name))


def put(server, owner, path, sha1):
    """A file of an account, with the folders it lies in."""
    enterprise, parent = server.enterprise, "0"
    told = {"owner": owner.id, "created_at": "2026-03-01T00:00:00Z", "modified_at": "2026-03-01T00:00:00Z"}
    *above, name = path.split("/")
    for each in above:
        there = enterprise.content.named(owner.id, parent, each)
        made = there or Folder(id=enterprise.next_id(), name=each, parent=parent, **told)
        parent = enterprise.content.put(made).id
    ids = {"id": enterprise.next_id(), "version_id": enterprise.next_id()}
    enterprise.content.put(File(name=name, parent=parent, size=5, sha1=sha1, **ids, **told))


def kept(server):
    """What is kept for new people is there, in a folder of the account behind the sign-in; its id."""
    robot = next(one for one in server.enterprise.accounts if one.login.startswith("Automation"))
    for path, sha1 in KEPT.items():
        put(server, robot, path, sha1)
    return server.enterprise.content.named(robot.id, "0", "Starter").id


def root_of(server, who):
    """By path what lies in somebody's root, and the digest of what are files."""
    content, owner = server.enterprise.content, account_of(server, who).id
    mine = [one for one in content if one.owner == owner]
    return {
        "/".join([*(above.name for above in reversed(content.above(one))), one.name]): getattr(
            one, "sha1", ""
        )
        for one in mine
    }


def asked(server, begin=0):
    return [f"{line.method} {line.path}" for line in list(server.log)[begin:] if "oauth2" not in line.path]


@pytest.fixture
def starter(box, make_job):
    """Starts a sandbox with the folder in it, and writes the job that gives everybody new a copy: both."""

    def start(**options):
        server = box(**options)
        folder = kept(server)
        return server, job_of(make_job, onboarding={"content": [{"copy_folder": folder}]}), folder

    return start


def test_new_people_find_a_copy_of_the_folder_which_is_theirs(starter, provision):
    server, job, folder = starter()
    plan = provision("plan", job, "--json")
    before = len(asked(server))
    said = provision("apply", plan.folder, "--json", "--yes")
    sent = asked(server, before)

    assert (plan.code, plan.json["planned"]) == (2, {"create": 2, "starter_content": 2})
    assert f"content: (empty) → copy of folder {folder}" in plan.err
    assert (said.code, outcomes(said)) == (0, {"done": 4}), said.err
    assert root_of(server, NINA) == root_of(server, CLIENT) == GIVEN
    assert not list(server.enterprise.collaborations)
    assert len([line for line in sent if "copy" in line or "collab" in line]) == 2 * 3
    assert operations(said)[f"starter_content:c-9:{folder}"]["outcome"] == "done"

    calls = len(asked(server))
    again = provision("run", job, "--json")
    assert (again.code, again.json["planned"]) == (0, {})
    assert not [line for line in asked(server, calls) if "folders" in line or "collab" in line]

    undone = provision("undo", said.folder, "--json", "--yes")
    assert (undone.code, undone.json["planned"]) == (0, {"deactivate": 2}), undone.err
    assert "somebody may have worked with it by now" in " ".join(undone.err.split())
    assert root_of(server, NINA) == GIVEN


def test_who_has_not_confirmed_the_address_gets_it_later(starter, provision, clock):
    server, job, _ = starter(choices={"unconfirmed_users_refuse_as_user": True})
    clock(0)
    first = provision("run", job, "--json", "--yes")

    assert (first.code, outcomes(first)) == (3, {"done": 3, "waiting": 1}), first.err
    assert "confirm the address" in " ".join(first.err.split())
    assert root_of(server, CLIENT) == GIVEN
    assert root_of(server, NINA) == {}
    assert not list(server.enterprise.collaborations)

    clock(24)
    second = provision("run", job, "--json", "--yes")
    assert (second.code, outcomes(second)) == (0, {"waiting": 1})

    nina = account_of(server, NINA)
    server.enterprise.change(nina, msgspec.structs.replace(nina, email_confirmed=True))
    clock(48)
    third = provision("run", job, "--json", "--yes")
    assert (third.code, outcomes(third)) == (0, {"done": 1})
    assert root_of(server, NINA) == GIVEN
    assert not list(server.enterprise.collaborations)


def rule_of(do, **match):
    return msgspec.to_builtins(rule(do, **match))


def test_something_else_of_the_name_is_told_and_never_overwritten(starter, provision):
    server, job, _ = starter(rules=[rule_of("forbidden", path="^/2.0/folders/.*/copy", first=2)])
    first = provision("run", job, "--json", "--yes")
    assert (first.code, outcomes(first)) == (4, {"done": 2, "failed": 2})

    put(server, account_of(server, NINA), "Starter/Mine.txt", MAP)
    for path, sha1 in KEPT.items():
        put(server, account_of(server, CLIENT), path, sha1)
    second = provision("run", job, "--json", "--yes")
    assert (second.code, outcomes(second)) == (4, {"done": 1, "failed": 1}), second.err
    assert "differs from what was to come there" in " ".join(second.err.split())
    assert root_of(server, NINA) == {"Starter": "", "Starter/Mine.txt": MAP}
    assert root_of(server, CLIENT) == GIVEN
    assert not list(server.enterprise.collaborations)


# --- a folder of this machine

RULES, CITY = "Rules of the house.txt", "Maps/Zürich.txt"
FILES = {RULES: b"Be kind", CITY: b"Here", "Maps/Old/Rome.txt": b""}
SENT = {"Welcome": "", "Welcome/Maps": "", "Welcome/Maps/Old": ""} | {
    f"Welcome/{path}": hashlib.sha1(told, usedforsecurity=False).hexdigest() for path, told in FILES.items()
}


@pytest.fixture
def welcome(box, make_job, tmp_path):
    """Starts a sandbox, and writes a folder and the job that gives it to everybody new: the three."""

    def start(files=FILES, **options):
        place = tmp_path / "welcome"
        for path, told in files.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(told)
        content = [{"from": "welcome", "into": "Welcome"}]
        return box(**options), job_of(make_job, onboarding={"content": content}), place

    return start


def test_new_people_find_a_folder_of_this_machine_by_as_many_calls_as_were_foreseen(welcome, provision):
    server, job, place = welcome()
    (place / ".hidden").write_text("not for them")
    plan = provision("plan", job, "--json")
    foreseen = json.loads((plan.folder / "plan.json").read_text())["forecast"]["calls"]
    before = len(asked(server))
    said = provision("apply", plan.folder, "--json", "--yes")
    sent = asked(server, before)
    sent = sent[sent.index("POST /2.0/users") :]

    assert (plan.code, plan.json["planned"]) == (2, {"create": 2, "starter_content": 2})
    assert "/Welcome (files=3 folders=2 bytes=11 calls=6 sha256=" in " ".join(plan.err.split())
    assert (said.code, outcomes(said)) == (0, {"done": 4}), said.err
    assert root_of(server, NINA) == root_of(server, CLIENT) == SENT
    theirs = [line for line in sent if "folders" in line or "files" in line]
    assert (len(theirs), {line.partition(" ")[0] for line in theirs}) == (2 * 6, {"POST"})
    assert foreseen == len(sent)

    calls = len(asked(server))
    again = provision("run", job, "--json")
    assert (again.code, again.json["planned"]) == (0, {})
    assert not [line for line in asked(server, calls) if "folders" in line or "files" in line]


def test_what_was_changed_after_the_plan_is_not_sent(welcome, provision):
    server, job, place = welcome()
    plan = provision("plan", job, "--json")
    (place / RULES).write_text("Be unkind")
    said = provision("apply", plan.folder, "--json", "--yes")
    assert (said.code, outcomes(said)) == (3, {"done": 2, "skipped": 2}), said.err
    assert "was changed after the plan was made" in " ".join(said.err.split())
    assert root_of(server, NINA) == {}

    again = provision("run", job, "--json", "--yes")
    assert (again.code, outcomes(again)) == (0, {"done": 2}), again.err
    assert root_of(server, NINA).keys() == SENT.keys()


def test_what_somebody_has_put_there_is_never_overwritten(welcome, provision):
    server, job, _ = welcome(rules=[rule_of("forbidden", path="/api/2.0/files/content", first=2)])
    first = provision("run", job, "--json", "--yes")
    assert (first.code, outcomes(first)) == (4, {"done": 2, "failed": 2}), first.err

    put(server, account_of(server, NINA), f"Welcome/{RULES}", MAP)
    second = provision("run", job, "--json", "--yes")
    assert (second.code, outcomes(second)) == (4, {"done": 1, "failed": 1}), second.err
    assert root_of(server, NINA)[f"Welcome/{RULES}"] == MAP
    assert root_of(server, CLIENT) == SENT


@pytest.mark.parametrize("command", ["check", "plan"])
def test_a_folder_that_is_not_there_is_told_before_anything_is_done(welcome, provision, command):
    server, job, place = welcome()
    place.rename(place.with_name("elsewhere"))
    said = provision(command, job)

    assert said.code == 1
    assert f"There is no folder {place}" in said.err
    assert not [line for line in asked(server) if "POST" in line]


def test_what_box_would_not_take_is_told_by_check(welcome, provision):
    _, job, place = welcome()
    (place / "rules OF the house.TXT").write_text("twice")
    (place / "trailing ").write_text("blank")
    said = provision("check", job)

    assert said.code == 1
    assert "which is the same name in Box" in " ".join(said.err.split())
