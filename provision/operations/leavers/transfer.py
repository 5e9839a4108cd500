"""All that an account owns goes to another one, into a folder that Box makes there.

Nobody tells when that ends, and nothing shows that it began but what the source owns later: so it is never sent again after
a doubt (Box API reference, PUT /users/{user_id}/folders/0).
"""

from __future__ import annotations

from dataclasses import replace

from provision.because import Because, reason
from provision.box.accounts import Account
from provision.errors import BoxFault, Conflict, Rejected
from provision.journal.value import Note, Noted, Outcome, noted
from provision.ledger.progress import Progress, TransferSent
from provision.model import Kind, Status
from provision.operations.kind import LookResult, Operation, Refusal, Sent, Sight, done, failed, never_shown
from provision.operations.refusals import refused, unanswered
from provision.operations.remote import Remote
from provision.operations.value import Change


def _send(change: Change, remote: Remote) -> Sent:
    return Sent(change.box_id, remote.users.transfer(change.box_id, change.to))


def _seen(_change: Change, _remote: Remote) -> Sight:
    return Sight(LookResult.ONLY_LATER)


def _barred(change: Change, remote: Remote) -> tuple[Note, ...]:
    return cannot_receive(remote.read(lambda: remote.users.get(change.to)))


def cannot_receive(account: Account | None) -> tuple[Note, ...]:
    """Why an account can no longer receive content, nothing if it can."""
    if account is None:
        return noted(Noted.RECEIVER_GONE)
    return noted(Noted.RECEIVER_INACTIVE) if account.cells["status"] == "inactive" else ()


def _refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    if common := unanswered(change, fault, Noted.TRANSFER_DOUBT):
        return common
    if isinstance(fault, Rejected | Conflict):
        return failed(change, Noted.TRANSFER_REFUSED)
    return refused(change, fault, remote)


def _teach(progress: Progress, change: Change, outcome: Outcome, at: str) -> Progress:
    """A transfer that may have begun has begun, until a look shows otherwise."""
    if outcome.status not in (Status.DONE, Status.IN_DOUBT):
        return progress
    sent = TransferSent(at, change.to, change.to_key, told=done(outcome.status), made=outcome.made)
    if progress.transfer is None or (progress.transfer.at, progress.transfer.to) != (at, change.to):
        begun = Progress(progress.left_at, progress.sessions_at, sent)
        return replace(begun, gone_at=progress.gone_at, gone_for=progress.gone_for)
    before = progress.transfer  # the same one
    return replace(
        progress, transfer=replace(sent, told=sent.told or before.told, made=sent.made or before.made)
    )


TRANSFER = Operation(
    Kind.TRANSFER,
    rank=50,
    of_content=True,
    once=True,
    of_leavers=True,
    guard="transfers",
    looks_before=True,
    supposes_status=True,
    held_back=True,
    reads=2,
    send=_send,
    seen=_seen,
    barred=_barred,
    refused=_refused,
    shown=never_shown,
    teach=_teach,
    accepted=noted(Noted.ACCEPTED),
    stays=lambda change: reason(Because.CONTENT_GIVEN, to=change.to_key),
    for_good=True,
)
