"""Journals that somebody edits after the program has closed them, and those that nobody closed: what is believed of each."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
from base64 import b64decode

import msgspec
import pytest

from provision.errors import RunFolderError
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME, digest_of
from provision.ledger.store import open_ledger
from provision.runs.folder import find_run
from provision.runs.history import past_of
from provision.runs.seal.closing import close_journal, has_grown
from provision.runs.seal.key import known_key
from provision.runs.seal.seal_file import Seal, read_seal

from .conftest import accounts, complaint, not_closed, person

HEADER = "external_id,login,name,job_title,status\n"
MIA = "E1,mia@acme.example,Mia Managed,Buyer,active\n"
NINA = "E4,nina@acme.example,Nina Néw,Clerk,active\n"
#: as an operation names somebody without an id
LOGIN = hashlib.sha256(b"nina@acme.example").hexdigest()[:16]
EDITED = "journal.sqlite was changed after the run was closed"


def told(folder, *statements, **values):
    """What somebody with an editor for databases does to a journal."""
    with contextlib.closing(sqlite3.connect(folder / JOURNAL_NAME)) as journal, journal:
        for statement in statements:
            journal.execute(statement, values)


def a_pipe_beside(folder):
    """What SQLite opens where a write-ahead log makes it look for more."""
    (folder / f"{JOURNAL_NAME}-wal").write_bytes(b"x")
    os.mkfifo(folder / f"{JOURNAL_NAME}-journal")


def tail(folder, box_id):
    """Another word on whom the run made, behind its last one."""
    told(
        folder,
        "INSERT INTO entries (change_id, event, at, status, box_id) SELECT change_id, 'end', at, 'done', :box_id"
        " FROM entries WHERE event = 'end' AND change_id LIKE 'create:%'",
        box_id=box_id,
    )


EDITS = {
    "another outcome": lambda folder: told(
        folder, "UPDATE entries SET status = 'failed' WHERE event = 'end'"
    ),
    "an entry that is lost": lambda folder: told(folder, "DELETE FROM entries WHERE event = 'end'"),
    "an entry between": lambda folder: told(
        folder,
        "UPDATE entries SET seq = seq + 1 WHERE seq = (SELECT max(seq) FROM entries)",
        "INSERT INTO entries (seq, change_id, event, at) SELECT max(seq) - 1, change_id, 'begin', at FROM entries",
    ),
    "another guard that was passed": lambda folder: told(
        folder, """UPDATE about SET value = '{"removals": 99}' WHERE name = 'allow'"""
    ),
}
COMPUTED = "it has a view, a trigger, or something else that computes"
#: what holds or misleads whoever reads it, with what is said of it
TRAPS = {
    "a view": (
        lambda folder: told(
            folder,
            "ALTER TABLE entries RENAME TO was",
            "CREATE VIEW entries AS WITH RECURSIVE c(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM c) SELECT seq FROM c",
        ),
        COMPUTED,
    ),
    "a trigger": (
        lambda folder: told(
            folder, "CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries; END"
        ),
        COMPUTED,
    ),
    "a column that takes all memory": (
        lambda folder: told(folder, "ALTER TABLE entries ADD COLUMN more TEXT AS (hex(zeroblob(400000000)))"),
        COMPUTED,
    ),
    "an index that takes all memory": (
        lambda folder: told(folder, "CREATE INDEX more ON entries (length(hex(zeroblob(400000000))))"),
        COMPUTED,
    ),
    "a condition that takes all time": (
        lambda folder: told(
            folder,
            "CREATE TABLE more (a TEXT CHECK (length(hex(zeroblob(400000000))) > 0))",
        ),
        COMPUTED,
    ),
    "a cell without end": (
        lambda folder: told(folder, "UPDATE entries SET box_id = CAST(zeroblob(17000000) AS TEXT)"),
        "string or blob too big",
    ),
    "a pipe beside it": (a_pipe_beside, "something else than a file lies in its place"),
    "bytes for text": (
        lambda folder: told(folder, "UPDATE entries SET box_id = CAST(box_id AS BLOB)"),
        "an entry is damaged",
    ),
    "bytes that are told as text": (
        lambda folder: told(folder, "UPDATE entries SET status = :bytes", bytes=b64decode("done")),
        "an entry is damaged",
    ),
}


def owned(tmp_path):
    with contextlib.closing(open_ledger(f"sqlite:///{tmp_path}/state/provision.db")) as ledger:
        return set(ledger.memory("27335", "nightly").accounts["login"])


def lost(tmp_path):
    for part in (tmp_path / "state").glob("provision.db*"):
        part.unlink()


@pytest.fixture
def ran(box, provision, make_job):
    """A server, a job that made Nina, and the folder of that run."""
    server = box()
    job = make_job(HEADER + MIA + NINA)
    said = provision("run", job, "--json")
    assert (said.code, said.json["outcomes"]["done"]) == (0, 1), said.err
    return server, job, said.folder


def before_it(folder, kept):
    shutil.rmtree(folder)
    return shutil.copytree(kept, folder)


def test_a_journal_that_was_edited_since_the_run_was_closed_is_not_believed(ran, provision, tmp_path):
    """And who says that it is his own, is."""
    server, job, folder = ran
    before, kept = accounts(server), shutil.copytree(folder, tmp_path / "kept")

    for how, edit in EDITS.items():
        edit(before_it(folder, kept))
        said = [
            provision(*words)
            for words in (
                ("undo", folder, "--yes"),
                ("resume", folder),
                ("report", folder),
                ("explain", job, "E4"),
            )
        ]
        assert ([one.code for one in said], accounts(server)) == ([1] * 4, before), how
        assert all(EDITED in " ".join(one.err.split()) for one in said), (how, said)
        assert all(f"--trust {folder.name}" in " ".join(one.err.split()) for one in said), how
    lost(tmp_path)
    assert EDITED in " ".join(provision("runs", job, "--rebuild").err.split())
    before_it(folder, kept)
    EDITS["another outcome"](folder)
    assert provision("runs", job, "--rebuild", "--trust", folder.name, "--by", "Ines").code == 0
    assert provision("undo", folder, "--dry-run").code == 2  # now it is believed that nothing was done


def test_a_journal_that_is_made_to_hold_its_reader_is_told_by_name(ran, provision, make_job, tmp_path):
    """Also one that nobody has closed; and the next run goes on without it."""
    server, job, folder = ran
    not_closed(folder)
    before, kept = accounts(server), shutil.copytree(folder, tmp_path / "kept")
    for how, (trap, why) in TRAPS.items():
        trap(before_it(folder, kept))
        for words in (("undo", folder, "--yes"), ("resume", folder), ("explain", job, "E4")):
            assert why in complaint(provision(*words)), (how, words)
    assert (provision("run", make_job(HEADER + MIA + NINA)).code, accounts(server)) == (0, before)


def test_what_is_written_behind_a_closed_journal_makes_nobody_owned(ran, provision, make_job, tmp_path):
    server, job, folder = ran
    zoe = server.enterprise.accounts.with_login("zoe@acme.example")
    server.enterprise.add(msgspec.structs.replace(zoe, id="9999999", login="since@acme.example"))
    mine = owned(tmp_path)
    tail(folder, "9999999")

    lost(tmp_path)
    last = provision("runs", job, "--rebuild")
    assert (last.code, owned(tmp_path)) == (0, mine)  # what stood there when it was closed is proven
    assert provision("run", make_job(HEADER + MIA + NINA)).code in (0, 3)  # which asks Box who that is
    assert owned(tmp_path) == mine
    lost(tmp_path)
    between = provision("runs", job, "--rebuild", "--json")
    assert [one["run_dir"] for one in between.json["left_out"]] == [str(folder)], between
    assert "after the run was closed counts for nothing" in between.json["left_out"][0]["why"]
    assert owned(tmp_path) == mine


def test_a_journal_that_nobody_closed_is_that_of_a_killed_run_until_a_run_has_asked_box(
    ran, provision, make_job, tmp_path
):
    """A kill between the last entry and the closing costs nothing; with other runs behind it, it takes somebody's word."""
    _, job, folder = ran
    mine = owned(tmp_path)
    not_closed(folder)
    told(folder, "DELETE FROM about WHERE name = 'finished'")
    (folder / "summary.json").unlink()
    killed = shutil.copytree(folder, tmp_path / "killed")

    assert provision("resume", folder).code == 0  # closes it
    assert read_seal(folder).journal.ended
    before_it(folder, killed)
    lost(tmp_path)
    with contextlib.closing(open_ledger(f"sqlite:///{tmp_path}/state/provision.db")):
        pass
    second = provision("run", make_job(HEADER + MIA))
    assert (second.code, owned(tmp_path)) == (0, mine), second.err
    closing = read_seal(folder).journal
    assert (closing.ended, closing.last > 0) == (False, True)
    lost(tmp_path)
    assert (provision("runs", job, "--rebuild").code, owned(tmp_path)) == (0, mine)

    not_closed(folder)
    lost(tmp_path)
    said = provision("runs", job, "--rebuild", "--json")
    assert [one["run_dir"] for one in said.json["left_out"]] == [str(folder)]
    assert "was never closed" in said.json["left_out"][0]["why"]
    lost(tmp_path)
    assert provision("runs", job, "--rebuild", "--trust", folder.name).code == 0
    assert owned(tmp_path) == mine


