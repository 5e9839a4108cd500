"""Approvals say who: two different people where the job wants them, words of others beside a run, forged and replayed ones."""

from __future__ import annotations

import contextlib
import grp
import json
import os
import sqlite3
import stat
import sys
from datetime import UTC, datetime

import pytest

from provision.errors import UsageError
from provision.job.settings import Job
from provision.ledger.store import open_ledger
from provision.plan.guards.approvals import expect_enough
from provision.records import write_record
from provision.runs.approving import inbox
from provision.runs.approving.approvals import answers_in, proven_rows
from provision.runs.approving.inbox import inbox_of
from provision.runs.seal.seal import sealed_rows

from .conftest import complaint, person
from .staff import edited

HEADER = "external_id,login,name,status\n"
HERE = HEADER + "E1,mia@acme.example,Mia Managed,active\nE2,otto@acme.example,Otto Ömer,active\n"
GONE = HERE.replace("active\nE2", "inactive\nE2")
NEVER = {"removals": {"count": 0, "percent": 0}}
LEAVERS = {"leavers": [{"after": "0d", "do": "deactivate"}]}
REPORT = {"formats": ["csv"]}
#: somebody who is signed in to this machine as another user
BO = 4711


@pytest.fixture
def server(box):
    return box()


@pytest.fixture
def held(server, provision, make_job):
    """Plans a job that locks Mia, which a guard holds: the job and the run folder."""

    def plan(**sections):
        job = make_job(GONE, guards=NEVER, lifecycle=LEAVERS, report=REPORT, **sections)
        said = provision("plan", job, "--json")
        assert (said.code, said.json["planned"]["deactivate"]) == (3, 1)
        return job, said.folder

    return plan


def mia(server):
    return person(server, "mia@acme.example")["status"]


def one_line(text):
    return " ".join(text.split())


def test_who_gave_a_word_is_kept_everywhere(server, held, provision, signed_in_as, tmp_path):
    signed_in_as("ines", "/dev/pts/3")
    job, folder = held()
    said = provision("approve", folder, "--all", "--by", "Ines Iversen", "--json")
    row = said.json["approved"][0]
    who = {"by": "Ines Iversen", "os_user": "ines", "terminal": "/dev/pts/3", "host": row["host"]}
    assert {name: row[name] for name in who} == who
    assert row["host"]
    assert who.items() <= json.loads((folder / "approvals.json").read_text())[0].items()
    logged = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert who.items() <= next(one for one in logged if one["event"] == "approved").items()

    run = provision("run", job, "--yes", "--json")

    assert (run.code, mia(server)) == (0, "inactive"), run.err
    told = f"Ines Iversen (user ines on {row['host']}, /dev/pts/3)"
    assert f"approved by {told} on " in (run.folder / "reconciliation.csv").read_text(encoding="utf-8-sig")
    explained = provision("explain", job, "mia@acme.example", "--json")
    assert who.items() <= explained.json["words"][0].items()

    took = provision("adopt", job, "--login", "zoe@acme.example", "--by", "Ines Iversen", "--json")
    adopted = tmp_path / "runs" / took.json["run_id"]
    assert who.items() <= json.loads((adopted / "adoption.json").read_text()).items()
    logged = [json.loads(line) for line in (adopted / "log.jsonl").read_text().splitlines()]
    assert any(who.items() <= line.items() for line in logged)
    assert who.items() <= provision("explain", job, "zoe@acme.example", "--json").json["words"][0].items()
    assert provision("check", job, "--accept").code == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / "provision.db")) as ledger:
        accepted = ledger.execute(
            "SELECT accepted_by, os_user, terminal FROM profiles ORDER BY accepted_at"
        ).fetchall()
    assert accepted[-1] == ("ines", "ines", "/dev/pts/3")


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--by", os.fsdecode(b"Ines\xff")), "a name that can be printed"),
        (("--by", "x" * 201), "a name that can be printed"),
        (("--by", "Ines", "--until", "9999-12-31"), "is too far away"),
    ],
)
def test_a_word_that_nobody_could_keep_is_none(held, provision, flags, told):
    job, folder = held()
    said = provision("approve", folder, "--all", *flags)
    assert (said.code, told in one_line(complaint(said))) == (1, True)
    assert not (folder / "approvals.json").exists()
    said = provision("adopt", job, "--all", *flags[:2])
    assert said.code == (0 if flags[1] == "Ines" else 1), said.err


