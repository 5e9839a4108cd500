"""The preview and the closing account on a terminal: readable at 80 columns, with and without colour."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from provision.findings import NONE_FOUND, Findings
from provision.frames import equals, records, written
from provision.model import Kind, Status, Verdict
from provision.operations.registry import LEAVING
from provision.operations.value import Change, FieldChange, wholes
from provision.plan.guards.approvals import decisions, settled
from provision.plan.value import GuardVerdict, HealthLine, Opinion, Plan, RosterFacts, Ruling
from provision.report.findings import sentence_of, told_here
from provision.report.first_day.understood import how_read
from provision.report.kind_words import KIND_WORDS, label
from provision.report.of_nobody import ended_so, whose
from provision.report.sentences.codes import meaning
from provision.report.sentences.forecast_words import foretold
from provision.report.sentences.reasons import proved, words
from provision.report.summary import Files
from provision.report.value import OTHERS, Reconciliation, RunFacts, RunStatus, written_at
from provision.report.words import (
    ATTENTION,
    attention_group,
    headline,
    is_undo,
    roster_told,
    shown_value,
    spelled_out,
    what_it_means,
)
from provision.wording import harmless

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.text import Text

#: how many of a kind are shown before "… more"
SHOWN = 10
#: a guard this near to its limit is mentioned though it said yes (share 0–1)
_TIGHT = 0.8
_STATUS_COLOUR = {
    RunStatus.APPLIED: "bold green",
    RunStatus.NO_CHANGES: "bold green",
    RunStatus.PLANNED: "bold cyan",
    RunStatus.FAILED: "bold red",
    RunStatus.REFUSED: "bold red",
}


def render_plan(
    plan: Plan,
    roster_errors: Sequence[str],
    console: Console,
    files: Files | None = None,
    findings: Findings = NONE_FOUND,
) -> None:
    """Print what the plan would do: numbers, guards, what it takes, the first changes of each kind, what needs a person, the files.

    ``roster_errors`` are the sentences about rejected rows, ``findings`` what else was noticed.
    """
    page = _Page(console)
    if plan.refused:
        page.say("REFUSED – nothing was changed", "bold red")
    else:
        page.say("PREVIEW – nothing was changed", "bold cyan")
    page.say(f"job {plan.job} · enterprise {plan.enterprise_id}")
    _source(page, plan.roster, written_at(plan.profile))
    page.gap()
    held = plan.holds
    waiting = Counter(change.kind for change in plan.changes if change.id in held)
    _numbers(page, plan.counts, plan.verdicts, waiting)
    told = [line for line in plan.health if line.verdict is not Opinion.OK]
    guards = settled(plan.guards, plan.changes)
    _health(page, told, guards)
    _guards(page, [guard for guard in guards if guard.name not in {line.name for line in told}])
    if not plan.refused:
        _forecast(page, plan)
    changes = wholes(plan.changes)
    for kind in Kind:
        _changes(page, kind, [change for change in changes if change.kind is kind], held)
    _listed(page, "Changed in Box since", list(map(words, plan.drift)), len(plan.drift))
    _starting_later(page, plan.table, lambda some: map(words, some["because"]))
    _listed(page, "Held for a person", _held(plan), len(held) + int(decisions(plan.table).sum()))
    _listed(page, "Rejected roster rows", roster_errors, len(roster_errors))
    _found(page, findings)
    _understood(page, plan.roster)
    _files(page, files)
    if files is not None and files.run_dir and plan.goes_on:
        page.head("To carry it out")
        page.path(f"provision apply {shlex.quote(files.run_dir)}", indent=2)


def _understood(page: _Page, roster: RosterFacts) -> None:
    lines = list(how_read(roster))
    if lines:
        page.head("How the roster was read")
    for line in lines:
        page.say(line, indent=2)


def _source(page: _Page, roster: RosterFacts, written: str) -> None:
    """The roster that was read: its path in one piece, when it was written, and its fingerprint."""
    page.path(roster.path, indent=0 if is_undo(roster) else 2)
    if not is_undo(roster):
        page.say(roster_told(roster, written), "dim", indent=2)


def _starting_later(
    page: _Page, table: pd.DataFrame, reasons: Callable[[pd.DataFrame], Iterable[str]]
) -> None:
    """Joiners whose start date is ahead, by name and day."""
    later = equals(table["verdict"], Verdict.STARTS_LATER.value).nonzero()[0]
    some = table.iloc[later[:SHOWN]] if len(later) else table[:0]
    told = zip(written(some), some["name"], reasons(some), strict=True)
    _listed(page, "Start later", [f"{key}  {name}: {why}" for key, name, why in told], len(later))


def _held(plan: Plan) -> list[str]:
    """What waits, operations first, in a sentence each; no more than are shown."""
    holds = plan.holds
    waiting = [change for change in plan.changes if change.id in holds][:SHOWN]
    held = plan.table.iloc[decisions(plan.table).to_numpy().nonzero()[0][:SHOWN]]
    people = [f"{key}: {words(why)}" for key, why in zip(written(held), held["because"], strict=True)]
    return [*(f"{change.kind} {whose(change)}: {words(holds[change.id])}" for change in waiting), *people]


def render_result(
    reconciliation: Reconciliation, facts: RunFacts, console: Console, files: Files | None = None
) -> None:
    """Print how a run ended: verdict, numbers, guards, what needs a person, the balance, where the reports lie."""
    page = _Page(console)
    page.say(headline(reconciliation, facts), _STATUS_COLOUR.get(facts.status, "bold yellow"))
    page.say(f"job {facts.job} · enterprise {facts.enterprise_id} · run {facts.run_id}")
    _source(page, facts.roster, facts.written_at)
    page.gap()
    _numbers(page, reconciliation.totals.planned, reconciliation.totals.verdicts)
    _outcomes(page, reconciliation)
    _starting_later(page, reconciliation.table, lambda some: some["reason"])
    _health(page, [line for line in facts.health if line.verdict is Opinion.LOOK], ())
    _guards(page, facts.guards)
    _needs_a_person(page, reconciliation, facts)
    afterwards = [found.sentence for found in reconciliation.findings]
    _listed(page, "Found afterwards", afterwards, len(afterwards))
    _listed(page, "Changed in Box since", facts.drift, len(facts.drift))
    _found(page, facts.findings)
    if facts.error:
        page.head("Error", "red")
        for line in facts.error.splitlines():
            page.say(line.strip(), indent=2)
    page.gap()
    page.say(reconciliation.statement, "dim")
    _files(page, files)


class _Page:
    """Lines on a console: wrapped with a hanging indent, every character harmless, nothing read as markup."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, text: str | Text, style: str = "", *, indent: int = 0, mark: str = "") -> None:
        """Print one paragraph; ``mark`` stands before its first line, the others are indented as far."""
        from rich.text import Text

        words = Text(_harmless(text), style) if isinstance(text, str) else text
        before = Text(" " * indent + mark, style)
        room = max(self._console.width - len(before), 20)
        if not words.plain and not mark:
            return
        for line in words.wrap(self._console, room, overflow="fold"):
            line.rstrip()
            self._console.print(before + line, no_wrap=True, highlight=False, overflow="ignore", crop=False)
            before = Text(" " * len(before))

    def head(self, text: str, style: str = "") -> None:
        """Print a heading after an empty line."""
        self.gap()
        self.say(text, f"bold {style}".strip())

    def path(self, text: str, *, indent: int = 0) -> None:
        """Print a path in one piece, so that it can be copied however narrow the terminal is."""
        self._console.print(
            " " * indent + _harmless(text), soft_wrap=True, markup=False, highlight=False, emoji=False
        )

    def gap(self) -> None:
        """Print an empty line."""
        self._console.print()


