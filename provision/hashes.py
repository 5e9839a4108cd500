"""Whole columns of text as 64-bit hashes: the same under any release of the libraries, since rosters' and ledgers' are kept.

Everything that asks a million texts which of them are alike asks their hashes: sketches of a roster, fingerprints of what
it said, keys that stand twice, the account of a row. Two texts with one hash are so rare that only a comparison of the texts
themselves may decide where somebody's account depends on it (see :func:`provision.plan.columns.positions`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.frames import one_piece

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
#: cells hashed in one go: what is reckoned with fits the caches
_BLOCK = 1 << 15


def hashed(cells: pd.Series[str], seed: int = 0) -> Hashes:
    """The hash of each cell; another ``seed`` (64 bits) gives other hashes."""
    raw, bounds = _bytes_of(cells)
    words = _words(raw)
    found = np.empty(len(cells), np.uint64)
    for start in range(0, len(cells), _BLOCK):
        part = bounds[start : start + _BLOCK + 1]
        found[start : start + _BLOCK] = _block(words, part[:-1], np.diff(part), np.uint64(seed))
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
        raw, bounds = _bytes_of(cells)
        odd = _mix(np.full(1, place, np.uint64)) | np.uint64(1)
        for start in range(0, rows if len(raw) > _WORD else 0, _BLOCK):
            part = bounds[start : start + _BLOCK + 1]
            _stir_in(found[start : start + _BLOCK], raw, part, odd)
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


def _block(words: Hashes, starts: _Places, lengths: _Places, seed: np.uint64) -> Hashes:
    """Eight bytes of every cell at once: Arrow keeps a column end to end, and cells are few words long."""
    found = _mix(seed ^ (lengths.astype(np.uint64) * _GOLDEN))
    shortest = int(lengths.min(initial=0))
    for done in range(0, int(lengths.max(initial=0)), _WORD):
        if shortest > done:
            found = _further(found, words, starts + done, lengths - done)
            continue
        at = np.flatnonzero(lengths > done)
        found[at] = _further(found[at], words, starts[at] + done, lengths[at] - done)
    return np.maximum(found, lengths > 0, out=found)


def _further(found: Hashes, words: Hashes, starts: _Places, left: _Places) -> Hashes:
    """The hashes with the next word of each cell, of which ``left`` bytes are the cell's, one at least."""
    word = _word(words, starts, left)
    word ^= found
    return found * _GOLDEN + _mix(word)


def _stir_in(found: Hashes, raw: _Bytes, bounds: _Places, odd: Hashes) -> None:
    """Take one more cell into the hash of each row: how long it is, and its bytes, eight at once."""
    starts, lengths = bounds[:-1], np.diff(bounds)
    if _alike(raw[bounds[0] : bounds[-1]], lengths):  # as most columns of a listing mostly are
        starts, lengths = starts[:1], lengths[:1]
    found += lengths.view(np.uint64) * odd
    words, shortest = _words(raw), int(lengths.min())
    for done in range(0, int(lengths.max()), _WORD):
        if shortest > done:
            _stir(found, _word(words, starts + done, lengths - done))
            continue
        at = np.flatnonzero(lengths > done)
        some = found[at]
        _stir(some, _word(words, starts[at] + done, lengths[at] - done))
        found[at] = some


def _alike(body: _Bytes, lengths: _Places) -> bool:
    """Whether all cells, which lie end to end, are one and the same."""
    size = int(lengths[0])
    return len(body) == size * len(lengths) and bool(
        (lengths == size).all() and (body[size:] == body[: len(body) - size]).all()
    )


def _stir(found: Hashes, word: Hashes) -> None:
    """From what comes of it and either number the other one can be told, so a difference is lost in no single step."""
    found ^= word
    found *= _GOLDEN
    found ^= found >> np.uint64(32)


def _words(raw: _Bytes) -> Hashes:
    """The eight bytes that begin at each byte."""
    return np.ndarray((len(raw) - _WORD + 1,), "<u8", raw, 0, (1,))


def _word(words: Hashes, starts: _Places, left: _Places) -> Hashes:
    """The next word of each cell, of which ``left`` bytes are the cell's, one at least."""
    word = words[starts]
    if left.min() < _WORD:
        word <<= (np.maximum(_WORD - left, 0) * 8).view(np.uint64)  # what belongs to the next cell falls off
    return word


def _bytes_of(cells: pd.Series[str]) -> tuple[_Bytes, _Places]:
    """All cells end to end in UTF-8 with a word of zeros behind them, and where each begins, and the last one ends."""
    text = one_piece(cells)
    _, places, letters = text.buffers()
    if not len(text) or letters is None:
        return np.zeros(_WORD, np.uint8), np.zeros(len(text) + 1, np.int64)
    bounds = np.frombuffer(places, np.int64)[text.offset : text.offset + len(text) + 1]
    body = np.frombuffer(letters, np.uint8)[bounds[0] : bounds[-1]]
    return np.concatenate([body, np.zeros(_WORD, np.uint8)]), bounds - bounds[0]


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
