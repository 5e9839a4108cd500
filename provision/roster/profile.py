"""What is kept of a roster so that the next one can be compared with it: numbers, headers and hashes, no person in plain text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.frames import may_hold, within
from provision.hashes import EMPTY, Hashes, hashed
from provision.roster.find import Form, Source
from provision.roster.grid import Grid
from provision.roster.headers import tidy
from provision.roster.mapping import Mapping as Columns

#: so many hashes are kept of a set: an overlap is known to about 3 points of a hundred, and exactly for smaller sets
KEPT = 1024
#: rows, spread evenly over the file, in which patterns and domains are looked at
_SAMPLE = 20_000
_MOST_FREQUENT = 12
#: a lost character (as � or ? within a word), or UTF-8 read as Windows-1252 on the way ("Ã©" for "é")
_SUSPICIOUS = "\ufffd|[ÃÂÐÑ][\u0080-\u00bf]|â€|\\pL\\?\\pL"
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
    ``check``: the hash of a known word, so that sketches made by another hash are never compared.
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

    def to_json(self) -> str:
        """One line of JSON."""
        return msgspec.json.encode(self).decode()


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted while the roster was checked: rows without and with errors, and with a key that stands twice.

    ``keys``: the hashes of the folded login, the external id and the name. ``declared`` is as in :class:`Profile`; ``encoding`` is the
    one the job says, "" if it says none.
    """

    valid: int
    rejected: int
    duplicates: int
    keys: Mapping[str, Hashes]
    declared: int | None
    encoding: str = ""


def from_json(text: str) -> Profile | None:
    """The profile that ``to_json`` wrote; None for text of another version of this program."""
    try:
        return msgspec.json.decode(text, type=Profile)
    except (msgspec.MsgspecError, ValueError):
        return None


def profile_of(
    source: Source, grid: Grid, columns: Columns, frame: pd.DataFrame, counted: Counted
) -> Profile:
    """Describe a roster. ``frame``: all its rows, bad ones too, FRAME_COLUMNS and the mapped fields, canonical text."""
    headers = [tidy(header).casefold() for header in grid.headers]
    fields = {target.field: tuple(headers[place] for place in target.places) for target in columns.read}
    key = _key(frame, fields)
    sketches = {name: sketch(hashes) for name, hashes in counted.keys.items()}
    encoding, certain = _encoding(source, grid.notes, counted.encoding)
    sample = frame.iloc[np.linspace(0, len(frame) - 1, min(len(frame), _SAMPLE)).astype(np.intp)]
    return Profile(
        sha256=source.sha256,
        size=len(source.content),
        modified_ns=source.modified_ns,
        rows=len(frame),
        valid=counted.valid,
        rejected=counted.rejected,
        headers=tuple(sorted(filter(None, headers))),
        columns=fields,
        empty={name: int((frame[name] == "").sum()) for name in fields},
        key=key,
        keys=sketches[key],
        logins=sketches["login"],
        names=sketches["name"],
        patterns=_shares(sample[key], pattern) if key != "login" else {},
        domains=_shares(sample["login"], _domain),
        duplicates=counted.duplicates,
        encoding=encoding,
        certain=certain,
        suspicious=_suspicious(frame, fields),
        ends=source.form is not Form.TEXT or _ends(source.content),
        declared=counted.declared,
        check=_check(),
    )


def sketch(hashes: Hashes) -> Sketch:
    """The set of the texts with these hashes (made without a seed), of which the empty one does not count."""
    hashes = hashes[hashes != EMPTY]
    part = np.partition(hashes, 4 * KEPT)[: 4 * KEPT] if len(hashes) > 4 * KEPT else hashes
    kept = np.unique(part)
    whole = len(part) == len(hashes) and len(kept) <= KEPT
    return Sketch(kept[:KEPT].astype("<u8").tobytes(), whole)


def overlap(earlier: Sketch, now: Sketch) -> float | None:
    """Which share (0–1) of the earlier set is in the one of now; None if that cannot be told."""
    before, after = earlier.values, now.values
    seen = before
    for hashes, whole in ((before, earlier.whole), (after, now.whole)):
        if not whole:
            seen = seen[seen <= hashes[-1]]
    return float(np.isin(seen, after).mean()) if len(seen) else None


def pattern(key: str) -> str:
    """The form of a key: what it consists of and how long it is, as ``digits:8``."""
    if key.isdigit():
        return f"digits:{len(key)}"
    return f"{'letters' if key.isalpha() else 'mixed'}:{len(key)}"


def _key(frame: pd.DataFrame, fields: Mapping[str, object]) -> str:
    """The external id where most rows have one."""
    filled = {name: int((frame[name] != "").sum()) for name in KEYS if name in fields}
    if "external_id" not in filled:
        return "login"
    return "external_id" if 2 * filled["external_id"] > len(frame) or "login" not in filled else "login"


def _check() -> int:
    return int(hashed(pd.Series(["provision"], dtype="str"))[0] >> np.uint64(16))


def _shares(texts: pd.Series[str], of: Callable[[str], str]) -> dict[str, float]:
    """The most frequent forms of the texts that are not empty, and their shares."""
    counts = Counter(of(text) for text in texts.tolist() if text)
    total = sum(counts.values())
    frequent = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:_MOST_FREQUENT]
    return {form: round(count / total, 4) for form, count in frequent}


def _domain(login: str) -> str:
    return login.rpartition("@")[2].casefold()


def _suspicious(frame: pd.DataFrame, fields: Iterable[str]) -> int:
    columns = (frame[name] for name in fields)
    maybe = (column for column in columns if may_hold(column, "?") or not within(column, "\0", "~"))
    return sum(pc.sum(pc.match_substring_regex(pa.array(text), _SUSPICIOUS)).as_py() or 0 for text in maybe)


def _ends(content: bytes) -> bool:
    return content.rstrip(b"\x1a\0").endswith((b"\n", b"\r"))


def _encoding(source: Source, notes: Iterable[str], told: str) -> tuple[str, bool]:
    """How the text was read, and whether that is certain."""
    if source.form is not Form.TEXT or told:
        return told, True
    if any("was read as Windows-1252" in note for note in notes):
        return "windows-1252", False
    head = source.content[:4]
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in source.content[:4096]
    return "utf-16" if wide else "utf-8", True
