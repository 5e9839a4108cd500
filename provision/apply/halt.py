"""How a run is stopped: by a signal, or by an error that every further call would meet too."""

from __future__ import annotations

import queue
import threading
from http import HTTPStatus

from provision.errors import (
    Away,
    BoxFault,
    Expired,
    Interrupted,
    Locked,
    ProvisionError,
    Rejected,
    SignInRefused,
    Throttled,
)
from provision.model import Kind
from provision.operations.kind import LOOK_EVERY, LOOK_FIRST
from provision.operations.registry import OPERATIONS

_GO_ON = (
    "finish this very run with provision resume RUN, or run the job again: either goes on with what is left"
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
        remedy=_GO_ON,
    )


def away() -> Interrupted:
    """The error for a Box that cannot be reached any more."""
    return Interrupted(
        "Box could not be reached any more, so the run stopped; nothing is lost.",
        cause="the network is down or Box is having trouble",
        remedy=f"look at https://status.box.com, then {_GO_ON}",
    )


#: accounts that somebody else made meanwhile, from which on that is no accident
_TOO_MANY = 3
#: refusals in a row that are no longer the trouble of single people
_IN_A_ROW = 3
#: what Box answers for somebody who is held back by a policy, or is locked: that person's outcome, however often
_HELD_BACK = "forbidden"


class Refusals:
    """Counts the 403s that one kind of operation gets in a row. Shared by all workers.

    The third one stops that kind, not the run: a few people whom Box always refuses must not keep everybody else waiting.
    A scope that is missing is told by Box itself, and stops the run.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[Kind, tuple[str, int]] = {}
        self._stopped: dict[Kind, SignInRefused] = {}

    @property
    def reason(self) -> SignInRefused | None:
        """Why a kind was stopped, the first one if there are several; None for none."""
        return next(iter(self._stopped.values()), None)

    def stopped(self, kind: Kind) -> bool:
        """Whether no more operations of this kind are sent."""
        return kind in self._stopped

    def accepted(self, kind: Kind) -> None:
        """An operation of this kind was carried out, or refused for a reason of its own."""
        with self._lock:
            self._rows.pop(kind, None)

    def count(self, kind: Kind, fault: BoxFault) -> None:
        """Count a fault; the third refusal in a row for the same reason stops the kind."""
        answer = fault.answer
        policy = OPERATIONS[kind].held_back and answer.code == _HELD_BACK
        if answer.http_status != HTTPStatus.FORBIDDEN or policy:
            if answer.http_status and not fault.transient:
                self.accepted(kind)  # Box has looked into this one
            return
        with self._lock:
            code, row = self._rows.get(kind, (answer.code, 0))
            self._rows[kind] = (answer.code, row + 1 if code == answer.code else 1)
            if self._rows[kind][1] >= _IN_A_ROW:
                self._stopped.setdefault(kind, refused_in_a_row(kind, fault))


class Strangers:
    """Notices that somebody else makes the accounts this run is about to make. Shared by all workers.

    A single one may have been made by hand. Several are another run that this one knows nothing of: another machine with a
    ledger of its own, which no lock keeps apart. Each would make what the other makes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen = 0
        self._asked = 0

    def wants_look(self) -> bool:
        """Whether to look just before what Box might take a second time: soon, now and then, and once one was seen."""
        with self._lock:
            self._asked += 1
            return bool(self._seen) or self._asked % LOOK_EVERY == LOOK_FIRST

    def came_up(self, halt: Halt) -> None:
        """Count an account that somebody else has made meanwhile; the third one stops the run."""
        with self._lock:
            self._seen += 1
            if self._seen == _TOO_MANY:
                halt.request(others_at_work(self._seen))


def others_at_work(number: int) -> Locked:
    """The error for a run beside which somebody else creates the same people."""
    return Locked(
        f"Somebody else creates the same people: {number} accounts that this run was about to make came up since its plan was "
        "made. It stopped, so that nobody gets two.",
        cause="the same job runs on another machine, with a ledger of its own",
        remedy="let it run in one place, or give both the same 'state'; then run it again, which plans afresh",
    )


def refused_in_a_row(kind: Kind, fault: BoxFault) -> SignInRefused:
    """The error for a kind of operation that Box lets nobody have."""
    told = f"HTTP 403 {fault.answer.code}".rstrip()
    return SignInRefused(
        f"Box refused {_IN_A_ROW} operations of the kind {kind} in a row ({told}); no more of that kind were sent.",
        cause="the app lacks a right for this, as the scope 'Manage users'; or Box's rules forbid it for these people",
        remedy=f"grant it in the Developer Console and authorise the app again (Admin Console), then {_GO_ON}",
    )


def halt_if_hopeless(fault: BoxFault, halt: Halt) -> None:
    """Ask for the stop if this fault would meet every further call too."""
    if isinstance(fault, Away | Throttled):
        halt.request(away())
    if isinstance(fault, Expired):
        halt.request(
            SignInRefused(
                "Box no longer accepts the sign-in (HTTP 401); the run stopped.",
                cause="a token that was revoked, or an app whose authorisation was taken back",
                remedy="have an admin authorise the app again, then provision resume RUN",
            )
        )
    if isinstance(fault, Rejected) and fault.scope_missing:
        halt.request(
            SignInRefused(
                "Box says that this app may not do this (HTTP 403 insufficient_scope); the run stopped.",
                cause="the app lacks the scope 'Manage users'",
                remedy="grant it in the Developer Console, have an admin authorise the app again, then provision resume RUN",
            )
        )
