"""How a run is stopped: by a signal, or by an error that every further call would meet too."""

from __future__ import annotations

import threading

from provision.errors import Interrupted, ProvisionError


class Halt:
    """Set once; the first reason counts. What is in flight is finished, nothing new is begun."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._reason: ProvisionError | None = None

    @property
    def wanted(self) -> bool:
        """Whether the run is to stop."""
        return self._event.is_set()

    @property
    def reason(self) -> ProvisionError | None:
        """Why, or None."""
        return self._reason

    def request(self, reason: ProvisionError) -> None:
        """Ask for the stop."""
        with self._lock:
            self._reason = self._reason or reason
        self._event.set()

    def sleep(self, seconds: float) -> None:
        """Sleep; raises Interrupted as soon as the run is to stop."""
        if self._event.wait(max(seconds, 0.0)):
            raise interrupted()


def interrupted() -> Interrupted:
    """The error for a run that a person or the system stopped."""
    return Interrupted(
        "The run was stopped; what was in flight was finished, nothing is lost.",
        remedy="run the job again: it goes on with what is still to be done",
    )


def away() -> Interrupted:
    """The error for a Box that cannot be reached any more."""
    return Interrupted(
        "Box could not be reached any more, so the run stopped; nothing is lost.",
        cause="the network is down or Box is having trouble",
        remedy="look at https://status.box.com, then run the job again: it goes on with what is still to be done",
    )
