"""Rows whose key could not be read: somebody who seems absent may be one of them, but not one of quite another name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from provision.frames import folded
from provision.letters import plain_name
from provision.model import UserKind
from provision.plan.columns import Mask, among


@dataclass(frozen=True)
class UnreadRow:
    """One row that leads to no account because of a missing key: its ``line``, and the ``words`` of its name.

    ``numbered``: it has an external id, so it may only be somebody whose external id nobody knows.
    """

    line: int
    words: frozenset[str]
    numbered: bool


@dataclass(frozen=True)
class Unread:
    """The rows that lead to no account because of a missing key."""

    rows: tuple[UnreadRow, ...] = ()

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset[str]().union(*(row.words for row in self.rows))

    @cached_property
    def _nameless(self) -> bool:
        return any(not row.words for row in self.rows)

    def may_be(self, external_id: str, name: str) -> list[int]:
        """The lines of these rows that may mean the absent person of this name and external id, "" if it is not known."""
        if not self.rows:
            return []
        words = _words_of(name)
        if words and not self._nameless and not words & self._words:
            return []
        return [
            row.line
            for row in self.rows
            if not (row.numbered and external_id) and (not row.words or not words or words & row.words)
        ]


def unread(bad: pd.DataFrame) -> Unread:
    """The rows that lead to no account, of which a key is missing. ``bad``: ``line``, and text ``external_id, login, kind, name``."""
    if bad.empty:
        return Unread()
    no_id, no_login = bad["external_id"] == "", bad["login"] == ""
    is_app = bad["kind"] == UserKind.APP.value
    anybody, unnumbered = no_id & (no_login | is_app), ~no_id & no_login & ~is_app
    lost = bad[anybody | unnumbered]
    cells = zip(lost["line"].tolist(), lost["name"].tolist(), unnumbered[lost.index].tolist(), strict=True)
    return Unread(tuple(UnreadRow(int(line), _words_of(name), numbered) for line, name, numbered in cells))


def _words_of(name: str) -> frozenset[str]:
    """The words of a name that tell people apart; an initial does not."""
    return frozenset(word for word in plain_name(name).split() if len(word) > 1)


def may_still_mean(bad: pd.DataFrame, accounts: pd.DataFrame) -> Mask:
    """For each account whether a bad row without a readable login, which leads to none, may mean it all the same.

    An external id can be wrong and not empty: cells that changed places, zeros that a spreadsheet ate. The login in its
    column tells then, or the name. ``bad``: one row each, text columns ``external_id, login, name``; ``accounts``:
    likewise ``login_key, name``.
    """
    lost = bad[bad["login"] == ""]
    if lost.empty:
        return np.zeros(len(accounts), np.bool_)
    return among(accounts["name"], lost["name"]) | among(accounts["login_key"], folded(lost["external_id"]))
