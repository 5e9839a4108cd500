"""How a roster file was understood, for people to see whether it was meant so: where its table is, which column is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from provision.model import place_of


class Why(StrEnum):
    """Why a column is read as a field, or is not read. Values are kept in plans; the words are made in report/."""

    JOB = "job"
    FIELD_NAME = "field_name"
    USUAL_HEADER = "usual_header"
    SWITCHED_OFF = "switched_off"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    ANOTHER_COLUMN = "another_column"
    DOUBTED = "doubted"
    CHOOSES = "chooses"
    LATER = "later"  # in plans of versions that did not carry out all that they read


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """One header, or template over headers, with the field it is read as, "" for none, and why."""

    header: str
    field: str
    why: Why


@dataclass(frozen=True, slots=True)
class Reading:
    """One file as it was understood.

    ``form``: text, workbook or parquet. ``sheet``, ``encoding`` and ``delimiter`` are "" where there is no such thing;
    ``guessed``: the encoding is not certain. ``header_row`` counts from 1, 0 for a form without one. ``columns`` are those that
    are read, ``left_out`` those that are not. ``people``: a few good rows, each by field, without what they do not say.
    """

    file: str
    form: str
    sheet: str
    header_row: int
    encoding: str
    guessed: bool
    delimiter: str
    columns: tuple[ColumnReading, ...]
    left_out: tuple[ColumnReading, ...]
    people: tuple[Mapping[str, str], ...]


class SourceTrouble(StrEnum):
    """Why a source says nothing this time. Values are kept in plans."""

    NONE = ""
    UNREADABLE = "unreadable"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SourceReading:
    """One of several sources of a roster as it was read: its file with what it holds, and how that was understood.

    ``rows, valid, rejected, excluded`` count as in :class:`provision.roster.value.Roster`, before sources were put together.
    ``trouble``: why nothing of it counts, with the sentence ``why``: its file cannot be read, or a guard on rosters refused it.
    """

    name: str
    path: str
    sha256: str = ""
    sheet: str = ""
    rows: int = 0
    valid: int = 0
    rejected: int = 0
    excluded: int = 0
    reading: Reading | None = None
    trouble: SourceTrouble = SourceTrouble.NONE
    why: str = ""


class _HasSources(Protocol):
    """A roster, or what a plan remembers of it."""

    @property
    def path(self) -> str: ...

    @property
    def sources(self) -> Sequence[SourceReading]: ...


def where(roster: _HasSources, line: int) -> tuple[str, str, int]:
    """Where a line of a roster is to be found: path, sheet ("" where the roster as a whole has one), and the row there."""
    place, row = place_of(line)
    if place < len(roster.sources):
        source = roster.sources[place]
        return source.path, source.sheet, row
    return roster.path, "", row
