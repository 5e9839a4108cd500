"""What the page shows, in the order in which it shows it: plain values, so that the template only sets them in type."""

from __future__ import annotations

import shlex
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import pandas as pd

from provision.findings import Code
from provision.frames import equals, records
from provision.model import OF_NOBODY, TRACKING_PREFIX, Kind, PersonKey, Status, Verdict, place_of
from provision.operations.registry import ENDINGS, LEAVING, OPERATIONS
from provision.operations.value import Change
from provision.report.first_day.understood import how_read
from provision.report.kind_words import KIND_WORDS, label
from provision.report.of_nobody import ended_so, of_nobody
from provision.report.page.charts import charts_of
from provision.report.page.checks import finding_checks, health_checks
from provision.report.page.everybody import Everybody, Marked, everybody, most_of_each
from provision.report.page.filters import FilterChoices, FilterMarks, choices_of
from provision.report.page.held import ReleaseCommand, by_kind, releases
from provision.report.page.histories import NO_HISTORIES, Histories
from provision.report.page.page_value import Attention, Line, PageSection, ReportPage, Tile
from provision.report.sentences.codes import meaning
from provision.report.sentences.forecast_words import foretold
from provision.report.sentences.reasons import proved, words
from provision.report.value import (
    OTHERS,
    ListingFindingCode,
    Mode,
    Reconciliation,
    RunFacts,
    RunStatus,
    Totals,
)
from provision.report.words import ATTENTION, attention_group, headline, is_undo, spelled_out, what_it_means

#: kinds that take something away, the gravest first: they are shown before the others
_TAKEN = [one.kind for one in reversed(list(OPERATIONS.values())) if one.takes_away or one.of_leavers]
#: lines of one list that the page shows, and of all lists together: more would make it slow and large; the search finds all
SHOWN, ALL_SHOWN = 5_000, 6_000

_TONE = {
    RunStatus.PLANNED: "info",
    RunStatus.APPLIED: "good",
    RunStatus.NO_CHANGES: "good",
    RunStatus.PARTIAL: "warn",
    RunStatus.HELD: "warn",
    RunStatus.REFUSED: "bad",
    RunStatus.INTERRUPTED: "warn",
    RunStatus.FAILED: "bad",
}
_WORD_TONE = {
    Kind.DEACTIVATE: "warn", Kind.MEMBERSHIP_REMOVE: "warn", Kind.COLLABORATION_REMOVE: "warn", Kind.DELETE: "bad", Kind.ROLL_OUT: "bad", Status.DONE: "good", Status.FAILED: "bad",
    Status.IN_DOUBT: "warn", Status.SKIPPED: "warn", Status.HELD: "warn", Verdict.REJECTED: "warn",
}  # fmt: skip
#: what the page counts even where there is none
_ALWAYS_TOLD = (
    *(Kind.CREATE, Kind.UPDATE, Kind.ACTIVATE, Kind.DEACTIVATE, Kind.DELETE),
    *(Verdict.UNCHANGED, Verdict.REJECTED, Verdict.PROTECTED, Verdict.UNOWNED, Verdict.HELD),
)
_CHECKED = {
    Mode.PREVIEW: "Made from the roster and one complete listing of the enterprise.",
    Mode.APPLIED: "Not checked afterwards: Box was not listed again after the last operation.",
    Mode.VERIFIED: "Checked: Box was listed again after the last operation, and every change called done was seen.",
}
_UNDO = "Made from what the undone run recorded and one complete listing of the enterprise."
_REST = (
    (Verdict.STARTS_LATER, "Start later", "Joiners whose start date is ahead: they get their account when it has come."),
    (Verdict.EXCLUDED, "Left out", "Their rows do not count (roster.where): nothing is done about these people."),
    (Verdict.CLAIMED, "Claimed by other jobs", "Another job's full roster names them: they are no leavers of this job."),
    (Verdict.UNOWNED, "Accounts this job does not own", "Not created, matched or adopted by this job: never removed."),
    (Verdict.PROTECTED, "Protected accounts", "Never touched by this job."),
    (Verdict.OUT_OF_SCOPE, "Out of scope", "Outside the scope of this job: never touched."),
)  # fmt: skip


