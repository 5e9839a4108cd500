"""Coming in where something is in the way: a server that is unwell, another, or none."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from box_sdk_gen import BoxSDKError
from urllib3.exceptions import MaxRetryError
from urllib3.exceptions import SSLError as TransportSSLError

from provision.box.connect import Surroundings, connect, unreachable
from provision.box.translate import fault_of
from provision.box.wire import _session
from provision.errors import BoxUnreachable, SignInRefused
from provision.job.settings import ApplySettings, BoxSettings
from tests.live import BoxTime, Canned, Live, Serve, Start

TOKEN = "/oauth2/token"


@pytest.mark.parametrize("method", ["jwt", "ccg"])
def test_an_unwell_token_endpoint_is_asked_again_with_a_fresh_assertion(start: Start, method: str) -> None:
    live = start(
        [
            {"match": {"path": TOKEN, "nth": 1}, "do": "503_written"},
            {"match": {"path": TOKEN, "nth": 2}, "do": "lost_answer"},
            {"match": {"path": TOKEN, "nth": 3}, "do": {"status": 429, "retry_after": 2}},
        ]
    )

    assert live.connect(method).me.enterprise_id == "27335"
    assert live.asked("POST", TOKEN) == 4


@pytest.mark.parametrize(
    "fault", ["503", {"status": 429, "retry_after": 130}, {"status": 429, "retry_after": 60}]
)
@pytest.mark.parametrize("path", [TOKEN, "/2.0/users/me"])
def test_a_server_in_trouble_is_waited_for_as_long_as_the_job_says(
    start: Start, box_time: BoxTime, fault: Any, path: str
) -> None:
    live = start([{"match": {"path": path}, "do": fault}])

    with pytest.raises(BoxUnreachable, match=r"HTTP (503|429)") as refused:
        live.connect(give_up_after="10m")

    assert 420 <= sum(box_time.waits) <= 610
    assert ("is throttling requests" in refused.value.what) == (fault != "503")


@pytest.mark.parametrize("path", [TOKEN, "/2.0/users/me"])
@pytest.mark.parametrize("seconds", [[130], [60, 60, 60]])
def test_who_asks_for_a_pause_gets_it_at_the_door(
    start: Start, box_time: BoxTime, path: str, seconds: list[int]
) -> None:
    rules = [
        {"match": {"path": path, "nth": number}, "do": {"status": 429, "retry_after": pause}}
        for number, pause in enumerate(seconds, start=1)
    ]

    assert start(rules).connect().me.enterprise_id == "27335"
    assert sum(seconds) <= sum(box_time.waits) < sum(seconds) + 10


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"match": {"path": TOKEN}, "do": "not_json"}, "does not speak Box's language"),
        ({"match": {"path": TOKEN}, "do": {"fault": "html_error", "status": 404}}, "does not speak Box's"),
        ({"match": {"path": TOKEN}, "do": {"fault": "html_error", "status": 403}}, "page for people"),
        (
            {"match": {"path": "/2.0/"}, "do": "not_json"},
            r"cannot be reached at http.* \(no readable answer\)",
        ),
        ({"match": {"path": "/2.0/"}, "do": {"fault": "html_error", "status": 404}}, r"\(HTTP 404\)"),
        ({"match": {"path": "/2.0/"}, "do": {"fault": "html_error", "status": 502}}, r"\(HTTP 502\)"),
        ({"match": {"path": "/2.0/"}, "do": "lost_request"}, r"\(no readable answer\)"),
    ],
)
def test_whatever_is_no_box_is_told_as_such(start: Start, rule: dict[str, Any], sentence: str) -> None:
    live = start([rule])

    with pytest.raises(BoxUnreachable, match=sentence) as refused:
        live.connect()

    assert refused.value.remedy


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_nobody_listening_is_told(start: Start) -> None:
    live = start()
    settings = live.settings().model_copy(update={"base_url": f"http://127.0.0.1:{_closed_port()}"})

    with pytest.raises(BoxUnreachable, match=r"cannot be reached at http://127.0.0.1:\d+ \(no connection\)"):
        live.connect(settings=settings)


def test_where_somebody_answered_before_nobody_listening_is_a_box_that_is_away(
    start: Start, box_time: BoxTime
) -> None:
    live = start()
    settings = live.settings().model_copy(update={"base_url": f"http://127.0.0.1:{_closed_port()}"})
    patient = ApplySettings.model_validate({"give_up_after": "10m"})

    with pytest.raises(BoxUnreachable, match="no connection"):
        connect(settings, patient, box_time.timing(), Surroundings(been_there=lambda: True))

    assert 420 <= sum(box_time.waits) <= 610


def test_a_certificate_that_nobody_vouches_for_is_told(start: Start) -> None:
    live = start(users=1, tls=True)

    with pytest.raises(BoxUnreachable, match=r"certificate of https.* is not trusted") as refused:
        live.connect()

    assert "REQUESTS_CA_BUNDLE" in refused.value.remedy
    assert live.asked() == 0


def test_a_certificate_of_a_named_authority_is_good(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    live = start(users=1, tls=True)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", live.server.announcement["ca_certificate"])

    assert live.connect("jwt").me.enterprise_id


def test_a_missing_bundle_of_certificates_is_told(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = start(users=1, tls=True)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nowhere.pem"))

    with pytest.raises(BoxUnreachable, match=r"REQUESTS_CA_BUNDLE=.*nowhere\.pem"):
        live.connect()


def test_a_netrc_file_does_not_take_the_place_of_the_token(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = start()
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    assert live.connect().me.enterprise_id == "27335"


def _through(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, proxy)
    monkeypatch.setenv("no_proxy", "")


def _answering(proxy: socket.socket, answer: bytes) -> None:
    while True:
        try:
            client, _ = proxy.accept()
        except OSError:
            return
        with client:
            client.recv(65_536)
            client.sendall(answer)


@pytest.fixture
def proxy() -> Iterator[Callable[[bytes], str]]:
    """A proxy that answers everything in the same way: `proxy(b"407 …")`; its address, with a password."""
    opened: list[socket.socket] = []

    def go(answer: bytes) -> str:
        opened.append(socket.create_server(("127.0.0.1", 0)))
        whole = b"HTTP/1.1 " + answer + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        threading.Thread(target=_answering, args=(opened[-1], whole), daemon=True).start()
        return f"http://somebody:geheim@127.0.0.1:{opened[-1].getsockname()[1]}"

    yield go
    for each in opened:
        each.shutdown(socket.SHUT_RDWR)
        each.close()


def _elsewhere(live: Live) -> BoxSettings:
    """The same sign-in at a host that only a proxy could reach."""
    return live.settings().model_copy(update={"base_url": "https://box.acme.example"})


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"407 Proxy Authentication Required", "wants a user and a password"),
        (b"403 Forbidden\r\nContent-Type: text/html", "does not let this machine through|page for people"),
        (b"200 OK", "cannot be reached at .* by the proxy"),  # a tunnel that leads nowhere
    ],
)
def test_a_proxy_that_lets_nobody_through_is_named_without_its_password(
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    proxy: Callable[[bytes], str],
    answer: bytes,
    told: str,
) -> None:
    live, address = start(users=1), proxy(answer)
    _through(monkeypatch, address)

    with pytest.raises(BoxUnreachable, match=told) as refused:
        live.connect(settings=_elsewhere(live))

    assert f"http://127.0.0.1:{address.rpartition(':')[2]}" in str(refused.value)
    assert "geheim" not in str(refused.value)
    assert live.asked() == 0


def test_a_proxy_that_is_not_there_is_told(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    live, port = start(), _closed_port()
    _through(monkeypatch, f"http://somebody:geheim@127.0.0.1:{port}")

    with pytest.raises(BoxUnreachable, match=f"proxy http://127.0.0.1:{port} does not answer"):
        live.connect(settings=_elsewhere(live))


def test_a_proxy_whose_address_makes_no_sense_is_told_without_its_words(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = start()
    _through(monkeypatch, "http://somebody:geheim@[")

    with pytest.raises(BoxUnreachable, match=r"by the proxy \(an address that cannot be read\)") as refused:
        live.connect(settings=_elsewhere(live))
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("tls", [False, True])
def test_what_is_meant_for_this_machine_is_shown_to_no_proxy(
    start: Start, monkeypatch: pytest.MonkeyPatch, tls: bool
) -> None:
    live = start(users=1, tls=tls)
    _through(monkeypatch, f"http://127.0.0.1:{_closed_port()}")
    if tls:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", live.server.announcement["ca_certificate"])

    assert live.connect().me.enterprise_id == "27335"


def test_each_host_has_the_proxy_that_is_meant_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is asked: what the environment says is kept by host."""
    _through(monkeypatch, "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "upload.box.com")
    hosts = ["api.box.com", "upload.box.com", "api.box.com", "127.0.0.1:8080", "upload.box.com"]
    session = _session(workers=1)
    settings = [
        session.merge_environment_settings(f"https://{host}/2.0", {}, True, None, None) for host in hosts
    ]

    assert [each["proxies"].get("https") for each in settings] == ["http://proxy.example:3128", None] * 2 + [
        None
    ]
    own = session.merge_environment_settings(
        "https://api.box.com/2.0", {"https": "http://own.example:1"}, True, None, None
    )
    assert own["proxies"]["https"] == "http://own.example:1"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_as_one_and_not_waited_for(canned: Serve, status: int) -> None:
    other = canned(Canned())
    portal = canned(*[Canned(status, "", {"location": f"{other.url}/portal"})] * 8)

    with pytest.raises(BoxUnreachable, match=r"leads somewhere else \(a redirect\)"):
        portal.connect(give_up_after="10m")

    assert len(portal.asked) == 4
    assert not other.asked


def test_a_sign_in_that_is_redirected_is_told_as_that(canned: Serve, start: Start) -> None:
    live, other = start(), canned(Canned())
    portal = canned(*[Canned(302, "", {"location": f"{other.url}/portal"})] * 8)

    with pytest.raises(BoxUnreachable, match=r"leads somewhere else \(a redirect\)"):
        live.connect(settings=live.settings().model_copy(update={"base_url": portal.url}))

    assert len(portal.asked) == 4
    assert not other.asked


def test_a_proxy_of_another_kind_is_told(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    live = start()
    _through(monkeypatch, "socks5://127.0.0.1:1080")

    with pytest.raises(BoxUnreachable, match=r"proxy socks5://127\.0\.0\.1:1080 is of a kind"):
        live.connect(settings=_elsewhere(live))


def _verified(code: int) -> MaxRetryError:
    """As the HTTP library wraps what OpenSSL says of a certificate."""
    failed = ssl.SSLCertVerificationError(1, "certificate verify failed")
    failed.verify_code = code
    return MaxRetryError(None, "/", TransportSSLError(failed))  # type: ignore[arg-type]  # the pool is not looked at


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (requests.exceptions.SSLError(_verified(10)), "has ended"),
        (requests.exceptions.SSLError(_verified(62)), "is for another host name"),
        (requests.exceptions.SSLError(_verified(64)), "is for another host name"),
        (requests.exceptions.SSLError(_verified(20)), "is not trusted"),
        (requests.TooManyRedirects("to a portal"), "a redirect"),
        (
            OSError("Could not find a suitable TLS CA certificate bundle, invalid path: /x"),
            "file of trusted certificate authorities",
        ),
        (
            ssl.SSLError(1, "[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found"),
            "file of trusted",
        ),
    ],
)
def test_what_is_wrong_with_a_certificate_is_told(error: Exception, told: str) -> None:
    wrapped = BoxSDKError(message="x", error=error)

    assert told in str(unreachable(fault_of(wrapped), "https://box.acme.example"))


@pytest.mark.parametrize("enterprise", ["", ', "enterprise": null'])
def test_a_personal_account_is_no_enterprise(canned: Serve, enterprise: str) -> None:
    box = canned(Canned(200, f'{{"id": "1", "login": "me@mail.example"{enterprise}}}'))

    with pytest.raises(SignInRefused, match="does not say which enterprise"):
        box.connect()
