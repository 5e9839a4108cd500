"""Signing in: one token for all workers, renewed once for all of them shortly before it ends.

The SDK neither renews a token before its end nor keeps threads from renewing at the same time, and its token retry
sends the same assertion twice; here each token request is a fresh one (a reused ``jti`` is refused by Box).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from box_sdk_gen import BoxCCGAuth, BoxDeveloperTokenAuth, CCGConfig
from box_sdk_gen.networking.auth import Authentication
from box_sdk_gen.networking.fetch_options import FetchOptions
from box_sdk_gen.networking.network import NetworkSession
from box_sdk_gen.schemas.access_token import AccessToken

from provision.box.jwt_config import BoxTimeJwt, jwt_config
from provision.errors import (
    BoxFault,
    BoxUnreachable,
    Expired,
    NotFound,
    NotSent,
    Rejected,
    SignInRefused,
    Throttled,
    TokenRefused,
)
from provision.job.settings import BoxSettings, CcgAuth, JwtAuth, TokenAuth

#: a token is renewed so many seconds before it ends, or after half of its time if that is later
_EARLY = 120.0
#: lifetime assumed when Box does not say, in seconds (developer.box.com: access tokens last 60 minutes)
_LIFETIME = 3600.0

#: a clock this many seconds off is named in the error
_SKEW = 25.0

_CONSOLE = "in the Developer Console"
_AUTHORISE = "authorise the app in the Admin Console (Apps > Custom Apps Manager)"
_PASSWORD = (
    "the account that the token is for has to set a new password first (a reset that an admin asked for)",
    "sign in to Box in a browser as that account and set one, or sign in as the app's service account with the enterprise's id",
)

#: an error of the token endpoint, a part of what it says beside ("" for any), the usual cause and what to do; the first fits
_FIXES = (
    ("unauthorized_client", "box_subject_type", (
        "the app may not sign in for the whole enterprise: it was made for another way of signing in, or is not authorised",
        f"choose Server Authentication (Client Credentials Grant) and App + Enterprise Access {_CONSOLE}, then {_AUTHORISE}",
    )),
    ("unauthorized_client", "grant type", (
        "the app was made for another way of signing in than box.auth.method says",
        "compare box.auth.method with the app's authentication method in the Developer Console (Configuration)",
    )),
    ("unauthorized_client", "", (
        "the app is not authorised by an admin of the enterprise, or not for this way of signing in",
        f"{_AUTHORISE}, again after each change of its settings",
    )),
    ("invalid_client", "", (
        "client id or client secret are not those of the app",
        "compare BOX client id and secret with the Developer Console",
    )),
    ("password_reset_required", "", _PASSWORD),
    ("", "password_reset_required", _PASSWORD),
    ("invalid_request", "user token", (
        "the id names a user: the service account cannot be signed in so, and other users only where the app may make user tokens",
        "put the enterprise's own id into box.auth.enterprise_id (enterpriseID in a JWT config file)",
    )),
    ("invalid_request", "", (
        "a part of the sign-in is missing or empty, most often a variable of the environment that is not set",
        "compare box.auth in the job file with the Developer Console",
    )),
    ("invalid_grant", "'kid'", (
        "the key pair of the JWT config file is not, or no longer, one of the app's",
        "make a new key pair in the Developer Console (Configuration > Add and Manage Public Keys) and use its config file",
    )),
    ("invalid_grant", "'sub'", (
        "the enterprise id is not that of an enterprise that has authorised the app",
        "check the enterprise id (Admin Console, Account & Billing) and the app's authorisation",
    )),
    ("", "", (
        "a wrong enterprise id or secret, an app not authorised by the admin, or a clock that is off",
        "check the enterprise id and the app's authorisation in the Admin Console, and this machine's clock",
    )),
)  # fmt: skip


class SharedSignIn(Authentication):
    """The SDK's authentication with one token for all threads. ``clock`` is monotonic seconds.

    An assertion that Box refuses for this machine's clock is made once more by the time that Box's answer tells.
    """

    def __init__(self, inner: Authentication, clock: Callable[[], float]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the SDK does not annotate it
        self._inner = inner
        self._clock = clock
        self._lock = threading.Lock()
        self._token: AccessToken | None = None
        self._ends = 0.0

    def bearer(self, options: FetchOptions) -> str:
        """The token the next request will carry; fetched or renewed if need be."""
        return self.retrieve_token(network_session=options.network_session).access_token or ""

    def discard(self, bearer: str | None) -> None:
        """Box said 401 to this token: forget it, unless another worker has renewed it already."""
        with self._lock:
            if self._token is not None and self._token.access_token == bearer:
                self._token = None

    def retrieve_token(self, *, network_session: NetworkSession | None = None) -> AccessToken:
        """The current token; raises :class:`~provision.errors.SignInRefused` or a transient fault."""
        with self._lock:
            if self._token is None or self._clock() >= self._ends:
                self._token = self._fresh(network_session)
                self._ends = self._clock() + self._good_for(self._token)
            return self._token

    def refresh_token(self, *, network_session: NetworkSession | None = None) -> AccessToken:
        """Forget the current token and get another."""
        self.discard(self._token.access_token if self._token else None)
        return self.retrieve_token(network_session=network_session)

    def retrieve_authorization_header(self, *, network_session: NetworkSession | None = None) -> str:
        """The value of the Authorization header."""
        return f"Bearer {self.retrieve_token(network_session=network_session).access_token}"

    def revoke_token(self, *, network_session: NetworkSession | None = None) -> None:
        """End the current token at Box."""
        self._inner.revoke_token(network_session=network_session)

    def downscope_token(
        self,
        scopes: list[str],
        *,
        resource: str | None = None,
        shared_link: str | None = None,
        network_session: NetworkSession | None = None,
    ) -> AccessToken:
        """A token with fewer rights; part of the SDK's interface."""
        return self._inner.downscope_token(
            scopes, resource=resource, shared_link=shared_link, network_session=network_session
        )

    def _good_for(self, token: AccessToken) -> float:
        """Seconds until the token is to be renewed."""
        if isinstance(self._inner, BoxDeveloperTokenAuth):
            return math.inf  # nobody tells how old it is; Box says when it has ended
        told = token.expires_in
        lifetime = float(told) if isinstance(told, int | float) and told > 0 else _LIFETIME
        return max(lifetime - _EARLY, lifetime / 2)

    def _fresh(self, network_session: NetworkSession | None) -> AccessToken:
        if isinstance(self._inner, BoxDeveloperTokenAuth):
            return self._developer_token()
        token = self._asked(network_session)
        if not isinstance(token.access_token, str) or not token.access_token:
            raise no_box_there()
        return token

    def _asked(self, network_session: NetworkSession | None, *, again: bool = True) -> AccessToken:
        try:
            return self._inner.refresh_token(network_session=network_session)
        except TokenRefused as fault:
            if again and self._set_by_box(fault):
                return self._asked(network_session, again=False)
            raise refused(fault) from None
        except (NotFound, Rejected, Expired):
            raise no_box_there() from None
        except Throttled:
            raise
        except BoxFault as fault:
            # whatever became of the token, the call it was wanted for did not leave
            raise NotSent(fault.answer) from None
        except (ValueError, TypeError, AttributeError, KeyError):
            raise no_box_there() from None  # a success that the SDK cannot read as a token

    @property
    def skew(self) -> float:
        """Seconds that this machine's clock is ahead of Box's, as far as a sign-in had to take that into account; else 0."""
        return self._inner.skew if isinstance(self._inner, BoxTimeJwt) else 0.0

    def _set_by_box(self, fault: TokenRefused) -> bool:
        """Whether the next assertion is made by Box's time, since this one may have been refused for ours."""
        if not isinstance(self._inner, BoxTimeJwt) or not _by_the_clock(fault):
            return False
        before, self._inner.skew = self._inner.skew, fault.skew
        return before != fault.skew

    def _developer_token(self) -> AccessToken:
        if self._ends > 0:
            raise SignInRefused(
                "Box no longer accepts the developer token.",
                cause="developer tokens end after an hour and cannot be renewed",
                remedy="make a new one in the Developer Console, or use method jwt or ccg for unattended runs",
            )
        return self._inner.retrieve_token()


