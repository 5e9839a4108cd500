"""Keys that a workbook stores as numbers: accepted where nothing can have been lost, else row errors.

A number has no leading zeros, and from eleven digits on a spreadsheet shows and copies it rounded, as 1.2E+10.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from provision.roster.files.grid import Mask
from provision.roster.finding import RowFinding

_ADVICE = "format the column as text and enter the ids again"
#: digits of a whole number that a spreadsheet shows as it is in a column of usual width
_DIGITS = 10
_ROUNDED = (
    f"the workbook stores this id as a number that is not whole or has over {_DIGITS} digits; {_ADVICE}"
)
_BESIDE_ROUNDED = (
    f"the workbook stores the ids of this column as numbers, and some of them are rounded; {_ADVICE}"
)
_ZEROS = (
    f"the workbook stores this id as a number and others as text, so leading zeros may be lost; {_ADVICE}"
)


#: ``1006.0`` and ``1,006``
_SHOWN = r"^(?:\d+[.,]0|\d{1,3}(?:[.,]\d{3})+)$"
#: rows that tell how ids are written
_LOOKED_AT = 200


def shown_as_numbers(ids: pd.Series) -> bool:
    """Whether most ids of a column are written like numbers with decimals or thousands."""
    first = ids.head(_LOOKED_AT)
    filled = first[first != ""]
    return bool(2 * filled.str.fullmatch(_SHOWN).sum() > len(filled))


def number_keys(column: pd.Series, numbers: Mask) -> list[RowFinding]:
    """Findings for the cells of a key column that are numbers and may have been another text once.

    ``column``: the keys as text, dtype str. ``numbers`` marks the cells that the workbook stores as numbers. They
    pass if all of them are whole and have up to ten digits, and if no text in the column begins with a zero or has
    another length.
    """
    stored = column[numbers]
    rounded = ~stored.str.fullmatch(rf"\d{{1,{_DIGITS}}}")
    doubtful = _beside_texts(stored, column[~numbers & (column != "").to_numpy(dtype=bool)])
    reasons = pd.Series(_BESIDE_ROUNDED if rounded.any() else "", index=stored.index, dtype="str")
    reasons = reasons.mask(doubtful, _ZEROS).mask(rounded, _ROUNDED)
    rows = np.flatnonzero(numbers)[(reasons != "").to_numpy(dtype=bool)].tolist()
    return [RowFinding("external_id", rows, reasons[reasons != ""].tolist(), unreadable=True)] if rows else []


def _beside_texts(stored: pd.Series, texts: pd.Series) -> pd.Series:
    """Which numbers may have lost zeros, judging by the ids that are text."""
    if texts.str.startswith("0").any():
        return pd.Series(True, index=stored.index)
    lengths = texts.str.len().unique()
    if len(lengths) > 1:
        return pd.Series(True, index=stored.index)
    return stored.str.len() != lengths[0] if len(lengths) else pd.Series(False, index=stored.index)
