"""A text is known whatever its encoding, its mark and the ends of its lines, in memory and in blocks of any size."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.roster.text import same_text

ENDS = st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b"bc", "ä".encode()]), max_size=12).map(
    b"".join
)


class InBlocks:
    """Content that comes in blocks of so many bytes."""

    def __init__(self, whole: bytes, size: int) -> None:
        self.whole, self.at_once = whole, size

    def part(self, start, stop):
        return self.whole[start:stop]

    def blocks(self):
        return (self.whole[at : at + self.at_once] for at in range(0, len(self.whole), self.at_once))


@given(ENDS, st.sampled_from([b"", b"\xef\xbb\xbf"]), st.sampled_from([3, 4, 5, 7, 50]))
def test_blocks_may_end_anywhere(text, mark, size):
    plain = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    assert same_text._digest(InBlocks(mark + text, size)) == hashlib.sha256(plain).hexdigest()


@pytest.mark.parametrize(
    ("text", "differs"), [(b"a\nb\n", False), (b"a\nb\r\n", True), (b"\xef\xbb\xbfa\n", True)]
)
def test_a_file_that_is_written_so_has_the_fingerprint_of_its_bytes(text, differs):
    assert same_text._differs(InBlocks(text, 3)) is differs
