"""What a row must be, checked a whole column at a time; every check names all its rows at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from provision.batches import Batches, picked
from provision.frames import equals, folded, longest, may_hold, side_by_side
from provision.hashes import Hashes, hashed, repeated
from provision.job.settings import Authority
from provision.model import (
    ATTRIBUTE,
    ATTRIBUTES,
    CLEAR,
    MADE_BY_BOX,
    SERVICE_ACCOUNT,
    TRACKING_PREFIX,
    Action,
    Shape,
    UserKind,
)
from provision.roster.cells.canonical import looks_like_code
from provision.roster.cells.emails import not_addresses
from provision.roster.cells.formulas import FORMULAS, no_value
from provision.roster.cells.text_columns import matching, unusual
from provision.roster.checks.footer import reads_like_totals
from provision.roster.files.grid import Lines, Mask
from provision.roster.finding import TOLD, RowFinding, same, worded
from provision.wording import plural

_CONTROL = r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]"
_CONTROL_IN_LINES = r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]"
#: the first of two characters that UTF-8 becomes when read as Windows-1252, and what can follow
_TWICE_ENCODED = r"[Â-ô][\u0080-¿ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]"
#: letters that stand together and are none of ASCII: only one of several words may have been read wrongly
_STRANGE = re.compile(r"[^\x00-\x7f]+")
_NAMED_AT_ONCE = 3
_DAY = r"\d{4}-\d{2}-\d{2}"
#: of a login that is none, messages show so many characters
_LONGEST_LOGIN = 80
#: in the user principal name of a guest (Microsoft Entra, B2B collaboration user properties)
_GUEST = "#EXT#"

#: a number as a spreadsheet shows it from twelve digits on
_ROUNDED = r"^\d+(?:[.,]\d+)?[eE]\+\d+$"

_TOTALS = "reads like a line of totals, not a person; remove it from the export"
_HAS_CONTROL = "there is a control character or line end in it"
_LOST = "there is a \ufffd in it: a character was lost in a conversion"
_ENCODED_TWICE = "UTF-8 was read as Windows-1252 on the way (as Ã© for é); export it again as UTF-8"


def key_hashes(frame: pd.DataFrame) -> dict[str, Hashes]:
    """The hashes of what tells people apart, by field: the keys, the login as it is compared, and the name."""
    columns = {"login": folded(frame["login"]), "external_id": frame["external_id"], "name": frame["name"]}
    with side_by_side(len(frame)) as pool:
        return dict(zip(columns, pool.map(hashed, columns.values()), strict=True))


def check(frame: pd.DataFrame, authority: Authority) -> Iterator[RowFinding]:
    """Everything wrong with canonical rows, each looked at by itself.

    ``frame``: one row a row of the file, FRAME_COLUMNS and one column for each mapped field.
    """
    yield from _keys(frame)
    yield from _logins(frame)
    yield from _texts(frame)
    yield from _dates(frame)
    yield from _app_users(frame)
    yield from _actions(frame, authority)


#: how the addresses begin that Box makes, in lower case
_SERVICE, _APP_USER = SERVICE_ACCOUNT.lower(), MADE_BY_BOX.lower()


def _keys(frame: pd.DataFrame) -> Iterator[RowFinding]:
    no_login, no_id = equals(frame["login"], ""), equals(frame["external_id"], "")
    managed, app = (equals(frame["kind"], kind.value) for kind in (UserKind.MANAGED, UserKind.APP))
    yield from _keyless(frame, "login", no_login & managed, "a managed user is found by it")
    yield from _keyless(frame, "external_id", no_login & no_id & app, "an app user is found by it")
    yield from same("kind", equals(frame["kind"], ""), "the kind is empty; write managed or app")
    maybe = np.full(len(frame), may_hold(frame["external_id"], "+"))
    scientific = matching(frame["external_id"], _ROUNDED, maybe)
    yield from same(
        "external_id",
        scientific,
        "a spreadsheet has rounded the id to a number such as 1.2E+10; format the column as text and export again",
        unreadable=True,
    )
    if "phone" in frame and may_hold(frame["phone"], "+"):
        why = "a spreadsheet has rounded the number, as 4.9E+10; format the column as text and export again"
        yield from same("phone", matching(frame["phone"], _ROUNDED, np.full(len(frame), True)), why)


def _dates(frame: pd.DataFrame) -> Iterator[RowFinding]:
    """Somebody who ends before the start: the last day of an earlier employment, or two columns that changed places.

    A row that says active says which of them it is.
    """
    start, end = frame["start_date"], frame["end_date"]
    dated = ~(equals(start, "") | equals(end, ""))
    if "status" in frame and dated.any():
        dated &= frame["status"].isin(["", "inactive"])
    both = np.flatnonzero(dated)
    if not len(both):
        return
    read = start.iloc[both].str.fullmatch(_DAY) & end.iloc[both].str.fullmatch(
        _DAY
    )  # others have an error of their own
    both = both[read.to_numpy(bool)]
    backwards = np.zeros(len(frame), dtype=bool)
    backwards[both] = (end.iloc[both] < start.iloc[both]).to_numpy(bool)
    why = "the end date lies before the start date; clear the one of an earlier employment, or see whether the columns changed places"
    yield from same("end_date", pd.Series(backwards, index=frame.index), why)


def _keyless(frame: pd.DataFrame, field: str, mask: Mask, why: str) -> Iterator[RowFinding]:
    """The rows without their key, and which of them seem to be no people at all."""
    rows = np.flatnonzero(mask).tolist()
    if rows:
        cells = zip(*(frame[name].iloc[rows].tolist() for name in ("external_id", "name")), strict=True)
        totals = [any(map(reads_like_totals, texts)) for texts in cells]
        empty = f"the {field} is empty; {why}"
        yield RowFinding(field, rows, [_TOTALS if each else empty for each in totals])


def _logins(frame: pd.DataFrame) -> Iterator[RowFinding]:
    wrong = not_addresses(frame["login"])
    if wrong and may_hold(frame["login"], "#"):
        cells = frame["login"].iloc[list(wrong)].tolist()
        wrong = {
            row: why for (row, why), cell in zip(wrong.items(), cells, strict=True) if not no_value(cell)
        }
    if wrong:
        rows, whys = list(wrong), list(wrong.values())
        cells = frame["login"].iloc[rows[:TOLD]].tolist()

        def why_of(place: int) -> str:
            cell = cells[place]
            return (
                _TOTALS if reads_like_totals(cell) else f"{_named(cell)} is no e-mail address: {whys[place]}"
            )

        yield RowFinding("login", rows, worded(rows, why_of, _in_short(whys)), unreadable=True)
    if may_hold(frame["login"], _GUEST[0]):
        guests = (frame["kind"] == UserKind.MANAGED.value) & frame["login"].str.upper().str.contains(_GUEST)
        yield from same("login", guests, "a guest of another directory, not an address of yours")
    yield from _made_logins(frame)
    if "notification_email" in frame:
        filled = frame["notification_email"].mask(frame["notification_email"] == CLEAR, "")
        wrong = not_addresses(filled)
        if wrong:
            yield RowFinding("notification_email", list(wrong), _in_short(list(wrong.values())))


def _in_short(whys: Sequence[str]) -> list[str]:
    """Why cells are no addresses, without what stands in them; equal ones are one text."""
    each = {why: f"no e-mail address: {why}" for why in dict.fromkeys(whys)}
    return [each[why] for why in whys]


def _made_logins(frame: pd.DataFrame) -> Iterator[RowFinding]:
    """Addresses that Box makes are nobody's in a roster: of a service account, of an app user; an app user has no other."""
    app = frame["kind"] == UserKind.APP.value
    if not app.any() and not may_hold(frame["login"], "_"):
        return  # both beginnings have that sign
    logins = frame["login"].str.lower()
    service, made = logins.str.startswith(_SERVICE), logins.str.startswith(_APP_USER)
    yield from same(
        "login", service, "the address of a service account, which is no person; take the row out"
    )
    why = "an address that Box made for an app user, not a person's; take the row out, or say kind: app with the external_id"
    yield from same("login", made & ~app, why)
    own = app & (logins != "") & ~made & ~service
    yield from same("login", own, "an app user has no login but the one that Box makes; leave the cell empty")


