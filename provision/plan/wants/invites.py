"""Who is invited in the place of getting an account, since an earlier run has found the login taken outside of the enterprise. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from provision.because import Because, joined, reason, says
from provision.job.onboarding import OnboardingSettings
from provision.job.settings import Job
from provision.ledger.value import InviteState, Memory
from provision.model import Kind, UserKind, fold
from provision.operations.value import Change
from provision.plan.halves import Parts
from provision.plan.wants.decided import Decided
from provision.plan.wants.waits import waits_since

#: what holds somebody who has said no, and to what an approval is the answer
_ASKS = "invite"
#: while a login waits, and for too long
_WAITS = (Because.OUTSIDE_WAITS, Because.OUTSIDE_OVERDUE)
#: of whom nobody has heard yet that they are invited
_ANEW = (InviteState.TAKEN, InviteState.REFUSED)


@dataclass(frozen=True, slots=True)
class TakenLogin:
    """What the ledger knows of a login that is somebody's outside: as in the columns of :class:`Memory`."""

    state: InviteState
    invite_id: str
    since: str
    told: str


def taken_logins(memory: Memory) -> dict[str, TakenLogin]:
    """What is known of each login, folded."""
    columns = (memory.invites[name].tolist() for name in ("login", "state", "invite_id", "since", "told"))
    return {
        login: TakenLogin(InviteState(state), *rest) for login, state, *rest in zip(*columns, strict=True)
    }


def with_invites(decided: Decided, memory: Memory, job: Job, as_of: datetime) -> Decided:
    """Whose login is known as taken is invited in the place of a create, or created once more where that may help."""
    if not len(memory.invites):
        return decided
    terms = (job.onboarding or OnboardingSettings(), as_of)
    known, ours = taken_logins(memory), {*memory.aliases["address"].tolist()}
    others = {at: _of_person(parts, known, terms, ours) for at, parts in decided.changes.items()}
    return decided.instead({at: parts for at, parts in others.items() if parts is not decided.changes[at]})


def _of_person(
    parts: Parts, known: Mapping[str, TakenLogin], terms: tuple[OnboardingSettings, datetime], ours: set[str]
) -> Parts:
    """``ours``: addresses beside the logins of our own accounts, which are given up by other steps."""
    first = next((one for one in parts if one.kind is Kind.CREATE), None)
    login = fold(first.login) if first is not None and first.user_kind is UserKind.MANAGED else ""
    taken = known.get(login)
    if first is None or taken is None or login in ours:
        return parts
    settings, as_of = terms
    told = waits_since(taken.since, taken.told, settings.wait, as_of, _WAITS)
    if settings.invite_existing and (taken.state is not InviteState.ALIAS or says(told, _WAITS[1])):
        return (_invitation(first, taken, told),)
    again = replace(first, because=joined(first.because, told))
    return tuple(again if one is first else one for one in parts)


def _invitation(first: Change, taken: TakenLogin, told: str) -> Change:
    """What is done in the place of a create: nothing else of the person can be before they have joined."""
    because = joined(Because.INVITE_WANTED, "" if taken.state in _ANEW else told)
    change = replace(first, kind=Kind.INVITE, fields=(), because=because, invite=taken.invite_id)
    if taken.state is not InviteState.REFUSED:
        return change
    hold = joined(first.hold, reason(Because.INVITE_REFUSED))
    return replace(change, hold=hold, asks=_ASKS, invite="")
