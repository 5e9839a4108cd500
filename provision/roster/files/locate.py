"""Finds the roster file and takes its bytes once, so that what is read is what was fingerprinted."""

from __future__ import annotations

import glob
import hashlib
import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath

from provision.errors import RosterError
from provision.job.limits import FileLimits
from provision.roster.files.content import Copied, FileContent, InMemory, copied
from provision.roster.files.file_limits import refuse_size
from provision.roster.files.remote import Fetched, fetch, is_remote
from provision.roster.files.spool import STANDARD_INPUT, comes_once, spooled

#: bytes from which on a text or Parquet is copied to disk and read in pieces. Below, all that becomes of it takes up to 2 GB of
#: memory, which everybody has, and pieces would be slower: they are written to disk and read again
LARGE = 256 << 20
#: bytes at the beginning that tell how a text is written
_HEAD = 1 << 20


class Form(StrEnum):
    """How the cells of a roster file are stored."""

    TEXT = "text"
    WORKBOOK = "workbook"
    PARQUET = "parquet"


#: file name ending to form
FORMS = {
    ".csv": Form.TEXT,
    ".tsv": Form.TEXT,
    ".txt": Form.TEXT,
    ".xlsx": Form.WORKBOOK,
    ".xlsm": Form.WORKBOOK,
    ".xlsb": Form.WORKBOOK,
    ".xls": Form.WORKBOOK,
    ".ods": Form.WORKBOOK,
    ".parquet": Form.PARQUET,
}

#: first bytes of an Office workbook of the old binary form, also of an encrypted one
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: first bytes of a zip archive, which .xlsx and .ods are
ZIP = b"PK\x03\x04"
#: first bytes of a Parquet file
PARQUET = b"PAR1"


@dataclass(frozen=True, slots=True)
class Source:
    """One roster file. ``stored`` are its bytes as they were at one moment, ``digest`` their fingerprint to come.

    ``modified_ns`` is the time of its last change in nanoseconds since 1970, taken before it was read; 0 is none, as for a pipe, and
    UNTOLD that of a server that does not tell it. ``address`` is where it lies elsewhere, as it may be shown, "" for a file of this machine.
    """

    path: Path
    stored: FileContent
    digest: Future[str]
    form: Form
    notes: tuple[str, ...] = ()
    modified_ns: int = 0
    address: str = ""

    @property
    def place(self) -> str:
        """Where it lies: its path, or its address as it may be shown."""
        return self.address or str(self.path)

    @property
    def content(self) -> bytes:
        """All bytes, in memory."""
        return self.stored.part(0, self.stored.size)

    @property
    def head(self) -> bytes:
        """The first bytes, 1 MiB at most."""
        return self.stored.part(0, _HEAD)

    @property
    def in_memory(self) -> bool:
        """Whether the bytes lie in memory, where they are best read at once."""
        return not isinstance(self.stored, Copied)

    @property
    def sha256(self) -> str:
        """The fingerprint of the bytes."""
        return self.digest.result()

    @property
    def name(self) -> str:
        """The file's name without its folder, as messages show it."""
        return "standard input" if self.path == STANDARD_INPUT else self.path.name


def locate(pattern: str, path: Path | None, limits: FileLimits) -> Source:
    """Read the file that ``path``, or else the job's ``pattern``, means.

    A pattern with ``*``, ``?`` or ``[`` means the newest file that matches (by modification time, then by name);
    lock files of spreadsheet programs (``~$…``) and hidden files do not count. ``-`` is standard input. Raises RosterError
    if there is no such file, if it cannot be read, is empty, too large, or has an unknown ending, for a pipe from which nothing comes, and
    for a device.
    """
    if path is None and is_remote(pattern):
        return _from_elsewhere(fetch(pattern, limits), limits)
    found, notes = (path, ()) if path is not None else _choose(pattern)
    once = comes_once(found)
    form = None if once else _form(found)
    changed = 0 if once else _modified(found)
    content = _content(found, form, limits)
    return Source(found, content, _digest(content), form or _form_within(content), notes, changed)


def _from_elsewhere(fetched: Fetched, limits: FileLimits) -> Source:
    """What was fetched, of the form that its name says, or else its first bytes."""
    form = FORMS.get(PurePath(fetched.name).suffix.casefold()) or _form_within(fetched.content)
    if not fetched.content.size:
        raise _empty(fetched.name)
    refuse_size(fetched.content.size, _most(form, limits), fetched.name)
    content = _small_in_memory(fetched.content, form)
    digest = _digest(content)
    return Source(
        Path(fetched.name), content, digest, form, fetched.notes, fetched.modified_ns, fetched.address
    )