def page_of(
    reconciliation: Reconciliation, facts: RunFacts, run: str = "", histories: Histories = NO_HISTORIES
) -> ReportPage:
    """Lay the reconciliation out. ``run``: how a command finds the run; its id, which does so only beside ``runs``, without it."""
    run = run or facts.run_id
    found = tuple(finding_checks(facts))
    choices = choices_of(reconciliation.changes.values(), facts.charts.divided_by)
    people = _People(reconciliation, choices, releases(facts), _most_lines(reconciliation))
    attention = tuple(_attention(people, facts, run))
    taken = tuple(_changes(people, _TAKEN))
    changes = tuple(_changes(people, [kind for kind in Kind if kind not in _TAKEN]))
    rest = tuple(_rest(people))
    lists = (*chain.from_iterable(group.parts for group in attention), *taken, *changes, *rest)
    return ReportPage(
        preview=reconciliation.mode is Mode.PREVIEW,
        status=facts.status,
        tone=_TONE[facts.status],
        headline=headline(reconciliation, facts),
        checked=_checked(reconciliation, facts),
        next_command=f"provision apply {shlex.quote(run)}" if _can_be_applied(reconciliation, facts) else "",
        facts=facts,
        undo=is_undo(facts.roster),
        tiles=tuple(_tiles(reconciliation)),
        attention=attention,
        taken=taken,
        changes=changes,
        rest=rest,
        findings=tuple(finding.sentence for finding in reconciliation.findings),
        found=found,
        found_total=facts.findings.total - len(facts.findings.told) + len(found),
        statement=reconciliation.statement,
        unchanged=reconciliation.totals.verdicts.get(Verdict.UNCHANGED, 0),
        everybody=_everybody(people, lists, histories),
        histories=histories,
        health=tuple(health_checks(facts)),
        forecast=foretold(facts.forecast) if reconciliation.mode is Mode.PREVIEW else (),
        reading=tuple(how_read(facts.roster)),
        charts=charts_of(reconciliation, facts),
        choices=choices,
    )


@dataclass(frozen=True, slots=True)
class _People:
    """What the lines are made of: the reconciliation, by what one chooses among them, and who releases what waits, by key.

    ``shown``: so many lines of one list are shown.
    """

    reconciliation: Reconciliation
    choices: FilterChoices
    waiting: Mapping[str, ReleaseCommand]
    shown: int


def _can_be_applied(reconciliation: Reconciliation, facts: RunFacts) -> bool:
    held = reconciliation.totals.of_operations.get(Status.HELD, 0)
    waits = facts.status is RunStatus.PLANNED or (
        facts.status is RunStatus.HELD and sum(reconciliation.totals.planned.values()) > held
    )
    ahead = any(found.code is Code.SUPPOSED_DAY for found in facts.findings.told)
    return reconciliation.mode is Mode.PREVIEW and waits and not ahead


def _everybody(people: _People, lists: Iterable[PageSection], histories: Histories) -> Everybody:
    """Everybody who stands in none of these lists."""
    told, choices = people.reconciliation, people.choices
    listed = [line.place for section in lists for line in section.lines if line.place is not None]
    marked = Marked(lambda at: choices.of(told.changes.get(at)), histories.told)
    return everybody(told.table, listed, label, marked=marked)


def _checked(reconciliation: Reconciliation, facts: RunFacts) -> str:
    unseen = any(finding.code is ListingFindingCode.NOT_SEEN for finding in reconciliation.findings)
    if unseen:
        return "Checked: Box was listed again after the last operation, and not every change could be seen."
    undo = reconciliation.mode is Mode.PREVIEW and is_undo(facts.roster)
    return _UNDO if undo else _CHECKED[reconciliation.mode]


