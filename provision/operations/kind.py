"""What a kind of operation is: everything that the rest of the program asks of it, in one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from provision.box.accounts import Account
from provision.errors import BoxAnswer, BoxFault
from provision.journal.value import Note, Noted, Outcome, noted
from provision.ledger.progress import Progress
from provision.model import Kind, Status
from provision.operations.cells import sets_list
from provision.operations.remote import Remote
from provision.operations.value import Change


class LookResult(StrEnum):
    """What a look after a doubtful try shows."""

    #: it has happened
    YES = "yes"
    #: it has not, as far as Box shows
    NO = "no"
    #: nothing shows it, and doing it again does no harm
    AGAIN = "again"
    #: nothing shows it now, and it must not be done again before something does
    ONLY_LATER = "only_later"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look showed, and the account it showed it of, "" for none; ``account`` is what was read of one, None if nothing.

    ``waits`` says for what Box or the person has to act before what was seen counts, nothing for what counts at once.
    """

    seen: LookResult
    box_id: str = ""
    account: Account | None = None
    waits: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """What Box answered: the account, and what it made beside it (the folder of a transfer), "" for nothing.

    ``waits`` says for what Box or the person has to act before it counts, nothing for what counts at once; ``found``: it was
    there already, and nothing was written.
    """

    box_id: str
    made: str = ""
    waits: tuple[Note, ...] = ()
    found: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """What Box's no means for one operation: its status, in what way, and the account that it is about.

    ``answer`` is what is told of it, None for that of the fault.
    """

    status: Status
    notes: tuple[Note, ...]
    box_id: str = ""
    answer: BoxAnswer | None = None


#: of what may be doubled, before which one is looked first, and after how many once more
LOOK_FIRST, LOOK_EVERY = 2, 10
#: the first ones are looked for afterwards too: of two runs that go in step neither sees beforehand what the other one makes
LOOK_TWICE = 3


def looks_for_others(number: int) -> int:
    """How many looks that takes beside so many operations, if nobody else is at work."""
    before = (number + LOOK_EVERY - LOOK_FIRST) // LOOK_EVERY
    return before + min(before, LOOK_TWICE)


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of operation."""

    kind: Kind
    #: those of a lower rank are sent first
    rank: int
    #: its one request
    send: Callable[[Change, Remote], Sent]
    #: looks for it after a doubt
    seen: Callable[[Change, Remote], Sight]
    #: whether the status that an account is listed with, "" for one not listed, shows it as done, for a run that was cut off
    shown: Callable[[Change, str], bool]
    #: how far a leaver has come after it (its time is ISO)
    teach: Callable[[Progress, Change, Outcome, str], Progress]
    #: what a fault means
    refused: Callable[[Change, BoxFault, Remote], Refusal]
    #: the guard that counts it, "" for none
    guard: str = ""
    #: it takes something away from a person
    takes_away: bool = False
    #: the account is no longer one of the enterprise's afterwards
    ends_account: bool = False
    #: only somebody who has left is subject to it
    of_leavers: bool = False
    #: a ledger keeps more of it than what the roster says
    remembered: bool = True
    #: also that it may have been done
    tried_remembered: bool = False
    #: it needs the right to content, which no reading for the plan tells of
    of_content: bool = False
    #: the account is read once more just before; see also :meth:`looks_at`
    looks_before: bool = False
    #: it supposes the status that the plan saw
    supposes_status: bool = False
    #: Box refuses single people for a policy, so that refusals in a row say nothing of the sign-in
    held_back: bool = False
    #: after a doubt it is left alone, since neither a look nor a listing tells whether it began
    once: bool = False
    #: Box might take it although somebody else has done it meanwhile
    may_be_doubled: Callable[[Change], bool] = lambda _change: False
    #: a step that only serves what it completes, and is not begun if that cannot come about in this run
    makes_room: Callable[[Change], bool] = lambda _change: False
    #: seconds between the looks for it before it is sent again, for writes that come late
    late: tuple[float, ...] = ()
    #: requests just before it, if nothing has to be repeated
    reads: int = 0
    #: its own requests, likewise
    calls: Callable[[Change], int] = lambda _change: 1
    #: an account that counts as gone already
    has_left: Callable[[Account], bool] = lambda _account: False
    #: why it cannot be sent although its account is as planned
    barred: Callable[[Change, Remote], tuple[Note, ...]] = lambda _change, _remote: ()
    #: the notes of one that Box took
    accepted: tuple[Note, ...] = ()
    #: the reason of what takes it back
    undone: str = ""
    #: the reason why nothing does, "" if something may
    stays: Callable[[Change], str] = lambda _change: ""
    #: whoever takes a run back has to be told so of each person
    for_good: bool = False

    def looks_at(self, change: Change) -> bool:
        """Whether the account of this operation is read once more just before."""
        return self.looks_before or sets_list(change)


def wanted_fields(change: Change) -> dict[str, str]:
    """What the fields of an operation are to be."""
    return {each.field: each.after for each in change.fields}


def never_shown(_change: Change, _status: str) -> bool:
    """For what no listing shows."""
    return False


def nothing_learned(progress: Progress, _change: Change, _outcome: Outcome, _at: str) -> Progress:
    """For what is no stage of leaving."""
    return progress


def again(_change: Change, _remote: Remote) -> Sight:
    """For what cannot be seen and may be done twice."""
    return Sight(LookResult.AGAIN)


def made_by_need(change: Change, kind: Kind, outcomes: Mapping[str, Outcome]) -> str:
    """The Box id of what an operation of this kind made that ``change`` needs, "" where no outcome tells of one."""
    made = (need for need in change.needs if need.startswith(f"{kind}:") and need in outcomes)
    return next((outcomes[need].box_id for need in made), "")


def done(status: Status) -> bool:
    """Whether an operation that ended so was carried out."""
    return status is Status.DONE


def of_account(account: Account | None, shows: Callable[[Account], bool]) -> Sight:
    """Whether the account of an operation shows it."""
    if account is None or not shows(account):
        return Sight(LookResult.NO, account=account)
    return Sight(LookResult.YES, account.box_id)


def failed(change: Change, code: Noted) -> Refusal:
    """The operation failed for this reason."""
    return Refusal(Status.FAILED, noted(code), change.box_id)


def held(change: Change, why: str) -> Refusal:
    """A person has to look at it first."""
    return Refusal(Status.HELD, noted(Noted.WAITS, why=why), change.box_id)
