"""CSV, Excel and JSON: everybody once, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from provision.because import as_written
from provision.model import SOURCE_LINES
from provision.report.reconciling.reconcile import reconcile
from provision.report.tables import book, tables
from provision.report.tables.formulas import neutralised
from provision.report.value import BLANK_IF_ZERO, COLUMNS, NUMBERS, Reconciliation, RunFacts
from provision.report.write import write_reports
from tests.examples import examples

from .builders import person, plan_of

SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"
FORMULAS = [
    "=1+1", "+41 44 555", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "  =x", " \u00a0=x", "\u200b=x", "\ufeff+x", '"=x',
    "'=x", "“=x", "＝1+1", "＋1", "－1", "＠x", " '\" =x", "\u3000＝x",
]  # fmt: skip
HARMLESS = ["", "a=b", "O'Neill", "1-2", "x@acme.example", "007", "Σ+1", "(clear)", '"quoted"', "'tis"]

#: text that both readers can give back: no control characters, and no line end but the ordinary one
words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), max_size=12)
risky = st.builds(
    "".join, st.tuples(st.sampled_from(["", " ", "'", '"', "\u00a0"]), st.sampled_from(SIGNS), words)
)
names = st.lists(st.one_of(words, risky), min_size=1, max_size=4)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def read_sheet(path: Path, name: str = "Everybody") -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(path)
    header, *lines = book[name].iter_rows(values_only=True)
    return [dict(zip(map(str, header), line, strict=True)) for line in lines]


#: a sign where another separator would begin a cell, as said in :func:`neutralised`; blanks and quotes may stand before it
_SPLIT = re.compile(
    rf"([;|][\s\u00a0\u200b\ufeff\u3000'\"`´‘’‚“”„«»\u00ad\u2000-\u200f\u2028-\u202f\u205f-\u206f]*)([{re.escape(SIGNS)}])"
)


def is_risky(text: str) -> bool:
    bare = text.lstrip(" '\"\u00a0\u200b\ufeff\u3000“")
    return text[:1] in ("\t", "\r", "\n") or bare[:1] in tuple(SIGNS)


@pytest.fixture
def written(verified: Reconciliation, facts: RunFacts, tmp_path: Path) -> dict[str, Path]:
    return write_reports(verified, facts, tmp_path, ("csv", "xlsx", "json"))


def test_every_row_is_in_every_format_once(written: dict[str, Path], verified: Reconciliation) -> None:
    expected = list(zip(verified.table["login"], verified.table["external_id"], strict=True))

    rows = [
        read_csv(written["csv"]),
        read_sheet(written["xlsx"]),
        json.loads(written["json"].read_bytes())["rows"],
    ]

    for lines in rows:
        assert [(line["login"] or "", line["external_id"] or "") for line in lines] == expected


def test_columns_are_the_promised_ones_in_every_format(written: dict[str, Path]) -> None:
    rows = [
        read_csv(written["csv"]),
        read_sheet(written["xlsx"]),
        json.loads(written["json"].read_bytes())["rows"],
    ]

    assert [tuple(lines[0]) for lines in rows] == [COLUMNS] * 3


def test_csv_opens_right_in_excel(written: dict[str, Path]) -> None:
    assert written["csv"].read_bytes().startswith(b"\xef\xbb\xbfline,")


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_formula_gets_an_apostrophe(text: str) -> None:
    assert list(neutralised(pd.Series([text], dtype="str"))) == [f"'{text}"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("x;=cmd|'/C calc'!A0;y", "x;'=cmd|'/C calc'!A0;y"),
        ("x\t=1\t+2", "x\t'=1\t'+2"),
        ('x; "@SUM(A1)', "x; \"'@SUM(A1)"),
        ("x\r\n\t-1", "x\r\n\t'-1"),
        ("x|=1", "x|'=1"),
        ("x;;=1", "x;;'=1"),
        (";=1", ";'=1"),
        ("\n=x", "'\n'=x"),
        ("=1;=2", "'=1;'=2"),
        ("x;y=1", "x;y=1"),
        ("Köln; Süd", "Köln; Süd"),
    ],
    ids=ascii,
)
def test_no_other_separator_makes_a_formula_of_a_cell(text: str, written: str) -> None:
    """As a program sees it that splits the file there: each piece begins with an apostrophe, or is none."""
    assert list(neutralised(pd.Series([text, "plain"], dtype="str"))) == [written, "plain"]


@pytest.mark.parametrize("text", HARMLESS, ids=ascii)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert list(neutralised(pd.Series([text], dtype="str"))) == [text]


@examples(40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=names)
def test_no_cell_of_csv_or_excel_is_a_formula(names: list[str], facts: RunFacts, tmp_path: Path) -> None:
    people = (
        person("rejected", number, name=name, reason=as_written(name)) for number, name in enumerate(names)
    )
    reconciliation = reconcile(plan_of(*people), {}, None)

    written = write_reports(reconciliation, facts, tmp_path, ("csv", "xlsx"))

    split = [_SPLIT.sub(r"\1'\2", name) for name in names]
    expected = [f"'{name}" if is_risky(name) else name for name in split]
    assert [row["name"] for row in read_csv(written["csv"])] == expected
    assert [row["name"] or "" for row in read_sheet(written["xlsx"])] == expected
    sheets = openpyxl.load_workbook(written["xlsx"]).worksheets
    assert "f" not in {cell.data_type for sheet in sheets for line in sheet.iter_rows() for cell in line}


def test_no_cell_of_a_workbook_is_written_as_a_part_of_its_file(facts: RunFacts, tmp_path: Path) -> None:
    """What looks like the library's own formatted text would stand in the file as it is, and Excel would open none of it."""
    name = "<r><t>Mia & Otto</r>"
    reconciliation = reconcile(plan_of(person("rejected", 1, name=name)), {}, None)

    path = write_reports(reconciliation, facts, tmp_path, ("xlsx",))["xlsx"]

    assert [row["name"].rstrip() for row in read_sheet(path)] == [name]


