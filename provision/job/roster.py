"""The section on the roster: the file, or several of them, and how their columns are to be understood."""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from provision.job.limits import FileLimits
from provision.job.section import Section
from provision.job.values import (
    Delimiter,
    Duration,
    Encoding,
    Filled,
    PlainField,
    RosterField,
    RosterPath,
    Verbatim,
    Words,
    word_key,
)
from provision.model import ROSTER_FIELDS, TRACKING_PREFIX, UserKind


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


class RosterFile(Section):
    """Where one file is and how it is to be read."""

    path: RosterPath = Field(
        "",
        repr=False,
        description="this or sources: .csv .tsv .txt .xlsx .xlsm .xlsb .xls .ods .parquet; a glob takes the newest file; - is standard "
        "input; or an address: https:// sftp:// s3:// gs:// abfs://, credentials in it by variables",
    )
    columns: dict[Verbatim, RosterField] = Field(
        default_factory=dict,
        description='header, or template as "{First} {Last}", to roster field, or to ignore: not read',
    )
    values: dict[Filled, dict[Verbatim, str]] = Field(
        default_factory=dict,
        description="what words in the file mean, by roster field, for example status: {Retired: inactive}; or tables for {Header|map:TABLE}",
    )
    where: dict[Verbatim, Words] = Field(
        default_factory=dict,
        description="the rows to use, by header and allowed values, for example Employment Type: [Regular, Intern]; a row has "
        'to match every header, and nothing is done about the people of other rows; "" is an empty cell',
    )
    where_not: dict[Verbatim, Words] = Field(
        default_factory=dict,
        description="rows to leave out, in the same form: a row that matches any header is left out",
    )
    duplicates: Duplicates = Field(
        Duplicates.ERROR,
        description="which row to use when one person has several that differ and have not ended; error: none of them, all are rejected",
    )
    max_age: Duration | None = Field(
        None, description="a roster file that is older than this is refused, for example 36h"
    )
    sheet: Verbatim | None = Field(
        None, description="sheet of a workbook; by default the only one that reads like a roster"
    )
    header_row: int | None = Field(
        None, ge=1, le=1_048_576, description="row of the header as the spreadsheet counts"
    )
    encoding: Encoding | None = Field(
        None,
        description="encoding of a text file; detected by default, and asked for where that is not certain",
    )
    delimiter: Delimiter | None = Field(None, description="detected by default")


#: a source is named in guards, messages and reports
SourceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]


class SourceSettings(RosterFile):
    """One of several files. What it does not say, the roster says for all of them."""

    name: SourceName = Field(description="short name for reports, guards and precedence")
    path: RosterPath = Field(description="as roster.path")


class RosterSettings(RosterFile):
    """Where the roster is and how its columns are to be understood."""

    authority: Authority = Field(
        Authority.FULL,
        description="full: who is absent may be a leaver; partial: only the people named are touched",
    )
    kind: RosterKind = Field(
        RosterKind.MANAGED, description="managed, app, or column: the roster's own column decides"
    )
    sources: tuple[SourceSettings, ...] = Field(
        (),
        description="several files in the place of path, each with a name and its own keys; where two name one person, the first counts",
    )
    precedence: dict[PlainField, tuple[SourceName, ...]] = Field(
        default_factory=dict,
        description="which source wins for a roster field, for example job_title: [contractors, hr]",
    )
    limits: FileLimits = FileLimits()

    @model_validator(mode="after")
    def _files_are_known(self) -> RosterSettings:
        if bool(self.path) == bool(self.sources):
            raise ValueError("needs either path or sources, which says where the roster is")
        names = self.source_names
        if twice := [name for name, times in Counter(names).items() if times > 1]:
            raise ValueError(f'sources has the name "{twice[0]}" twice')
        alike = {name.casefold(): name for name in names}
        if other := [name for name in names if alike[name.casefold()] != name]:
            pair = f'"{other[0]}" and "{alike[other[0].casefold()]}"'
            raise ValueError(f"sources has {pair}, which differ in upper and lower case only")
        if [each.path for each in self.sources].count("-") > 1:
            raise ValueError("only one of sources can be -, which is standard input")
        for field, asked in self.precedence.items():
            if strange := [name for name in asked if name not in names]:
                raise ValueError(f'precedence of "{field}" names "{strange[0]}", which is none of sources')
            if len(set(asked)) < len(asked):
                raise ValueError(f'precedence of "{field}" names a source twice')
        return self

    @model_validator(mode="after")
    def _tables_are_used(self) -> RosterSettings:
        for each in self.files:
            asked = {name.strip() for key in each.columns for name in _TABLE.findall(key)}
            for name in each.values:
                if not (name in ROSTER_FIELDS or name.startswith(TRACKING_PREFIX) or name in asked):
                    raise ValueError(
                        f'values has "{name}", which is no roster field and no table of a template'
                    )
                if len(each.words[name]) < len(each.values[name]):
                    raise ValueError(f'values of "{name}" has a word twice, in other letters or blanks')
        return self

    @property
    def files(self) -> tuple[RosterSettings, ...]:
        """What holds for each file; of one without a name that is this."""
        if not self.sources:
            return (self,)
        return tuple(map(self._with, self.sources))

    @property
    def source_names(self) -> tuple[str, ...]:
        """The names of the sources, in their order; none for a roster of one file."""
        return tuple(each.name for each in self.sources)

    def _with(self, source: SourceSettings) -> RosterSettings:
        said = {key: getattr(source, key) for key in source.model_fields_set if key != "name"}
        return self.model_copy(update={"sources": (), "precedence": {}, **said})

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
