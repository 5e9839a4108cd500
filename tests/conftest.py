"""What every test starts with: how many examples a property is tried on, how often Python looks for cycles, quick waits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from provision.__main__ import look_rarely_for_cycles
from provision.apply.halt import Halt
from provision.box.pacing.timing import Timing
from provision.runs.observer import system_timing
from tests import examples
from tests.postgres import Server, running

examples.choose_profile()
look_rarely_for_cycles()  # as the program does


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands in this process wait without waiting: the clock that they wait by goes on instead."""

    def timing(halt: Halt) -> Timing:
        real = system_timing(halt)
        waited: list[float] = []

        def sleep(seconds: float) -> None:
            real.sleep(0)
            waited.append(seconds)

        return Timing(lambda: real.clock() + sum(waited), sleep, real.random)

    monkeypatch.setattr("provision.cli.terminal.system_timing", timing)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server."""
    with running() as found:
        yield found
