"""How people leave: the stages of a job, what proves that somebody left, and where content goes."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from provision.job.limits import ResentFiles
from provision.job.section import Section
from provision.job.values import (
    OWN_ZONE,
    Duration,
    Filled,
    ZoneOfDates,
)


class StageAction(StrEnum):
    """What happens to a leaver at one stage."""

    DEACTIVATE = "deactivate"
    END_SESSIONS = "end_sessions"
    TRANSFER = "transfer"
    DELETE = "delete"
    ROLL_OUT = "roll_out"


#: who can be named for a transfer in place of a login
_RECEIVERS = ("manager", "service_account")


class Stage(Section):
    """One stage of the way out, counted from the day the person is known to have left."""

    after: Duration = Field(description="how long after the person left, for example 0d or 30d")
    do: StageAction = Field(description="deactivate, end_sessions, transfer, delete or roll_out")
    to: Filled | None = Field(None, description="transfer only: manager, service_account or a login")
    content: Literal["destroy"] | None = Field(
        None,
        description="delete only: destroy what the account still owns; otherwise Box refuses to delete it",
    )

    @model_validator(mode="after")
    def _says_what_becomes_of_content(self) -> Stage:
        if self.do is not StageAction.DELETE and self.content is not None:
            raise ValueError(f'"content" belongs to a delete only, not to {self.do}')
        if self.do is not StageAction.TRANSFER and self.to is not None:
            raise ValueError(f'"to" belongs to a transfer only, not to {self.do}')
        if self.do is StageAction.TRANSFER and not (self.to in _RECEIVERS or "@" in (self.to or "")):
            raise ValueError('a transfer needs "to": manager, service_account or a login')
        return self


#: stages after which nobody is left to do anything with
_LAST = (StageAction.DELETE, StageAction.ROLL_OUT)


def _in_order(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    for number, (before, stage) in enumerate(pairwise(stages), start=2):
        if stage.after < before.after:
            raise ValueError(
                f"stage {number} ({stage.do}) comes earlier than stage {number - 1}; order them by after"
            )
        if before.do in _LAST:
            raise ValueError(
                f"stage {number} ({stage.do}) can never happen: stage {number - 1} is {before.do}"
            )
    return stages


class Evidence(Section):
    """What proves that somebody left, by absence from complete rosters, and that a leaver's content has moved."""

    absent_runs: int = Field(2, ge=1, description="complete rosters in a row without the person")
    absent_hours: float = Field(12.0, ge=0, le=8760, description="hours between two rosters that count")
    resent_files: ResentFiles = Field(
        ResentFiles.IGNORE,
        description="whether an unchanged roster (same bytes, or same text in another encoding or with other line ends) counts as new evidence of absence: ignore or count",
    )
    empty_hours: float = Field(
        12.0,
        gt=0,
        le=8760,
        description="hours between the two checks that prove a transfer: the account owns nothing any more",
    )


def _one_folder(name: str) -> str:
    if "/" in name or "\\" in name:
        raise ValueError("must be the name of one folder, without slashes")
    return name


class Archive(Section):
    """Where the folders of transfers are put in the receiver's root; Box likes no folder with more than 15,000 in it."""

    folder: Annotated[Filled, AfterValidator(_one_folder)] = Field(
        "Leavers", description="name of the folder"
    )
    by: Literal["month", "letter", "none"] = Field(
        "month", description="subfolders: one per month, one per first letter of the login, or none"
    )


class Lifecycle(Section):
    """How people leave."""

    evidence: Evidence = Field(Evidence(), description="when absence counts")
    leavers: Annotated[tuple[Stage, ...], AfterValidator(_in_order)] = Field(
        (Stage(after=timedelta(0), do=StageAction.DEACTIVATE),),
        description="the stages of leaving, in order",
    )
    by_segment: dict[Filled, Annotated[tuple[Stage, ...], AfterValidator(_in_order)]] = Field(
        default_factory=dict,
        description="stages for parts of the organisation instead of these; parts are named as guards.by divides them",
    )
    archive: Archive | None = Field(None, description="by default folders stay where a transfer puts them")
    timezone: ZoneOfDates = Field(
        "UTC",
        description="time zone of start_date and end_date; person: the time zone in the row, otherwise UTC",
    )

    def zone(self, own: str = "") -> ZoneInfo:
        """The time zone of a person's dates; ``own`` is that of the row, "" for none."""
        return ZoneInfo((own or "UTC") if self.timezone == OWN_ZONE else self.timezone)

    @property
    def transfers(self) -> tuple[Stage, ...]:
        """All stages, of all parts of the people, that move content."""
        stages = (stage for way in (self.leavers, *self.by_segment.values()) for stage in way)
        return tuple(stage for stage in stages if stage.do is StageAction.TRANSFER)

    def of(self, segment: str) -> Lifecycle:
        """How people of one part leave."""
        stages = self.by_segment.get(segment)
        return self if stages is None else self.model_copy(update={"leavers": stages})
