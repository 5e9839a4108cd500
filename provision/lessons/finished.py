"""What a run teaches the ledger: who is owned now, who is gone, and who was absent how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from provision.batches import only
from provision.because import Because, coded, led_by
from provision.frames import arrow, equals
from provision.job.lifecycle import Evidence
from provision.journal.value import Outcome, is_done, why_held
from provision.ledger.value import ABSENCE_TYPES, ACCOUNT_COLUMNS, Lessons, Memory
from provision.lessons.aliases import aliases_after
from provision.lessons.groups import groups_known
from provision.lessons.invites import asked_anew, invites_after
from provision.lessons.leavers import managers_named, stages_after
from provision.lessons.onboarding import onboarding_after
from provision.lessons.roster_values import values_now
from provision.lessons.sources import sources_named
from provision.lessons.wants import wants_after
from provision.model import Kind, Status, UserKind, Verdict
from provision.operations.registry import ENDINGS
from provision.operations.value import Change
from provision.plan.columns import among, positions, taken
from provision.plan.guards.approvals import spent, waiting
from provision.plan.guards.limits import CHANGED_JOB
from provision.plan.guards.otherwise import is_otherwise
from provision.plan.guards.roster.health import fed_again
from provision.plan.guards.roster.sources import resent
from provision.plan.leavers.needed import NEEDED
from provision.plan.leavers.stages import Absence, absences_of, streak
from provision.plan.match.unreadable_rows import Unread, unread
from provision.plan.sources import Freshness, freshness
from provision.plan.value import Plan, Ruling
from provision.roster.profile.profile import keyed

#: verdicts that say: this account and this row are one person, and it is ours to look after
_MATCHED = (Verdict.UNCHANGED, *(verdict for verdict in Verdict if verdict.value in set(Kind)))

#: from so many people who wait on, and such a share of the rows, a roster of which nothing is done is not believed
_NO_CHANCE, _MANY = 3, 0.25


def lessons(plan: Plan, outcomes: Mapping[str, Outcome], memory: Memory, evidence: Evidence) -> Lessons:
    """What this run adds to the memory; only what is new or different is in it."""
    done = [change for change in plan.changes if is_done(outcomes.get(change.id))]
    gone = tuple(change.box_id for change in done if change.kind in ENDINGS)
    believed = not (_useless(plan) or _waits_as_a_whole(plan, done, memory))
    full, counts = plan.roster.complete, plan.roster.counts and believed
    return Lessons(
        accounts=news(_owned(plan, done, outcomes, memory), gone, memory),
        gone=gone,
        absences=_absences(plan, gone, memory, evidence, believed=believed) if full else None,
        roster_sha256=plan.roster.sha256 if counts else "",
        roster_rows=plan.roster.rows,
        complete=full,
        done=Counter(
            change.kind.value for change in (*done, *asked_anew(plan, outcomes)) if not change.completes
        ),
        job_fingerprint="" if _looked_at_first(plan) else plan.job_fingerprint,
        roster_profile=_profile(plan, memory) if counts else "",
        holds=waiting(plan, held_in(plan, outcomes), outcomes, memory) if plan.roster.sha256 else None,
        spent=spent(plan, [*done, *_otherwise(plan, outcomes)], memory) if plan.roster.sha256 else (),
        said=None if _useless(plan) else values_now(plan, outcomes, memory),
        stages=stages_after(plan, outcomes, memory, timedelta(hours=evidence.empty_hours)),
        managers=managers_named(plan, outcomes, memory),
        named=sources_named(plan, outcomes, memory),
        groups=groups_known(plan, outcomes, memory),
        aliases=aliases_after(plan, outcomes, memory),
        invites=invites_after(plan, outcomes, memory),
        onboarding=onboarding_after(plan, outcomes, memory),
        wants=wants_after(plan, outcomes, memory) if counts and full else None,
    )


def _profile(plan: Plan, memory: Memory) -> str:
    """What the roster looked like, keyed if a plan of an earlier release has it plain; "" if that may not be kept."""
    if plan.profile is None or memory.key is None:
        return ""
    return keyed(plan.profile, memory.key, plan.job).to_json()


def _looked_at_first(plan: Plan) -> bool:
    """Whether this run does not make its changed job a known one: nobody has looked at what it removes yet.

    Absence takes several nights to count, so the first night after a change may remove nobody and prove nothing. Nor does
    an undo make a job known, which carries no roster out, or a run for a few people, which shows little of it.
    """
    if not plan.roster.counts:
        return True
    changed = [guard for guard in plan.guards if guard.name == CHANGED_JOB]
    let_go = (
        guard.verdict is Ruling.ALLOWED or (guard.verdict is Ruling.REFUSED and guard not in plan.stopped)
        for guard in changed
    )
    return bool(changed) and not any(let_go)


def held_in(plan: Plan, outcomes: Mapping[str, Outcome]) -> dict[str, str]:
    """The operations that wait for a person, or for Box, and why; also those that this run was not asked to carry out."""
    told = {
        name: coded(why_held(outcome))
        for name, outcome in outcomes.items()
        if outcome.status in (Status.HELD, Status.WAITING)
    }
    return {name: why for name, why in plan.holds.items() if name not in outcomes} | told


def _otherwise(plan: Plan, outcomes: Mapping[str, Outcome]) -> list[Change]:
    """What Box took and shows otherwise: an approval to send it has served all the same."""
    told = {name for name, outcome in outcomes.items() if is_otherwise(outcome)}
    return [change for change in plan.changes if change.id in told]


def _useless(plan: Plan) -> bool:
    """Not one row of the roster could be used: it says nothing about anybody, and no other one is compared with it."""
    return plan.roster.rows > 0 and not plan.roster.valid


def _waits_as_a_whole(plan: Plan, done: list[Change], memory: Memory) -> bool:
    """Whether nothing was done and so much waits that did not with the last accepted roster that this one may be damaged.

    It proves nobody's absence then, and the corrected one that comes next is compared with the one before.
    """
    if done or not memory.baselines:
        return False
    waiting_then = sum(hold.since <= memory.baselines[0].at for hold in memory.holds)
    held, people = plan.holds, plan.table
    lines = {change.line for change in plan.changes if change.id in held}
    lines |= set(people["line"][equals(people["verdict"], Verdict.HELD.value)].tolist())
    lines.discard(0)
    return len(lines) - waiting_then >= max(_NO_CHANCE, _MANY * plan.roster.rows)


def _owned(plan: Plan, done: list[Change], outcomes: Mapping[str, Outcome], memory: Memory) -> pd.DataFrame:
    """Accounts matched with a row or created by this run, and those without a row that this run did something to."""
    matched, created = _matched(plan, memory), made_by(plan, outcomes)
    changed = {change.box_id for change in done} - set(matched["box_id"])
    # whom another job claims has not left by this one's doing
    claimed = plan.table.loc[plan.table["verdict"] == Verdict.CLAIMED, "box_id"]
    others = memory.accounts[
        memory.accounts["box_id"].isin(changed) | among(memory.accounts["box_id"], claimed)
    ]
    some = [only(each, ACCOUNT_COLUMNS) for each in (matched, created, others) if len(each)]
    now = pd.concat(some, ignore_index=True).astype("str") if len(some) > 1 else (some or [matched])[0].copy()
    left = [change.box_id for change in done if change.kind is Kind.DEACTIVATE and change.evidence]
    back = [change.box_id for change in done if change.kind is Kind.ACTIVATE]
    if left:
        now.loc[now["box_id"].isin(left), "left_at"] = plan.as_of
    if back or len(claimed):
        now.loc[now["box_id"].isin(back) | among(now["box_id"], claimed), "left_at"] = ""
    return now.reset_index(drop=True)


def matched_in(plan: Plan) -> pd.DataFrame:
    """The lines of accounts that a row of the roster was paired with: ACCOUNT_COLUMNS but the last, and line, verdict, because."""
    table = only(plan.table, (*ACCOUNT_COLUMNS[:-1], "line", "verdict", "because"))
    return table[
        (table["line"] > 0)
        & table["verdict"].isin(_MATCHED)
        & ~equals(table["box_id"], "")
        & ~led_by(table["because"], [Because.IGNORED])
    ].reset_index(drop=True)


def _matched(plan: Plan, memory: Memory) -> pd.DataFrame:
    """Accounts that a row of the roster was paired with; whoever is in step with it has not left."""
    matched = matched_in(plan)
    known_at = positions(matched["box_id"], memory.accounts["box_id"])
    left_at = taken(memory.accounts["left_at"], known_at)
    matched["left_at"] = left_at.mask(led_by(matched["because"], [Because.IN_STEP]), "")
    return only(matched, ACCOUNT_COLUMNS)


def made_by(plan: Plan, outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """The accounts that these outcomes say were created, also those not finished: ACCOUNT_COLUMNS.

    None of those that the plan itself saw: whatever a journal says, they were there before.
    """
    made = (Status.DONE, Status.FAILED)  # one that failed with an account has made it all the same
    rows = [
        (outcome.box_id, change.user_kind.value, change.external_id, change.login, "")
        for change in plan.changes
        if change.kind is Kind.CREATE
        and (outcome := outcomes.get(change.id)) is not None
        and outcome.status in made
        and outcome.box_id
    ]
    found = pd.DataFrame(rows, columns=list(ACCOUNT_COLUMNS), dtype="str")
    if not rows:
        return found
    return found[~among(found["box_id"], plan.table["box_id"])].reset_index(drop=True)


def news(now: pd.DataFrame, gone: tuple[str, ...], memory: Memory) -> pd.DataFrame:
    """Of these accounts (ACCOUNT_COLUMNS), those that the memory does not have yet, or has otherwise."""
    known_at = positions(now["box_id"], memory.accounts["box_id"])
    same = known_at >= 0
    for name in ACCOUNT_COLUMNS:
        same &= np.asarray(pc.equal(arrow(taken(memory.accounts[name], known_at)), arrow(now[name])))
    return now[~same & ~now["box_id"].isin(gone).to_numpy(bool)].reset_index(drop=True)


def _absences(
    plan: Plan, gone: tuple[str, ...], memory: Memory, evidence: Evidence, *, believed: bool
) -> pd.DataFrame:
    """Owned accounts that this complete roster does not name, and how often in a row that was so.

    For whom another job claims that is 0: it is known that this roster does not name them, or says that they left, and
    proves nothing. So this job does not claim them in turn, and they leave as soon as the other one says so too.
    """
    table = plan.table
    # who is protected for what others need of them has still left
    needed = led_by(table["because"], NEEDED)
    counts = (table["verdict"] != Verdict.PROTECTED) | needed
    # a night that had lost the ledger called them unowned, and was told of them when the ledger was made anew
    owned = table["owned"] | among(table["box_id"], memory.accounts["box_id"])
    without = (table["line"] == 0) & owned & counts
    absent_columns = only(table, ("box_id", "external_id", "name", "verdict"))
    without_row = absent_columns[without & ~table["box_id"].isin(gone)]
    claimed = table.loc[(table["verdict"] == Verdict.CLAIMED) & owned, "box_id"]
    absent = without_row[without_row["verdict"] != Verdict.CLAIMED]
    named = (absent["verdict"] == Verdict.HELD).tolist()
    earlier, bad = absences_of(memory), _unread(table)
    as_of = datetime.fromisoformat(plan.as_of)
    rows, fresh = [], _fresh(plan, memory, evidence, believed=believed)
    people = zip(*(absent[name].tolist() for name in ("box_id", "external_id", "name")), named, strict=True)
    for box_id, external_id, name, held in people:
        absence = earlier.get(box_id, Absence())
        if fresh.of(box_id) and not held and not bad.may_be(external_id, name):
            absence = _one_more(absence, evidence, as_of)
        if absence.missed_runs:
            rows.append((box_id, absence.missed_runs, absence.first_missed, absence.last_missed))
    rows += [(box_id, 0, "", "") for box_id in claimed.tolist()]
    return pd.DataFrame(rows, columns=list(ABSENCE_TYPES)).astype(ABSENCE_TYPES)


def _fresh(plan: Plan, memory: Memory, evidence: Evidence, *, believed: bool) -> Freshness:
    again = fed_again(plan.profile, memory, evidence.resent_files)
    files = resent(plan.profile, memory, evidence.resent_files)
    return freshness(believed and not again, plan.roster.missing, files, memory)


def _unread(table: pd.DataFrame) -> Unread:
    """Bad rows of this roster that may be anybody: it proves nobody's absence then."""
    keyless = (table["line"] > 0).to_numpy() & equals(table["login"], "")
    keyless &= equals(table["kind"], UserKind.MANAGED.value)
    if keyless.any():
        keyless &= ~led_by(table["because"], [Because.SUPERSEDED]).to_numpy()
    excluded = equals(table["verdict"], Verdict.EXCLUDED.value)
    bad = equals(table["verdict"], Verdict.REJECTED.value) | (keyless & ~excluded)
    bad |= excluded & ~equals(table["name"], "")
    bad &= equals(table["box_id"], "")
    return unread(table[bad]) if bad.any() else Unread()


def _one_more(absence: Absence, evidence: Evidence, as_of: datetime) -> Absence:
    missed, now = streak(absence, evidence, as_of), as_of.isoformat()
    if missed == absence.missed_runs:
        return absence
    return Absence(missed, absence.first_missed or now, now)
