"""What the roster said last, as it is kept: whole columns of keyed fingerprints in one piece, never a value of a person."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd

from provision.errors import DamagedLedger
from provision.hashes import Hashes
from provision.keyed import FingerprintKey
from provision.parquet import read_parquet, write_parquet

#: in place of a fingerprint: the roster did not say this, or it is not known what it said
NOT_SAID = np.uint64(0)
#: in place of a fingerprint: what the roster says now was not carried out, so what is known from before stays
AS_BEFORE = np.uint64(1)
#: the least fingerprint there is
LEAST = np.uint64(2)


def keyed(plain: Hashes, key: FingerprintKey, job: str, field: str) -> Hashes:
    """Fingerprints of plain hashes of a field; what stands in place of one stays."""
    found = np.maximum(key.over(plain, "said", job, field), LEAST)
    return np.where(plain < LEAST, plain, found)


def keyed_frame(plain: pd.DataFrame, key: FingerprintKey, job: str) -> pd.DataFrame:
    """The same of all fields of a frame as it is packed, its first column being no field."""
    fields = {
        str(name): keyed(plain[name].to_numpy(np.uint64), key, job, str(name)) for name in plain.columns[1:]
    }
    return plain.assign(**fields)


def pack(said: pd.DataFrame) -> bytes:
    """One key column (``box_id`` or ``line``) and one of fingerprints (uint64) a field, as compressed Parquet.

    The same frame gives the same bytes, with the same release of the writer.
    """
    written = io.BytesIO()
    pack_into([said], written)
    return written.getvalue()


def pack_into(said: Iterable[pd.DataFrame], to: Path | BinaryIO) -> None:
    """The same as :func:`pack` of one batch or more, into a file."""
    # a dictionary of fingerprints is as large as they are, and takes four times as long
    write_parquet(said, to, compression="zstd", use_dictionary=False)


def unpack(packed: bytes, fields: Collection[str] | None = None) -> pd.DataFrame:
    """The frame that was packed; of its fields only ``fields``, those that it has. No rows for b"". Raises DamagedLedger."""
    if not packed:
        return pd.DataFrame({"box_id": pd.Series(dtype="str")})
    try:
        return _unpacked(packed, fields)
    except (OSError, ValueError, LookupError) as error:  # ArrowInvalid is a ValueError
        raise DamagedLedger(
            "The ledger is damaged: what the roster said last cannot be read.",
            cause="a disk that lost what was written",
            remedy="make it anew from the run folders: provision runs JOB --rebuild",
        ) from error


def _unpacked(packed: bytes, fields: Collection[str] | None) -> pd.DataFrame:
    said = read_parquet(
        io.BytesIO(packed), len(packed), None if fields is None else {"box_id", "line", *fields}
    )
    return said.astype({"box_id": "str"}) if "box_id" in said else said
