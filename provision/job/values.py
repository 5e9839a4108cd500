"""The kinds of value a job file may hold beyond plain text and numbers; each refuses in plain words.

The folder of the job file comes from the validation context (key ``folder``); without one, places stay as they are written.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from provision.job.places import absolute, database_place, roster_place
from provision.model import ROSTER_FIELDS, TRACKING_PREFIX

#: stands in place of a roster field for a column that is not to be read although its header is known
IGNORE = "ignore"

_DURATION = re.compile(r"\s*([0-9]{1,5})\s*([hdw])\s*")
_HOURS = {"h": 1, "d": 24, "w": 168}
_ADDRESS = re.compile(r"https?://[^/\s?#@]+[^\s?#@]*")
_DOMAIN = re.compile(r"[^\s@*?/]+")


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and (match := _DURATION.fullmatch(value)):
        return timedelta(hours=int(match[1]) * _HOURS[match[2]])
    raise ValueError("must be a number with a unit, as 12h, 30d or 2w")


def _version(value: object) -> int:
    if value in (1, "1"):
        return 1
    raise ValueError("this program reads version 1")


def _address(value: str) -> str:
    if _ADDRESS.fullmatch(value) is None:
        raise ValueError("must be an address, as https://api.box.com")
    return value.rstrip("/")


def _domain(value: str) -> str:
    if "@" in value:
        raise ValueError("must be a domain alone, without @ and what stands before it")
    if _DOMAIN.fullmatch(value) is None:
        raise ValueError("must be a domain, as acme.example")
    return value.lower()


def _encoding(value: str) -> str:
    try:
        "".encode(value)
    except (LookupError, ValueError) as error:
        raise ValueError("must be the name of an encoding, as utf-8 or cp1252") from error
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        from zoneinfo import available_timezones

        known = {"among": tuple(sorted(available_timezones()))}
        raise PydanticCustomError(
            "choice", "must be the name of a time zone, as Europe/Berlin", known
        ) from error
    return value


def _roster_field(value: str) -> str:
    named = value.removeprefix(TRACKING_PREFIX)
    if value == IGNORE or value in ROSTER_FIELDS or (named and named != value):
        return value
    raise PydanticCustomError(
        "choice", "must be a roster field", {"among": (*ROSTER_FIELDS, "tracking_codes.NAME", IGNORE)}
    )


def _folder(info: ValidationInfo) -> Path | None:
    return info.context.get("folder") if info.context else None


def _path(value: Path, info: ValidationInfo) -> Path:
    folder = _folder(info)
    return Path(absolute(str(value), folder)) if folder else value


def _roster_path(value: str, info: ValidationInfo) -> str:
    folder = _folder(info)
    return roster_place(value, folder) if folder else value


def _database(value: str, info: ValidationInfo) -> str:
    folder = _folder(info)
    return database_place(value, folder) if folder else value


#: text with something in it
Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

#: the same with its blanks kept: names of sheets and headers may begin or end with one
Verbatim = Annotated[str, StringConstraints(min_length=1)]

#: a length of time, written ``12h``, ``30d`` or ``2w``
Duration = Annotated[timedelta, BeforeValidator(_duration)]

#: the version of the job file's form
Version = BeforeValidator(_version)

#: ``http://`` or ``https://`` and a host, without credentials and without a slash at the end
Address = Annotated[str, AfterValidator(_address)]

#: what stands after the @ of a login, in lower case
Domain = Annotated[Filled, AfterValidator(_domain)]

#: a name that Python's codecs know
Encoding = Annotated[Filled, AfterValidator(_encoding)]

#: a name of the IANA time zone database
Timezone = Annotated[str, AfterValidator(_timezone)]

#: one of ``ROSTER_FIELDS``, ``tracking_codes.NAME``, or ``ignore`` for a column that is not to be read
RosterField = Annotated[str, AfterValidator(_roster_field)]

#: a path, absolute once loaded
JobPath = Annotated[Path, BeforeValidator(lambda value: value or None), AfterValidator(_path)]

#: a path, glob or URL of a roster; paths are absolute once loaded
RosterPath = Annotated[Filled, AfterValidator(_roster_path)]

#: a database URL; the path of an SQLite file is absolute once loaded
DatabaseUrl = Annotated[Filled, AfterValidator(_database)]
