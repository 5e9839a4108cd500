"""What ``provision doctor`` found, in words: a line a look, each ok, a warning or wrong, with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """How a look came out."""

    OK = "ok"
    #: no reading tells it
    UNKNOWN = "unknown"
    WARNING = "warning"
    WRONG = "wrong"


class Sign(StrEnum):
    """What a look found. Programs hold on to these words."""

    JOB = "job"
    VARIABLES = "variables"
    VARIABLES_UNSET = "variables_unset"
    ROSTER = "roster"
    ROSTER_ROWS = "roster_rows"
    ROSTER_UNREAD = "roster_unread"
    FOLDER = "folder"
    FOLDER_NOT_YET = "folder_not_yet"
    FOLDER_CLOSED = "folder_closed"
    FOLDER_DOUBTFUL = "folder_doubtful"
    KEY = "key"
    KEY_NOT_YET = "key_not_yet"
    KEY_MISSING = "key_missing"
    KEY_WRONG = "key_wrong"
    LEDGER = "ledger"
    LEDGER_NOT_YET = "ledger_not_yet"
    LEDGER_DOUBTFUL = "ledger_doubtful"
    LEDGER_WRONG = "ledger_wrong"
    BESIDE = "beside"
    BESIDE_WRONG = "beside_wrong"
    WAY = "way"
    CERTIFICATE = "certificate"
    CERTIFICATE_NONE = "certificate_none"
    CERTIFICATE_ENDS = "certificate_ends"
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    CREDENTIALS_WRONG = "credentials_wrong"
    NOT_REACHED = "not_reached"
    TOKEN_ENDS = "token_ends"  # noqa: S105 - a word
    CLOCK = "clock"
    CLOCK_OFF = "clock_off"
    USERS = "users"
    USERS_REFUSED = "users_refused"
    ACCESS = "access"
    ACCESS_APP_ONLY = "access_app_only"
    SHOWN = "shown"
    NOT_SHOWN = "not_shown"
    CONTENT = "content"
    CONTENT_REFUSED = "content_refused"
    GROUPS = "groups"
    GROUPS_REFUSED = "groups_refused"
    INVITING = "inviting"
    INVITING_REFUSED = "inviting_refused"
    INVITING_UNTRIED = "inviting_untried"
    SESSIONS_UNTRIED = "sessions_untried"
    AS_USER_UNTRIED = "as_user_untried"
    ADDRESSES_UNTRIED = "addresses_untried"
    SETTINGS_UNTOLD = "settings_untold"
    SSO_OFF = "sso_off"
    SSO_TESTING = "sso_testing"
    SSO_REQUIRED = "sso_required"
    INVITES = "invites"
    LOGINS_FIXED = "logins_fixed"
    NEW_USERS = "new_users"
    CODES_REGISTERED = "codes_registered"
    CODES_UNREGISTERED = "codes_unregistered"
    RATE = "rate"
    RATE_LOWERED = "rate_lowered"


class _Line(NamedTuple):
    """How a sign is told; ``by_box``: what is wrong there, Box said."""

    topic: str
    state: State
    sentence: str
    do: str = ""
    by_box: bool = False


_AUTHORISE = "then have an admin authorise the app again (Admin Console > Apps > Custom Apps Manager); it counts only from then on"
_CONFIGURATION = "in the Developer Console (the app > Configuration)"
_OK, _WARNING, _WRONG, _BOX = State.OK, State.WARNING, State.WRONG, True
_LINES = {
    Sign.JOB: _Line("job", _OK, "{name}, from {path}"),
    Sign.VARIABLES: _Line("variables", _OK, "everything the sign-in needs is set"),
    Sign.VARIABLES_UNSET: _Line(
        "variables", _WRONG, "not set here: {names}, which the sign-in needs; Box was not contacted",
        "set them where this job runs, as export {first}=…; provision sandbox prints its own",
    ),
    Sign.ROSTER: _Line("roster", _OK, "{path}: {rows} rows can be read"),
    Sign.ROSTER_ROWS: _Line("roster", _WARNING, "{path}: {rejected} of {rows} rows have errors", "provision check {job}"),
    Sign.ROSTER_UNREAD: _Line("roster", _WRONG, "{what}", "{do}"),
    Sign.FOLDER: _Line("{key}", _OK, "{path} can be written to"),
    Sign.FOLDER_NOT_YET: _Line("{key}", _OK, "{path} does not exist yet; the first run creates it, for this user only"),
    Sign.FOLDER_CLOSED: _Line(
        "{key}", _WRONG, "{path} cannot be written to by the user who runs this",
        "let that user own it, or name another place as {key} in the job file",
    ),
    Sign.FOLDER_DOUBTFUL: _Line("{key}", _WARNING, "{what}", "{do}"),
    Sign.KEY: _Line("key", _OK, "the key that seals the runs exists, and nobody else can read it"),
    Sign.KEY_NOT_YET: _Line("key", _OK, "there is none yet; the first run creates it beside the ledger"),
    Sign.KEY_MISSING: _Line(
        "key", _WRONG, "there is none, and no file beside the ledger can keep one",
        "make one with openssl rand -hex 32, and set {variable} to it wherever this job runs",
    ),
    Sign.KEY_WRONG: _Line("key", _WRONG, "{what}", "{do}"),
    Sign.LEDGER: _Line("ledger", _OK, "intact; it includes {runs} of this job"),
    Sign.LEDGER_NOT_YET: _Line("ledger", _OK, "there is none yet; the first run creates it"),
    Sign.LEDGER_DOUBTFUL: _Line("ledger", _WARNING, "{what}", "{do}"),
    Sign.LEDGER_WRONG: _Line("ledger", _WRONG, "{what}", "{do}"),
    Sign.BESIDE: _Line("every night", _OK, "{hooks}, {addresses}, {metrics}: fine, as far as can be checked without sending anything"),
    Sign.BESIDE_WRONG: _Line("every night", _WRONG, "{what}", "{do}"),
    Sign.WAY: _Line("connection to Box", _OK, "{address}, {proxy}"),
    Sign.CERTIFICATE: _Line("certificate", _OK, "of {issuer}, good until {ends}; trusted by {bundle}"),
    Sign.CERTIFICATE_NONE: _Line("certificate", _OK, "none needed: the address is on this machine"),
    Sign.CERTIFICATE_ENDS: _Line(
        "certificate", _WARNING, "of {issuer}, and it ends on {ends}",
        "ask whoever runs that server or proxy to renew it; after that date nothing can be sent",
    ),
    Sign.SIGNED_IN: _Line("sign-in", _OK, "as {name} ({login}, Box id {box_id}, {role}) in enterprise {enterprise_id}, by {method}"),
    Sign.SIGN_IN_REFUSED: _Line("sign-in", _WRONG, "{what}", "{do}", _BOX),
    Sign.CREDENTIALS_WRONG: _Line("sign-in", _WRONG, "{what}", "{do}"),
    Sign.NOT_REACHED: _Line("connection to Box", _WRONG, "{what}", "{do}", _BOX),
    Sign.TOKEN_ENDS: _Line(
        "sign-in", _WARNING, "a developer token ends after an hour and cannot be renewed",
        "set box.auth.method to jwt or ccg before scheduling this job",
    ),
    Sign.CLOCK: _Line("clock", _OK, "this machine's clock is Box's, to {seconds} s"),
    Sign.CLOCK_OFF: _Line(
        "clock", _WARNING, "this machine's clock is {ahead} Box's",
        "set the clock (NTP): sign-ins may be refused, and people leave by its dates",
    ),
    Sign.USERS: _Line("scope Manage users", _OK, "granted; Box counts {count} users"),
    Sign.USERS_REFUSED: _Line(
        "scope Manage users", _WRONG, "this sign-in may not list users ({answer})",
        f"tick Manage users {_CONFIGURATION}, {_AUTHORISE}; a developer token has to be an admin's", _BOX,
    ),
    Sign.ACCESS: _Line("App + Enterprise Access", _OK, "granted: users that this app did not create are visible"),
    Sign.ACCESS_APP_ONLY: _Line(
        "App + Enterprise Access", _WRONG, "of {count} users, none is visible that this app did not create itself",
        f"choose App + Enterprise Access {_CONFIGURATION}, {_AUTHORISE}", _BOX,
    ),
    Sign.SHOWN: _Line("attributes", _OK, "every attribute that the roster sets is visible"),
    Sign.NOT_SHOWN: _Line(
        "attributes", _WRONG, "Box does not show {names} to this sign-in, so it cannot be set for anybody",
        "give the account behind it the right to view settings and apps (Admin Console, the permissions of a co-admin)", _BOX,
    ),
    Sign.CONTENT: _Line("scope for content", _OK, "files and folders can be read, which transfers, starter content and access to folders need; whether they can be written is only known at the first write"),
    Sign.CONTENT_REFUSED: _Line(
        "scope for content", _WRONG, "the job transfers or creates content, or gives access to folders, and this sign-in cannot read any ({answer})",
        f"tick Write all files and folders stored in Box {_CONFIGURATION}, {_AUTHORISE}", _BOX,
    ),
    Sign.GROUPS: _Line("scope for groups", _OK, "{groups} groups are visible; whether memberships can be written is only known at the first write"),
    Sign.GROUPS_REFUSED: _Line(
        "scope for groups", _WRONG, "the job manages groups, and this sign-in cannot read any ({answer})",
        f"tick Manage groups {_CONFIGURATION}, choose App + Enterprise Access, {_AUTHORISE}", _BOX,
    ),
    Sign.INVITING: _Line("scope for invitations", _OK, "Manage enterprise properties is granted; whether people can be invited is only known at the first invitation"),
    Sign.INVITING_REFUSED: _Line(
        "scope for invitations", _WRONG, "the job invites people (onboarding.invite_existing), and this sign-in lacks the scope for it, Manage enterprise properties ({answer})",
        f"tick Manage enterprise properties {_CONFIGURATION}, {_AUTHORISE}", _BOX,
    ),
    Sign.INVITING_UNTRIED: _Line(
        "scope for invitations", State.UNKNOWN, "whether people can be invited is only known at the first attempt: Box's answer to a read is not conclusive ({answer})",
        f"tick Manage enterprise properties {_CONFIGURATION}, unless it is ticked",
    ),
    Sign.SESSIONS_UNTRIED: _Line(
        "ending sessions", State.UNKNOWN, "whether people can be signed out is only known at the first attempt: Box offers no way to check"
    ),
    Sign.AS_USER_UNTRIED: _Line(
        "acting as users", State.UNKNOWN, "whether the sign-in may work in another user's root folder is only known at the first attempt",
        f"tick Make API calls using the as-user header {_CONFIGURATION}, unless it is ticked",
    ),
    Sign.ADDRESSES_UNTRIED: _Line(
        "addresses", State.UNKNOWN, "which domains Box accepts for aliases and logins without a confirmation mail is only known at the first attempt",
        "make sure the domains are verified (Admin Console > Enterprise Settings)",
    ),
    Sign.SETTINGS_UNTOLD: _Line(
        "enterprise settings", _WARNING,
        "Box does not show them to this sign-in ({answer}): single sign-on, invitations and tracking codes were not checked",
        f"look there yourself (Admin Console > Enterprise Settings), or tick Manage enterprise properties {_CONFIGURATION}, {_AUTHORISE}; apart from this, only invitations need it",
    ),
    Sign.SSO_OFF: _Line("single sign-on", _OK, "not required: new people get a mail and set a password"),
    Sign.SSO_TESTING: _Line("single sign-on", _OK, "in testing: people may sign in either way"),
    Sign.SSO_REQUIRED: _Line(
        "single sign-on", _OK, "required: people sign in only by the identity provider, which has to know the same logins"
    ),
    Sign.INVITES: _Line("invitations", _OK, "they end: {invites}"),
    Sign.LOGINS_FIXED: _Line("logins", _OK, "people may not change their login themselves"),
    Sign.NEW_USERS: _Line("new accounts", _OK, "they get {told}, unless the roster sets it"),
    Sign.CODES_REGISTERED: _Line("tracking codes", _OK, "all that the roster names are registered"),
    Sign.CODES_UNREGISTERED: _Line(
        "tracking codes", _WRONG, "the roster has {names}, and the enterprise {known}",
        "register them with exactly this spelling (Admin Console > Enterprise Settings), or correct roster.columns",
    ),
    Sign.RATE: _Line("rate", _OK, "{limit} calls a minute at most, shared with all runs on this machine; these checks took {calls}"),
    Sign.RATE_LOWERED: _Line(
        "rate", _WARNING, "Box is throttling requests: {now} calls a minute just now, where the job allows {limit}",
        "find out which other programs sign in as this account, or lower apply.requests_per_minute",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One look and what it found; ``facts`` fill its sentence."""

    sign: Sign
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def topic(self) -> str:
        """What was looked at."""
        return _LINES[self.sign].topic.format_map(self.facts)

    @property
    def state(self) -> State:
        """How it came out."""
        return _LINES[self.sign].state

    @property
    def sentence(self) -> str:
        """What was found."""
        return _LINES[self.sign].sentence.format_map(self.facts)

    @property
    def do(self) -> str:
        """What to do about it; "" for nothing."""
        return _LINES[self.sign].do.format_map(self.facts)

    @property
    def by_box(self) -> bool:
        """Whether it is wrong by what Box said."""
        return _LINES[self.sign].by_box

    @property
    def row(self) -> dict[str, str]:
        """For programs."""
        return {
            "name": self.topic, "code": self.sign.value, "state": self.state.value, "sentence": self.sentence, "do": self.do,
        }  # fmt: skip


def diagnosed(look: CheckLine) -> Iterator[str]:
    """One look for a terminal."""
    yield f"{look.state.value:>7}  {look.topic}: {look.sentence}"
    if look.do:
        yield f"         do: {look.do}"


def summed_up(looks: Sequence[CheckLine]) -> str:
    """All of them in a line."""
    numbers = [(sum(look.state is state for look in looks), state) for state in State]
    return f"{', '.join(f'{number} {state.value}' for number, state in numbers)}. Nothing was changed."


def what_is_wrong(looks: Sequence[CheckLine]) -> str | None:
    """What is wrong, in the form of an error; None for nothing."""
    told = [
        "\n".join((f"{look.topic}: {look.sentence}", *((f"  do: {look.do}",) if look.do else ())))
        for look in looks
        if look.state is State.WRONG
    ]
    return "\n".join(told) or None
