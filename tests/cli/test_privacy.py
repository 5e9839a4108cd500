"""What leaves the run folder, and what only counts and names keys, holds no attribute value of anybody."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3

import numpy as np
import pandas as pd
import pytest

from provision.hashes import hashed
from provision.ledger.roster_values import unpack
from provision.plan.diff.fingerprints import plain_marks
from provision.plan.planfile import read_plan
from provision.roster.profile.profile import from_json

from .conftest import EVERY_FORMAT

#: values that occur nowhere else
NAMES = ("Quirina Vexworth", "Ulfric Zandrabell", "Yolanthe Prisk")
VALUES = (
    *NAMES,
    "Chief Zymurgist",
    "+99 4455 667788",
    "17 Xylophone Quay",
    "Wombat Unit",
    "q.private@mail.example",
)
ROSTER = (
    "login,name,job_title,phone,address,tracking_codes.team,notification_email\n"
    f"q@acme.example,{VALUES[0]},{VALUES[3]},{VALUES[4]},{VALUES[5]},{VALUES[6]},{VALUES[7]}\n"
    f"taken@acme.example,{VALUES[1]},{VALUES[3]},,,,\n"
    f"mia@acme.example,{VALUES[2]},{VALUES[3]},{VALUES[4]},{VALUES[5]},,\n"
    f"otto@acme.example,{VALUES[2]},{VALUES[3]},{VALUES[4]},{VALUES[5]},,\n"
)
RULES = [
    {"do": {"fault": "503_written", "retry_after": 0}, "match": {"method": "POST", "path": "^/2.0/users$", "nth": 1}},
    {"do": "lost_answer", "match": {"method": "PUT", "nth": 1}},
    {"do": {"fault": "status", "status": 400}, "match": {"method": "PUT", "nth": 3}},
    {"do": "forbidden", "match": {"method": "PUT", "nth": 4}},
]  # fmt: skip


def dump(path) -> str:
    journal = sqlite3.connect(path)
    text = "\n".join(journal.iterdump())
    journal.close()
    return text


@pytest.fixture
def told(box, provision, make_job, hurried):
    """What a run with faults says and keeps, apart from its plan and reports."""
    server = box(rules=RULES)
    said = provision("run", make_job(ROSTER), "--json")
    assert said.code == 4
    assert sum(server.faults.fired) >= 3
    texts = {name: (said.folder / name).read_text() for name in ("log.jsonl", "summary.json", "run.json")}
    return texts | {
        "journal.sqlite": dump(said.folder / "journal.sqlite"),
        "stdout": said.out,
        "stderr": said.err,
    }


WHERE = ("log.jsonl", "summary.json", "run.json", "journal.sqlite", "stdout", "stderr")


def test_no_attribute_value_is_in_what_is_said_and_kept(told):
    assert set(told) == set(WHERE)
    assert [(where, value) for where in WHERE for value in VALUES if value in told[where]] == []
    quentin = hashlib.sha256(b"q@acme.example").hexdigest()[:16]
    assert (
        f"create:login={quentin}" in told["journal.sqlite"]
    )  # its entries are there, and name nobody by an address
    assert "q@acme.example" not in told["journal.sqlite"]


@pytest.mark.usefixtures("hurried")
def test_no_secret_is_in_any_file_of_a_run(box, provision, make_job, monkeypatch):
    server = box(rules=RULES)
    folder = provision("run", make_job(ROSTER, report=EVERY_FORMAT), "--json").folder
    secrets = [server.announcement[key] for key in ("client_secret", "developer_token")]

    assert {
        path.name
        for path in folder.iterdir()
        for secret in secrets
        if secret.encode() in path.read_bytes()
    } == set()  # fmt: skip


@pytest.mark.usefixtures("hurried")
def test_terminal_after_a_run_names_nobody_but_by_key(box, provision, make_job):
    """The preview of ``plan`` shows values, since it is there to be read; a nightly run's log is not."""
    box(rules=RULES)
    said = provision("run", make_job(ROSTER))

    assert said.code == 4
    assert [value for value in VALUES if value in " ".join(said.err.split())] == []


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("notification_email", "quirina at mail"),
        ("job_title", "Chief Zymurgist" + "x" * 100),
        ("address", "17 Xylophone Quay" + "x" * 255),
        ("phone", "+99 4455 667788" + "0" * 100),
    ],
)
def test_cell_that_cannot_be_is_told_without_its_text(box, provision, make_job, column, cell):
    box()
    said = provision("run", make_job(f"login,{column}\nmia@acme.example,{cell}\n"), "--json")

    assert (said.code, said.json["roster"]["rejected"]) == (1, 1)
    assert cell[:15] not in said.err + said.out + (said.folder / "log.jsonl").read_text()


def test_whoever_guesses_a_value_finds_it_in_no_fingerprint(box, provision, make_job):
    """Of the run folder and of the ledger: hashes that whoever knows the value can make are nowhere in them."""
    box()
    path = make_job(ROSTER)
    folder = provision("run", path, "--json").folder
    with contextlib.closing(sqlite3.connect(path.parent / "state" / "provision.db")) as ledger:
        [(packed, profile)] = ledger.execute("SELECT packed, profile FROM said, profiles").fetchall()
    kept = [unpack(packed), unpack((folder / "said.parquet").read_bytes())]
    sketches = from_json(profile)

    there = set(
        np.concatenate(
            [part[name].to_numpy(np.uint64) for part in kept for name in part.columns[1:]]
        ).tolist()
    )
    for name in ("keys", "logins", "names", "content"):
        there |= set(getattr(sketches, name).values.tolist())
    guesses = pd.Series([*VALUES, *(name.casefold() for name in NAMES), "q@acme.example"], dtype="str")
    fields = [*kept[0].columns[1:], "name", "phone"]
    hashes = [hashed(guesses), *(plain_marks("nightly", field, guesses) for field in fields)]
    assert {"phone", "job_title", "name"} <= set(kept[0].columns)
    assert len(there) > 20
    assert not there & set(np.concatenate(hashes).tolist())
    assert read_plan(folder).profile == sketches


@pytest.mark.parametrize("where", ["stderr", "error"])
def test_rejected_row_is_told_by_its_place_and_not_by_its_person(box, provision, make_job, where):
    box()
    long = f"{NAMES[0]} {'x' * 50}"
    said = provision("run", make_job(f"login,name,phone\nq@acme.example,{long},{VALUES[4]}\n"), "--json")

    text = {"stderr": said.err, "error": str(said.json["error"])}[where]
    assert [value for value in VALUES if value in text] == []


def test_log_names_nobody_by_an_address(box, provision, make_job):
    """Logs are shipped elsewhere: an external id that is an address is one, and a plain hash of a login can be guessed."""
    box()
    people = "external_id,login,name,kind\npaula@acme.example,,Paula Portal,app\nclient-9,,Client Nine,app\n,q@acme.example,Quentin,managed\n"

    said = provision("run", make_job(people, roster={"kind": "column"}), "--yes", "--json")
    log = (said.folder / "log.jsonl").read_text()

    assert said.json["outcomes"]["done"] == 3
    assert log.count('"event": "outcome"') == 3
    assert "@" not in log
    assert "client-9" in log
    assert hashlib.sha256(b"q@acme.example").hexdigest()[:16] not in log
