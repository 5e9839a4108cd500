"""Which cells differ: whole columns at a time; only cells that differ become values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from provision.box.accounts import codes_of, codes_text
from provision.model import ATTRIBUTES, CLEAR, TRACKING_PREFIX
from provision.plan.value import FieldChange


def wanted_columns(rows: pd.DataFrame) -> list[str]:
    """The attributes this roster says something about, in the order in which they are shown."""
    return [attribute.name for attribute in ATTRIBUTES if attribute.name in rows.columns]


def differing(rows: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """The cells that differ between rows and their accounts (same length, aligned by position).

    One row a differing cell: ``at`` (position), ``field``, ``before``, ``after`` (text). An empty cell of the roster
    means "leave as it is" and never differs.
    """
    parts = [_column(name, rows[name], accounts[name]) for name in wanted_columns(rows)]
    codes = [name for name in rows.columns if name.startswith(TRACKING_PREFIX)]
    if codes:
        parts.append(
            _column(
                "tracking_codes",
                _wanted_codes(rows[codes], accounts["tracking_codes"]),
                accounts["tracking_codes"],
            )
        )
    shape = {"at": "int64", "field": "str", "before": "str", "after": "str"}
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in shape.items()})
    return pd.concat(parts, ignore_index=True).astype(shape)


def _column(name: str, wanted: pd.Series[str], current: pd.Series[str]) -> pd.DataFrame:
    after = wanted.reset_index(drop=True)
    before = current.reset_index(drop=True)
    cleared = after == CLEAR
    if cleared.any():
        after = after.mask(cleared, "")
    unlike = (after != before) & ((after != "") | cleared)
    at = np.flatnonzero(unlike.to_numpy(bool))
    return pd.DataFrame(
        {"at": at, "field": name, "before": before.iloc[at].array, "after": after.iloc[at].array}
    )


def _wanted_codes(cells: pd.DataFrame, current: pd.Series[str]) -> pd.Series[str]:
    """What the whole list of tracking codes should be: Box replaces the list, so codes of others are kept in it."""
    names = [name.removeprefix(TRACKING_PREFIX) for name in cells.columns]
    combined = pd.MultiIndex.from_frame(cells.assign(_now=current.array))
    place, distinct = combined.factorize()  # few distinct combinations, whatever the number of people
    merged = [_merged(codes_of(now), dict(zip(names, said, strict=True))) for *said, now in distinct]
    return pd.Series(np.array(merged, dtype=object)[place], dtype="str")


def _merged(codes: dict[str, str], said: dict[str, str]) -> str:
    named = {name: value for name, value in said.items() if value}
    if not named:
        return ""
    return codes_text({name: value for name, value in (codes | named).items() if value != CLEAR}) or CLEAR


def codes_of_row(row: pd.Series[str]) -> str:
    """The tracking codes one roster row says, as canonical text."""
    said = {
        name.removeprefix(TRACKING_PREFIX): row[name]
        for name in row.index
        if name.startswith(TRACKING_PREFIX)
    }
    return codes_text({name: value for name, value in said.items() if value != CLEAR})


def changes_text(fields: Sequence[FieldChange]) -> str:
    """Field changes as people read them: ``job_title: Clerk → Senior Clerk; phone: (empty) → 123``."""
    return "; ".join(
        f"{change.field}: {change.before or '(empty)'} → {change.after or '(empty)'}" for change in fields
    )
