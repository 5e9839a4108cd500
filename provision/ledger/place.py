"""Whether a ledger is there at all, told without the database library: that takes longer to load than a first check does."""

from __future__ import annotations

import re
from pathlib import Path

_FILE = re.compile(r"sqlite(?:\+\w+)?:///([^?%]+)(?:\?.*)?", re.DOTALL)


def nothing_there(url: str) -> bool:
    """Whether a database URL names a file that is not there; False for every URL that is not plainly one of a file.

    Escapes (``%20``) are left to the library, whose releases read them in different ways.
    """
    match = _FILE.fullmatch(url)
    if match is None or match[1] == ":memory:" or match[1].startswith("file:"):
        return False
    return not Path(match[1]).exists()
