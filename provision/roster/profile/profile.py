"""What is kept of a roster so that the next one can be compared with it: numbers, headers and hashes, no person in plain text."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import numpy as np
import pandas as pd

from provision.frames import folded
from provision.hashes import EMPTY, Hashes, hashed

#: so many hashes are kept of a set: an overlap is known to about 3 points of a hundred, and exactly for smaller sets
KEPT = 1024
#: so many of the smallest hashes are looked at to find those, since a text may be there several times
_LOOKED_AT = 4 * KEPT
#: the columns that tell people apart
KEYS = ("external_id", "login")


@dataclass(frozen=True, slots=True)
class Sketch:
    """A set of texts: the smallest of their 64-bit hashes, ascending, little-endian, KEPT at most. ``whole``: all of them."""

    hashes: bytes = b""
    whole: bool = True

    @property
    def values(self) -> Hashes:
        """The hashes as numbers."""
        return np.frombuffer(self.hashes, "<u8").astype(np.uint64)


@dataclass(frozen=True, slots=True)
class Profile:
    """One roster file, described.

    ``modified_ns``: time of the last change of the file, nanoseconds since 1970, 0 if unknown. ``rows, valid, rejected``
    count as in :class:`~provision.roster.value.Roster`. ``headers``: all headers, folded and sorted, their order does not
    matter. ``columns``: field → headers it is read from. ``empty``: field → rows in which it is empty. ``key``: the field
    that tells people apart, ``patterns`` and ``domains`` are shares (0–1) of its forms as ``digits:8`` and of login domains.
    ``duplicates``: rows whose key stands in another row too. ``encoding``: "" for no text file; ``certain``: it is
    known, not guessed. ``suspicious``: cells with a character that was lost or read wrongly. ``ends``: a text file ends
    with a line end (other forms always do). ``declared``: number of rows its last line says, None if it says none.
    ``check``: the hash of a known word, so that sketches made by another hash are never compared. ``content``: what the rows
    say, all cells of a row as one text, and ``total`` the sum of it, by which two files of other bytes are known to say the same.
    ``excluded``: who is in the rows that the job leaves out, see :func:`keys_of`. ``managed``: rows of managed users, ``unnamed``:
    how many of them have no login; -1 in profiles of older releases.
    """

    sha256: str
    size: int
    modified_ns: int
    rows: int
    valid: int
    rejected: int
    headers: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    empty: dict[str, int]
    key: str
    keys: Sketch
    logins: Sketch
    names: Sketch
    patterns: dict[str, float] = field(default_factory=dict)
    domains: dict[str, float] = field(default_factory=dict)
    duplicates: int = 0
    encoding: str = ""
    certain: bool = True
    suspicious: int = 0
    ends: bool = True
    declared: int | None = None
    check: int = 0
    content: Sketch = Sketch()
    total: int = 0
    excluded: Sketch = Sketch()
    managed: int = -1
    unnamed: int = -1

    def to_json(self) -> str:
        """One line of JSON."""
        return msgspec.json.encode(self).decode()


def from_json(text: str) -> Profile | None:
    """The profile that ``to_json`` wrote; None for text of another version of this program."""
    try:
        return msgspec.json.decode(text, type=Profile)
    except (msgspec.MsgspecError, ValueError):
        return None


def keys_of(rows: pd.DataFrame) -> Hashes:
    """A hash of who each row is about: the external id, else the login. Text columns ``external_id, login``."""
    ids = rows["external_id"]
    return hashed(ids.mask(ids == "", folded(rows["login"])))


def lowest(hashes: Hashes) -> Hashes:
    """Of the hashes those that a sketch is made of: the sketch of many is that of the lowest of each part of them."""
    hashes = hashes[hashes != EMPTY]
    return np.partition(hashes, _LOOKED_AT)[: _LOOKED_AT + 1] if len(hashes) > _LOOKED_AT else hashes


def sketch(hashes: Hashes) -> Sketch:
    """The set of the texts with these hashes (made without a seed), of which the empty one does not count."""
    part = lowest(hashes)
    kept = np.unique(part)
    whole = len(part) <= _LOOKED_AT and len(kept) <= KEPT
    return Sketch(kept[:KEPT].astype("<u8").tobytes(), whole)


def overlap(earlier: Sketch, now: Sketch) -> float | None:
    """Which share (0–1) of the earlier set is in the one of now; None if that cannot be told."""
    before, after = earlier.values, now.values
    seen = before
    for hashes, whole in ((before, earlier.whole), (after, now.whole)):
        if not whole:
            seen = seen[seen <= hashes[-1]]
    return float(np.isin(seen, after).mean()) if len(seen) else None


def shared_part(*sketches: Sketch) -> list[Hashes]:
    """The hashes of each sketch below a bound up to which all of them know every one."""
    values = [each.values for each in sketches]
    ends = [each[-1] for each, one in zip(values, sketches, strict=True) if not one.whole and len(each)]
    return [each[each <= min(ends)] if ends else each for each in values]


def pattern(key: str) -> str:
    """The form of a key: what it consists of and how long it is, as ``digits:8``."""
    if key.isdigit():
        return f"digits:{len(key)}"
    return f"{'letters' if key.isalpha() else 'mixed'}:{len(key)}"
