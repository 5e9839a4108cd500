"""The kinds of value a job file may hold beyond plain text and numbers; each refuses in plain words.

The folder of the job file comes from the validation context (key ``folder``); without one, places stay as they are written.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annotated_types import MinLen
from pydantic import AfterValidator, BeforeValidator, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from provision.job.places import IN_CLEAR, absolute, database_place, has_scheme, on_this_machine, roster_place
from provision.model import ATTRIBUTE, ROSTER_FIELDS, TRACKING_PREFIX
from provision.wording import tidy

#: stands in place of a roster field for a column that is not to be read although its header is known
IGNORE = "ignore"

#: what an address begins with to which reports can be copied
COPIED_TO = ("file", "sftp", "s3", "gs", "abfs", "abfss", "az")

#: stands in place of an attribute for all that are not named
EVERY = "*"

#: stands in place of a time zone for that of each person's own row
OWN_ZONE = "person"

_DURATION = re.compile(r"\s*([0-9]+)\s*([smhdw])\s*")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
#: a hundred years; whoever writes more has mistyped it
_LONGEST_DAYS = 36_500
#: signs that mean something else in a text file
_NO_DELIMITERS = ('"', "\n", "\r", "\0")
_ADDRESS = re.compile(r"https?://[^/\s?#@]+[^\s?#@]*")
_DOMAIN = re.compile(r"[^\s@*?/]+")


#: what people can be divided by
_PARTS = ("domain", "kind", "role", "language", "timezone", "job_title")


def word_key(word: str) -> str:
    """Equal for two words of a roster that mean the same: letter case, kinds of blanks and forms of letters do not count."""
    return tidy(word).casefold()


def as_duration(value: object) -> timedelta:
    """A length of time as it is written, as ``12h``. Raises ValueError for anything else."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and (match := _DURATION.fullmatch(value)):
        return _length(match[1], _SECONDS[match[2]])
    raise ValueError("must be a number with a unit, as 90s, 10m, 12h, 30d or 2w")


def _length(number: str, unit: int) -> timedelta:
    longest = _LONGEST_DAYS * _SECONDS["d"]
    if len(number.lstrip("0")) > len(str(longest)) or int(number) * unit > longest:
        raise ValueError(f"is too long: at most {_LONGEST_DAYS}d, which is a hundred years")
    return timedelta(seconds=int(number) * unit)


def _segment(value: str) -> str:
    """What people are divided by. A department is a tracking code of that name: Box has no such attribute."""
    if value == "department":
        return f"{TRACKING_PREFIX}department"
    if value in _PARTS or (value.startswith(TRACKING_PREFIX) and len(value) > len(TRACKING_PREFIX)):
        return value
    raise ValueError(f"must be one of {', '.join(_PARTS)}, department or {TRACKING_PREFIX}NAME")


def _version(value: object) -> int:
    if value in (1, "1"):
        return 1
    raise ValueError("this program reads version 1")


def _address(value: str) -> str:
    if _ADDRESS.fullmatch(value) is None or not _has_host(value):
        raise ValueError("must be an address, as https://api.box.com")
    if value.startswith("http:") and not on_this_machine(value):
        raise ValueError(IN_CLEAR)
    return value.rstrip("/")


