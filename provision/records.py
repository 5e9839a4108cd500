"""Records: files this program writes and reads again. The one place where their damage is noticed and told."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from provision.errors import DamagedFile
from provision.files import expect_file, opened, whole

T = TypeVar("T")

#: bytes of a record: a plan of a million changes has a third of it, and reading more would take all memory
LARGEST = 4 << 30
#: the same for records that say a few things of a run
LARGEST_NOTE = 64 << 20
#: what is raised by what reads a record that is no JSON, no UTF-8, of other types, without a key, or nested without end
_NO_RECORD = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)


def content_of(path: Path, remedy: str, largest: int = LARGEST_NOTE) -> bytes:
    """All bytes of a record. Raises FileNotFoundError where there is none, DamagedFile for what cannot be one."""
    try:
        with opened(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > largest:
                raise damaged(path, f"it has {size:,} bytes, more than this program writes there", remedy)
            return stream.read(size)  # room is made for as many as are asked for
    except FileNotFoundError:
        raise
    except PermissionError as error:
        raise _of_others(path, error) from None
    except OSError as error:
        raise damaged(path, error.strerror or type(error).__name__, remedy) from None
    except MemoryError:
        raise damaged(path, "there is not as much memory as it has bytes", remedy) from None


def read_record(path: Path, form: type[T], remedy: str, largest: int = LARGEST_NOTE) -> T:
    """A record in JSON, of this form. Raises FileNotFoundError where there is none, DamagedFile for any other."""
    return decoded(path, content_of(path, remedy, largest), form, remedy)


def decoded(path: Path, content: bytes, form: type[T], remedy: str) -> T:
    """What the bytes of a record say. Raises DamagedFile for what is no JSON, or of another form."""
    return sound(path, lambda: msgspec.json.decode(content, type=form), remedy)


def write_record(path: Path, value: object) -> None:
    """Write a record in JSON that people may look at, whole or not at all. Raises RunFolderError."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    whole(path, lambda part: part.write_text(f"{text}\n", encoding="utf-8"))


def sound(path: Path, make: Callable[[], T], remedy: str) -> T:
    """What ``make`` makes of a record; what it cannot be made of is damage. Raises DamagedFile."""
    try:
        return make()
    except DamagedFile:
        raise
    except _NO_RECORD as error:
        raise damaged(path, _why(error), remedy) from None


def expect_record(path: Path, remedy: str) -> None:
    """Look at what a library is to open by its name. Raises DamagedFile for what is no file, FileNotFoundError for none."""
    try:
        expect_file(path.stat())
    except FileNotFoundError:
        raise
    except PermissionError as error:
        raise _of_others(path, error) from None
    except OSError as error:
        raise damaged(path, error.strerror or type(error).__name__, remedy) from None


def damaged(path: Path, why: str, remedy: str) -> DamagedFile:
    """What is said of a record that is not as this program wrote it."""
    return DamagedFile(
        f"{path} cannot be read: {why}.",
        cause="it was edited, cut off or copied incompletely, or the disk lost what was written",
        remedy=remedy,
    )


def _of_others(path: Path, error: OSError) -> DamagedFile:
    """What is said of a record that is there and not for whoever runs this."""
    return DamagedFile(
        f"{path} cannot be read: {error.strerror}.",
        cause="it belongs to another user, or its folder does",
        remedy="let its owner do this, or let the user who runs this program read it",
    )


def _why(error: Exception) -> str:
    """What is wrong, without a value of the record."""
    if isinstance(error, msgspec.ValidationError):
        _, _, place = str(error).partition(" - at ")
        return f"it is not of the form that this program writes{f' ({place})' if place else ''}"
    if isinstance(error, RecursionError):
        return "it is nested deeper than this program writes"
    return "it is damaged"