def test_two_people_are_wanted_and_one_under_two_names_is_one(server, held, provision, signed_in_as):
    job, folder = held(approvals={"required": 2})
    signed_in_as("ines")
    first = provision("approve", folder, "--all", "--by", "Ines")
    assert first.code == 0
    assert "That is 1 of 2 approvals" in one_line(first.err)

    again = provision("approve", folder, "--all", "--by", "Otto")  # still as the user ines
    assert (again.code, "are one person" in one_line(complaint(again))) == (1, True)
    assert provision("approve", folder, "--all", "--by", "Ines").code == 0  # the same word once more

    half = provision("run", job, "--json")
    assert (half.code, mia(server)) == (3, "active")
    words = "1 of 2 approvals, by Ines (user ines on "
    assert words in half.json["holds"][0]["reason"]
    assert "wants one more" in half.json["holds"][0]["reason"]
    assert words in (half.folder / "reconciliation.csv").read_text(encoding="utf-8-sig")
    listed = provision("holds", job, "--json").json["holds"][0]
    assert (listed["approved_by"], listed["approvals_required"]) == ("", 2)
    assert [one["os_user"] for one in listed["approvals"]] == ["ines"]
    assert words in one_line(provision("holds", job).out)

    signed_in_as("otto")
    assert "carried out by" in one_line(provision("approve", half.folder, "--all", "--by", "Otto").err)
    assert provision("holds", job, "--json").json["holds"][0]["approved_by"] == "Ines and Otto"
    assert (provision("run", job, "--yes").code, mia(server)) == (0, "inactive")


def test_neither_a_number_nor_an_edited_job_stands_for_the_second_person(
    server, held, provision, make_job, signed_in_as
):
    job, folder = held(approvals={"required": 2})
    signed_in_as("ines")
    provision("approve", folder, "--all", "--by", "Ines")

    for said in (
        provision("run", job, "--yes", "--allow", "removals=1"),
        provision("apply", folder, "--yes", "--allow", "removals_7d=1"),
        provision("apply", folder, "--yes", "--allow", "managers=1"),
    ):
        assert (said.code, mia(server)) == (1, "active")
        assert "the word of one person" in complaint(said)
    with pytest.raises(UsageError, match="the word of one person"):  # of a job with several sources
        expect_enough(["source[hr]"], 2)

    make_job(GONE, guards=NEVER, lifecycle=LEAVERS, report=REPORT, approvals={"required": 1})
    said = provision("apply", folder, "--yes")

    assert (said.code, mia(server)) == (1, "active")
    assert "was changed after this plan was made" in complaint(said)


def test_an_answer_who_is_who_takes_two_people_as_well(server, provision, make_job, signed_in_as, tmp_path):
    known = "external_id,login,name\nE1,mia@acme.example,Mia Managed\n"
    two = {"approvals": {"required": 2}, "report": REPORT}
    provision("run", make_job(known, **two))
    job = make_job(known.replace("E1", "E9"), **two)
    asked = provision("run", job, "--json").folder
    signed_in_as("ines")
    provision("approve", asked, "--person", "E9", "--by", "Ines")

    def answers():
        with contextlib.closing(open_ledger(f"sqlite:///{tmp_path}/state/provision.db")) as ledger:
            return len(ledger.memory("27335", "nightly").answers)

    assert answers() == 0
    signed_in_as("otto")
    assert provision("approve", asked, "--person", "E9", "--by", "Otto").code == 0
    assert answers() == 1
    rows = json.loads((asked / "approvals.json").read_text())
    assert len(answers_in(asked, Job.load(job))) == 1
    (asked / "approvals.json").write_text(json.dumps(rows[1:]))
    assert answers_in(asked, Job.load(job)) == ()  # a rebuild knows as well that one is not enough
    over = {"at": "2026-01-01T00:00:00+00:00", "until": "2026-01-02T00:00:00+00:00"}
    write_record(
        asked / "approvals.json", sealed_rows([{**rows[0], **over}, rows[1]], asked.name, Job.load(job))
    )
    assert answers_in(asked, Job.load(job)) == ()  # nor is one that was over when the other was given


