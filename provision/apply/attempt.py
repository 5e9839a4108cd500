"""One operation from its begin to its end: looked at, sent, looked for, judged."""

from __future__ import annotations

from dataclasses import replace

from provision.apply.archive import archived
from provision.apply.crew import Crew, Work
from provision.apply.doubt import look
from provision.apply.halt import halt_if_hopeless
from provision.apply.judge import judged
from provision.apply.snapshot import snapshot_of
from provision.apply.stale import cannot_receive, moved_since
from provision.apply.users import afterwards, send
from provision.box.accounts import Account
from provision.errors import (
    Answer,
    BoxFault,
    BoxRefused,
    Expired,
    Interrupted,
    NotSent,
    RunFolderError,
    Throttled,
)
from provision.journal.value import Outcome
from provision.model import ENDINGS, REMOVALS, Kind, Status
from provision.plan.value import Change

#: seconds between the looks for a create whose answer was lost, before it is sent again: a write may come late
#: (developer.box.com, Common errors, 503), and Box does not promise that a second one is refused
_LATE = (2.0, 4.0)
#: operations that look at their account just before they are sent
_LOOKED_AT = (*REMOVALS, Kind.TRANSFER)
#: what is said of a transfer that Box took: it ends some time, and no call tells when
ACCEPTED = "Box took it; what the account still owns is looked at by the next runs"
#: what is said of a deactivation whose account could not be signed out
SESSIONS_LEFT = "but its sessions could not be ended; the next run does that"
#: what is said of an operation that a look has shown as done
FOUND = "found done after a lost answer"


def tried(change: Change, work: Work, crew: Crew) -> Outcome:
    """What became of one operation; every fault of one person is an outcome. A fault of everybody halts the run."""
    sender = _Sender(change, work.made(change), crew)
    try:
        outcome = _left_alone(change, work, crew) or _sent(change, sender, work, crew)
    except (Interrupted, BoxRefused) as error:
        crew.halt.request(error)
        doubtful = sender.count or work.doubtful(change)
        status = Status.IN_DOUBT if doubtful else Status.NOT_ATTEMPTED
        outcome = Outcome(change.id, status, note="the run was stopped before an answer came")
    return replace(outcome, attempts=work.tries(change) + sender.count)


def completed(change: Change, outcome: Outcome, crew: Crew) -> Outcome:
    """A create is only done with the fields that need a second request; setting a value twice is setting it once.

    So is signing out twice whom a deactivation locks out; the lock counts even if that fails.
    """
    if change.ends_sessions:
        return _signed_out(change, outcome, crew)
    later = afterwards(change)
    if not later:
        return outcome
    note = f"the account was made, but not its {', '.join(later)}; the next run sets that"
    unfinished = replace(outcome, status=Status.FAILED, note=note)
    try:
        crew.retry.read(lambda: crew.users.update(outcome.box_id, later))
    except BoxFault as fault:
        halt_if_hopeless(fault, crew.halt)
        return replace(unfinished, answer=fault.answer)
    except (Interrupted, BoxRefused) as error:
        crew.halt.request(error)
        return unfinished
    return outcome


def _signed_out(change: Change, outcome: Outcome, crew: Crew) -> Outcome:
    note = "; ".join(part for part in (outcome.note, f"deactivated, {SESSIONS_LEFT}") if part)
    try:
        crew.retry.read(lambda: crew.users.end_sessions([change.box_id]))
    except BoxFault as fault:
        halt_if_hopeless(fault, crew.halt)
        return replace(outcome, note=note, answer=fault.answer)
    except (Interrupted, BoxRefused) as error:
        crew.halt.request(error)
        return replace(outcome, note=note)
    return outcome