def _tiles(reconciliation: Reconciliation) -> Iterator[tuple[str, tuple[Tile, ...]]]:
    totals = reconciliation.totals
    title = "Planned changes" if reconciliation.mode is Mode.PREVIEW else "Changes"
    yield title, tuple(_told(Kind, totals.planned))
    if reconciliation.mode is not Mode.PREVIEW:
        yield "Outcome", tuple(_outcome_tiles(totals))
    yield "Everybody else", tuple(_told(OTHERS, totals.verdicts))


def _told(words: Iterable[Kind | Verdict], counts: Mapping[str, int]) -> Iterator[Tile]:
    """The tiles of these: none is told only of what every job may do or meet, so that what happened stands out."""
    return (_tile(word, counts.get(word, 0)) for word in words if counts.get(word) or word in _ALWAYS_TOLD)


def _outcome_tiles(totals: Totals) -> Iterator[Tile]:
    """Outcomes of operations: what is held by its verdict is no operation, and is shown with everybody else."""
    counts = totals.of_operations
    for word in Status:
        if counts.get(word) or word not in (Status.HELD, Status.NOT_ATTEMPTED, Status.WAITING):
            yield _tile(word, counts.get(word, 0))


def _tile(word: Kind | Status | Verdict, count: int) -> Tile:
    return Tile(label(word), count, _WORD_TONE.get(word, "plain") if count else "none")


def _attention(people: _People, facts: RunFacts, run: str) -> Iterator[Attention]:
    reconciliation = people.reconciliation
    rows = reconciliation.attention
    groups = attention_group(rows)
    for name, (title, _) in ATTENTION.items():
        group, others = rows[groups == name], ended_so(reconciliation, name)
        number = len(group) + len(others)
        if number:
            parted = name in (Status.FAILED, Status.IN_DOUBT)
            parts = _by_answer(people, group) if parted else [_section(people, group, name)]
            tone = "bad" if name == Status.FAILED else "warn"
            told = (*_alone(others), *parts)
            commands = tuple(by_kind(facts, run)) if name == Status.HELD else ()
            yield Attention(name, title, number, tone, what_it_means(name, facts), told, commands)


def _alone(operations: pd.DataFrame) -> Iterator[PageSection]:
    """Operations that no line tells of and that ended badly, each with what Box's answer means."""
    for row in records(operations):
        code, status = row["error_code"], int(row["http_status"])
        line = replace(_operation(row), reason=row["reason"])
        told = meaning(code, status, row["kind"])
        yield PageSection(f"alone-{row['kind']}", "", 1, (line,), told=told, answer=_answer(code, status))


def _by_answer(people: _People, rows: pd.DataFrame) -> Iterator[PageSection]:
    """The lines parted by Box's answer, the most frequent first, each with what it means and what to do."""
    ended = rows["verdict"].where(rows["verdict"].isin(ENDINGS), "")
    told = [rows["error_code"], rows["http_status"], ended]
    answers = rows.groupby(told, sort=False).size().sort_values(ascending=False)
    for code, status, ending in answers.index:
        part = rows[(rows["error_code"] == code) & (rows["http_status"] == status) & (ended == ending)]
        yield PageSection(
            id="-".join(filter(None, ("answer", str(status), code, ending))),
            title="",
            count=len(part),
            lines=tuple(_lines(people, part)),
            told=meaning(code, int(status), ending),
            answer=_answer(code, int(status)),
        )


def _section(people: _People, rows: pd.DataFrame, name: str, title: str = "") -> PageSection:
    return PageSection(
        id=name,
        title=title,
        count=len(rows),
        lines=tuple(_lines(people, rows)),
        leavers=name in LEAVING,
    )