def test_csv_is_byte_for_byte_what_the_csv_module_writes_of_the_same_cells(tmp_path: Path) -> None:
    names = ["", "a", "a,b", '"', 'say "a"', "a\nb", "a\r", " a ", "=1", "x;=1", "Zoë 😀", "a\0b", *FORMULAS]
    numbers = [0, 7, 2 * SOURCE_LINES + 5, 404] * len(names)
    columns = {
        "line": numbers,
        "name": names * 4,
        "http_status": numbers,
        "attempts": numbers,
        "at": names[::-1] * 4,
    }
    table = pd.DataFrame(columns).astype({"name": "str", "at": "str"})
    expected = io.StringIO(newline="")
    shown = table.assign(line=table["line"] % SOURCE_LINES).astype("str")
    shown[list(BLANK_IF_ZERO)] = shown[list(BLANK_IF_ZERO)].replace("0", "")
    cells = zip(*(neutralised(shown[name]) for name in shown), strict=True)
    csv.writer(expected).writerows([table.columns, *cells])

    tables.write_cells(table, tmp_path / "cells.csv")

    assert (tmp_path / "cells.csv").read_bytes() == expected.getvalue().encode("utf-8-sig")


def test_json_keeps_raw_values(facts: RunFacts, tmp_path: Path) -> None:
    reconciliation = reconcile(plan_of(person("rejected", 1, name="=1+1")), {}, None)

    path = write_reports(reconciliation, facts, tmp_path, ("json",))["json"]

    assert json.loads(path.read_bytes())["rows"][0]["name"] == "=1+1"


def test_json_has_a_row_a_line(written: dict[str, Path], verified: Reconciliation) -> None:
    lines = written["json"].read_text(encoding="utf-8").splitlines()

    assert sum(line.startswith('{"line":') for line in lines) == len(verified.table)


def test_json_tells_run_and_totals(written: dict[str, Path], verified: Reconciliation) -> None:
    told = json.loads(written["json"].read_bytes())

    assert (told["run"]["job"], told["run"]["mode"]) == ("nightly", "verified")
    assert told["totals"]["rows"] == len(verified.table)
    assert told["totals"]["statement"] == verified.statement


def test_json_of_nobody_is_still_json(facts: RunFacts, tmp_path: Path) -> None:
    path = write_reports(reconcile(plan_of(), {}, None), facts, tmp_path, ("json",))["json"]

    assert json.loads(path.read_bytes())["rows"] == []


def test_numbers_stay_numbers_in_excel(written: dict[str, Path], verified: Reconciliation) -> None:
    rows = read_sheet(written["xlsx"])

    for name in NUMBERS:
        assert {type(row[name]) for row in rows} <= {int, type(None)}
    assert [row["line"] or 0 for row in rows] == list(verified.table["line"])


