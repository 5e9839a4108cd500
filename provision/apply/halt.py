"""How a run is stopped: by a signal, or by an error that every further call would meet too."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
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
from provision.operations.kind import LOOK_EVERY, LOOK_FIRST, LOOK_TWICE
from provision.operations.registry import OPERATIONS
from provision.operations.value import Change

_GO_ON = (
    "finish this very run with provision resume RUN, or run the job again: either goes on with what is left"
)


class Halt:
    """Set once; the first reason counts. What is in flight is finished, nothing new is begun.

    Free of locks of its own, since a signal may ask for the stop in the middle of any line of the main thread.
    """

    def __init__(self) -> None:
        self._reasons: list[ProvisionError] = []
        self._looks: list[Callable[[], ProvisionError | None]] = []
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()

    @property
    def wanted(self) -> bool:
        """Whether the run is to stop."""
        for look in () if self._reasons else self._looks:
            if (trouble := look()) is not None:
                self.request(trouble)
        return bool(self._reasons)

    @property
    def reason(self) -> ProvisionError | None:
        """Why, or None."""
        return self._reasons[0] if self._reasons else None

    def request(self, reason: ProvisionError) -> None:
        """Ask for the stop."""
        self._reasons.append(reason)
        self._bell.put(None)

    @contextlib.contextmanager
    def looking(self, look: Callable[[], ProvisionError | None]) -> Iterator[None]:
        """Meanwhile ask this, too, whenever somebody asks whether to stop: a machine that sleeps hears no bell."""
        self._looks.append(look)
        try:
            yield
        finally:
            self._looks.remove(look)

    def sleep(self, seconds: float) -> None:
        """Sleep; raises Interrupted as soon as the run is to stop."""
        try:
            self._bell.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            if not self.wanted:
                return
        self._bell.put(None)  # the next sleeper hears it too
        raise interrupted()


def interrupted() -> Interrupted:
    """The error for a run that a person or the system stopped."""
    return Interrupted(
        "The run was stopped; what was in flight was finished, nothing is lost.",
        remedy=_GO_ON,
    )


def away(fault: BoxFault) -> Interrupted:
    """The error for a Box that cannot be reached any more, or answers that it cannot for longer than the job waits."""
    status = fault.answer.http_status
    told = (
        f"Box answered HTTP {status} to all that was sent for longer than apply.give_up_after"
        if status
        else ""
    )
    return Interrupted(
        f"{told or 'Box could not be reached any more'}, so the run stopped; nothing is lost.",
        cause="Box, or a proxy in front of it, is having trouble"
        if status
        else "the network is down or Box is having trouble",
        remedy=f"look at https://status.box.com, then {_GO_ON}",
    )


def throttled(fault: Throttled) -> Interrupted:
    """The error for a Box that asks for patience for longer than the job waits."""
    return Interrupted(
        f"{fault.told} It did so for longer than apply.give_up_after, so the run stopped; nothing is lost.",
        cause=fault.usually,
        remedy=f"lower apply.requests_per_minute, or run when nobody else uses the account; then {_GO_ON}",
    )


#: from so many refusals on, and with nobody who is let through, they are no longer the trouble of single people …
_FEWEST = 3
#: … and of so many, spread over the whole plan, they are that no more however many are planned
_MOST = 50
#: accounts that somebody else made meanwhile, from which on that is no accident
_TOO_MANY = 3
#: what Box answers for somebody who is held back by a policy, or is locked: that person's outcome, however often
_HELD_BACK = "forbidden"
#: what it answers where a policy of the enterprise, or an information barrier, is about this very person
_POLICIES = ("denied_by_policy", "forbidden_by_policy")


@dataclass(frozen=True, slots=True)
class LastTime:
    """What the run before tells of refusals.

    ``accepted``: kinds of operation of which somebody was let through. ``refused``: ids of the operations that Box refused
    while others of their kind went through, then or in runs before it: these are about single people.
    """

    accepted: frozenset[Kind] = frozenset()
    refused: frozenset[str] = frozenset()


class Refusals:
    """Counts the 403s of each kind of operation. Shared by all workers.

    A refusal is the kind's only if nobody of the kind succeeds, in this run or in the last one; then no more of that kind are
    sent, and the others go on. A few people whom Box always refuses, wherever they stand in the plan, keep nobody else
    waiting: they are tried last from the next run on. Where Box says itself that a scope is missing, what happened in the last
    run is no word against it, and even one operation is enough if no more of its kind are planned.
    """

    def __init__(self, planned: Iterable[Change] = (), last: LastTime | None = None) -> None:
        self._lock = threading.Lock()
        self._last = last or LastTime()
        self._planned = Counter(change.kind for change in planned if change.id not in self._last.refused)
        self._accepted: set[Kind] = set()
        self._counts: Counter[Kind] = Counter()
        self._stopped: dict[Kind, SignInRefused] = {}

    @property
    def reason(self) -> SignInRefused | None:
        """Why a kind was stopped, the first one if there are several; None for none."""
        return next(iter(self._stopped.values()), None)

    def stopped(self, kind: Kind) -> bool:
        """Whether no more operations of this kind are sent."""
        return kind in self._stopped

    def in_turn(self, changes: Sequence[Change]) -> list[Change]:
        """In which order they are sent: some of all over the plan first, and whoever was refused last time last."""
        again = [change for change in changes if self.refused_before(change)]
        others = [change for change in changes if not self.refused_before(change)]
        step = len(others) // _MOST or 1
        spread = others[::step] if step > 1 else others
        first = {change.id for change in spread}
        return [*spread, *(change for change in others if change.id not in first), *again]

    def refused_before(self, change: Change) -> bool:
        """Whether Box refused this very operation last time, while others of its kind went through."""
        return change.id in self._last.refused

    def accepted(self, kind: Kind) -> None:
        """An operation of this kind was carried out, or refused for a reason of its own."""
        with self._lock:
            self._accepted.add(kind)

    def count(self, change: Change, fault: BoxFault) -> None:
        """Count a fault; refusals of a kind of which nobody is let through stop it."""
        kind, answer = change.kind, fault.answer
        policy = answer.code in _POLICIES or (OPERATIONS[kind].held_back and answer.code == _HELD_BACK)
        if answer.http_status != HTTPStatus.FORBIDDEN or policy:
            if answer.http_status and not fault.transient:
                self.accepted(kind)  # Box has looked into this one
            return
        if self.refused_before(change):
            return
        scope = isinstance(fault, Rejected) and fault.scope_missing
        accepted = self._accepted if scope else self._accepted | self._last.accepted
        with self._lock:
            self._counts[kind] += 1
            most = max(1 if scope else _FEWEST, min(self._planned[kind], _MOST))
            if kind not in accepted and self._counts[kind] >= most:
                told = without_scope if scope else nobody_let_through
                self._stopped.setdefault(kind, told(kind, self._counts[kind], fault))


class Strangers:
    """Notices that somebody else makes the accounts this run is about to make. Shared by all workers.

    A single one may have been made by hand. Several are another run that this one knows nothing of: another machine with a
    ledger of its own, which no lock keeps apart. Each would make what the other makes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen = 0
        self._asked = 0

    def looks(self) -> int:
        """How often to look at what Box might take a second time: before it is made, or afterwards too. Now and then, and once one was seen."""
        with self._lock:
            self._asked += 1
            number, first = divmod(self._asked - LOOK_FIRST, LOOK_EVERY)
            if self._seen or (first == 0 and number < LOOK_TWICE):
                return 2
            return int(first == 0)

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