@pytest.mark.parametrize(("required", "counting"), [(1, 2), (2, 0)])
def test_who_trusts_a_folder_answers_for_approvals_that_nobody_proved_and_stands_for_no_second_person(
    held, provision, required, counting
):
    job, folder = held(approvals={"required": required})
    provision("approve", folder, "--all", "--by", "Ines")
    [row] = json.loads((folder / "approvals.json").read_text())
    forged = [{**row, "seal": "0" * 64, "by": name, "os_user": name} for name in ("eve", "bo")]
    (folder / "approvals.json").write_text(json.dumps(forged))
    (folder / "seal.json").unlink()

    said = provision("runs", job, "--trust", folder.name, "--by", "Otto")

    assert said.code == 0
    assert "on the authority of Otto (user " in one_line(said.out)
    assert "2 approvals in it that no key prove" in one_line(said.out)
    rows = proven_rows(folder, Job.load(job))
    assert [row["trusted_by"].startswith("Otto") for row in rows] == [True] * counting


def test_what_somebody_holds_waits_in_this_plan_and_in_the_next_until_it_is_approved(
    server, provision, make_job, hands
):
    lax = {"guards": {"removals": {"count": 9}}, "lifecycle": LEAVERS, "report": REPORT}
    job = make_job(GONE, **lax)
    folder = provision("plan", job, "--json").folder
    said = provision("approve", folder, "--hold", "--kind", "deactivate", "--by", "Ines", "--json")
    assert (said.code, said.json["approved"][0]["says"]) == (0, "hold"), said.err
    assert "Ines (user" in one_line(said.err)
    assert "holds 1 operation until" in one_line(said.err)

    held = provision("apply", folder, "--yes", "--json")
    assert (held.code, mia(server)) == (3, "active")
    assert "until somebody approves it" in held.json["holds"][0]["reason"]
    again = provision("run", job, "--yes", "--json")
    assert (again.code, mia(server)) == (3, "active")
    assert provision("holds", job, "--json").json["holds"][0]["approved_by"] == ""
    assert "held deactivate" in provision("explain", job, "mia@acme.example").out

    hands.move(1)
    assert provision("approve", again.folder, "--all", "--by", "Otto").code == 0
    assert (provision("run", job, "--yes").code, mia(server)) == (0, "inactive")


def test_a_hold_ends_what_was_approved_before_it_and_outlives_the_ledger(
    server, held, provision, make_job, hands, tmp_path
):
    provision("run", make_job(HERE, report=REPORT))
    job, folder = held()
    provision("approve", folder, "--all", "--by", "Otto")
    hands.move(1)
    assert provision("approve", folder, "--hold", "--person", "E1", "--by", "Ines").code == 0
    assert (provision("apply", folder, "--yes").code, mia(server)) == (3, "active")

    (tmp_path / "state" / "provision.db").unlink()
    assert provision("runs", job, "--rebuild").code == 0
    make_job(GONE, guards={"removals": {"count": 9}}, lifecycle=LEAVERS, report=REPORT)

    assert (provision("run", job, "--yes", "--allow", "changed_job=9").code, mia(server)) == (3, "active")


# --- words of others beside a run ---------------------------------------------------------------------------


@pytest.fixture
def group():
    """A group that whoever runs the tests can give files to."""
    return grp.getgrgid(os.getegid()).gr_name


@pytest.fixture
def as_bo(monkeypatch, signed_in_as):
    """Runs a command as Bo, a member of the group who has made nothing here; the file that comes of it is Bo's."""
    monkeypatch.setattr("provision.runs.places.owners.is_member", lambda uid, _group: uid == BO)
    monkeypatch.setattr(
        "provision.runs.approving.inbox.name_of", lambda uid: "bo" if uid == BO else f"uid {uid}"
    )
    monkeypatch.setattr("provision.runs.approving.inbox.status_of", owned_by(BO))

    def run(command):
        with monkeypatch.context() as during:
            signed_in_as("bo")
            during.setattr("provision.runs.approving.opened.is_of_others", lambda *_: True)
            during.setattr("provision.runs.approving.opened.is_member", lambda *_: True)
            said = command()
        signed_in_as("ines")
        return said

    return run


def owned_by(uid, **more):
    """What the operating system says of a file, as if it were somebody else's."""

    def status(number):
        found = os.fstat(number)
        told = {"mode": found.st_mode, "nlink": found.st_nlink} | more
        return os.stat_result((told["mode"], found.st_ino, found.st_dev, told["nlink"], uid, *found[5:]))

    return status


