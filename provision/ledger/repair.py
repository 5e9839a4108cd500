"""A damaged ledger makes room for one that is made anew; nothing of it is thrown away."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path

from provision.errors import DamagedLedger
from provision.files import trouble_with
from provision.keyed import NO_KEYS, Keys
from provision.ledger.address import file_of
from provision.ledger.store import open_ledger

#: the database, and what SQLite keeps beside it: transactions that may not be in it yet
_PARTS = ("", "-wal", "-shm")


def set_aside_if_damaged(url: str, at: datetime, keys: Keys = NO_KEYS) -> Path | None:
    """Move a ledger that is no database or not sound to ``<name>.broken-<UTC time>``; there, or None if it is sound.

    Raises InputError if it cannot be looked at or moved.
    """
    try:
        with contextlib.closing(open_ledger(url, keys)) as ledger:
            ledger.examine()
    except DamagedLedger:
        path = file_of(url)
        if path is None:
            raise
        return _moved(path, f"{path.name}.broken-{at:%Y%m%dT%H%M%SZ}")
    return None


def _moved(path: Path, name: str) -> Path:
    with trouble_with(path):
        for part in _PARTS:
            with contextlib.suppress(FileNotFoundError):
                path.with_name(f"{path.name}{part}").rename(path.with_name(f"{name}{part}"))
    return path.with_name(name)