def _harmless(text: str) -> str:
    return harmless(text.replace("\r\n", " ").replace("\n", " ").replace("\t", " "))


def _numbers(
    page: _Page,
    planned: Mapping[str, int],
    verdicts: Mapping[str, int],
    held: Mapping[Kind, int] | None = None,
) -> None:
    """How many operations there are of each kind, and of a preview how many of them wait for a person."""
    from rich.text import Text

    parts = []
    for kind in (kind for kind in Kind if planned.get(kind)):
        number = f"{planned[kind]:,} {kind}{_of_these((held or {}).get(kind, 0), planned[kind])}"
        parts.append(Text(f"{KIND_WORDS[kind].sign} {number}", KIND_WORDS[kind].colour))
    page.say(Text("   ").join(parts) if parts else Text("no changes", "green"), indent=2)
    rest = [f"{verdicts[word]:,} {label(word)}" for word in OTHERS if verdicts.get(word)]
    page.say(" · ".join(rest), "dim", indent=2)


def _of_these(held: int, number: int) -> str:
    """What is said behind a number of operations, ``held`` of which wait."""
    return "" if not held else " (held)" if held == number else f" ({held:,} held)"


def _outcomes(page: _Page, reconciliation: Reconciliation) -> None:
    outcomes = reconciliation.totals.outcomes
    told = [f"{outcomes[status]:,} {label(status)}" for status in Status if outcomes.get(status)]
    if told:
        page.say(f"outcome: {' · '.join(told)}", "bold", indent=2)


def _health(page: _Page, told: Sequence[HealthLine], guards: Iterable[GuardVerdict]) -> None:
    """What HR should look at, what is refused first."""
    if not told:
        return
    page.head("Roster")
    allowed = {guard.name for guard in guards if guard.verdict is Ruling.ALLOWED}
    for line in sorted(told, key=lambda line: line.verdict is not Opinion.REFUSED):
        refused = line.verdict is Opinion.REFUSED
        word = "allowed" if line.name in allowed else "REFUSED" if refused else "look"
        page.say(f"{word}: {line.sentence}", "red" if word == "REFUSED" else "yellow", indent=2)


