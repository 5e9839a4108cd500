"""Whether the roster's managers can be told, where the job protects managers. Pure.

Somebody whose manager nobody can tell protects nobody: the manager would be removed as anybody else, and nothing would say so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from provision.findings import Code, Finding, Level
from provision.job.settings import Authority, Job
from provision.model import place_of
from provision.operations.registry import REMOVALS
from provision.plan.guards.limits import MANAGERS, judged
from provision.plan.guards.roster.health import Health
from provision.plan.value import GuardVerdict, HealthLine, Opinion
from provision.roster.reading import where
from provision.roster.value import PeopleNamed, Roster
from provision.wording import counted, plural

_MANAGER = "manager"


def judge_managers(
    unknown: Collection[str], removals: int, allowed: Mapping[str, int]
) -> tuple[GuardVerdict, ...]:
    """Nobody is removed while it is not known who ``unknown`` managers are; only told where it says no."""
    if not unknown or not removals:
        return ()
    who = counted(len(unknown), "manager of active people is", "managers of active people are")
    sentence = (
        f"{who} no login, no external id and no name of anybody, so scope.protect_managers cannot tell whether "
        f"{counted(removals, 'account')} to be removed may go"
    )
    verdict = judged(MANAGERS, 0, len(unknown), sentence, allowed)
    return (replace(verdict, kinds=REMOVALS),)


def judge_column(roster: Roster, job: Job) -> Health:
    """Refused, before Box is asked, where a job protects managers and not one cell of the roster tells who they are."""
    for each in roster.named if job.scope.protect_managers else ():
        if (
            each.field == _MANAGER
            and each.strangers
            and each.no_key == each.cells
            and not each.by_name + each.shared
        ):
            sentence = (
                f"{_no_key(each)} and no name of anybody in it, so scope.protect_managers protects nobody"
            )
            verdict = judged(MANAGERS, 0, len(each.strangers), sentence, {})
            line = HealthLine(MANAGERS, Opinion.REFUSED, sentence)
            return Health((line,), (replace(verdict, kinds=REMOVALS),))
    return Health((), ())


def people_by_name(roster: Roster, job: Job, *, unused: bool = False) -> Iterator[Finding]:
    """What is told of the columns that name other people by something that is no key of the roster.

    ``unused``: also of those by which the job does nothing.
    """
    partial = job.roster.authority is Authority.PARTIAL
    for each in roster.named:
        used, doubtful = _used(each.field, job), bool(each.strangers or each.shared)
        if partial and not (doubtful or each.by_name):
            continue  # these are keys of people who are not in it
        if each.no_key and (used or unused):
            grave = used and doubtful
            first = next(iter(each.lines), 0)
            place = where(roster, first) if first and roster.sources else (roster.path, roster.sheet, first)
            yield Finding(
                Code.PEOPLE_BY_NAME,
                Level.WARNING if grave else Level.NOTE,
                _sentence(each, roster),
                "write their login or external id there" if each.unresolved else "",
                *place,
                each.header,
            )


def _used(field: str, job: Job) -> bool:
    return bool(job.lifecycle.transfers) or (field == _MANAGER and job.scope.protect_managers)


def _sentence(named: PeopleNamed, roster: Roster) -> str:
    nobody = named.unresolved - named.shared
    parts = [_no_key(named)]
    parts += [f"read as the one person of that name: {named.by_name:,}"] if named.by_name else []
    parts += [f"several people have that name: {named.shared:,}"] if named.shared else []
    parts += [f"nobody in it: {nobody:,}"] if nobody else []
    if named.lines:
        more = " …" if named.unresolved > len(named.lines) else ""
        parts.append(
            f"see {plural(len(named.lines), 'row')} {', '.join(_row(line, roster) for line in named.lines)}{more}"
        )
    return "; ".join(parts)


def _row(line: int, roster: Roster) -> str:
    source, row = place_of(line)
    return f"{row} of {roster.sources[source].name}" if roster.sources else str(row)


def _no_key(named: PeopleNamed) -> str:
    return f"{named.field}: {named.no_key:,} of {counted(named.cells, 'cell')} {plural(named.no_key, 'is', 'are')} no login and no id of this roster"
