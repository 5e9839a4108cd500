"""Single accounts as rows of a listing, and back."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from provision.box.accounts import COLUMNS, Account


def frame_of(accounts: Iterable[Account]) -> pd.DataFrame:
    """Accounts as one frame, columns COLUMNS, text."""
    return pd.DataFrame([one.cells for one in accounts], columns=list(COLUMNS), dtype="str")


def accounts_in(users: pd.DataFrame) -> list[Account]:
    """The users of a frame as accounts, with all its columns as text."""
    rows = users.to_dict("records")
    return [Account({str(name): str(cell) for name, cell in row.items()}) for row in rows]
