"""What went wrong in a call, in our words: the SDK's and the HTTP library's exceptions become a fault.

Nothing personal passes: the SDK's error text contains the request body, so only status, code, request id, the waiting
time and the id of a conflicting account are taken over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from box_sdk_gen import BoxAPIError, BoxSDKError
from urllib3.exceptions import MaxRetryError, NewConnectionError

from provision.box.pacing.pace import LONGEST_HOLD
from provision.box.trouble import CallTrouble, answered_by_another, trouble_of
from provision.errors import (
    BoxAnswer,
    BoxFault,
    Conflict,
    Expired,
    LedElsewhere,
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
#: what Box calls a rate limit that was exceeded
_RATE = "rate_limit_exceeded"
#: what a parameter's name looks like
_PARAMETER = re.compile(r"[a-z][a-z_]{1,39}")

#: raised before anything leaves; a proxy error means that the proxy itself was not reached
_BEFORE_SENDING = (
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
)


def fault_of(error: Exception) -> BoxFault:
    """The fault behind any exception that came out of one call.

    What cannot be recognised counts as :class:`Lost`: the request may have been carried out.
    """
    if isinstance(error, BoxFault):
        return error
    if isinstance(error, BoxAPIError):
        return _answered(error)
    cause = error.error if isinstance(error, BoxSDKError) else error
    if trouble := trouble_of(cause):
        return NotSent(BoxAnswer(code=trouble))
    if isinstance(cause, requests.TooManyRedirects):
        return LedElsewhere(BoxAnswer(code=CallTrouble.REDIRECTED))
    not_sent = isinstance(cause, _BEFORE_SENDING) or isinstance(_reason(cause), NewConnectionError)
    return NotSent() if not_sent else Lost()


def _answered(error: BoxAPIError) -> BoxFault:
    info = error.response_info
    headers = {name.casefold(): value for name, value in info.headers.items()}
    if trouble := answered_by_another(info.status_code, headers):
        return NotSent(BoxAnswer(info.status_code, trouble))
    code = _code(info.code, headers)
    answer = BoxAnswer(
        info.status_code, code, _request_id(info.request_id, headers), _named(info.context_info)
    )
    if info.status_code in (400, 401, 403) and isinstance(body := info.body, dict) and "error" in body:
        return _token_refused(answer, body, headers)
    match info.status_code:
        case status if status == 429 or (status == 403 and _asks_for_patience(code, info.body, headers)):
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


def _asks_for_patience(code: str, body: object, headers: Mapping[str, str]) -> bool:
    """Whether a 403 is a rate limit, which was seen with either status (github.com/box/box-java-sdk, issue 438)."""
    words = str(body.get("message") or "") if isinstance(body, dict) else ""
    return code == _RATE or "rate limit" in words.casefold() or (not code and "retry-after" in headers)


def _token_refused(answer: BoxAnswer, body: Mapping[str, Any], headers: Mapping[str, str]) -> TokenRefused:
    # the token endpoint answers in the shape of OAuth, not of the API
    detail = str(body.get("error_description") or "")[:200]
    theirs, ours = _moment(headers.get("date", "")), datetime.now(UTC)
    skew = (ours - (theirs or ours)).total_seconds()
    return TokenRefused(replace(answer, code=str(body["error"])[:80]), detail, skew)


def retry_after(headers: Mapping[str, str], otherwise: float) -> float:
    """Seconds to wait from a ``retry-after`` header (names folded): a number, or a date as HTTP allows.

    ``otherwise`` is for a header that is absent or says nothing; never more than an hour.
    """
    told = headers.get("retry-after", "").strip()
    try:
        seconds = float(told)
    except ValueError:
        seconds = _seconds_until(told, headers.get("date", ""))
    return min(max(seconds, 0.0), LONGEST_HOLD) if math.isfinite(seconds) else otherwise


def _seconds_until(date: str, sent_at: str) -> float:
    """From the moment the answer was sent, by the server's own clock where it tells it; NaN for what is no date."""
    until = _moment(date)
    return (until - (_moment(sent_at) or datetime.now(UTC))).total_seconds() if until else math.nan


def _moment(date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _code(code: object, headers: Mapping[str, str]) -> str:
    if isinstance(code, str) and code:
        return code[:80]
    # a missing scope has an empty body and says so in a header only
    return "insufficient_scope" if "insufficient_scope" in headers.get("www-authenticate", "") else ""


def _request_id(told: object, headers: Mapping[str, str]) -> str:
    return str(told if isinstance(told, str) and told else headers.get("box-request-id", ""))[:80]


def _conflicting_id(context: Any) -> str:
    """``conflicts`` is a list for users and folders, one object for files (developer.box.com, Common errors)."""
    conflicts = context.get("conflicts") if isinstance(context, dict) else None
    first = conflicts[0] if isinstance(conflicts, list) and conflicts else conflicts
    found = first.get("id") if isinstance(first, dict) else None
    return str(found) if isinstance(found, str | int) else ""


def _named(context: Any) -> str:
    """The parameters that ``context_info.errors`` names; nothing that could be a value (github.com/box/box-java-sdk, issue 1166)."""
    errors = context.get("errors") if isinstance(context, dict) else None
    told = [one.get("name") for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    names = [name for name in told if isinstance(name, str) and _PARAMETER.fullmatch(name)]
    return ", ".join(dict.fromkeys(names))


def _reason(error: BaseException | None) -> object:
    """What lies under a connection error of the HTTP library."""
    if not isinstance(error, requests.ConnectionError) or not error.args:
        return None
    inner = error.args[0]
    return inner.reason if isinstance(inner, MaxRetryError) else inner
