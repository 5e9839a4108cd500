"""A reconciliation without people: pseudonyms in the place of names, logins and ids, and no text that might name somebody.

What is kept is chosen, not what is taken out: counts, codes, days, statuses, names of fields and columns. Every sentence is made anew from
its code; one whose code is not known is left out, and so are fingerprints of files: who has all of a roster but one cell could try that
cell. The same value has the same pseudonym wherever it stands in one run, and another one
in another run; nobody reckons it back without the run's own key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePath

import pandas as pd

from provision.because import Because, Reason, coded, parsed
from provision.findings import MEANINGS, Code, Finding, Findings
from provision.frames import equals
from provision.model import ATTRIBUTE, TRACKING_PREFIX, fold
from provision.operations.value import Change, FieldChange
from provision.plan.diff.diff import changes_text
from provision.plan.value import GuardVerdict, HealthLine, Opinion, RosterFacts
from provision.report.kind_words import label
from provision.report.sentences.reasons import words
from provision.report.value import HoldLine, Holds, ListingFinding, Reconciliation, RunFacts
from provision.roster.reading import Reading, SourceReading

#: what stands in the place of a value
HIDDEN = "…"
#: facts of a reason that name nobody: days, counts, stages
_PLAIN_FACTS = ("day", "at", "missed", "needed", "days", "stage", "named_by", "on_drift")
_PLAIN_FACT = re.compile(r"[a-z_]*|[0-9T:+.\- ]*")
#: attributes whose values say nothing of who it is
_PLAIN_FIELDS = ("status", "role", "kind")
_FIELDS = frozenset(
    {*ATTRIBUTE, "external_id", "login", "name", "tracking_codes", "aliases", "groups", *_PLAIN_FIELDS}
)
_ERROR = "The run did not come to its end as it should; the report of its own folder says why."


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """What makes pseudonyms; ``key`` is the run's own."""

    key: str = field(repr=False)

    def of(self, what: str, value: str) -> str:
        """The pseudonym of a value, which is a ``what`` (name, login, id, box); "" for none."""
        if not value:
            return ""
        told = f"redacted {what}\0{fold(value)}".encode()
        return f"{what}-{hmac.new(self.key.encode(), told, hashlib.sha256).hexdigest()[:10]}"

    def column(self, what: str, column: pd.Series) -> pd.Series:
        """The pseudonyms of a column of text."""
        known = {value: self.of(what, value) for value in column.unique()}
        return column.map(known).astype("str")


def redacted(
    reconciliation: Reconciliation, facts: RunFacts, because: pd.Series, names: Pseudonyms
) -> tuple[Reconciliation, RunFacts]:
    """Both without people. ``because``: the reason of each of the first lines of the table as the plan has it, as codes."""
    changes = {at: _change(change, names) for at, change in reconciliation.changes.items()}
    table = _table(reconciliation, because, changes, names)
    told = replace(
        reconciliation,
        table=table,
        attention=table.loc[reconciliation.attention.index],
        refused=tuple(map(_guard, reconciliation.refused)),
        findings=tuple(_listing(each, names) for each in reconciliation.findings),
        changes=changes,
        outcomes={},
        operations=_operations(reconciliation.operations, names),
    )
    return told, _facts(facts, names)


def _table(
    reconciliation: Reconciliation, because: pd.Series, changes: dict[int, Change], names: Pseudonyms
) -> pd.DataFrame:
    table = reconciliation.table
    # who came up while the run was under way has no reason of the plan
    reasons = [*_reasons(because), *[""] * (len(table) - len(because))]
    told = [""] * len(table)
    for at, change in changes.items():
        told[at] = changes_text(change.fields)
    return table.assign(
        external_id=names.column("id", table["external_id"]),
        login=names.column("login", table["login"]),
        name=names.column("name", table["name"]),
        box_id=names.column("box", table["box_id"]),
        reason=pd.Series(reasons, table.index, dtype="str"),
        changes=pd.Series(told, table.index, dtype="str"),
        source=table["source"].mask(~equals(table["source"], ""), "roster"),
    )


def _reasons(because: pd.Series) -> pd.Series:
    known = {text: masked(text) for text in because.unique()}
    return because.map(known).astype("str")


def masked(text: str) -> str:
    """A reason, as codes, in words that name nobody."""
    try:
        return words(bare(text))
    except (ValueError, KeyError, IndexError):
        return "; ".join(label(each.code) for each in parsed(coded(text)))


def bare(text: str) -> str:
    """A reason as codes, with the facts that name nobody as they are and the others hidden. Raises ValueError for one of no code."""
    return ";".join(str(_hidden(each)) for each in parsed(coded(text)))


def _hidden(each: Reason) -> Reason:
    if each.code is Because.ROW_ERROR:
        return Reason(each.code)  # the sentence for one that says no more
    return Reason(each.code, tuple((name, _fact(name, value)) for name, value in each.facts))


