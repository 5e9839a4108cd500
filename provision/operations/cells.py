"""How cells of an account are compared: what counts as the same value."""

from __future__ import annotations

import pandas as pd

from provision.frames import folded
from provision.roster.cells.text_columns import tidy_text
from provision.tracking_codes import codes_of, codes_text

#: fields that are e-mail addresses
_ADDRESSES = ("login", "notification_email")


def compared(field: str, cells: pd.Series[str]) -> pd.Series[str]:
    """The cells of a column (text) as they are compared: an account shows a value if these are the same for both.

    An address means the same in any letter case, and a tracking code without a value is none. Around a text blanks
    and invisible characters do not count, nor how its letters with accents and line ends are encoded: a roster
    cannot say these (see :func:`provision.roster.cells.text_columns.tidy_text`).
    """
    if field in _ADDRESSES:
        return folded(tidy_text(cells))
    if field == "tracking_codes":
        codes = {text: codes_text(codes_of(text)) for text in cells.unique().tolist()}
        return cells.map(codes).astype("str")
    return tidy_text(cells)


def shows(field: str, wanted: str, listed: str) -> bool:
    """Whether an account whose field is listed as ``listed`` has the value ``wanted``, as :func:`compared` says."""
    return wanted == listed or compared(field, pd.Series([wanted, listed], dtype="str")).nunique() == 1