def _has_host(address: str) -> bool:
    """Whether host and port can be told, which a bracket that is not closed or a port of 70000 prevents."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _delimiter(value: str) -> str:
    if value in _NO_DELIMITERS:
        raise ValueError('must not be a quotation mark or a line end; usual are ",", ";" and "|"')
    return value


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


def _zone_of_dates(value: str) -> str:
    return value if value == OWN_ZONE else _timezone(value)


def _roster_field(value: str) -> str:
    named = value.removeprefix(TRACKING_PREFIX)
    if value == IGNORE or value in ROSTER_FIELDS or (named and named != value):
        return value
    raise PydanticCustomError(
        "choice", "must be a roster field", {"among": (*ROSTER_FIELDS, "tracking_codes.NAME", IGNORE)}
    )


def _plain_field(value: str) -> str:
    if value == IGNORE:
        raise PydanticCustomError(
            "choice", "must be a roster field", {"among": (*ROSTER_FIELDS, "tracking_codes.NAME")}
        )
    return _roster_field(value)


def _attribute_name(value: str) -> str:
    if value == EVERY or value in ATTRIBUTE or value.removeprefix(TRACKING_PREFIX) not in ("", value):
        return value
    raise PydanticCustomError(
        "choice", "is no attribute of an account", {"among": (*ATTRIBUTE, "tracking_codes.NAME", EVERY)}
    )


def _folder(info: ValidationInfo) -> Path | None:
    return info.context.get("folder") if info.context else None


def _path(value: Path, info: ValidationInfo) -> Path:
    folder = _folder(info)
    return Path(absolute(str(value), folder)) if folder else value


def _roster_path(value: str, info: ValidationInfo) -> str:
    folder = _folder(info)
    return roster_place(value, folder) if folder and value != "-" else value


def _copy_place(value: str, info: ValidationInfo) -> str:
    if has_scheme(value) and value.partition("://")[0].lower() not in COPIED_TO:
        raise ValueError(
            f"must be a folder, or an address that begins with {', '.join(f'{each}://' for each in COPIED_TO)}"
        )
    folder = _folder(info)
    return roster_place(value, folder) if folder else value


def _database(value: str, info: ValidationInfo) -> str:
    folder = _folder(info)
    return database_place(value, folder) if folder else value


#: text with something in it
Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

#: the same with its blanks kept: names of sheets and headers may begin or end with one
Verbatim = Annotated[str, StringConstraints(min_length=1)]

#: one word of a roster, or several; "" is an empty cell
Words = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda words: (words,) if isinstance(words, str) else words),
    MinLen(1),
]

#: one sign that separates cells
Delimiter = Annotated[str, StringConstraints(min_length=1, max_length=1), AfterValidator(_delimiter)]

#: a length of time, at most a hundred years, written ``12h``, ``30d`` or ``2w``
Duration = Annotated[timedelta, BeforeValidator(as_duration)]

#: what guards divide people by
Segment = Annotated[Filled, AfterValidator(_segment)]

#: the version of the job file's form
Version = BeforeValidator(_version)

#: ``https://`` and a host, without credentials and without a slash at the end; ``http://`` on this machine alone
Address = Annotated[str, AfterValidator(_address)]

#: what stands after the @ of a login, in lower case
Domain = Annotated[Filled, AfterValidator(_domain)]

#: a name that Python's codecs know
Encoding = Annotated[Filled, AfterValidator(_encoding)]

#: a name of the IANA time zone database, or ``person``
ZoneOfDates = Annotated[str, AfterValidator(_zone_of_dates)]

#: one of ``ROSTER_FIELDS``, ``tracking_codes.NAME``, or ``ignore`` for a column that is not to be read
RosterField = Annotated[str, AfterValidator(_roster_field)]

#: one of ``ROSTER_FIELDS``, or ``tracking_codes.NAME``
PlainField = Annotated[str, AfterValidator(_plain_field)]

#: an attribute, ``tracking_codes.NAME``, or ``*`` for all that are not named
AttributeName = Annotated[str, AfterValidator(_attribute_name)]

#: a path, absolute once loaded
JobPath = Annotated[Path, BeforeValidator(lambda value: value or None), AfterValidator(_path)]

#: a path, glob or URL of a roster; paths are absolute once loaded
RosterPath = Annotated[Filled, AfterValidator(_roster_path)]

#: a folder or an address to which files can be copied; a path is absolute once loaded
CopyPlace = Annotated[Filled, AfterValidator(_copy_place)]

#: a database URL; the path of an SQLite file is absolute once loaded
DatabaseUrl = Annotated[Filled, AfterValidator(_database)]
