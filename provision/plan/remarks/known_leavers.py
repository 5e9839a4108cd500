"""People whose rows say that they left while their accounts stay, since somebody has said that they know of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from provision.because import Because, among_them, parsed
from provision.findings import MOST, Code, Finding, Level
from provision.frames import records
from provision.model import PersonKey
from provision.roster.reading import where
from provision.roster.value import Roster
from provision.wording import counted

_DO = "lock the account by hand in the Admin Console, take the protection out, or correct the row"


def remarks_on_known_leavers(
    frame: pd.DataFrame, because: pd.Series[str], roster: Roster
) -> Iterator[Finding]:
    """A finding for each: exit code 0 says that nobody has to act, not that they are locked out."""
    known = np.flatnonzero(among_them(because, [Because.ACKNOWLEDGED]).to_numpy(bool))
    some = known[:MOST]
    for cells, why in zip(records(frame.iloc[some]), because.iloc[some].tolist(), strict=True):
        by = next(each.fact("by") for each in parsed(why) if each.code is Because.ACKNOWLEDGED)
        key = PersonKey.of(cells).written
        words = f"{key}: the row says this person leaves, and the account stays as it is; {by} knows of it"
        path, sheet, row = where(roster, int(cells["line"]))
        yield Finding(Code.LEAVER_STAYS, Level.WARNING, words, _DO, path, sheet or roster.sheet, row, key=key)
    if len(known) > MOST:
        more = counted(len(known) - MOST, "more person", "more people")
        yield Finding(Code.LEAVER_STAYS, Level.WARNING, f"the same holds for {more}")