class _Sender:
    """Sends and looks for one operation; ``count`` is how often its main request may have been carried out.

    ``made`` is the account that Box has told an earlier process of, "" for none.
    """

    def __init__(self, change: Change, made: str, crew: Crew) -> None:
        self._change = change
        self._made = made
        self._crew = crew
        self.count = 0
        self.found = False
        self._answer = Answer()

    def send(self) -> str:
        try:
            box_id = send(self._change, self._crew.users)
        except (NotSent, Throttled, Expired):
            raise
        except BoxFault as fault:
            self.count += 1
            self._answer = fault.answer
            raise
        self.count += 1
        return box_id

    def look(self) -> str | None:
        """Whether a doubtful try has happened. A create is looked for some seconds long: a late one is a second one."""
        box_id = self._seen()
        for seconds in _LATE if self._change.kind is Kind.CREATE else ():
            if box_id is None:
                self._crew.retry.pause(seconds)
                box_id = self._seen()
        self.found = box_id is not None
        return box_id

    def _seen(self) -> str | None:
        if self._change.kind is Kind.TRANSFER:  # only what its source owns later tells
            raise BoxFault(self._answer)
        if self._made and self._crew.users.get(self._made) is not None:
            return self._made
        return look(self._change, self._crew.users, self._crew.enterprise_id)


def _sent(change: Change, sender: _Sender, work: Work, crew: Crew) -> Outcome:
    box_id = work.made(change)
    if box_id and not work.doubtful(change):
        return completed(change, Outcome(change.id, Status.DONE, box_id), crew)
    try:
        box_id = crew.retry.write(sender.send, sender.look, doubtful=work.doubtful(change))
        crew.refusals.accepted(change.kind)
        if change.kind is Kind.TRANSFER:
            note = f"{ACCEPTED}{archived(change, box_id, crew)}"
            return Outcome(change.id, Status.DONE, change.box_id, note)
        note = FOUND if sender.found else ""
        outcome = Outcome(change.id, Status.DONE, box_id, note)
    except BoxFault as fault:
        halt_if_hopeless(fault, crew.halt)
        crew.refusals.count(change.kind, fault)
        outcome = judged(change, fault, crew.users, crew.retry, crew.enterprise_id)
    return completed(change, outcome, crew) if outcome.status is Status.DONE else outcome


def _left_alone(change: Change, work: Work, crew: Crew) -> Outcome | None:
    """What takes something away looks at its target once more, just before; why it is not sent, or None.

    So does what an earlier process may have carried out: somebody may have changed the account since. A transfer that may
    have begun is left alone.
    """
    if change.kind is Kind.TRANSFER and work.doubtful(change):
        return None  # the sender does not send it
    if not change.box_id or not (change.kind in _LOOKED_AT or work.doubtful(change)):
        return None
    try:
        account = _of_enterprise(crew.retry.read(lambda: crew.users.get(change.box_id)), change)
        if account is not None and not (reason := _reason_against(change, account, crew)):
            return _unless_kept(change, account, crew)
    except BoxFault as fault:
        halt_if_hopeless(fault, crew.halt)
        status = Status.IN_DOUBT if work.doubtful(change) else Status.FAILED
        note = "not sent: the account could not be looked at just before"
        return Outcome(change.id, status, change.box_id, note, fault.answer)
    if account is None:
        gone = Outcome(change.id, Status.DONE, change.box_id, "was gone already")
        return gone if change.kind in ENDINGS else None
    return Outcome(change.id, Status.SKIPPED, change.box_id, reason)


def _of_enterprise(account: Account | None, change: Change) -> Account | None:
    """An account that has left the enterprise is nobody to be rolled out."""
    left = change.kind is Kind.ROLL_OUT and account is not None and account.cells["enterprise_id"] == ""
    return None if left else account


def _reason_against(change: Change, account: Account, crew: Crew) -> str:
    """Why an operation is not sent, "" for nothing: the account, or the receiver of its content, is another one now."""
    if (moved := moved_since(change, account)) or change.kind is not Kind.TRANSFER:
        return moved
    return cannot_receive(crew.retry.read(lambda: crew.users.get(change.to)))


def _unless_kept(change: Change, account: Account, crew: Crew) -> Outcome | None:
    """What is known of an account is put down before it is removed for good; without that it is not removed."""
    if change.kind not in ENDINGS:
        return None
    snapshot = snapshot_of(change, account, crew.users, crew.retry)
    try:
        crew.keep(change.box_id, snapshot)
    except RunFolderError as error:
        note = f"not sent: what is known of the account could not be put down ({error.what})"
        return Outcome(change.id, Status.FAILED, change.box_id, note)
    return None
