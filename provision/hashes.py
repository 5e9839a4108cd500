"""Whole columns of text as 64-bit hashes: the same under any release of the libraries, since rosters' and ledgers' are kept.

Everything that asks a million texts which of them are alike asks their hashes: sketches of a roster, fingerprints of what
it said, keys that stand twice, the account of a row. Two texts with one hash are so rare that only a comparison of the texts
themselves may decide where somebody's account depends on it (see :func:`provision.plan.columns.positions`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.frames import are_alike, end_to_end

Hashes = npt.NDArray[np.uint64]
_Bytes = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.int64]

#: odd numbers whose bits are spread evenly, for mixing (the golden ratio; the two of SplitMix64)
_GOLDEN, _FIRST, _SECOND = (
    np.uint64(number) for number in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)
#: the hash of the empty text, and of no other, without a seed
EMPTY = np.uint64(0)
_WORD = 8  # bytes
#: bytes from each cell's beginning on that are taken in one go
_TAKEN = 6 * _WORD
#: cells hashed in one go: what is reckoned with fits the caches
_BLOCK = 1 << 14


def hashed(cells: pd.Series[str], seed: int = 0) -> Hashes:
    """The hash of each cell; another ``seed`` (64 bits) gives other hashes."""
    found = np.empty(len(cells), np.uint64)
    for rows, raw, bounds in _blocks(cells):
        found[rows] = _block(raw, bounds[:2] if are_alike(raw, bounds) else bounds, np.uint64(seed))
    return found


@dataclass(frozen=True, slots=True)
class Index:
    """Hashes (made without a seed) in order, and where each stands among those it was made of; the empty text is none.

    Where one stands several times, one of its places is found.
    """

    ordered: Hashes
    places: npt.NDArray[np.intp]

    @classmethod
    def of(cls, hashes: Hashes) -> Index:
        """The index of these hashes."""
        filled = np.flatnonzero(hashes != EMPTY)
        places = filled[np.argsort(hashes[filled])]
        return cls(hashes[places], places)

    @property
    def shared(self) -> Hashes:
        """The hashes that stand there more than once, in order."""
        return _shared(self.ordered)

    @property
    def doubled(self) -> npt.NDArray[np.intp]:
        """The places of those."""
        return self.places[np.isin(self.ordered, self.shared)]

    def find(self, asked: Hashes) -> npt.NDArray[np.intp]:
        """A place of each hash, -1 for what is not there."""
        found = np.full(len(asked), -1, np.intp)
        if not len(self.ordered):
            return found
        turn = np.argsort(asked)  # in order, each is looked for near the one before
        seek = asked[turn]
        near = np.searchsorted(self.ordered, seek).clip(max=len(self.ordered) - 1)
        hit = self.ordered[near] == seek
        found[turn[hit]] = self.places[near[hit]]
        return found


def hashed_rows(columns: Iterable[pd.Series[str]], rows: int) -> Hashes:
    """The hash of each row of some columns, which all have that length. Columns without a letter count for nothing.

    Another word of eight bytes in one cell always makes another hash, any other difference as good as always; it is for
    sums, not for telling people apart. It is less than half the work of :func:`hashed` for each column.
    """
    found = np.zeros(rows, np.uint64)
    for place, cells in enumerate(columns, start=1):
        odd = _mix(np.full(1, place, np.uint64)) | np.uint64(1)
        for some, raw, bounds in _blocks(cells):
            _stir_in(found[some], raw, bounds[:2] if are_alike(raw, bounds) else bounds, odd)
    return found


def mixed(hashes: Hashes, seed: int) -> Hashes:
    """Other hashes of the same things."""
    return _mix(hashes ^ np.uint64(seed))


def repeated(hashes: Hashes) -> npt.NDArray[np.bool_]:
    """Which of the hashes (made without a seed) are there more than once; that of the empty text never is."""
    again = _shared(np.sort(hashes))
    again = again[again != EMPTY]
    if not len(again):
        return np.zeros(len(hashes), np.bool_)
    found: npt.NDArray[np.bool_] = again[np.searchsorted(again, hashes).clip(max=len(again) - 1)] == hashes
    return found


def _shared(ordered: Hashes) -> Hashes:
    """What stands more than once among hashes in order."""
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])


def _block(raw: _Bytes, bounds: _Places, seed: np.uint64) -> Hashes:
    """The hashes of these cells."""
    lengths = np.diff(bounds)
    found = _mix(seed ^ (lengths.view(np.uint64) * _GOLDEN))
    _word_by_word(found, raw, bounds, _further)
    return np.maximum(found, lengths > 0, out=found)


def _further(found: Hashes, word: Hashes) -> None:
    word = word ^ found
    found *= _GOLDEN
    found += _mix(word)


def _stir_in(found: Hashes, raw: _Bytes, bounds: _Places, odd: Hashes) -> None:
    """Take one more cell into the hash of each row, or one cell into all: how long it is, and its bytes, eight at once."""
    found += np.diff(bounds).view(np.uint64) * odd
    _word_by_word(found, raw, bounds, _stir)


def _stir(found: Hashes, word: Hashes) -> None:
    """From what comes of it and either number the other one can be told, so a difference is lost in no single step."""
    found ^= word
    found *= _GOLDEN
    found ^= found >> np.uint64(32)


def _word_by_word(
    found: Hashes, raw: _Bytes, bounds: _Places, take: Callable[[Hashes, Hashes], None]
) -> None:
    """Take cells into their hashes, eight bytes of every cell at once: Arrow keeps a column end to end, and cells are few words long."""
    starts, lengths = bounds[:-1], np.diff(bounds)
    shortest, longest = int(lengths.min()), int(lengths.max())
    ready = -(-min(longest, _TAKEN) // _WORD)
    first = _words(raw, starts, ready, longest if shortest == longest else 0)
    for done in range(0, longest, _WORD):
        place = done // _WORD
        if shortest > done:
            word = first[:, place] if place < ready else _words(raw, starts + done, 1)[:, 0]
            take(found, _cut(word, lengths - done))
            continue
        at = np.flatnonzero(lengths > done)
        word = first[:, place][at] if place < ready else _words(raw, starts[at] + done, 1)[:, 0]
        some = found[at]
        take(some, _cut(word, lengths[at] - done))
        found[at] = some


def _words(raw: _Bytes, starts: _Places, words: int, apart: int = 0) -> Hashes:
    """So many words from each start on, a row for each, which takes no longer than one word.

    ``apart``: by how many bytes the starts are apart, if all are so evenly.
    """
    if apart:
        return np.ndarray((len(starts), words), "<u8", raw, int(starts[0]), (apart, _WORD))
    size = max(words, 1) * _WORD
    taken = np.ndarray((len(raw) - size + 1,), f"V{size}", raw, 0, (1,))[starts]
    return taken.view("<u8").reshape(len(starts), -1)


def _cut(word: Hashes, left: _Places) -> Hashes:
    """The next word of each cell, of which ``left`` bytes are the cell's, one at least, without what belongs to the next cell."""
    least = int(left.min())
    if least >= _WORD:
        return word
    if len(left) > 1 and least == int(left.max()):
        return word << np.uint64((_WORD - least) * 8)
    return word << (np.maximum(_WORD - left, 0) * 8).view(np.uint64)


def _blocks(cells: pd.Series[str]) -> Iterator[tuple[slice, _Bytes, _Places]]:
    """Some cells at a time: their place, bytes in UTF-8 that have them end to end, and where each begins, and the last one ends.

    Behind the last one there are bytes enough to take words from any place of it.
    """
    raw, bounds = end_to_end(cells)
    for start in range(0, len(cells), _BLOCK):
        part = bounds[start : start + _BLOCK + 1]
        rows = slice(start, start + len(part) - 1)
        if part[-1] + _TAKEN <= len(raw):
            yield rows, raw, part
        else:
            yield rows, np.concatenate([raw[part[0] : part[-1]], np.zeros(_TAKEN, np.uint8)]), part - part[0]


def _mix(numbers: Hashes) -> Hashes:
    """Each bit of a number spread over all of its bits, in place (the last steps of SplitMix64)."""
    shifted = numbers >> np.uint64(30)
    numbers ^= shifted
    numbers *= _FIRST
    np.right_shift(numbers, np.uint64(27), out=shifted)
    numbers ^= shifted
    numbers *= _SECOND
    np.right_shift(numbers, np.uint64(31), out=shifted)
    numbers ^= shifted
    return numbers
