"""Undo: the inverse of what an earlier run recorded, as a plan like any other. Pure: no clock, no file, no network.

Only operations that happened are inverted, and only where Box still shows what the run left; what somebody has
changed since, and what cannot come back, is named instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from provision.batches import Held
from provision.because import Because
from provision.directory.groups import GroupsRead
from provision.directory.scope import Directory, named
from provision.job.fingerprint import fingerprint
from provision.job.settings import Authority, Job
from provision.ledger.others import WANTED
from provision.ledger.value import Memory
from provision.model import DAYS_AHEAD, NAMED_BY, PERSON_FIELDS, Kind, Verdict
from provision.operations.registry import in_order, operation_of
from provision.operations.value import Change
from provision.plan.build import directory_facts, with_held_left_out
from provision.plan.columns import among, positions
from provision.plan.diff.diff import changes_text
from provision.plan.guards.forecast import foretell
from provision.plan.guards.limits import judge
from provision.plan.halves import told_apart
from provision.plan.match.correlate import app_ids, known_ids
from provision.plan.occasion import Occasion
from provision.plan.undo.addresses import with_steps
from provision.plan.undo.collaborations import BACK
from provision.plan.undo.inverse import Deleted, Inverse, inverse_of, traces
from provision.plan.undo.memberships import MembershipNow
from provision.plan.undo.past import Past
from provision.plan.value import TABLE_COLUMNS, UNDO, GuardVerdict, Plan, RosterFacts, verdict_counts


@dataclass(frozen=True, slots=True)
class Undo:
    """The plan that undoes a run, and what it does not undo.

    ``deleted`` are the accounts that only Box support can bring back. ``left`` are those who are left
    alone and the reason for each, the deleted ones not among them. ``lasting`` are those of whom content or the account itself went away
    for good. ``returns``: the next run of the job would do it all again. ``remarks`` are those of the :class:`Past`.
    """

    plan: Plan
    deleted: tuple[Deleted, ...]
    left: tuple[tuple[str, str], ...]
    returns: bool
    lasting: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def make_undo(past: Past, directory: Directory, memory: Memory, job: Job, occasion: Occasion) -> Undo:
    """Plan the way back from a run. Scope, protection and guards are those of the job as it is now."""
    accounts = _accounts(directory, memory, job)
    inverses = _inverses(past, accounts, occasion.groups)
    table = _table(accounts, inverses)
    undo = Undo(
        plan=_empty(directory, job, occasion),
        deleted=tuple(each.deleted for each in inverses if each.deleted),
        left=tuple((each.trace.change.key, each.because) for each in inverses if each.left),
        lasting=tuple(
            each.trace.change.key
            for each in inverses
            if each.left and operation_of(each.trace.change).for_good
        ),
        remarks=past.remarks,
        returns=past.plan.roster.authority in tuple(Authority) and any(map(_returns, inverses)),
    )
    back = with_steps(past, told_apart(each.change for each in inverses if each.change), occasion.as_of)
    changes = tuple(sorted(back, key=in_order))
    plan = replace(
        undo.plan,
        roster=RosterFacts(f"undo of run {past.run_id}", "", 0, 0, 0, UNDO, past.remarks, past.run_id),
        changes=changes,
        guards=_guards(changes, accounts, job, occasion),
        verdicts=verdict_counts(table),
        people=Held(table),
        forecast=foretell(changes, directory, memory, job.apply, occasion.as_of),
    )
    return replace(undo, plan=with_held_left_out(plan))


def _empty(directory: Directory, job: Job, occasion: Occasion) -> Plan:
    """A plan about this enterprise and moment in which nothing is decided yet."""
    return Plan(
        job=job.name,
        enterprise_id=occasion.enterprise_id,
        as_of=occasion.as_of.isoformat(timespec="seconds"),
        roster=RosterFacts("", "", 0, 0, 0, UNDO),
        directory=directory_facts(directory),
        changes=(),
        guards=(),
        verdicts={},
        people=Held(pd.DataFrame()),
        job_fingerprint=fingerprint(job),
    )


def _accounts(directory: Directory, memory: Memory, job: Job) -> pd.DataFrame:
    """The listing with what the job makes of everybody: ``known_id`` (text), ``owned`` (bool), ``protected`` (why, text)."""
    frame = directory.frame
    ids, remembered = app_ids(frame), known_ids(frame, memory.accounts)
    known = ids.where(ids != "", remembered)
    listed = named(frame["login_key"], known, job.scope.protect)  # the ledger knows ids that Box does not
    return frame.assign(
        known_id=known,
        owned=among(frame["box_id"], memory.accounts["box_id"]),
        protected=frame["protected"].mask(listed & (frame["protected"] == ""), Because.SCOPE_PROTECT.value),
    )


def _inverses(past: Past, accounts: pd.DataFrame, groups: GroupsRead | None) -> list[Inverse]:
    found = traces(past.plan, past.outcomes, accounts)
    wanted = pd.Series([box_id for trace in found for box_id in trace.box_ids], dtype="str")
    concerned = accounts[among(accounts["box_id"], wanted)]
    members = _memberships(groups)
    people = {
        str(cells["box_id"]): _cells(cells) | {"memberships": members.get(str(cells["box_id"]), {})}
        for cells in concerned.to_dict("records")
    }
    return [inverse for trace in found if (inverse := inverse_of(trace, people))]


def _memberships(groups: GroupsRead | None) -> dict[str, dict[str, MembershipNow]]:
    """The memberships that were read, by account and group."""
    found: dict[str, dict[str, MembershipNow]] = {}
    if groups is not None:
        for membership_id, group_id, box_id, role in groups.members.itertuples(index=False, name=None):
            found.setdefault(box_id, {})[group_id] = MembershipNow(membership_id, role)
    return found


def _cells(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): cell for name, cell in row.items()}


def _returns(inverse: Inverse) -> bool:
    """Whether the next run would do it again: an account that was made is kept, and only a stated status revives it."""
    past = inverse.trace.change
    if inverse.change is None or (past.kind in BACK and not past.of_nobody):  # people are let in once
        return False
    return past.kind is not Kind.CREATE or any(each.field == "status" for each in past.fields)


def _guards(
    changes: tuple[Change, ...], accounts: pd.DataFrame, job: Job, occasion: Occasion
) -> tuple[GuardVerdict, ...]:
    kinds = [change.kind for change in changes if not change.completes]
    counts = {kind: kinds.count(kind) for kind in Kind}
    population = int((accounts["owned"] & accounts["in_scope"] & (accounts["protected"] == "")).sum())
    verdicts = judge(job.guards, counts, population, occasion.allowed)
    # half an undo is nobody's wish: what refuses a part of it refuses all
    return tuple(replace(verdict, kinds=()) for verdict in verdicts)


def _table(accounts: pd.DataFrame, inverses: Sequence[Inverse]) -> pd.DataFrame:
    """One row for every account in scope or of the undone run, by box id, then those of the run that are no more."""
    verdict = np.where(accounts["protected"] != "", Verdict.PROTECTED.value, Verdict.UNCHANGED.value).astype(
        object
    )
    because = (
        accounts["protected"]
        .where(accounts["protected"] != "", Because.UNTOUCHED.value)
        .to_numpy(object, copy=True)
    )
    texts = np.full(len(accounts), "", dtype=object)
    shown = accounts["in_scope"].to_numpy(bool, copy=True)
    # of an account with several operations the first one is told, which is the gravest
    here = sorted((inverse for inverse in inverses if inverse.box_id), key=_told_last, reverse=True)
    wanted = pd.Series([inverse.box_id for inverse in here], dtype="str")
    for at, inverse in zip(positions(wanted, accounts["box_id"]), here, strict=True):
        verdict[at], because[at], shown[at] = inverse.verdict.value, inverse.because, True
        texts[at] = changes_text(inverse.change.fields) if inverse.change else ""
    decided = pd.DataFrame({"verdict": verdict, "because": because, "changes": texts}, dtype="str")
    unsaid = dict.fromkeys((*PERSON_FIELDS, "segment", NAMED_BY, *DAYS_AHEAD, *WANTED), "")
    known = accounts.assign(line=0, external_id=accounts["known_id"], **decided, **unsaid)
    gone = pd.DataFrame(
        [_gone(inverse) for inverse in inverses if not (inverse.box_id or inverse.trace.change.of_nobody)],
        columns=list(TABLE_COLUMNS),
    )
    table = pd.concat([known.loc[shown, list(TABLE_COLUMNS)], gone], ignore_index=True)
    return table.astype(dict.fromkeys(TABLE_COLUMNS, "str") | {"line": "int64", "owned": "bool"})


def _told_last(inverse: Inverse) -> tuple[bool, tuple[int, int, str, str]]:
    change = inverse.change or inverse.trace.change
    return inverse.change is None, in_order(change)


def _gone(inverse: Inverse) -> tuple[object, ...]:
    """A row about somebody who has no account now; the reason names the one there was."""
    past = inverse.trace.change
    return (
        0, past.external_id, past.login, past.name, past.user_kind.value, "",
        inverse.verdict.value, inverse.because, "", False, "", "", "", "", "", "", "", "",
    )  # fmt: skip
