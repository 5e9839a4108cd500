"""Who may speak to the page: the one browser that brought the printed token, from the page itself and from nowhere else.

Every user and every program of the machine reaches a port on loopback, and so does every web page that the browser shows:
by a form that is sent here (cross-site request forgery), or by a name of its own that leads here (DNS rebinding).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http.cookies import CookieError, SimpleCookie


class Unadmitted(StrEnum):
    """Why a request is not answered."""

    HOST = "host"
    ORIGIN = "origin"
    TOKEN = "token"  # noqa: S105 - a reason
    SESSION = "session"
    FORM = "form"


def _chance() -> str:
    return secrets.token_urlsafe(32)


@dataclass(slots=True)
class Admission:
    """The secrets of one review, made by chance for it alone.

    ``token`` is in the printed address and is exchanged once for ``cookie``; ``form`` is in each form of the page. ``room`` is
    the path of the page: a cookie goes to every port of a machine, but to this path alone.
    """

    port: int
    token: str = field(default_factory=_chance)
    cookie: str = field(default_factory=_chance)
    form: str = field(default_factory=_chance)
    room: str = field(default_factory=lambda: f"/{secrets.token_hex(8)}/")
    used: bool = False

    @property
    def address(self) -> str:
        """What is printed: it opens the page once."""
        return f"http://127.0.0.1:{self.port}{self.room}?token={self.token}"

    @property
    def name(self) -> str:
        """The name of the cookie."""
        return f"provision_review_{self.port}"

    @property
    def set_cookie(self) -> str:
        """The header that hands the cookie over, until the browser is closed: no script reads it, no other site sends it."""
        return f"{self.name}={self.cookie}; Path={self.room}; HttpOnly; SameSite=Strict"

    def refuses(self, method: str, headers: Mapping[str, str]) -> Unadmitted | None:
        """Why a request comes from somewhere else than the page, None for one that may be looked at."""
        host = headers.get("Host", "")
        if host not in (f"127.0.0.1:{self.port}", f"localhost:{self.port}"):
            return Unadmitted.HOST
        if method == "POST":
            site = headers.get("Sec-Fetch-Site", "same-origin")
            if headers.get("Origin") != f"http://{host}" or site != "same-origin":
                return Unadmitted.ORIGIN
        return None

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether a request brings the cookie."""
        try:
            found = SimpleCookie(headers.get("Cookie", "")).get(self.name)
        except CookieError:
            return False
        return found is not None and _same(found.value, self.cookie)

    def exchanges(self, token: str) -> bool:
        """Whether this is the token, which opens the page once and never again."""
        if self.used or not _same(token, self.token):
            return False
        self.used = True
        return True

    def is_own_form(self, word: str) -> bool:
        """Whether a form was part of the page."""
        return _same(word, self.form)


def _same(one: str, other: str) -> bool:
    """Compared in a time that tells nothing."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())
