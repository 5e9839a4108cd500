"""The access review pack: everybody with access, by which evidence, whose decision, and who goes when."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl

from .conftest import person
from .test_rebuild import HEADER, MIA, NINA, OTTO

STAGES = {"lifecycle": {"leavers": [{"after": "0d", "do": "deactivate"}, {"after": "30d", "do": "delete"}]}}


def sheet(path: str, name: str) -> dict[str, dict[str, str]]:
    """The rows of a sheet by login, its cells by header."""
    head, *rows = openpyxl.load_workbook(path)[name].iter_rows(values_only=True)
    cells = [{str(key): cell or "" for key, cell in zip(head, row, strict=True)} for row in rows]
    return {str(row.get("login", row.get("who"))): row for row in cells}


def test_everybody_stands_in_it_with_evidence_and_decisions(box, provision, make_job, clock, monkeypatch):
    server = box()

    def night(day: float, *people: str, command: str = "run", **sections):
        clock(24 * day)
        job = make_job(HEADER + "".join(people), **{**STAGES, **sections})
        return provision(command, job, "--json"), job

    night(0, MIA, OTTO)
    first, job = night(1, MIA, OTTO, NINA)
    night(2, OTTO, NINA)
    held, job = night(3, OTTO, NINA, guards={"removals": {"count": 0}})
    assert held.code == 3
    assert provision("approve", held.folder, "--all", "--by", "Ines Iversen").code == 0
    locked, job = night(4, OTTO, NINA, guards={"removals": {"count": 0}})
    assert person(server, "mia@acme.example")["status"] == "inactive"
    assert provision("adopt", job, "--login", "zoe@acme.example", "--by", "Karl Kern").code == 0
    clock(24 * 5)
    asked = len(server.log)

    said = provision("review-pack", job, "--out", "pack.xlsx", "--json")

    assert said.code == 0
    listings = [line for line in server.log[asked:] if line.path == "/2.0/users"]
    assert len(listings) == 3  # how many there are, everybody once, and whether somebody came meanwhile
    assert said.json["accounts"] == {
        "everybody": 10, "admins": 2, "app users": 2, "service accounts": 0, "inactive": 2,
    }  # fmt: skip
    everybody = sheet("pack.xlsx", "Everybody")
    mia, nina, zoe, cora = (everybody[f"{who}@acme.example"] for who in ("mia", "nina", "zoe", "cora"))
    assert mia["standing"] == "owned by job nightly"
    assert ", approved by Ines Iversen" in mia["decided by"]
    assert "row 2 of nightly.csv" in mia["evidence"]
    assert "delete" in mia["what comes next"]
    assert nina["evidence"].startswith(f"created by run {first.folder.name}; row 3 of nightly.csv (run ")
    assert nina["evidence"].endswith(f"{locked.folder.name})")
    assert (nina["since"] != "", nina["what comes next"]) == (True, "")
    assert "adopted by Karl Kern" in zoe["decided by"]
    assert cora["standing"] == "not owned by a job; protected: a co-admin"
    assert everybody["paul@partner.example"]["standing"] == "out of scope"
    assert set(sheet("pack.xlsx", "Admins")) == {"ada@acme.example", "cora@acme.example"}
    assert len(sheet("pack.xlsx", "App users")) == 2
    assert {"mia@acme.example", "ina@acme.example"} == set(sheet("pack.xlsx", "Inactive"))
    assert {"mia@acme.example", "zoe@acme.example"} == set(sheet("pack.xlsx", "Decisions"))
    book = openpyxl.load_workbook("pack.xlsx")
    assert book.sheetnames == [
        "Summary", "Everybody", "Admins", "App users", "Service accounts", "Inactive", "Decisions",
    ]  # fmt: skip
    assert (book["Everybody"].freeze_panes, book["Everybody"].auto_filter.ref) == ("A2", "A1:M11")

    # as text, with a run folder that is not believed, and without a folder to write to
    (locked.folder / "plan.json").write_text((locked.folder / "plan.json").read_text() + " ")
    text = provision("review-pack", job, "--out", "pack.csv", "--json")
    assert locked.folder.name in text.json["not_read"]
    rows = list(csv.DictReader(io.StringIO(Path("pack.csv").read_text("utf-8-sig"))))
    assert len(rows) == 10
    assert [provision("review-pack", job, "--out", out).code for out in ("pack.pdf", "no/pack.csv")] == [1, 1]
    monkeypatch.setenv("BOX_CLIENT_SECRET", "wrong")
    assert provision("review-pack", job, "--out", "pack.csv").code == 7


def test_who_is_held_is_told_as_such(box, provision, make_job, clock):
    """Not as if it were done: an account that a guard keeps is still there."""
    box()
    for day, people in enumerate(((MIA, OTTO), (OTTO,), (OTTO, NINA))):
        clock(24 * day)
        job = make_job(HEADER + "".join(people), **STAGES, guards={"removals": {"count": 0}})
        assert provision("run", job, "--yes", "--json").code in (0, 3)

    assert provision("review-pack", job, "--out", "pack.xlsx").code == 0

    mia = sheet("pack.xlsx", "Everybody")["mia@acme.example"]
    assert mia["status"] == "active"
    assert mia["last word"].startswith("deactivate: leaver: absent from 2 complete rosters")
    assert "; held: the plan removes 1 of" in mia["last word"]
    assert mia["what comes next"].startswith("nothing, until a person approves it: the plan removes 1 of")
