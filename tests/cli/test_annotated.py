"""The roster handed back: the sheet that HR sent, with what became of each row, and no other file than the run read."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import openpyxl
import pandas as pd
import yaml

from provision.roster.as_sent import is_file

#: a title above, a blank line, names in two columns; Ina's address is none, Otto's is somebody else's, a formula in a note
SENT = """Staff on 1 March;;;;;
Personnel No;Work Email;First Name;Last Name;Job Title;Note
E1;mia@acme.example;Mia;Managed;Buyer;"two
lines"
E2;taken@acme.example;Otto;Ömer;;=1+1

E3;ina;Ina;Inactive;;+49 30 123
E4;nina@acme.example;Nina;Néw;Clerk;@SUM(A1)
"""
COLUMNS = {
    "Personnel No": "external_id",
    "Work Email": "login",
    "{First Name} {Last Name}": "name",
    "Note": "ignore",
}


def rows_of(path: Path, delimiter: str = ";") -> list[list[str]]:
    return list(
        csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), delimiter=delimiter)
    )


def told(rows: list[list[str]]) -> dict[str, str]:
    """What is said of each row by its first cell."""
    return {row[0]: row[-3] for row in rows if row and row[0].startswith("E")}


def test_a_text_comes_back_row_by_row_with_what_became_of_each(box, provision, make_job, tmp_path):
    box()
    job = make_job(SENT.encode("utf-16"), roster={"columns": COLUMNS, "authority": "partial"})
    planned = provision("plan", job, "--json")
    assert provision("report", planned.folder, "--annotated", tmp_path / "plan.csv").code == 0
    assert told(rows_of(tmp_path / "plan.csv"))["E4"] == "create: planned"

    run = provision("run", job, "--json", "--yes")
    said = provision("report", run.folder, "--annotated", "--json")
    [path] = map(Path, said.json["annotated"])
    assert (said.code, path) == (0, run.folder / "nightly-annotated.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbfStaff")

    rows = rows_of(path)
    sent = list(csv.reader(io.StringIO(SENT, newline=""), delimiter=";"))
    safe = [[f"'{cell}" if cell[:1] in ("=", "@") else cell for cell in row] for row in sent]
    assert [row[: len(own)] for row, own in zip(rows, safe, strict=True)] == safe
    assert rows[1][-3:] == ["result", "reason", "what to do"]
    assert told(rows) == {
        "E1": "unchanged", "E2": "create: failed", "E3": "rejected", "E4": "create: done",
    }  # fmt: skip
    by_key = {row[0]: row for row in rows if row}
    assert "already belongs to a Box account" in by_key["E2"][-1]
    assert "login: " in by_key["E3"][-2]
    assert "Correct it in the roster's source" in by_key["E3"][-1]
    assert rows[4][-3:] == ["", "", ""]

    # it reads back as it was, and is handed back again without a second set of columns
    again = provision("check", job, "--roster", path, "--json")
    assert (again.json["roster"]["rows"], again.json["roster"]["rejected"]) == (4, 1)
    run = provision("run", job, "--roster", path, "--json", "--yes")
    assert provision("report", run.folder, "--annotated", tmp_path / "again.csv").code == 0
    assert rows_of(tmp_path / "again.csv")[1] == rows[1]


def test_a_workbook_comes_back_as_one_with_its_bad_cells_marked(box, provision, make_job, tmp_path):
    box()
    book = openpyxl.Workbook()
    book.active.title = "Joiners"
    for row in csv.reader(io.StringIO(SENT, newline=""), delimiter=";"):
        book.active.append(row or [None])
    book.active["F3"], book.active["F4"].data_type = 1001, "s"
    book.save(tmp_path / "staff.xlsx")
    job = make_job(tmp_path / "staff.xlsx", roster={"columns": COLUMNS, "authority": "partial"})
    run = provision("run", job, "--json", "--yes")

    said = provision("report", run.folder, "--annotated", "--json")

    [path] = said.json["annotated"]
    sheet = openpyxl.load_workbook(path)["Joiners"]
    rows = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert (rows[0][0], rows[1][6:]) == ("Staff on 1 March", ["result", "reason", "what to do"])
    assert [row[0] for row in rows[2:]] == ["E1", "E2", "", "E3", "E4"]
    assert [row[6] for row in rows[2:]] == ["unchanged", "create: failed", "", "rejected", "create: done"]
    assert [row[5] for row in rows[2:]] == ["1001", "'=1+1", "", "+49 30 123", "'@SUM(A1)"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}

    bad = {cell.coordinate: cell for row in sheet.iter_rows() for cell in row if cell.comment}
    assert set(bad) == {"B6"}
    assert "correct the row" in bad["B6"].comment.text
    assert bad["B6"].fill.start_color.rgb == "FFF8CBAD"
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A3", "A2:I7")
    widths = [sheet.column_dimensions[letter].width for letter in "ABHI"]
    assert all(8 <= width <= 46 for width in widths)

    # a text as a workbook, where the ending asks for it
    (tmp_path / "nightly.csv").write_text(SENT, encoding="utf-8")
    plain = provision("plan", job, "--roster", "nightly.csv", "--json")
    assert provision("report", plain.folder, "--annotated", "text.xlsx").code == 0
    assert openpyxl.load_workbook("text.xlsx").active["G6"].value == "rejected"


def test_no_other_file_than_the_run_read_is_annotated(box, provision, make_job, tmp_path):
    box()
    job = make_job()
    roster = tmp_path / "nightly.csv"
    sent = roster.read_bytes()
    run = provision("plan", job, "--json").folder

    over = provision("report", run, "--annotated", roster)
    assert (over.code, "is the roster itself" in over.err, roster.read_bytes()) == (1, True, sent)
    roster.write_bytes(sent.replace(b"Nina", b"Nino"))
    changed = provision("report", run, "--annotated")
    assert (changed.code, "is not the file that this run read" in changed.err.replace("\n", " ")) == (1, True)
    assert "--annotated --roster PATH" in changed.err
    roster.unlink()
    gone = provision("report", run, "--annotated", "--json")
    assert (gone.code, "is not there any more" in gone.json["error"]) == (1, True)
    assert not list(run.glob("*annotated*"))

    (tmp_path / "copy.csv").write_bytes(sent)
    (tmp_path / "other.csv").write_bytes(sent + b"\n")
    assert provision("report", run, "--annotated", "--roster", "other.csv").code == 1
    assert provision("report", run, "--annotated", "--roster", "copy.csv").code == 0
    assert told(rows_of(run / "copy-annotated.csv", ","))["E4"] == "create: planned"
    for flags in (
        ["--roster", "copy.csv"],
        ["--annotated", "x.pdf"],
        ["--annotated", "no/x.csv", "--roster", "copy.csv"],
    ):
        assert provision("report", run, *flags).code == 1


def test_each_of_several_sources_comes_back_as_its_own_file(box, provision, make_job, tmp_path):
    box()
    job = make_job()
    written = yaml.safe_load(job.read_text(encoding="utf-8"))
    head = "external_id,login,name\n"
    (tmp_path / "hr.csv").write_text(f"{head}E1,mia@acme.example,Mia Managed\n", encoding="utf-8")
    (tmp_path / "it.csv").write_text(f"{head}E9,nora@acme.example,Nora Neu\n", encoding="utf-8")
    written["roster"] = {"sources": [{"name": name, "path": f"{name}.csv"} for name in ("hr", "it")]}
    job.write_text(yaml.safe_dump(written), encoding="utf-8")
    run = provision("plan", job, "--json").folder

    said = provision("report", run, "--annotated", "back.csv", "--json")

    assert said.json["annotated"] == ["back-hr.csv", "back-it.csv"]
    beside = provision("report", run, "--annotated", "--json").json["annotated"]
    assert [Path(path).name for path in beside] == ["hr-annotated.csv", "it-annotated.csv"]
    assert told(rows_of(Path("back-hr.csv"), ",")) == {"E1": "unchanged"}
    assert told(rows_of(Path("back-it.csv"), ",")) == {"E9": "create: planned"}


ODD = (
    '"Staff, all",,,,\n\n'
    "external_id,login,name,Type,note\n"
    "E1,mia@acme.example,Mia Managed,Regular,\n"
    "E2,otto@acme.example,Otto Ömer,Temp,\n"
    "external_id,login,name,Type,note\n"
    "E3,ina@acme.example,Ina Inactive,Regular\n"
    "E4,nina@acme.example,Nina,Néw,Regular,x,y\n"
    "E1,mia@acme.example,Mia Managed,Regular,\n"
    "Total,5,,,\n"
)


def test_rows_that_are_nobodys_or_do_not_fit_stand_where_they_stood(box, provision, make_job, tmp_path):
    box()
    sections = {
        "roster": {"where": {"Type": ["Regular"]}, "columns": {"note": "ignore"}, "authority": "partial"}
    }
    job = make_job(ODD, **sections)
    run = provision("plan", job, "--json").folder
    assert provision("report", run, "--annotated", "odd.csv").code == 0

    rows = rows_of(Path("odd.csv"), ",")
    sent = list(csv.reader(io.StringIO(ODD, newline="")))
    assert [row[: len(own)] for row, own in zip(rows, sent, strict=True)] == sent
    assert rows[2][-3:] == ["result", "reason", "what to do"]
    assert {len(row) for row in rows[2:]} == {7 + 3}
    assert [(row[-3], row[-2].split(";")[0]) for row in rows[3:]] == [
        ("unchanged", "in step with the roster"),
        ("excluded", 'left out by roster.where ("Type")'),
        ("left out", "the header once more, not a person"),
        ("rejected", "the row has 4 of 5 cells"),
        ("rejected", "the row has 7 cells instead of 5"),
        ("unchanged", "row 9 is of the person of row 4"),
        ("left out", "a line of totals, not a person"),
    ]

    alone = provision("plan", job, "--json", "--person", "mia@acme.example").folder
    assert provision("report", alone, "--annotated", "one.csv").code == 0
    assert [row[-3] for row in rows_of(Path("one.csv"), ",")[3:6]] == [
        "unchanged",
        "not looked at",
        "not looked at",
    ]

    # a table of typed columns comes back as text, and an undo read no roster
    table = {
        "external_id": ["E1"],
        "login": ["mia@acme.example"],
        "name": ["Mia Managed"],
        "Type": ["Regular"],
        "note": [3],
    }
    pd.DataFrame(table).to_parquet("staff.parquet")
    stored = provision("run", job, "--json", "--roster", "staff.parquet").folder
    assert provision("report", stored, "--annotated").code == 0
    assert rows_of(stored / "staff-annotated.csv", ",")[1][:6] == [
        *(each[0] for each in list(table.values())[:4]),
        "3",
        "unchanged",
    ]
    undone = provision("undo", stored, "--json", "--yes").folder
    refused = provision("report", undone, "--annotated")
    assert (refused.code, "it read no roster" in refused.err) == (1, True)


def test_a_folder_names_no_file_beyond_the_usual_limits(box, provision, make_job, tmp_path):
    """What a report names is under no seal, so that only a person may name what a job alone allows."""
    box()
    long = f"login,name,note\nmia@acme.example,Mia Marsh,{'x' * 140_000}\n"
    run = provision("plan", make_job(long, roster={"limits": {"cell": 1 << 20}}), "--json").folder

    named_by_the_folder = provision("report", run, "--annotated")
    assert (named_by_the_folder.code, list(run.glob("*annotated*"))) == (1, [])
    assert provision("report", run, "--annotated", "--roster", tmp_path / "nightly.csv").code == 0


def test_a_pipe_in_the_place_of_a_roster_holds_nobody(tmp_path):
    """What a run read from a pipe is not there a second time, and somebody else's report may name any place."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert [is_file(str(one)) for one in (pipe, tmp_path / "gone.csv")] == [False, True]
