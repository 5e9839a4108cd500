"""The steps back to the logins that a run has changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from provision.journal.value import Noted
from provision.model import Kind, Status, fold
from provision.operations.people.login_change import new_login
from provision.operations.value import Change
from provision.plan.undo.past import Past
from provision.plan.wants.stages import LoginTerms, steps_of


def with_steps(past: Past, back: Iterable[Change], as_of: datetime) -> Iterator[Change]:
    """The operations of an undo with all steps of those that change a login; what the run had added is removed again."""
    planned = list(back)
    logins = [change for change in planned if change.kind is Kind.LOGIN_CHANGE]
    yield from (change for change in planned if change.kind is not Kind.LOGIN_CHANGE)
    done = list(_done(past))
    removed = {(change.box_id, change.object) for change in done if change.kind is Kind.ALIAS_REMOVE}
    added = {change.object for change in done if change.kind is Kind.ALIAS_ADD}
    olds = {(change.box_id, fold(new_login(change))) for change in logins}
    terms = LoginTerms(
        claimed=added | {old for _, old in olds},
        there=olds - removed,
        seed=as_of.isoformat(timespec="seconds"),
    )
    for steps in steps_of(logins, terms).values():
        yield from steps


def _done(past: Past) -> Iterator[Change]:
    """What the run did to addresses; what was there before is not its doing."""
    for change in past.plan.changes:
        outcome = past.outcomes.get(change.id)
        did = outcome is not None and outcome.status in (Status.DONE, Status.WAITING)
        if did and outcome is not None and not outcome.says(Noted.THERE_ALREADY):
            yield change
