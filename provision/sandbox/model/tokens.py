"""Access tokens, refresh tokens, and the assertions already used."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from .state import Book

_REFRESH_LIFETIME = 60 * 86_400


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What a token is worth.

    expires_at None: never. scopes None: all the app has. refresh: only for refreshing. resource: the one file or folder,
    with all below it, that the token is for, as (`file` or `folder`, id); None means everything.
    """

    value: str
    user_id: str
    expires_at: float | None
    scopes: tuple[str, ...] | None = None
    refresh: bool = False
    resource: tuple[str, str] | None = None


class Tokens:
    """All tokens in force; not locked: the caller holds the sandbox's lock."""

    def __init__(self, book: Book, lifetime: int) -> None:
        self.lifetime = lifetime
        self._book = book
        self._tokens = {key: msgspec.json.decode(body, type=Token) for key, body in book.rows("tokens")}
        self._used = {key: float(body) for key, body in book.rows("assertions")}

    def issue(self, user_id: str, now: float) -> Token:
        """A new access token for a user."""
        self._forget_old(now)
        return self._keep(Token(value=_new(), user_id=user_id, expires_at=now + self.lifetime))

    def narrow(
        self, held: Token, now: float, scopes: tuple[str, ...], resource: tuple[str, str] | None
    ) -> Token:
        """A token that may do less than another one, for no longer than that."""
        ends = now + self.lifetime if held.expires_at is None else min(held.expires_at, now + self.lifetime)
        return self._keep(
            Token(value=_new(), user_id=held.user_id, expires_at=ends, scopes=scopes, resource=resource)
        )

    def issue_refresh(self, user_id: str, now: float) -> Token:
        """A refresh token: 60 days, for one use (Box guide, Refresh a token)."""
        return self._keep(
            Token(value=_new(), user_id=user_id, expires_at=now + _REFRESH_LIFETIME, refresh=True)
        )

    def admit(self, value: str, user_id: str) -> Token:
        """Let a given value, as the developer token, be valid until it is revoked."""
        return self._keep(Token(value=value, user_id=user_id, expires_at=None))

    def find(self, value: str, now: float) -> Token | None:
        """The token if it is in force."""
        token = self._tokens.get(value)
        if token is None or (token.expires_at is not None and token.expires_at <= now):
            return None
        return token

    def revoke(self, value: str) -> None:
        """End a token, known or not."""
        self._book.drop("tokens", value)
        self._tokens.pop(value, None)

    def use_assertion(self, jti: str, expires_at: float, now: float) -> bool:
        """Whether this `jti` was unused; from now on it is used."""
        self._used = {key: until for key, until in self._used.items() if until > now}
        if jti in self._used:
            return False
        self._used[jti] = expires_at
        self._book.put("assertions", jti, str(expires_at).encode())
        return True

    def _keep(self, token: Token) -> Token:
        self._tokens[token.value] = token
        self._book.put("tokens", token.value, msgspec.json.encode(token))
        return token

    def _forget_old(self, now: float) -> None:
        old = [
            key for key, one in self._tokens.items() if one.expires_at is not None and one.expires_at <= now
        ]
        for key in old:
            self.revoke(key)


def _new() -> str:
    return secrets.token_hex(16)
