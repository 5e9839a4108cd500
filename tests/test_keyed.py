"""The keyed hash: SipHash-2-4 as its authors publish it, over whole columns, another one for each purpose."""

from __future__ import annotations

import numpy as np
import pytest

from provision.keyed import FingerprintKey, siphash

KEY = FingerprintKey(b"invented")


def test_it_is_siphash() -> None:
    """The vector for eight bytes of J.-P. Aumasson and D. J. Bernstein, vectors_sip64."""
    word = np.frombuffer(bytes(range(8)), "<u8").astype(np.uint64)

    assert siphash(word, bytes(range(16))).tobytes().hex() == "6224939a79f5f593"


def test_each_hash_has_its_own_whatever_stands_beside_it() -> None:
    plain = np.random.default_rng(7).integers(0, 2**64, 10_000, np.uint64)
    found = KEY.over(plain, "said", "nightly", "phone")

    assert len(np.unique(found)) == len(plain)
    assert (found[5_000:5_010] == KEY.over(plain[5_000:5_010], "said", "nightly", "phone")).all()
    assert len(KEY.over(plain[:0], "said")) == 0


@pytest.mark.parametrize(
    "purpose",
    [
        ("said", "nightly", "fax"),
        ("said", "portal", "phone"),
        ("roster", "nightly", "phone"),
        ("said", "nightlyphone"),
        (),
    ],
)
def test_another_purpose_gives_other_ones(purpose: tuple[str, ...]) -> None:
    plain = np.arange(100, dtype=np.uint64)

    assert not (KEY.over(plain, *purpose) == KEY.over(plain, "said", "nightly", "phone")).any()


def test_a_key_has_a_name_that_does_not_tell_it() -> None:
    other = FingerprintKey(b"another one")

    assert KEY.name != other.name
    assert "invented" not in repr(KEY)
    assert not (KEY.over(np.arange(9, dtype=np.uint64)) == other.over(np.arange(9, dtype=np.uint64))).any()
