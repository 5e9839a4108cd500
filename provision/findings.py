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
    HEADER_REPEATED = "header_repeated"
    INVISIBLE_REMOVED = "invisible_removed"
    WORD_FOR_NOTHING = "word_for_nothing"
    TEXT_FORMULA = "text_formula"
    SPACED_QUOTES = "spaced_quotes"
    TRAILING_DELIMITER = "trailing_delimiter"
    MERGED_CELLS = "merged_cells"
    HIDDEN_ROWS = "hidden_rows"


#: each code in a few words, for the reference
MEANINGS = {
    Code.ROW_REJECTED: "a roster row cannot be used as it is; its person is protected until it is corrected",
    Code.HEADER_REPEATED: "a row is the header of the roster once more; it is left out",
    Code.INVISIBLE_REMOVED: "characters that nobody can see were taken out of cells of a column",
    Code.WORD_FOR_NOTHING: "a word as NULL or N/A counts as an empty cell",
    Code.TEXT_FORMULA: 'cells are written as ="…", for a spreadsheet, and are read without that',
    Code.SPACED_QUOTES: "a blank before each quotation mark is left out",
    Code.TRAILING_DELIMITER: "each row ends in a delimiter and the header does not",
    Code.MERGED_CELLS: "a column of the sheet has merged cells, of which only the first row has the value",
    Code.HIDDEN_ROWS: "rows of the sheet are hidden, and read like all others",
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