def test_a_word_beside_a_run_counts_once(server, held, provision, as_bo, group):
    job, folder = held(runs_group=group, approvals={"required": 2})
    left = as_bo(lambda: provision("approve", folder, "--all", "--by", "Bo", "--json"))
    assert left.code == 0, left.err
    path = folder / "approvals.d" / "bo.json"
    kept = path.read_bytes()
    assert json.loads(kept)[0].items() >= {"by": "Bo", "os_user": "bo", "run_id": folder.name}.items()
    assert not (folder / "approvals.json").exists()
    assert "1 of 2 approvals, by Bo" in provision("plan", job, "--json").json["holds"][0]["reason"]
    assert not (folder / "approvals.json").exists()  # a plan takes nothing over

    provision("approve", folder, "--all", "--by", "Ines")
    assert (provision("apply", folder, "--yes").code, mia(server)) == (0, "inactive")
    assert [one["os_user"] for one in json.loads((folder / "approvals.json").read_text())] == ["ines", "bo"]
    logged = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert {one["os_user"] for one in logged if one["event"] == "approved"} == {"bo", "ines"}

    edited(server, "mia@acme.example", status="active")
    assert path.read_bytes() == kept  # it lies there still, and has served
    again = provision("run", job, "--yes", "--json")
    assert (again.code, mia(server)) == (3, "active")
    assert "approvals" not in again.json["holds"][0]["reason"]


def _rows(**changed):
    def change(path):
        rows = json.loads(path.read_text())
        path.write_text(json.dumps([row | changed for row in rows]))

    return change


def _linked(path):
    away = path.with_name("away.txt")
    path.rename(away)
    path.symlink_to(away)


FORGED = {
    "of another run": (_rows(run_id="20260101T000000Z-nightly-0000"), {}, "approves another plan"),
    "of another plan": (_rows(plan="0" * 64), {}, "approves another plan"),
    "of another operation": (_rows(aim="0" * 64), {}, "does not do"),
    "in another name": (_rows(os_user="the-ceo"), {}, "speaks for the user the-ceo and belongs to bo"),
    "a time that is none": (_rows(until="tomorrow"), {}, "a time that is none"),
    "a time of no zone": (_rows(until="2999-01-01T00:00:00"), {}, "a time that is none"),
    "a time of no calendar": (_rows(at="0001-01-01T00:00:00+23:59"), {}, "a time that is none"),
    "a name without end": (_rows(by="x" * 2_000), {}, "longer than any is"),
    "a word without end": (_rows(note="x" * 70_000), {}, "a word in it is longer than 65,536 bytes"),
    "a name of somebody else": (lambda path: path.rename(path.with_name("eve.json")), {}, "whose file is bo.json"),
    "no list": (lambda path: path.write_text("[" * 100_000), {}, "no list of approvals"),
    "a link": (_linked, {}, "cannot be read"),
    "of a stranger": (None, {"uid": BO + 1}, "no member of the group"),
    "written by all": (None, {"mode": stat.S_IFREG | 0o666}, "others than bo may write"),
    "linked elsewhere": (None, {"nlink": 2}, "is no file of its own"),
}  # fmt: skip


def test_forged_and_replayed_words_count_for_nothing_and_are_told(held, provision, as_bo, group, monkeypatch):
    job, folder = held(runs_group=group)
    as_bo(lambda: provision("approve", folder, "--all", "--by", "Bo"))
    path, loaded, now = folder / "approvals.d" / "bo.json", Job.load(job), datetime.now(UTC)
    kept = path.read_bytes()
    assert len(inbox_of(loaded, "27335", now).words) == 1
    assert inbox_of(loaded, "1", now).words == ()

    for change, status, why in FORGED.values():
        (change or (lambda _path: None))(path)
        monkeypatch.setattr(inbox, "status_of", owned_by(status.pop("uid", BO), **status))
        found = inbox_of(loaded, "27335", now)
        assert found.words == (), why
        assert why in "".join(one.sentence for one in found.found)
        for each in path.parent.iterdir():
            each.unlink()
        path.write_bytes(kept)
        monkeypatch.setattr(inbox, "status_of", owned_by(BO))
    assert len(inbox_of(loaded, "27335", now).words) == 1  # as it was

    monkeypatch.setattr(inbox, "status_of", owned_by(BO + 1))
    said = provision("run", job, "--json")
    assert said.code == 3
    assert "approval_not_counted" in {one["code"] for one in said.json["findings"]}
    listed = provision("holds", job, "--json")
    assert (listed.code, listed.json["holds"][0]["approvals"]) == (0, [])
    assert "no member of the group" in one_line(listed.err)


