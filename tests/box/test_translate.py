"""Every way a call can go wrong, through the real SDK from a server that says exactly this, becomes one of our faults."""

from __future__ import annotations

import ssl
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
import urllib3
from box_sdk_gen import BoxSDKError

from provision.box.client import Box
from provision.box.translate import fault_of
from provision.errors import (
    BoxAnswer,
    BoxFault,
    Conflict,
    Expired,
    Garbled,
    Lost,
    NotFound,
    NotSent,
    Rejected,
    ServerTrouble,
    Throttled,
)
from provision.model import UserKind
from tests.live import WHO_AM_I, Canned, Serve

#: what a person's attributes are; none of it may be found in a fault
FIELDS = {
    "name": "Zoë Geheim",
    "login": "zoe.geheim@acme.example",
    "job_title": "Kassenwart",
    "phone": "+49 30 1234",
    "address": "Nirgendwo 7",
}


def _fault(canned: Serve, answer: Canned, call: Callable[[Box], object] | None = None) -> BoxFault:
    box = canned(WHO_AM_I, answer).connect().box
    with pytest.raises(BoxFault) as failed:
        (call or (lambda box: box.create(UserKind.MANAGED, FIELDS)))(box)
    return failed.value


def _error(status: int, code: str, more: str = "") -> Canned:
    return Canned(status, f'{{"type": "error", "code": "{code}", "request_id": "r1"{more}}}')


def _conflict(conflicts: str) -> Canned:
    return _error(409, "conflict", f', "context_info": {{"conflicts": {conflicts}}}')


_NAMED = ", ".join(
    f'{{"name": {name}, "message": "x"}}' for name in ('"timezone"', '"phone"', '"Zo\u00eb Geheim"', "7")
)

FAULTS = [
    (_error(400, "bad_request"), Rejected, BoxAnswer(400, "bad_request", "r1")),
    (Canned(401, ""), Expired, BoxAnswer(401)),
    (_error(401, "unauthorized"), Expired, BoxAnswer(401, "unauthorized", "r1")),
    (_error(403, "access_denied"), Rejected, BoxAnswer(403, "access_denied", "r1")),
    (_error(404, "not_found"), NotFound, BoxAnswer(404, "not_found", "r1")),
    (_error(405, "method_not_allowed"), Rejected, BoxAnswer(405, "method_not_allowed", "r1")),
    (_error(409, "user_login_already_used"), Conflict, BoxAnswer(409, "user_login_already_used", "r1")),
    (_error(412, "precondition_failed"), Rejected, BoxAnswer(412, "precondition_failed", "r1")),
    (_error(429, "rate_limit_exceeded"), Throttled, BoxAnswer(429, "rate_limit_exceeded", "r1")),
    (_error(500, "internal_server_error"), ServerTrouble, BoxAnswer(500, "internal_server_error", "r1")),
    (_error(503, "unavailable"), ServerTrouble, BoxAnswer(503, "unavailable", "r1")),
    (Canned(502, "<html>", {"content-type": "text/html"}), ServerTrouble, BoxAnswer(502)),
    (Canned(504, "", {"box-request-id": "r2"}), ServerTrouble, BoxAnswer(504, "", "r2")),
    (Canned(400, "[1]"), Rejected, BoxAnswer(400)),
    (Canned(429, '"slow down"'), Throttled, BoxAnswer(429)),
    (_error(403, "rate_limit_exceeded"), Throttled, BoxAnswer(403, "rate_limit_exceeded", "r1")),
    (
        _error(403, "forbidden", ', "message": "Request rate limit exceeded, try again later."'),
        Throttled,
        BoxAnswer(403, "forbidden", "r1"),
    ),
    (Canned(403, "", {"retry-after": "2"}), Throttled, BoxAnswer(403)),
    (Canned(403, '{"code": "forbidden"}', {"retry-after": "2"}), Rejected, BoxAnswer(403, "forbidden")),
    (Canned(503, "null"), ServerTrouble, BoxAnswer(503)),
    (Canned(400, '{"code": 7, "request_id": {"a": 1}, "context_info": "odd"}'), Rejected, BoxAnswer(400)),
    (Canned(409, '{"code": "conflict", "context_info": ["odd"]}'), Conflict, BoxAnswer(409, "conflict")),
]


