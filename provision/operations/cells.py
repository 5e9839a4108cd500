"""How cells of an account are compared: what counts as the same value, and what an operation sets of a list."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pandas as pd

from provision.frames import folded
from provision.operations.value import Change, FieldChange
from provision.roster.cells.text_columns import tidy_text
from provision.tracking_codes import codes_of, codes_text

#: fields that are e-mail addresses
_ADDRESSES = ("login", "notification_email")
#: the field that Box only takes as a whole list, of which an operation sets the codes it names
LIST = "tracking_codes"


def compared(field: str, cells: pd.Series[str]) -> pd.Series[str]:
    """The cells of a column (text) as they are compared: an account shows a value if these are the same for both.

    An address means the same in any letter case, and a tracking code without a value is none. Around a text blanks
    and invisible characters do not count, nor how its letters with accents and line ends are encoded: a roster
    cannot say these (see :func:`provision.roster.cells.text_columns.tidy_text`).
    """
    if field in _ADDRESSES:
        return folded(tidy_text(cells))
    if field == LIST:
        codes = {text: codes_text(codes_of(text)) for text in cells.unique().tolist()}
        return cells.map(codes).astype("str")
    return tidy_text(cells)


def shows(field: str, wanted: str, listed: str) -> bool:
    """Whether an account whose field is listed as ``listed`` has the value ``wanted``, as :func:`compared` says."""
    return wanted == listed or compared(field, pd.Series([wanted, listed], dtype="str")).nunique() == 1


def sets_list(change: Change) -> bool:
    """Whether an operation on an existing account sets a list, which others may have written to since it was planned."""
    return bool(change.box_id) and any(each.field == LIST for each in change.fields)


def sets_unseen_list(change: Change) -> bool:
    """Whether an operation sets a list on an existing account that was shown without any when it was planned."""
    return sets_list(change) and any(each.field == LIST and not each.before for each in change.fields)


def emptied(field: str, known: str, listed: str) -> bool:
    """Whether a list in which something was seen is shown empty now: it may be hidden, which looks alike."""
    return field == LIST and known != "" == listed


def brought(each: FieldChange, listed: str) -> bool:
    """Whether an account whose field is listed so has what an operation was to bring; of a list, the codes it set."""
    if each.field != LIST:
        return shows(each.field, each.after, listed)
    now = codes_of(listed)
    return all(now.get(name, "") == after for name, _, after in _set_codes(each))


def as_planned(each: FieldChange, listed: str) -> bool:
    """Whether a field is as the plan saw it, or already as it is to be; of a list, the codes that are set."""
    if each.field != LIST:
        return shows(each.field, each.before, listed) or shows(each.field, each.after, listed)
    now = codes_of(listed)
    return all(now.get(name, "") in (before, after) for name, before, after in _set_codes(each))


def merged(change: Change, listed: str) -> Change:
    """The same operation with the codes it sets in the list as it is now: Box takes the list in the place of its own."""
    fields = (_merged(each, listed) if each.field == LIST else each for each in change.fields)
    return replace(change, fields=tuple(fields))


def _merged(each: FieldChange, listed: str) -> FieldChange:
    wanted = codes_of(listed) | {name: after for name, _, after in _set_codes(each)}
    return FieldChange(each.field, listed, codes_text(wanted))


def _set_codes(each: FieldChange) -> Iterator[tuple[str, str, str]]:
    """Name, value before and value after of each code that an operation sets; "" for none."""
    before, after = codes_of(each.before), codes_of(each.after)
    for name in sorted(before | after):
        was, wanted = before.get(name, ""), after.get(name, "")
        if was != wanted:
            yield name, was, wanted


def set_names(each: FieldChange) -> list[str]:
    """The names of the codes that an operation sets."""
    return [name for name, _, _ in _set_codes(each)]


def mark(each: FieldChange) -> str:
    """A fingerprint of what a field is to be, by which it is known again in another plan; of a list, the codes it sets."""
    wanted = [[name, after] for name, _, after in _set_codes(each)] if each.field == LIST else each.after
    return hashlib.sha256(msgspec.json.encode([each.field, wanted])).hexdigest()[:16]
