"""Files that hold personal data: written whole or not at all, and readable by their owner only."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path

from platformdirs import user_state_path

from provision.errors import RunFolderError, UsageError

#: so that a pipe in the place of a file is seen before it keeps whoever opens it
AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
#: what is added to a file goes nowhere else
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
#: bytes of a file of ours; the tables of ten million people have a tenth of it, and it takes seconds to read
_LARGEST = 8 << 30
_CAUSES = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is mounted read-only",
    errno.EACCES: "the folder belongs to somebody else or is read-only",
    errno.EPERM: "the folder belongs to somebody else or is read-only",
    errno.ENOENT: "the folder was moved or removed while the run was under way",
}
#: what lies where a file or a folder is to be, by what the system says when it is opened
_IN_THE_WAY = {
    errno.ELOOP: "a link lies in its place",
    errno.ENXIO: "a pipe or a device lies in its place",
    errno.EISDIR: "a folder lies in its place",
    errno.ENOTDIR: "something else than a folder lies in its place, or above it",
    errno.EEXIST: "something else than a folder lies in its place",
}


def whole(path: Path, write: Callable[[Path], object]) -> Path:
    """Let ``write`` make a file beside ``path`` (mode 0600) and put it there in one step. Raises RunFolderError.

    After a power cut there is the old file or the whole new one: the content is on the disk before it gets its name.
    """
    with trouble_with(path):
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(number)
        part = Path(name)
        try:
            write(part)
            _to_disk(part, os.O_RDWR)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # not every system lets a folder be opened or written through
        _to_disk(path.parent, os.O_RDONLY)
    return path


def whole_where_named(path: Path, write: Callable[[Path], object]) -> Path:
    """The same where a person has named the place of the file. Raises UsageError."""
    try:
        return whole(path, write)
    except RunFolderError as error:
        raise UsageError(
            error.what.replace("Cannot write", "The file cannot be written:"),
            cause=error.cause,
            remedy="name another file",
        ) from None


def _to_disk(path: Path, flags: int) -> None:
    number = os.open(path, flags)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextlib.contextmanager
def trouble_with(path: Path) -> Iterator[None]:
    """Tell an operating system error about a file of ours in words. Raises RunFolderError."""
    try:
        yield
    except OSError as error:
        if (lies := _IN_THE_WAY.get(error.errno or 0)) is not None:
            raise RunFolderError(
                f"Cannot write {path}: {lies}.",
                cause="somebody put it there, or a copy or a restore did",
                remedy="look at what it is and whose, and remove it; then run again",
            ) from None
        raise RunFolderError(
            f"Cannot write {path}: {error.strerror or type(error).__name__}.",
            cause=_CAUSES.get(error.errno or 0, "the disk is full or the folder is not writable"),
            remedy="make room or correct the rights (runs and state in the job file say where), then run again",
        ) from None


def private_folder(path: Path) -> Path:
    """Create a folder and the parents that are missing, each with mode 0700. Raises RunFolderError."""
    with trouble_with(path):
        _make(path)
    return path


def inner_folder(path: Path) -> Path:
    """The same within a run folder, where a link would lead what is written somewhere else. Raises RunFolderError."""
    with trouble_with(path):
        if path.is_symlink():
            raise OSError(errno.ELOOP, "a link lies in its place")
    return private_folder(path)


def _make(folder: Path) -> None:
    """The system gives its own mode to parents that it makes: with a umask of 000 anybody could write there. Raises OSError."""
    if not folder.parent.exists():
        _make(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def own_folder(purpose: str) -> Path:
    """The user's own folder for what outlives a process, where the system keeps such things, made.

    ``$XDG_STATE_HOME`` or ``~/.local/state`` on Linux, ``~/Library/Application Support`` on macOS, ``%LOCALAPPDATA%`` on
    Windows. For a user without a home it is one among the temporary files. Raises OSError if neither can be had, or belongs
    to somebody else.
    """
    trouble = OSError(errno.EACCES, "this user has no folder that can be written to")
    for place in (_lasting, temporary_folder):
        try:
            return made_for_us(place(purpose))
        except (OSError, RuntimeError) as error:
            trouble = error if isinstance(error, OSError) else trouble
    raise trouble


def lasting_folder(purpose: str) -> Path:
    """The same, never among the temporary files. Raises OSError where this user has no such folder."""
    try:
        return made_for_us(_lasting(purpose))
    except RuntimeError as error:
        raise OSError(errno.ENOENT, "this user has no home") from error


def _lasting(purpose: str) -> Path:
    """Raises RuntimeError for a user without a home."""
    return user_state_path("box-provision", appauthor=False) / purpose


def temporary_folder(purpose: str) -> Path:
    """Where a user without a folder of their own keeps such files; not made.

    Not $XDG_RUNTIME_DIR: cron has none, and must meet whoever runs a job by hand.
    """
    user = str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    return Path(tempfile.gettempdir()) / f"provision-{user}-{purpose}"


def made_for_us(folder: Path) -> Path:
    """Create a folder. Raises OSError if that is not possible, or it belongs to somebody else or cannot be written to."""
    _make(folder)
    expect_ours(folder.lstat())
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, "the folder cannot be written to")
    return folder


def expect_ours(found: os.stat_result) -> None:
    """Raise PermissionError for a place where another user could write: that would let them hold our runs."""
    if not hasattr(os, "getuid"):
        return
    if stat.S_ISLNK(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise PermissionError(errno.EPERM, "the place belongs to somebody else, or others may write there")


def opened(path: Path, flags: int = 0) -> BufferedReader:
    """A file, opened to be read. Raises OSError, also for what is no file: a pipe or a device may never come to an end."""
    number = os.open(path, os.O_RDONLY | AT_ONCE | flags)
    try:
        expect_file(os.fstat(number))
        return os.fdopen(number, "rb")
    except BaseException:
        os.close(number)
        raise


def append(path: Path, line: str, *, durable: bool = False) -> None:
    """Add a line to a file (0600) that grows, and is no link, nor a second name of another; ``durable``: it is on the disk when this returns.

    Raises RunFolderError.
    """
    with trouble_with(path):
        number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | NO_LINK | AT_ONCE, 0o600)
        with os.fdopen(number, "ab") as stream:
            found = os.fstat(number)
            expect_file(found)
            if found.st_nlink > 1:
                raise OSError(errno.ELOOP, "a link lies in its place")
            stream.write(f"{line}\n".encode())
            if durable:
                stream.flush()
                os.fsync(stream.fileno())


def expect_file(found: os.stat_result) -> None:
    """Raise OSError for what is no regular file."""
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "a folder lies in its place")
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.ENXIO, "a pipe or a device lies in its place")


def address_to_read(path: Path) -> str:
    """What SQLite calls a database that is only to be read.

    Without a write-ahead log beside it, it is whole as it lies there, and SQLite is to make no files of its own beside it.
    """
    immutable = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    return f"{path.resolve().as_uri()}?mode=ro{immutable}"


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal. Raises OSError, also for what is no file or larger than any of ours."""
    with opened(path) as stream:
        if os.fstat(stream.fileno()).st_size > _LARGEST:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        return hashlib.file_digest(stream, "sha256").hexdigest()
