"""A folder of this machine as people are to get it: what is read, under which names, and what is refused."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from provision.errors import InputError
from provision.trees import LARGE, LocalFile, read_tree

Make = Callable[[Mapping[str, bytes]], Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes a folder of files: `make({"a/b.txt": b"…"})`."""
    number = 0

    def write(files: Mapping[str, bytes]) -> Path:
        nonlocal number
        number += 1
        place = tmp_path / f"folder{number}"
        place.mkdir()
        for path, told in files.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(told)
        return place

    return write


def test_folders_come_after_those_they_lie_in_and_hidden_files_not_at_all(make: Make) -> None:
    tree = read_tree(
        make({"b/c/d.txt": b"1", "a.txt": b"22", ".hidden": b"3", "b/.git/x": b"4", "é.txt": b""})
    )

    assert tree.folders == ("b", "b/c")
    assert [(each.path, each.name, each.size) for each in tree.files] == [
        ("a.txt", "a.txt", 2), ("b/c/d.txt", "d.txt", 1), ("é.txt", "é.txt", 0),
    ]  # fmt: skip
    assert tree.files[0].sha1 == hashlib.sha1(b"22", usedforsecurity=False).hexdigest()
    assert tree.size == 3


def test_the_fingerprint_is_of_names_and_content_and_not_of_the_place(make: Make) -> None:
    files = {"a/é.txt": b"1", "b.txt": b"2"}
    same = {unicodedata.normalize("NFD", path): told for path, told in files.items()}
    digest = read_tree(make(files)).digest

    assert read_tree(make(same)).digest == digest
    assert digest not in {
        read_tree(make(other)).digest
        for other in ({**files, "b.txt": b"3"}, {"a/é.txt": b"1", "c.txt": b"2"}, {"a/é.txt": b"1"})
    }


@pytest.mark.parametrize("names", [("A.txt", "a.txt"), ("back\\slash",), ("blank ",)])
def test_names_that_box_would_not_take_are_told_with_their_place(make: Make, names: tuple[str, ...]) -> None:
    place = make(dict.fromkeys(names, b""))

    with pytest.raises(InputError, match="cannot be starter content"):
        read_tree(place)


def test_links_are_not_followed(make: Make) -> None:
    place = make({"a.txt": b"1"})
    (place / "secret").symlink_to("/etc/hostname")

    with pytest.raises(InputError, match="neither a file nor a folder"):
        read_tree(place)


def test_files_are_large_from_twenty_megabytes_on() -> None:
    sizes = (LARGE - 1, LARGE)

    assert [LocalFile("a", Path("a"), size, "").large for size in sizes] == [False, True]
