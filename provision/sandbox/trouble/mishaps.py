"""What a fault makes of an answer: refusals in its place, and listing pages gone wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.errors import (
    Answer,
    RefusedCall,
    denied,
    gateway,
    rate_limited,
    sign_in,
    sign_in_overloaded,
    unauthorized,
)

from .faults import Fault, FaultKind

if TYPE_CHECKING:
    from provision.sandbox.world import Request, World

WITHOUT_RESULT = frozenset({FaultKind.WRITTEN, FaultKind.LOST_ANSWER, FaultKind.WRITTEN_LATE})
_KEEPS_OUT = frozenset(
    {
        FaultKind.STATUS,
        FaultKind.NOT_WRITTEN,
        FaultKind.LOST_REQUEST,
        FaultKind.EXPIRED_TOKEN,
        FaultKind.FORBIDDEN,
        FaultKind.SIGN_IN_REFUSED,
    }
)
HTML = frozenset({FaultKind.NOT_JSON, FaultKind.HTML_ERROR})
_HTML = b"<!DOCTYPE html>\n<html><head><title>Please stand by</title></head><body><h1>Please stand by</h1></body></html>"
_HTML_HEADERS = (("content-type", "text/html; charset=utf-8"),)


def keeps_out(fault: Fault) -> bool:
    """Whether the request never gets to the enterprise."""
    return fault.fault in _KEEPS_OUT or (fault.fault in HTML and not fault.written)


def instead(fault: Fault, request: Request, world: World) -> Answer | None:
    """The answer of a request that is kept out; None for no answer."""
    if fault.fault is FaultKind.LOST_REQUEST:
        return None
    if fault.fault is FaultKind.HTML_ERROR:
        return Answer(fault.status, _HTML, _HTML_HEADERS)
    if fault.fault is FaultKind.NOT_JSON:
        return Answer(200, _HTML, _HTML_HEADERS)
    if fault.fault is FaultKind.FORBIDDEN:
        return denied(world.choices).answer(request.request_id)
    if fault.fault is FaultKind.SIGN_IN_REFUSED:
        return sign_in(fault.error, fault.detail).answer(request.request_id)
    if fault.fault is FaultKind.EXPIRED_TOKEN:
        world.tokens.revoke(request.headers.get("authorization", "").partition(" ")[2].strip())
        return unauthorized().answer(request.request_id)
    return _refusal(fault, request, world).answer(request.request_id)


def _refusal(fault: Fault, request: Request, world: World) -> RefusedCall:
    seconds = 1 if fault.retry_after is None else fault.retry_after
    if fault.status == 429 and request.path.startswith("/oauth2/"):
        return sign_in_overloaded(seconds)
    if fault.status == 429:
        return rate_limited(seconds, world.choices.rate_limit_message)
    if fault.status == 401:
        return unauthorized()
    refusal = gateway(fault.status)
    headers = () if fault.retry_after is None else (("retry-after", str(fault.retry_after)),)
    return RefusedCall(refusal.status, refusal.body, *headers)


def without_result(fault: Fault, request: Request) -> Answer | None:
    """What a client gets of a call that took effect, or will, without hearing of it; None for no answer."""
    if fault.fault in HTML:
        return Answer(200 if fault.fault is FaultKind.NOT_JSON else fault.status, _HTML, _HTML_HEADERS)
    if fault.fault is FaultKind.LOST_ANSWER or (
        fault.fault is FaultKind.WRITTEN_LATE and fault.answer == "lost_answer"
    ):
        return None
    headers = () if fault.retry_after is None else (("retry-after", str(fault.retry_after)),)
    return RefusedCall(503, gateway(503).body, *headers).answer(request.request_id)


def edit(fault: Fault, request: Request, world: World) -> None:
    """What somebody else sets on the account that a request names, by its path or as the login of a new one."""
    accounts = world.enterprise.accounts
    account = accounts.get(request.path.rpartition("/")[2])
    if request.path == "/2.0/users":
        account = accounts.with_login(str(request.json().get("login", "")).casefold())
    if account is None:
        return
    changed = dict(fault.edit)
    if "tracking_codes" in changed:
        codes = dict(account.tracking_codes) | changed["tracking_codes"]
        changed["tracking_codes"] = tuple((name, value) for name, value in codes.items() if value)
    world.enterprise.change(account, msgspec.structs.replace(account, **changed))


def _is_page(answer: Answer) -> bool:
    return answer.status == 200 and b'"entries":' in answer.body[:200]


class Pages:
    """Spoils listing pages; remembers the last good one."""

    def __init__(self) -> None:
        self._last: bytes = b""

    def remember(self, request: Request, answer: Answer) -> None:
        """Keep a page as the one answered before."""
        if request.method == "GET" and _is_page(answer):
            self._last = answer.body

    def spoilt(self, fault: Fault, request: Request, answer: Answer) -> Answer:
        """The page with the fault in it; an answer that is no page stays as it is."""
        if not _is_page(answer):
            return answer
        page = msgspec.json.decode(answer.body, type=dict[str, object])
        changed = self._changed(fault, request, page)
        self._last = answer.body
        return replace(answer, body=msgspec.json.encode({**page, **changed}))

    def _changed(self, fault: Fault, request: Request, page: dict[str, object]) -> dict[str, object]:
        entries = page.get("entries")
        if fault.fault is FaultKind.ENTRIES_NULL:
            return {"entries": None}
        if fault.fault is FaultKind.SHORT_PAGE and isinstance(entries, list):
            return {"entries": entries[: max(0, len(entries) - fault.drop)]}
        if fault.fault is FaultKind.REPEATED_MARKER and request.query.get("marker"):
            return {"next_marker": request.query["marker"]}
        if fault.fault is FaultKind.DUPLICATE_PAGE and self._last:
            return {"entries": msgspec.json.decode(self._last)["entries"]}
        return {}
