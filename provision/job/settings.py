"""The job as a frozen value: every key a job file may have, with its meaning and its default.

The field descriptions are the reference documentation of the keys; :mod:`provision.job.reference` makes the README's table of them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from provision.job.limits import FileLimits, Guards
from provision.job.places import BOX, sign_in_address, upload_address
from provision.job.section import FromFile, Section
from provision.job.values import (
    OWN_ZONE,
    Address,
    AttributeName,
    DatabaseUrl,
    Delimiter,
    Domain,
    Duration,
    Encoding,
    Filled,
    JobPath,
    RosterField,
    RosterPath,
    Verbatim,
    Version,
    ZoneOfDates,
)
from provision.model import UserKind


class JwtAuth(Section):
    """Sign-in with a JSON Web Token: the config file of the Box Developer Console."""

    method: Literal["jwt"] = Field(description="sign in with a JSON Web Token")
    config_file: JobPath = Field(description="the JSON file downloaded from the Box Developer Console")


class CcgAuth(Section):
    """Sign-in with client credentials, as the service account of the app."""

    method: Literal["ccg"] = Field(description="sign in with client credentials")
    client_id: Filled = Field(description="client id of the app")
    client_secret: Filled = Field(
        description="client secret of the app; name a variable, never the secret itself"
    )
    enterprise_id: Filled = Field(description="id of the enterprise")


class TokenAuth(Section):
    """Sign-in with a developer token; it ends after an hour and cannot be renewed."""

    method: Literal["token"] = Field(description="sign in with a developer token")
    token: Filled = Field(description="the token; name a variable, never the token itself")


class BoxSettings(Section):
    """Where Box is and who we are there."""

    base_url: Address = Field(BOX, description="address of the API")
    upload_url: Address = Field(
        default_factory=lambda box: upload_address(box["base_url"]),
        description="address for uploads; follows from base_url unless given",
    )
    oauth_url: Address = Field(
        default_factory=lambda box: sign_in_address(box["base_url"]),
        description="address of the sign-in page; follows from base_url unless given",
    )
    auth: JwtAuth | CcgAuth | TokenAuth = Field(discriminator="method", description="how to sign in")


class Authority(StrEnum):
    """What the absence of a person from the roster means."""

    FULL = "full"
    PARTIAL = "partial"


class RosterKind(StrEnum):
    """Which kind of user the rows of the roster are."""

    MANAGED = "managed"
    APP = "app"
    COLUMN = "column"


class RosterSettings(Section):
    """Where the roster is and how its columns are to be understood."""

    path: RosterPath = Field(
        description=".csv .tsv .txt .xlsx .xlsm .xlsb .xls .ods .parquet; a glob takes the newest file; - is standard input"
    )
    authority: Authority = Field(
        Authority.FULL,
        description="full: who is absent may be a leaver; partial: only the people named are touched",
    )
    kind: RosterKind = Field(
        RosterKind.MANAGED, description="managed, app, or column: the roster's own column decides"
    )
    columns: dict[Verbatim, RosterField] = Field(
        default_factory=dict,
        description='header, or template as "{First} {Last}", to roster field, or to ignore: not read',
    )
    sheet: Verbatim | None = Field(
        None, description="sheet of a workbook; by default the only one that reads like a roster"
    )
    header_row: int | None = Field(
        None, ge=1, le=1_048_576, description="row of the header as the spreadsheet counts"
    )
    encoding: Encoding | None = Field(
        None, description="encoding of a text file; by default told by its bytes and names, or asked for"
    )
    delimiter: Delimiter | None = Field(None, description="by default recognised")
    limits: FileLimits = FileLimits()

    @property
    def kinds(self) -> frozenset[UserKind]:
        """The kinds of user this job looks after."""
        if self.kind is RosterKind.COLUMN:
            return frozenset(UserKind)
        return frozenset({UserKind(self.kind.value)})


class Scope(Section):
    """The existing users this job may touch at all."""

    domains: tuple[Domain, ...] = Field(
        (), description="domains of managed users' logins; empty: all of them"
    )
    protect: tuple[Filled, ...] = Field(
        (), description="logins or external ids (with * and ?) never to be touched"
    )
    coadmins: tuple[Filled, ...] = Field(
        (),
        description="co-admins (logins, with * and ?) who may be changed and removed like anybody",
    )
    protect_managers: bool = Field(
        False, description="whether the managers of active people (roster column manager) are never removed"
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

    after: Duration = Field(description="how long after the person left, as 0d or 30d")
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
    empty_hours: float = Field(
        12.0,
        gt=0,
        le=8760,
        description="hours between two looks that prove a transfer: nothing is owned any more",
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
        "month", description="folders in it: one a month, one a first letter of the login, or none"
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
        description="stages for single parts of the people in place of these; a part is named as guards.by divides",
    )
    archive: Archive | None = Field(
        None, description="by default the folders stay where a transfer puts them"
    )
    timezone: ZoneOfDates = Field(
        "UTC",
        description="time zone in which start_date and end_date are meant; person: the one of the row, UTC without one",
    )

    def zone(self, own: str = "") -> ZoneInfo:
        """The time zone of a person's dates; ``own`` is that of the row, "" for none."""
        return ZoneInfo((own or "UTC") if self.timezone == OWN_ZONE else self.timezone)

    def of(self, segment: str) -> Lifecycle:
        """How people of one part leave."""
        stages = self.by_segment.get(segment)
        return self if stages is None else self.model_copy(update={"leavers": stages})


