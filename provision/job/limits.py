"""The limits of a job: what is over one waits for a person."""

from __future__ import annotations

from pydantic import Field, model_validator

from provision.job.section import Section
from provision.job.values import Filled, Segment


class Guard(Section):
    """A limit on one kind of operation: a count, a share of the accounts in percent, or counts over days."""

    count: int | None = Field(None, ge=0, description="at most so many")
    percent: float | None = Field(None, ge=0, le=100, description="at most this share of the job's accounts")
    per_day: int | None = Field(None, ge=0, description="at most so many in 24 hours, all runs together")
    per_week: int | None = Field(None, ge=0, description="at most so many in 7 days")
    per_month: int | None = Field(None, ge=0, description="at most so many in 30 days")

    @model_validator(mode="after")
    def _says_something(self) -> Guard:
        if all(
            value is None for value in (self.count, self.percent, self.per_day, self.per_week, self.per_month)
        ):
            raise ValueError("give count, percent, per_day, per_week or per_month")
        return self


class Shrink(Section):
    """How much smaller than the last accepted one a complete roster may be."""

    percent: float = Field(5, ge=0, le=100, description="at most this share of the rows may be missing")


class MassChange(Section):
    """How many people may get another value of one and the same attribute in one run."""

    percent: float = Field(ge=0, le=100, description="at most this share of the people matched")


class Guards(Section):
    """Limits: what is over one waits for a person. The way past is ``approve``, or ``--allow NAME=N`` with an exact number."""

    removals: Guard = Field(Guard(count=10, percent=5), description="deactivations, deletions and roll-outs")
    creates: Guard | None = Field(None, description="new accounts")
    updates: Guard | None = Field(None, description="changed accounts")
    transfers: Guard = Field(Guard(count=10, percent=5), description="leavers whose content is moved")
    mass_change: MassChange | None = Field(None, description="one attribute changing for many people")
    shrink: Shrink = Field(Shrink(), description="rows missing since the last accepted complete roster")
    by: Segment | None = Field(
        None,
        description="domain, kind, department, an attribute or tracking_codes.NAME: limits in percent hold for each part, too",
    )
    owner: Filled | None = Field(
        None, description="who is to look at what a guard holds; named in reports and by provision holds"
    )
