"""The look at the end of a run: what was ever in doubt is looked at once more, since a late write may have come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from provision.apply.context import ExecutionContext, WorkList, resolved
from provision.apply.halt import Halt, halt_if_hopeless
from provision.box.accounts import Account
from provision.errors import BoxFault, BoxRefused, Interrupted
from provision.journal.value import Noted, Outcome, noted
from provision.model import Kind, Status
from provision.operations.kind import LookResult
from provision.operations.people.attributes import shows
from provision.operations.people.create import first_made
from provision.operations.registry import operation_of
from provision.operations.value import Change


def look_again(
    work: WorkList, outcomes: Mapping[str, Outcome], context: ExecutionContext
) -> dict[str, Outcome]:
    """Look once more at all that was ever in doubt. Returns what is decided otherwise now.

    A second account that this run made for one key, and that is still empty, is removed.
    """
    decided: dict[str, Outcome] = {}
    # of a run that is to stop, only what was in flight is looked at; resume looks at the rest
    left = context.workers
    for each in work.changes:
        change, outcome = resolved(each, outcomes), outcomes.get(each.id)
        if outcome is None or not _was_doubtful(change, outcome, work):
            continue
        if context.halt.wanted and (left := left - 1) < 0:
            return decided
        try:
            found = _twice(change, outcome, work, context) or _found_at_last(change, outcome, context)
        except (BoxFault, Interrupted, BoxRefused) as error:
            _stop_for(error, context.halt)
            if context.halt.wanted:  # Box is away, or the person wants to go: the next look would fail too
                return decided
            found = _unsure(outcome)
        if found is not None:
            decided[change.id] = context.journal.end(found)
    return decided


def _unsure(outcome: Outcome) -> Outcome | None:
    """What could not be looked at once more is not called done."""
    if outcome.status is not Status.DONE:
        return None
    return replace(outcome, status=Status.IN_DOUBT, notes=noted(Noted.TWICE_UNKNOWN))


def _stop_for(error: BoxFault | Interrupted | BoxRefused, halt: Halt) -> None:
    if isinstance(error, BoxFault):
        halt_if_hopeless(error, halt)
    else:
        halt.request(error)


def _was_doubtful(change: Change, outcome: Outcome, work: WorkList) -> bool:
    done = outcome.status is Status.DONE and change.kind is Kind.CREATE
    return outcome.status is Status.IN_DOUBT or (done and not _sent_once(change, outcome, work))


def _sent_once(change: Change, outcome: Outcome, work: WorkList) -> bool:
    """Whether a create cannot be there twice; of one that was found done nobody knows how often it had been sent."""
    return outcome.attempts == 1 and not outcome.says(Noted.FOUND) and not work.doubtful(change)


def _found_at_last(change: Change, outcome: Outcome, context: ExecutionContext) -> Outcome | None:
    if outcome.status is Status.DONE:
        return None
    sight = context.retry.read(lambda: operation_of(change).seen(change, context.remote))
    if sight.seen is not LookResult.YES:
        return None
    if sight.waits:
        return replace(outcome, status=Status.WAITING, box_id=sight.box_id, notes=sight.waits)
    return replace(outcome, status=Status.DONE, box_id=sight.box_id, notes=noted(Noted.FOUND_AT_END))


def _twice(change: Change, outcome: Outcome, work: WorkList, context: ExecutionContext) -> Outcome | None:
    """A create that was sent again although the first one came late: Box need not refuse the second app user."""
    if not operation_of(change).may_be_doubled(change) or _sent_once(change, outcome, work):
        return None
    found = context.retry.read(lambda: context.remote.users.find_app(change.external_id))
    if len(found) < 2:
        return None
    kept = _kept(found, outcome)
    outcome = replace(outcome, box_id=kept)
    others = [account for account in found if account.box_id != kept]
    # more accounts than requests that may have made one: some are not this run's, and nobody can say which
    spare = others if len(found) <= outcome.attempts else []
    removed = [each.box_id for each in spare if _removed(change, each, outcome, work, context)]
    return _told(outcome, removed, [each.box_id for each in others])


def _kept(found: list[Account], outcome: Outcome) -> str:
    """The account that Box has told us of; else the one made first."""
    ids = [account.box_id for account in found]
    return outcome.box_id if outcome.box_id in ids else first_made(ids)


def _removed(
    change: Change, account: Account, outcome: Outcome, work: WorkList, context: ExecutionContext
) -> bool:
    """Remove a second account that is new, just as this run asked for it, and empty; the deletion is never forced.

    The journal keeps which one stays: whoever goes on after a kill must not choose the other one.
    """
    ours = account.box_id not in work.known and shows(change, account)
    try:
        return ours and _is_empty(account, context) and _deleted(account, outcome, context)
    except (BoxFault, Interrupted, BoxRefused) as error:  # that they are two is told all the same
        _stop_for(error, context.halt)
        return False


def _is_empty(account: Account, context: ExecutionContext) -> bool:
    return context.retry.read(lambda: context.remote.users.space_used(account.box_id)) == 0


def _deleted(account: Account, outcome: Outcome, context: ExecutionContext) -> bool:
    notes = noted(Noted.REMOVES_SECOND, box_id=account.box_id)
    context.journal.end(replace(outcome, status=Status.IN_DOUBT, notes=notes))
    context.retry.write(
        lambda: context.remote.users.delete(account.box_id),
        lambda: None if context.remote.users.get(account.box_id) else account.box_id,
    )
    return True


def _told(outcome: Outcome, removed: list[str], others: list[str]) -> Outcome:
    if removed == others:
        return replace(
            outcome, status=Status.DONE, notes=noted(Noted.TWICE_REMOVED, removed=", ".join(removed))
        )
    left = ", ".join([outcome.box_id, *(box_id for box_id in others if box_id not in removed)])
    return replace(outcome, status=Status.IN_DOUBT, notes=noted(Noted.TWICE_LEFT, left=left))
