"""The databases that a ledger may lie in: the same is asked of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from provision.ledger.store import Ledger, open_ledger
from tests.postgres import Server


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a ledger that is not there yet, in each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state/ledger.db"
    found: Server = request.getfixturevalue("server")
    return found.ledger()


@pytest.fixture
def ledger(address: str) -> Iterator[Ledger]:
    """An open ledger that knows nothing."""
    opened = open_ledger(address)
    yield opened
    opened.close()
