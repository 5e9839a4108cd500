"""What a job's last accepted roster wants, in its table: whom it names beyond the accounts of the job, in which groups, under which addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sqlalchemy as sa

from provision.frames import folded
from provision.ledger.packed import keep_packed, packed_of
from provision.ledger.tables import WANTS
from provision.ledger.wanted import pack_wants, unpack_wants


def wants_of(connection: sa.Connection, owner: Mapping[str, str]) -> bytes:
    """What the job's last accepted roster wants, packed, b"" for nothing."""
    return packed_of(connection, WANTS, owner)


def keep_wants(connection: sa.Connection, owner: Mapping[str, str], packed: bytes) -> None:
    """Let this be what the job's roster wants."""
    keep_packed(connection, WANTS, owner, packed, {})


def keep_wants_without(
    connection: sa.Connection, owner: Mapping[str, str], keys: Sequence[str], folded_keys: Sequence[str]
) -> int:
    """Let the job's roster want nothing of who has one of these Box ids, external ids or logins any more; how many rows went."""
    wants = unpack_wants(wants_of(connection, owner))
    theirs = wants["box_id"].isin(keys) | wants["external_id"].isin(keys)
    theirs |= folded(wants["login"]).isin(folded_keys)
    if theirs.any():
        keep_wants(connection, owner, pack_wants(wants[~theirs].reset_index(drop=True)))
    return int(np.count_nonzero(theirs))
