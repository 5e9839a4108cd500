"""Cells that mean something only under the header of one system, to their canonical text.

Each function takes a stripped, filled cell and raises ValueError as :mod:`provision.roster.cells.canonical` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from provision.roster.cells.canonical import boolean
from provision.roster.cells.sizes import size

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_STATE_OF_WORKER = re.compile(r"\s*\((?:on leave|terminated)\)$", re.IGNORECASE)


def enabled(text: str) -> str:
    """Microsoft Entra, ``accountEnabled``: a status from true or false."""
    return "active" if boolean(text) == "true" else "inactive"


def gigabytes(text: str) -> str:
    """Box Admin Console, bulk edit, ``GB``: a number without a unit means gigabytes."""
    return size(f"{text} GB" if _NUMBER.fullmatch(text) else text)


def worker(text: str) -> str:
    """Workday, ``Worker``: the name without the state that is written behind it, as in ``Ada Byron (On Leave)``."""
    return _STATE_OF_WORKER.sub("", text)


def turned_round(text: str) -> str:
    """BambooHR, ``Last name, First name``: the name in the order in which it is said."""
    if text.count(",") > 1:
        raise ValueError("more than one comma; export first and last name as columns of their own")
    family, _, given = text.partition(",")
    return f"{given.strip()} {family.strip()}".strip()


#: roster field and squashed header to what reads the cells below it
BY_HEADER: dict[tuple[str, str], Callable[[str], str]] = {
    ("status", "accountenabled"): enabled,
    ("space_amount", "gb"): gigabytes,
    ("name", "worker"): worker,
    ("name", "lastnamefirstname"): turned_round,
}
