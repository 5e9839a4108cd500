"""Rows of people who have left, or who start later: what is wrong with them stops nothing, as long as it is certain who they are.

Whoever has left needs no address and no telephone number to be locked out, and systems empty both; whoever starts in three
weeks has no address yet.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from provision.model import UserKind
from provision.roster.cells.text_columns import words_for_nothing
from provision.roster.files.grid import Mask
from provision.roster.finding import RowFinding, within

_DAY = r"\d{4}-\d{2}-\d{2}"
#: fields in which an error leaves in doubt whom a row is about, or what it says of them
_GRAVE = ("", "external_id", "kind", "action", "status")
#: likewise, but where a status says that somebody has left: that counts with or without a date
_DATES = ("start_date", "end_date")

#: what people write where there is no address yet; anything else may be a mistyped one
_NOT_YET = (
    "tbd", "tba", "tbc", "pending", "to be determined", "to be announced", "to be confirmed", "unknown", "noch offen", "offen",
    "folgt", "unbekannt", "à définir", "por definir", "a definir", "da definire",
)  # fmt: skip


def without_idle(findings: list[RowFinding], frame: pd.DataFrame, today: str) -> list[RowFinding]:
    """The findings that matter. ``today``: the day (ISO) in the time zone of the job's dates, "" if it is not known.

    Cells that cannot be used are emptied in the frame, where their row is used all the same.
    """
    if not findings:
        return findings
    known = _known(findings, frame)
    idle = known & has_left(frame, today)
    numbered = (frame["external_id"] != "").to_numpy(bool)
    logins = {row for finding in findings if finding.field == "login" for row in finding.rows}
    idle &= numbered | ~_marked(logins, len(frame))
    no_login_yet = known & ~idle & numbered & _starts_later(frame, today)
    no_login_yet &= (frame["kind"] == UserKind.MANAGED.value).to_numpy(bool) & _says_no_login(frame["login"])
    if (no_login_yet & (frame["login"] != "").to_numpy(bool)).any():
        frame.loc[no_login_yet, "login"] = ""
    for finding in findings:
        spoilt = [row for row in finding.rows if idle[row]]
        if spoilt and finding.field in frame:
            frame.loc[spoilt, finding.field] = ""
    matter = [within([each], ~(idle | no_login_yet) if each.field == "login" else ~idle) for each in findings]
    return [each for found in matter for each in found]


def has_left(frame: pd.DataFrame, today: str) -> Mask:
    """Whose status says so, or whose last day is over while no status says otherwise."""
    end = frame["end_date"]
    over = (end != "") & (end < today) & end.str.fullmatch(_DAY)
    if "status" in frame:
        over &= frame["status"] == ""
    found: Mask = _says_gone(frame) | over.to_numpy(bool)
    return found


def _starts_later(frame: pd.DataFrame, today: str) -> Mask:
    start = frame["start_date"]
    found: Mask = ((start > today) & start.str.fullmatch(_DAY)).to_numpy(bool) & bool(today)
    return found


def _says_no_login(logins: pd.Series) -> Mask:
    """Which cells are empty, or hold what people write into one that they have no address for yet."""
    nothing, alike = words_for_nothing(logins)
    yet = logins.str.casefold().isin(_NOT_YET).to_numpy(bool)
    found: Mask = (logins == "").to_numpy(bool) | nothing | alike | yet
    return found


def _known(findings: Iterable[RowFinding], frame: pd.DataFrame) -> Mask:
    """Rows without an error in what tells who somebody is, and whether they are there."""
    grave = {row for finding in findings if finding.field in _GRAVE for row in finding.rows}
    undated = {row for finding in findings if finding.field in _DATES for row in finding.rows}
    return ~(_marked(grave, len(frame)) | _marked(undated, len(frame)) & ~_says_gone(frame))


def _says_gone(frame: pd.DataFrame) -> Mask:
    """Whose status says that they have left."""
    if "status" not in frame:
        return np.zeros(len(frame), np.bool_)
    gone: Mask = (frame["status"] == "inactive").to_numpy(bool)
    return gone


def _marked(rows: set[int], size: int) -> Mask:
    mask = np.zeros(size, np.bool_)
    mask[list(rows)] = True
    return mask