@pytest.mark.parametrize(("answer", "kind", "kept"), FAULTS)
def test_an_answer_becomes_a_fault_that_keeps_status_code_and_request_id(
    canned: Serve, answer: Canned, kind: type[BoxFault], kept: BoxAnswer
) -> None:
    fault = _fault(canned, answer)

    assert type(fault) is kind
    assert fault.answer == kept


@pytest.mark.parametrize(
    ("conflicts", "box_id"),
    [
        ('[{"type": "user", "id": "42"}]', "42"),
        ('{"type": "user", "id": "42"}', "42"),
        ('[{"id": 42}]', "42"),
        ("[]", ""),
        ('["42"]', ""),
        ('[{"id": {"name": "x"}}]', ""),
        ("null", ""),
    ],
)
def test_a_conflict_names_the_account_in_the_way_if_box_does(
    canned: Serve, conflicts: str, box_id: str
) -> None:
    fault = _fault(canned, _conflict(conflicts))

    assert isinstance(fault, Conflict)
    assert fault.box_id == box_id


def _in(seconds: float, since: datetime) -> str:
    return format_datetime(since + timedelta(seconds=seconds), usegmt=True)


THEN = datetime(2026, 3, 2, 1, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"Retry-After": "3"}, 3.0),
        ({"RETRY-AFTER": " 0.5 "}, 0.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": _in(30, THEN), "date": _in(0, THEN)}, 30.0),
        ({"retry-after": _in(-30, THEN), "date": _in(0, THEN)}, 0.0),
        ({"retry-after": _in(30, THEN).replace("GMT", "-0000"), "date": _in(0, THEN)}, 30.0),
        ({}, 5.0),
        ({"retry-after": ""}, 5.0),
        ({"retry-after": "soon"}, 5.0),
        ({"retry-after": "nan"}, 5.0),
        ({"retry-after": "1e999"}, 5.0),
        ({"retry-after": "Mon, 99 Foo 2026 99:99:99 GMT"}, 5.0),
        ({"retry-after": "1000000000"}, 3600.0),
    ],
)
def test_the_wait_after_429_is_read_however_it_is_told(
    canned: Serve, headers: dict[str, str], seconds: float
) -> None:
    fault = _fault(canned, Canned(429, "{}", headers))

    assert isinstance(fault, Throttled)
    assert fault.retry_after == seconds


def test_the_parameters_that_box_complains_of_are_kept_and_nothing_that_may_be_a_value(canned: Serve) -> None:
    fault = _fault(canned, _error(400, "bad_request", f', "context_info": {{"errors": [{_NAMED}]}}'))

    assert fault.answer.fields == "timezone, phone"


def test_a_503_may_say_how_long_too(canned: Serve) -> None:
    fault = _fault(canned, Canned(503, "{}", {"retry-after": "7"}))

    assert isinstance(fault, ServerTrouble)
    assert fault.retry_after == 7.0


@pytest.mark.parametrize(
    ("status", "header", "missing"),
    [
        (403, 'Bearer realm="Service", error="insufficient_scope"', True),
        (403, "", False),
        (401, 'Bearer realm="Service", error="invalid_token"', False),
    ],
)
def test_a_missing_scope_is_told_from_one_persons_refusal(
    canned: Serve, status: int, header: str, missing: bool
) -> None:
    fault = _fault(canned, Canned(status, "", {"www-authenticate": header}))

    assert getattr(fault, "scope_missing", False) is missing
    assert (fault.answer.code == "insufficient_scope") is missing


