"""The token endpoint: POST /oauth2/token and POST /oauth2/revoke (API reference, Authorization).

Forms only. Every refusal is a 400 with OAuth's two keys, and 429 when overloaded (Box guide, Client
credentials; Box help centre, articles 360044192553 and 20298633634707).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import msgspec

from provision.sandbox.errors import JSON, NO_STORE, Answer, sign_in, sign_in_overloaded
from provision.sandbox.model.accounts import Account, AccountKind

from .assertions import Subject, unknown_subject, verified
from .exchange import EXCHANGE, exchanged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from provision.sandbox.world import Request, World

    Form = Mapping[str, str]
    Grant = Callable[[World, Form], Answer]

_FORM = "application/x-www-form-urlencoded"


def token(world: World, request: Request) -> Answer:
    """A token for one of the grants, or the refusal."""
    form = _form(request)
    grant = GRANTS.get(form.get("grant_type", ""))
    if grant is None:
        raise sign_in("unsupported_grant_type", "The grant type is not supported")
    if form.get("grant_type") != EXCHANGE or "client_secret" in form:
        _check_client(world, form)
    seconds = world.limiter.wait(world.enterprise.facts.admin_id, world.clock.now())
    if seconds:
        raise sign_in_overloaded(seconds)
    return grant(world, form)


def revoke(world: World, request: Request) -> Answer:
    """Ends a token; an unknown one is no error (API reference, POST /oauth2/revoke)."""
    form = _form(request)
    _check_client(world, form)
    world.tokens.revoke(form.get("token", ""))
    if world.choices.revoke_answer == "object":
        return Answer(200, b"{}", (JSON, NO_STORE))
    return Answer(200, b"", (NO_STORE,))


def _form(request: Request) -> Form:
    if not request.headers.get("content-type", _FORM).startswith(_FORM):
        # What Box answers to a JSON body is undocumented.
        raise sign_in("invalid_request", "Invalid grant_type parameter or parameter missing")
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _check_client(world: World, form: Form) -> None:
    app = world.enterprise.app
    if (form.get("client_id"), form.get("client_secret")) != (app.client_id, app.client_secret):
        raise sign_in("invalid_client", "The client credentials are invalid")


def _by_assertion(world: World, form: Form) -> Answer:
    app, now = world.enterprise.app, world.clock.now()
    said = verified(form.get("assertion", ""), app, now)
    if not world.tokens.use_assertion(said.jti, said.expires_at, now):
        raise sign_in("invalid_grant", "Please check the 'jti' claim. A unique 'jti' value is required.")
    if not app.authorized:
        raise sign_in("unauthorized_client", "This app is not authorized by the enterprise admin")
    return _issued(world, _subject_account(world, said.subject).id)


def _by_credentials(world: World, form: Form) -> Answer:
    if not world.enterprise.app.authorized:
        raise sign_in("invalid_grant", "Grant credentials are invalid")
    kind = form.get("box_subject_type", "")
    if kind not in ("enterprise", "user"):
        raise sign_in(
            "unauthorized_client", 'The "box_subject_type" value is unauthorized for this client_id'
        )
    subject = Subject(kind, form.get("box_subject_id", ""))
    return _issued(world, _subject_account(world, subject).id)


def _by_refresh(world: World, form: Form) -> Answer:
    now = world.clock.now()
    held = world.tokens.find(form.get("refresh_token", ""), now)
    if held is None or not held.refresh:
        raise sign_in("invalid_credentials", "Invalid refresh token")
    world.tokens.revoke(held.value)
    following = world.tokens.issue_refresh(held.user_id, now)
    return _issued(world, held.user_id, {"refresh_token": following.value})


GRANTS: dict[str, Grant] = {
    "urn:ietf:params:oauth:grant-type:jwt-bearer": _by_assertion,
    "client_credentials": _by_credentials,
    "refresh_token": _by_refresh,
    EXCHANGE: exchanged,
}


def _subject_account(world: World, subject: Subject) -> Account:
    """The service account for the enterprise, else the user; Box help centre, article 360044192553."""
    enterprise = world.enterprise
    if subject.kind == "enterprise":
        account = enterprise.accounts.get(enterprise.facts.service_account_id)
        if subject.id != enterprise.facts.id or account is None:
            raise unknown_subject()
        return account
    account = enterprise.accounts.get(subject.id)
    if account is None or account.app:
        raise unknown_subject()
    foreign = account.kind is AccountKind.MANAGED and enterprise.app.access == "app"
    if account.kind is AccountKind.SERVICE or foreign or not enterprise.app.user_tokens:
        told = "Cannot obtain user token based on the enterprise configuration for your app"
        raise sign_in("invalid_request", told)
    return account


def _issued(world: World, user_id: str, more: Mapping[str, str] | None = None) -> Answer:
    body = {
        "access_token": world.tokens.issue(user_id, world.clock.now()).value,
        "expires_in": world.tokens.lifetime,
        "restricted_to": [],
        "token_type": "bearer",
    }
    return Answer(200, msgspec.json.encode({**body, **(more or {})}), (JSON, NO_STORE))
