"""One request from arrival to what is sent back: faults, the door, the route, and the log.

Everything that reads or changes the enterprise happens under one lock; waiting does not.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from provision.sandbox.api import transfers
from provision.sandbox.api.rights import identify
from provision.sandbox.api.sharing import invites
from provision.sandbox.errors import Answer, RefusedCall, gateway, rate_limited, unknown_version
from provision.sandbox.trouble import mishaps
from provision.sandbox.trouble.faults import Fault, FaultKind, Faults
from provision.sandbox.world import Call, Request, World

from .access_log import LogLine, Written
from .routes import find

if TYPE_CHECKING:
    from collections.abc import Callable

    from provision.sandbox.model.state import Book

    from .access_log import AccessLog

_LOG_LENGTH = 200_000
#: of Box's API (Box guide, API versioning strategy); one a year
VERSIONS = frozenset({"2024.0", "2025.0", "2026.0"})


@dataclass(frozen=True, slots=True)
class Delivery:
    """What goes over the wire: answer None closes the connection; `halved` stops in the middle of the body."""

    answer: Answer | None
    halved: bool = False
    silence: float = 0


@dataclass(frozen=True, slots=True)
class _Late:
    due: float
    request: Request
    user_id: str
    perform: Callable[[], Answer]


class Service:
    """Answers requests against one world."""

    def __init__(
        self, world: World, faults: Faults, book: Book, latency: float, access: AccessLog | None = None
    ) -> None:
        self.world = world
        self.faults = faults
        self.lock = threading.RLock()
        self.log: deque[LogLine] = deque(maxlen=_LOG_LENGTH)
        self._book = book
        self._latency = latency
        self._access = access
        self._late: list[_Late] = []
        self._pages = mishaps.Pages()

    def deliver(self, request: Request) -> Delivery:
        """What to send for a request; waits for latency and slowness without holding the lock."""
        if self._latency:
            self.world.clock.wait(self._latency)
        with self.lock:
            self.settle()
            fault = self.faults.due(request)
        if fault is not None and fault.fault is FaultKind.SLOW:
            self.world.clock.wait(fault.delay)
        with self.lock:
            said = self._decide(request, fault)
            self._book.commit()
            self._note(request, said, fault)
        return said[0]

    def begin_anew(self, world: World) -> None:
        """Go on with another world; what was to land later never will."""
        self.world, self._late, self._pages = world, [], mishaps.Pages()

    def commit(self) -> None:
        """Make what was changed past the door last."""
        self._book.commit()

    def is_kept(self, request: Request) -> bool:
        """Whether a request is still needed after its answer, because it takes effect later."""
        with self.lock:
            return any(late.request is request for late in self._late)

    def settle(self) -> None:
        """Carry out the late writes that are due, and end the transfers that are."""
        with self.lock:
            now = self.world.clock.now()
            due = sorted((one for one in self._late if one.due <= now), key=lambda one: one.due)
            for late in due:
                self._late.remove(late)
                self._land(late)
            if transfers.settle(self.world) | invites.settle(self.world) or due:
                self._book.commit()

    def close(self) -> None:
        """Let go of the state file."""
        with self.lock:
            self._book.close()
            self.world.blobs.close()
            if self._access is not None:
                self._access.close()

    def _decide(self, request: Request, fault: Fault | None) -> tuple[Delivery, Written, str]:
        if fault is not None and mishaps.keeps_out(fault):
            return Delivery(mishaps.instead(fault, request, self.world)), Written.NO, ""
        try:
            user_id, perform = self._admitted(request)
        except RefusedCall as refusal:
            return Delivery(refusal.answer(request.request_id)), Written.NO, ""
        except Exception:  # noqa: BLE001  whatever it is, a client gets an answer
            return Delivery(own_fault(request)), Written.NO, ""
        if fault is not None and fault.fault is FaultKind.WRITTEN_LATE:
            self._late.append(_Late(self.world.clock.now() + fault.delay, request, user_id, perform))
            return Delivery(mishaps.without_result(fault, request)), Written.LATE, user_id
        self._edit(request, fault, "before")
        answer, written = self._performed(perform, request)
        self._edit(request, fault, "after")
        return self._after(request, fault, answer), written, user_id

    def _edit(self, request: Request, fault: Fault | None, moment: str) -> None:
        if fault is not None and fault.fault is FaultKind.EDITED and fault.moment == moment:
            mishaps.edit(fault, request, self.world)

    def _performed(self, perform: Callable[[], Answer], request: Request) -> tuple[Answer, Written]:
        before = self.world.enterprise.changes
        try:
            answer = perform()
        except RefusedCall as refusal:
            answer = refusal.answer(request.request_id)
        except Exception:  # noqa: BLE001  whatever it is, a client gets an answer
            answer = own_fault(request)
        return answer, Written.YES if self.world.enterprise.changes > before else Written.NO

    def _land(self, late: _Late) -> None:
        answer, written = self._performed(late.perform, late.request)
        self._log(late.request, answer.status, written, late.user_id, "landed")
        if late.request.spool is not None:
            late.request.spool.close()

    def _admitted(self, request: Request) -> tuple[str, Callable[[], Answer]]:
        """Who the call acts as, and the call itself, ready to be made; a RefusedCall for who may not."""
        route, args = find(request.method, request.path)
        if route.door is not None:
            return "", partial(route.door, self.world, request)
        version = request.headers.get("box-version")
        if version is not None and version not in VERSIONS:
            raise unknown_version(version)
        actor = identify(self.world, request)
        seconds = self.world.limiter.charge(actor.charged, self.world.clock.now())
        if seconds:
            raise rate_limited(seconds, self.world.choices.rate_limit_message)
        return actor.account.id, partial(route.room, self.world, Call(request, actor, args))

    def _after(self, request: Request, fault: Fault | None, answer: Answer) -> Delivery:
        if fault is None or fault.fault in (FaultKind.SLOW, FaultKind.EDITED):
            self._pages.remember(request, answer)
            return Delivery(answer)
        if fault.fault is FaultKind.STALLED_BODY:
            return Delivery(answer, halved=True, silence=fault.delay)
        if fault.fault in mishaps.WITHOUT_RESULT | mishaps.HTML:
            return Delivery(mishaps.without_result(fault, request))
        return Delivery(self._pages.spoilt(fault, request, answer))

    def _note(self, request: Request, said: tuple[Delivery, Written, str], fault: Fault | None) -> None:
        delivery, written, user_id = said
        status = delivery.answer.status if delivery.answer is not None else 0
        name = fault.fault.value if fault is not None else ""
        self._log(request, status, written, user_id, name)

    def _log(self, request: Request, status: int, written: Written, user_id: str, fault: str) -> None:
        at = self.world.clock.now()
        line = LogLine(at, request.method, request.path, status, written, user_id, fault)
        self.log.append(line)
        if self._access is not None:
            self._access.write(line)


def own_fault(request: Request) -> Answer:
    """The answer to a request that met a fault of the sandbox itself, which is told on stderr."""
    told = f"{request.method} {request.path} (request {request.request_id}): a fault of the sandbox"
    sys.stderr.write(f"{told}\n{traceback.format_exc()}")
    return gateway(500).answer(request.request_id)
