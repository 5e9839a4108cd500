"""Signing in: one token for all workers, renewed once for all of them shortly before it ends.

The SDK neither renews a token before its end nor keeps threads from renewing at the same time, and its token retry
sends the same assertion twice; here each token request is a fresh one (a reused ``jti`` is refused by Box).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from pathlib import Path

from box_sdk_gen import BoxCCGAuth, BoxDeveloperTokenAuth, BoxJWTAuth, BoxSDKError, CCGConfig, JWTConfig
from box_sdk_gen.internal.utils import DefaultPrivateKeyDecryptor
from box_sdk_gen.networking.auth import Authentication
from box_sdk_gen.networking.fetch_options import FetchOptions
from box_sdk_gen.networking.network import NetworkSession
from box_sdk_gen.schemas.access_token import AccessToken
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from provision.errors import (
    BoxFault,
    BoxUnreachable,
    Expired,
    JobError,
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

_DOWNLOAD = "download it from the Developer Console (Configuration > Add and Manage Public Keys)"

_FIXES = {
    "unauthorized_client": (
        "the app is not authorised by an admin of the enterprise, or not for this way of signing in",
        "authorise the app in the Admin Console (Apps > Custom Apps Manager), again after each change of its settings",
    ),
    "invalid_client": (
        "client id or client secret are not those of the app",
        "compare BOX client id and secret with the Developer Console",
    ),
    "invalid_grant": (
        "a wrong enterprise id or secret, an app not authorised by the admin, or a clock that is off",
        "check the enterprise id and the app's authorisation in the Admin Console, and this machine's clock",
    ),
}


class SharedSignIn(Authentication):
    """The SDK's authentication with one token for all threads. ``clock`` is monotonic seconds."""

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

    def _asked(self, network_session: NetworkSession | None) -> AccessToken:
        try:
            return self._inner.refresh_token(network_session=network_session)
        except TokenRefused as fault:
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
    if abs(fault.skew) > _SKEW or "'exp'" in fault.detail:
        return SignInRefused(
            f"{what} (this machine's clock is {_ahead(fault.skew)} Box's)",
            cause="the clock of this machine is off; an assertion may end at most 60 seconds ahead",
            remedy="set the clock (NTP) and run again",
        )
    cause, remedy = _FIXES.get(fault.answer.code, _FIXES["invalid_grant"])
    return SignInRefused(what, cause=cause, remedy=remedy)


def _ahead(skew: float) -> str:
    return f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'}"


def no_box_there() -> BoxUnreachable:
    """The error for an address at which something else than Box answers."""
    return BoxUnreachable(
        "What answers at box.base_url does not speak Box's language (no token in its answer).",
        cause="a wrong address, or a proxy or portal page in between",
        remedy="open the address of box.base_url in a browser from this machine and compare it with the job file",
    )


def _bad_key() -> SignInRefused:
    return SignInRefused(
        "The private key of the JWT config file cannot be used.",
        cause="a wrong passphrase, or a key that was cut off when it was copied",
        remedy="download a fresh config file from the Developer Console",
    )


def authentication(settings: BoxSettings) -> Authentication:
    """The SDK's authentication for a job.

    Raises JobError for a file that is no JWT config file, SignInRefused for one whose key cannot be used.
    """
    match settings.auth:
        case JwtAuth(config_file=path):
            return BoxJWTAuth(_usable(_jwt_config(path)))
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


def _jwt_config(path: Path) -> JWTConfig:
    try:
        config = JWTConfig.from_config_json_string(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise JobError(
            f"The JWT config file {path} cannot be read ({error.strerror}).",
            cause="a wrong path in box.auth.config_file, or a file of another user",
            remedy=_DOWNLOAD,
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, BoxSDKError):
        raise _no_config(path) from None
    if not config.private_key:
        raise _no_config(path)
    return config


def _no_config(path: Path) -> JobError:
    return JobError(
        f"The file {path} is not a Box JWT config file.",
        cause="another JSON file, or one without a private key",
        remedy=_DOWNLOAD,
    )


def _usable(config: JWTConfig) -> JWTConfig:
    """The same config once its key has been unlocked: better said now than at the first assertion."""
    try:
        unlock = DefaultPrivateKeyDecryptor().decrypt_private_key
        key = unlock(config.private_key, config.private_key_passphrase)
    except (ValueError, TypeError, AttributeError, UnsupportedAlgorithm):
        raise _bad_key() from None
    if not isinstance(key, RSAPrivateKey):
        raise _bad_key()
    return config
