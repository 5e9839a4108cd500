"""The control address: faults, clock, answers of people and a new beginning, while the sandbox runs.

GET    /                     what there is
GET    /faults               the rules, and how often each has fired
POST   /faults               one more rule, or {"rules": [...]}, as in a fault script
DELETE /faults               no more faults
GET    /clock                how far ahead of the machine's clock this Box is
POST   /clock                {"move": 3600}: so many seconds later; {"ahead": 0}: the machine's time again
POST   /reset                the enterprise as at the start; its credentials stay
POST   /invites/ID           {"status": "accepted"} or "rejected": what the invited person says
POST   /collaborations/ID    {"status": "accepted"} or "rejected": what the invited grantee says
GET    /log                  the last requests; ?limit=N
"""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.api.sharing import collaborations, invites
from provision.sandbox.clock import Shifted
from provision.sandbox.errors import Answer, RefusedCall, failure, not_found, ok, unknown_path, wrong_method
from provision.sandbox.trouble.script import rules_of

from .service import Delivery, own_fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from provision.sandbox.world import Request, World

    from .service import Service

_HOSTS = frozenset({"127.0.0.1", "localhost"})


class Control:
    """Answers at the control address of one service."""

    def __init__(self, service: Service, reset: Callable[[], None]) -> None:
        self._service = service
        self._reset = reset
        self._verbs: dict[tuple[str, str], Callable[[Request], Answer]] = {
            ("GET", ""): self._index,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._set_clock,
            ("POST", "reset"): self._begin_anew,
            ("POST", "invites"): self._answer_invite,
            ("POST", "collaborations"): self._answer_collaboration,
            ("GET", "log"): self._log,
        }

    @property
    def world(self) -> World:
        """The world of the service, for its clock."""
        return self._service.world

    def is_kept(self, _: Request) -> bool:
        """Nothing is kept."""
        return False

    def deliver(self, request: Request) -> Delivery:
        """What to send for a request; nobody but programs of this machine that mean this address is answered."""
        try:
            _refuse_others(request)
            with self._service.lock:
                answer = self._room(request)(request)
                self._service.commit()
        except RefusedCall as refusal:
            answer = refusal.answer(request.request_id)
        except Exception:  # noqa: BLE001  whatever it is, a client gets an answer
            answer = own_fault(request)
        return Delivery(answer)

    def _room(self, request: Request) -> Callable[[Request], Answer]:
        name = request.path.strip("/").partition("/")[0]
        room = self._verbs.get((request.method, name))
        if room is not None:
            return room
        verbs = [method for method, known in self._verbs if known == name]
        raise wrong_method(verbs) if verbs else unknown_path()

    def _index(self, _: Request) -> Answer:
        return ok({"paths": [f"{method} /{name}" for method, name in self._verbs]})

    def _faults(self, _: Request) -> Answer:
        return ok({"rules": self._service.faults.told()})

    def _add_faults(self, request: Request) -> Answer:
        given = request.json()
        try:
            rules = rules_of(given.get("rules", [given]))
        except (msgspec.ValidationError, ValueError, TypeError, re.error) as error:
            raise failure(400, "bad_request", f"That is no rule of a fault script: {error}") from None
        for rule in rules:
            self._service.faults.add(rule)
        return self._faults(request)

    def _clear_faults(self, _: Request) -> Answer:
        self._service.faults.clear()
        return Answer(204)

    def _clock(self, _: Request) -> Answer:
        clock = self._shifted()
        return ok({"now": clock.now(), "ahead": clock.ahead})

    def _set_clock(self, request: Request) -> Answer:
        given, clock = request.json(), self._shifted()
        seconds = given.get("move", given.get("ahead"))
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise failure(400, "bad_request", "'move' or 'ahead' has to be a number of seconds")
        clock.ahead = float(seconds) + (clock.ahead if "move" in given else 0)
        self._service.settle()
        return self._clock(request)

    def _shifted(self) -> Shifted:
        clock = self._service.world.clock
        if not isinstance(clock, Shifted):
            raise failure(409, "conflict", "The clock of this sandbox cannot be moved")
        return clock

    def _begin_anew(self, _: Request) -> Answer:
        self._reset()
        return Answer(204)

    def _answer_invite(self, request: Request) -> Answer:
        wanted = request.path.rstrip("/").rpartition("/")[2]
        one = self.world.enterprise.invites.get(wanted)
        if one is None or one.status != "pending":
            raise not_found("invite", wanted)
        status = invites.answer(self.world, one, accepted=_is_yes(request)).status
        return ok({"id": wanted, "status": status})

    def _answer_collaboration(self, request: Request) -> Answer:
        wanted = request.path.rstrip("/").rpartition("/")[2]
        one = self.world.enterprise.collaborations.get(wanted)
        if one is None or one.status != "pending":
            raise not_found("collaboration", wanted)
        status = collaborations.answer(self.world, one, accepted=_is_yes(request)).status
        return ok({"id": wanted, "status": status})

    def _log(self, request: Request) -> Answer:
        text = request.query.get("limit", "100")
        limit = int(text) if text.isascii() and text.isdigit() else 100
        lines = list(self._service.log)[-limit:] if limit else []
        return ok({"entries": [asdict(line) for line in lines]})


def _refuse_others(request: Request) -> None:
    """A page in a browser can send requests here too: under another name that leads here, or as a form that says where it is from."""
    if request.headers.get("host", "").partition(":")[0] not in _HOSTS or "origin" in request.headers:
        raise failure(403, "forbidden", "The control address is for this machine only")


def _is_yes(request: Request) -> bool:
    status = request.json().get("status")
    if status not in ("accepted", "rejected"):
        raise failure(400, "bad_request", "'status' has to be 'accepted' or 'rejected'")
    return status == "accepted"