def _fact(name: str, value: str) -> str:
    if name == "fields":
        return ", ".join(_field(one.strip()) for one in value.split(","))
    return value if name in _PLAIN_FACTS and _PLAIN_FACT.fullmatch(value) else HIDDEN


def _field(name: str) -> str:
    """The name of a field; a tracking code's own name is the enterprise's, and stays."""
    return name if name in _FIELDS or name.startswith(TRACKING_PREFIX) else HIDDEN


def _change(change: Change, names: Pseudonyms) -> Change:
    return replace(
        change,
        box_id=names.of("box", change.box_id),
        external_id=names.of("id", change.external_id),
        login=names.of("login", change.login),
        name=names.of("name", change.name),
        fields=tuple(_value(each) for each in change.fields),
        because=bare(change.because),
        evidence=bare(change.evidence),
        hold=bare(change.hold),
        approved="somebody" if change.approved else "",
        heard="",
        segment="",
        to=names.of("box", change.to),
        to_key=names.of("login", change.to_key),
        asks="",
        subject=names.of("id", change.subject),
        object=HIDDEN if change.object else "",
        made="",
        group=names.of("box", change.group),
        membership="",
    )


def _value(one: FieldChange) -> FieldChange:
    if one.field in _PLAIN_FIELDS:
        return one
    return FieldChange(_field(one.field), HIDDEN if one.before else "", HIDDEN if one.after else "")


def _operations(operations: pd.DataFrame, names: Pseudonyms) -> pd.DataFrame:
    subject, box_id = operations["subject"], names.column("box", operations["box_id"])
    subject = names.column("id", subject).mask(subject == operations["box_id"], box_id)
    hidden = operations["object"].mask(~equals(operations["object"], ""), HIDDEN)
    ids = operations["kind"] + ":" + subject
    return operations.assign(
        id=ids.where(equals(hidden, ""), ids + ":" + hidden),
        subject=subject,
        object=hidden,
        box_id=box_id,
        because=operations["because"]
        .map({text: bare(text) for text in operations["because"].unique()})
        .astype("str"),
    )


def _facts(facts: RunFacts, names: Pseudonyms) -> RunFacts:
    holds = facts.holds
    return replace(
        facts,
        digest="",
        roster=_roster(facts.roster, names),
        directory=replace(facts.directory, fingerprint=""),
        guards=tuple(map(_guard, facts.guards)),
        notes=(),
        drift=(),
        forecast=None,
        row_errors=(),
        error=_ERROR if facts.error else "",
        health=tuple(map(_health, facts.health)),
        findings=Findings(tuple(_found(facts.findings.told, names)), facts.findings.total),
        holds=Holds(tuple(_hold(each, names) for each in holds.told), holds.total),
    )


def _roster(roster: RosterFacts, names: Pseudonyms) -> RosterFacts:
    return replace(
        roster,
        path=roster.path if roster.undoes else _file(roster.path),
        sha256="",
        notes=(),
        reading=_reading(roster.reading),
        people=tuple(names.of("login", each) for each in roster.people),
        sources=tuple(map(_source, roster.sources)),
    )


def _file(path: str) -> str:
    """A file by its ending alone: its name is somebody's choice."""
    return f"roster{PurePath(path).suffix}" if path else ""


def _reading(reading: Reading | None) -> Reading | None:
    return replace(reading, file=_file(reading.file), sheet="", people=()) if reading else None


def _source(source: SourceReading) -> SourceReading:
    return replace(
        source,
        path=_file(source.path),
        sha256="",
        sheet="",
        reading=_reading(source.reading),
        why=HIDDEN if source.why else "",
    )


def _guard(guard: GuardVerdict) -> GuardVerdict:
    """What a guard counted; the part of the people it counts is a value of theirs."""
    name = re.sub(r"\[.*\]", f"[{HIDDEN}]", guard.name) if guard.segment else guard.name
    return replace(
        guard,
        name=name,
        sentence=f"{guard.actual:,} of at most {guard.limit:,}",
        segment=HIDDEN if guard.segment else "",
    )


def _health(line: HealthLine) -> HealthLine:
    code = f"roster_{line.name}"
    if line.verdict is Opinion.OK:
        return replace(line, sentence="in order")
    sentence = MEANINGS[Code(code)] if code in set(Code) else MEANINGS[Code.ROSTER_HEALTH]
    return replace(line, sentence=sentence)


def _found(found: Iterable[Finding], names: Pseudonyms) -> Iterator[Finding]:
    for one in found:
        column = one.column if one.row else ""
        key = names.of("login", one.key)
        yield Finding(one.code, one.level, MEANINGS[one.code], "", _file(one.file), "", one.row, column, key)


def _listing(found: ListingFinding, names: Pseudonyms) -> ListingFinding:
    sentence = MEANINGS[Code(f"listed_{found.code}")]
    return replace(found, sentence=sentence, box_ids=tuple(names.of("box", each) for each in found.box_ids))


def _hold(hold: HoldLine, names: Pseudonyms) -> HoldLine:
    return HoldLine(hold.kind, names.of("login", hold.key), hold.since, "", "", "")
