"""From roster, directory and memory to the sealed plan. Pure: no clock, no file, no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain

import numpy as np
import pandas as pd

from provision.batches import Held
from provision.directory.groups import GroupsRead
from provision.directory.scope import Directory, WayOfReading
from provision.findings import Finding
from provision.frames import side_by_side
from provision.job.fingerprint import fingerprint
from provision.job.settings import Authority, Job
from provision.ledger.value import Memory
from provision.operations.registry import in_order
from provision.operations.value import Change
from provision.plan.changes import made_changes
from provision.plan.claims import with_lasting_claims
from provision.plan.columns import placed
from provision.plan.diff.diff import changes_text
from provision.plan.diff.three_way import drift_notes
from provision.plan.few import Few, cut_out, of_few, remarks_of_few
from provision.plan.groups.proof import proof_of_groups
from provision.plan.groups.remarks import remarks_on_groups, renamed_groups
from provision.plan.groups.resolve import groups_meant, with_groups
from provision.plan.guards.approvals import GivenWords, with_approvals
from provision.plan.guards.defaults import first_run
from provision.plan.guards.forecast import foretell, judge_calls, of_those, proof_calls
from provision.plan.guards.left_out import judge_left_out
from provision.plan.guards.managers import people_by_name
from provision.plan.guards.roster.fitness import fitness
from provision.plan.guards.roster.health import Health, beside_directory
from provision.plan.guards.roster.scope import Outside, outside_in, scope_finding
from provision.plan.guards.roster.sources import roster_health
from provision.plan.halves import Parts
from provision.plan.judged import judged
from provision.plan.large.settle import Rest, settle
from provision.plan.late_doubles import with_doubles
from provision.plan.match.questions import open_questions
from provision.plan.occasion import Occasion, PlanContext
from provision.plan.reading import findings_of
from provision.plan.remarks.claims import remarks_on_claims
from provision.plan.remarks.codes import remarks_on_codes
from provision.plan.remarks.invites import remarks_on_invites
from provision.plan.remarks.leavers import remarks_on_leavers
from provision.plan.remarks.logins import remarks_on_logins
from provision.plan.remarks.pending import remarks_on_pending
from provision.plan.remarks.people import absences_not_counted, remarks_on_people
from provision.plan.roster_memory import fingerprints, recorded
from provision.plan.situations import Situations, gather
from provision.plan.sources import waiting_for
from provision.plan.value import (
    TABLE_COLUMNS,
    DirectoryFacts,
    Forecast,
    Plan,
    RosterFacts,
    verdict_counts,
)
from provision.plan.wants.addresses import with_addresses
from provision.plan.wants.archive import with_archive
from provision.plan.wants.content import with_trees
from provision.plan.wants.decided import Decided
from provision.plan.wants.group_access import with_group_access
from provision.plan.wants.invites import with_invites
from provision.plan.wants.onboarding import goes_on, proof_of_folders, with_folders, with_onboarding
from provision.roster.profile.profile import as_stored
from provision.roster.value import Roster


def make_plan(roster: Roster, directory: Directory, memory: Memory, job: Job, occasion: Occasion) -> Plan:
    """Compare who ought to exist with who does. Same arguments, same plan, and the same in however many batches they come."""
    memory = with_lasting_claims(memory, occasion.as_of)
    # who is in step may still have to join a group or a folder, so nobody is set aside then
    if (
        occasion.groups is not None
        or goes_on(memory, job)
        or max(roster.people.count, directory.listed.count) <= 1
    ):
        plan = _compared(Rest(roster, directory), memory, job, occasion)
    else:
        rest = settle(roster, directory, memory, job, occasion.as_of)
        plan = rest.joined_by(_compared(rest, memory, job, occasion))
    groups = groups_meant(roster, occasion.groups, job, memory)
    findings = (
        *plan.findings,
        *remarks_on_codes(roster, directory),
        *remarks_on_groups(roster, job),
        *remarks_on_invites(roster, directory, memory, job),
        *renamed_groups(groups, occasion.groups),
    )
    key_name = memory.key.name if memory.key else ""
    plan = replace(plan, findings=findings, said_key=key_name, groups=groups)
    return with_held_left_out(cut_out(plan, occasion.few) if occasion.few else plan)


def with_held_left_out(plan: Plan) -> Plan:
    """The plan whose forecast tells of what goes on: what waits for a person frees no seat and sends no mail."""
    waiting = plan.holds
    if plan.forecast is None or not waiting:
        return plan
    going_on = (change for change in plan.changes if change.id not in waiting)
    return replace(plan, forecast=of_those(plan.forecast, going_on))


def _compared(rest: Rest, memory: Memory, job: Job, occasion: Occasion) -> Plan:
    """The plan of all who are left."""
    roster, directory = rest.roster, rest.directory
    with side_by_side(len(roster.frame)) as pool:
        said = pool.submit(fingerprints, roster.frame, job.name, memory.key)
        people = replace(gather(roster, directory, memory, job, occasion.as_of), aside=rest.aside)
    few, frame = occasion.few, people.frame
    outside = outside_in(few.of(frame), 0) if few else outside_in(frame, rest.aside.count)
    health = _health(rest, people, PlanContext(memory, job, occasion)).beside(
        fitness(roster, outside, job, occasion.read_at, occasion.allowed)
    )
    changes, verdicts = _decided(people, memory, job, occasion)
    table = _table(frame, verdicts, changes)
    ordered = waiting_for(_ordered(changes, memory, job, occasion), roster.sources, memory, job)
    forecast = _forecast(ordered, directory, memory, job, occasion)
    return Plan(
        job=job.name,
        enterprise_id=occasion.enterprise_id,
        as_of=occasion.as_of.isoformat(timespec="seconds"),
        roster=_roster_facts(roster, job),
        directory=directory_facts(directory, occasion.groups),
        changes=ordered,
        guards=(
            *judged(ordered, people, PlanContext(memory, job, occasion), rest),
            *judge_calls(forecast, occasion.allowed),
            *health.guards,
        ),
        verdicts=verdict_counts(table),
        people=Held(table),
        job_fingerprint=fingerprint(job),
        health=health.lines,
        profile=as_stored(roster.profile) if roster.profile else None,
        forecast=forecast,
        drift=tuple(drift_notes(_drift(people, few), people.frame["box_id"], memory)),
        said=Held(recorded(people, changes, said.result())) if memory.key else None,
        questions=open_questions(people.frame, verdicts),
        looks=occasion.seen.looks,
        findings=_findings(rest, people, changes, _of_roster(roster, outside, job), few)
        + _of_people(people, roster, PlanContext(memory, job, occasion), verdicts["because"]),
    )


def _decided(
    people: Situations, memory: Memory, job: Job, occasion: Occasion
) -> tuple[dict[int, Parts], pd.DataFrame]:
    """The operations by position in the people frame, and the verdict on everybody; of few people only their operations."""
    people = replace(people, groups=occasion.groups)
    changes, verdicts = made_changes(people, job, memory, occasion.as_of, occasion.seen)
    changes, verdicts = with_doubles(changes, verdicts, people.frame, occasion.doubles)
    decided = with_invites(Decided(dict(changes), verdicts), memory, job, occasion.as_of)
    decided = with_addresses(decided, people, memory, job, occasion.as_of)
    decided = with_archive(decided, people, memory, job, occasion.as_of)
    decided = with_onboarding(decided, people, memory, job, occasion.as_of)
    decided = with_trees(decided, occasion.trees)
    return of_few(decided.changes, people.frame["line"], occasion.few), decided.verdicts


def _ordered(
    changes: Mapping[int, Parts], memory: Memory, job: Job, occasion: Occasion
) -> tuple[Change, ...]:
    """All operations in the order of a plan, with who has approved them."""
    asked = occasion.groups if occasion.few is None else None
    everything = with_group_access(chain.from_iterable(changes.values()), asked, memory, job)
    everything = with_folders(with_groups(everything, job.name))
    planned = sorted(everything, key=in_order)
    return with_approvals(
        planned, GivenWords(memory.releases, occasion.as_of, job.approvals.required, memory.key)
    )


def _forecast(
    changes: tuple[Change, ...], directory: Directory, memory: Memory, job: Job, occasion: Occasion
) -> Forecast:
    """What the plan takes, with the looks at leavers that were needed for it."""
    forecast = foretell(changes, directory, memory, job.apply, occasion.as_of)
    if occasion.few and forecast.calls:  # they alone are looked at again
        looked_up = replace(directory, read=WayOfReading.LOOKUP)
        fewer = proof_calls(changes, directory) - proof_calls(changes, looked_up)
        forecast = replace(forecast, calls=forecast.calls - fewer)
    listed = occasion.groups.asked if occasion.groups else 0
    calls = forecast.calls + proof_of_groups(changes, occasion.groups) + proof_of_folders(changes)
    return replace(forecast, calls=calls, reading=forecast.reading + len(occasion.seen.looks) + listed)


def _findings(
    rest: Rest, people: Situations, changes: Mapping[int, Parts], more: Iterable[Finding], few: Few | None
) -> tuple[Finding, ...]:
    """What was noticed of the roster, of the reading, and of single people, with what was noticed of others."""
    return (
        *rest.roster.findings,
        *findings_of(rest.directory.certainty),
        *more,
        *remarks_on_logins(chain.from_iterable(changes.values())),
        *remarks_of_few(remarks_on_people(people.frame, rest.roster, changes), few),
    )


def _of_people(
    people: Situations, roster: Roster, context: PlanContext, because: pd.Series[str]
) -> tuple[Finding, ...]:
    """A first run, who never confirmed an account, and whose absence does not count."""
    memory, occasion = context.memory, context.occasion
    pending = remarks_on_pending(people, roster, memory, context.job, occasion.as_of)
    pending = remarks_of_few(pending, occasion.few)
    left = remarks_of_few(remarks_on_leavers(people.frame, because, roster), occasion.few)
    told = (*_first_run(people, memory), *pending, *left, *absences_not_counted(people, because))
    return told if occasion.few else (*told, *remarks_on_claims(people.frame, because))


def _of_roster(roster: Roster, outside: Outside, job: Job) -> tuple[Finding, ...]:
    """What the roster has that the job can do nothing with, or only by reading it in a way of its own."""
    return (*scope_finding(outside, roster, job.scope), *people_by_name(roster, job))


def _drift(people: Situations, few: Few | None) -> pd.DataFrame:
    """The cells that were changed in Box, of those whom the plan is about."""
    theirs = people.frame["line"].iloc[people.drift["at"].to_numpy()]
    return people.drift[theirs.isin(few.lines).to_numpy(bool)] if few else people.drift


def _first_run(people: Situations, memory: Memory) -> tuple[Finding, ...]:
    frame, aside = people.frame, people.aside.count
    rows = frame["row"] & ~frame["rejected"]
    return first_run(memory, int(rows.sum()) + aside, int((rows & frame["account"]).sum()) + aside)


def directory_facts(directory: Directory, groups: GroupsRead | None = None) -> DirectoryFacts:
    """What a plan remembers of the enterprise it was compared with."""
    tally, read = directory.tally, directory.read.value
    number = len(groups.listed) if groups else None
    return DirectoryFacts(tally.users, tally.managed, tally.app, directory.fingerprint, read, number)


def _health(rest: Rest, people: Situations, context: PlanContext) -> Health:
    """The roster beside the last accepted ones, a first one beside the directory; and whom its filter leaves out."""
    roster, (memory, job, occasion) = rest.roster, (context.memory, context.job, context.occasion)
    nobody = not (roster.valid or rest.aside.count)
    health = roster_health(roster, memory, job, (occasion.read_at, occasion.allowed))
    health = health.beside(judge_left_out(people.excluded, memory, job, occasion.allowed, everybody=nobody))
    if memory.accepted_rows or memory.baselines or job.roster.authority is not Authority.FULL:
        return health
    frame, aside = people.frame, people.aside.count
    in_scope = frame["account"] & frame["in_scope"] & ~frame["protected"]
    first = beside_directory(int((in_scope & frame["row"]).sum()) + aside, int(in_scope.sum()) + aside)
    return replace(health, lines=(*health.lines, *first))


def _roster_facts(roster: Roster, job: Job) -> RosterFacts:
    return RosterFacts(
        path=roster.path,
        sha256=roster.sha256,
        rows=roster.rows,
        valid=roster.valid,
        rejected=len(roster.rejected),
        authority=job.roster.authority.value,
        notes=roster.notes,
        reading=roster.reading,
        excluded=len(roster.excluded),
        sources=roster.sources,
    )


def _text(parts: Parts) -> str:
    if len(parts) == 1:
        return changes_text(parts[0].fields)
    return changes_text(tuple(each for part in parts for each in part.fields))


def _table(people: pd.DataFrame, verdicts: pd.DataFrame, changes: Mapping[int, Parts]) -> pd.DataFrame:
    """One row for everybody who is named or in scope, roster rows in their order, then accounts without a row."""
    texts = pd.Series([_text(parts) for parts in changes.values()], dtype="str")
    table = people.assign(
        verdict=verdicts["verdict"].array,
        because=verdicts["because"].array,
        groups=verdicts["groups"].array,
        changes=placed(texts, np.fromiter(changes, np.intp), len(people)).array,
    )
    shown = (table["line"] > 0) | table["in_scope"]
    table = table.loc[shown, list(TABLE_COLUMNS)]
    unnamed = (table["line"] == 0).to_numpy(bool)
    order = np.lexsort(
        (table["line"].to_numpy(), unnamed)
    )  # stable: accounts without a row stay sorted by box id
    return table.iloc[order].reset_index(drop=True)
