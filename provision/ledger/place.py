"""Whether a ledger is there at all, told without the database library: that takes longer to load than a first check does."""

from __future__ import annotations

import re
from pathlib import Path

_FILE = re.compile(r"sqlite(?:\+\w+)?:///([^?%]+)(?:\?.*)?", re.DOTALL)


def nothing_there(url: str) -> bool:
    """Whether a database URL names a file that is not there; False for every URL that is not plainly one of a file."""
    file = plain_file(url)
    return file is not None and not file.exists()


def plain_file(url: str) -> Path | None:
    """The file of a database URL; None for every URL that is not plainly one of a file.

    Escapes (``%20``) are left to the library, whose releases read them in different ways.
    """
    match = _FILE.fullmatch(url)
    if match is None or match[1] == ":memory:" or match[1].startswith("file:"):
        return None
    return Path(match[1])
