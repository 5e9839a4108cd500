"""What a run teaches of logins that are taken outside of the enterprise, and of the people who are invited."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from provision.because import Because, codes_of, leading
from provision.frames import folded
from provision.journal.value import Noted, Outcome, why_held
from provision.ledger.value import INVITE_COLUMNS, InviteState, Memory
from provision.model import Kind, Status, fold
from provision.operations.value import Change
from provision.plan.value import Plan
from provision.plan.wants.invites import TakenLogin, taken_logins

#: what an operation that waits says of a login
_TELLS = {
    Because.INVITE_PENDING: InviteState.INVITED,
    Because.INVITE_REFUSED: InviteState.REFUSED,
    Because.INVITE_DENIED: InviteState.DENIED,
    Because.LOGIN_ELSEWHERE: InviteState.DENIED,
    Because.LOGIN_NOBODYS: InviteState.ALIAS,
}
_FOREIGN = (Noted.FOREIGN_LOGIN, Noted.OTHER_ENTERPRISE)


def invites_after(plan: Plan, outcomes: Mapping[str, Outcome], memory: Memory) -> pd.DataFrame | None:
    """The whole new list, INVITE_COLUMNS; None if it is as before."""
    known = taken_logins(memory)
    over = _over(plan, known)
    now = {login: one for login, one in known.items() if login not in over}
    for change in plan.changes:
        outcome = outcomes.get(change.id)
        if outcome is not None and change.kind in (Kind.CREATE, Kind.INVITE):
            _learn(change, outcome, plan.as_of, now)
    if now == known:
        return None
    rows = [
        (login, one.state.value, one.invite_id, one.since, one.told) for login, one in sorted(now.items())
    ]
    return pd.DataFrame(rows, columns=list(INVITE_COLUMNS), dtype="str")


def is_taken_outside(outcome: Outcome) -> bool:
    """Whether a create found the login to be somebody's outside of the enterprise."""
    return outcome.says(*_FOREIGN) and outcome.status in (Status.FAILED, Status.WAITING)


def asked_anew(plan: Plan, outcomes: Mapping[str, Outcome]) -> list[Change]:
    """Who was invited by this run: limits over days count that, and not when somebody accepts."""
    return [
        change
        for change in plan.changes
        if change.kind is Kind.INVITE
        and (outcome := outcomes.get(change.id)) is not None
        and outcome.status is Status.WAITING
        and outcome.made not in ("", change.invite)
    ]


def _over(plan: Plan, known: Mapping[str, TakenLogin]) -> set[str]:
    """The logins that are those of accounts in the enterprise by now, or of nobody in a complete roster."""
    if not known:
        return set()
    table = plan.table
    logins, there = folded(table["login"]), table["box_id"] != ""
    over = set(logins[there]) & known.keys()
    if plan.roster.complete and plan.roster.counts:
        over |= known.keys() - set(logins[table["line"] > 0])
    return over


def _learn(change: Change, outcome: Outcome, as_of: str, now: dict[str, TakenLogin]) -> None:
    login = fold(change.login)
    before = now.get(login)
    if outcome.status is Status.DONE:
        now.pop(login, None)
        return
    state = _state(change, outcome, before)
    if state is None:
        return
    since = before.since if before and before.state is state else as_of
    quiet = before is not None and before.state is state and Because.OUTSIDE_WAITS in codes_of(change.because)
    told = before.told if before and quiet else as_of
    kept = change.invite or (before.invite_id if before else "")
    invite_id = (outcome.made or kept) if state is InviteState.INVITED else ""
    now[login] = TakenLogin(state, invite_id, since, told)


def _state(change: Change, outcome: Outcome, before: TakenLogin | None) -> InviteState | None:
    """What is known of the login now, None for no news."""
    if change.kind is Kind.CREATE:
        if not is_taken_outside(outcome):
            return None
        return before.state if before else InviteState.TAKEN
    if outcome.status not in (Status.WAITING, Status.HELD):
        return None
    code = leading(why_held(outcome))
    return _TELLS.get(code) if code else None
