"""Fingerprints that say nothing without a key: 64-bit hashes of values, hashed once more with a secret.

Whoever reads a ledger or a run folder could hash guesses of a title or a phone and look whether they are there. So what is kept
is a SipHash-2-4 of the plain hash, with a key of 128 bits for each purpose; see docs/adr/0013-keyed-fingerprints.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from provision.hashes import Hashes

#: of SipHash: "somepseudorandomlygeneratedbytes"
_START = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
#: the last word of a message of eight bytes: its length in the highest byte
_LENGTH = np.uint64(8 << 56)
_END = np.uint64(0xFF)
#: rounds for each word, and at the end
_EACH, _LAST = 2, 4
#: hashes reckoned in one go: the state fits the cache of a core, and few of the many steps are mere calls
_BLOCK = 1 << 14


@dataclass(frozen=True, slots=True)
class FingerprintKey:
    """What the fingerprints of a ledger and of its run folders are made with; never printed."""

    secret: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """What tells one key from another, and not what it is."""
        return hmac.new(self.secret, b"the name of this key", hashlib.sha256).hexdigest()[:16]

    def over(self, hashes: Hashes, *purpose: str) -> Hashes:
        """Fingerprints of plain hashes; another purpose gives other ones."""
        told = json.dumps(purpose).encode()
        derived = hashlib.blake2b(told, key=self.secret, digest_size=16, person=b"fingerprints").digest()
        found = np.empty(len(hashes), np.uint64)
        for start in range(0, len(hashes), _BLOCK):
            found[start : start + _BLOCK] = siphash(hashes[start : start + _BLOCK], derived)
        return found


#: what a digest that is kept begins with, which no digest does
_KEPT = "k"
#: what digests are of: what an approval is for, and a value that Box shows otherwise
AIM, MARK = "aim", "mark"


def kept(digest: str, key: FingerprintKey | None, purpose: str) -> str:
    """A plain digest of personal values, in hexadecimal, as a ledger keeps it; one that is kept so already stays."""
    if not digest or digest.startswith(_KEPT) or key is None:
        return digest
    return (
        f"{_KEPT}{hmac.new(key.secret, json.dumps([purpose, digest]).encode(), hashlib.sha256).hexdigest()}"
    )


def _none() -> None:
    """There is no key."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Where the key of a ledger comes from: the one there is, and one that is ``made`` if there is none. Either may give None."""

    known: Callable[[], FingerprintKey | None] = _none
    made: Callable[[], FingerprintKey | None] = _none


#: of who neither compares fingerprints nor keeps any
NO_KEYS = Keys()


def siphash(words: Hashes, key: bytes) -> Hashes:
    """SipHash-2-4 of each word by itself, as eight bytes, little-endian."""
    halves = np.frombuffer(key, "<u8").astype(np.uint64)
    state = [np.full(len(words), halves[at % 2] ^ np.uint64(start)) for at, start in enumerate(_START)]
    for word in (words, _LENGTH):
        state[3] ^= word
        _stir(state, _EACH)
        state[0] ^= word
    state[2] ^= _END
    _stir(state, _LAST)
    found: Hashes = state[0] ^ state[1] ^ state[2] ^ state[3]
    return found


def _stir(state: list[Hashes], rounds: int) -> None:
    """The rounds of SipHash, in place."""
    one, two, three, four = state
    spare = np.empty_like(one)
    for _ in range(rounds):
        for left, right, by, half in ((one, two, 13, one), (three, four, 16, None)):
            _half(left, right, by, half, spare)
        for left, right, by, half in ((one, four, 21, None), (three, two, 17, three)):
            _half(left, right, by, half, spare)


def _half(left: Hashes, right: Hashes, by: int, half: Hashes | None, spare: Hashes) -> None:
    """One of the four steps of a round; ``half``: the word that is turned by half its length."""
    left += right
    _turn(right, by, spare)
    right ^= left
    if half is not None:
        _turn(half, 32, spare)


def _turn(words: Hashes, by: int, spare: Hashes) -> None:
    """Rotated to the left, in place."""
    np.right_shift(words, np.uint64(64 - by), out=spare)
    words <<= np.uint64(by)
    words |= spare