def test_a_seal_of_the_release_before_closings_is_as_good_as_it_was_and_takes_none_that_is_put_in(
    ran, provision, tmp_path
):
    _, job, folder = ran
    mine, seal = owned(tmp_path), read_seal(folder)
    older = Seal(seal.run_id, seal.files, "", 1)
    mac = known_key(Job.load(job)).seal_of(older.told)
    path = folder / "seal.json"
    path.write_text(json.dumps({"version": 1, "run_id": seal.run_id, "files": seal.files, "mac": mac}))
    lost(tmp_path)

    said = provision("runs", job, "--rebuild")
    assert (said.code, owned(tmp_path)) == (0, mine)
    assert "1 run of an earlier release, whose journals nobody closed" in " ".join(
        (said.err + said.out).split()
    )
    forged = json.loads(path.read_text()) | {
        "journal": {"last": 4, "sha256": seal.journal.sha256, "ended": True}
    }
    for version in (1, 2):
        path.write_text(json.dumps(forged | {"version": version}))
        assert "its seal was not made with the key" in complaint(provision("undo", folder)), version


def test_a_closed_journal_that_nobody_may_read_any_more_ends_no_run(ran, provision, make_job, monkeypatch):
    _, _, folder = ran

    def unreadable(path, *last):
        if path.parent == folder:
            raise RunFolderError(f"Cannot write {path}: Permission denied.")
        return digest_of(path, *last)

    monkeypatch.setattr("provision.runs.seal.closing.digest_of", unreadable)
    assert "journal.sqlite cannot be read" in complaint(provision("resume", folder))
    assert provision("run", make_job(HEADER + MIA)).code == 0


