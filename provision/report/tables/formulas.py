"""Cells that a spreadsheet would run as a formula become text (CWE-1236; OWASP, CSV Injection)."""

from __future__ import annotations

import pandas as pd

from provision.report.columns import found_in, matching, replaced

# what may stand before the sign and be lost on the way into a spreadsheet: blanks, quotes, invisible characters
_SKIPPED = r"[\s\x00-\x20\"'`´‘’‚“”„«»\x{a0}\x{ad}\x{1680}\x{2000}-\x{200f}\x{2028}-\x{202f}\x{205f}-\x{206f}\x{3000}\x{feff}]*"
# full-width and small variants count: a spreadsheet set up for East Asian text folds them
_SIGNS = r"[=+\-@＝＋－＠﹦﹢﹣﹫]"
_RISKY = rf"^(?:[\t\r\n]|{_SKIPPED}{_SIGNS})"
# where another separator is the usual one (";" with a German Excel), or is chosen while importing, a cell goes on as another cell
_RISKY_WITHIN = rf"([;|\t\r\n]{_SKIPPED})({_SIGNS})"


def neutralised(column: pd.Series) -> pd.Series:
    """The text column with an apostrophe before all that a spreadsheet might take for a formula.

    That is the beginning of a cell, and what would be one if the file were split at ``;``, ``|``, a tab or a line end.
    """
    if found_in(column, _RISKY_WITHIN):
        column = replaced(column, _RISKY_WITHIN, r"\1'\2")
    return column.mask(matching(column, _RISKY), "'" + column) if found_in(column, _RISKY) else column
