#!/usr/bin/env python3
"""Writes the sample files next to this script, the same bytes every time; `--check` compares instead of writing."""

import sys
from pathlib import Path

from generator import broken, clients, employees, enterprise, expected, formats, guide, joiners
from generator.people import Case, Row
from generator.writers import Sheet, delimited, workbook

HERE = Path(__file__).parent


def files() -> dict[str, bytes]:
    """Path below this folder → content, for every generated file."""
    mistakes = broken.files()
    return {
        "README.md": guide.samples(),
        "employees.csv": _employees(),
        "clients.xlsx": _clients(),
        "onboarding.xlsx": workbook([Sheet("New starters", joiners.HEADER, _rows(joiners.cases()))]),
        "enterprise.json": enterprise.content(),
        "expected.json": expected.content(),
        **{f"formats/{name}": content for name, content in formats.files().items()},
        "broken/README.md": guide.broken(mistakes),
        **{f"broken/{one.name}": one.content for one in mistakes},
    }


def _employees() -> bytes:
    rows = sorted(_rows(employees.cases()), key=lambda row: str(row["Employee ID"]))
    return delimited(employees.HEADER, rows, bom=True)


def _clients() -> bytes:
    rows = sorted(_rows(clients.cases()), key=lambda row: str(row["Client No"]))
    above = ("Portal clients, as of 2026-01-05", "")
    notes = (
        "Portal clients", "", "The list is on the next sheet. Column Action: upsert (or empty), deactivate, delete.",
        "Leave a cell empty to keep what is there; write (clear) to empty it.",
    )  # fmt: skip
    return workbook(
        [Sheet("Read me", above=notes), Sheet("Clients", clients.HEADER, rows, above, clients.HIDDEN)]
    )


def _rows(cases: list[Case]) -> list[Row]:
    return [case.row for case in cases if case.row]


def _differing(wanted: dict[str, bytes]) -> list[str]:
    return [name for name, content in wanted.items() if not _same(HERE / name, content)]


def _same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def main(arguments: list[str]) -> int:
    """Returns 0; with --check, 1 when a file on disk is not what would be written."""
    wanted = files()
    if arguments == ["--check"]:
        differing = _differing(wanted)
        sys.stdout.writelines(f"differs: {name}\n" for name in differing)
        return 1 if differing else 0
    for name, content in wanted.items():
        (HERE / name).parent.mkdir(parents=True, exist_ok=True)
        (HERE / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
