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

from provision.model import fold

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
