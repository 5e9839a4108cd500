"""One operation from its begin to its end: looked at, sent, looked for, judged."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from http import HTTPStatus

from provision.apply.context import ExecutionContext, WorkList
from provision.apply.halt import halt_if_hopeless
from provision.apply.snapshot import snapshot_of
from provision.apply.stale import moved_since
from provision.box.accounts import Account
from provision.errors import (
    BoxAnswer,
    BoxFault,
    BoxRefused,
    Expired,
    Interrupted,
    NotSent,
    RunFolderError,
    Throttled,
)
from provision.journal.value import Note, Noted, Outcome, noted
from provision.model import Status
from provision.operations.cells import LIST, merged, sets_list
from provision.operations.kind import LookResult
from provision.operations.registry import operation_of
from provision.operations.value import Change


def tried(change: Change, work: WorkList, context: ExecutionContext) -> Outcome:
    """What became of one operation; every fault of one person is an outcome. A fault of everybody halts the run."""
    sender, looks = _Sender(change, work.made(change), context), _looks_for_others(change, work, context)
    try:
        outcome = _came_up(change, looks, context) or _left_alone(change, sender, work, context)
        outcome = outcome or _sent(change, sender, work, context)
    except (Interrupted, BoxRefused) as error:
        context.halt.request(error)
        doubtful = sender.count or work.doubtful(change)
        status = Status.IN_DOUBT if doubtful else Status.NOT_ATTEMPTED
        outcome = Outcome(change.id, status, notes=noted(Noted.STOPPED))
    if outcome.says(Noted.CAME_UP) or (looks > 1 and _made_beside(outcome, change, context)):
        context.strangers.came_up(context.halt)
    return replace(outcome, attempts=work.tries(change) + sender.count)


def _looks_for_others(change: Change, work: WorkList, context: ExecutionContext) -> int:
    """How often to look whether somebody else does what Box might take once more."""
    if work.tries(change) or not operation_of(change).may_be_doubled(change):
        return 0
    return context.strangers.looks()


def _came_up(change: Change, looks: int, context: ExecutionContext) -> Outcome | None:
    """The end of what somebody else has done since the plan was made; None if nobody has."""
    there = _there(change, context) if looks else ""
    return Outcome(change.id, Status.FAILED, notes=noted(Noted.CAME_UP, box_id=there)) if there else None


def _made_beside(outcome: Outcome, change: Change, context: ExecutionContext) -> bool:
    """Whether somebody else has made the same at the same moment: of two accounts the older one shows, which is not ours then."""
    if outcome.status is not Status.DONE:
        return False
    try:
        return _there(change, context) not in ("", outcome.box_id)
    except (Interrupted, BoxRefused):
        return False  # the run is being stopped; what is done is done


def _there(change: Change, context: ExecutionContext) -> str:
    """The account that shows what an operation is to bring about, "" for none."""
    try:
        sight = context.retry.read(lambda: operation_of(change).seen(change, context.remote))
    except BoxFault:
        return ""  # the request itself meets the same trouble, and is looked after
    return sight.box_id if sight.seen is LookResult.YES else ""


class _Sender:
    """Sends and looks for one operation; ``count`` is how often its main request may have been carried out.

    ``known`` is the account that Box has told an earlier process of, "" for none. ``made`` is what Box made beside it.
    ``account`` is its account as it was read last, None if it was not: a list is sent as it was then, with what is set.
    ``waits`` says for what Box or the person has to act before it counts.
    """

    def __init__(self, change: Change, known: str, context: ExecutionContext) -> None:
        self._change = change
        self._operation = operation_of(change)
        self._known = known
        self._context = context
        self.count = 0
        self.found = False
        self.made = ""
        self.waits: tuple[Note, ...] = ()
        self.account: Account | None = None
        self._answer = BoxAnswer()

    def send(self) -> str:
        try:
            sent = self._operation.send(self._wanted(), self._context.remote)
        except (NotSent, Throttled, Expired):
            raise
        except BoxFault as fault:
            self.count += 1
            self._answer = fault.answer
            raise
        self.count += not sent.found
        self.made, self.waits = sent.made, sent.waits
        return sent.box_id

    def _wanted(self) -> Change:
        return self._change if self.account is None else merged(self._change, self.account.cells[LIST])

    def look(self) -> str | None:
        """Whether a doubtful try has happened, looked at for as long as a late one may still come."""
        box_id = self._seen()
        for seconds in self._operation.late:
            if box_id is None:
                self._context.retry.pause(seconds)
                box_id = self._seen()
        self.found = box_id is not None
        return box_id

    def _seen(self) -> str | None:
        if self._known and self._context.remote.users.get(self._known) is not None:
            return self._known
        sight = self._operation.seen(self._change, self._context.remote)
        self.account, self.waits = sight.account or self.account, sight.waits
        match sight.seen:
            case LookResult.YES:
                return sight.box_id
            case LookResult.NO | LookResult.AGAIN:
                return None
            case LookResult.ONLY_LATER:
                raise BoxFault(self._answer)  # what is in doubt stays so


def _sent(change: Change, sender: _Sender, work: WorkList, context: ExecutionContext) -> Outcome:
    known = work.made(change)
    if known and not work.doubtful(change):
        return Outcome(change.id, Status.DONE, known)
    operation = operation_of(change)
    try:
        box_id = context.retry.write(sender.send, sender.look, doubtful=work.doubtful(change))
    except BoxFault as fault:
        halt_if_hopeless(fault, context.halt)
        context.refusals.count(change, fault)
        refusal = operation.refused(change, fault, context.remote)
        again = context.refusals.refused_before(change) and fault.answer.http_status == HTTPStatus.FORBIDDEN
        notes = (*refusal.notes, *noted(Noted.REFUSED_AGAIN)) if again else refusal.notes
        return Outcome(change.id, refusal.status, refusal.box_id, notes, refusal.answer or fault.answer)
    context.refusals.accepted(change.kind)
    if sender.waits:
        return Outcome(change.id, Status.WAITING, box_id, sender.waits, made=sender.made)
    notes = noted(Noted.FOUND) if sender.found else operation.accepted
    return Outcome(change.id, Status.DONE, box_id, notes, made=sender.made)


def _left_alone(change: Change, sender: _Sender, work: WorkList, context: ExecutionContext) -> Outcome | None:
    """What takes something away or sets a list looks at its target once more, just before; why it is not sent, or None.

    So does what an earlier process may have carried out: somebody may have changed the account since. What is sent
    once and may have begun is left alone.
    """
    operation = operation_of(change)
    if operation.once and work.doubtful(change):
        return None  # the sender does not send it
    if work.wary and operation.may_be_doubled(change) and not (work.doubtful(change) or work.made(change)):
        return _there_already(change, work, context)
    if change.of_nobody and operation.looks_at(change):
        return _barred(change, work, context)
    if not change.box_id or not (operation.looks_at(change) or work.doubtful(change)):
        return None
    try:
        account = context.retry.read(lambda: context.remote.users.get(change.box_id))
        if account is not None and operation.has_left(account):
            account = None
        logins = work.logins.get(change.box_id, ())
        if account is not None and not (reason := _reason_against(change, account, logins, context)):
            sender.account = account
            return _unless_kept(change, account, context)
    except BoxFault as fault:
        return _not_looked_at(change, fault, work, context)
    if account is None:
        gone = Outcome(change.id, Status.DONE, change.box_id, noted(Noted.GONE_ALREADY))
        missing = Outcome(change.id, Status.FAILED, change.box_id, noted(Noted.NO_ACCOUNT))
        return gone if operation.ends_account else missing if sets_list(change) else None
    return Outcome(change.id, Status.SKIPPED, change.box_id, reason)


def _barred(change: Change, work: WorkList, context: ExecutionContext) -> Outcome | None:
    """Why what is about nobody is not sent as things are now: there is no account to look at."""
    try:
        why = operation_of(change).barred(change, context.remote)
    except BoxFault as fault:
        return _not_looked_at(change, fault, work, context)
    return Outcome(change.id, Status.SKIPPED, notes=why) if why else None


def _not_looked_at(change: Change, fault: BoxFault, work: WorkList, context: ExecutionContext) -> Outcome:
    halt_if_hopeless(fault, context.halt)
    context.refusals.count(change, fault)
    status = Status.IN_DOUBT if work.doubtful(change) else Status.FAILED
    return Outcome(change.id, status, change.box_id, noted(Noted.NOT_LOOKED_AT), fault.answer)


def _there_already(change: Change, work: WorkList, context: ExecutionContext) -> Outcome | None:
    """The end of what Box might take twice and is there, though a listing did not show it; or that could not be looked for."""
    try:
        sight = context.retry.read(lambda: operation_of(change).seen(change, context.remote))
    except BoxFault as fault:
        return _not_looked_at(change, fault, work, context)
    if sight.seen is not LookResult.YES:
        return None
    return Outcome(change.id, Status.SKIPPED, sight.box_id, noted(Noted.MOVED_KEY))


def _reason_against(
    change: Change, account: Account, logins: Collection[str], context: ExecutionContext
) -> tuple[Note, ...]:
    """Why an operation is not sent, nothing if it is: the account, or the receiver of its content, is another one now."""
    moved = moved_since(change, account, logins) or operation_of(change).barred(change, context.remote)
    return moved or _unseen_list(change, account, context)


def _unseen_list(change: Change, account: Account, context: ExecutionContext) -> tuple[Note, ...]:
    """Why no list is set: an earlier answer did not show what it had set, so an empty one says nothing."""
    if not sets_list(change) or account.cells[LIST] or context.remote.users.codes_shown is not False:
        return ()
    return noted(Noted.UNTOLD, fields=LIST)


def _unless_kept(change: Change, account: Account, context: ExecutionContext) -> Outcome | None:
    """What is known of an account is put down before it is removed for good; without that it is not removed."""
    if not operation_of(change).ends_account:
        return None
    snapshot = snapshot_of(change, account, context.remote.users, context.retry)
    try:
        context.keep(change.box_id, snapshot)
    except RunFolderError as error:
        return Outcome(change.id, Status.FAILED, change.box_id, noted(Noted.NOT_KEPT, why=error.what))
    return None
