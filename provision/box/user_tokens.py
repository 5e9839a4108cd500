"""Tokens of single users: a program that acts as an app user is handed one, and never the app's own secret."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

from box_sdk_gen import BoxCCGAuth, BoxClient, BoxDeveloperTokenAuth
from box_sdk_gen.networking.auth import Authentication
from box_sdk_gen.networking.network import NetworkSession

from provision.box.enterprise import EnterpriseCalls
from provision.box.jwt_config import BoxTimeJwt
from provision.box.signin import SharedSignIn
from provision.box.wire import Wire
from provision.errors import SignInRefused, UsageError


@dataclass(frozen=True, slots=True, repr=False)
class UserToken:
    """An access token and for how many seconds it is good; never logged."""

    text: str
    seconds: int


class UserTokens:
    """Tokens for users of the ``app`` that a job signs in as, whose ``network`` goes over the ``wire``. ``clock`` is monotonic seconds."""

    def __init__(
        self, app: Authentication, network: NetworkSession, wire: Wire, clock: Callable[[], float]
    ) -> None:
        self._app = app
        self._network = network
        self._wire = wire
        self._clock = clock

    def of(self, box_id: str) -> UserToken:
        """One request for a token of this user.

        Raises SignInRefused where Box makes none, UsageError where the job's way of signing in can make none, or a
        transient fault.
        """
        inner = _for_user(self._app, box_id)
        try:
            token = SharedSignIn(inner, self._clock).retrieve_token(network_session=self._network)
        except SignInRefused as error:
            raise SignInRefused(
                error.what.replace("the sign-in", "a token for this user"),
                cause="the app may not make tokens for users, or not for this one",
                remedy='switch on "Generate user access tokens" in the Developer Console (Configuration), then authorise the app '
                "in the Admin Console again",
            ) from None
        return UserToken(token.access_token or "", int(token.expires_in or 0))

    def look_at_root(self, box_id: str) -> None:
        """List one entry of this user's root folder with a token of the user's own, as a portal would: two requests.

        Box API reference, GET /folders/{folder_id}/items. Raises what :meth:`of` raises, or any BoxFault.
        """
        auth = BoxDeveloperTokenAuth(token=self.of(box_id).text)
        EnterpriseCalls(BoxClient(auth=auth, network_session=self._network), self._wire).list_root()


def _for_user(app: Authentication, box_id: str) -> Authentication:
    match app:
        case BoxCCGAuth():
            return app.with_user_subject(box_id)
        case BoxTimeJwt():
            config = copy.copy(app.config)
            config.enterprise_id, config.user_id = None, box_id
            mine = BoxTimeJwt(config)
            mine.skew = app.skew  # as the app's own sign-in has found it
            return mine
        case _:
            raise UsageError(
                "A developer token cannot make tokens for users.", remedy="use box.auth.method jwt or ccg"
            )