def nobody_let_through(kind: Kind, count: int, fault: BoxFault) -> SignInRefused:
    """The error for a kind that Box lets nobody have."""
    told = f"HTTP 403 {fault.answer.code}".rstrip()
    return SignInRefused(
        f"Box refused all {count} operations of the kind {kind} that were sent ({told}); no more of that kind are sent.",
        cause="the app, or the account behind the sign-in, lacks a right for this, as the scope 'Manage users'; or Box's rules "
        "forbid it for these people",
        remedy="compare the rights in the Developer Console, have an admin authorise the app again (Admin Console), then "
        f"{_GO_ON}",
    )


def without_scope(kind: Kind, count: int, fault: BoxFault) -> SignInRefused:
    """The error for a kind that Box lets nobody have, and says that the app lacks the scope for it."""
    what = nobody_let_through(kind, count, fault).what
    return SignInRefused(
        what,
        cause="the app lacks the scope for this: 'Manage users', for groups 'Manage groups'",
        remedy=f"grant it in the Developer Console, have an admin authorise the app again (Admin Console), then {_GO_ON}",
    )


def halt_if_hopeless(fault: BoxFault, halt: Halt) -> None:
    """Ask for the stop if this fault would meet every further call too."""
    if isinstance(fault, Throttled):
        halt.request(throttled(fault))
    if isinstance(fault, Away):
        halt.request(away(fault))
    if isinstance(fault, Expired):
        halt.request(
            SignInRefused(
                "Box no longer accepts the sign-in (HTTP 401); the run stopped.",
                cause="a token that was revoked, or an app whose authorisation was taken back",
                remedy="have an admin authorise the app again, then provision resume RUN",
            )
        )
