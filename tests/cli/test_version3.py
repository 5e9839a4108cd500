"""Folders and a ledger that version 3 left, as commit 0a96fd3 wrote them (stored/version3.zip): read, and never applied.

Nine nights of the job ``nightly`` in the enterprise of SEED: Zoë's row says ignore; Nina is made; Mia leaves, an admin changes
Otto in Box, his login waits, Nina's name would lose its accents, and a row is bad (7c44); that run is undone (239e); Mia leaves
again and Otto's drift is written back (ab95); Ina's login comes with another number (37ad); a plan that nobody applied (6b92).
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sqlite3
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from provision.because import Because, codes_of, leading, parsed
from provision.job.settings import Job
from provision.ledger.migrations import SCHEMA_VERSION
from provision.ledger.roster_values import unpack
from provision.plan.diff.fingerprints import marks
from provision.plan.planfile import read_recorded
from provision.plan.v3_words import code_of
from provision.report.sentences.reasons import words
from provision.runs.memory.job_ledger import ledger_of

from .conftest import SEED, complaint, person

STORED = Path(__file__).with_name("stored") / "version3.zip"
ENTERPRISE, JOB = "27335", "nightly"
MADE, LEFT, UNDONE, AGAIN, HELD, PLANNED = "dfad", "7c44", "239e", "ab95", "37ad", "6b92"
HEADER = "external_id,login,name,job_title,phone,action,manager\n"
OTTO = "E2,otto@acme.example,Otto Ömer,Seller,,,\n"
INA = "E3,ina@acme.example,Ina Inactive,,,,\n"
SECTIONS = {
    "lifecycle": {
        "leavers": [
            {"after": "0d", "do": "deactivate"},
            {"after": "0d", "do": "end_sessions"},
            {"after": "2d", "do": "transfer", "to": "manager"},
            {"after": "5d", "do": "delete"},
        ],
        "evidence": {"absent_runs": 1},
        "timezone": "Europe/Berlin",
    },
}
IDS = {
    "mia@acme.example": "28000000014",
    "otto@acme.example": "28000000021",
    "ina@acme.example": "28000000028",
}
NINA = {"id": "28000000063", "name": "Nina Néw", "login": "nina@acme.example", "job_title": "Clerk"}


@pytest.fixture
def job(tmp_path, make_job, clock, said_where):
    """The job with all that version 3 left of it, on the evening of its last plan."""
    with zipfile.ZipFile(STORED) as stored:
        stored.extractall(tmp_path)
    path = make_job(HEADER + OTTO + INA, **SECTIONS)
    for about in tmp_path.glob("runs/*/run.json"):
        told = json.loads(about.read_text())
        about.write_text(json.dumps({**told, "job_path": str(path)}))
    clock((datetime(2026, 2, 9, 22, tzinfo=UTC) - datetime.now(UTC)).total_seconds() / 3600)
    return path


@pytest.fixture
def enterprise(box):
    """Box as the last run that was applied left it."""
    users = [{**user, "id": IDS[user["login"]]} for user in SEED["users"] if user.get("login") in IDS]
    users[0]["status"] = "inactive"
    return box({**SEED, "users": [*users, NINA]})


def folder(job: Path, run: str) -> Path:
    [found] = job.parent.glob(f"runs/*-{run}")
    return found


def tables() -> dict[str, pd.DataFrame]:
    """The verdict tables as they are stored."""
    with zipfile.ZipFile(STORED) as stored:
        names = [name for name in stored.namelist() if name.endswith("people.parquet")]
        return {name.split("/")[1][-4:]: pd.read_parquet(io.BytesIO(stored.read(name))) for name in names}


def lost(job: Path) -> None:
    for path in (job.parent / "state").iterdir():
        path.unlink()


def knowledge(job: Path):
    """Whom the ledger knows as whose, who left when, and by which runs.

    Not since when, which version 3 wrote anew with every change. Not that sessions were ended: version 3 did that with the deactivation, and it is done once more.
    """
    with contextlib.closing(ledger_of(Job.load(job))) as ledger:
        memory = ledger.memory(ENTERPRISE, JOB)
        return memory.accounts.iloc[:, :-1].to_numpy().tolist(), ledger.runs_taught(ENTERPRISE, JOB)


def said_of_otto(job: Path, field: str, cell: str) -> bool:
    """Whether the ledger knows that the roster said this of Otto last, and in a fingerprint with the key of now."""
    with contextlib.closing(ledger_of(Job.load(job))) as ledger:
        memory = ledger.memory(ENTERPRISE, JOB)
    assert memory.key is not None
    said = unpack(memory.said).set_index("box_id").loc[IDS["otto@acme.example"], field]
    return bool(said == marks(JOB, field, pd.Series([cell], dtype="str"), memory.key)[0])


def as_now(sentence: str) -> str:
    """A sentence of version 3 in the words that this version has for it."""
    before = "this version does not change logins"
    return sentence.replace(
        before, "the job does not change logins (match.login_changes), or not to this domain"
    )


def test_what_was_said_is_known_word_for_word():
    told = {as_now(said) for table in tables().values() for said in table["reason"].tolist()}

    assert len(told) > 15
    assert {words(code_of(sentence)) for table in tables().values() for sentence in table["reason"]} == told


@pytest.mark.parametrize(
    ("sentence", "codes"),
    [
        ("the row says ignore", [Because.IGNORED]),
        ("in step with the roster", [Because.IN_STEP]),
        ("in step with the roster; changed in Box since (drift): phone; changed in Box since (drift), reported only: fax, title",
         [Because.IN_STEP, Because.DRIFTED, Because.DRIFT_REPORTED]),
        ("in step with the roster; the start date is ahead", [Because.IN_STEP_STARTS_LATER]),
        ("destination of a transfer in this plan", [Because.RECEIVES]),
        ("destination of a transfer since 2026-02-01 that is not proven finished", [Because.RECEIVED]),
        ("manager of active people (scope.protect_managers)", [Because.MANAGES]),
        ("row 7 says deactivate; the account is inactive already", [Because.ROW_SAYS, Because.INACTIVE_ALREADY]),
        ("has left (end date 2026-02-01 reached); roll out is due on 2026-03-01",
         [Because.HAS_LEFT, Because.END_DATE, Because.DUE]),
        ("leaver: absent from 3 complete rosters in a row, first on 2026-02-01; its content went to b@x.y on 2026-02-02 and was twice seen gone; x",
         [Because.LEAVER, Because.ABSENT, Because.SEEN_GONE, Because.AS_WRITTEN]),
        ("not yet a leaver: absent from 1 of 3 complete rosters",
         [Because.NOT_YET, Because.ABSENT_SO_FAR]),
        ("differs from the roster in phone; name held: the name would lose its accents",
         [Because.DIFFERS, Because.NAME_HELD, Because.ACCENTS_LOST]),
        ("somebody's own words", [Because.AS_WRITTEN]),
    ],
)  # fmt: skip
def test_a_sentence_is_what_it_says_and_reads_as_before(sentence, codes):
    assert codes_of(code_of(sentence)) == tuple(codes)
    assert words(code_of(sentence)) == sentence


@pytest.mark.parametrize(
    ("command", "run"),
    [
        (("apply",), PLANNED),
        (("resume",), LEFT),
        (("approve", "--all", "--by", "Ada"), HELD),
    ],
)
def test_a_plan_of_version_3_is_refused_by_name_and_sends_nothing(job, enterprise, provision, command, run):
    name, *flags = command
    said = provision(name, folder(job, run), *flags)

    assert said.code == 1
    assert "is a plan of version 3; this program applies versions 4 and 5" in " ".join(
        complaint(said).split()
    )
    assert "provision plan" in said.err
    assert not [
        line for line in enterprise.log if line.method in ("POST", "PUT", "DELETE") and "users" in line.path
    ]


def test_an_edited_plan_of_version_3_is_not_believed(job, provision):
    plan = folder(job, MADE) / "plan.json"
    plan.write_text(plan.read_text().replace("nina@acme.example", "nora@acme.example"))

    said = provision("runs", job, "--rebuild")

    assert said.code == 1
    assert "was changed after it was made" in said.err


def test_everybody_is_explained_in_the_words_of_then(job, provision):
    before = tables()
    for login in ("mia@acme.example", "zoe@acme.example", "otto@acme.example", "nina@acme.example"):
        said = provision("explain", job, login, "--json")

        assert (said.code, said.json["not_read"]) == (0, {})
        for run in said.json["runs"]:
            table = before[run["run_id"][-4:]]
            told = [as_now(sentence) for sentence in table.loc[table["login"] == login, "reason"]]
            assert [each["reason"] for each in run["decisions"]] == told
        assert provision("explain", job, login).code == 0
    assert len(said.json["runs"]) == 8


def test_runs_are_listed_and_reports_are_written_again(job, provision, tmp_path):
    listed = provision("runs", job, "--json")
    assert [run["run_id"][-4:] for run in listed.json["runs"]][:2] == [PLANNED, HELD]

    for run in (LEFT, UNDONE, AGAIN, HELD):
        before = (folder(job, run) / "reconciliation.csv").read_text(encoding="utf-8-sig")
        assert provision("report", folder(job, run)).code in (0, 3)
        again = (folder(job, run) / "reconciliation.csv").read_text(encoding="utf-8-sig")
        head, *lines = csv.reader(io.StringIO(before))
        assert list(csv.reader(io.StringIO(again))) == [[*head, "source"], *([*line, ""] for line in lines)]


def test_a_run_of_version_3_is_undone(job, enterprise, provision):
    run = folder(job, AGAIN)
    assert "it has no seal" in provision("undo", run).err
    assert provision("runs", job, "--trust", run.name).code == 0

    said = provision("undo", run, "--json")

    assert said.code == 0, said.err
    assert said.json["planned"] == {"activate": 1, "update": 1}
    assert person(enterprise, "mia@acme.example")["status"] == "active"
    [activated] = [each for each in read_recorded(said.folder).changes if each.kind == "activate"]
    assert codes_of(activated.because) == (Because.UNDO_DEACTIVATE, Because.LEAVER, Because.ABSENT)


def test_the_ledger_made_anew_of_version_3_folders_knows_what_it_knew(job, provision):
    before = knowledge(job)
    lost(job)

    assert provision("runs", job, "--rebuild").code == 1  # no seal proves them
    assert provision("runs", job, "--rebuild", "--trust", "*").code == 0
    known, taught = before
    without = {
        run for run in taught if not run.endswith(HELD)
    }  # nothing of it was sent, so it has no journal
    assert knowledge(job) == (known, without)
    owned = {account[3] for account in known}
    assert {"mia@acme.example", "otto@acme.example", "nina@acme.example"} <= owned
    assert "zoe@acme.example" not in owned
    assert said_of_otto(job, "job_title", "Seller")


def test_what_an_unfinished_run_of_version_3_made_is_owned(job, enterprise, provision, tmp_path):
    """Of Nina nothing is known but that journal; her absence makes her a leaver of this job."""
    lost(job)
    for path in tmp_path.glob("runs/*"):
        if not path.name.endswith(MADE):
            path.rename(tmp_path / f"away-{path.name}")
    (folder(job, MADE) / "summary.json").unlink()

    assert "Nothing can be learned" in provision("plan", job).err
    assert provision("runs", job, "--trust", folder(job, MADE).name).code == 0

    said = provision("plan", job, "--json")

    assert "Nothing can be learned" not in said.err
    assert "provision resume" not in said.err
    made = read_recorded(said.folder)
    assert {(each.kind, each.login) for each in made.changes} == {
        ("deactivate", "nina@acme.example"),
        ("end_sessions", "nina@acme.example"),
    }


def test_a_ledger_of_version_3_is_migrated_in_place_and_a_copy_is_kept(job, provision, tmp_path):
    path = tmp_path / "state" / "provision.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        names = "hold_id, since, nights, reason"
        before = database.execute(f"SELECT {names} FROM holds ORDER BY hold_id").fetchall()  # noqa: S608 - constant
    said = provision("holds", job, "--json")

    rows = sorted(
        (hold["hold_id"], hold["since"], hold["nights"], hold["reason"]) for hold in said.json["holds"]
    )
    assert rows == before
    assert len(rows) == 2
    assert all(parsed(hold["because"]) for hold in said.json["holds"])
    kept = tmp_path / "state" / "provision.db.version-9"
    with contextlib.closing(sqlite3.connect(kept)) as copy, contextlib.closing(sqlite3.connect(path)) as now:
        versions = [each.execute("SELECT value FROM about").fetchall() for each in (copy, now)]
        assert versions == [[("9",)], [(str(SCHEMA_VERSION),)]]
        assert copy.execute("SELECT count(*) FROM holds").fetchall() == [(2,)]
    assert said_of_otto(job, "job_title", "Seller")


def test_ignored_rows_are_ignored_in_every_table_of_then(job):
    plan = read_recorded(folder(job, LEFT))
    zoe = plan.table[plan.table["login"] == "zoe@acme.example"]

    assert [leading(because) for because in zoe["because"]] == [Because.IGNORED]


def test_one_person_is_forgotten_in_folders_of_version_3_too(job, box, provision):
    """Mia's account is gone; what was done stays told of a pseudonym, and nothing of her is left in any file."""
    others = [{**user, "id": IDS[user["login"]]} for user in SEED["users"] if user.get("login") in IDS]
    box({**SEED, "users": [*others[1:], NINA]})
    said = provision("run", job, "--yes", "--json")
    assert said.code in (0, 3), said.err

    said = provision("forget", job, "mia@acme.example", "--by", "Ines", "--json")

    # nobody can rewrite the copy of the ledger that was made when it was brought forward
    assert not said.json["left"]
    assert [Path(gone).name for gone in said.json["removed"]] == ["provision.db.version-9"]
    assert not (job.parent / "state" / "provision.db.version-9").exists()
    assert {run[-4:] for run in said.json["rewritten"]} >= {MADE, LEFT, AGAIN, HELD, PLANNED}
    texts = [path.read_bytes().lower() for path in job.parent.glob("runs/*/*") if path.is_file()]
    assert not [
        text for text in texts if b"mia@acme" in text or b"mia managed" in text or b"28000000014" in text
    ]
    told = read_recorded(folder(job, LEFT))
    assert {change.key.partition("-")[0] for change in told.changes if change.kind == "deactivate"} == {
        "forgotten"
    }
    assert provision("report", folder(job, LEFT)).code in (0, 3)
    assert provision("explain", job, "otto@acme.example", "--json").json["not_read"] == {}
    refused = provision("apply", folder(job, PLANNED), "--yes")
    assert (refused.code, "version 3" in refused.err) == (1, True)
