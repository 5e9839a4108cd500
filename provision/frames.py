"""What every room does alike with columns of text."""

from __future__ import annotations

import numpy as np
import pandas as pd

from provision.model import fold


def folded(logins: pd.Series[str]) -> pd.Series[str]:
    """Logins as they are compared, see :func:`provision.model.fold`; only what is not ASCII is looked at singly."""
    lower = logins.str.strip().str.lower()
    foreign = ~logins.str.isascii()
    if foreign.any():
        lower[foreign] = np.array([fold(login) for login in logins[foreign].tolist()], object)
    return lower
