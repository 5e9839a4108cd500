"""The limits of a job: what is over one waits for a person."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator, model_validator

from provision.job.section import Section
from provision.job.values import Filled, Segment


class Guard(Section):
    """A limit on one kind of operation: a count, a share of the accounts in percent, or counts over days."""

    count: int | None = Field(None, ge=0, description="the maximum number")
    percent: float | None = Field(None, ge=0, le=100, description="the maximum share of the job's accounts")
    per_day: int | None = Field(None, ge=0, description="the maximum in 24 hours, over all runs")
    per_week: int | None = Field(None, ge=0, description="the maximum in 7 days")
    per_month: int | None = Field(None, ge=0, description="the maximum in 30 days")

    @model_validator(mode="after")
    def _says_something(self) -> Guard:
        if all(
            value is None for value in (self.count, self.percent, self.per_day, self.per_week, self.per_month)
        ):
            raise ValueError("give count, percent, per_day, per_week or per_month")
        return self


class Shrink(Section):
    """How much smaller than the last accepted one a complete roster may be."""

    percent: float = Field(5, ge=0, le=100, description="the maximum share of the rows that may be missing")


class ResentFiles(StrEnum):
    """What a roster with the bytes of an earlier one, written again since, says of those who are absent."""

    IGNORE = "ignore"
    COUNT = "count"


class MassChange(Section):
    """How many people may get another value of one and the same attribute in one run."""

    percent: float = Field(ge=0, le=100, description="the maximum share of the people matched")


#: version of what is limited where a job says nothing; see :mod:`provision.job.fingerprint`
DEFAULTS = 1
#: new or changed accounts after a first complete roster, and for rosters that name only some people
GROWTH, GROWTH_OF_PARTIAL = Guard(percent=25), Guard(count=500)
#: one attribute that changes for many: likely a column that slipped
SLIPPED = MassChange(percent=30)

#: the word that switches a limit off
OFF = "off"
#: what a limit is that was switched off, which is another thing than one that nobody spoke of
_NO_LIMIT, _ANY_SHARE = Guard.model_construct(), MassChange(percent=100)


def _switched_off(value: Any, told: ValidatorFunctionWrapHandler) -> Any:
    return _NO_LIMIT if value == OFF else told(value)


def _unsaid_if_off(value: Any, told: ValidatorFunctionWrapHandler) -> Any:
    return None if value == OFF else told(value)


def _any_share(value: Any, told: ValidatorFunctionWrapHandler) -> Any:
    return _ANY_SHARE if value == OFF else told(value)


class Guards(Section):
    """Limits: what is over one waits for a person. The way past is ``approve``, or ``--allow NAME=N`` with an exact number."""

    removals: Guard = Field(Guard(count=10, percent=5), description="deactivations, deletions and roll-outs")
    creates: Annotated[Guard | None, WrapValidator(_switched_off)] = Field(
        None,
        description="default: 25% once a full roster was applied, 500 for partial rosters; off: no limit",
    )
    updates: Annotated[Guard | None, WrapValidator(_switched_off)] = Field(None, description="likewise")
    transfers: Guard = Field(Guard(count=10, percent=5), description="leavers whose content is moved")
    groups: Annotated[Guard | None, WrapValidator(_switched_off)] = Field(
        Guard(count=20), description="groups that are created; off: no limit"
    )
    memberships_added: Annotated[Guard | None, WrapValidator(_switched_off)] = Field(
        None,
        description="group memberships added or whose role changes; a percentage is of the accounts; default: as for creates",
    )
    memberships_removed: Guard = Field(
        Guard(count=25, percent=5),
        description="group memberships removed; a percentage is of the accounts",
    )
    login_changes: Guard = Field(
        Guard(count=25, percent=10), description="people whose login changes (match.login_changes: apply)"
    )
    aliases_removed: Guard = Field(
        Guard(count=25, percent=10), description="aliases that are removed (aliases.remove)"
    )
    invites: Guard = Field(Guard(count=25), description="people newly invited (onboarding.invite_existing)")
    collaborations: Annotated[Guard | None, WrapValidator(_switched_off)] = Field(
        None,
        description="accesses to folders given to new people and groups (onboarding.collaborations), counted per folder; default: no limit",
    )
    seats: Annotated[int | None, Field(ge=0), WrapValidator(_unsaid_if_off)] = Field(
        None,
        description="managed users the enterprise may have, including inactive ones; creates and invitations beyond that wait; off: no limit",
    )
    mass_change: Annotated[MassChange | None, WrapValidator(_any_share)] = Field(
        None,
        description="default: 30% of 20 or more accounts, for the name from the first run, for other attributes once a roster was applied; off: no limit",
    )
    shrink: Shrink = Field(Shrink(), description="rows missing since the last accepted complete roster")
    stale: Literal["off"] | None = Field(
        None, description="off: an older roster may be applied again; by default that is refused"
    )
    by: Segment | None = Field(
        None,
        description="domain, kind, department, an attribute or tracking_codes.NAME: percent limits also hold for each part",
    )
    owner: Filled | None = Field(
        None, description="who decides about what a guard holds; named in reports and by provision holds"
    )


class Approvals(Section):
    """How many people have to say yes to what waits for a person."""

    required: int = Field(
        1,
        ge=1,
        le=9,
        description="how many people have to approve what a guard or a doubt holds; two names that one user of the operating "
        "system gives are one person",
    )


class FileLimits(Section):
    """How large a roster file may be before it is taken for a mistake."""

    cell: int = Field(131_072, ge=1, description="characters of a cell")
    columns: int = Field(1_000, ge=1, le=100_000, description="columns of a file")
    rows: int = Field(
        1_048_576, ge=1, description="rows of a workbook's sheet; text and Parquet have no limit"
    )
    cells: int = Field(
        50_000_000, ge=1, description="cells of a workbook's sheets, empty ones between others included"
    )
    unpacked_gb: float = Field(
        2, gt=0, description="size of a workbook or a Parquet file once it is unpacked, in GB"
    )
    file_gb: float = Field(
        16,
        gt=0,
        description="size of a text or a Parquet file, or of what comes through a pipe, in GB",
    )
    seconds: int = Field(
        20,
        ge=1,
        description="CPU seconds that reading a file may take, plus one for each 2 MB of the file",
    )
