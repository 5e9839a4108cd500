"""A report without people: no value of the roster or of Box in any byte of any file, and lines that can still be compared."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import stat
import zipfile
from pathlib import Path

import openpyxl
import pytest

from provision.because import Because, reason
from provision.report.without_people import masked

from .conftest import EVERY_FORMAT, SEED, logins, person

#: whose rows are made, changed, locked, rejected, held, claimed twice; values that stand nowhere else
ROSTER = (
    "external_id,login,name,job_title,phone,address,manager,status,Kostenstelle,groups\n"
    "PERSNR1,mia@acme.example,Mia Managed,Wortmeisterin,+49 30 98765432101,Weg 9,otto@acme.example,active,,\n"
    "PERSNR2,otto@acme.example,Otto Ömer,Seelenhirt,,,,active,KST77,Geheimbund\n"
    "PERSNR3,ina@acme.example,Ina Inactive,,,,,inactive,,\n"
    "PERSNR4,taken@acme.example,Nina Néw,Kantor,,,,active,,\n"
    "PERSNR5,kaputt at acme,Kurt Kaputt,,,,,active,,\n"
    "PERSNR6,zweimal@acme.example,Zwei Mal,,,,,active,,\n"
    "PERSNR6,anders@acme.example,Zwei Anders,,,,,active,,\n"
    "PERSNR7,neu@acme.example,Cora Coadmin,,,,,active,,\n"
)
COLUMNS = {"Kostenstelle": "tracking_codes.cost"}


def values() -> set[str]:
    """Everything personal: the roster's cells and the users that Box has."""
    rows = list(csv.reader(io.StringIO(ROSTER)))[1:]
    cells = {cell for row in rows for cell in row} - {"active", "inactive", ""}
    seeded = {
        str(user[key])
        for user in SEED["users"]
        for key in ("name", "login", "external_app_user_id")
        if key in user
    }
    words = {word for value in cells | seeded for word in value.split() if len(word) > 3 and word != "acme"}
    words.add(hashlib.sha256(ROSTER.encode()).hexdigest()[:12])  # by which a cell could be tried
    return cells | seeded | words - {"Client", "Partner", "Managed", "Inactive", "Unowned"}


def contents(folder: Path) -> dict[str, str]:
    """The text of each file, of a workbook that of each part."""
    found = {}
    for path in folder.iterdir():
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                found |= {f"{path.name}/{name}": book.read(name).decode() for name in book.namelist()}
        else:
            found[path.name] = path.read_bytes().decode()
    return found


def test_no_byte_tells_who_it_is_and_lines_stay_comparable(box, provision, make_job):
    server = box()
    ids = {str(person(server, login)["id"]) for login in logins(server)}
    job = make_job(
        ROSTER,
        report=EVERY_FORMAT,
        groups={"column": "groups", "create": True},
        roster={"columns": COLUMNS, "authority": "partial"},
    )
    planned = provision("plan", job, "--json").folder
    run = provision("run", job, "--json", "--yes").folder
    assert sum(value in (run / "reconciliation.csv").read_text() for value in values() | ids) > 20
    for folder in (planned, run):
        said = provision("report", folder, "--redact", "--json")
        assert said.code == 0
        redacted = folder / "redacted"
        assert {stat.S_IMODE(path.stat().st_mode) for path in redacted.iterdir()} == {0o600}
        assert all(
            str(redacted) in str(path)
            for name, path in said.json["files"].items()
            if path and "report" in name
        )
        texts = {**contents(redacted), "summary": said.out}
        assert len(texts) > 8
        for name, text in texts.items():
            told = {value for value in values() | ids if value in text}
            assert told == set(), name

    rows = list(csv.DictReader(io.StringIO((run / "redacted" / "reconciliation.csv").read_text("utf-8-sig"))))
    before = list(csv.DictReader(io.StringIO((run / "reconciliation.csv").read_text("utf-8-sig"))))
    same = ("line", "kind", "verdict", "outcome", "error_code", "http_status", "attempts", "request_id", "at")
    assert [[row[name] for name in same] for row in rows] == [[row[name] for name in same] for row in before]
    by_line = {row["line"]: row for row in rows}
    assert by_line["7"]["external_id"] == by_line["8"]["external_id"] != by_line["2"]["external_id"]
    assert by_line["3"]["reason"].startswith("differs from the roster in ")
    assert (
        "job_title: (empty) → …" in by_line["2"]["changes"] or "job_title: … → …" in by_line["2"]["changes"]
    )
    told = json.loads((run / "redacted" / "reconciliation.json").read_text())
    assert {one["login"] for one in told["rows"]} == {row["login"] for row in rows}
    assert (
        openpyxl.load_workbook(run / "redacted" / "reconciliation.xlsx")["Everybody"]["C2"].value
        == rows[0]["login"]
    )

    # the same in the same run, others in another one
    again = provision("report", run, "--redact", "--format", "csv")
    assert again.code == 0
    assert rows == list(
        csv.DictReader(io.StringIO((run / "redacted" / "reconciliation.csv").read_text("utf-8-sig")))
    )
    other = list(
        csv.DictReader(io.StringIO((planned / "redacted" / "reconciliation.csv").read_text("utf-8-sig")))
    )
    assert other[0]["login"] != rows[0]["login"]
    assert provision("report", run, "--redact", "--annotated").code == 1


@pytest.mark.parametrize("code", Because)
def test_no_fact_of_any_reason_gets_through_that_may_name_somebody(code):
    names = (
        "account",
        "after",
        "before",
        "by",
        "key",
        "login",
        "name",
        "sentence",
        "to",
        "who",
        "fields",
        "day",
        "at",
    )
    text = reason(code, **dict.fromkeys(names, "Secret Person"))

    assert "Secret" not in masked(text)
