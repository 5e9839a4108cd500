"""The enterprise a sandbox begins with, as a JSON file.

    {"enterprise": {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example"],
                    "tracking_codes": ["Cost Center"], "retention_policies": false},
     "admin": {"name": "Ada Abara", "login": "ada.abara@acme.example"},
     "users": [{"name": "Zoë Weiß", "login": "zoe.weiss@acme.example", "job_title": "Buyer", "files": 3},
               {"name": "Client 7", "kind": "app", "external_app_user_id": "client-7"}],
     "groups": [{"name": "Buyers", "members": ["zoe.weiss@acme.example", {"user": "client-7", "role": "admin"}]}],
     "elsewhere": [{"login": "guest@partner.example", "what": "external"}]}

All keys but `enterprise` and `admin` may be left out; an unknown key is refused.

* `enterprise`: `id`, `name`, `domains` (registered ones); `verified_domains`, on which an alias needs no confirmation (left
  out: all that are registered); `tracking_codes` the names configured in the console
  (left out: any name is); `retention_policies` true makes forced deletion of content owners fail; `settings` what the
  admin has set, as {"is_enterprise_sso_required": true} (see `provision.sandbox.api.settings`).
* `admin` and each of `users`: `name`; `login` (managed) or `external_app_user_id` (app; its login is made up
  unless given); `kind` `managed` or `app` (left out: app if there is an external id and no login); `role`
  `user` or `coadmin`; `status`; `language`; `timezone`; `job_title`; `phone`; `address`; `space_amount` (bytes,
  -1 unlimited); `space_used`; `tracking_codes` as {name: value} or [{"name", "value"}]; `notification_email`;
  `aliases`; `unconfirmed_aliases`; `owns_content`; `files`, how many lie in the root (left out: one if it owns content or uses space);
  `folders`, names of empty ones there; `email_confirmed`; `created_by_other_app` (an app user our app cannot see);
  `id` and `created_at` if they matter; `is_sync_enabled`, `can_see_managed_users`,
  `is_external_collab_restricted`, `is_exempt_from_device_limits`, `is_exempt_from_login_verification`.
* `groups`: `name`, `description`, `id` if it matters, `provenance`, `external_sync_identifier`, `group_type`
  (`managed_group`, or `all_users_group`); `members`: each a login, an external id or an id, or
  {"user": one of these, "role": "member" or "admin"}.
* `elsewhere`: accounts outside whose login is taken: `login`, `what` is `external` (collaborates with us),
  `personal` or `other_enterprise`; `name` and `id` if they matter.
* `app`: `name`, `access` (`enterprise` or `app`), `user_tokens`, `as_user`, `authorized`, `scopes`: what the
  admin granted the client, to see what a lack of it does.
* `choices`: see `provision.sandbox.choices`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from provision.sandbox.clock import stamp
from provision.sandbox.options import SandboxError

from .accounts import AVATAR, Account, AccountKind, Elsewhere
from .enterprise import SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FIRST_ID = 28_000_000_000
Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9]+$")]


class SeedUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One user as the file has it; what is left out gets Box's default."""

    name: str
    login: str | None = None
    external_app_user_id: str | None = None
    kind: Literal["managed", "app"] | None = None
    id: Id | None = None
    created_at: str | None = None
    role: Literal["admin", "coadmin", "user"] = "user"
    status: Literal["active", "inactive", "pending", "cannot_delete_edit", "cannot_delete_edit_upload"] = (
        "active"
    )
    language: str = "en"
    timezone: str = "America/Los_Angeles"
    job_title: str = ""
    phone: str = ""
    address: str = ""
    space_amount: int | None = None
    space_used: int = 0
    tracking_codes: dict[str, str] | list[dict[str, str]] = {}
    notification_email: str | None = None
    aliases: tuple[str, ...] = ()
    unconfirmed_aliases: tuple[str, ...] = ()
    owns_content: bool = False
    files: int = 0
    folders: tuple[str, ...] = ()
    email_confirmed: bool = True
    created_by_other_app: bool = False
    is_sync_enabled: bool = True
    can_see_managed_users: bool = True
    is_external_collab_restricted: bool = False
    is_exempt_from_device_limits: bool = False
    is_exempt_from_login_verification: bool = False


