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
    CAME_AND_WENT = "came_and_went"
    UNSEEN_USERS = "unseen_users"


#: each code in a few words, for the reference
MEANINGS = {
    Code.ROW_REJECTED: "a roster row cannot be used as it is; its person is protected until it is corrected",
    Code.CAME_AND_WENT: "others made or deleted accounts while the enterprise was read",
    Code.UNSEEN_USERS: "Box counts more users than it shows to this app",
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