def refused(fault: TokenRefused) -> SignInRefused:
    """The error for a sign-in that the token endpoint refused."""
    what = f"Box refused the sign-in: {fault.answer.code}{': ' if fault.detail else ''}{fault.detail}"
    if _by_the_clock(fault):
        off = (
            f"this machine's clock is {ahead(fault.skew)} Box's"
            if fault.skew
            else "Box did not tell its time"
        )
        return SignInRefused(
            f"{what} ({off})",
            cause="the clock of this machine is off; an assertion may end at most 60 seconds ahead",
            remedy="set the clock (NTP) and run again",
        )
    code, detail = fault.answer.code, fault.detail
    cause, remedy = next(fix for error, part, fix in _FIXES if error in ("", code) and part in detail)
    return SignInRefused(what, cause=cause, remedy=remedy)


def _by_the_clock(fault: TokenRefused) -> bool:
    return abs(fault.skew) > _SKEW or "'exp'" in fault.detail


def ahead(skew: float) -> str:
    """How far this machine's clock is off, as said before "Box's"."""
    return f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'}"


def no_box_there() -> BoxUnreachable:
    """The error for an address at which something else than Box answers."""
    return BoxUnreachable(
        "What answers at box.base_url does not speak Box's language (no token in its answer).",
        cause="a wrong address, or a proxy or portal page in between",
        remedy="open the address of box.base_url in a browser from this machine and compare it with the job file",
    )


def authentication(settings: BoxSettings) -> Authentication:
    """The SDK's authentication for a job.

    Raises JobError for a file that is no JWT config file, SignInRefused for one whose key cannot be used.
    """
    match settings.auth:
        case JwtAuth(config_file=path):
            return BoxTimeJwt(jwt_config(path))
        case CcgAuth() as auth:
            return BoxCCGAuth(
                CCGConfig(
                    client_id=auth.client_id,
                    client_secret=auth.client_secret,
                    enterprise_id=auth.enterprise_id,
                )
            )
        case TokenAuth(token=token):
            return BoxDeveloperTokenAuth(token=token.strip())