def test_a_run_that_died_while_it_was_gone_on_with_is_looked_at_by_the_next_one(
    ran, provision, make_job, tmp_path
):
    """The ledger knows the run already; what its second process made is learned all the same."""
    server, _, folder = ran
    nina = person(server, "nina@acme.example")["id"]
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / "provision.db")) as ledger, ledger:
        ledger.execute(
            "DELETE FROM accounts WHERE login = 'nina@acme.example'"
        )  # as if it had failed at first
    tail(folder, nina)

    assert provision("run", make_job(HEADER + MIA)).code == 0
    assert "nina@acme.example" in owned(tmp_path)
    assert not has_grown(folder, read_seal(folder))


def test_undo_and_explain_take_nothing_that_stands_behind_a_closed_journal(ran, provision):
    """Nor does a later run that is judged by what an earlier one did."""
    server, job, folder = ran
    by_login = {one["login"]: one for one in accounts(server).values()}
    zoe, nina = by_login["zoe@acme.example"], by_login["nina@acme.example"]
    tail(folder, zoe["id"])

    explained = provision("explain", job, "E4", "--json")
    assert (nina["id"] in explained.out, zoe["id"] in explained.out) == (True, False)
    assert past_of(Job.load(job), folder.name).outcomes["create:login=" + LOGIN].box_id == nina["id"]
    said = provision("undo", folder, "--yes")
    after = accounts(server)

    assert (said.code, after[zoe["id"]], after[nina["id"]]["status"]) == (0, zoe, "inactive"), said
    assert "no run has asked Box about them: they count for nothing here" in " ".join(said.err.split())


