"""Everything that was noticed of a run, as findings: the roster's health, drift, notes, and what a fresh listing showed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from provision.errors import DamagedLedger, JobError, LostLedger, ProvisionError, RosterError
from provision.findings import Code, Finding, Findings, Level
from provision.plan.value import HealthLine, Opinion, Plan
from provision.report.sentences.reasons import words
from provision.report.value import ListingFinding, ListingFindingCode
from provision.wording import shortened

#: what the terminal and the page tell in a place of its own
ROSTER_CODES = frozenset(code for code in Code if code.startswith("roster_"))
LISTING_CODES = frozenset(code for code in Code if code.startswith("listed_"))
_TOLD_APART = ROSTER_CODES | LISTING_CODES | {Code.ROW_REJECTED, Code.DRIFT, Code.NOTE}

_OF_ERRORS = {
    LostLedger: Code.LEDGER_LOST, DamagedLedger: Code.LEDGER_DAMAGED, RosterError: Code.ROSTER_UNUSABLE, JobError: Code.JOB_UNUSABLE
}  # fmt: skip
#: sentences that are told as the error of a run
_TOLD = 10
_LEVELS = {Opinion.REFUSED: Level.ERROR, Opinion.LOOK: Level.WARNING}
_CODES = {code.value for code in Code}


def gathered(plan: Plan, noticed: Findings, listing: Iterable[ListingFinding] = ()) -> Findings:
    """What was ``noticed`` while reading, what the plan found, and what the listing after a run showed."""
    return noticed.beside((*plan.findings, *_of_plan(plan), *map(_listed, listing)))


def of_notes(notes: Iterable[str], path: str) -> Iterator[Finding]:
    """How the roster at ``path`` was understood."""
    return (Finding(Code.NOTE, Level.NOTE, note, file=path) for note in notes)


def of_columns(ignored: tuple[str, ...], path: str) -> Iterator[Finding]:
    """Which columns of the roster at ``path`` are not used."""
    if ignored:
        yield Finding(
            Code.COLUMNS_IGNORED,
            Level.NOTE,
            f"columns that are not used: {shortened(ignored)}",
            "map the ones you want in roster.columns",
            path,
        )


def of_error(error: ProvisionError) -> tuple[Finding, ...]:
    """An error that is about what a run works with, as a finding."""
    codes = (code for kind, code in _OF_ERRORS.items() if isinstance(error, kind))
    return tuple(Finding(code, Level.ERROR, error.what, error.remedy) for code in codes)


def of_health(lines: Iterable[HealthLine], path: str) -> Iterator[Finding]:
    """What somebody should look at in the roster, or what speaks against it."""
    for line in lines:
        if line.verdict is not Opinion.OK:
            code = f"roster_{line.name}"
            known = Code(code) if code in _CODES else Code.ROSTER_HEALTH
            yield Finding(known, _LEVELS[line.verdict], line.sentence, "ask who makes the roster", path)


def sentence_of(found: Finding) -> str:
    """A finding in a line: where, whom it is about, what, and what to do."""
    place = [PurePath(found.file).name if found.row else "", f'sheet "{found.sheet}"' if found.sheet else ""]
    place += [f"row {found.row}" if found.row else "", f'column "{found.column}"' if found.column else ""]
    said = bool(found.key) and (
        found.sentence.startswith((f"{found.key}: ", f"{found.key} "))
        or f", as {found.key}" in found.sentence
    )
    where = ", ".join(filter(None, (*place, "" if said else found.key)))
    do = f" · do: {found.do}" if found.do else ""
    return f"{f'{where}: ' if where else ''}{found.sentence}{do}"


def before_listing(findings: Findings) -> Findings:
    """Those of a run that was begun before, without what its listing showed: that is seen anew."""
    kept = tuple(one for one in findings.told if one.code not in LISTING_CODES)
    return Findings(kept, findings.total - len(findings.told) + len(kept))


def told_here(findings: Findings) -> tuple[Finding, ...]:
    """Those that have no other place on a terminal or a page."""
    return tuple(one for one in findings.told if one.code not in _TOLD_APART)


def _of_plan(plan: Plan) -> Iterator[Finding]:
    yield from of_health(plan.health, plan.roster.path)
    yield from of_notes(plan.roster.notes, plan.roster.path)
    yield from (Finding(Code.DRIFT, Level.NOTE, words(each)) for each in plan.drift)


def why_serious(found: Iterable[ListingFinding], others: Iterable[str] = ()) -> str:
    """What ends a run badly in one text, with ``others`` beside the listing's; of very much the first. "" for nothing."""
    told = [*(each.sentence for each in found if each.serious), *others]
    more = f"; and {len(told) - _TOLD:,} more, see the report" if len(told) > _TOLD else ""
    return f"{'; '.join(told[:_TOLD])}{more}"


def _listed(found: ListingFinding) -> Finding:
    level = Level.ERROR if found.serious else Level.NOTE
    do = "look at these accounts in the Admin Console" if found.serious else ""
    who = ", ".join(found.box_ids) if found.code is ListingFindingCode.DOUBLE else ""
    return Finding(Code(f"listed_{found.code}"), level, found.sentence, do, key=who)
