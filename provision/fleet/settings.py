"""The fleet file as a frozen value: every key that it may have, with its meaning and its default."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from provision.job.nightly import Notify, NotifyEvent
from provision.job.places import has_scheme
from provision.job.section import FromFile, Section
from provision.job.values import Duration, Filled, JobPath, Version, as_duration

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_CLUSTER = re.compile(r"(?:tcp|tls)://[^/\s:@]+:[0-9]{1,5}")
#: stands in place of an address for a cluster that is made for the night, on this machine
LOCAL = "local"


def is_variable(name: str) -> bool:
    """Whether a job file can name such a variable."""
    return _VARIABLE.fullmatch(name) is not None


def _named(value: str) -> str:
    if not is_variable(value):
        raise ValueError("must be the name of a variable: letters, digits and _")
    return value


def _deadline(value: str) -> str:
    if _CLOCK.fullmatch(value) is None:
        try:
            as_duration(value)
        except ValueError:
            raise ValueError("must be a time of day, as 06:00, or a length of time, as 5h") from None
    return value


def _scheduler(value: str) -> str:
    if value != LOCAL and _CLUSTER.fullmatch(value) is None:
        raise ValueError("must be local, or the address of a Dask scheduler, as tcp://scheduler.example:8786")
    return value


def _folder(value: Any) -> Any:
    if isinstance(value, str) and has_scheme(value):
        raise ValueError(
            "must be a folder that all workers reach under one path; addresses (s3://, sftp://) cannot be used yet"
        )
    return value


def _row(value: Any) -> Any:
    return {"job": value} if isinstance(value, str) else value


#: a name of a variable of a job file
VariableName = Annotated[str, AfterValidator(_named)]


class JobRow(Section):
    """One line of ``jobs``."""

    job: Filled = Field(
        description="a job file, a pattern as jobs/*.yaml, or a .csv with the column job and one column a variable"
    )
    with_: dict[VariableName, str | None] = Field(
        default_factory=dict,
        alias="with",
        description="variables of the job for this enterprise alone; a secret is only named: ${NAME}, file:PATH, keyring:SERVICE/USER or command:PROGRAM",
    )
    name: str = Field(
        "",
        pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,79})?$",
        description="how it is called in the fleet; by default as the job, with the enterprise's id where several are called alike",
    )
    priority: int = Field(0, description="larger ones begin first")


class Retries(Section):
    """What is tried again in the same night: an enterprise that is locked, a Box that is not reached, a worker that is lost."""

    count: int = Field(5, ge=0, le=100, description="how often an enterprise is tried again")
    wait: Duration = Field(
        timedelta(seconds=30), description="before the first time; then twice as long each time, at most 10m"
    )


class FleetSettings(FromFile):
    """A fleet, as its file describes it."""

    version: Annotated[Literal[1], Version] = Field(description="version of the fleet file's form: 1")
    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$", description="short name; by default the file's"
    )
    jobs: tuple[Annotated[JobRow, BeforeValidator(_row)], ...] = Field(
        min_length=1, description="the jobs: a job file or a pattern alone, or a mapping"
    )
    scheduler: Annotated[str, AfterValidator(_scheduler)] = Field(
        LOCAL, description="local: workers of this machine; or the address of a Dask scheduler"
    )
    workers: int | None = Field(
        None, ge=1, le=256, description="processes of scheduler local; by default one a core"
    )
    state: Filled | None = Field(
        None,
        repr=False,
        description="the ledger of all jobs, in place of their own; name a variable for its password",
    )
    runs: Annotated[JobPath, BeforeValidator(_folder)] | None = Field(
        None,
        description="folder of the fleet's runs; each job's run folders lie in a folder of its own below it, in place of the job's runs",
    )
    deadline: Annotated[str, AfterValidator(_deadline)] | None = Field(
        None,
        description="when the night is over, by this machine's clock (06:00) or after so long (5h): what is under way is stopped safely, exit code 5",
    )
    retries: Retries = Retries()
    notify: tuple[Notify, ...] = Field(
        (), description="who is told once of the whole night, in place of the jobs' own addresses"
    )

    @field_validator("notify")
    @classmethod
    def _about_the_night(cls, notify: tuple[Notify, ...]) -> tuple[Notify, ...]:
        of_jobs = {NotifyEvent.DIGEST, NotifyEvent.RECEIVERS}
        if any(each.attach or of_jobs & set(each.on) for each in notify):
            raise ValueError("a fleet tells of failed, held, refused and changes, and attaches nothing")
        return notify

    def ends_at(self, now: datetime) -> datetime | None:
        """When the night is over that begins now; None for no such moment."""
        if self.deadline is None:
            return None
        if (found := _CLOCK.fullmatch(self.deadline)) is None:
            return now + as_duration(self.deadline)
        local = now.astimezone()
        end = datetime.combine(local.date(), time(int(found[1]), int(found[2]))).astimezone()
        return end if end > local else end + timedelta(days=1)
