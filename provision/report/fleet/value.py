"""How the night of a fleet ended: a line a job, and the summary of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from provision.errors import ExitCode
from provision.report.summary import Summary, one_line
from provision.report.value import RunStatus


class JobEnd(StrEnum):
    """What became of a job in a night, beside what its summary says."""

    ENDED = "ended"
    #: the night was stopped, or over, before its turn
    NOT_BEGUN = "not_begun"
    #: its workers died, and nothing came back
    LOST = "lost"
    #: an earlier process of the same night had finished it
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class FleetLine:
    """One job at the end of the night: the summary of its last run, how often it was tried, and how many workers died under it."""

    name: str
    end: JobEnd
    summary: Summary
    tries: int = 0
    lost: int = 0

    @property
    def told(self) -> dict[str, Any]:
        """As programs get it: the summary, with what the fleet knows of it."""
        own = {"name": self.name, "end": self.end.value, "tries": self.tries, "workers_lost": self.lost}
        return {**asdict(self.summary), "fleet": own}

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to look."""
        return self.summary.exit_code != ExitCode.DONE


@dataclass(frozen=True, slots=True)
class FleetSummary(Summary):
    """What a fleet tells programs: ``enterprises`` in the order of the fleet file, of each job its summary."""

    fleet_id: str | None = None
    fleet: str | None = None
    fleet_path: str | None = None
    lines: tuple[FleetLine, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many jobs there are, and how many of each end; ``not_begun`` are those whose turn never came."""
        ends = Counter(_word(line) for line in self.lines)
        words = (
            *(status.value for status in RunStatus if status is not RunStatus.PLANNED),
            JobEnd.NOT_BEGUN.value,
        )
        return {"enterprises": len(self.lines), **{word: ends.get(word, 0) for word in words}}

    @property
    def people(self) -> dict[str, int]:
        """The outcomes of all operations of all jobs."""
        total: Counter[str] = Counter()
        for line in self.lines:
            total.update(line.summary.outcomes)
        return dict(total)

    @property
    def as_told(self) -> Mapping[str, Any]:
        """What ``--json`` prints."""
        names = ("fleet_id", "fleet", "status", "exit_code", "error", "started_at", "finished_at")
        files = {"run_dir": self.files.run_dir, "report_html": self.files.report_html}
        enterprises = [line.told for line in self.lines]
        return {
            **{name: getattr(self, name) for name in names},
            "counts": self.counts,
            "outcomes": self.people,
            "files": files,
            "enterprises": enterprises,
        }

    def to_json(self) -> str:
        """One JSON object on one line."""
        return one_line(self.as_told)


def _word(line: FleetLine) -> str:
    return line.end.value if line.end is JobEnd.NOT_BEGUN else RunStatus(line.summary.status).value


@dataclass(frozen=True, slots=True)
class FleetPage:
    """What the page of a night shows. ``needs`` in the order in which somebody should look, ``rest`` in that of the file."""

    summary: FleetSummary
    headline: str
    tone: str
    checked: str
    tiles: tuple[tuple[str, int, str], ...] = ()
    needs: tuple[FleetNeed, ...] = ()
    rest: tuple[FleetNeed, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class FleetNeed:
    """One enterprise on the page: its words, what waits and what failed there, and the command that comes next."""

    line: FleetLine
    word: str
    tone: str
    reason: str
    command: str
    numbers: str
