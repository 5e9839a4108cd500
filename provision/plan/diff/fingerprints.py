"""Fingerprints of whole columns: 64 bits a cell, the same under any release of the libraries, since the ledger keeps them.

A fingerprint is over a canonical cell, its field and the job, and keyed: who has the ledger or a run folder and not the key
reads nobody's title or phone in it, and cannot try guesses.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from provision.hashes import Hashes, hashed
from provision.keyed import FingerprintKey
from provision.ledger.roster_values import LEAST, NOT_SAID, keyed
from provision.operations.cells import compared
from provision.plan.columns import few_words


def marks(job: str, field: str, cells: pd.Series[str], key: FingerprintKey) -> Hashes:
    """The fingerprint of each cell of a roster column as it is compared; NOT_SAID for "", else LEAST or more."""
    few = few_words(cells)
    if few is None:
        return keyed(plain_marks(job, field, cells), key, job, field)
    words, at = few
    found: Hashes = keyed(plain_marks(job, field, words), key, job, field)[at]
    return found


def plain_marks(job: str, field: str, cells: pd.Series[str]) -> Hashes:
    """What fingerprints are made of: hashes that whoever knows a value can make, as earlier releases kept them."""
    seed = hashlib.blake2b(f"{job}\0{field}".encode(), digest_size=8).digest()
    found = hashed(compared(field, cells), int.from_bytes(seed, "little"))
    np.maximum(found, LEAST, out=found)
    found[(cells == "").to_numpy(bool)] = NOT_SAID
    return found
