"""What every room does alike with columns of text."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from provision.model import MADE_BY_BOX, SOURCE_LINES, UserKind, fold, row_written

P = ParamSpec("P")
T = TypeVar("T")


#: from so many rows on it pays to look at columns side by side; below it starting the threads takes longer
MANY_ROWS = 10_000


@contextlib.contextmanager
def side_by_side(rows: int) -> Iterator[Executor]:
    """What does work on columns of so many rows: threads, or for a few rows this one, at once.

    Arrow and numpy let go of the interpreter over long columns.
    """
    with ThreadPoolExecutor() if rows >= MANY_ROWS else _AtOnce() as executor:
        yield executor


class _AtOnce(Executor):
    """Does what is submitted before it answers."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def arrow(column: pd.Series[str] | pd.Index[str]) -> Any:
    """A column of text as Arrow text with wide offsets, in one piece or more."""
    return pa.array(column, type=pa.large_string())


def one_piece(column: pd.Series[str]) -> pa.Array:
    """A column of text as one piece of Arrow text with wide offsets; mostly without a copy."""
    text = arrow(column)
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text


def letters(column: pd.Series[str]) -> npt.NDArray[np.uint8]:
    """The bytes of all cells, end to end, and maybe those of cells around: what is in none of them is in no cell."""
    buffer = one_piece(column).buffers()[2]
    return np.frombuffer(buffer, np.uint8) if buffer is not None and buffer.size else np.empty(0, np.uint8)


def within(column: pd.Series[str], first: str, last: str) -> bool:
    """Whether surely no cell has a letter outside this range of ASCII; one look at the bytes of a whole column."""
    seen = letters(column)
    return not len(seen) or bool(seen.min() >= ord(first) and seen.max() <= ord(last))


def holds(column: pa.ChunkedArray, sign: str) -> bool:
    """Whether any cell of an Arrow column of text may have this ASCII sign in it; if not, none has."""
    buffers = (chunk.buffers()[2] for chunk in column.chunks)
    return any(
        buffer is not None and (np.frombuffer(buffer, np.uint8) == ord(sign)).any() for buffer in buffers
    )


def may_hold(column: pd.Series[str], sign: str) -> bool:
    """Whether any cell may have this ASCII sign in it; if not, none has."""
    return bool((letters(column) == ord(sign)).any())


def worded(codes: npt.NDArray[np.integer] | pa.Array, words: Sequence[str]) -> pd.Series[str]:
    """A text column with the word at each code; no Python text a row."""
    return pd.Series(pd.array(pa.array(words, pa.large_string()).take(pa.array(codes)), dtype="str"))


def folded(logins: pd.Series[str]) -> pd.Series[str]:
    """Logins as they are compared, see :func:`provision.model.fold`; only what is not ASCII is looked at singly."""
    if within(logins, "!", "~"):
        return logins.str.lower()
    lower = logins.str.strip().str.lower()
    foreign = ~logins.str.isascii()
    if foreign.any():
        lower[foreign] = np.array([fold(login) for login in logins[foreign].tolist()], object)
    return lower


def written(people: pd.DataFrame) -> pd.Series[str]:
    """How people name each of these, as :attr:`provision.model.PersonKey.written`.

    ``people``: text columns ``kind, external_id, login``, and where there are any ``box_id`` and ``line`` (int64).
    """
    login, external_id = people["login"], people["external_id"]
    box_id = people["box_id"] if "box_id" in people else pd.Series("", people.index, dtype="str")
    app, made = _are_apps(people)
    last = login
    if "line" in people:
        rows = _rows(people["line"])
        last = last.mask((last == "") | made, rows.where(people["line"] > 0, last))
    by_id = external_id.where(external_id != "", box_id)
    names = login.mask(app | (login == ""), by_id)
    return names.where(names != "", last)


def _rows(lines: pd.Series[int]) -> pd.Series[str]:
    """As :func:`provision.model.row_written`."""
    rows = "row " + lines.astype("str")
    if not len(lines) or lines.max() < SOURCE_LINES:
        return rows
    return rows.mask(lines >= SOURCE_LINES, lines.map(row_written).astype("str"))


def compared(people: pd.DataFrame) -> pd.Series[str]:
    """What is equal for the same person, as :attr:`provision.model.PersonKey.compared`; columns as for :func:`written`.

    ``login_key``, if there is such a column, are the folded logins.
    """
    app, _ = _are_apps(people)
    by_id = app & (people["external_id"] != "")
    login = people["login_key"] if "login_key" in people else folded(people["login"])
    key = ("login\n" + login).mask(app, "app login\n" + login).mask(by_id, "app id\n" + people["external_id"])
    return key.mask((login == "") & ~by_id, "")


def _are_apps(people: pd.DataFrame) -> tuple[pd.Series[bool], pd.Series[bool]]:
    """Who is an app user, and whose login Box made."""
    made = people["login"].str.startswith(MADE_BY_BOX)
    return (people["kind"] == UserKind.APP.value) | ((people["kind"] == "") & made), made