@pytest.mark.parametrize(
    ("answer", "call"),
    [
        (Canned(201, "<html>"), None),
        (Canned(201, ""), None),
        (Canned(201, "[]"), None),
        (Canned(201, '{"type": "user", "id": null, "name": "Zoë Geheim"}'), None),
        (Canned(201, '{"name": "Zoë Geheim", "login": "zoe.geheim@acme.example"}'), None),
        (Canned(304, ""), None),
        (Canned(200, "<html>"), lambda box: box.update("1", {"phone": "+49 30 1234"})),
        (Canned(200, "<html>"), lambda box: box.delete("1")),
        (Canned(200, "{}"), lambda box: box.delete("1")),
        (Canned(300, ""), lambda box: box.delete("1")),
        (Canned(200, "<html>"), lambda box: box.get("1")),
        (Canned(200, b'{"id": "1", "name": "Zo\xff Geheim"}'), lambda box: box.get("1")),
        (Canned(200, '{"name": "Zoë Geheim"}'), lambda box: box.get("1")),
        (Canned(200, '{"entries": null}'), lambda box: box.page("")),
        (Canned(200, '{"name": "Zoë Geheim"}'), lambda box: box.page("")),
        (Canned(200, '{"entries": [{"login": "Zoë Geheim"}]}'), lambda box: box.page("")),
        (Canned(200, "[]"), lambda box: box.total()),
    ],
)
def test_a_success_that_is_none_is_doubtful(
    canned: Serve, answer: Canned, call: Callable[[Box], object] | None
) -> None:
    fault = _fault(canned, answer, call)

    assert type(fault) is Garbled
    assert fault.doubtful
    _assert_silent(fault)


@pytest.mark.parametrize("method", ["create", "get"])
@pytest.mark.parametrize(
    "answer",
    [
        Canned(200, "{", {"content-length": "999"}, closes=True),
        Canned(200, "no gzip", {"content-encoding": "gzip"}),
        Canned(500, '{"code":', {"content-length": "999"}, closes=True),
    ],
    ids=["broken off", "not unpacked", "an error broken off"],
)
def test_an_answer_that_breaks_off_is_lost(canned: Serve, answer: Canned, method: str) -> None:
    call = {"create": None, "get": lambda box: box.get("1")}[method]

    fault = _fault(canned, answer, call)

    assert type(fault) is Lost
    _assert_silent(fault)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_sent_personal_data_by_a_redirect(canned: Serve, status: int) -> None:
    other = canned(Canned())
    box = canned(WHO_AM_I, Canned(status, "", {"location": f"{other.url}/2.0/users"})).connect().box

    with pytest.raises(Lost):
        box.create(UserKind.MANAGED, FIELDS)

    assert not other.asked


@pytest.mark.parametrize(
    "answer", [answer for answer, _, _ in FAULTS] + [Canned(201, "<html>"), Canned(201, "[]")]
)
def test_no_attribute_travels_in_a_fault_or_its_chain(canned: Serve, answer: Canned) -> None:
    _assert_silent(_fault(canned, answer))


def _assert_silent(fault: BaseException) -> None:
    for error in _chain(fault):
        said = f"{error!s} {error!r} {error.args!r} {''.join(traceback.format_exception_only(error))}"
        assert not [value for value in FIELDS.values() if value in said]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _tls(error: Exception) -> requests.exceptions.SSLError:
    reason = urllib3.exceptions.SSLError(error)
    return requests.exceptions.SSLError(urllib3.exceptions.MaxRetryError(None, "/", reason))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.ConnectTimeout(), NotSent),
        (requests.exceptions.ProxyError(), NotSent),
        (requests.exceptions.InvalidHeader(), NotSent),
        (requests.exceptions.InvalidURL(), NotSent),
        (OSError("no bundle of certificates"), NotSent),
        (_tls(ssl.SSLCertVerificationError(1, "self-signed")), NotSent),
        (_tls(ssl.SSLEOFError(8, "EOF occurred in violation of protocol")), Lost),
        (_tls(ssl.SSLError(1, "bad record mac")), Lost),
        (requests.ReadTimeout(), Lost),
        (requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.")), Lost),
        (requests.ConnectionError(), Lost),
        (requests.exceptions.ChunkedEncodingError(), Lost),
        (ConnectionResetError(), Lost),
        (BoxSDKError(message="", error=requests.ConnectTimeout()), NotSent),
        (BoxSDKError(message="Zoë Geheim"), Lost),
        (ValueError("Zoë Geheim"), Lost),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_only_what_surely_did_not_leave_counts_as_not_sent(error: Any, kind: type[BoxFault]) -> None:
    fault = fault_of(error)

    assert type(fault) is kind
    assert fault.doubtful is (kind is Lost)
    _assert_silent(fault)


def test_a_fault_stays_the_fault_it_is() -> None:
    fault = NotFound()

    assert fault_of(fault) is fault