def _named(cell: str) -> str:
    """A login to be named: what is none at all may be another column's, so it is not repeated."""
    if "@" not in cell and "(at)" not in cell and not looks_like_code(cell):
        return "the cell"
    return f'"{cell}"' if len(cell) <= _LONGEST_LOGIN else f'"{cell[: _LONGEST_LOGIN - 1]}…"'


def _texts(frame: pd.DataFrame) -> Iterator[RowFinding]:
    for field in frame.columns.drop("line"):
        if may_hold(frame[field], "#"):
            marked = frame[field].str.contains("#", regex=False)
            for pattern, reason in FORMULAS:
                yield from same(field, matching(frame[field], pattern, marked), reason, unreadable=True)
    for attribute in ATTRIBUTES:
        if attribute.name in frame and attribute.shape is Shape.TEXT:
            yield from _text(attribute.name, frame[attribute.name])
    for key in ("external_id", "login"):
        control = matching(frame[key], _CONTROL, unusual(frame[key]))
        yield from same(key, control, _HAS_CONTROL, unreadable=True)


def _text(field: str, column: pd.Series) -> Iterator[RowFinding]:
    limit = ATTRIBUTE[field].limit
    if longest(column) > limit:  # as bytes, which are no fewer
        lengths = column.str.len().to_numpy()
        rows = np.flatnonzero(lengths > limit).tolist()
        if rows:
            yield RowFinding(field, rows, [f"{lengths[row]} characters; Box takes {limit}" for row in rows])
    odd = unusual(column)
    control = _CONTROL_IN_LINES if field == "address" else _CONTROL
    yield from same(field, matching(column, control, odd), _HAS_CONTROL)
    yield from same(field, matching(column, "\ufffd", odd), _LOST)
    twice = matching(column, _TWICE_ENCODED, odd)
    twice[twice] = [_twice_encoded(text) for text in column[twice].tolist()]
    yield from same(field, twice, _ENCODED_TWICE)


