"""The way in: the roster is read, and what was once good speaks against a file that is damaged or names nobody."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from provision.errors import CutOff, LostHeader, ProvisionError, Refused, RosterError
from provision.findings import Code, Finding, Level
from provision.job.settings import Authority, Job
from provision.ledger.place import nothing_there
from provision.ledger.value import Baseline, Memory, blank
from provision.plan.guards.roster.sources import examine_source, last_good
from provision.plan.value import Ruling
from provision.roster.profile.profile import Profile, from_json, keyed
from provision.roster.read import read_sources
from provision.roster.reading import SourceTrouble
from provision.roster.row_errors import format_row_errors
from provision.roster.sources.merge import merged
from provision.roster.sources.value import SourceFile
from provision.roster.value import Roster
from provision.runs.observer import Observer
from provision.runs.who_decides import who_decides

#: of the reasons why a roster names nobody so many are told
_TOLD = 3


def take_in(
    job: Job,
    path: Path | str | None,
    now: datetime,
    allowed: Mapping[str, int] = MappingProxyType({}),
    *,
    judged: bool = True,
) -> Roster:
    """The job's roster, or the one at ``path``, as it reads ``now``.

    Of several sources those are set aside that cannot be read and, if they are ``judged``, those that a guard on rosters refuses;
    the others make the roster. Raises RosterError for a file that cannot be read, Refused for one that is cut off or lacks a
    column where the job has accepted a better one before, and where no source is left.
    """
    today = now.astimezone(job.lifecycle.zone()).date().isoformat()
    sources = read_sources(job.roster, path, today)
    if not job.roster.sources:
        return merged([_whole(sources[0], job)], {}, today)
    memory = _baselines(job)
    occasion = (now, allowed)
    sources = tuple(_fit(each, memory, job, occasion) if judged else each for each in sources)
    if all(each.trouble for each in sources):
        raise _none_left(sources)
    roster = merged(sources, job.roster.precedence, today)
    away = (_told(each) for each in sources if each.trouble)
    return replace(roster, findings=(*away, *roster.findings))


def _whole(source: SourceFile, job: Job) -> SourceFile:
    """The one file of a roster; raises what is wrong with it."""
    error = source.error
    if error is None:
        return source
    known = accepted(job) if isinstance(error, CutOff | LostHeader) else ()
    if not known:
        raise error
    raise Refused(
        f"Refused: {error.what}\n{_better(known[0])}", cause=error.cause, remedy=error.remedy
    ) from error


def _baselines(job: Job) -> Memory:
    """What is known of the job's rosters, and nothing else."""
    baselines, rosters = rosters_known(job)
    return replace(blank(), baselines=baselines, rosters=rosters)


def _fit(
    source: SourceFile, memory: Memory, job: Job, occasion: tuple[datetime, Mapping[str, int]]
) -> SourceFile:
    """One of several sources, set aside if a guard on rosters refuses it."""
    source = replace(source, profile=last_good(source.name, memory))
    if source.roster is None or source.roster.profile is None:
        return source
    profile = as_kept(source.roster.profile, job) or source.roster.profile
    health = examine_source(source.name, profile, memory, job, occasion)
    refused = [guard for guard in health.guards if guard.verdict is Ruling.REFUSED]
    if nobody(source.roster, job) is not None and source.profile is not None:
        return source.set_aside(SourceTrouble.REFUSED, "not one of its rows can be used")
    if not refused:
        return source
    why = "; ".join(guard.sentence for guard in refused)
    allow = " ".join(f"--allow {guard.name}={guard.actual}" for guard in refused)
    return replace(source.set_aside(SourceTrouble.REFUSED, why), allow=allow)


def _told(source: SourceFile) -> Finding:
    """What is said of a source that is set aside."""
    words = f"source {source.name} says nothing this time: {source.why}"
    words = f"{words.rstrip('.')}; nobody whom it named last is removed, and nobody's absence counts"
    do = _remedy(source) + (
        f"; if it is right as it is, run again with {source.allow}" if source.allow else ""
    )
    return Finding(Code.SOURCE_MISSING, Level.ERROR, words, do, source.path)


def _remedy(source: SourceFile) -> str:
    """What to do about it: what its reader says, if it could not be read."""
    return (source.error.remedy if source.error else "").rstrip(".") or "export it again"


