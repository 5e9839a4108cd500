"""What every room does alike with columns of text."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

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


#: pandas' own text
_TEXT = pd.StringDtype(na_value=np.nan)
_LARGE = pa.large_string()
#: cells of a column that are looked at in one go
_AT_ONCE = 1 << 14


def arrow(column: pd.Series[str] | pd.Index[str]) -> Any:
    """A column of text as Arrow text with wide offsets, in one piece or more."""
    cells = column.array
    # asked as a column, pandas looks around for a while before it hands out what it holds
    return pa.array(cells if isinstance(cells, pd.arrays.ArrowStringArray) else column, type=_LARGE)


def of_arrow(text: pa.Array | pa.ChunkedArray) -> pd.Series[str]:
    """Arrow text with wide offsets as a column, with an index from 0."""
    # pd.array comes to the same after a while
    cells = pd.arrays.ArrowStringArray(text, dtype=_TEXT)  # type: ignore[call-arg]  # not in the stubs yet
    return pd.Series(cells)


def equals(column: pd.Series[str], word: str) -> npt.NDArray[np.bool_]:
    """Which cells of a column of text, without nulls, are this word."""
    if not word:
        _, bounds = end_to_end(column)
        return np.equal(bounds[1:], bounds[:-1])
    return np.asarray(pc.equal(arrow(column), word), dtype=np.bool_)


def records(frame: pd.DataFrame) -> Iterator[dict[Hashable, Any]]:
    """Row by row as Python values, by name of column."""
    names = [str(name) for name in frame.columns]
    columns = [frame[name].tolist() for name in names] if len(frame) else []
    for cells in zip(*columns, strict=True):
        yield dict(zip(names, cells, strict=True))


def one_piece(column: pd.Series[str]) -> pa.Array:
    """A column of text as one piece of Arrow text with wide offsets; mostly without a copy."""
    text = arrow(column)
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text


def end_to_end(column: pd.Series[str]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The bytes of all cells, end to end, and maybe those of cells around; and where in them each begins, and the last one ends."""
    text = one_piece(column)
    _, places, raw = text.buffers()
    bounds = np.frombuffer(places or bytes(8), np.int64)[text.offset : text.offset + len(text) + 1]
    return np.frombuffer(raw or b"", np.uint8), bounds


def letters(column: pd.Series[str]) -> npt.NDArray[np.uint8]:
    """The bytes of all cells, end to end, and maybe those of cells around: what is in none of them is in no cell."""
    return end_to_end(column)[0]


def longest(column: pd.Series[str]) -> int:
    """How many bytes the longest cell has, 0 if there is none."""
    return max((int(np.diff(bounds).max()) for bounds in _some_bounds(end_to_end(column)[1])), default=0)


def beginning(column: pd.Series[str], letters: str, sizes: range) -> npt.NDArray[np.intp]:
    """The places of the cells that begin as one of these letters does, by its first byte, and have so many bytes, one at least."""
    raw, bounds = end_to_end(column)
    wanted = np.isin(np.arange(256), [letter.encode()[0] for letter in letters])
    found, before = [np.empty(0, np.intp)], 0
    for some in _some_bounds(bounds):
        lengths = np.diff(some)
        mask = (lengths >= sizes.start) & (lengths < sizes.stop)
        if mask.any():
            mask &= wanted[raw.take(some[:-1], mode="clip")]  # behind the last letter only empty cells begin
            found.append(np.flatnonzero(mask) + before)
        before += len(lengths)
    return np.concatenate(found)


def _some_bounds(bounds: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.int64]]:
    """The bounds of so few cells at a time that what is made of them stays in the caches."""
    for start in range(0, len(bounds) - 1, _AT_ONCE):
        yield bounds[start : start + _AT_ONCE + 1]


def letter_range(column: pd.Series[str]) -> tuple[int, int]:
    """A lowest and a highest byte that no cell surpasses, by one look at the bytes of a whole column; of no bytes 255 and 0."""
    seen = letters(column)
    return (int(seen.min()), int(seen.max())) if len(seen) else (255, 0)


