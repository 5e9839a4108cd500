"""The job as a frozen value: every key a job file may have, with its meaning and its default.

The field descriptions are the reference documentation of the keys; :mod:`provision.job.reference` makes the README's table of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from provision.job.lifecycle import Lifecycle
from provision.job.limits import Approvals, FileLimits, Guards
from provision.job.places import BOX, sign_in_address, upload_address
from provision.job.section import FromFile, Section
from provision.job.values import (
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
    Words,
    word_key,
)
from provision.model import ROSTER_FIELDS, TRACKING_PREFIX, UserKind


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

    base_url: Address = Field(BOX, description="address of the API; `http://` only on this machine")
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


#: the tables that templates of roster.columns take words from
_TABLE = re.compile(r"\|\s*map:([^|{}]+)")


class Duplicates(StrEnum):
    """Which of several rows of one person counts that all run and differ."""

    ERROR = "error"
    FIRST = "first"
    LAST = "last"
    LATEST_START = "latest_start"


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
    values: dict[Filled, dict[Verbatim, str]] = Field(
        default_factory=dict,
        description="words to be understood, by roster field, as status: {Retired: inactive}; or tables for {Header|map:TABLE}",
    )
    where: dict[Verbatim, Words] = Field(
        default_factory=dict,
        description="the rows that count, by header and the words it may have, as Employment Type: [Regular, Intern]; all "
        'headers have to fit, and nothing is done about the people of other rows; "" is an empty cell',
    )
    where_not: dict[Verbatim, Words] = Field(
        default_factory=dict, description="rows that do not count, likewise: those that any header fits"
    )
    duplicates: Duplicates = Field(
        Duplicates.ERROR,
        description="which of several rows of one person counts that have not ended and differ; error: none, and all are rejected",
    )
    max_age: Duration | None = Field(
        None, description="a roster file that was written longer ago is refused, as 36h"
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

    @model_validator(mode="after")
    def _tables_are_used(self) -> RosterSettings:
        asked = {name.strip() for key in self.columns for name in _TABLE.findall(key)}
        for name in self.values:
            if not (name in ROSTER_FIELDS or name.startswith(TRACKING_PREFIX) or name in asked):
                raise ValueError(f'values has "{name}", which is no roster field and no table of a template')
            if len(self.words[name]) < len(self.values[name]):
                raise ValueError(f'values of "{name}" has a word twice, in other letters or blanks')
        return self

    @property
    def words(self) -> dict[str, dict[str, str]]:
        """The words that the job teaches, by field or table and by word, as :func:`provision.job.values.word_key` gives it."""
        return {
            table: {word_key(word): meant for word, meant in words.items()}
            for table, words in self.values.items()
        }

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
        timedelta(hours=1),
        description="how long to wait while Box asks for patience or answers nobody; then exit 7, after the first write 5",
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


#: a key that is shorter may be guessed
_KEY_LENGTH = 32


class StateSettings(Section):
    """Where the ledger is, and the key that run folders are sealed with; a job file may say the URL alone."""

    url: DatabaseUrl = Field(
        "sqlite:///state/provision.db",
        validate_default=True,
        description="the ledger: a database URL; state: URL says the same",
    )
    key: Filled | None = Field(
        None,
        repr=False,
        description="what run folders are sealed with: a variable; without it PROVISION_KEY, beside a SQLite ledger a file of its own",
    )

    @model_validator(mode="before")
    @classmethod
    def _url_alone(cls, given: Any) -> Any:
        return {"url": given} if isinstance(given, str) else given

    @field_validator("key")
    @classmethod
    def _cannot_be_guessed(cls, key: str | None) -> str | None:
        if key is not None and len(key) < _KEY_LENGTH:
            raise ValueError(
                f"must have at least {_KEY_LENGTH} characters, as openssl rand -hex 32 makes them"
            )
        return key


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
    approvals: Approvals = Approvals()
    lifecycle: Lifecycle = Lifecycle()
    apply: ApplySettings = ApplySettings()
    state: StateSettings = StateSettings()
    runs: JobPath = Field(Path("runs"), validate_default=True, description="folder of the run folders")
    runs_group: Filled | None = Field(
        None,
        description="group of the operating system whose members may read run folders and approve what others have planned",
    )
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
