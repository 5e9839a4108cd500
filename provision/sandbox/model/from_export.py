"""An enterprise to begin with from `provision export`: everybody of a real one, to rehearse a plan on a copy.

A CSV file as that command writes it. An app user keeps login and external id; whose role is `admin` is the admin, else one
is invented. Groups are those of the column `groups`. Columns that say nothing of an account are passed over; content does
not stand in an export.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from provision.sandbox.options import SandboxError

from .seed import Seed, SeedEnterprise, SeedGroup, SeedMember, SeedUser, refuse_doubles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_TEXTS = (
    "name",
    "role",
    "status",
    "language",
    "timezone",
    "job_title",
    "phone",
    "address",
    "notification_email",
)
_FLAGS = (
    *("is_sync_enabled", "can_see_managed_users", "is_external_collab_restricted"),
    *("is_exempt_from_device_limits", "is_exempt_from_login_verification"),
)
_CODE = "tracking_codes."
_APP_LOGIN = re.compile(r"AppUser_.+@(?:boxdevedition|box)\.com", re.IGNORECASE)
_ADMIN, _AS_ADMIN = "sandbox.admin", " (admin)"


def read_export(path: Path) -> Seed:
    """The seed of an export; what is wrong with it is a SandboxError that names the line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
        seed = _seed(rows)
        refuse_doubles(seed)
    except OSError as error:
        raise SandboxError(
            f"the export {path} cannot be read: {error.strerror}",
            "a misspelt path",
            "check the path given with --from",
        ) from error
    except (csv.Error, UnicodeError, ValueError) as error:
        raise SandboxError(
            f"the file {path} is no export of users: {error}",
            "an .xlsx file, or a file that another program wrote",
            "write one with: provision export JOB --out FILE.csv",
        ) from error
    return seed


def _seed(rows: list[dict[str, str]]) -> Seed:
    if not rows or not {"name", "login"} <= set(rows[0]):
        raise ValueError("it has no rows with the columns name and login")
    people = [_user(line, row) for line, row in enumerate(rows, start=2)]
    domains = dict.fromkeys(
        one.login.rpartition("@")[2].casefold() for one in people if one.kind == "managed" and one.login
    )
    admins = [one for one in people if one.role == "admin"]
    where = next(iter(domains), "sandbox.example")
    admin = admins[0] if admins else SeedUser(name="Sandbox Admin", login=f"{_ADMIN}@{where}")
    return Seed(
        enterprise=SeedEnterprise(
            id="27335", name="Copy of an enterprise", domains=tuple(domains) or (where,)
        ),
        admin=admin,
        users=tuple(one for one in people if one is not admin),
        groups=_groups(zip(people, rows, strict=True)),
    )


def _groups(lines: Iterable[tuple[SeedUser, Mapping[str, str]]]) -> tuple[SeedGroup, ...]:
    """The groups that cells name, with ; between, and who is in them; "Name (admin)" is an admin of one."""
    members: dict[str, list[str | SeedMember]] = {}
    for user, row in lines:
        key = user.login or user.external_app_user_id or ""
        for cell in filter(None, map(str.strip, (row.get("groups") or "").split(";"))):
            name = cell.removesuffix(_AS_ADMIN)
            role: Literal["member", "admin"] = "admin" if name != cell else "member"
            members.setdefault(name, []).append(SeedMember(user=key, role=role))
    return tuple(SeedGroup(name=name, members=tuple(some)) for name, some in members.items())


def _user(line: int, row: Mapping[str, str]) -> SeedUser:
    login = row.get("login") or None
    is_app = row.get("kind") == "app" or (login is None or _APP_LOGIN.fullmatch(login) is not None)
    found: dict[str, Any] = {"kind": "app" if is_app else "managed", "login": login}
    found |= {name: row[name] for name in _TEXTS if row.get(name)}
    found |= {name: row[name] == "true" for name in _FLAGS if row.get(name)}
    if is_app:
        found["external_app_user_id"] = row.get("external_id") or None
    found["aliases"] = tuple(filter(None, map(str.strip, (row.get("aliases") or "").split(";"))))
    codes = {key.removeprefix(_CODE): value for key, value in row.items() if key and key.startswith(_CODE)}
    found["tracking_codes"] = {name: value for name, value in codes.items() if value}
    try:
        if row.get("space_amount"):
            found["space_amount"] = _bytes(row["space_amount"])
        return msgspec.convert(found, SeedUser)
    except (msgspec.ValidationError, ValueError) as error:
        raise ValueError(f"line {line}: {error}") from None


def _bytes(text: str) -> int:
    """A size as exports have it: bytes, small ones with a B; -1 or unlimited for no limit."""
    if text.casefold() == "unlimited":
        return -1
    return int(text.removesuffix("B").strip())
