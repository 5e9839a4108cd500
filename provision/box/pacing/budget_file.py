"""A budget shared by all processes of one user on this machine: a small file, locked for microseconds at a time.

The operating system lets go of a dead process's lock. Inside the file times are those of the wall clock, which all
processes have in common, also after a restart of the machine; outside they are those of the caller's monotonic clock.
A file that cannot be used never stops a run: the process goes on with a budget of its own, and says so once.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import struct
import threading
import time
import weakref
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import lock_descriptor, unlock_descriptor

from provision.box.pacing.budget import Budget, OwnCell, Step, kept
from provision.files import expect_ours, made_for_us, own_folder, temporary_folder

#: version of the form, the facts of a budget, when they were written; a checksum follows
_FACTS = struct.Struct("<8s7d")
_CHECKSUM = struct.Struct("<I")
_SIZE = _FACTS.size + _CHECKSUM.size
_FORM = b"budget 3"
#: seconds in which somebody lets go of the lock; who holds it longer was stopped in the middle
_PATIENCE, _GLANCE = 1.0, 0.0005
#: seconds after which the file of a budget nobody uses is removed
_FORGOTTEN = 86_400.0
#: no symbolic link (where there are any), no translation of line ends (where there is one)
_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The caller's monotonic clock, the wall clock that all processes share, and a nap for a lock; all in seconds."""

    own: Callable[[], float]
    wall: Callable[[], float] = time.time
    nap: Callable[[float], None] = time.sleep


class SharedCell:
    """Keeps the budget in a file. ``lost`` is told, once, why it can no longer be shared."""

    def __init__(self, path: Path, clocks: Clocks, lost: Callable[[OSError], None]) -> None:
        self._path = path
        self._clocks = clocks
        self._lost = lost
        self._threads = threading.Lock()
        self._number: int | None = None
        self._seen = Budget()
        self._own: OwnCell | None = None

    def change(self, step: Step) -> Budget:
        """Replace the budget and return it; in this process alone once the file has failed."""
        with self._threads:
            if self._own is None:
                try:
                    self._seen = self._shared(step)
                    return self._seen
                except OSError as error:
                    self._own = OwnCell(self._seen)
                    self._lost(error)
            return self._own.change(step)

    def _shared(self, step: Step) -> Budget:
        number = self._opened()
        with self._locked(number):
            now, wall = self._clocks.own(), self._clocks.wall()
            before = _read(number, now, wall - now)
            after = step(before)
            if after != before:
                _write(number, after, wall - now, wall)
            return after

    @contextlib.contextmanager
    def _locked(self, number: int) -> Iterator[None]:
        """Hold the file against other processes. Raises TimeoutError if one holds it that does not go on."""
        deadline = self._clocks.own() + _PATIENCE
        while not lock_descriptor(number, blocking=False):
            if self._clocks.own() >= deadline:
                raise TimeoutError(errno.ETIMEDOUT, "another process holds it and does not let go")
            self._clocks.nap(_GLANCE)
        try:
            yield
        finally:
            unlock_descriptor(number)

    def _opened(self) -> int:
        if self._number is None:
            self._number = _open(self._path)
            weakref.finalize(self, os.close, self._number)
        return self._number


def budget_name(*shared_by: str) -> str:
    """The name of the budget that all share who say the same words: address, app, enterprise, acting user."""
    return hashlib.sha256("\0".join(shared_by).encode()).hexdigest()[:32]


def budget_path(name: str) -> Path:
    """The file of a budget on this machine.

    It lies in this user's own folder for what outlives a process, or among the temporary files of a user without such a
    folder. The folder is made.
    """
    try:
        return own_folder("budgets") / name
    except OSError:  # whoever opens it will meet the same trouble, and go on alone
        return temporary_folder("budgets") / name


def _open(path: Path) -> int:
    """Open the file of a budget, made if need be. Raises OSError, also if folder or file belong to somebody else."""
    if not path.exists():
        _swept(made_for_us(path.parent))
    expect_ours(path.parent.lstat())
    number = os.open(path, os.O_RDWR | os.O_CREAT | _PLAIN, 0o600)
    try:
        expect_ours(os.fstat(number))
    except OSError:
        os.close(number)
        raise
    return number


def _swept(folder: Path) -> None:
    before = time.time() - _FORGOTTEN
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < before:
                path.unlink()


def _read(number: int, now: float, ahead: float) -> Budget:
    """The budget by the caller's clock, which the wall clock is ``ahead`` of; a new one for a file that makes no sense."""
    os.lseek(number, 0, os.SEEK_SET)
    content = os.read(number, _SIZE)
    if not content:
        return Budget()
    facts, checksum = content[: _FACTS.size], content[_FACTS.size :]
    if len(content) != _SIZE or _CHECKSUM.pack(zlib.crc32(facts)) != checksum or not facts.startswith(_FORM):
        return Budget(last=now)
    _, *told, written_at = _FACTS.unpack(facts)
    return kept(told, written_at, now, ahead)


def _write(number: int, budget: Budget, ahead: float, wall: float) -> None:
    facts = _FACTS.pack(_FORM, *budget.by(ahead), wall)
    os.lseek(number, 0, os.SEEK_SET)
    os.write(number, facts + _CHECKSUM.pack(zlib.crc32(facts)))
