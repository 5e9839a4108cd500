"""The job as a frozen value: every key a job file may have, with its meaning and its default.

The field descriptions are the reference documentation of the keys; :mod:`provision.job.reference` makes a table of them, for provision help keys and for docs/keys.md.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from provision.job.groups import GroupSettings
from provision.job.lifecycle import Lifecycle
from provision.job.limits import Approvals, Guards
from provision.job.nightly import Hooks, MetricsSettings, Notify
from provision.job.onboarding import OnboardingSettings
from provision.job.places import BOX, sign_in_address, upload_address
from provision.job.roster import Authority, Duplicates, RosterKind, RosterSettings
from provision.job.section import FromFile, Section
from provision.job.values import (
    Address,
    AttributeName,
    CopyPlace,
    DatabaseUrl,
    Domain,
    Duration,
    Filled,
    JobPath,
    Version,
)

#: what other rooms take from here; the section on the roster has a module of its own
__all__ = [
    "Aliases", "ApplySettings", "Authority", "BoxSettings", "CcgAuth", "Duplicates", "Job", "JwtAuth", "LoginChanges", "Match", "OldLogin", "OnDrift", "ReportFormat",
    "ReportSettings", "RosterKind", "RosterSettings", "Scope", "StateSettings", "TokenAuth",
]  # fmt: skip


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
        description="people (logins, with * and ?) who may be co-admins: their rights are given with an approval, and taken back, and they may be "
        "changed and removed like anybody",
    )
    protect_managers: bool = Field(
        False, description="whether the managers of active people (roster column manager) are never removed"
    )


class OnDrift(StrEnum):
    """What becomes of an attribute that was changed in Box while the roster says the same as before."""

    ROSTER = "roster"
    BOX = "box"
    REPORT = "report"


class LoginChanges(StrEnum):
    """What becomes of somebody who has another login in the roster than in Box."""

    HOLD = "hold"
    APPLY = "apply"


class OldLogin(StrEnum):
    """What becomes of a login that is one no more."""

    KEEP = "keep"
    DROP = "drop"


class Match(Section):
    """What follows from who is who."""

    login_changes: LoginChanges = Field(
        LoginChanges.HOLD,
        description="a known person with another login in the roster: hold waits for a person, apply makes it the login in Box",
    )
    old_login: OldLogin = Field(
        OldLogin.KEEP,
        description="the old login: keep leaves it as an alias, drop removes it; one that another row claims always moves",
    )
    wait: Duration = Field(
        timedelta(days=14),
        description="how long an address may wait to be confirmed before it is exit 3 again",
    )


class Aliases(Section):
    """Further addresses of managed users, from the roster field aliases."""

    remove: bool = Field(
        False,
        description="whether aliases that this job added are removed again once the row names others",
    )


class ApplySettings(Section):
    """How fast and with how many workers."""

    requests_per_minute: float = Field(
        1000.0, ge=1, description="calls a minute, all workers and all runs on this machine together"
    )
    uploads_per_minute: float = Field(
        240.0,
        ge=1,
        description="uploads a minute, counted apart from the calls, all runs on this machine together",
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
        description="how long to wait while Box throttles or does not answer; then exit 7, or 5 after the first write",
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
    copy_to: CopyPlace | None = Field(
        None,
        repr=False,
        description="a folder, or an address (sftp:// s3:// gs:// abfs://, credentials in it by variables), that gets a copy of each preview and "
        "report, below the run's id; with personal data",
    )


#: a key that is shorter may be guessed
_KEY_LENGTH = 32


class StateSettings(Section):
    """Where the ledger is, and the key that run folders are sealed with; a job file may say the URL alone."""

    url: DatabaseUrl = Field(
        "sqlite:///state/provision.db",
        validate_default=True,
        description="the ledger: a database URL, sqlite or postgresql+psycopg; state: URL says the same",
    )
    key: Filled | None = Field(
        None,
        repr=False,
        description="the key that seals run folders, as a variable; without it PROVISION_KEY, or a file beside a SQLite ledger",
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
    match: Match = Match()
    aliases: Aliases = Aliases()
    attributes: dict[AttributeName, OnDrift] = Field(
        default_factory=dict,
        description='attribute, or "*" for all others, to who is right when it was changed in Box and not in the roster: '
        "roster writes it back (so without this key), box leaves it, report leaves and tells it",
    )
    groups: GroupSettings | None = None
    onboarding: OnboardingSettings | None = None
    notify: tuple[Notify, ...] = ()
    metrics: MetricsSettings = MetricsSettings()
    hooks: Hooks = Hooks()

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
