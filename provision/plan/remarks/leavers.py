"""Findings on people who have left, or may have, while their accounts stay: an exit code of 0 does not say that they are locked out. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from provision.because import Because, among_them, parsed
from provision.findings import MOST, Code, Finding, Level
from provision.frames import records, written
from provision.model import PersonKey
from provision.roster.reading import where
from provision.roster.value import Roster
from provision.wording import counted, shortened

_LOCK = "lock the account by hand in the Admin Console, take the protection out, or correct the row"
#: so many who are absent are named
_NAMED = 5


def remarks_on_leavers(frame: pd.DataFrame, because: pd.Series[str], roster: Roster) -> Iterator[Finding]:
    """Whose account stays though their row says that they left, since somebody knows of it; and who is absent and no leaver yet."""
    yield from _known(frame, because, roster)
    absent = np.flatnonzero(among_them(because, [Because.ABSENT_SO_FAR]).to_numpy(bool))
    if not len(absent):
        return
    who = shortened(written(frame.iloc[absent[: _NAMED + 1]]).tolist(), _NAMED)
    number = counted(len(absent), "person is", "people are")
    yield Finding(
        Code.ABSENT_SO_FAR,
        Level.NOTE,
        f"{number} absent from the roster, and no leaver yet (lifecycle.evidence): {who}",
        "nothing; provision explain JOB PERSON says when it counts",
        roster.path,
    )


def _known(frame: pd.DataFrame, because: pd.Series[str], roster: Roster) -> Iterator[Finding]:
    known = np.flatnonzero(among_them(because, [Because.ACKNOWLEDGED]).to_numpy(bool))
    some = known[:MOST]
    for cells, why in zip(records(frame.iloc[some]), because.iloc[some].tolist(), strict=True):
        by = next(each.fact("by") for each in parsed(why) if each.code is Because.ACKNOWLEDGED)
        key = PersonKey.of(cells).written
        words = f"{key}: the row says this person leaves, and the account stays as it is; {by} knows of it"
        path, sheet, row = where(roster, int(cells["line"]))
        yield Finding(
            Code.LEAVER_STAYS, Level.WARNING, words, _LOCK, path, sheet or roster.sheet, row, key=key
        )
    if len(known) > MOST:
        more = counted(len(known) - MOST, "more person", "more people")
        yield Finding(Code.LEAVER_STAYS, Level.WARNING, f"the same holds for {more}")
