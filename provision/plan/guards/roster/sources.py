"""Each source of a roster beside what it held when it was accepted last: damaged or too old, it says nothing this time. Pure.

One file that is damaged stops the run; one of several is set aside, and the others go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from provision.job.limits import ResentFiles
from provision.job.settings import Authority, Job
from provision.ledger.value import Baseline, Memory
from provision.model import Kind
from provision.operations.value import Change
from provision.plan.guards.limits import SOURCE, judge_shrink, judged
from provision.plan.guards.roster.age import judge_age
from provision.plan.guards.roster.health import (
    Health,
    HealthContext,
    examine,
    fed_again,
    known_rosters,
    lines_of,
)
from provision.plan.value import GuardVerdict, HealthLine
from provision.roster.profile.profile import Profile, from_json, people_in
from provision.roster.reading import SourceReading
from provision.roster.value import Roster
from provision.wording import counted

_Sentence = TypeVar("_Sentence", HealthLine, GuardVerdict)


def examine_source(
    name: str, profile: Profile, memory: Memory, job: Job, occasion: tuple[datetime, Mapping[str, int]]
) -> Health:
    """The checks of one source; guards have its name in theirs."""
    as_of, allowed = occasion
    own = _allowed_for(name, allowed)
    health = examine(profile, _of_source(name, memory), profile.rows, HealthContext.of(job, as_of, own))
    health = health.beside(judge_age(profile, max_age_of(name, job), as_of, own))
    return Health(health.lines, tuple(replace(each, name=f"{each.name}[{name}]") for each in health.guards))


def roster_health(
    roster: Roster, memory: Memory, job: Job, occasion: tuple[datetime, Mapping[str, int]]
) -> Health:
    """The roster beside the last accepted ones: as a whole, or where it has several sources each that counts by itself."""
    as_of, allowed = occasion
    if not roster.sources:
        return examine(roster.profile, memory, roster.rows, HealthContext.of(job, as_of, allowed))
    own = roster.profile.sources if roster.profile else {}
    health = _beside_one_file(roster, memory, job, occasion)
    for each in roster.sources:
        if not each.trouble and each.name in own:
            found = examine_source(each.name, own[each.name], memory, job, occasion)
            health = health.beside(
                Health(_with_name(each.name, found.lines), _with_name(each.name, found.guards))
            )
    return health


def _beside_one_file(
    roster: Roster, memory: Memory, job: Job, occasion: tuple[datetime, Mapping[str, int]]
) -> Health:
    """All sources together beside the one file that was the roster, as long as one of them was never accepted itself.

    While one is missing no absence counts, and nobody knows how many it would name.
    """
    known = known_rosters(memory, full=True)
    files = [each for each in known if not each.sources]
    new = {each.name for each in roster.sources}.difference(*(each.sources for each in known))
    if not (files and new and roster.profile) or roster.missing or job.roster.authority is not Authority.FULL:
        return Health((), ())
    guards = judge_shrink(job.guards.shrink, *people_in(files[0], roster.profile), occasion[1])
    return Health(lines_of(guards), guards)


def _with_name(name: str, told: tuple[_Sentence, ...]) -> tuple[_Sentence, ...]:
    """Lines or verdicts whose sentences begin with the name of the source."""
    return tuple(replace(each, sentence=f"{name}: {each.sentence}") for each in told)


def max_age_of(name: str, job: Job) -> timedelta | None:
    """How old a source may be."""
    files = zip(job.roster.sources, job.roster.files, strict=True)
    return next((file.max_age for source, file in files if source.name == name), None)


def last_good(name: str, memory: Memory) -> Profile | None:
    """What a source was like when it was accepted last."""
    known = _of_source(name, memory).baselines
    return from_json(known[0].profile) if known else None


def resent(profile: Profile | None, memory: Memory, resent_files: ResentFiles) -> frozenset[str]:
    """The sources whose files were carried out before, unchanged."""
    own = profile.sources if profile else {}
    return frozenset(
        name for name, each in own.items() if fed_again(each, _of_source(name, memory), resent_files)
    )


def judge_sources(
    sources: Iterable[SourceReading], changes: Iterable[Change], allowed: Mapping[str, int]
) -> tuple[GuardVerdict, ...]:
    """For each source that says nothing this time the guard that holds what is planned about people whom it last named."""
    planned = [change for change in changes if change.missing and not change.completes]
    verdicts = []
    for each in sources:
        if each.trouble:
            actual = sum(each.name in change.missing for change in planned)
            sentence = f"{counted(actual, 'operation')} on people whom source {each.name} last named, which could not be used: {each.why.rstrip('.')}"
            verdict = judged(f"{SOURCE}[{each.name}]", 0, actual, sentence, allowed)
            verdicts.append(replace(verdict, kinds=tuple(Kind), source=each.name))
    return tuple(verdicts)


def _allowed_for(name: str, allowed: Mapping[str, int]) -> dict[str, int]:
    """What was allowed for this source, ``shrink[hr]=12``, by the name of the guard alone."""
    ending = f"[{name}]"
    return {key.removesuffix(ending): most for key, most in allowed.items() if key.endswith(ending)}


def _of_source(name: str, memory: Memory) -> Memory:
    """The memory of one source: its own profiles in the place of those of the whole roster."""
    baselines = []
    for each in memory.baselines:
        whole = from_json(each.profile)
        own = whole.sources.get(name) if whole else None
        if own is not None:
            baselines.append(Baseline(own.to_json(), each.at, each.by, each.complete))
    return replace(memory, baselines=tuple(baselines), accepted_rows=0, rosters=frozenset())
