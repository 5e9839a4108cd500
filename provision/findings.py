"""What was noticed on the way, for people and for programs: a stable code, how grave it is, where, a sentence, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How grave a finding is: something is wrong and was left out, somebody should look, or it is good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Code(StrEnum):
    """What was found. Programs hold on to these words; the README lists them with what MEANINGS says."""

    ROW_REJECTED = "row_rejected"
    STALE_END_DATE = "stale_end_date"
    SAME_NAME = "same_name"
    OUT_OF_SCOPE = "out_of_scope"


#: each code in a few words, for the reference
MEANINGS = {
    Code.ROW_REJECTED: "a roster row cannot be used as it is; its person is protected until it is corrected",
    Code.STALE_END_DATE: "a row says active and has an end date of an earlier employment; nobody leaves by it",
    Code.SAME_NAME: "somebody to be created has the name of an account that no row names",
    Code.OUT_OF_SCOPE: "rows are outside scope.domains; nothing is done about their people",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. What does not apply is "", a ``row`` without a place is 0.

    ``sentence`` says what was found, ``do`` what to do about it. ``file``, ``sheet``, ``row`` (as an editor or a
    spreadsheet counts) and ``column`` (the header in the file) say where, ``key`` whom it is about, as people name them.
    """

    code: Code
    level: Level
    sentence: str
    do: str = ""
    file: str = ""
    sheet: str = ""
    row: int = 0
    column: str = ""
    key: str = ""