class SeedElsewhere(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An account outside."""

    login: str
    what: Literal["external", "personal", "other_enterprise"]
    name: str = ""
    id: Id | None = None


class SeedMember(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is in a group, by login, external id or id."""

    user: str
    role: Literal["member", "admin"] = "member"


class SeedGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A group and who is in it."""

    name: str
    id: Id | None = None
    description: str = ""
    group_type: Literal["managed_group", "all_users_group"] = "managed_group"
    provenance: str = ""
    external_sync_identifier: str = ""
    members: tuple[str | SeedMember, ...] = ()


class SeedEnterprise(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The enterprise itself."""

    id: Id
    name: str
    domains: tuple[str, ...]
    verified_domains: tuple[str, ...] | None = None
    tracking_codes: tuple[str, ...] | None = None
    retention_policies: bool = False
    settings: dict[str, bool | int | str] = {}


class SeedApp(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the admin granted the client."""

    name: str = "Sandbox App"
    access: Literal["enterprise", "app"] = "enterprise"
    user_tokens: bool = True
    as_user: bool = True
    authorized: bool = True
    scopes: tuple[str, ...] = SCOPES


class Seed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole seed file."""

    enterprise: SeedEnterprise
    admin: SeedUser
    users: tuple[SeedUser, ...] = ()
    groups: tuple[SeedGroup, ...] = ()
    elsewhere: tuple[SeedElsewhere, ...] = ()
    app: SeedApp = SeedApp()
    choices: dict[str, Any] = {}


def default_seed() -> Seed:
    """An enterprise with nobody but its admin, and one account of each kind elsewhere."""
    return Seed(
        enterprise=SeedEnterprise(id="27335", name="Acme Inc.", domains=("acme.example", "boxdemo.com")),
        admin=SeedUser(name="Ada Abara", login="ada.abara@acme.example"),
        elsewhere=(
            SeedElsewhere(login="guest@partner.example", what="external", name="Guest of a Partner"),
            SeedElsewhere(login="somebody@mail.example", what="personal"),
            SeedElsewhere(login="colleague@rival.example", what="other_enterprise"),
        ),
    )


def read_seed(path: Path) -> Seed:
    """The seed of a file; what is wrong with it is a SandboxError that names the place in the file."""
    try:
        seed = msgspec.json.decode(path.read_bytes(), type=Seed)
        refuse_doubles(seed)
    except OSError as error:
        raise SandboxError(
            f"the seed file {path} cannot be read: {error.strerror}",
            "a misspelt path, or a file of another user",
            "check the path given with --seed",
        ) from error
    except (msgspec.DecodeError, ValueError) as error:
        raise SandboxError(
            f"the seed file {path} is not a seed: {error}",
            "a misspelt key, a missing comma, or a value of another type",
            "see the format with: python -m pydoc provision.sandbox.model.seed",
        ) from error
    return seed


def refuse_doubles(seed: Seed) -> None:
    """ValueError if two accounts or groups of a seed have the same login, external id, id or name."""
    people, outside = (seed.admin, *seed.users), seed.elsewhere
    addresses = [
        address
        for one in people
        for address in (one.login, *one.aliases, *one.unconfirmed_aliases)
        if address
    ]
    _refuse_double("login", [address.casefold() for address in (*addresses, *(one.login for one in outside))])
    own = [one.external_app_user_id for one in people if not one.created_by_other_app]
    _refuse_double("external_app_user_id", own)
    _refuse_double("id", [*(one.id for one in people), *(one.id for one in outside)])
    _refuse_double("name", [one.name.casefold() for one in seed.groups], "groups")
    _refuse_double("id", [one.id for one in seed.groups], "groups")
    if any(one.role == "admin" for one in seed.users):
        raise ValueError("an enterprise has one admin; it stands under `admin`, not among `users`")


def _refuse_double(what: str, values: list[str | None] | list[str], whose: str = "accounts") -> None:
    seen: set[str] = set()
    for value in filter(None, values):
        if value in seen:
            raise ValueError(f"two {whose} have the {what} {value!r}")
        seen.add(value)


def accounts_of(seed: Seed, service_id: str, now: float) -> Iterator[Account]:
    """The admin, then the users, with ascending ids."""
    yield _account(msgspec.structs.replace(seed.admin, role="admin"), _FIRST_ID, service_id, now)
    for number, user in enumerate(seed.users, start=1):
        yield _account(user, _FIRST_ID + 7 * number, service_id, now)


def elsewhere_of(seed: Seed) -> Iterator[Elsewhere]:
    """The accounts outside, with ids below the enterprise's own."""
    for number, one in enumerate(seed.elsewhere, start=1):
        given = one.id or str(_FIRST_ID - 7 * number)
        yield Elsewhere(
            id=given, name=one.name or one.login.partition("@")[0], login=one.login, what=one.what
        )


def _account(user: SeedUser, number: int, service_id: str, now: float) -> Account:
    made, is_app = user.created_at or stamp(now - 86_400), _is_app(user)
    plain = {name: getattr(user, name) for name in _SAME}
    sizes = _APP_SIZES if is_app else _MANAGED_SIZES
    return Account(
        id=user.id or str(number),
        login=user.login or f"AppUser_{service_id}_{number % 10**10:010d}@boxdevedition.com",
        kind=AccountKind.APP if is_app else AccountKind.MANAGED,
        created_at=made,
        modified_at=made,
        space_amount=sizes[0] if user.space_amount is None else user.space_amount,
        max_upload_size=sizes[1],
        avatar_url="" if is_app else AVATAR,
        tracking_codes=_pairs(user.tracking_codes),
        notification_email=user.notification_email or "",
        notification_email_confirmed=bool(user.notification_email),
        app="another app" if user.created_by_other_app else "",
        owns_content=user.owns_content or user.space_used > 0 or user.files > 0,
        **plain,
    )


def _is_app(user: SeedUser) -> bool:
    if user.login:
        return user.kind == "app"
    if user.kind == "app" or (user.kind is None and user.external_app_user_id is not None):
        return True
    raise SandboxError(
        f"the seed has a managed user without a login: {user.name!r}",
        "an app user without `kind: app`, or a forgotten login",
        "give it a login, or an external_app_user_id",
    )


# space_amount and max_upload_size of a fresh account (Box, "first app user" tutorial; github.com/box/boxcli fixtures).
_APP_SIZES = (5_368_709_120, 16_106_127_360)
_MANAGED_SIZES = (10_737_418_240, 5_368_709_120)
_SAME = (
    *(
        "name",
        "external_app_user_id",
        "role",
        "status",
        "language",
        "timezone",
        "job_title",
        "phone",
        "address",
    ),
    *(
        "space_used",
        "files",
        "aliases",
        "unconfirmed_aliases",
        "email_confirmed",
        "is_sync_enabled",
        "can_see_managed_users",
    ),
    *("is_external_collab_restricted", "is_exempt_from_device_limits", "is_exempt_from_login_verification"),
)


def _pairs(codes: dict[str, str] | list[dict[str, str]]) -> tuple[tuple[str, str], ...]:
    if isinstance(codes, dict):
        return tuple(codes.items())
    return tuple((code["name"], code["value"]) for code in codes)