def _of_nobody(operations: pd.DataFrame, kind: Kind, shown: int) -> Iterator[PageSection]:
    """Operations that no line tells of: the groups and folders that are made, and groups that are let into folders."""
    rows = operations[equals(operations["kind"], kind.value)]
    if len(rows):
        lines = tuple(map(_operation, records(rows.head(shown))))
        title = KIND_WORDS[kind].heading
        yield (
            PageSection(kind.value, title, len(rows), lines)
            if kind in OF_NOBODY
            else PageSection(f"{kind.value}-groups", f"{title}: groups", len(rows), lines)
        )


def _operation(row: Mapping[Hashable, Any]) -> Line:
    return Line(
        name=row["subject"],
        key="",
        line=0,
        box_id=row["box_id"],
        kind="",
        reason=words(row["because"]),
        does=KIND_WORDS[Kind(row["kind"])].heading,
        fields=(),
        evidence="",
        outcome=label(row["outcome"]),
        tone=_WORD_TONE.get(row["outcome"], "plain"),
        answer=_answer(row["error_code"], row["http_status"]),
        request_id=row["request_id"],
        marks=FilterMarks(label(row["kind"])),
    )


def _changes(people: _People, kinds: Sequence[Kind]) -> Iterator[PageSection]:
    operations = people.reconciliation.operations
    about_nobody = operations[of_nobody(operations)]
    for kind in kinds:
        yield from _of_nobody(about_nobody, kind, people.shown)
    for kind in kinds:
        for rows in people.reconciliation.with_verdict(kind):
            yield _section(people, rows, kind.value, KIND_WORDS[kind].heading)


def _rest(people: _People) -> Iterator[PageSection]:
    for verdict, title, sentence in _REST:
        for rows in people.reconciliation.with_verdict(verdict):
            lines = tuple(_lines(people, rows))
            yield PageSection(f"rest-{verdict}", title, len(rows), lines, sentence)


def _verdicts(reconciliation: Reconciliation) -> dict[str, int]:
    """How many lines there are of each verdict that has a list."""
    counts = reconciliation.totals.verdicts
    lists = [*(kind.value for kind in Kind), *(verdict.value for verdict, _, _ in _REST)]
    return {verdict: counts[verdict] for verdict in lists if verdict in counts}


def _most_lines(reconciliation: Reconciliation) -> int:
    needs = attention_group(reconciliation.attention).value_counts().tolist()
    return most_of_each([*needs, *_verdicts(reconciliation).values()], SHOWN, ALL_SHOWN)


def _lines(people: _People, rows: pd.DataFrame) -> Iterator[Line]:
    shown = rows.head(people.shown)
    for at, row in zip(shown.index.tolist(), records(shown), strict=True):
        yield _line(people, at, row)


def _line(people: _People, place: int, row: Mapping[Hashable, Any]) -> Line:
    key, waits = PersonKey.of(row).written, Status.HELD in (row["outcome"], row["verdict"])
    change = people.reconciliation.changes.get(place)
    return Line(
        name=row["name"],
        key=key,
        line=place_of(row["line"])[1],
        box_id=row["box_id"],
        kind=row["kind"],
        reason=row["reason"],
        does=KIND_WORDS[change.kind].heading if change else "",
        fields=spelled_out(change) if change else (),
        evidence=_evidence(change),
        outcome=label(row["outcome"]),
        tone=_WORD_TONE.get(row["outcome"], "plain"),
        answer=_answer(row["error_code"], row["http_status"]),
        request_id=row["request_id"],
        marks=people.choices.of(change),
        place=place,
        release=people.waiting.get(key) if waits else None,
    )


def _evidence(change: Change | None) -> str:
    """What proves a leaver, unless the reason already says it."""
    return words(proved(change)) if change else ""


def _answer(code: str, http_status: int) -> str:
    return f"{http_status} {code}".strip() if http_status or code else "no answer"


def field_label(field: str) -> str:
    """A field as people call it: ``job_title`` → job title."""
    if field.startswith(TRACKING_PREFIX):
        return f"tracking code {field.removeprefix(TRACKING_PREFIX)}"
    return field.replace("_", " ")