def _none_left(sources: Sequence[SourceFile]) -> ProvisionError:
    """The error where no source can be used: of input if none can be read, else a guard's."""
    what = "\n".join(f"{each.name}: {each.why}" for each in sources)
    error = RosterError if all(each.trouble is SourceTrouble.UNREADABLE for each in sources) else Refused
    allow = " ".join(each.allow for each in sources if each.allow)
    return error(
        f"Not one source of this roster can be used.\n{what}",
        cause="exports that did not arrive, were cut off, or are old ones",
        remedy="; ".join(f"{each.name}: {_remedy(each)}" for each in sources)
        + (f"; if they are right as they are, run again with {allow}" if allow else ""),
    )


def refuse_nobody(roster: Roster, job: Job) -> None:
    """Raise RosterError for a full roster without one row that can be used; no flag allows it.

    The first roster of a job can remove nobody, so its rows are told one by one in the report instead. But where the job
    itself leaves out all of them, no row is wrong, and nothing would be done with exit code 0.
    """
    known = accepted(job)
    error = nobody(roster, job) if known else all_left_out(roster, job)
    if error is not None:
        raise error


def all_left_out(roster: Roster, job: Job) -> RosterError | None:
    """What is said of a full roster of which the job leaves out all rows that could be used, None for any other."""
    if job.roster.authority is not Authority.FULL or roster.valid or not len(roster.excluded):
        return None
    doubts = [found for found in roster.findings if found.code is Code.WORD_NOT_MET][:_TOLD]
    what = [f"roster.where leaves out every row of {roster.path}, so this full roster is about nobody."]
    ways = dict.fromkeys(found.do for found in doubts if "meant; correct" in found.do)
    return RosterError(
        "\n".join([*what, *(found.sentence for found in doubts)]),
        cause="a word that the file spells otherwise, or a condition on another column than was meant",
        remedy="; ".join(ways)
        or "correct roster.where or roster.where_not; provision check JOB shows what is left",
    )


def nobody(roster: Roster, job: Job) -> RosterError | None:
    """What is said of a full roster without one row that can be used, None for any other.

    A row that the job leaves out can be used; a guard looks at how many are.
    """
    if job.roster.authority is not Authority.FULL or roster.valid or len(roster.excluded):
        return None
    reasons = "\n".join(list(format_row_errors(roster))[:_TOLD])
    return RosterError(
        f"{roster.path} has {roster.rows:,} rows, and not one of them can be used.\n{reasons}".rstrip(),
        cause="a column that was blanked or swapped with another, or an export of something else",
        remedy="export the roster again; an empty roster is never taken as everybody having left",
    )


def accepted(job: Job) -> tuple[Baseline, ...]:
    """The rosters of this job that were accepted last, newest first; a ledger that is not there is not made."""
    return rosters_known(job)[0]


def rosters_known(job: Job) -> tuple[tuple[Baseline, ...], frozenset[str]]:
    """The same, and the SHA-256 of every complete roster that was accepted."""
    if nothing_there(job.state.url):
        return (), frozenset()
    from provision.runs.memory.job_ledger import known_ledger_of

    with contextlib.closing(known_ledger_of(job)) as ledger:
        return ledger.baselines(job.name), ledger.rosters(job.name)


def as_kept(profile: Profile | None, job: Job) -> Profile | None:
    """The profile of a roster as those are that the ledger keeps, to be compared with them."""
    from provision.runs.seal.key import known_key

    key = known_key(job)
    return keyed(profile, key.of_fingerprints, job.name) if profile and key else profile


def accept(roster: Roster, job: Job, observer: Observer) -> Baseline | None:
    """Let this roster be what the next ones are compared with, in the name of whoever runs this; None without a profile."""
    if roster.profile is None:
        return None
    from provision.runs.memory.job_ledger import ledger_of
    from provision.runs.seal.key import made_key

    full = job.roster.authority is Authority.FULL
    profile = keyed(roster.profile, made_key(job).of_fingerprints, job.name)
    baseline = Baseline(profile.to_json(), observer.now().isoformat(), who_decides(), full)
    with contextlib.closing(ledger_of(job)) as ledger:
        ledger.accept(job.name, baseline)
    return baseline


def _better(baseline: Baseline) -> str:
    profile = from_json(baseline.profile)
    rows = f"{profile.rows:,} rows, " if profile else ""
    return f"The last accepted roster ({rows}{baseline.at[:16].replace('T', ' ')} UTC) was whole."