def test_what_no_key_proves_is_shown_as_anybody_s(ran, provision, monkeypatch, tmp_path):
    """A seal that is broken beside an edited journal, or another job's name, hides no edit."""
    _, job, folder = ran
    whole = [provision("report", folder, "--json"), provision("explain", job, "E4", "--json")]
    assert "folder_not_proven" not in whole[0].out and whole[1].json["not_proven"] == {}
    EDITS["another outcome"](folder)
    seal = json.loads((folder / "seal.json").read_text())
    (folder / "seal.json").write_text(json.dumps(seal | {"mac": "0" * 64}))

    shown = provision("report", folder, "--json")
    assert "folder_not_proven" in {one["code"] for one in shown.json["findings"]}
    assert (
        "anybody may have written what it says: Run" in shown.err
        and "its seal was not made with the key" in shown.err
    )
    pack = provision("review-pack", job, "--out", "pack.csv", "--json")
    assert (pack.code, set(pack.json["not_read"])) == (0, {folder.name}), pack
    told_of = provision("explain", job, "E4")
    assert "Not proven, so anybody may have written what they say" in " ".join(told_of.out.split())
    assert set(provision("explain", job, "E4", "--json").json["not_proven"]) == {folder.name}
    about = (folder / "run.json").read_text()
    (folder / "run.json").write_text(about.replace(str(job), str(tmp_path / "away.yaml")))
    assert "is not proven" in provision("report", folder).err
    # a job and a key of somebody else's prove his folder, and nothing to who has never used them
    (folder / "run.json").write_text(about)
    (folder / "seal.json").write_text(json.dumps(seal))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "my-own"))
    told(folder, "UPDATE entries SET status = 'done' WHERE event = 'end'")
    assert "you have not used that job here" in provision("report", folder).err


def test_a_killed_run_is_gone_on_with_under_its_own_numbers_only(box, provision, make_job):
    """What a guard was allowed, and which kinds were chosen, stands in a journal that nobody has closed yet."""
    server = box()
    leave = {
        "guards": {"removals": {"count": 1}, "shrink": {"percent": 100}},
        "lifecycle": {
            "evidence": {"absent_runs": 1, "absent_hours": 0},
            "leavers": [{"after": "0d", "do": "deactivate"}],
        },
    }
    others = "".join(f"N{number},new{number}@acme.example,New {number},,active\n" for number in range(2))
    assert provision("run", make_job(HEADER + MIA + others, **leave)).code == 0
    job = make_job(HEADER + MIA.replace("Buyer", "Clerk"), **leave)
    folder = provision("plan", job, "--json").folder
    assert provision("apply", folder, "--except", "deactivate", "--json").json["outcomes"]["done"] == 1
    not_closed(folder)
    told(
        folder,
        "DELETE FROM about WHERE name = 'finished'",
        "DELETE FROM entries WHERE change_id LIKE 'deactivate:%'",
    )
    (folder / "summary.json").unlink()
    kept, before = shutil.copytree(folder, folder.parent.parent / "kept"), accounts(server)

    for name, value in (("allow", '{"removals": 99}'), ("except", "[]"), ("only", '["deactivate"]')):
        before_it(folder, kept)
        told(folder, "UPDATE about SET value = :value WHERE name = :name", name=name, value=value)
        said = provision("resume", folder, "--yes")
        assert (said.code, accounts(server)) == (1, before), name
        assert "was chosen and allowed is under no seal" in complaint(said), name
        close_journal(find_run(str(folder)), Job.load(job), ended=False)  # as the next run does
        assert read_seal(folder).journal is None, name
    before_it(folder, kept)
    assert provision("resume", folder, "--yes").code == 0
    assert accounts(server) == before
