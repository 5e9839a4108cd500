"""A folder on this machine that people get in Box: what lies in it, with the digests of its files. Nothing in it is changed."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from provision.errors import InputError

#: the longest name of a file or folder (Box API reference, POST /folders)
NAME_LETTERS = 255
#: files of so many bytes or more go in parts: Box takes parts from here on, and asks for them above 50 MB (developer.box.com, Chunked uploads)
LARGE = 20_000_000
#: our own word for a file that can be read no more
UNREADABLE = "local_file_unreadable"
#: bytes that are read at once
_PIECE = 1 << 20


def bad_name(name: str) -> bool:
    """Whether Box takes no file or folder of this name (Box API reference, POST /folders)."""
    odd = name in ("", ".", "..") or name != name.strip() or len(name) > NAME_LETTERS
    return odd or "/" in name or "\\" in name or not name.isprintable()


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file: its path in the folder, with slashes; where it lies; its bytes; and its SHA-1 in hex, as Box counts it."""

    path: str
    place: Path
    size: int
    sha1: str

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def large(self) -> bool:
        """Whether it goes in parts."""
        return self.size >= LARGE


@dataclass(frozen=True)
class LocalTree:
    """All in a folder but what is hidden: paths of folders, each after the one it lies in, and the files."""

    folders: tuple[str, ...]
    files: tuple[LocalFile, ...]

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(each.size for each in self.files)

    @cached_property
    def digest(self) -> str:
        """A fingerprint of names and content, wherever the folder lies."""
        told = [*self.folders, *(f"{each.path}\0{each.sha1}" for each in self.files)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


def read_tree(place: Path) -> LocalTree:
    """The folder at ``place``. Names are brought into NFC, as Box has them, and what begins with a dot is left out.

    Raises InputError for one that cannot be read, and for what Box would not take or what is neither file nor folder.
    """
    folders: list[str] = []
    files: list[LocalFile] = []
    try:
        for path, entry in _entries(place):
            if entry.is_dir():
                folders.append(path)
            else:
                files.append(LocalFile(path, entry, entry.stat().st_size, _digest(entry)))
    except OSError as error:
        raise InputError(
            f"The folder {place} of onboarding.content cannot be read: {error.strerror or error}",
            cause="a path that is not there, or rights that are missing",
            remedy="correct the path (it counts from the folder of the job file), or let this user read all in it",
        ) from error
    return LocalTree(tuple(folders), tuple(files))


def _entries(folder: Path, above: str = "") -> Iterator[tuple[str, Path]]:
    """All below a folder in the order of names, each with its path as Box is to have it."""
    named = sorted(
        (unicodedata.normalize("NFC", name), name) for name in (entry.name for entry in folder.iterdir())
    )
    known: dict[str, str] = {}
    for name, on_disk in named:
        if name.startswith("."):
            continue
        entry = folder / on_disk
        if twin := known.get(name.casefold()):
            raise _not_taken(entry, f"beside {twin!r}, which is the same name in Box")
        known[name.casefold()] = name
        if bad_name(name):
            raise _not_taken(entry, "a name that Box does not take")
        if entry.is_symlink() or not (entry.is_dir() or entry.is_file()):
            raise _not_taken(entry, "neither a file nor a folder")
        path = f"{above}{name}"
        yield path, entry
        if entry.is_dir():
            yield from _entries(entry, f"{path}/")


def _not_taken(entry: Path, why: str) -> InputError:
    return InputError(
        f"{entry} cannot be starter content (onboarding.content): {why}",
        cause="links, sockets and names with slashes, blanks at the end or letter case alone between them are not taken over",
        remedy="rename it, take it out, or put a file in its place",
    )


def _digest(path: Path) -> str:
    found = hashlib.sha1(usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()