def _guards(page: _Page, guards: Iterable[GuardVerdict]) -> None:
    told = [one for one in guards if one.verdict is not Ruling.OK or 0 < one.actual >= _TIGHT * one.limit]
    if not told:
        return
    page.head("Guards")
    for guard in told:
        refused = guard.verdict is Ruling.REFUSED
        no = "HELD" if guard.kinds else "REFUSED"
        word = {Ruling.REFUSED: no, Ruling.ALLOWED: "allowed"}.get(guard.verdict, "near its limit")
        page.say(f"{word}: {guard.sentence or guard.name}", "red" if refused else "yellow", indent=2)


def _forecast(page: _Page, plan: Plan) -> None:
    lines = foretold(plan.forecast)
    if lines:
        page.head("What it takes")
    for line in lines:
        page.say(line.sentence, "yellow" if line.warns else "", indent=2)


def _changes(page: _Page, kind: Kind, changes: Sequence[Change], held: Collection[str]) -> None:
    if not changes:
        return
    kind_words = KIND_WORDS[kind]
    page.head(f"{kind_words.heading} ({len(changes):,})", kind_words.colour)
    for change in changes[:SHOWN]:
        name = "" if change.name == change.key else f"  {change.name}"
        waits = "  (held)" if change.id in held else ""
        page.say(f"{change.key}{name}{waits}", kind_words.colour, indent=2, mark=f"{kind_words.sign} ")
        page.say(_compact(change), indent=6)
    _more(page, len(changes))


def _compact(change: Change) -> str:
    """What happens to one account: before → after; for a leaver the proof before that."""
    proof = [words(proved(change) or change.because)] if change.kind in LEAVING else []
    return " · ".join([*proof, *map(_edit, spelled_out(change))])


def _edit(field: FieldChange) -> str:
    before, after = (shown_value(field.field, value) or "(empty)" for value in (field.before, field.after))
    return f"{field.field}: {before} → {after}"


def _more(page: _Page, number: int) -> None:
    if number > SHOWN:
        page.say(f"… and {number - SHOWN:,} more", "dim", indent=2)


def _listed(page: _Page, title: str, lines: Sequence[str], number: int) -> None:
    if not number:
        return
    page.head(f"{title} ({number:,})", "yellow")
    for line in lines[:SHOWN]:
        page.say(line, indent=2)
    _more(page, number)


def _found(page: _Page, findings: Findings) -> None:
    told = [f"{one.level}: {sentence_of(one)}" for one in told_here(findings)]
    _listed(page, "Worth knowing", told, len(told))


def _needs_a_person(page: _Page, reconciliation: Reconciliation, facts: RunFacts) -> None:
    attention = reconciliation.attention
    groups = attention_group(attention)
    for name, (title, _) in ATTENTION.items():
        rows, others = attention[groups == name], ended_so(reconciliation, name)
        if not (number := len(rows) + len(others)):
            continue
        page.head(f"{title} ({number:,})", "yellow")
        page.say(what_it_means(name, facts), "dim", indent=2)
        lines = [(str(row["who"]), row) for row in records(others)]
        lines += zip(written(rows.head(SHOWN)), records(rows.head(SHOWN)), strict=True)
        _told(page, lines[:SHOWN], name)
        _more(page, number)


def _told(page: _Page, lines: Sequence[tuple[str, Mapping[Hashable, Any]]], group: str) -> None:
    """What is in one group; what a code of Box means is told once."""
    told: set[str] = set()
    for who, row in lines:
        page.say(f"{who}: {row['reason']}", indent=2)
        if group not in (Status.FAILED, Status.IN_DOUBT):
            continue
        code = " ".join(str(row[name]) for name in ("http_status", "error_code") if row[name]) or "no answer"
        support = f" (request {row['request_id']})" if row["request_id"] else ""
        page.say(f"{code}{support}", "dim", indent=6)
        if code not in told:
            said = meaning(row["error_code"], row["http_status"], row["verdict"])
            page.say(f"{said.means} {said.remedy}", indent=6)
        told.add(code)


def _files(page: _Page, files: Files | None) -> None:
    """Where the run lies, and the whole path of its page, to be opened or copied."""
    if files is None or files.run_dir is None:
        return
    page.head("Files")
    page.path(files.run_dir, indent=2)
    others = [path for name, path in asdict(files).items() if path and name not in ("run_dir", "report_html")]
    page.say(" · ".join(PurePath(path).name for path in others), indent=4)
    if files.report_html:
        page.path(files.report_html, indent=2)
