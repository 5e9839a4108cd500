"""Faults at work: which one meets a request. What a script looks like stands in `provision.sandbox.trouble.script`."""

from __future__ import annotations

import random
import re
import threading
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from provision.sandbox.world import Request


class FaultKind(StrEnum):
    """The faults there are."""

    STATUS = "status"
    NOT_WRITTEN = "503_not_written"
    WRITTEN = "503_written"
    LOST_ANSWER = "lost_answer"
    LOST_REQUEST = "lost_request"
    WRITTEN_LATE = "written_late"
    SLOW = "slow"
    STALLED_BODY = "stalled_body"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105  a fault's name
    FORBIDDEN = "forbidden"
    SHORT_PAGE = "short_page"
    ENTRIES_NULL = "entries_null"
    REPEATED_MARKER = "repeated_marker"
    DUPLICATE_PAGE = "duplicate_page"
    NOT_JSON = "not_json"
    HTML_ERROR = "html_error"
    EDITED = "edited"
    SIGN_IN_REFUSED = "sign_in_refused"


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes wrong; the numbers mean what `provision.sandbox.trouble.script` says for each fault."""

    fault: FaultKind
    status: int = 503
    retry_after: int | None = None
    delay: float = 0
    answer: Literal["503", "lost_answer"] = "503"
    drop: int = 1
    written: bool = False
    edit: dict[str, Any] = {}
    moment: Literal["before", "after"] = "before"
    error: str = "invalid_grant"
    detail: str = ""


class RequestMatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which requests; see `provision.sandbox.trouble.script`."""

    method: str | tuple[str, ...] | None = None
    path: str = ""
    query: str | None = None
    body: str | None = None
    nth: int | tuple[int, ...] | None = None
    every: int | None = None
    first: int | None = None
    after: int | None = None
    times: int | None = None
    probability: float | None = None


class FaultRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the script."""

    do: Fault
    match: RequestMatch = RequestMatch()


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole fault script."""

    rules: tuple[FaultRule, ...] = ()
    seed: int = 0
    choices: dict[str, Any] = {}
    clock_ahead: float = 0


class Faults:
    """A script at work: counts requests and says which fault is due; may be used by many threads.

    fired: how often each rule has fired, in the order of the rules.
    """

    def __init__(self, script: Script | None = None) -> None:
        self._lock = threading.Lock()
        self._seed = (script or Script()).seed
        self._rules: list[FaultRule] = []
        self._seen: list[int] = []
        self.fired: list[int] = []
        for rule in (script or Script()).rules:
            self.add(rule)

    def add(self, rule: FaultRule) -> None:
        """One more rule, after the others."""
        with self._lock:
            self._rules.append(rule)
            self._seen.append(0)
            self.fired.append(0)

    def clear(self) -> None:
        """No more faults."""
        with self._lock:
            self._rules, self._seen, self.fired = [], [], []

    def told(self) -> list[dict[str, object]]:
        """The rules as a script would have them, with how often each has been met and has fired."""
        with self._lock:
            return [
                {"match": _said(rule.match), "do": _said(rule.do), "met": met, "fired": fired}
                for rule, met, fired in zip(self._rules, self._seen, self.fired, strict=True)
            ]

    def due(self, request: Request) -> Fault | None:
        """The fault that meets this request; every fitting rule has counted it afterwards."""
        with self._lock:
            return self._choose(request)

    def _choose(self, request: Request) -> Fault | None:
        chosen: int | None = None
        for number, rule in enumerate(self._rules):
            if not fits(rule.match, request):
                continue
            self._seen[number] += 1
            if chosen is None and self._fires(number, rule.match):
                chosen = number
        if chosen is None:
            return None
        self.fired[chosen] += 1
        return self._rules[chosen].do

    def _fires(self, number: int, match: RequestMatch) -> bool:
        if match.times is not None and self.fired[number] >= match.times:
            return False
        if not is_due(match, self._seen[number]):
            return False
        if match.probability is None:
            return True
        dice = random.Random(f"{self._seed} {number} {self._seen[number]}")  # noqa: S311  a test's fault
        return dice.random() < match.probability


def _said(part: RequestMatch | Fault) -> dict[str, object]:
    """What differs from the defaults."""
    plain = type(part)(part.fault) if isinstance(part, Fault) else type(part)()
    told = {name: getattr(part, name) for name in part.__struct_fields__}
    return {name: one for name, one in told.items() if name == "fault" or one != getattr(plain, name)}


def fits(match: RequestMatch, request: Request) -> bool:
    """Whether a request is one of those the rule counts."""
    methods = (match.method,) if isinstance(match.method, str) else match.method
    if methods is not None and request.method not in methods:
        return False
    if match.path.startswith("^"):
        if re.search(match.path, request.path) is None:
            return False
    elif not request.path.startswith(match.path):
        return False
    query = "&".join(f"{name}={value}" for name, value in request.query.items())
    return _found(match.query, query) and _found(match.body, request.body.decode("utf-8", "replace"))


def _found(pattern: str | None, text: str) -> bool:
    return pattern is None or re.search(pattern, text) is not None


def is_due(match: RequestMatch, count: int) -> bool:
    """Whether the count-th fitting request is one the rule means."""
    numbers = (match.nth,) if isinstance(match.nth, int) else match.nth
    if numbers is not None and count not in numbers:
        return False
    if match.every is not None and count % match.every:
        return False
    if match.first is not None and count > match.first:
        return False
    return match.after is None or count > match.after