class OnDrift(StrEnum):
    """What becomes of an attribute that was changed in Box while the roster says the same as before."""

    ROSTER = "roster"
    BOX = "box"
    REPORT = "report"


class ApplySettings(Section):
    """How fast and with how many workers."""

    requests_per_minute: float = Field(
        1000.0, ge=1, description="calls a minute, all workers and all runs on this machine together"
    )
    uploads_per_minute: float = Field(
        240.0, ge=1, description="uploads a minute, counted apart from the calls and shared alike"
    )
    monthly_calls: int | None = Field(
        None, ge=1, description="calls that the runs of this job may make in a calendar month (UTC)"
    )
    workers: int = Field(
        32,
        ge=1,
        le=64,
        description="calls under way at once at most; fewer while fewer keep the limit busy",
    )
    timeout_seconds: float = Field(60.0, gt=0, le=3600, description="how long to wait for an answer")
    give_up_after: Duration = Field(
        timedelta(hours=1), description="how long to wait while Box answers nobody; then exit 5, resumable"
    )


class ReportFormat(StrEnum):
    """A form of the reconciliation."""

    HTML = "html"
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


class ReportSettings(Section):
    """What is written after a run."""

    formats: tuple[ReportFormat, ...] = Field(
        tuple(ReportFormat), description="which of html, csv, xlsx, json"
    )


class Job(FromFile):
    """One batch, as its job file describes it. Paths are absolute once loaded."""

    version: Annotated[Literal[1], Version] = Field(description="version of the job file's form: 1")
    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$", description="short name; by default the file's"
    )
    box: BoxSettings
    roster: RosterSettings
    scope: Scope = Scope()
    guards: Guards = Guards()
    lifecycle: Lifecycle = Lifecycle()
    apply: ApplySettings = ApplySettings()
    state: DatabaseUrl = Field(
        "sqlite:///state/provision.db", validate_default=True, description="the ledger: a database URL"
    )
    runs: JobPath = Field(Path("runs"), validate_default=True, description="folder of the run folders")
    report: ReportSettings = ReportSettings()
    match: dict[str, Any] = Field(default_factory=dict, max_length=0, description="not carried out yet")
    attributes: dict[AttributeName, OnDrift] = Field(
        default_factory=dict,
        description='attribute, or "*" for all others, to who is right when it was changed in Box and not in the roster: '
        "roster writes it back (so without this key), box leaves it, report leaves and tells it",
    )
    groups: dict[str, Any] = Field(default_factory=dict, max_length=0, description="not carried out yet")
    onboarding: dict[str, Any] = Field(default_factory=dict, max_length=0, description="not carried out yet")
    notify: dict[str, Any] = Field(default_factory=dict, max_length=0, description="not carried out yet")

    @classmethod
    def load(cls, path: str | Path, environ: Mapping[str, str] | None = None) -> Job:
        """The job of a job file, variables from ``environ``, by default the process's. Raises JobError."""
        loader = import_module("provision.job.load")  # looked up late, since it is made of this class
        job: Job = loader.load_job(Path(path), os.environ if environ is None else environ)
        return job

    @field_validator("lifecycle")
    @classmethod
    def _parts_are_known(cls, lifecycle: Lifecycle, info: ValidationInfo) -> Lifecycle:
        guards = info.data.get("guards")
        if lifecycle.by_segment and guards is not None and guards.by is None:
            raise ValueError("its by_segment needs guards.by, which says how people are divided")
        return lifecycle
