"""What is kept of a roster so that the next one can be compared with it: numbers, headers and keyed hashes, no person in plain text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.frames import folded
from provision.hashes import EMPTY, Hashes, hashed
from provision.keyed import FingerprintKey

#: so many hashes are kept of a set: an overlap is known to about 3 points of a hundred, and exactly for smaller sets
KEPT = 1024
#: so many of the smallest hashes are looked at to find those, since a text may be there several times
_LOOKED_AT = 4 * KEPT
#: the columns that tell people apart
KEYS = ("external_id", "login")
#: the sets of a profile, and what each is keyed for: only those for the same can be compared
_SKETCHES = {
    **{name: name for name in ("keys", "logins", "names", "content", "excluded")},
    "keys_as_names": "names",
}
#: one more than the largest hash
_ALL = 1 << 64
#: so many bits are kept of the largest plain hash in a sketch: more of them would tell something of a person
_BITS = 10


@dataclass(frozen=True, slots=True)
class Sketch:
    """A set of texts: those with the smallest 64-bit hashes, KEPT at most, ascending by them. ``whole``: all of them.

    ``hashes`` are these, little-endian, or keyed ones in their place and order. ``top``: about how large the largest plain one
    is, 0 for a whole set.
    """

    hashes: bytes = b""
    whole: bool = True
    top: int = 0

    @property
    def values(self) -> Hashes:
        """The hashes as numbers."""
        return np.frombuffer(self.hashes, "<u8").astype(np.uint64)

    @property
    def reach(self) -> int:
        """Texts with plain hashes below this are in the set if they are in its roster."""
        return self.top or _ALL

    def keyed(self, key: FingerprintKey, job: str, name: str) -> Sketch:
        """The set of plain hashes with keyed ones in their place."""
        found = key.over(self.values, "roster", job, name)
        top = 0 if self.whole else _coarse(int(self.values[-1]))
        return Sketch(found.astype("<u8").tobytes(), self.whole, top)


@dataclass(frozen=True, slots=True)
class Profile:
    """One roster file, described.

    ``modified_ns``: time of the last change of the file, nanoseconds since 1970, 0 for none, -1 if a server does not tell. ``rows, valid, rejected``
    count as in :class:`~provision.roster.value.Roster`. ``headers``: all headers, folded and sorted, their order does not
    matter. ``columns``: field → headers it is read from. ``empty``: field → rows in which it is empty. ``key``: the field
    that tells people apart, ``patterns`` and ``domains`` are shares (0–1) of its forms as ``digits:8`` and of login domains.
    ``duplicates``: rows whose key stands in another row too, ``repeats``: those of them that are not the first with it, -1 in profiles of older releases. ``encoding``: "" for no text file; ``certain``: it is
    known, not guessed. ``suspicious``: cells with a character that was lost or read wrongly. ``ends``: a text file ends
    with a line end (other forms always do). ``declared``: number of rows its last line says, None if it says none.
    ``check``: the hash of a known word, so that sketches made by another hash, or with another key, are never compared. ``content``: what the rows
    say, all cells of a row as one text, and ``total`` the sum of it, by which two files of other bytes are known to say the same.
    ``excluded``: who is in the rows that the job leaves out, see :func:`keys_of`. ``managed``: rows of managed users, ``unnamed``:
    how many of them have no login; -1 in profiles of older releases. ``sources``: of a roster of several sources that of each by
    name, of one that was of no use the last good one; ``rows`` are all of these, each person's once, and the rest tells little.
    ``text``: the fingerprint of a text file whatever its encoding and line ends (:func:`provision.roster.text.same_text.text_sha256`),
    "" for any other file, and in profiles of older releases.
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
    sources: dict[str, Profile] = field(default_factory=dict)
    keys_as_names: Sketch = field(default=Sketch(), compare=False)
    digit_names: float = 0.0
    repeats: int = -1
    text: str = ""

    @property
    def people(self) -> int:
        """How many people the rows name: in a file that was joined to itself each key stands twice, or more often.

        An older release took each row of several for one of two.
        """
        return self.rows - (self.repeats if self.repeats >= 0 else self.duplicates // 2)

    def to_json(self) -> str:
        """One line of JSON, of what is kept."""
        return msgspec.json.encode(as_stored(self)).decode()


def same_file(one: Profile, other: Profile) -> bool:
    """Whether two rosters are one file: the same bytes, or the same text in another encoding or with other line ends.

    The text of a plain file has the fingerprint of its bytes, which is all that an older release kept.
    """
    texts = {one.text or one.sha256} & {other.text or other.sha256}
    return one.sha256 == other.sha256 or bool((one.text or other.text) and texts)


def people_in(earlier: Profile, now: Profile) -> tuple[int, int]:
    """About how many people the rows of both name, those of now counted as the earlier ones were."""
    return earlier.people, (now if earlier.repeats >= 0 else replace(now, repeats=-1)).people


def as_stored(profile: Profile) -> Profile:
    """A profile for a file or a ledger: keys and names hashed for one purpose would tell there whose name is whose key."""
    sources = {name: as_stored(each) for name, each in profile.sources.items()}
    return replace(profile, keys_as_names=Sketch(), sources=sources)


def from_json(text: str) -> Profile | None:
    """The profile that ``to_json`` wrote; None for text of another version of this program."""
    try:
        return msgspec.json.decode(text, type=Profile)
    except (msgspec.MsgspecError, ValueError):
        return None


def plain_check() -> int:
    """What ``check`` is in a profile of plain hashes."""
    return int(hashed(pd.Series(["provision"], dtype="str"))[0] >> np.uint64(16))


def keyed(profile: Profile, key: FingerprintKey, job: str) -> Profile:
    """A profile that may be kept: without its key nobody can try guesses on it. One that is keyed already stays."""
    profile = replace(
        profile, sources={name: keyed(each, key, job) for name, each in profile.sources.items()}
    )
    if profile.check != plain_check():
        return profile
    sketches = {name: getattr(profile, name).keyed(key, job, purpose) for name, purpose in _SKETCHES.items()}
    total = _keyed_number(profile.total, key, job, "total")
    return replace(profile, check=_keyed_check(key, job), total=total, **sketches)


def as_in(profile: Profile, name: str, plain: Hashes, key: FingerprintKey | None, job: str) -> Hashes | None:
    """Plain hashes as they are in a set of a profile; None if that cannot be told."""
    if profile.check == plain_check():
        return plain
    if key is None or profile.check != _keyed_check(key, job):
        return None
    return key.over(plain, "roster", job, name)


def _keyed_check(key: FingerprintKey, job: str) -> int:
    return _keyed_number(plain_check(), key, job, "check") >> 16


def _keyed_number(number: int, key: FingerprintKey, job: str, name: str) -> int:
    return int(key.over(np.array([number], np.uint64), "roster", job, name)[0])


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
    return Sketch(kept[:KEPT].astype("<u8").tobytes(), whole, 0 if whole else _coarse(int(kept[:KEPT][-1])))


def _coarse(number: int) -> int:
    """A number rounded up, so that it tells less."""
    shift = max(number.bit_length() - _BITS, 0)
    return ((number >> shift) + 1) << shift


def overlap(earlier: Sketch, now: Sketch) -> float | None:
    """Which share (0–1) of the earlier set is in the one of now; None if that cannot be told."""
    both = np.isin(earlier.values, now.values)
    known = _known_to(earlier, now, both)
    return float(both[:known].mean()) if known else None


def _known_to(one: Sketch, other: Sketch, both: npt.NDArray[np.bool_]) -> int:
    """How many texts of one set the other one would know, exactly or nearly; ``both``: which of them it has.

    Surely up to the last that both have. Behind it there are as many as the ones that the other set has there suggest.
    """
    if other.whole:
        return len(both)
    common = np.flatnonzero(both)
    sure = int(common[-1]) + 1 if len(common) else 0
    theirs = other.values
    behind = len(theirs) - (int(np.flatnonzero(theirs == one.values[common[-1]])[0]) + 1 if sure else 0)
    more = behind * (len(both) / one.reach) / (len(theirs) / other.reach)
    return min(sure + int(more), len(both))


def shared_part(*sketches: Sketch) -> list[Hashes]:
    """The hashes of each sketch up to a text up to which all of them know every one."""
    values = [each.values for each in sketches]
    if all(each.whole for each in sketches):
        return values
    common = values[0]
    for each in values[1:]:
        common = common[np.isin(common, each)]
    if len(common):
        return [each[: int(np.flatnonzero(each == common[-1])[0]) + 1] for each in values]
    least = min(each.reach for each in sketches)
    return [each[: len(each) * least // one.reach] for each, one in zip(values, sketches, strict=True)]


def digits_share(patterns: dict[str, float]) -> float:
    """Which share (0–1) of the texts with these forms is digits alone."""
    return sum((share for form, share in patterns.items() if form.startswith("digits:")), 0.0)


def pattern(key: str) -> str:
    """The form of a key: what it consists of and how long it is, as ``digits:8``."""
    if key.isdigit():
        return f"digits:{len(key)}"
    return f"{'letters' if key.isalpha() else 'mixed'}:{len(key)}"
