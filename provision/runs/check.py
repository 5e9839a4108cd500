"""The check: whether the job is sound, and its roster, also beside those accepted before; Box is not asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from importlib import import_module

from provision.findings import Code, Finding, Findings, Level
from provision.job.settings import Job
from provision.ledger.value import blank
from provision.plan.groups.remarks import remarks_on_groups
from provision.plan.guards.managers import judge_column, people_by_name
from provision.plan.guards.refused import refusal
from provision.plan.guards.roster.fitness import fitness
from provision.plan.guards.roster.health import Health
from provision.plan.guards.roster.scope import outside_by_domain
from provision.plan.guards.roster.sources import roster_health
from provision.plan.value import Opinion
from provision.report.findings import of_columns, of_health, of_notes, sentence_of
from provision.report.first_day.understood import how_read
from provision.report.summary import GuardSummary, RosterSummary, Summary
from provision.report.value import written_at
from provision.roster.row_errors import format_row_errors, row_findings
from provision.roster.value import Roster
from provision.runs.beside import expect_beside
from provision.runs.ending import Course, Fact, Situation, conclude
from provision.runs.folder import begun_runs, runs_of
from provision.runs.observer import Observer, Remark, Trouble
from provision.runs.places.own_places import open_to_others
from provision.runs.planning.roster_intake import (
    accept,
    accepted,
    all_left_out,
    as_kept,
    nobody,
    rosters_known,
    take_in,
)
from provision.runs.reading.starter_folders import expect_sound
from provision.runs.selection import RunOptions
from provision.wording import moment


def check(job: Job, options: RunOptions, observer: Observer, *, take: bool = False) -> Summary:
    """Whether the job and its roster are sound; ``take`` lets the roster count as good from now on.

    Raises RosterError or Refused for a roster that cannot be read.
    """
    _expect_memory(job)
    expect_beside(job)
    expect_sound(job)
    if any(runs_of(job)):  # whose folders may name this job from now on; a first check loads no database
        import_module("provision.runs.seal.seal").named(job)
    roster = take_in(job, options.roster, observer.now(), judged=not take)
    unset = (*_unset(job), *open_to_others(job))
    _tell(roster, (*unset, *people_by_name(roster, job, unused=True)), observer)
    health = _health(roster, job, observer)
    situation, error = _judged(roster, health, job, observer, take=take)
    found = _found(roster, job, health).beside(unset)
    written = written_at(roster.profile)
    end = conclude(Course.CHECK, situation)
    return Summary(
        job=job.name,
        status=end.status,
        exit_code=int(end.exit_code),
        roster=RosterSummary(
            roster.path,
            roster.sha256,
            roster.rows,
            roster.valid,
            len(roster.rejected),
            written or None,
            roster.reading,
            len(roster.excluded),
            sources=roster.sources,
        ),
        guards=() if take else tuple(map(GuardSummary.of, health.guards)),
        error=error,
        findings=found.told,
        findings_total=found.total,
    )


def _found(roster: Roster, job: Job, health: Health) -> Findings:
    return row_findings(roster).beside(
        (
            *roster.findings,
            *people_by_name(roster, job, unused=True),
            *of_health(health.lines, roster.path),
            *of_notes(roster.notes, roster.path),
            *of_columns(roster.ignored, roster.path),
            *remarks_on_groups(roster, job),
        )
    )


def _unset(job: Job) -> Iterator[Finding]:
    """The secrets of Box need not be there, and a run will need them."""
    if job.unset:
        sentence = f"not set here: {', '.join(job.unset)}; a run needs them, a check does not"
        yield Finding(Code.VARIABLES_UNSET, Level.NOTE, sentence)


def _tell(roster: Roster, unset: tuple[Finding, ...], observer: Observer) -> None:
    for line in format_row_errors(roster):
        observer.note(Remark(line))
    good, rejected = roster.valid, len(roster.rejected)
    out = f", {len(roster.excluded):,} left out" if len(roster.excluded) else ""
    observer.note(
        Remark(f"{roster.path}: {roster.rows:,} rows, {good:,} good, {rejected:,} with errors{out}.")
    )
    written = written_at(roster.profile)
    when = f"written {moment(datetime.fromisoformat(written))}, " if written else ""
    observer.note(Remark(f"  {when}SHA-256 {roster.sha256[:12]}"))
    for line in how_read(roster):
        observer.note(Remark(f"  {line}"))
    for note in roster.notes:
        observer.note(Remark(f"note: {note}"))
    for found in (*unset, *roster.findings):
        observer.note(Remark(f"{found.level}: {sentence_of(found)}"))


def _health(roster: Roster, job: Job, observer: Observer) -> Health:
    """The roster beside those that were accepted before, each check in a line."""
    baselines, rosters = rosters_known(job)
    memory = replace(blank(), baselines=baselines, rosters=rosters)
    now = observer.now()
    outside = outside_by_domain(roster, job.scope)
    kept = replace(roster, profile=as_kept(roster.profile, job)) if baselines else roster
    health = roster_health(kept, memory, job, (now, {}))
    health = health.beside(fitness(roster, outside, job, now, {})).beside(judge_column(roster, job))
    for line in health.lines:
        word = "REFUSED" if line.verdict is Opinion.REFUSED else str(line.verdict)
        observer.note(Remark(f"{word:>7}  {line.sentence}"))
    return health


def _expect_memory(job: Job) -> None:
    """A first check need not load the database library, which takes most of its time."""
    if any(begun_runs(job)):
        import_module("provision.runs.memory.memory_loss").expect_memory(job)


def _judged(
    roster: Roster, health: Health, job: Job, observer: Observer, *, take: bool
) -> tuple[Situation, str | None]:
    """What decides how the check ends, and what is said of it in the summary."""
    useless = nobody(roster, job) or (None if accepted(job) else all_left_out(roster, job))
    if useless is not None:
        observer.note(Trouble(str(useless)))
        return frozenset({Fact.UNUSABLE}), str(useless)
    if take:
        _accept(roster, job, observer)
    elif health.refused:
        error = str(refusal(health.guards))
        observer.note(Trouble(error))
        return frozenset({Fact.REFUSED}), error
    if roster.missing:
        return frozenset({Fact.REFUSED}), "; ".join(
            f"{each.name}: {each.why}" for each in roster.sources if each.trouble
        )
    rejected = len(roster.rejected)
    return (
        (frozenset({Fact.REJECTED}), f"{rejected} roster rows have errors")
        if rejected
        else (frozenset(), None)
    )


def _accept(roster: Roster, job: Job, observer: Observer) -> None:
    """The roster counts as good from now on; rows with errors have them still."""
    baseline = accept(roster, job, observer)
    if baseline is not None:
        observer.note(
            Remark(
                f"Accepted by {baseline.by.told} on {baseline.at[:16].replace('T', ' ')} UTC: the next rosters of job {job.name} "
                f"are compared with this one. Limits on removals hold as before."
            )
        )
