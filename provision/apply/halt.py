"""How a run is stopped: by a signal, or by an error that every further call would meet too."""

from __future__ import annotations

import queue

from provision.errors import (
    BoxFault,
    Expired,
    Interrupted,
    NotSent,
    ProvisionError,
    Rejected,
    SignInRefused,
    Throttled,
)


class Halt:
    """Set once; the first reason counts. What is in flight is finished, nothing new is begun.

    Free of locks of its own, since a signal may ask for the stop in the middle of any line of the main thread.
    """

    def __init__(self) -> None:
        self._reasons: list[ProvisionError] = []
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()

    @property
    def wanted(self) -> bool:
        """Whether the run is to stop."""
        return bool(self._reasons)

    @property
    def reason(self) -> ProvisionError | None:
        """Why, or None."""
        return self._reasons[0] if self._reasons else None

    def request(self, reason: ProvisionError) -> None:
        """Ask for the stop."""
        self._reasons.append(reason)
        self._bell.put(None)

    def sleep(self, seconds: float) -> None:
        """Sleep; raises Interrupted as soon as the run is to stop."""
        try:
            self._bell.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            return
        self._bell.put(None)  # the next sleeper hears it too
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


def halt_if_hopeless(fault: BoxFault, halt: Halt) -> None:
    """Ask for the stop if this fault would meet every further call too."""
    if isinstance(fault, NotSent | Throttled):
        halt.request(away())
    if isinstance(fault, Expired):
        halt.request(
            SignInRefused(
                "Box no longer accepts the sign-in (HTTP 401); the run stopped.",
                cause="a token that was revoked, or an app whose authorisation was taken back",
                remedy="have an admin authorise the app again, then run the job again",
            )
        )
    if isinstance(fault, Rejected) and fault.scope_missing:
        halt.request(
            SignInRefused(
                "Box says that this app may not do this (HTTP 403 insufficient_scope); the run stopped.",
                cause="the app lacks the scope 'Manage users'",
                remedy="grant it in the Developer Console, have an admin authorise the app again, then run the job again",
            )
        )