def test_whoever_is_no_member_is_told_that_the_word_would_not_count(
    held, provision, as_bo, group, monkeypatch
):
    _, folder = held(runs_group=group)
    monkeypatch.setattr("provision.runs.approving.opened.is_of_others", lambda *_: True)
    monkeypatch.setattr("provision.runs.approving.opened.is_member", lambda *_: False)

    said = provision("approve", folder, "--all", "--by", "Eve")

    assert said.code == 1
    assert "would count for nothing" in one_line(complaint(said))
    assert list((folder / "approvals.d").iterdir()) == []


def modes(folder):
    return {
        stat.S_IMODE(path.stat().st_mode): path.is_dir()
        for path in (*folder.rglob("*"), folder)
        if path.name != "approvals.d"
    }


def test_run_folders_are_for_the_group_where_the_job_names_one(held, provision, group):
    _, folder = held(runs_group=group)
    assert modes(folder) == {0o640: False, 0o750: True}
    assert stat.S_IMODE((folder / "approvals.d").stat().st_mode) == 0o1770
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o750
    assert {path.stat().st_gid for path in folder.rglob("*")} == {os.getegid()}


def test_a_folder_that_is_not_believed_opens_no_folder_to_a_group(held, provision, group, tmp_path):
    """It may bring a job file that names any folder as its ``runs``, and any group."""
    job, folder = held(runs_group=group)
    diary = tmp_path / "diary"
    diary.mkdir(mode=0o700)
    evil = job.with_name("evil.yaml")
    evil.write_text(f"{job.read_text()}\nruns: {diary}\n".replace("\nruns: runs\n", "\n"))
    about = folder / "run.json"
    about.write_text(about.read_text().replace(str(job), str(evil)))

    said = provision("apply", folder)

    assert (said.code, diary.stat().st_mode & 0o777) == (1, 0o700)


@pytest.mark.parametrize("without", ["no groups", "no such group"])
def test_a_group_that_cannot_be_had_is_told(said_where, provision, make_job, monkeypatch, without):
    if without == "no groups":
        monkeypatch.setitem(sys.modules, "grp", None)
    job = make_job(HERE, runs_group="nobody-has-this-group")

    said = provision("check", job)

    assert said.code == 1
    assert ("no groups of that kind" if without == "no groups" else "There is no group") in complaint(said)


# --- where others may write ---------------------------------------------------------------------------------


def test_runs_that_others_may_write_to_are_told_and_those_of_somebody_else_refused(
    said_where, provision, make_job, monkeypatch, tmp_path
):
    job = make_job(HERE)
    (tmp_path / "runs").mkdir(mode=0o700)
    assert "open_to_others" not in provision("check", job, "--json").out
    for mode in (0o720, 0o702):
        (tmp_path / "runs").chmod(mode)
        said = provision("check", job, "--json")
        assert said.code == 0
        assert {
            "code": "open_to_others",
            "level": "warning",
            "do": f"chmod go-w {tmp_path / 'runs'}",
        }.items() <= next(one for one in said.json["findings"] if one["code"] == "open_to_others").items()

    monkeypatch.setattr("provision.runs.places.own_places.counts", lambda uid, _job: uid != os.getuid())
    said = provision("check", job)

    assert said.code == 1
    assert f"{tmp_path / 'runs'} (runs in the job file) belongs to somebody else" in one_line(complaint(said))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a link to somebody")
def test_runs_that_a_link_of_somebody_else_leads_to_are_refused(said_where, provision, make_job, tmp_path):
    """In a folder where each keeps what is their own, as /tmp, only the link itself is theirs to exchange."""
    job = make_job(HERE)
    (tmp_path / "ours").mkdir(mode=0o700)
    (tmp_path / "runs").symlink_to(tmp_path / "ours")
    assert provision("check", job).code == 0
    os.lchown(tmp_path / "runs", 12_345, -1)

    said = provision("check", job)

    assert said.code == 1
    assert f"{tmp_path / 'runs'} (runs in the job file) belongs to somebody else" in one_line(complaint(said))


def test_a_ledger_that_is_a_link_is_refused(server, provision, make_job, tmp_path):
    job = make_job(HERE)
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "elsewhere.db").touch()
    (tmp_path / "state" / "provision.db").symlink_to(tmp_path / "elsewhere.db")

    said = provision("plan", job)

    assert said.code == 1
    assert "is a link to another file" in one_line(complaint(said))
    assert (tmp_path / "elsewhere.db").stat().st_size == 0
