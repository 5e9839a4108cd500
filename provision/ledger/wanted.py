"""What a roster wants, as it is kept: whole columns of text in one piece of Parquet, since it may be about everybody."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pandas as pd

from provision.errors import DamagedLedger
from provision.ledger.others import WANT_COLUMNS, no_wants
from provision.parquet import read_parquet, write_parquet


def pack_wants(wants: pd.DataFrame) -> bytes:
    """The frame (WANT_COLUMNS) in one piece, b"" for nobody."""
    if wants.empty:
        return b""
    written = io.BytesIO()
    write_parquet([wants[list(WANT_COLUMNS)]], written, compression="zstd")
    return written.getvalue()


def unpack_wants(packed: bytes, columns: Sequence[str] = WANT_COLUMNS) -> pd.DataFrame:
    """These columns of the frame that was packed. Raises DamagedLedger."""
    if not packed:
        return no_wants()[list(columns)]
    try:
        return read_parquet(io.BytesIO(packed), len(packed), set(columns)).astype("str")[list(columns)]
    except (OSError, ValueError, LookupError) as error:  # ArrowInvalid is a ValueError
        raise DamagedLedger(
            "The ledger is damaged: what a job's roster wanted last cannot be read.",
            cause="a disk that lost what was written",
            remedy="make it anew from the run folders, for each job that shares it: provision runs JOB --rebuild",
        ) from error