def within(column: pd.Series[str], first: str, last: str) -> bool:
    """Whether surely no cell has a letter outside this range of ASCII."""
    lowest, highest = letter_range(column)
    return lowest >= ord(first) and highest <= ord(last)


def alike(column: pd.Series[str]) -> bool:
    """Whether a column has a cell, and all are the same, as in most columns that hardly anybody fills; mostly two of them tell."""
    return len(column) > 0 and are_alike(*end_to_end(column))


def are_alike(raw: npt.NDArray[np.uint8], bounds: npt.NDArray[np.int64]) -> bool:
    """Whether cells, of which there is one, are all the same; they lie end to end in the bytes from one bound to the next."""
    size, body = int(bounds[1] - bounds[0]), raw[bounds[0] : bounds[-1]]
    if len(body) != size * (len(bounds) - 1):
        return False
    behind = body[size : 2 * size]
    if (behind != body[: len(behind)]).any():
        return False
    return bool((np.diff(bounds) == size).all() and (body[size:] == body[: len(body) - size]).all())


def holds(column: pa.ChunkedArray, sign: str) -> bool:
    """Whether any cell of an Arrow column of text may have this ASCII sign in it; if not, none has."""
    return any(_stands_in(chunk.buffers()[2], sign) for chunk in column.chunks)


def may_hold(column: pd.Series[str], sign: str) -> bool:
    """Whether any cell may have this ASCII sign in it; if not, none has."""
    return _stands_in(one_piece(column).buffers()[2], sign)


def _stands_in(raw: pa.Buffer | None, sign: str) -> bool:
    """Whether an ASCII sign is among some bytes. As one cell, Arrow looks through them as fast as they come out of memory."""
    if raw is None or not raw.size:
        return False
    bounds = pa.py_buffer(np.array([0, raw.size], np.int64))
    cell = pa.Array.from_buffers(_LARGE, 1, [None, bounds, raw])
    return bool(pc.match_substring_regex(cell, f"\\x{{{ord(sign):x}}}")[0].as_py())


def all_of(word: str, rows: int) -> pd.Series[str]:
    """A text column with this word in so many rows."""
    return of_arrow(pa.repeat(pa.scalar(word, _LARGE), rows))


def worded(codes: npt.NDArray[np.integer] | pa.Array, words: Sequence[str]) -> pd.Series[str]:
    """A text column with the word at each code; no Python text a row."""
    return of_arrow(pa.array(words, _LARGE).take(pa.array(codes)))


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
    app, made = _are_apps(people)
    blank = equals(login, "")
    if not (app | blank).any():  # as in most rosters
        return login
    box_id = people["box_id"] if "box_id" in people else pd.Series("", people.index, dtype="str")
    names = login.mask(app | blank, external_id.mask(equals(external_id, ""), box_id))
    nameless = equals(names, "")
    if not nameless.any():
        return names
    last = login
    if "line" in people:
        numbered = (people["line"] > 0).to_numpy()
        last = last.mask((blank | made) & numbered, _rows(people["line"]))
    return names.mask(nameless, last)


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
    login = people["login_key"] if "login_key" in people else folded(people["login"])
    key = "login\n" + login
    by_id = app
    if app.any():
        by_id = app & ~equals(people["external_id"], "")
        key = key.mask(app, "app login\n" + login).mask(by_id, "app id\n" + people["external_id"])
    unknown = equals(login, "") & ~by_id
    return key.mask(unknown, "") if unknown.any() else key


def _are_apps(people: pd.DataFrame) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Who is an app user, and whose login Box made."""
    made = np.asarray(pc.starts_with(arrow(people["login"]), MADE_BY_BOX), dtype=np.bool_)
    return equals(people["kind"], UserKind.APP.value) | (equals(people["kind"], "") & made), made