def test_ids_stay_text_in_excel(written: dict[str, Path], verified: Reconciliation) -> None:
    assert [row["box_id"] or "" for row in read_sheet(written["xlsx"])] == list(verified.table["box_id"])


def test_no_row_and_no_answer_are_empty_cells(written: dict[str, Path]) -> None:
    (row,) = [row for row in read_csv(written["csv"]) if row["verdict"] == "unowned"]

    assert (row["line"], row["http_status"], row["attempts"]) == ("", "", "0")


def test_workbook_has_its_sheets(written: dict[str, Path]) -> None:
    book = openpyxl.load_workbook(written["xlsx"])

    assert book.sheetnames == ["Summary", "Needs a person", "Changes", "Everybody", "Operations", "Findings"]
    assert all(sheet.freeze_panes == "A2" and sheet.auto_filter.ref for sheet in book.worksheets[1:])


def test_person_sheet_says_what_a_code_means_and_what_to_do(written: dict[str, Path]) -> None:
    (row,) = [row for row in read_sheet(written["xlsx"], "Needs a person") if row["outcome"] == "failed"]

    assert row["what it means"].startswith("The e-mail address already belongs to a Box account")
    assert "Admin Console" in row["what to do"]


def test_changes_sheet_has_the_operations_only(written: dict[str, Path], verified: Reconciliation) -> None:
    rows = read_sheet(written["xlsx"], "Changes")

    assert [row["verdict"] for row in rows] == [change.kind.value for change in verified.changes.values()]


def test_more_lines_than_a_sheet_holds_go_on_to_the_next(
    monkeypatch: pytest.MonkeyPatch, verified: Reconciliation, facts: RunFacts, tmp_path: Path
) -> None:
    monkeypatch.setattr(book, "SHEET_LINES", 5)

    path = write_reports(verified, facts, tmp_path, ("xlsx",))["xlsx"]

    parts = [
        read_sheet(path, name)
        for name in ("Everybody", "Everybody 2", "Everybody 3", "Everybody 4", "Everybody 5")
    ]
    assert [row["line"] or 0 for part in parts for row in part] == list(verified.table["line"])


def test_pieces_lose_nobody(
    monkeypatch: pytest.MonkeyPatch, verified: Reconciliation, tmp_path: Path
) -> None:
    monkeypatch.setattr(tables, "PIECE", 5)

    tables.write_csv(verified, tmp_path / "x.csv")

    assert [row["login"] for row in read_csv(tmp_path / "x.csv")] == list(verified.table["login"])


def test_text_too_long_for_a_cell_is_cut_with_a_mark(facts: RunFacts, tmp_path: Path) -> None:
    reconciliation = reconcile(plan_of(person("rejected", 1, reason="x" * 40_000)), {}, None)

    (row,) = read_sheet(write_reports(reconciliation, facts, tmp_path, ("xlsx",))["xlsx"])

    assert (len(row["reason"]), row["reason"][-1]) == (32_767, "…")


def test_summary_sheet_counts_in_numbers(written: dict[str, Path]) -> None:
    told = {name: cell for name, cell, *_ in openpyxl.load_workbook(written["xlsx"])["Summary"].values}

    assert (told["create"], told["done"], told["job"]) == (2, 10, "nightly")


def test_summary_sheet_has_no_formula_either(
    verified: Reconciliation, facts: RunFacts, tmp_path: Path
) -> None:
    told = replace(facts, job="=1+1", notes=("@SUM(A1)",))

    path = write_reports(verified, told, tmp_path, ("xlsx",))["xlsx"]

    cells = [cell for line in openpyxl.load_workbook(path)["Summary"].values for cell in line]
    assert {"'=1+1", "'@SUM(A1)"} <= set(cells)


def test_operations_balance_with_the_summary(
    verified: Reconciliation, facts: RunFacts, tmp_path: Path
) -> None:
    write_reports(verified, facts, tmp_path, ("csv", "json"))
    with (tmp_path / "operations.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    told = json.loads((tmp_path / "reconciliation.json").read_text())["operations"]
    held = verified.totals.verdicts["held"]

    assert [row["id"] for row in rows] == [row["id"] for row in told] == list(verified.outcomes)
    assert Counter(row["kind"] for row in rows) == verified.totals.planned
    assert Counter(row["outcome"] for row in rows) + Counter(held=held) == verified.totals.outcomes
    assert [str(one["http_status"] or "") for one in told] == [row["http_status"] for row in rows]
