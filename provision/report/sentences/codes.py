"""What Box's answers mean to a person, and what to do about them.

Sources: developer.box.com, Common errors (codes by HTTP status); Box API reference, POST, PUT and DELETE /users.
"""

from __future__ import annotations

from dataclasses import dataclass

from provision.model import Kind
from provision.operations.registry import ENDINGS


@dataclass(frozen=True, slots=True)
class Meaning:
    """An answer of Box in plain words: what it means and what to do."""

    means: str
    remedy: str


#: our own word for an answer of Box that said yes, where Box shows other values afterwards
SHOWN_OTHERWISE = "shown_otherwise"

#: by Box's own code, and by ours
CODES: dict[str, Meaning] = {
    "user_login_already_used": Meaning(
        "The e-mail address already belongs to a Box account: in this enterprise, in another one, or a personal one.",
        "Look the address up in the Admin Console. A personal account has to be invited, there or by the next run "
        "(onboarding.invite_existing: true); for one of another enterprise ask its owner, or use another address.",
    ),
    "conflict": Meaning(
        "An account with the same key exists already.",
        "Look for the external id or the login in the Admin Console; correct the roster or that account.",
    ),
    "access_denied_insufficient_permissions": Meaning(
        "The app is not allowed to do this to this account, for example because it is an administrator's.",
        "Compare the app's rights in the Developer Console; leave administrators to the Admin Console.",
    ),
    "insufficient_scope": Meaning(
        "The app lacks an application scope, usually Manage users.",
        "Enable the scope in the Developer Console and have an administrator authorize the app again.",
    ),
    "forbidden": Meaning(
        "A rule of the enterprise forbids it, for example a retention policy on the account's content.",
        "Ask the Box administrator which policy applies; move the content first if the account is to be deleted.",
    ),
    "forbidden_by_policy": Meaning(
        "A policy of the enterprise forbids it.",
        "Ask the Box administrator which policy applies to this account.",
    ),
    "denied_by_policy": Meaning(
        "An information barrier forbids it.",
        "Ask the Box administrator which information barrier segment the account is in.",
    ),
    "bad_request": Meaning(
        "Box does not accept one of the values.",
        "Compare the values of this change with the roster; correct the row and run again.",
    ),
    "invalid_parameter": Meaning(
        "Box does not accept one of the values.",
        "Compare the values of this change with the roster; correct the row and run again.",
    ),
    "invalid_request_parameters": Meaning(
        "Box does not accept one of the values; for tracking codes: the feature is off, or a name is not registered with exactly this spelling.",
        "See where tracking codes are registered (Admin Console, Enterprise Settings), at most five; correct roster.columns or "
        "the row and run again.",
    ),
    "missing_parameter": Meaning(
        "Box wants a value that the roster does not give.",
        "Add the value to the roster row and run again.",
    ),
    "not_found": Meaning(
        "The account is no longer there, or the app may no longer see it.",
        "Plan again: the next listing shows whether it is gone.",
    ),
    "user_email_confirmation_required": Meaning(
        "The person has not confirmed the e-mail address yet.",
        "Ask the person to open Box's confirmation mail; the next run tries again.",
    ),
    "password_reset_required": Meaning(
        "The account waits for a new password.",
        "Ask the person to sign in and set one; the next run tries again.",
    ),
    "terms_of_service_required": Meaning(
        "The person has not accepted the terms of service yet.",
        "Ask the person to sign in once; the next run tries again.",
    ),
    "rate_limit_exceeded": Meaning(
        "Box throttled requests too often: about 1,000 calls a minute are allowed to an account, whoever makes them.",
        "Resume the run later, lower apply.requests_per_minute in the job, and see who else signs in as this account.",
    ),
    SHOWN_OTHERWISE: Meaning(
        "Box accepted the change but shows another value: it was truncated or rounded, changed by another program, or this sign-in may not set it.",
        "Compare the account in the Admin Console with the row. It is not sent again unless you approve that (provision holds "
        "JOB), the row says something else, or Box shows what the row says.",
    ),
    "unauthorized": Meaning(
        "Box did not accept the sign-in any more.",
        "Sign in afresh; a developer token ends after an hour.",
    ),
    "unavailable": Meaning(
        "Box was not available; the change may have been made anyway.",
        "Resume the run: it looks before it sends anything again.",
    ),
}

_BY_STATUS: dict[int, Meaning] = {
    0: Meaning("No readable answer arrived.", "Resume the run: it looks before it sends anything again."),
    400: CODES["bad_request"],
    401: CODES["unauthorized"],
    403: CODES["access_denied_insufficient_permissions"],
    404: CODES["not_found"],
    409: CODES["conflict"],
    429: CODES["rate_limit_exceeded"],
}

_REFUSALS = (400, 403, 409)

_UNKNOWN = Meaning(
    "Box refused it for a reason this program does not know.", "Contact Box support with the request id."
)
_NOT_PROVEN = Meaning(
    "Box confirmed the change, but it is not visible.", "Run `provision verify` in a few minutes."
)
_KEPT = Meaning(
    "Box keeps the account: it still owns content, or a policy, a legal hold or a transfer under way holds it.",
    "Transfer the content first (a transfer stage before the delete in lifecycle.leavers), or ask the Box administrator what holds "
    "the account; the next run tries again.",
)
#: what the refusal of something means that is no account
_NOT_LET: dict[str, Meaning] = {
    Kind.GROUP_CREATE: Meaning(
        "The app is not allowed to create groups.",
        "Enable the scope Manage groups in the Developer Console and have an administrator authorize the app again.",
    ),
    Kind.FOLDER_CREATE: Meaning(
        "The account behind the sign-in may not make a folder there.",
        "It needs the scope Write all files and folders, and to be an editor or the owner of the folder above.",
    ),
}
#: codes that Box has for a deletion as for anything else, which say nothing of the values of a row
_GENERAL = (
    "bad_request",
    "conflict",
    "forbidden",
    "invalid_parameter",
    "access_denied_insufficient_permissions",
    "",
)
_CORRECT = Meaning("The row cannot be used as it is.", "Correct it in the roster's source and run again.")


def meaning(code: str, http_status: int, verdict: str = "") -> Meaning:
    """What an answer means: by Box's code if it is known, else by the HTTP status (0: no answer).

    ``verdict`` is that of the line it is about; a kind of operation that ends an account has answers of its own.
    """
    if verdict == "rejected":
        return _CORRECT
    if verdict in ENDINGS and code in _GENERAL and http_status in _REFUSALS:
        return _KEPT
    if verdict in _NOT_LET and http_status == 403:
        return _NOT_LET[verdict]
    if code in CODES:
        return CODES[code]
    if 200 <= http_status < 300:
        return _NOT_PROVEN
    if http_status >= 500:
        return CODES["unavailable"]
    return _BY_STATUS.get(http_status, _UNKNOWN)
