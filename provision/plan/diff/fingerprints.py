"""Fingerprints of whole columns: 64 bits a cell, the same under any release of the libraries, since the ledger keeps them.

A fingerprint is over a canonical cell, its field and the job. It is no secret-keeping: who has the ledger can try guesses,
but reads nobody's title or phone in it.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from provision.hashes import Hashes, hashed
from provision.ledger.roster_values import LEAST, NOT_SAID
from provision.operations.cells import compared


def marks(job: str, field: str, cells: pd.Series[str]) -> Hashes:
    """The fingerprint of each cell of a roster column as it is compared; NOT_SAID for "", else LEAST or more."""
    seed = hashlib.blake2b(f"{job}\0{field}".encode(), digest_size=8).digest()
    found = hashed(compared(field, cells), int.from_bytes(seed, "little"))
    np.maximum(found, LEAST, out=found)
    found[(cells == "").to_numpy(bool)] = NOT_SAID
    return found