def _twice_encoded(text: str) -> bool:
    """Whether a run of strange letters becomes other, valid text when the wrong reading is taken back."""
    return any(_misread(run) for run in _STRANGE.findall(text))


def _misread(text: str) -> bool:
    wrong = bytearray()
    for letter in text:
        try:
            wrong += letter.encode("cp1252")
        except UnicodeEncodeError:
            if ord(letter) > 0xFF:
                return False
            wrong.append(ord(letter))
    try:
        return wrong.decode() != text
    except UnicodeDecodeError:
        return False


def _app_users(frame: pd.DataFrame) -> Iterator[RowFinding]:
    app = frame["kind"] == UserKind.APP.value
    if not app.any():
        return
    for field in frame.columns:
        attribute = ATTRIBUTE.get(field)
        if (attribute is not None and not attribute.app) or field.startswith(TRACKING_PREFIX):
            yield from same(
                field, app & (frame[field] != ""), f"an app user cannot have {field}; leave the cell empty"
            )


def _actions(frame: pd.DataFrame, authority: Authority) -> Iterator[RowFinding]:
    if authority is Authority.FULL:
        asked = frame["action"].isin([Action.DEACTIVATE.value, Action.DELETE.value])
        reason = "only a partial roster (authority: partial) may ask for this; in a full one, leavers are absent or have an end_date"
        yield from same("action", asked, reason)


def duplicates(frames: Batches, keys: Mapping[str, Hashes]) -> Iterator[RowFinding]:
    """Every row whose key stands in another row too, naming the others.

    ``frames``: all rows of the file, as in :func:`check`. ``keys``: their :func:`key_hashes`. Only what is repeated
    is looked at.
    """
    for field in ("login", "external_id"):
        rows = np.flatnonzero(repeated(keys[field]))
        if len(rows):
            found = picked(frames, rows, [field, "line"])
            cells = folded(found[field]) if field == "login" else found[field]
            yield from _same_key(field, cells, (rows, found["line"].to_numpy()))


def _same_key(field: str, keys: pd.Series, places: tuple[Lines, Lines]) -> Iterator[RowFinding]:
    """The rows whose key is among the keys twice. ``places``: row and line of each key."""
    again = keys.duplicated(keep=False).to_numpy(bool)
    keys, (rows, lines) = keys[again], (each[again] for each in places)
    if not len(rows):
        return
    codes, firsts, counts = _alike(keys)

    def why_of(place: int) -> str:
        code = codes[place]
        return f"the same {field} is in {_others(lines[firsts[code]], lines[place], counts[code])}"

    found = rows.tolist()
    others = [f"the same {field} is in other rows"] * len(found)
    yield RowFinding(field, found, worded(found, why_of, others))


def _alike(keys: pd.Series) -> tuple[list[int], list[Lines], list[int]]:
    """For each of the first rows, which are told one by one, the number of its key; for each key the places of the first rows that have it, and how many do."""
    codes, _ = pd.factorize(keys)
    counts = np.bincount(codes)
    order = np.argsort(codes, kind="stable")
    starts = np.cumsum(counts) - counts
    first = codes[:TOLD].tolist()
    known = max(first) + 1  # keys are numbered as they come
    few = np.minimum(counts, _NAMED_AT_ONCE + 1)[:known]
    firsts = [order[start : start + few[at]] for at, start in enumerate(starts[:known].tolist())]
    return first, firsts, counts[:known].tolist()


def _others(first: Lines, own: int, count: int) -> str:
    """``first``: the lines of the first rows with a key, of so many."""
    near = [int(line) for line in first if line != own][:_NAMED_AT_ONCE]
    more = count - 1 - len(near)
    listed = ", ".join(map(str, near))
    if more:
        return f"rows {listed} and {more:,} more"
    return f"{plural(len(near), 'row')} {listed}"
