"""Verifies the assertion of a JWT sign-in as Box does (Box guide, JWT without SDK).

The wording of each refusal is the one quoted in Box's forum and SDK issues, as far as it is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provision.sandbox.errors import RefusedCall, sign_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provision.sandbox.model.enterprise import App

# The SDKs hard-code this whatever the base URL, and Box compares it literally.
AUDIENCE = "https://api.box.com/oauth2/token"
ALGORITHMS = ("RS256", "RS384", "RS512")
_MOST_AHEAD = 60


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a sign-in is for: `enterprise` or `user`, and its id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a verified assertion says; expires_at in seconds since 1970."""

    subject: Subject
    jti: str
    expires_at: float


def verified(assertion: str, app: App, now: float) -> Assertion:
    """The assertion if signature and claims hold, else the 400 Box answers; `jti` reuse is the caller's to check."""
    claims = _signed_claims(assertion, app)
    if claims.get("iss") != app.client_id:
        raise _wrong("iss", "The 'iss' specified is invalid.")
    if claims.get("aud") != AUDIENCE:
        raise _wrong("aud", "The 'aud' specified is invalid.")
    expires_at = _expiry(claims, now)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 16 <= len(jti) <= 128:
        raise _wrong("jti", "The 'jti' must be between 16 and 128 characters.")
    return Assertion(_subject(claims), jti, expires_at)


def _wrong(claim: str, told: str) -> RefusedCall:
    return sign_in("invalid_grant", f"Please check the '{claim}' claim. {told}")


def _signed_claims(assertion: str, app: App) -> Mapping[str, Any]:
    import jwt

    key = sign_in(
        "invalid_grant",
        "OAuth JWT public key for the 'kid' specified does not correspond to the key the assertion was signed with",
    )
    # Expiry and the like are checked below, against the sandbox's clock and with Box's words.
    unchecked = dict.fromkeys(("exp", "nbf", "iat", "aud", "iss", "sub", "jti"), False)
    options: Any = {f"verify_{claim}": False for claim in unchecked}
    try:
        if jwt.get_unverified_header(assertion).get("kid") != app.key_id:
            raise key
        claims: Mapping[str, Any] = jwt.decode(
            assertion, app.public_key, algorithms=ALGORITHMS, options=options
        )
    except jwt.InvalidSignatureError:
        raise key from None
    except jwt.InvalidTokenError as error:
        raise sign_in("invalid_grant", "Invalid JWT assertion") from error
    return claims


def _expiry(claims: Mapping[str, Any], now: float) -> float:
    expires_at = claims.get("exp")
    if not isinstance(expires_at, int | float) or isinstance(expires_at, bool):
        raise _wrong("exp", "The 'exp' specified is invalid.")
    if expires_at <= now:
        told = "Current date/time MUST be before the expiration date/time listed in the 'exp' claim"
        raise sign_in("invalid_grant", told)
    if expires_at > now + _MOST_AHEAD:
        told = "The 'exp' value exceeds the maximum value of 60 seconds beyond the issue time."
        raise _wrong("exp", told)
    return float(expires_at)


def _subject(claims: Mapping[str, Any]) -> Subject:
    kind, wanted = claims.get("box_sub_type"), claims.get("sub")
    if kind not in ("enterprise", "user") or not isinstance(wanted, str):
        raise unknown_subject()
    return Subject(kind, wanted)


def unknown_subject() -> RefusedCall:
    """400 for a subject that is nobody of the enterprise, or no string."""
    return _wrong("sub", "The 'sub' specified is invalid.")
