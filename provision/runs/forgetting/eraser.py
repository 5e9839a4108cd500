"""What becomes of a value of the person: a pseudonym where it names them, nothing where it tells something of them.

A pseudonym is made with the job's key, the same for the same value wherever it stands: what was done to one account stays told of one
account, and nobody without the key reckons it back.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape, unescape
from typing import Any

import pandas as pd

from provision.model import ATTRIBUTE, TRACKING_PREFIX, escaped, fold
from provision.report.without_people import bare
from provision.runs.seal.key import SealKey

#: in the place of what is told of the person
FORGOTTEN = "(forgotten)"
#: digits of a pseudonym
_DIGITS = 16
#: a shorter number, or a shorter word, is not looked for within sentences: it stands there for something else
_NUMBER, _WORD = 5, 4
#: how a value stands within a longer text: by itself
_BEFORE, _BEHIND = r"(?<![\w@.+%-])", r"(?![\w@+-]|\.\w)"
#: keys of records that name whom a record is about
_NAMING = (
    "box_id",
    "external_id",
    "login",
    "login_key",
    "key",
    "subject",
    "hold_id",
    "person",
    "id",
    "change",
    "change_id",
)
#: what such a record tells of the person
_SENTENCES = ("sentence", "do", "reason", "why", "cell", "value")
_REASONS = ("because", "evidence", "hold")
_EMPTIED = frozenset((
    "before", "after", "changes", "segment", "to", "to_key", "asks", "manager", "transfer_to", "aim", "approve", "heard",
    "starts_on", "ends_on", "start_date", "end_date", "aliases", "groups", "action", "tracking_codes",
    *(name for name in ATTRIBUTE if name not in ("status", "role", "name", "login")),
))  # fmt: skip


@dataclass(frozen=True)
class Eraser:
    """Whom to forget: ``ids`` are Box ids, external ids and logins, ``names`` those of the person; ``key`` makes the pseudonyms.

    ``more``: hashes of a login that stand in one folder alone, as what its log says in the place of an address.
    """

    ids: frozenset[str]
    names: frozenset[str]
    key: SealKey = field(repr=False)
    more: tuple[tuple[str, str], ...] = ()

    def pseudonym(self, value: str) -> str:
        """What stands in the place of a value."""
        return f"forgotten-{self.key.seal_of(f'forgotten{chr(0)}{fold(value)}')[:_DIGITS]}"

    @cached_property
    def known(self) -> Mapping[str, str]:
        """The pseudonyms by folded value, in each form in which the value stands as a whole."""
        found = dict(self.more)
        for value in self.ids:
            told = self.pseudonym(value)
            digest = hashlib.sha256(fold(value).encode()).hexdigest()
            for form in (value, escaped(value), f"login={digest[:16]}"):
                found[fold(form)] = told
        return {**{fold(name): FORGOTTEN for name in self.names}, **found}

    @cached_property
    def telling(self) -> tuple[str, ...]:
        """The values that are told from other words wherever they stand, the longest first."""
        return tuple(sorted((one for one in self.known if _telling(one)), key=len, reverse=True))

    @cached_property
    def _anywhere(self) -> re.Pattern[str]:
        forms = {form for one in self.telling for form in (one, escape(one), escape(one, quote=False))}
        words = "|".join(re.escape(one) for one in sorted(forms, key=len, reverse=True))
        return re.compile(f"{_BEFORE}(?:{words}){_BEHIND}" if words else r"(?!)", re.IGNORECASE)

    @cached_property
    def _in_ids(self) -> re.Pattern[str]:
        """All values, as parts of the id of an operation."""
        words = "|".join(re.escape(one) for one in sorted(self.known, key=len, reverse=True))
        return re.compile(rf"(?:(?<=[:,;])|^)(?:{words})(?=[:,;]|$)" if words else r"(?!)", re.IGNORECASE)

    def text(self, text: str) -> str:
        """A text without the person; one that says nothing of them as it is."""
        if not text:
            return text
        if (told := self.known.get(fold(text))) is not None:
            return told
        text = self._anywhere.sub(lambda found: self._of(found[0]), text)
        return text if " " in text else self._in_ids.sub(lambda found: self._of(found[0]), text)

    def _of(self, found: str) -> str:
        return self.known.get(fold(found)) or self.known.get(fold(unescape(found)), FORGOTTEN)

    def names_them(self, record: Mapping[str, Any]) -> bool:
        """Whether a record is about the person."""
        told = (record.get(name) for name in _NAMING)
        return any(isinstance(one, str) and one and self._is_about(one) for one in told)

    def _is_about(self, text: str) -> bool:
        return fold(text) in self.known or (" " not in text and self._in_ids.search(text) is not None)

    def tree(self, value: Any, *, own: bool = False) -> Any:
        """Plain values, as JSON has them, without the person; ``own``: they are part of a record about them."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            own = own or self.names_them(value)
            return {self.text(str(name)): self._cell(str(name), one, own=own) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.tree(one, own=own) for one in value]
        return value

    def _cell(self, name: str, value: Any, *, own: bool) -> Any:
        if not own or not isinstance(value, str) or not value:
            return self.tree(value, own=own)
        if name in _EMPTIED or name.startswith(TRACKING_PREFIX):
            return ""
        if name in _SENTENCES or name == "name":
            return FORGOTTEN
        return self.reason(value) if name in _REASONS else self.text(value)

    def reason(self, because: str) -> str:
        """Why something was decided about them: the codes stay, and days and counts."""
        with contextlib.suppress(ValueError):
            return bare(because)
        return ""

    def table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A table of people or operations without them: own rows by their keys, and everywhere else where they are named."""
        texts = [name for name in frame.columns if pd.api.types.is_string_dtype(frame[name])]
        own = pd.Series(data=False, index=frame.index)
        for name in (name for name in _NAMING if name in texts):
            own |= frame[name].map(lambda text: bool(text) and self._is_about(text)).astype(bool)
        found = frame.copy()
        for name in texts:
            column = frame[name].astype(object)
            told = {text: self.text(text) for text in column.unique()}
            column = column.map(told)
            column[own] = [self._cell(name, text, own=True) for text in frame.loc[own, name]]
            found[name] = column.astype(frame[name].dtype)
        return found

    def shows(self, text: str) -> bool:
        """Whether a text still has a value of the person, as far as that can be told from other words."""
        folded = text.casefold()
        return any(one in folded for one in self.telling) and self._anywhere.search(text) is not None

    def with_more(self, more: Iterable[tuple[str, str]]) -> Eraser:
        """The same for one folder."""
        return Eraser(self.ids, self.names, self.key, tuple((fold(one), told) for one, told in more))


def _telling(value: str) -> bool:
    if value.isdecimal():
        return len(value) >= _NUMBER
    return len(value) >= _WORD
