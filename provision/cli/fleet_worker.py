"""How a process of a local fleet is prepared: a signal for the terminal's whole group stops it in good order, once who leads says so."""

from __future__ import annotations

import signal
from typing import Any

from provision.fleet.work import stop


def dask_setup(_worker: Any) -> None:
    """Called by Dask in the main thread of a new process. Ctrl-C is for whoever leads; a service that is ended ends all its processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: _stop())


def _stop() -> None:
    stop()
