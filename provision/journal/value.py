"""What became of one planned operation."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeGuard

import msgspec

from provision.because import joined
from provision.errors import BoxAnswer
from provision.model import Status


class Noted(StrEnum):
    """How an operation came to its outcome, or what happened besides. Kept in journals: a code keeps its meaning.

    What each takes as facts stands behind it; the words for people are made in :mod:`provision.report.sentences.notes`.
    """

    #: started, with no known end
    BEGAN = "began"
    #: a look showed it as done after an answer was lost
    FOUND = "found"
    #: a look at the end of the run showed it as done
    FOUND_AT_END = "found_at_end"
    #: the run was stopped before an answer came
    STOPPED = "stopped"
    #: no answer, so it is not known whether it happened
    NO_ANSWER = "no_answer"
    #: Box could not be reached
    NOT_REACHED = "not_reached"
    #: the account was already gone
    GONE_ALREADY = "gone_already"
    #: an address was there already
    THERE_ALREADY = "there_already"
    #: an address that was to become the login is no alias of the account any more
    ALIAS_GONE = "alias_gone"
    #: the account no longer exists
    NO_ACCOUNT = "no_account"
    #: Box refused it
    REFUSED = "refused"
    #: Box refused it and names parameters; fields
    REFUSED_FIELDS = "refused_fields"
    #: Box refused it, most likely for the tracking codes it sets; names
    REFUSED_CODES = "refused_codes"
    #: as it did in the run before, in which others of the kind went through
    REFUSED_AGAIN = "refused_again"
    #: the sign-in was no longer accepted
    SIGN_IN_LOST = "sign_in_lost"
    #: waits for a person; why
    WAITS = "waits"
    #: left out, since an operation it needs was not done; kind, status
    NEED_NOT_DONE = "need_not_done"
    #: the account could not be looked at just before
    NOT_LOOKED_AT = "not_looked_at"
    #: what is known of the account could not be put down; why
    NOT_KEPT = "not_kept"

    #: Box took a transfer, which ends some time
    ACCEPTED = "accepted"
    #: no answer told whether a transfer began
    TRANSFER_DOUBT = "transfer_doubt"
    #: Box refused a transfer
    TRANSFER_REFUSED = "transfer_refused"
    #: the folder lies in the archive; folder
    ARCHIVED = "archived"
    #: the folder stays where it is; folder
    NOT_ARCHIVED = "not_archived"

    #: a retention policy or legal hold keeps content that was to be destroyed
    CONTENT_HELD = "content_held"
    #: the account still owns content
    OWNS_CONTENT = "owns_content"
    #: a policy, a legal hold or a transfer holds the account
    ACCOUNT_HELD = "account_held"

    #: a conflict that could not be looked into
    CONFLICT_UNSEEN = "conflict_unseen"
    #: made by an earlier try of this run
    MADE_EARLIER = "made_earlier"
    #: perhaps made by an earlier try, which Box does not show yet
    PERHAPS_MADE = "perhaps_made"
    #: an account with this key came up after the plan; box_id
    CAME_UP = "came_up"
    #: the external id belongs to an account this app cannot see
    FOREIGN_ID = "foreign_id"
    #: the login is somebody else's
    FOREIGN_LOGIN = "foreign_login"
    #: the login is that of an account in another enterprise, as Box tells
    OTHER_ENTERPRISE = "other_enterprise"
    #: who was invited is in the enterprise
    JOINED = "joined"
    #: a group of this name that is not this job's came up after the plan; group_id
    GROUP_CAME_UP = "group_came_up"
    #: the membership was there already
    MEMBER_ALREADY = "member_already"
    #: the account is in the group already, in another role; role
    MEMBER_OTHERWISE = "member_otherwise"
    #: the membership, the account or the group is gone
    MEMBERSHIP_GONE = "membership_gone"
    #: a fresh list of members shows it otherwise
    MEMBERS_OTHERWISE = "members_otherwise"
    #: a fresh list of groups does not show the group
    GROUP_NOT_LISTED = "group_not_listed"

    #: the account works with the folder already, in another role; role
    COLLABORATOR_OTHERWISE = "collaborator_otherwise"
    #: no folder of this path is there
    FOLDER_MISSING = "folder_missing"
    #: no group of this name is there to be let in
    GROUP_UNKNOWN = "group_unknown"
    #: the folder, the account or the collaboration is gone, or not shown to the sign-in
    FOLDER_GONE = "folder_gone"
    #: something of a folder's name that is none is in the way
    NAME_IN_USE = "name_in_use"
    #: something of the name lies in the person's root already, and is not what was to come there
    CONTENT_OTHERWISE = "content_otherwise"
    #: the folder on this machine is no longer as it was planned
    CONTENT_CHANGED = "content_changed"
    #: a fresh list of who works with the folder shows it otherwise
    COLLABORATORS_OTHERWISE = "collaborators_otherwise"

    #: made twice, and the second, empty account was removed; removed
    TWICE_REMOVED = "twice_removed"
    #: made twice, and both are there; left
    TWICE_LEFT = "twice_left"
    #: whether it was made twice could not be looked into
    TWICE_UNKNOWN = "twice_unknown"
    #: about to remove an account made twice; box_id
    REMOVES_SECOND = "removes_second"

    #: the account has another login now
    MOVED_LOGIN = "moved_login"
    #: the account has another external id now
    MOVED_ID = "moved_id"
    #: the account has another role now; role
    MOVED_ROLE = "moved_role"
    #: the account has another status now; status
    MOVED_STATUS = "moved_status"
    #: fields changed in Box after the plan was made; fields
    MOVED_FIELDS = "moved_fields"
    #: Box does not show fields to this sign-in, so that they are not written over; fields
    UNTOLD = "untold"
    #: an account with this key exists now
    MOVED_KEY = "moved_key"
    #: the account no longer exists
    MOVED_GONE = "moved_gone"
    #: the account is protected now; why
    MOVED_PROTECTED = "moved_protected"
    #: the account is outside the job's scope now
    MOVED_SCOPE = "moved_scope"
    #: the account that was to receive the content no longer exists
    RECEIVER_GONE = "receiver_gone"
    #: the account that was to receive the content is inactive now
    RECEIVER_INACTIVE = "receiver_inactive"

    #: a sentence of a journal of version 1; sentence
    SAID = "said"

    #: a fresh listing still shows the account
    STILL_LISTED = "still_listed"
    #: a fresh listing does not show the account
    NOT_LISTED = "not_listed"
    #: a fresh listing shows other values; fields
    LISTED_OTHERWISE = "listed_otherwise"


@dataclass(frozen=True, slots=True)
class Note:
    """A code with its facts, by name: ids, field names, statuses. Never an attribute value."""

    code: Noted
    facts: dict[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted(self.facts.items()))))


def noted(code: Noted, **facts: str) -> tuple[Note, ...]:
    """One note, as an outcome takes it."""
    return (Note(code, facts),)


def notes_text(notes: tuple[Note, ...]) -> str:
    """Notes as a journal keeps them: "" for none, else JSON."""
    return msgspec.json.encode(notes, order="sorted").decode() if notes else ""


def notes_of(text: str) -> tuple[Note, ...]:
    """The notes that :func:`notes_text` wrote."""
    return msgspec.json.decode(text, type=tuple[Note, ...]) if text else ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one operation. Nothing personal in it: the journal and the log carry these as they are.

    ``change_id`` names the operation. ``box_id`` is the account, as soon as known; ``made`` what Box made of it beside an
    account, as the folder of a transfer. ``attempts`` counts requests that could have written. ``notes`` say how it was
    decided. ``at`` is an ISO time stamp.
    """

    change_id: str
    status: Status
    box_id: str = ""
    notes: tuple[Note, ...] = ()
    answer: BoxAnswer = field(default_factory=BoxAnswer)
    attempts: int = 0
    at: str = ""
    made: str = ""

    @property
    def settled(self) -> bool:
        """Whether no later process goes on with it: it is done, or was left alone on purpose."""
        return self.status in (Status.DONE, Status.SKIPPED)

    @property
    def waits_for(self) -> str:
        """The operation that this one needed and that was not done, by its id, or ""."""
        return next((each.facts["need"] for each in self.notes if each.code is Noted.NEED_NOT_DONE), "")

    def says(self, *codes: Noted) -> bool:
        """Whether one of the notes is one of these."""
        return any(each.code in codes for each in self.notes)


def is_done(outcome: Outcome | None) -> TypeGuard[Outcome]:
    """Whether an operation was carried out; one without an outcome was not."""
    return outcome is not None and outcome.status is Status.DONE


def why_held(outcome: Outcome) -> str:
    """Why an operation waits for a person, as the plan or the run said."""
    return joined(*(each.facts["why"] for each in outcome.notes if each.code is Noted.WAITS))
