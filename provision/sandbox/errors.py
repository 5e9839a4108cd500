"""What the sandbox answers when it refuses: the bodies Box sends, one function for each.

Shapes and wording follow live answers quoted in Box's forum, help centre and SDK issues; the source stands
with each function. `help_url` has the address of live answers, which differs from the API reference's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from .choices import Choices

HELP_URL = "http://developers.box.com/docs/#errors"
JSON = ("content-type", "application/json")
NO_STORE = ("cache-control", "no-store")
_REALM = 'Bearer realm="Service", '


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; header names are lower case, as Box's are (since May 2021).

    file, span: instead of `body`, the bytes of a file from one place to another.
    """

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    file: Path | None = None
    span: tuple[int, int] = (0, 0)

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.body) if self.file is None else self.span[1] - self.span[0]


class RefusedCall(Exception):
    """A call that ends in an answer other than success; `body` None means an empty body."""

    def __init__(self, status: int, body: Mapping[str, object] | None, *headers: tuple[str, str]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers

    def answer(self, request_id: str) -> Answer:
        """The answer to send; Box's own errors carry the request's id, sign-in errors do not."""
        if self.body is None:
            return Answer(self.status, b"", self.headers)
        named = {"request_id": request_id} if self.body.get("type") == "error" else {}
        return Answer(self.status, msgspec.json.encode({**self.body, **named}), (JSON, *self.headers))


def ok(body: object, status: int = 200) -> Answer:
    """A successful answer with a JSON body."""
    return Answer(status, msgspec.json.encode(body), (JSON,))


def failure(status: int, code: str, message: str, context: Mapping[str, object] | None = None) -> RefusedCall:
    """Box's error envelope in the key order of live answers (github.com/box/box-python-sdk, issue 880)."""
    body: dict[str, object] = {"type": "error", "status": status, "code": code}
    if context is not None:
        body["context_info"] = context
    body |= {"help_url": HELP_URL, "message": message}
    return RefusedCall(status, body)


def invalid(
    name: str, message: str, reason: str = "invalid_parameter", code: str = "bad_request"
) -> RefusedCall:
    """400 that names the parameter (shape: github.com/box/box-python-sdk, issues 880 and 108)."""
    context = {"errors": [{"reason": reason, "name": name, "message": message}]}
    return failure(400, code, "Bad Request", context)


def not_found(name: str, value: str) -> RefusedCall:
    """404 (shape: Box forum, thread 360049140914; the user variant of the text is inferred)."""
    message = f"Invalid value '{value}'. '{name}' with value '{value}' not found"
    context = {"errors": [{"reason": "invalid_parameter", "name": name, "message": message}]}
    return failure(404, "not_found", "Not Found", context)


def unknown_path() -> RefusedCall:
    """404 for a path that does not exist (body undocumented; the envelope without context)."""
    return failure(404, "not_found", "Not Found")


def wrong_method(allowed: Iterable[str] = ()) -> RefusedCall:
    """405 (Box guide, Common errors), with the verbs there are."""
    refusal = failure(405, "method_not_allowed", "Method Not Allowed")
    return RefusedCall(405, refusal.body, ("allow", ", ".join(sorted(allowed))))


def not_built(what: str) -> RefusedCall:
    """501 of the sandbox itself for something that Box has and it has not: told in a header, so that a test can see it."""
    message = f"The sandbox has not built this: {what}"
    refusal = failure(501, "not_implemented", message)
    return RefusedCall(501, refusal.body, ("x-sandbox-not-built", quote(what, safe="/ *:")))


def unknown_version(version: str) -> RefusedCall:
    """400 for a `box-version` that there is not (Box guide, Versioning errors)."""
    message = f"Unsupported API version specified: '{version}'"
    return failure(400, "invalid_api_version", message)


def older_version() -> RefusedCall:
    """400 for what is only in a later version than the one that is asked for (wording undocumented)."""
    return failure(400, "invalid_api_version", "The requested API version is not supported")


def unauthorized() -> RefusedCall:
    """401 with an empty body (github.com/box/box-node-sdk, issue 157)."""
    told = 'error="invalid_token", error_description="The access token provided is invalid."'
    return RefusedCall(401, None, ("www-authenticate", _REALM + told))


def insufficient_scope() -> RefusedCall:
    """403 with an empty body for a scope the app lacks (Box forum, thread 1500001305301)."""
    told = (
        'error="insufficient_scope", error_description="The request requires higher privileges '
        'than provided by the access token."'
    )
    return RefusedCall(403, None, ("www-authenticate", _REALM + told))


def denied(choices: Choices) -> RefusedCall:
    """403 for rights the acting user lacks (Box help centre, article 360043693434)."""
    message = f"Access denied {choices.permission_dash} insufficient permission"
    return failure(403, "access_denied_insufficient_permissions", message)


def protected(choices: Choices) -> RefusedCall:
    """The refusal to touch the admin, the service account or oneself (status and code undocumented)."""
    message = f"Access denied {choices.permission_dash} insufficient permission"
    return failure(choices.protected_account_status, choices.protected_account_code, message)


def login_taken() -> RefusedCall:
    """409 (Box guide, Common errors; github.com/box/box-windows-sdk-v2, issue 491)."""
    return failure(409, "user_login_already_used", "User with the specified login already exists")


def locked(choices: Choices) -> RefusedCall:
    """The refusal while content is under way (message: github.com/box/box-java-sdk, issue 556; the rest undocumented)."""
    return failure(choices.locked_user_status, choices.locked_user_code, "User is locked")


def trashed() -> RefusedCall:
    """404 for what is in the trash (Box guide, Common errors)."""
    return failure(404, "trashed", "Item is trashed")


def blocked() -> RefusedCall:
    """409 for a folder that takes part in another operation (API reference, PUT /folders; wording undocumented)."""
    return failure(
        409, "operation_blocked_temporary", "The operation is blocked by another on-going operation"
    )


def name_in_use(conflicts: object) -> RefusedCall:
    """409 with what is in the way: in a list for folders, on its own for files (Box guide, Common errors)."""
    message = "Item with the same name already exists"
    return failure(409, "item_name_in_use", message, {"conflicts": conflicts})


def group_name_taken(name: str, choices: Choices) -> RefusedCall:
    """409 (a live answer, kept in the tests of github.com/stevenmaguire/oauth2-box)."""
    message = f"Invalid value '{name}'. A resource with value '{name}' already exists"
    context = {"errors": [{"reason": "invalid_parameter", "name": "group_tag_name", "message": message}]}
    told = "Resource with the same name already exists"
    return failure(409, choices.group_conflict_code, told, context)


def member_already(choices: Choices) -> RefusedCall:
    """409 (Box guide, Shared folders, looks at the status; code and message are undocumented)."""
    return failure(409, choices.membership_conflict_code, "A resource with this value already exists")


def external_id_taken(holder: str, choices: Choices) -> RefusedCall:
    """409 with the holder's id (message: Box forum, thread 360049154754; `code` undocumented)."""
    message = "An app user already exists for this external_app_user_id"
    context = {"conflicts": [{"type": "user", "id": holder}]}
    return failure(409, choices.external_id_conflict_code, message, context)


def rate_limited(seconds: int, message: str) -> RefusedCall:
    """429 with `retry-after` (Box guide, Rate limits; github.com/box/box-windows-sdk-v2, issue 166)."""
    refusal = failure(429, "rate_limit_exceeded", message)
    return RefusedCall(429, refusal.body, ("retry-after", str(seconds)))


def sign_in(error: str, description: str) -> RefusedCall:
    """400 of the token endpoint: OAuth's two keys and nothing else."""
    return RefusedCall(400, {"error": error, "error_description": description}, NO_STORE)


def sign_in_overloaded(seconds: int) -> RefusedCall:
    """429 of the token endpoint (Box help centre, article 20298633634707)."""
    told = "The server is currently unable to handle the request due to a temporary overloading of the server"
    body = {"error": "temporarily_unavailable", "error_description": told}
    return RefusedCall(429, body, NO_STORE, ("retry-after", str(seconds)))


def gateway(status: int) -> RefusedCall:
    """5xx as Box words them (Box guide, Common errors); others get a plain envelope."""
    known = {
        500: ("internal_server_error", "Internal Server Error"),
        502: ("bad_gateway", "Bad Gateway"),
        503: ("unavailable", "Unavailable"),
    }
    code, message = known.get(status, ("error", "Error"))
    return failure(status, code, message)
