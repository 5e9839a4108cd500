"""What a run that was cut off can still teach the ledger: its journal knows what it made, and the enterprise the rest.

Nothing is learned of absence, and no roster counts as accepted: such a run did not come to its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from provision.directory.scope import Directory
from provision.frames import compared
from provision.journal.value import Outcome
from provision.ledger.value import ACCOUNT_COLUMNS, KNOWN_COLUMNS, Lessons, Memory
from provision.lessons.aliases import aliases_after
from provision.lessons.finished import made_by, news
from provision.lessons.groups import groups_known
from provision.lessons.invites import invites_after
from provision.lessons.leavers import stages_after
from provision.lessons.onboarding import onboarding_after
from provision.model import Kind, Status, fold
from provision.operations.people.login_change import new_login
from provision.operations.registry import ENDINGS, operation_of
from provision.operations.value import Change
from provision.plan.columns import positions, taken
from provision.plan.value import Plan

#: columns that tell what became of an operation
_LOOKED_AT = ("box_id", "login", "login_key", "external_id", "kind", "status", "in_scope")


def salvaged(
    plan: Plan, outcomes: Mapping[str, Outcome], directory: Directory | None, memory: Memory
) -> Lessons:
    """Who is owned and who is gone by the journal of an unfinished run.

    ``directory`` was read now; without one, what is in doubt stays so.
    """
    decided = _decided(plan, outcomes, directory)
    done = [change for change in plan.changes if _is(decided, change, Status.DONE)]
    gone = tuple(change.box_id for change in done if change.kind in ENDINGS)
    touched = {change.box_id for change in done}
    known = memory.accounts[memory.accounts["box_id"].isin(touched)]
    made = _with_own_key(made_by(plan, decided), directory)
    now = pd.concat([known, made], ignore_index=True)[list(ACCOUNT_COLUMNS)]
    left = [change.box_id for change in done if change.kind is Kind.DEACTIVATE and change.evidence]
    back = [change.box_id for change in done if change.kind is Kind.ACTIVATE]
    now = now.astype("str")
    now.loc[now["box_id"].isin(left), "left_at"] = plan.as_of
    now.loc[now["box_id"].isin(back), "left_at"] = ""
    counts = Counter(change.kind.value for change in done if not change.completes)
    stages = stages_after(plan, decided, memory, None)
    served = {name for change in done if not change.completes for name in change.hold_ids} & {
        one.hold_id for one in memory.releases
    }
    return Lessons(
        news(now, gone, memory),
        gone,
        None,
        "",
        0,
        complete=False,
        done=counts,
        stages=stages,
        spent=tuple(sorted(served)),
        groups=groups_known(plan, decided, memory),
        aliases=aliases_after(plan, decided, memory),
        invites=invites_after(plan, decided, memory),
        onboarding=onboarding_after(plan, decided, memory),
    )


def _with_own_key(made: pd.DataFrame, directory: Directory | None) -> pd.DataFrame:
    """Of the accounts that a journal says were made, all but those that Box shows as somebody else's.

    Nobody has closed the journal of a run that was cut off: an id in it may be that of an account which came up since the plan was made.
    """
    if directory is None or made.empty:
        return made
    users = directory.where(lambda users: users["box_id"].isin(made["box_id"]), _LOOKED_AT)
    shown = dict(zip(users["box_id"], compared(users), strict=True))
    own = [shown.get(box_id, key) == key for box_id, key in zip(made["box_id"], compared(made), strict=True)]
    return made[own].reset_index(drop=True)


def contradicted(plan: Plan, outcomes: Mapping[str, Outcome], directory: Directory) -> bool:
    """Whether an account that a journal says was made was there before, or is somebody else's in Box: the journal may be somebody's, too."""
    creates = (change for change in plan.changes if change.kind is Kind.CREATE)
    ids = {outcomes[change.id].box_id for change in creates if _is(outcomes, change, Status.DONE)}
    if plan.table["box_id"].isin(ids - {""}).any():
        return True
    made = made_by(plan, outcomes)
    return len(_with_own_key(made, directory)) < len(made)


def without_doubts(plan: Plan, outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """The outcomes without those in doubt, but for transfers: one that may have begun must not be sent again."""
    sent = {change.id for change in plan.changes if operation_of(change).once}
    return {name: one for name, one in outcomes.items() if one.status is not Status.IN_DOUBT or name in sent}


def after(memory: Memory, lessons: Lessons) -> Memory:
    """The memory with what was salvaged; absences and managers stay as they are."""
    replaced = {*lessons.gone, *lessons.accounts["box_id"]}
    kept = memory.accounts[~memory.accounts["box_id"].isin(replaced)]
    known_at = positions(lessons.accounts["box_id"], memory.accounts["box_id"])
    learned = lessons.accounts.assign(since=taken(memory.accounts["since"], known_at).array)
    accounts = pd.concat([kept, learned[list(KNOWN_COLUMNS)]], ignore_index=True).astype("str")
    stages = memory.stages if lessons.stages is None else lessons.stages
    groups = memory.groups
    if lessons.groups is not None:
        kept_groups = groups[~groups["name"].isin(lessons.groups["name"])]
        groups = pd.concat([kept_groups, lessons.groups], ignore_index=True).astype("str")
    aliases = memory.aliases if lessons.aliases is None else lessons.aliases
    invites = memory.invites if lessons.invites is None else lessons.invites
    onboarding = memory.onboarding if lessons.onboarding is None else lessons.onboarding
    releases = tuple(one for one in memory.releases if one.hold_id not in lessons.spent)
    return replace(
        memory,
        accounts=accounts,
        stages=stages,
        releases=releases,
        groups=groups,
        aliases=aliases,
        invites=invites,
        onboarding=onboarding,
    )


def _is(outcomes: Mapping[str, Outcome], change: Change, status: Status) -> bool:
    outcome = outcomes.get(change.id)
    return outcome is not None and outcome.status is status


def _decided(plan: Plan, outcomes: Mapping[str, Outcome], directory: Directory | None) -> dict[str, Outcome]:
    """The outcomes with what was in doubt settled by what the enterprise shows; what it does not show stays in doubt."""
    doubtful = [change for change in plan.changes if _is(outcomes, change, Status.IN_DOUBT)]
    if not doubtful or directory is None:
        return dict(outcomes)
    found = _Found(doubtful, directory, plan.table["box_id"])
    seen = {change.id: found.where(change) for change in doubtful}
    settled = {
        name: replace(outcomes[name], status=Status.DONE, box_id=box_id)
        for name, box_id in seen.items()
        if box_id
    }
    return {**outcomes, **settled}


class _Found:
    """Looks doubtful operations up in a listing. ``known`` are the accounts that their plan saw."""

    def __init__(self, doubtful: Sequence[Change], directory: Directory, known: pd.Series[str]) -> None:
        ids = {change.box_id for change in doubtful}
        keys = {change.person.compared for change in doubtful if change.kind is Kind.CREATE} - {""}
        users = directory.where(
            lambda users: users["box_id"].isin(ids) | compared(users).isin(keys), _LOOKED_AT
        )
        self._status = dict(zip(users["box_id"], users["status"], strict=True))
        self._login = dict(zip(users["box_id"], users["login_key"], strict=True))
        fresh = users[users["in_scope"] & (positions(users["box_id"], known) < 0)]
        self._fresh = pd.Series(fresh["box_id"].to_numpy(), index=compared(fresh))

    def where(self, change: Change) -> str:
        """The account that shows the operation as done, "" if none does for sure."""
        if change.kind is Kind.CREATE:
            return self._made(change)
        if change.kind is Kind.LOGIN_CHANGE:
            return change.box_id if self._login.get(change.box_id) == fold(new_login(change)) else ""
        shown = operation_of(change).shown(change, self._status.get(change.box_id, ""))
        return change.box_id if shown else ""

    def _made(self, change: Change) -> str:
        key = change.person.compared
        found = self._fresh[self._fresh.index == key] if key else self._fresh.iloc[:0]
        return str(found.iloc[0]) if len(found) == 1 else ""