def _form_within(content: FileContent) -> Form:
    """The form of what came without a name that says it, by its first bytes."""
    head = content.part(0, len(OLE))
    if head.startswith(PARQUET):
        return Form.PARQUET
    return Form.WORKBOOK if head.startswith((ZIP, OLE)) else Form.TEXT


def _digest(content: FileContent) -> Future[str]:
    """The SHA-256 of the bytes in hexadecimal, reckoned while they are read: hashlib lets go of the interpreter."""
    with_one = ThreadPoolExecutor(1)
    try:
        return with_one.submit(_sha256, content)
    finally:
        with_one.shutdown(wait=False)


def _sha256(content: FileContent) -> str:
    digest = hashlib.sha256()
    for block in content.blocks():
        digest.update(block)
    return digest.hexdigest()


def _choose(pattern: str) -> tuple[Path, tuple[str, ...]]:
    if pattern == str(STANDARD_INPUT) or Path(pattern).exists() or not glob.has_magic(pattern):
        return Path(pattern), ()
    matches = sorted(_candidates(pattern), key=lambda file: (file.stat().st_mtime_ns, file.name))
    if not matches:
        raise RosterError(
            f"No file matches the roster pattern {pattern}.",
            cause="the export has not arrived, or the pattern names another folder.",
            remedy="look into the folder; a job with one roster file takes another one by --roster.",
        )
    if len(matches) == 1:
        return matches[0], ()
    return matches[-1], (f"{matches[-1].name} is the newest of {len(matches)} files that match the pattern",)


def _candidates(pattern: str) -> list[Path]:
    found = (Path(name) for name in glob.glob(pattern, recursive=True))  # noqa: PTH207 - a pattern may begin at the root
    return [file for file in found if file.is_file() and not file.name.startswith(("~$", "."))]


def _form(path: Path) -> Form:
    form = FORMS.get(path.suffix.casefold())
    if form is None:
        raise RosterError(
            f"{path.name} has an ending that no reader is for.",
            cause="the file is of another kind, or lost its ending on the way.",
            remedy=f"export the roster as one of {' '.join(FORMS)}.",
        )
    return form


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _content(path: Path, form: Form | None, limits: FileLimits) -> FileContent:
    try:
        content = _taken(path, form, limits)
    except OSError as error:
        raise RosterError(
            f"The roster {path} cannot be read: {error.strerror or type(error).__name__}.",
            cause=_cause(error),
            remedy="check the path in the job file; a job with one roster file takes another one by --roster.",
        ) from error
    if not content.size:
        raise _empty("standard input" if path == STANDARD_INPUT else path.name)
    return content


def _empty(name: str) -> RosterError:
    return RosterError(
        f"{name} is empty: zero bytes.",
        cause="the export was interrupted, or the disk was full.",
        remedy="export the roster again.",
    )


def _small_in_memory(spool: Copied, form: Form) -> FileContent:
    """What was put on the disk as it came: only large texts and tables stay there."""
    large = spool.size >= LARGE and form is not Form.WORKBOOK
    return spool if large else InMemory(spool.part(0, spool.size))


def _taken(path: Path, form: Form | None, limits: FileLimits) -> FileContent:
    """The bytes; of a file that can be read once (no ``form``) only large ones stay on the disk."""
    if form is None:
        spool = spooled(path, limits)
        form = _form_within(spool)
        refuse_size(
            spool.size, _most(form, limits), "standard input" if path == STANDARD_INPUT else path.name
        )
        return _small_in_memory(spool, form)
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        refuse_size(size, _most(form, limits), path.name)
        if form is not Form.WORKBOOK and size >= LARGE:
            return copied(file)
        return InMemory(file.read())


def _most(form: Form, limits: FileLimits) -> tuple[str, float]:
    """The key of roster.limits that says how large such a file may be, and how large, in GB: workbooks are in memory as a whole."""
    return ("unpacked_gb", limits.unpacked_gb) if form is Form.WORKBOOK else ("file_gb", limits.file_gb)


def _cause(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "the export has not arrived, or the path is meant from another folder."
        case IsADirectoryError():
            return "the path names a folder."
        case PermissionError():
            return "the account this program runs under may not read it."
        case _:
            return "the disk or the network share does not answer."
