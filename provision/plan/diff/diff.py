"""Which cells differ: whole columns at a time; only cells that differ become values.

When two texts are the same value is said here once (:func:`compared`), for the plan, for the look after a doubtful
call and for the proof by a fresh listing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from provision.because import Because
from provision.frames import arrow, equals, may_hold, one_piece, side_by_side, worded
from provision.model import ADMIN, ATTRIBUTES, CLEAR, TRACKING_PREFIX
from provision.operations.cells import compared
from provision.operations.value import FieldChange
from provision.plan.coadmins import ROLE
from provision.plan.columns import placed
from provision.plan.diff.aligned import Side
from provision.tracking_codes import SHOWN_EMPTY, codes_of, codes_text, codes_texts

_SHAPE = {"at": "int64", "field": "str", "before": "str", "after": "str"}
_UNWRITTEN = {"at": "int64", "field": "str", "because": "str"}


def wanted_columns(rows: pd.DataFrame | Side) -> list[str]:
    """The attributes this roster says something about, in the order in which they are shown."""
    return [attribute.name for attribute in ATTRIBUTES if attribute.name in rows.columns]


def code_columns(rows: pd.DataFrame | Side) -> list[str]:
    """The columns of this roster that set tracking codes."""
    return [name for name in rows.columns if name.startswith(TRACKING_PREFIX)]


def differing(rows: pd.DataFrame | Side, accounts: pd.DataFrame | Side) -> pd.DataFrame:
    """The cells that differ between rows and their accounts (same length, aligned by position).

    One row a differing cell: ``at`` (position), ``field``, ``before``, ``after`` (text). An empty cell of the roster
    means "leave as it is" and never differs; nor does what Box did not tell, which nobody can compare.
    """

    def unlike(name: str) -> pd.DataFrame | None:
        return _column(name, rows[name], accounts[name])

    with side_by_side(len(rows)) as pool:
        columns = list(pool.map(unlike, wanted_columns(rows)))
    if codes := code_columns(rows):
        current = accounts["tracking_codes"]
        wanted = _wanted_codes(pd.DataFrame({name: rows[name] for name in codes}), current)
        columns.append(_column("tracking_codes", wanted, current))
    parts = [part for part in columns if part is not None]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _SHAPE.items()})
    cells = pd.concat(parts, ignore_index=True).astype(_SHAPE)
    asked = equals(cells["field"], ROLE) & equals(cells["after"], ADMIN)
    return _told(cells[~asked].reset_index(drop=True) if asked.any() else cells, accounts["untold"])


def _told(cells: pd.DataFrame, untold: pd.Series[str]) -> pd.DataFrame:
    """The cells of attributes that Box has told of these accounts."""
    names = untold.iloc[cells["at"].to_numpy()].tolist()
    if not any(names):
        return cells
    hidden = [field in name.split(",") for field, name in zip(cells["field"].tolist(), names, strict=True)]
    return cells[~np.array(hidden)].reset_index(drop=True)


def not_done(rows: pd.DataFrame | Side, accounts: pd.DataFrame | Side) -> pd.DataFrame:
    """What the roster says and nobody may write: ``at`` (position), ``field`` (tracking codes singly), ``because``.

    That is what Box did not tell, and the role that it gives to nobody.
    """
    parts = [_not_told(rows, accounts)]
    if ROLE in rows.columns:
        at = np.flatnonzero(equals(rows[ROLE], ADMIN) & ~equals(accounts[ROLE], ADMIN))
        asked = pd.DataFrame({"at": at, "field": ROLE, "because": Because.ADMIN_ASKED.value})
        parts += [asked] if len(at) else []
    return pd.concat(parts, ignore_index=True).astype(_UNWRITTEN)


def _not_told(rows: pd.DataFrame | Side, accounts: pd.DataFrame | Side) -> pd.DataFrame:
    untold = accounts["untold"]
    at = np.flatnonzero(~equals(untold, ""))
    parts = [pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _UNWRITTEN.items()})]
    if not len(at):
        return parts[0]
    listed = ("," + untold.iloc[at] + ",").reset_index(drop=True)
    for name in (*wanted_columns(rows), *code_columns(rows)):
        attribute = "tracking_codes" if name.startswith(TRACKING_PREFIX) else name
        hidden = listed.str.contains(f",{attribute},", regex=False).to_numpy(bool)
        said = (rows[name].iloc[at] != "").to_numpy(bool)
        code = attribute == "tracking_codes"
        empty = listed.str.contains(f",{SHOWN_EMPTY},", regex=False).to_numpy(bool) & code
        why = np.where(empty, Because.CODES_UNSEEN.value, Because.UNTOLD.value)[hidden & said]
        parts.append(pd.DataFrame({"at": at[hidden & said], "field": name, "because": why}))
    return pd.concat(parts, ignore_index=True)


def _column(name: str, wanted: pd.Series[str], current: pd.Series[str]) -> pd.DataFrame | None:
    """The cells of one column that differ, None where all are alike, as most columns are in most nights."""
    unlike = np.asarray(pc.not_equal(arrow(wanted), arrow(current)), dtype=np.bool_)
    if may_hold(wanted, CLEAR[0]):
        unlike = unlike | equals(wanted, CLEAR)  # Box may show this very text
    at = np.flatnonzero(unlike)  # few, and only these are looked at any further
    if not len(at):
        return None
    after, before = wanted.iloc[at].reset_index(drop=True), current.iloc[at].reset_index(drop=True)
    said = ~equals(after, "")
    after = after.mask(after == CLEAR, "")
    said = said & (compared(name, after) != compared(name, before)).to_numpy(bool)
    return pd.DataFrame(
        {"at": at[said], "field": name, "before": before[said].array, "after": after[said].array}
    )


def _wanted_codes(cells: pd.DataFrame, current: pd.Series[str]) -> pd.Series[str]:
    """What the list of tracking codes should be where it differs, "" elsewhere.

    Box replaces the whole list, so codes that the roster does not name are kept in it.
    """
    unlike = np.zeros(len(cells), dtype=bool)
    for mask in differing_codes(cells, current).values():
        unlike |= mask
    at = np.flatnonzero(unlike)
    before = map(codes_of, current.iloc[at].tolist())
    said = cells.iloc[at].to_dict("records")
    lists = [
        _merged(codes, _codes_said({str(name): cell for name, cell in row.items()}))
        for codes, row in zip(before, said, strict=True)
    ]
    return placed(pd.Series(lists, dtype="str"), at, len(cells))


def differing_codes(cells: pd.DataFrame, current: pd.Series[str]) -> dict[str, npt.NDArray[np.bool_]]:
    """By column of tracking codes, in which rows it says another value than the account's list of codes."""
    listed = one_piece(current).dictionary_encode()  # few lists, whatever the number of people
    lists = [codes_of(text) for text in listed.dictionary.to_pylist()]
    unlike = {}
    for name in cells.columns:
        code = name.removeprefix(TRACKING_PREFIX)
        now = worded(listed.indices, [codes.get(code, "") for codes in lists])
        said = cells[name].reset_index(drop=True)
        unlike[name] = ((said != "") & (said.mask(said == CLEAR, "") != now)).to_numpy(bool)
    return unlike


