"""What stands between this machine and Box, where nothing gets through: a proxy, a certificate, a page of somebody else's."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator, Mapping
from enum import StrEnum
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies, select_proxy

from provision.errors import BoxUnreachable
from provision.job.places import on_this_machine


class CallTrouble(StrEnum):
    """What keeps requests from Box; each is the code of a fault. But for a redirect, nothing was sent."""

    UNTRUSTED = "untrusted_certificate"
    ENDED = "expired_certificate"
    OTHER_HOST = "certificate_of_another_host"
    NO_BUNDLE = "no_file_of_authorities"
    PROXY_ASKS = "proxy_asks_for_a_password"
    PROXY_REFUSES = "proxy_refuses"
    PROXY_AWAY = "proxy_does_not_answer"
    PROXY_KIND = "proxy_of_an_unknown_kind"
    BLOCKED = "page_of_a_filter"
    REDIRECTED = "redirected"


#: what OpenSSL calls a certificate that has ended or is not yet good, and one for another name or address
_ENDED, _OTHER_HOST = (9, 10), (62, 64)
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def trouble_of(error: BaseException | None) -> CallTrouble | None:
    """What an error of the HTTP library is about; None for anything else, after which a request may have been sent."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _certificate(cause)
    if type(error) is OSError:  # the HTTP library's, for a file of authorities that is not there
        return CallTrouble.NO_BUNDLE
    if any(isinstance(cause, ssl.SSLError) and "certificate or crl" in str(cause) for cause in causes):
        return CallTrouble.NO_BUNDLE
    if isinstance(error, requests.exceptions.InvalidSchema) and "SOCKS" in str(error):
        return CallTrouble.PROXY_KIND
    if isinstance(error, requests.exceptions.ProxyError):
        return _proxy(" ".join(map(str, causes)))
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all that it wraps, as arguments, as a reason, or as a cause."""
    if error is None:
        return
    yield error
    inner = [*error.args, getattr(error, "reason", None)]
    for each in inner:
        if isinstance(each, BaseException):
            yield from _causes(each)


def _certificate(cause: ssl.SSLCertVerificationError) -> CallTrouble:
    code = getattr(cause, "verify_code", 0)
    if code in _ENDED:
        return CallTrouble.ENDED
    return CallTrouble.OTHER_HOST if code in _OTHER_HOST else CallTrouble.UNTRUSTED


def _proxy(told: str) -> CallTrouble:
    if "Tunnel connection failed: 407" in told:
        return CallTrouble.PROXY_ASKS
    return CallTrouble.PROXY_REFUSES if "Tunnel connection failed" in told else CallTrouble.PROXY_AWAY


def answered_by_another(http_status: int, headers: Mapping[str, str]) -> CallTrouble | None:
    """Whether a refusal is none of Box's: it asks for a proxy's password, or has a page for people (names folded)."""
    if http_status == 407:
        return CallTrouble.PROXY_ASKS
    page = headers.get("content-type", "").startswith("text/html")
    return CallTrouble.BLOCKED if page and http_status in (403, 451, 511) else None


def told_of(trouble: CallTrouble, address: str) -> BoxUnreachable:
    """The error for it, with the proxy or the file it is about; never with a password."""
    proxy = proxy_for(address) or "(none that this program knows of)"
    bundle = next((f"{name}={os.environ[name]}" for name in _BUNDLES if os.environ.get(name)), _BUNDLES[0])
    what, cause, remedy = (
        part.format(address=address, proxy=proxy, bundle=bundle) for part in _WORDS[trouble]
    )
    return BoxUnreachable(what, cause=cause, remedy=remedy)


def proxy_for(address: str) -> str:
    """The proxy that the environment names for an address, without user and password; "" for none, as for this machine."""
    found = None if on_this_machine(address) else select_proxy(address, get_environ_proxies(address))
    if not found:
        return ""
    try:
        parts = urlsplit(found if "//" in found else f"http://{found}")
    except ValueError:  # its words may hold a password
        return "(an address that cannot be read)"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


_ITS_PASSWORD = "give user and password in HTTPS_PROXY (http://USER:PASSWORD@HOST:PORT, signs as %40 for @), or have {address} let through"  # noqa: S105 - words
_WORDS = {
    CallTrouble.UNTRUSTED: (
        "The certificate of {address} is not trusted, so nothing was sent (proxy: {proxy}).",
        "a company proxy or a test server with a certificate of its own",
        "name its certificate authority in the environment variable REQUESTS_CA_BUNDLE (a .pem file)",
    ),
    CallTrouble.ENDED: (
        "The certificate of {address} has ended, or is not good yet, so nothing was sent (proxy: {proxy}).",
        "a proxy or test server whose certificate was not renewed, or a wrong clock on this machine",
        "compare this machine's date; else have whoever runs that server renew its certificate",
    ),
    CallTrouble.OTHER_HOST: (
        "The certificate that {address} shows is for another host name, so nothing was sent (proxy: {proxy}).",
        "a wrong name in box.base_url, a portal in between, or a DNS entry that leads elsewhere",
        "compare box.base_url with the name in the certificate (open it in a browser from this machine)",
    ),
    CallTrouble.NO_BUNDLE: (
        "The file of trusted certificate authorities cannot be used: {bundle}; nothing was sent to {address}.",
        "a path that is not there, or a file without a certificate in PEM form",
        "correct the environment variable, or take it away",
    ),
    CallTrouble.PROXY_ASKS: (
        "The proxy {proxy} wants a user and a password (HTTP 407), so nothing reached {address}.",
        "a company proxy that knows only people who are signed in",
        _ITS_PASSWORD,
    ),
    CallTrouble.PROXY_REFUSES: (
        "The proxy {proxy} does not let this machine through to {address}.",
        "an address that the proxy does not allow, or a rule for machines without a person",
        "ask whoever runs the proxy to allow it, or take it out of HTTPS_PROXY, ALL_PROXY (NO_PROXY makes exceptions)",
    ),
    CallTrouble.PROXY_AWAY: (
        "The proxy {proxy} does not answer, so nothing reached {address} (no connection).",
        "a proxy that is switched off, or an old address of one in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY",
        "correct the variable, or name the host in NO_PROXY if it can be reached without",
    ),
    CallTrouble.PROXY_KIND: (
        "The proxy {proxy} is of a kind that is not supported here (SOCKS), so nothing reached {address}.",
        "ALL_PROXY or HTTPS_PROXY that names a SOCKS proxy",
        "name an HTTP proxy, or install PySocks beside this program (pip install PySocks)",
    ),
    CallTrouble.BLOCKED: (
        "In the place of Box somebody else answers at {address}, with a page for people (proxy: {proxy}).",
        "the block page of a web filter or proxy",
        "have the filter let this machine through to that address, also for POST and PUT",
    ),
    CallTrouble.REDIRECTED: (
        "{address} leads somewhere else (a redirect), which Box never does; nothing was sent there (proxy: {proxy}).",
        "a sign-in portal of the network, or a wrong box.base_url",
        "open the address in a browser from this machine, and compare it with the job file",
    ),
}
