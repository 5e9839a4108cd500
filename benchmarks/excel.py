"""Reading an Excel roster, beside fastexcel's bare read of the same file.

    python benchmarks/excel.py [--rows ROWS] [--quick]

100,000 rows and 14 columns. Ours is ``read_roster``: cells as text, normalised, checked, profiled. Beside it stands where the
time goes: what calamine takes to hand out the cells, what the rest of the reading takes, and what the same roster takes as
a CSV file, which is all that does not come from the workbook. Writes benchmarks/results/excel.md.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import xlsxwriter
from measure import Notes, Part, apart, at_most, chosen, in_turns, keep, table, timed
from people import job_for, roster_like, write_roster

from provision.__main__ import look_rarely_for_cycles
from provision.roster.files.locate import locate
from provision.roster.read import read_roster
from provision.roster.workbook.reader import read_workbook


def make(folder: Path, rows: int) -> Notes:
    """The same roster as a workbook and as CSV."""
    people = roster_like(0, rows)
    with xlsxwriter.Workbook(folder / "people.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet("People")
        sheet.write_row(0, 0, list(people.columns))
        for place, cells in enumerate(people.itertuples(index=False), start=1):
            sheet.write_row(place, 0, cells)
    write_roster(folder / "people.csv", rows)
    return {}


def bare(path: Path) -> Notes:
    """The sheet with fastexcel, doing nothing with it."""
    import fastexcel

    notes: Notes = {}
    with timed(notes):
        fastexcel.read_excel(path).load_sheet(0).to_arrow()
    return notes


def cells(path: Path) -> Notes:
    """The sheet with python-calamine, on which ours is built: every cell a Python object that is dropped."""
    from python_calamine import CalamineWorkbook

    notes: Notes = {}
    with timed(notes):
        for _row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows():
            pass
    return notes


def grid(path: Path) -> Notes:
    """The sheet as our reader takes it in: a table of text, numbers and faulty cells known."""
    settings = job_for(path).roster
    notes: Notes = {}
    with timed(notes):
        read_workbook(locate(settings.path, None, settings.limits), settings)
    return notes


def roster(path: Path) -> Notes:
    """The roster, from whichever file."""
    look_rarely_for_cycles()
    settings = job_for(path).roster
    notes: Notes = {}
    with timed(notes):
        found = read_roster(settings)
    return notes | {"rows": found.rows, "rejected": len(found.rejected)}


def text(rows: int, best: dict[str, Notes]) -> str:
    """The result as Markdown."""
    base = best["fastexcel, bare"]["s"]
    lines = [
        [name, f"{notes['s']:.2f}", f"{notes['s'] / base:.1f}", f"{notes['peak MB']:,.0f}"]
        for name, notes in best.items()
    ]
    header = ["way", "seconds:", "times fastexcel:", "peak MB:"]
    return f"# Excel, {rows:,} rows with 14 columns\n\n{table(header, lines)}\n"


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__, lambda parser: parser.add_argument("--rows", type=int, default=100_000))
    rows = 2_000 if told.quick else told.rows
    with tempfile.TemporaryDirectory() as folder:
        apart(partial(make, Path(folder), rows))
        book, plain = Path(folder) / "people.xlsx", Path(folder) / "people.csv"
        sides = {
            "fastexcel, bare": partial(bare, book),
            "python-calamine, bare": partial(cells, book),
            "our table of text": partial(grid, book),
            "read_roster": partial(roster, book),
            "read_roster of the same as CSV": partial(roster, plain),
        }
        best = in_turns(sides, 1 if told.quick else 3)
    ratio = best["read_roster"]["s"] / best["fastexcel, bare"]["s"]
    keep(
        Part("excel", text(rows, best), {"excel": [at_most(2, ratio, "{:.1f} times fastexcel")]}),
        quick=told.quick,
    )


if __name__ == "__main__":
    main()
