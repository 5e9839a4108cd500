"""The page as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provision.report.page.page_value import Line


class ReviewStanding(StrEnum):
    """How an operation stands: it waits, somebody let it go on, somebody holds it, or nobody has to look at it."""

    WAITS = "waits"
    APPROVED = "approved"
    HELD = "held"
    GOES_ON = "goes on"


#: that for which somebody is waited
OPEN = (ReviewStanding.WAITS, ReviewStanding.HELD)


class Act(StrEnum):
    """What a button says of what it belongs to."""

    APPROVE = "approve"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """One operation, or one question. ``mark`` names it in the form, ``said`` are people's words on it."""

    mark: str
    line: Line
    standing: ReviewStanding
    said: str = ""

    @property
    def open(self) -> bool:
        """Whether it waits for somebody."""
        return self.standing in OPEN


@dataclass(frozen=True, slots=True)
class ReviewGroup:
    """Operations of one kind, or questions; ``marks`` are all of them, ``open_marks`` those that wait, ``entries`` those that the page shows.

    ``id`` is how a button names the group. ``yes`` is what an approval of one says; ``holds``: whether they can be held.
    """

    id: str
    title: str
    sentence: str
    tone: str
    entries: tuple[ReviewEntry, ...]
    marks: tuple[str, ...]
    open_marks: tuple[str, ...]
    yes: str = "Approve"
    holds: bool = True

    @property
    def count(self) -> int:
        """All of it."""
        return len(self.marks)

    @property
    def open(self) -> int:
        """What of it waits."""
        return len(self.open_marks)


@dataclass(frozen=True, slots=True)
class Told:
    """What is said on the page of what was just done, or of what went wrong."""

    text: str
    tone: str = "good"


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Everything on the page. ``waits`` and ``goes_on`` are the groups, ``refused`` why nothing of the plan can be carried out."""

    run_id: str
    job: str
    enterprise_id: str
    digest: str
    as_of: str
    roster: str
    roster_rows: int
    headline: str
    sentence: str
    tone: str
    waits: tuple[ReviewGroup, ...]
    goes_on: tuple[ReviewGroup, ...]
    refused: tuple[str, ...]
    done: int
    required: int
    user: str
    by: str
    until_least: str
    next_command: str
    how: str
    form: str
    proven: bool
    find: str = ""
    told: Told | None = None
