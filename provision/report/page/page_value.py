"""The page as plain values: tiles, lines, sections, and what needs a person."""

from __future__ import annotations

from dataclasses import dataclass

from provision.operations.value import FieldChange
from provision.report.page.charts import Chart
from provision.report.page.everybody import Everybody
from provision.report.page.filters import NO_CHOICES, UNMARKED, FilterChoices, FilterMarks
from provision.report.page.held import ReleaseCommand
from provision.report.page.histories import NO_HISTORIES, Histories
from provision.report.sentences.codes import Meaning
from provision.report.sentences.forecast_words import Foretold
from provision.report.value import RunFacts, RunStatus


@dataclass(frozen=True, slots=True)
class Tile:
    """One number with its word; the tone colours it, the word says it."""

    word: str
    count: int
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Line:
    """One person on the page. ``before → after`` are ``fields``; ``outcome`` is "" in a preview.

    ``place``: which line of the reconciliation it is, None for an operation that no line tells of.
    """

    name: str
    key: str
    line: int
    box_id: str
    kind: str
    reason: str
    does: str = ""
    fields: tuple[FieldChange, ...] = ()
    evidence: str = ""
    outcome: str = ""
    tone: str = "plain"
    answer: str = ""
    request_id: str = ""
    marks: FilterMarks = UNMARKED
    place: int | None = None
    release: ReleaseCommand | None = None


@dataclass(frozen=True, slots=True)
class PageSection:
    """Lines under one heading; ``count`` are all of them, ``lines`` those the page shows."""

    id: str
    title: str
    count: int
    lines: tuple[Line, ...]
    sentence: str = ""
    told: Meaning | None = None
    answer: str = ""
    leavers: bool = False

    @property
    def planned(self) -> bool:
        """Whether an operation was planned for anybody in it."""
        return any(line.does for line in self.lines)


@dataclass(frozen=True, slots=True)
class Attention:
    """One group of what needs a person; Box's refusals are parted by what Box said.

    ``commands``: what releases all of a kind, each with its heading.
    """

    id: str
    title: str
    count: int
    tone: str
    sentence: str
    parts: tuple[PageSection, ...]
    commands: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the roster that somebody should look at: its name, what it says in a word, its tone, and in a sentence."""

    name: str
    word: str
    tone: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Everything on the page. ``taken`` are the changes that take something away, ``changes`` the others."""

    preview: bool
    status: RunStatus
    tone: str
    headline: str
    checked: str
    next_command: str
    facts: RunFacts
    undo: bool
    tiles: tuple[tuple[str, tuple[Tile, ...]], ...]
    attention: tuple[Attention, ...]
    taken: tuple[PageSection, ...]
    changes: tuple[PageSection, ...]
    rest: tuple[PageSection, ...]
    findings: tuple[str, ...]
    found: tuple[Check, ...]
    found_total: int
    statement: str
    unchanged: int
    everybody: Everybody
    health: tuple[Check, ...] = ()
    forecast: tuple[Foretold, ...] = ()
    reading: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    choices: FilterChoices = NO_CHOICES
    histories: Histories = NO_HISTORIES
