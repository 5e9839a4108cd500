"""Row errors as lines for a terminal, and as findings."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath

from provision.findings import MOST, Code, Finding, Findings, Level
from provision.model import PersonKey
from provision.roster.reading import where
from provision.roster.value import Roster, RowError


def format_row_errors(roster: Roster, limit: int = 20) -> list[str]:
    """One line for each of the first ``limit`` row errors, in the order of the file, and one that counts the rest.

    Every column with errors gets its share of the lines, so that ten thousand of one sort do not hide the only one
    of another. No attribute values are in the lines.
    """
    shown = _shown(roster.errors, limit)
    lines = [_line(roster, error) for error in shown]
    total = _total(roster)
    if total > len(shown):
        columns = Counter(error.column or error.field for error in roster.errors)
        for (column, field), count in roster.untold.items():
            columns[column or field] += count
        counts = ", ".join(
            f"{count:,} in {_column(column) or 'whole rows'}" for column, count in columns.most_common(5)
        )
        lines.append(f"… and {total - len(shown):,} more; all {total:,} are in the report ({counts})")
    return lines


def _total(roster: Roster) -> int:
    return len(roster.errors) + sum(roster.untold.values())


def row_findings(roster: Roster) -> Findings:
    """The row errors as findings; of more than are told one by one, every column has its share."""
    shown = _shown(roster.errors, MOST)
    lines = {error.line for error in shown}
    bad = roster.rejected[roster.rejected["line"].isin(lines)]
    keys = zip(*(bad[name].tolist() for name in ("line", "kind", "external_id", "login")), strict=True)
    who = {line: PersonKey(kind, external_id, login).written for line, kind, external_id, login in keys}
    told = tuple(_finding(roster, error, who.get(error.line, "")) for error in shown)
    return Findings((), _total(roster) - len(shown)).beside(told)


def _finding(roster: Roster, error: RowError, key: str) -> Finding:
    path, _, row = where(roster, error.line)
    return Finding(
        Code.ROW_REJECTED, Level.ERROR, error.reason, "correct the row in the roster's source", path, error.sheet,
        row, error.column or error.field, key,
    )  # fmt: skip


def _shown(errors: tuple[RowError, ...], limit: int) -> list[RowError]:
    groups: dict[str, list[int]] = {}
    for place, error in enumerate(errors):
        groups.setdefault(error.field, []).append(place)
    chosen: list[int] = []
    left = limit
    for number, places in enumerate(sorted(groups.values(), key=len)):
        share = left // (len(groups) - number)
        chosen += places[:share]
        left -= min(share, len(places))
    return [errors[place] for place in sorted(chosen)]


def _line(roster: Roster, error: RowError) -> str:
    path, _, row = where(roster, error.line)
    sheet = f', sheet "{error.sheet}"' if error.sheet else ""
    column = _column(error.column or error.field)
    return f"{PurePath(path).name}{sheet}, row {row}{', ' + column if column else ''}: {error.reason}"


def _column(name: str) -> str:
    return f'column "{name}"' if name else ""
