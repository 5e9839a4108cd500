"""A login that Box refuses since it is taken: as an address beside the login of one of our own accounts it names that account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import pandas as pd

from provision.apply.context import ExecutionContext, WorkList
from provision.because import Because, reason
from provision.errors import BoxFault, BoxRefused, Interrupted
from provision.journal.value import Noted, Outcome, noted
from provision.model import PersonKey, Status, UserKind, fold
from provision.operations.value import Change

#: accounts whose addresses are read at most, a call each
_MOST_READ = 200

#: Box id, and how people name the account
_Holder = tuple[str, PersonKey]


def held_as_renamed(
    work: WorkList,
    outcomes: Mapping[str, Outcome],
    people: pd.DataFrame,
    context: ExecutionContext,
) -> dict[str, Outcome]:
    """Refused creates whose login is an alias of one of our accounts: they wait for a person, as a change of login does.

    ``people`` is the table of the plan; the accounts meant are the managed ones in it that no row names. Nothing is changed where Box cannot be asked, or too many accounts would have to be looked at.
    """
    taken = [change for change in work.changes if _taken_login(outcomes.get(change.id))]
    if not taken or context.halt.wanted:
        return {}
    unnamed = people[(people["line"] == 0) & (people["kind"] == UserKind.MANAGED.value)]
    if len(unnamed) > _MOST_READ:
        return {}
    try:
        holders = _by_alias(unnamed, context)
    except (BoxFault, Interrupted, BoxRefused):
        return {}
    found = {change: holders[fold(change.login)] for change in taken if fold(change.login) in holders}
    return {change.id: _held(change, outcomes[change.id], *who, context) for change, who in found.items()}


def _taken_login(outcome: Outcome | None) -> bool:
    ended = outcome is not None and outcome.status in (Status.FAILED, Status.WAITING)
    return ended and outcome is not None and outcome.says(Noted.FOREIGN_LOGIN)


def _by_alias(accounts: pd.DataFrame, context: ExecutionContext) -> dict[str, _Holder]:
    """The account of each further address, folded."""
    holders = {}
    for cells in accounts[["kind", "external_id", "login", "box_id"]].to_dict("records"):
        box_id = str(cells["box_id"])
        for alias in context.retry.read(partial(context.remote.users.aliases, box_id)):
            holders[fold(alias.email)] = (box_id, PersonKey.of(cells))
    return holders


def _held(
    change: Change, outcome: Outcome, box_id: str, who: PersonKey, context: ExecutionContext
) -> Outcome:
    why = reason(Because.ALIAS_OF, login=change.login, account=who.written, box_id=box_id)
    held = replace(outcome, status=Status.HELD, notes=noted(Noted.WAITS, why=why))
    return context.journal.end(held)
