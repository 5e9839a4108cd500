"""Why something is decided: codes with their facts. Words for people are made of them in report/, and nowhere read back.

A reason is one code or several, each with the facts that its words need. As text, in plan.json, people.parquet and the
ledger, it is ``code`` or ``code:name=value,name=value``, several with ``;`` between: ``in_step;drifted:fields=phone``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.frames import arrow


class Because(StrEnum):
    """Every reason there is. A value never changes and is never used for anything else: files outlive a release."""

    # the decision table
    NOWHERE = "nowhere"
    ROW_ERROR = "row_error"
    OUT_OF_SCOPE = "out_of_scope"
    PROTECTED = "protected"
    IGNORED = "ignored"
    EXCLUDED = "excluded"
    SUPERSEDED = "superseded"
    IN_DOUBT = "in_doubt"
    LEFT_WITHOUT_ACCOUNT = "left_without_account"
    STARTS_LATER = "starts_later"
    NOT_IN_BOX = "not_in_box"
    ROW_LEAVES = "row_leaves"
    DIFFERS = "differs"
    IN_STEP_STARTS_LATER = "in_step_starts_later"
    IN_STEP = "in_step"
    CLAIMED = "claimed"
    GROUP_CLAIMED = "group_claimed"
    ALIAS_CLAIMED = "alias_claimed"
    OTHER_ROSTER = "other_roster"
    LOCKED_THERE = "locked_there"
    UNOWNED = "unowned"
    NOT_NAMED = "not_named"
    NOT_IN_ROSTER = "not_in_roster"

    # who is never touched
    MYSELF = "myself"
    SERVICE_ACCOUNT = "service_account"
    ADMIN = "admin"
    COADMIN = "coadmin"
    KIND_UNKNOWN = "kind_unknown"
    ROLE_UNKNOWN = "role_unknown"
    SCOPE_PROTECT = "scope_protect"
    RECEIVES = "receives"
    RECEIVED = "received"
    MANAGES = "manages"

    # changes of attributes
    SAYS_INACTIVE = "says_inactive"
    BACK = "back"
    DRIFTED = "drifted"
    DRIFT_REPORTED = "drift_reported"
    ACCENTS_LOST = "accents_lost"
    NAME_HELD = "name_held"
    LOGIN_WAITS = "login_waits"
    ALIAS_OF = "alias_of"
    LOGIN_CHANGES = "login_changes"
    ADDRESS_MOVES = "address_moves"
    ADDRESS_OF_TWO = "address_of_two"
    ALIASES_DIFFER = "aliases_differ"
    ALIAS_UNCONFIRMED = "alias_unconfirmed"
    ALIAS_WAITS = "alias_waits"
    ALIAS_OVERDUE = "alias_overdue"
    ALIAS_DOUBT = "alias_doubt"
    ALIAS_TAKEN = "alias_taken"
    ALIAS_REFUSED = "alias_refused"
    ALIAS_NOT_OURS = "alias_not_ours"
    ALIAS_LEFT = "alias_left"
    LOGIN_REFUSED = "login_refused"
    CYCLE_UNCONFIRMED = "cycle_unconfirmed"
    PROTECTED_LEAVES = "protected_leaves"
    ACKNOWLEDGED = "acknowledged"
    UNTOLD = "untold"
    CODES_UNSEEN = "codes_unseen"
    ADMIN_ASKED = "admin_asked"
    SHOWN_OTHERWISE = "shown_otherwise"
    CONTENT_STAYS = "content_stays"
    DRIFT = "drift"

    # leavers: what proves it, and what is done
    END_DATE = "end_date"
    ABSENT = "absent"
    ABSENT_SO_FAR = "absent_so_far"
    DEACTIVATED_BEFORE = "deactivated_before"
    LEAVER = "leaver"
    NOT_YET = "not_yet"
    HAS_LEFT = "has_left"
    NOTHING_MORE = "nothing_more"
    DUE = "due"
    ROW_SAYS = "row_says"
    INACTIVE_ALREADY = "inactive_already"
    SESSIONS_TOO = "sessions_too"
    DESTROYED = "destroyed"
    SEEN_GONE = "seen_gone"
    CONTENT_MOVING = "content_moving"
    CONTENT_SENT = "content_sent"
    UNCONFIRMED = "unconfirmed"
    LOOKED_AT_AGAIN = "looked_at_again"
    NEVER_BEGAN = "never_began"
    STILL_MOVING = "still_moving"
    NOT_PROVEN = "not_proven"
    ARCHIVE_BLOCKED = "archive_blocked"
    ARCHIVE_WAITS = "archive_waits"
    ARCHIVE_OVERDUE = "archive_overdue"
    ARCHIVE_FIRST = "archive_first"
    MAY_BE_MEANT = "may_be_meant"
    UNREADABLE_ROWS = "unreadable_rows"
    SOURCE_MISSING = "source_missing"
    NO_ROLL_OUT = "no_roll_out"
    MADE_TWICE = "made_twice"

    # who gets a leaver's content
    GOES_TO = "goes_to"
    NO_RECEIVER = "no_receiver"
    SERVICE_ACCOUNT_UNKNOWN = "service_account_unknown"
    OWN_ACCOUNT = "own_account"
    NO_MANAGER = "no_manager"
    RECEIVER_UNKNOWN = "receiver_unknown"
    RECEIVER_AMBIGUOUS = "receiver_ambiguous"
    RECEIVER_IS_LEAVER = "receiver_is_leaver"
    RECEIVER_UNSURE = "receiver_unsure"
    RECEIVER_INACTIVE = "receiver_inactive"
    RECEIVER_LEAVES = "receiver_leaves"
    NAME_ONE = "name_one"

    # a row and an account that may not be one person
    TWICE_IN_BOX = "twice_in_box"
    TWO_LOGINS = "two_logins"
    APART_IN_BOX = "apart_in_box"
    OTHER_KIND = "other_kind"
    OTHER_ID = "other_id"
    KNOWN_TWICE = "known_twice"
    DISPUTED = "disputed"
    SWAPPED = "swapped"
    RENUMBERED = "renumbered"
    REUSED = "reused"
    REHIRED = "rehired"
    SHARED = "shared"
    BAD_ROW = "bad_row"
    NO_NAME = "no_name"
    NO_ID = "no_id"
    NO_LOGIN = "no_login"
    RIGHTS = "rights"
    COADMIN_GRANTED = "coadmin_granted"
    COADMIN_CONSOLE = "coadmin_console"
    LIKE_SOMEBODY_GONE = "like_somebody_gone"
    LIKE_SOMEBODY_NEW = "like_somebody_new"
    LOST_ZEROS = "lost_zeros"

    # logins that are somebody's outside of the enterprise
    LOGIN_OUTSIDE = "login_outside"
    LOGIN_ELSEWHERE = "login_elsewhere"
    OUTSIDE_WAITS = "outside_waits"
    OUTSIDE_OVERDUE = "outside_overdue"
    LOGIN_NOBODYS = "login_nobodys"
    INVITE_WANTED = "invite_wanted"
    INVITE_PENDING = "invite_pending"
    INVITE_REFUSED = "invite_refused"
    INVITE_DENIED = "invite_denied"
    INVITE_NO_SCOPE = "invite_no_scope"

    # groups
    GROUP_WANTED = "group_wanted"
    GROUP_NAMED = "group_named"
    GROUP_BY_RULE = "group_by_rule"
    GROUP_ROLE = "group_role"
    GROUP_NOT_NAMED = "group_not_named"
    GROUP_NO_RULE = "group_no_rule"
    GROUP_MISSING = "group_missing"
    GROUP_FOREIGN = "group_foreign"
    GROUP_UNREAD = "group_unread"

    # the beginning of new people
    ONBOARDING = "onboarding"
    GROUP_ACCESS = "group_access"
    STARTER_CONTENT = "starter_content"
    ONBOARDING_LEFT = "onboarding_left"
    ONBOARDING_WAITS = "onboarding_waits"
    ONBOARDING_OVERDUE = "onboarding_overdue"
    FOLDER_WANTED = "folder_wanted"
    FOLDER_UNTOLD = "folder_untold"
    FOLDER_UNNAMED = "folder_unnamed"
    COLLABORATION_PENDING = "collaboration_pending"
    MAIL_UNCONFIRMED = "mail_unconfirmed"
    SIGN_IN_UNSET = "sign_in_unset"
    TERMS_NOT_ACCEPTED = "terms_not_accepted"

    # undo
    UNTOUCHED = "untouched"
    UNDO_CREATE = "undo_create"
    UNDO_UPDATE = "undo_update"
    UNDO_ACTIVATE = "undo_activate"
    UNDO_DEACTIVATE = "undo_deactivate"
    UNDO_MEMBERSHIP = "undo_membership"
    GROUP_STAYS = "group_stays"
    INVITE_STAYS = "invite_stays"
    UNDO_COLLABORATION = "undo_collaboration"
    FOLDER_STAYS = "folder_stays"
    STARTER_CONTENT_STAYS = "starter_content_stays"
    MEMBERSHIP_MOVED = "membership_moved"
    UNDO_LOGIN_CHANGE = "undo_login_change"
    UNDO_ALIAS_ADD = "undo_alias_add"
    UNDO_ALIAS_REMOVE = "undo_alias_remove"
    NOT_SURE = "not_sure"
    LEFT_AS_IT_IS = "left_as_it_is"
    AS_BEFORE = "as_before"
    SEVERAL_MADE = "several_made"
    THERE_AGAIN = "there_again"
    DELETED = "deleted"
    SESSIONS_ENDED = "sessions_ended"
    CONTENT_GIVEN = "content_given"
    ARCHIVE_STAYS = "archive_stays"
    LEFT_ENTERPRISE = "left_enterprise"
    NO_LONGER_THERE = "no_longer_there"
    OTHER_ID_NOW = "other_id_now"
    OTHER_LOGIN_NOW = "other_login_now"
    PROTECTED_NOW = "protected_now"
    OUT_OF_SCOPE_NOW = "out_of_scope_now"

    # what waits, and what an older version wrote
    GUARD = "guard"
    APPROVED_SO_FAR = "approved_so_far"
    HELD_BY = "held_by"
    AS_WRITTEN = "as_written"


@dataclass(frozen=True, slots=True)
class Reason:
    """One code and its facts: names and values, in the order of the names."""

    code: Because
    facts: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        told = ",".join(f"{name}={_SPECIAL.sub(_encoded, value)}" for name, value in self.facts)
        return f"{self.code.value}:{told}" if told else self.code.value

    def fact(self, name: str) -> str:
        """The value of one fact, "" if it is not among them."""
        return dict(self.facts).get(name, "")


#: what has a meaning in the text form, and what no line of a terminal or a log may be broken by
_SPECIAL = re.compile(r"[%:;,=\x00-\x1f]")
_NAME = re.compile(r"[a-z_]+")


def reason(code: Because, **facts: str | int) -> str:
    """One reason as text. ``facts`` are what its words need and no more."""
    return str(Reason(code, tuple(sorted((name, str(value)) for name, value in facts.items()))))


def joined(*texts: str) -> str:
    """Several reasons as one text, the first of them leading; "" says nothing."""
    return ";".join(text for text in texts if text)


def parsed(text: str) -> tuple[Reason, ...]:
    """The reasons of a text, none of "". Raises ValueError for a text that holds none, as a sentence."""
    return tuple(_reason(part) for part in text.split(";")) if text else ()


def _reason(part: str) -> Reason:
    code, colon, told = part.partition(":")
    if not colon:
        return Reason(Because(code))
    facts = []
    for fact in told.split(","):
        name, sign, value = fact.partition("=")
        if not sign or not _NAME.fullmatch(name):
            raise ValueError(f"no fact of the reason {code}")
        facts.append((name, _ENCODED.sub(_decoded, value)))
    return Reason(Because(code), tuple(facts))


_ENCODED = re.compile("%([0-9A-F]{2})")


def _encoded(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}"


def _decoded(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def leading(text: str) -> Because | None:
    """The first code of a text, None for one that holds none."""
    try:
        return parsed(text)[0].code
    except (ValueError, IndexError):
        return None


def codes_of(text: str) -> tuple[Because, ...]:
    """All codes of a text in their order. Raises ValueError as :func:`parsed`."""
    return tuple(each.code for each in parsed(text))


def says(text: str, *codes: Because) -> bool:
    """Whether one of the reasons of a text has one of these codes; a text that holds none says nothing."""
    return not {part.partition(":")[0] for part in text.split(";")}.isdisjoint(codes)


def led_by(column: pd.Series[str], codes: Iterable[Because]) -> pd.Series[bool]:
    """Which reasons of a whole column have one of these codes, at least one, for their first one."""
    text, wanted = arrow(column), [code.value for code in codes]
    found = np.asarray(pc.is_in(text, value_set=pa.array(wanted, pa.large_string())), dtype=np.bool_)
    for sign in (f"{code}{sign}" for code in wanted for sign in ":;"):
        found |= np.asarray(pc.starts_with(text, sign), dtype=np.bool_)
    return pd.Series(found, column.index, dtype=bool)


def among_them(column: pd.Series[str], codes: Iterable[Because]) -> pd.Series[bool]:
    """Which reasons of a whole column have one of these codes anywhere."""
    wanted = "|".join(code.value for code in codes)
    found = pc.match_substring_regex(arrow(column), rf"(?:^|;)(?:{wanted})(?:[:;]|$)")
    return pd.Series(np.asarray(found, dtype=np.bool_), column.index, dtype=bool)


def as_written(sentence: str) -> str:
    """A sentence that an older version, or a person, wrote: it is shown and decides nothing."""
    return reason(Because.AS_WRITTEN, sentence=sentence) if sentence else ""


def without(text: str, code: Because) -> str:
    """The reasons of a text but those of one code. Raises ValueError as :func:`parsed`."""
    return joined(*(str(each) for each in parsed(text) if each.code is not code))


def coded(text: str) -> str:
    """A text that may be a sentence of an older version, as codes."""
    try:
        return joined(*map(str, parsed(text)))
    except ValueError:
        return as_written(text)
