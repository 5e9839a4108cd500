"""From one file to a Roster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from provision.errors import RosterError, TooLarge
from provision.job.places import without_secrets
from provision.job.settings import RosterSettings
from provision.roster.assemble import assemble
from provision.roster.checks.check import duplicates
from provision.roster.checks.conversions import (
    carried_over,
    ended_rows,
    without_logins,
    without_moved,
)
from provision.roster.checks.same_person import counted_once, left_to_choose, one_person
from provision.roster.describe import Counted, profile_of, reading_of
from provision.roster.files.file_limits import beyond_memory
from provision.roster.files.grid import Grid
from provision.roster.files.locate import Form, Source, locate
from provision.roster.files.parquet import PACKED, has_many_cells, parquet_pieces, read_parquet
from provision.roster.files.time_limit import within_time
from provision.roster.finding import rows_in, told_of_readable
from provision.roster.people_named import with_people_named
from provision.roster.text.pieces import has_too_many_lines, in_pieces, is_crowded
from provision.roster.text.reader import cells_as_long_as, read_text
from provision.roster.text.same_text import text_sha256
from provision.roster.understand import Understood, understand
from provision.roster.value import Roster
from provision.roster.workbook.reader import read_workbook

#: what reads a file, as often as it is asked
_Reader = Callable[[Source, RosterSettings], Iterable[Grid]]


def read_file(settings: RosterSettings, path: Path | None = None, today: str = "") -> Roster:
    """The roster file as a value: who ought to exist, which rows are bad and why.

    ``path`` overrides ``settings.path``, which may be a pattern (the newest match is taken). Raises RosterError for
    trouble with the file as a whole; a bad row never raises, it is in ``rejected`` with all its reasons in ``errors``.
    ``today`` is the day (ISO) in the time zone of the job's dates, by which it is told who has left or starts later; "" tells nobody.
    A text or a Parquet file of some hundred MB is read in pieces, and its rows lie on disk; the roster is the same as if it was not.
    """
    try:
        return _read(settings, path, today)
    except (MemoryError, pa.ArrowException) as error:
        if not isinstance(error, MemoryError) and "thread" not in str(error):
            raise
        raise beyond_memory((path or Path(without_secrets(settings.path))).name) from error


def _read(settings: RosterSettings, path: Path | None, today: str) -> Roster:
    limits = settings.limits
    source = locate(settings.path, path, limits)
    size = source.stored.size * (PACKED if source.form is Form.PARQUET else 1)
    with cells_as_long_as(limits.cell), within_time(source.name, size, limits):
        understood = _understood(source, settings, today)
    doubles = list(duplicates(understood.rows, understood.counting_keys))
    bad = frozenset(row for finding in understood.findings for row in finding.rows)
    moved, handed = ended_rows(understood.rows, doubles, bad, today)
    doubles = without_moved(doubles, {**moved, **handed}, understood.rows.rows)
    twice = len(rows_in(doubles))
    once = one_person(understood.rows, doubles, bad, settings.duplicates, today)
    doubles = without_moved(doubles, once, understood.rows.rows)
    told = told_of_readable(doubles, understood.findings)
    roster = assemble(source, understood, [*understood.findings, *told])
    if once:
        roster = counted_once(roster, _by_line(understood, once))
    if moved:
        roster = carried_over(roster, _by_line(understood, moved))
    if handed:
        roster = without_logins(roster, _by_line(understood, handed))
    roster = with_people_named(roster, understood, settings.authority, today)
    if doubles:
        roster = replace(roster, findings=(*roster.findings, left_to_choose(roster, doubles)))
    counted = Counted(twice, settings.encoding or "")
    profile = profile_of(source, understood, roster, counted)
    profile = replace(profile, text=text_sha256(source, profile.encoding))
    return replace(roster, profile=profile, reading=reading_of(source, understood, roster, profile))


def _by_line(understood: Understood, rows: Mapping[int, int]) -> dict[int, int]:
    """Rows by line that are known by position."""
    line = understood.rows.whole()["line"]
    return {int(line[old]): int(line[new]) for old, new in rows.items()}


def _understood(source: Source, settings: RosterSettings, today: str) -> Understood:
    if not source.in_memory or _is_crowded(source):
        try:
            return _settled(source, settings, _pieces, today)
        except TooLarge:
            raise
        except RosterError as error:
            if source.form is Form.PARQUET and source.in_memory:
                raise  # few bytes, and more cells than are ever read as a whole
            # the whole is looked at, which may be read all the same, and else is told about better
            _refuse_whole(source, settings, error)
    return _settled(source, settings, _grids, today)


def _refuse_whole(source: Source, settings: RosterSettings, why: RosterError) -> None:
    """Raise RosterError for a file that takes more memory as a whole than anybody has for it."""
    large = source.stored.size > settings.limits.unpacked_gb * (1 << 30)
    if large or (source.form is Form.TEXT and has_too_many_lines(source.content)):
        raise TooLarge(
            f"{source.name} is too large to be read as a whole, and cannot be read in parts: {why.what}",
            cause=why.cause or "lines without anything, or another encoding than UTF-8",
            remedy="export it as UTF-8, one person a line and no other lines.",
        ) from why


def _is_crowded(source: Source) -> bool:
    """Whether so much stands in few bytes that not all of it is to be in memory at once."""
    match source.form:
        case Form.TEXT:
            return is_crowded(source.content)
        case Form.PARQUET:
            return has_many_cells(source)
        case Form.WORKBOOK:
            return False


def _settled(source: Source, settings: RosterSettings, grids: _Reader, today: str) -> Understood:
    """The rows of a file, dates in the order that all of them prove, which a first reading may find out too late."""
    understood = understand(grids(source, settings), settings, source.name, today=today)
    if understood.settled:
        return understood
    return understand(grids(source, settings), settings, source.name, understood.orders, today)


def _pieces(source: Source, settings: RosterSettings) -> Iterable[Grid]:
    return (
        parquet_pieces(source, settings.limits)
        if source.form is Form.PARQUET
        else in_pieces(source, settings)
    )


def _grids(source: Source, settings: RosterSettings) -> Iterator[Grid]:
    match source.form:
        case Form.TEXT:
            yield read_text(source, settings)
        case Form.WORKBOOK:
            yield read_workbook(source, settings)
        case Form.PARQUET:
            yield read_parquet(source, settings.limits)