def _merged(codes: Mapping[str, str], said: Mapping[str, str]) -> str:
    together = {name: value for name, value in {**codes, **said}.items() if value != CLEAR}
    return codes_text(together) or CLEAR


def codes_of_rows(cells: pd.DataFrame) -> list[str]:
    """The tracking codes of people to be created, as canonical texts; ``cells`` are the columns that set them."""
    names = [str(name).removeprefix(TRACKING_PREFIX) for name in cells.columns]
    said: list[dict[str, str]] = [{} for _ in range(len(cells))]
    for name, column in zip(names, cells.columns, strict=True):
        for codes, value in zip(said, cells[column].tolist(), strict=True):
            if value and value != CLEAR:
                codes[name] = value
    return codes_texts(said)


def _codes_said(row: Mapping[str, str]) -> dict[str, str]:
    """The tracking codes that the cells of one roster row name, ``(clear)`` among them."""
    return {
        name.removeprefix(TRACKING_PREFIX): value
        for name, value in row.items()
        if value and name.startswith(TRACKING_PREFIX)
    }


def changes_text(fields: Sequence[FieldChange]) -> str:
    """Field changes as people read them: ``job_title: Clerk → Senior Clerk; phone: (empty) → 123``."""
    return "; ".join(
        [f"{change.field}: {change.before or '(empty)'} → {change.after or '(empty)'}" for change in fields]
    )
