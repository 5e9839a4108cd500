"""The bytes of a roster file as they were at one moment: in memory, or, where that is too much, in a copy on disk."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import BinaryIO, Protocol

from provision.batches import let_go, room

#: bytes copied and fingerprinted in one go
_BLOCK = 1 << 22


class Readable(Protocol):
    """Something to be read from its beginning to its end."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, ``size`` at most; none at the end."""
        ...


class FileContent(Protocol):
    """The bytes of one file."""

    @property
    def size(self) -> int:
        """How many bytes there are."""
        ...

    def part(self, start: int, stop: int) -> bytes:
        """The bytes from ``start`` up to ``stop``, fewer where the file ends."""
        ...

    def blocks(self) -> Iterator[bytes]:
        """All bytes in order, some at a time."""
        ...


@dataclass(frozen=True, slots=True)
class InMemory:
    """All bytes in memory."""

    whole: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return len(self.whole)

    def part(self, start: int, stop: int) -> bytes:
        """The bytes from ``start`` up to ``stop``; all of them are no copy."""
        return self.whole[start:stop]

    def blocks(self) -> Iterator[bytes]:
        """All bytes in one go."""
        yield self.whole


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Copied:
    """A copy in a file without a name, gone with the process: nobody can change it while it is read."""

    file: BinaryIO = field(repr=False)
    size: int
    _one_at_a_time: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        """Close the file when nobody asks any more."""
        weakref.finalize(self, let_go, self.file)

    def part(self, start: int, stop: int) -> bytes:
        """The bytes from ``start`` up to ``stop``; any thread may ask."""
        with self._one_at_a_time:
            self.file.seek(start)
            return self.file.read(stop - start)

    def blocks(self) -> Iterator[bytes]:
        """All bytes in blocks of a few MiB."""
        for start in range(0, self.size, _BLOCK):
            yield self.part(start, start + _BLOCK)


def copied(file: Readable) -> Copied:
    """A copy of a file from where it is read to its end. Raises InputError where temporary files have no room for it."""
    with room():
        copy = tempfile.TemporaryFile(prefix="provision-")  # noqa: SIM115 - it lives as long as what is read from it
    try:
        while block := file.read(_BLOCK):
            with room():
                copy.write(block)
        with room():
            copy.flush()
    except BaseException:
        let_go(copy)
        raise
    return Copied(copy, copy.tell())
