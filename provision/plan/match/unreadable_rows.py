"""Bad rows whose key could not be read: any person who seems absent may be one of them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from provision.frames import folded
from provision.model import UserKind
from provision.plan.columns import Mask, among


@dataclass(frozen=True, slots=True)
class Unread:
    """How many bad rows lead to no account because of a missing key.

    ``anybody`` of them may be anybody. ``unnumbered`` of them have an external id but no login, so they may only be
    people whose external id nobody knows.
    """

    anybody: int = 0
    unnumbered: int = 0

    def may_be(self, external_id: str) -> int:
        """How many of these rows may mean the absent person with this external id, "" if it is not known."""
        return self.anybody if external_id else self.anybody + self.unnumbered


def unread(bad: pd.DataFrame) -> Unread:
    """Count bad rows that lead to no account. ``bad``: one row each, text columns ``external_id, login, kind``."""
    no_id, no_login = bad["external_id"] == "", bad["login"] == ""
    is_app = bad["kind"] == UserKind.APP.value
    return Unread(int((no_id & (no_login | is_app)).sum()), int((~no_id & no_login & ~is_app).sum()))


def may_still_mean(bad: pd.DataFrame, accounts: pd.DataFrame) -> Mask:
    """For each account whether a bad row without a readable login, which leads to none, may mean it all the same.

    An external id can be wrong and not empty: cells that changed places, zeros that a spreadsheet ate. The login in its
    column tells then, or the name. ``bad``: one row each, text columns ``external_id, login, name``; ``accounts``:
    likewise ``login_key, name``.
    """
    lost = bad[bad["login"] == ""]
    return among(accounts["name"], lost["name"]) | among(accounts["login_key"], folded(lost["external_id"]))
