"""What went wrong in a call, in our words: the SDK's and the HTTP library's exceptions become a fault.

Nothing personal passes: the SDK's error text contains the request body, so only status, code, request id, the waiting
time and the id of a conflicting account are taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from box_sdk_gen import BoxAPIError, BoxSDKError
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError
from urllib3.exceptions import SSLError as TransportSSLError

from provision.errors import (
    Answer,
    BoxFault,
    Conflict,
    Expired,
    Lost,
    NotFound,
    NotSent,
    Rejected,
    ServerTrouble,
    Throttled,
    TokenRefused,
)

#: what to wait after a 429 that does not say how long, in seconds
_UNTOLD_WAIT = 5.0


def fault_of(error: Exception) -> BoxFault:
    """The fault behind any exception that came out of one call.

    What cannot be recognised counts as :class:`Lost`: the request may have been carried out.
    """
    if isinstance(error, BoxFault):
        return error
    if isinstance(error, BoxAPIError):
        return _answered(error)
    cause = error.error if isinstance(error, BoxSDKError) else error
    return NotSent() if _surely_not_sent(cause) else Lost()


def _answered(error: BoxAPIError) -> BoxFault:
    info = error.response_info
    headers = {name.casefold(): value for name, value in info.headers.items()}
    code = _code(info.code, headers)
    answer = Answer(info.status_code, code, info.request_id or headers.get("box-request-id", ""))
    if info.status_code in (400, 401, 403) and isinstance(body := info.body, dict) and "error" in body:
        return _token_refused(answer, body, headers)
    match info.status_code:
        case 429:
            return Throttled(answer, retry_after(headers, _UNTOLD_WAIT))
        case 401:
            return Expired(answer)
        case 404:
            return NotFound(answer)
        case 409:
            return Conflict(answer, _conflicting_id(info.context_info))
        case status if status >= 500:
            return ServerTrouble(answer, retry_after(headers, 0.0))
        case _:
            return Rejected(answer, scope_missing=code == "insufficient_scope")


def _token_refused(answer: Answer, body: Mapping[str, Any], headers: Mapping[str, str]) -> TokenRefused:
    # the token endpoint answers in the shape of OAuth, not of the API
    detail = str(body.get("error_description") or "")[:200]
    ahead = -_seconds_until(headers.get("date", ""), 0.0)
    return TokenRefused(replace(answer, code=str(body["error"])[:80]), detail, ahead)


def retry_after(headers: Mapping[str, str], otherwise: float) -> float:
    """Seconds to wait from a ``retry-after`` header (names folded): a number, or a date as HTTP allows."""
    told = headers.get("retry-after", "").strip()
    try:
        return max(float(told), 0.0)
    except ValueError:
        return max(_seconds_until(told, otherwise), 0.0)


def _seconds_until(date: str, otherwise: float) -> float:
    try:
        moment = parsedate_to_datetime(date)
        return (moment - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):  # no date, or one without a zone
        return otherwise


def _code(code: object, headers: Mapping[str, str]) -> str:
    if isinstance(code, str) and code:
        return code[:80]
    # a missing scope has an empty body and says so in a header only
    return "insufficient_scope" if "insufficient_scope" in headers.get("www-authenticate", "") else ""


def _conflicting_id(context: Any) -> str:
    conflicts = context.get("conflicts") if isinstance(context, dict) else None
    first = conflicts[0] if isinstance(conflicts, list) and conflicts else conflicts
    found = first.get("id") if isinstance(first, dict) else None
    return str(found) if found else ""


def _surely_not_sent(error: BaseException | None) -> bool:
    if isinstance(
        error, requests.ConnectTimeout | requests.exceptions.SSLError | requests.exceptions.ProxyError
    ):
        return True
    if isinstance(error, requests.ConnectionError) and error.args:
        inner = error.args[0]
        reason = inner.reason if isinstance(inner, MaxRetryError) else inner
        return isinstance(reason, NewConnectionError | NameResolutionError | TransportSSLError)
    return isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema)
