"""Fingerprints of whole columns: 64 bits a cell, the same under any release of the libraries, since the ledger keeps them.

A fingerprint is over a canonical cell, its field and the job. It is no secret-keeping: who has the ledger can try guesses,
but reads nobody's title or phone in it.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.frames import one_piece
from provision.ledger.said import LEAST, NOT_SAID
from provision.plan.diff import compared

Marks = npt.NDArray[np.uint64]

#: odd numbers whose bits are spread evenly, for mixing (the golden ratio; the two of SplitMix64)
_GOLDEN, _FIRST, _SECOND = (
    np.uint64(number) for number in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)
_WORD = 8  # bytes


def marks(job: str, field: str, cells: pd.Series[str]) -> Marks:
    """The fingerprint of each cell of a roster column as it is compared; NOT_SAID for "", else LEAST or more."""
    seed = hashlib.blake2b(f"{job}\0{field}".encode(), digest_size=_WORD).digest()
    found = _hashed(compared(field, cells), np.uint64(int.from_bytes(seed, "little")))
    return np.where((cells == "").to_numpy(bool), NOT_SAID, np.maximum(found, LEAST))


def _hashed(cells: pd.Series[str], seed: np.uint64) -> Marks:
    """Eight bytes of every cell at once: Arrow keeps a column end to end, and cells are few words long."""
    raw, starts, lengths = _bytes_of(cells)
    words = np.ndarray((len(raw) - _WORD + 1,), "<u8", raw, 0, (1,))
    hashed = _mixed(seed ^ (lengths.astype(np.uint64) * _GOLDEN))
    for done in range(0, int(lengths.max(initial=0)), _WORD):
        at = np.flatnonzero(lengths > done)
        beyond = np.maximum(_WORD - (lengths[at] - done), 0).astype(np.uint64) * np.uint64(8)
        word = words[starts[at] + done] << beyond  # what belongs to the next cell falls off
        hashed[at] = hashed[at] * _GOLDEN + _mixed(word ^ hashed[at])
    return hashed


def _bytes_of(
    cells: pd.Series[str],
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """All cells end to end in UTF-8 with a word of zeros behind them, where each begins, and its length in bytes."""
    text = one_piece(cells)
    _, places, letters = text.buffers()
    if not len(text) or letters is None:
        zeros = np.zeros(len(text), np.int64)
        return np.zeros(_WORD, np.uint8), zeros, zeros
    bounds = np.frombuffer(places, np.int64)[text.offset : text.offset + len(text) + 1]
    body = np.frombuffer(letters, np.uint8)[bounds[0] : bounds[-1]]
    raw = np.concatenate([body, np.zeros(_WORD, np.uint8)])
    return raw, bounds[:-1] - bounds[0], np.diff(bounds)


def _mixed(numbers: Marks) -> Marks:
    """Each bit of a number spread over all of its bits (the last steps of SplitMix64)."""
    mixed = (numbers ^ (numbers >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return mixed ^ (mixed >> np.uint64(31))
