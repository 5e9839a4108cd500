"""What is seen at a glance: how much of what for whom, who leaves, seats, calls a minute, and the last runs.

A chart is plain numbers here, drawn by the template as bars without any script, so that it is sharp at every size, in both
colours and on paper, and cannot fail. Each has its numbers as a table beside it, and a sentence that says what is to be seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from provision.model import TRACKING_PREFIX, Kind
from provision.plan.seats import Seats
from provision.report.chart_facts import ABSENT, AHEAD, GONE, MOVING, ChartedRun, past_run
from provision.report.kind_words import KIND_WORDS
from provision.report.value import Mode, Reconciliation, RunFacts
from provision.wording import counted

#: parts of the people that are shown one by one, the largest first; the rest is one line
PARTS = 12
#: bars of a chart over time: more minutes than this are drawn several to a bar
BARS = 60

#: kinds by their colour: what gives, what changes, what takes, what takes for good
_TONES = {"green": "good", "cyan": "info", "yellow": "warn", "red": "bad"}
_STAGES = {
    ABSENT: "Absent, not proven yet",
    MOVING: "Content on its way",
    GONE: "Nothing more to do",
}


@dataclass(frozen=True, slots=True)
class ChartPiece:
    """A piece of a bar: what it counts, how much, in which colour."""

    word: str
    count: int
    tone: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is of, and its pieces. ``drawn``: else it would make all others too short to be seen, and is told in words."""

    label: str
    pieces: tuple[ChartPiece, ...]
    drawn: bool = True

    @property
    def total(self) -> int:
        """All pieces together."""
        return sum(piece.count for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars below each other, or side by side along a time (``over_time``).

    ``sentence`` says what is to be seen, ``of`` heads the column of labels, ``what`` that of numbers. ``limit``: a line across the
    bars, 0 for none, and ``limit_word`` what it is. ``top``: the number at the end of the scale.
    """

    id: str
    title: str
    sentence: str
    of: str
    what: str
    bars: tuple[Bar, ...]
    over_time: bool = False
    limit: float = 0.0
    limit_word: str = ""

    @property
    def top(self) -> float:
        """The largest number that is drawn, one at least."""
        return max(*(bar.total for bar in self.bars if bar.drawn), self.limit, 1)

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """Each word with its colour, once, where there is more than one."""
        words = {(piece.word, piece.tone): None for bar in self.bars for piece in bar.pieces}
        return tuple(words) if len(words) > 1 else ()


def charts_of(reconciliation: Reconciliation, facts: RunFacts) -> tuple[Chart, ...]:
    """The charts that have something to show."""
    return tuple(_charts(reconciliation, facts))


def _charts(reconciliation: Reconciliation, facts: RunFacts) -> Iterator[Chart]:
    preview = reconciliation.mode is Mode.PREVIEW
    yield from _changes(reconciliation, facts.charts.divided_by)
    yield from _leavers(facts)
    if facts.forecast is not None and facts.forecast.read == "listing":
        after = "After this plan" if preview else "After this run"
        yield _seats(facts.forecast.seats, _seat_limit(facts), after)
    if not preview:
        yield from _calls(facts)
    yield from _nights(reconciliation, facts)


def _changes(reconciliation: Reconciliation, divided_by: str) -> Iterator[Chart]:
    """By part of the people where they have parts, else by kind alone."""
    counts = Counter((change.segment, change.kind) for change in reconciliation.changes.values())
    parts = Counter(change.segment for change in reconciliation.changes.values())
    if not counts:
        return
    people = counted(parts.total(), "person", "people")
    if set(parts) == {""}:
        bars = tuple(
            Bar(KIND_WORDS[kind].heading, (_piece(kind, counts["", kind]),))
            for kind in Kind
            if counts["", kind]
        )
        most = max(bars, key=lambda bar: bar.total)
        sentence = f"Of {people} with a change, most by {most.label.lower()}: {most.total:,}."
        yield Chart("by-kind", "Changes by kind", sentence, "Kind", "People", bars)
        return
    named = divided_by.removeprefix(TRACKING_PREFIX).replace("_", " ")
    bars = tuple(_parts(counts, parts))
    sentence = f"{people} with a change; most of them in {bars[0].label}: {bars[0].total:,}."
    title = f"Changes by kind and {named}"
    yield Chart("by-part", title, sentence, named.capitalize(), "People", bars)


def _parts(counts: Counter[tuple[str, Kind]], parts: Counter[str]) -> Iterator[Bar]:
    ordered = sorted(parts, key=lambda part: (-parts[part], part))
    shown = ordered if len(ordered) <= PARTS + 1 else ordered[:PARTS]
    for part in shown:
        yield Bar(part or "(none)", tuple(_pieces({part}, counts)))
    if rest := set(ordered) - set(shown):
        yield Bar(f"{len(rest):,} others", tuple(_pieces(rest, counts)), drawn=False)


def _pieces(parts: set[str], counts: Counter[tuple[str, Kind]]) -> Iterator[ChartPiece]:
    for kind in Kind:
        if count := sum(counts[part, kind] for part in parts):
            yield _piece(kind, count)


def _piece(kind: Kind, count: int) -> ChartPiece:
    return ChartPiece(KIND_WORDS[kind].heading.lower(), count, _TONES[KIND_WORDS[kind].colour])


def _leavers(facts: RunFacts) -> Iterator[Chart]:
    """From absence to the end: what is done now stands between what is not proven and what is still ahead."""
    stages = facts.charts.stages
    now = [kind for kind in Kind if stages.get(kind.value)]
    bars = [_stage(_STAGES[ABSENT], stages.get(ABSENT, 0), "none")]
    bars += [
        _stage(f"{KIND_WORDS[kind].heading}, now", stages[kind.value], _TONES[KIND_WORDS[kind].colour])
        for kind in now
    ]
    bars.append(_stage(_STAGES[MOVING], stages.get(MOVING, 0), "info"))
    bars += [
        _stage(f"Left; next: {KIND_WORDS[Kind(name.removeprefix(AHEAD))].heading.lower()}", count, "none")
        for name, count in stages.items()
        if name.startswith(AHEAD) and name.removeprefix(AHEAD) in set(Kind)
    ]
    bars.append(_stage(_STAGES[GONE], stages.get(GONE, 0), "none"))
    shown = tuple(bar for bar in bars if bar.total)
    if shown:
        all_of = counted(sum(bar.total for bar in shown), "leaver")
        due = counted(sum(stages[kind.value] for kind in now), "of them has", "of them have")
        sentence = f"{all_of}; {due} a step in this plan."
        yield Chart("leavers", "Leavers by stage", sentence, "Stage", "People", shown)


def _stage(label: str, count: int, tone: str) -> Bar:
    return Bar(label, (ChartPiece("people", count, tone),))


def _seat_limit(facts: RunFacts) -> int:
    return next((guard.limit for guard in facts.guards if guard.name == "seats"), 0)


def _seats(seats: Seats, limit: int, after: str) -> Chart:
    bars = (
        _seats_at("Before", seats.managed, seats.inactive),
        _seats_at(after, seats.managed_after, seats.inactive_after),
    )
    of = f" of {limit:,}" if limit else ""
    sentence = f"{seats.managed:,} before, {seats.managed_after:,}{of} after it; {seats.inactive_after:,} held by inactive accounts."
    return Chart(
        "seats", "Seats", sentence, "When", "Seats", bars, limit=limit, limit_word=f"limit {limit:,}"
    )


def _seats_at(label: str, managed: int, inactive: int) -> Bar:
    return Bar(
        label, (ChartPiece("active", managed - inactive, "info"), ChartPiece("inactive", inactive, "warn"))
    )


def _calls(facts: RunFacts) -> Iterator[Chart]:
    """Minute by minute; of a long run several minutes are one bar, as high as the busiest of them."""
    calls, allowed = facts.charts.calls, facts.charts.per_minute
    if len(calls) < 2:
        return
    step = -(-len(calls) // BARS)
    bars = tuple(
        Bar(
            _minutes(at, min(at + step, len(calls))),
            (ChartPiece("calls", max(calls[at : at + step]), "info"),),
        )
        for at in range(0, len(calls), step)
    )
    busiest = max(calls)
    sentence = f"The busiest of {len(calls):,} minutes had {counted(busiest, 'call')}; {allowed:,.10g} may leave in one."
    yield Chart(
        "calls", "Calls a minute", sentence, "Minute", "Calls", bars, True, allowed, f"limit {allowed:,.10g}"
    )


def _minutes(first: int, end: int) -> str:
    return f"{first + 1}" if end == first + 1 else f"{first + 1} to {end}"


def _nights(reconciliation: Reconciliation, facts: RunFacts) -> Iterator[Chart]:
    runs = facts.charts.past
    if reconciliation.mode is not Mode.PREVIEW:
        runs = (*runs, _this(reconciliation, facts))
    if len(runs) < 2:
        return
    whole = sum(not (run.left or run.wrong) for run in runs)
    bars = tuple(
        Bar(
            _day(run.at),
            (
                ChartPiece("done", run.done, "good"),
                ChartPiece("left over", run.left, "warn"),
                ChartPiece("failed", run.wrong, "bad"),
            ),
        )
        for run in runs
    )
    sentence = f"{whole:,} of {len(runs):,} left nothing over; most was done on {max(bars, key=lambda bar: bar.pieces[0].count).label}."
    yield Chart("nights", f"The last {len(runs):,} runs", sentence, "Run", "Operations", bars, over_time=True)


def _this(reconciliation: Reconciliation, facts: RunFacts) -> ChartedRun:
    totals = reconciliation.totals
    return past_run(facts.started_at, facts.status, totals.outcomes)


def _day(at: str) -> str:
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        return at
    return f"{when.astimezone(UTC) if when.tzinfo else when:%Y-%m-%d %H:%M}"
