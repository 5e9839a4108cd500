"""How a roster file was understood, for people to see whether it was meant so: where its table is, which column is what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why a column is read as a field, or is not read. Values are kept in plans; the words are made in report/."""

    JOB = "job"
    FIELD_NAME = "field_name"
    USUAL_HEADER = "usual_header"
    SWITCHED_OFF = "switched_off"
    UNKNOWN = "unknown"
    ANOTHER_COLUMN = "another_column"
    DOUBTED = "doubted"
    LATER = "later"
    CHOOSES = "chooses"


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
