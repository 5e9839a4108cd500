"""The connection to Box as its answers show it: how far apart the clocks are, and whose certificate stands at the other end."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests


@dataclass(frozen=True, slots=True)
class Door:
    """``skew``: seconds that this machine's clock is ahead of Box's, to a second; None where no answer told the time.

    ``issuer`` of the certificate that was shown, "" for none (or one that was not checked), and when it ends.
    """

    skew: float | None = None
    issuer: str = ""
    ends: datetime | None = None


class Doorkeeper:
    """Looks at each answer as it comes in."""

    def __init__(self) -> None:
        self._date = ""
        self._at = 0.0
        self._certificate: Mapping[str, Any] | None = None

    def heard(self, response: requests.Response, **_: Any) -> None:
        """One more answer; what it does not tell stays as it was."""
        if date := response.headers.get("date", ""):
            self._date, self._at = date, time.time()
        if self._certificate is None and response.url.startswith("https://"):
            self._certificate = _certificate(response)

    @property
    def door(self) -> Door:
        """What was seen up to now."""
        shown = self._certificate or {}
        issuer = dict(pair for part in shown.get("issuer", ()) for pair in part)
        ends = shown.get("notAfter")
        return Door(
            _ahead(self._date, self._at),
            str(issuer.get("organizationName") or issuer.get("commonName") or ""),
            datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if ends else None,
        )


def _certificate(response: requests.Response) -> Mapping[str, Any]:
    """What the HTTP library still has of the connection; nothing where it was given back already."""
    sock = getattr(getattr(response.raw, "connection", None), "sock", None)
    shown = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
    return shown or {}


def _ahead(date: str, at: float) -> float | None:
    """How far ``at`` (seconds since 1970) is ahead of the date of an answer, which is cut to the second."""
    try:
        theirs = parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at - (theirs + 0.5)
