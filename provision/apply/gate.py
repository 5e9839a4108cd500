"""The gate in front of the journal: lets operations begin while there is use for more of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager


class Gate(AbstractContextManager[None]):
    """``with gate:`` waits until fewer than ``breadth()`` operations are inside, and is one of them until it leaves.

    ``breadth`` is asked whenever somebody comes or goes, and must not raise. Who is inside never waits here, and with
    nobody inside one may always enter: so all get through, whatever it answers.
    """

    def __init__(self, breadth: Callable[[], int]) -> None:
        self._breadth = breadth
        self._inside = 0
        self._turn = threading.Condition()

    def __enter__(self) -> None:
        with self._turn:
            self._turn.wait_for(self._has_room)
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._turn:
            self._inside -= 1
            self._turn.notify(max(0, self._room()))

    def _has_room(self) -> bool:
        return self._room() > 0

    def _room(self) -> int:
        return max(1, self._breadth()) - self._inside
