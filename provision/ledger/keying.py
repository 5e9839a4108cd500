"""Versions 12 and 15: fingerprints that an earlier release left are keyed where they lie; no value of a person is needed for it.

Everything is spelled out as it was then: what the rest of the program makes of these cells may change.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from provision.errors import InputError
from provision.hashes import Hashes
from provision.keyed import AIM, MARK, NO_KEYS, FingerprintKey, Keys, kept
from provision.ledger.roster_values import keyed_frame, pack, unpack

#: by this hash of a known word sketches of the plain hashes were told from those of any other
_PLAIN = 0x747EE4634B0A
_SKETCHES = ("keys", "logins", "names", "content", "excluded")
#: so many bits are kept of the largest plain hash in a sketch
_BITS = 10
_SAID = sa.table("said", *map(sa.column, ("enterprise_id", "job", "packed", "key_name")))
#: marks of values within the reason that names them, and the comma between two as reasons write it
_MARKS, _COMMA = re.compile(r"(shown_otherwise:(?:[^;]*,)?marks=)([^,;]*)"), "%2C"
_RELEASES, _HOLDS = sa.table("releases", sa.column("aim")), sa.table("holds", sa.column("because"))
_PROFILES = sa.table("profiles", *map(sa.column, ("enterprise_id", "job", "run_id", "profile")))


def key_fingerprints(connection: sa.Connection) -> None:
    """Key what rosters said last, and what they looked like. Raises InputError without a key, if there is anything to key."""
    connection.exec_driver_sql("ALTER TABLE said ADD COLUMN key_name VARCHAR NOT NULL DEFAULT ''")
    said = connection.execute(sa.select(_SAID)).mappings().fetchall()
    profiles = connection.execute(sa.select(_PROFILES)).mappings().fetchall()
    if not said and not profiles:
        return
    key = _key_of(connection)
    for row in said:
        packed = _keyed_said(row["packed"], key, row["job"])
        here = _SAID.update().where(_SAID.c.enterprise_id == row["enterprise_id"], _SAID.c.job == row["job"])
        connection.execute(here.values(packed=packed, key_name=key.name))
    for row in profiles:
        mine = [_PROFILES.c[name] == row[name] for name in ("enterprise_id", "job", "run_id")]
        profile = keyed_profile(row["profile"], key, row["job"])
        connection.execute(_PROFILES.update().where(*mine).values(profile=profile))


def key_approvals(connection: sa.Connection) -> None:
    """Key what approvals are for and what waits since Box shows it otherwise. Raises InputError as :func:`key_fingerprints`."""
    connection.exec_driver_sql("ALTER TABLE holds ADD COLUMN aim VARCHAR NOT NULL DEFAULT ''")
    aims = (
        connection.execute(sa.select(_RELEASES.c.aim).where(_RELEASES.c.aim != "").distinct()).scalars().all()
    )
    told = connection.execute(sa.select(_HOLDS.c.because).distinct()).scalars().all()
    marked = [text for text in told if _MARKS.search(text)]
    if not aims and not marked:
        return
    key = _key_of(connection)
    for aim in aims:
        connection.execute(_RELEASES.update().where(_RELEASES.c.aim == aim).values(aim=kept(aim, key, AIM)))
    for text in marked:
        kept_text = with_kept_marks(text, key)
        connection.execute(_HOLDS.update().where(_HOLDS.c.because == text).values(because=kept_text))


def with_kept_marks(because: str, key: FingerprintKey | None) -> str:
    """Why something waits, with the marks of what Box shows otherwise as a ledger keeps them; see :mod:`provision.because`."""
    return _MARKS.sub(
        lambda found: found[1] + _COMMA.join(kept(each, key, MARK) for each in found[2].split(_COMMA)),
        because,
    )


def _key_of(connection: sa.Connection) -> FingerprintKey:
    keys: Keys = connection.get_execution_options().get("keys", NO_KEYS)
    key = keys.known()
    if key is None and connection.execute(sa.select(_SAID.c.job).where(_SAID.c.key_name != "")).first():
        raise InputError(
            f"The ledger {connection.engine.url.database} has fingerprints of a key that is not there any more.",
            cause="the key file beside the ledger was deleted, or PROVISION_KEY is not set where this runs",
            remedy="put the key back where it was; if it is lost, move the ledger away and make it anew: provision runs JOB --rebuild --trust '*'",
        )
    key = key or keys.made()
    if key is None:
        raise InputError(
            f"The ledger {connection.engine.url.database} is of an earlier release, and there is no key to key its fingerprints with.",
            cause="it is no SQLite file, beside which a key would be made, and the environment names none",
            remedy="make one with openssl rand -hex 32, and set PROVISION_KEY to it wherever this job runs",
        )
    return key


def _keyed_said(packed: bytes, key: FingerprintKey, job: str) -> bytes:
    """What a roster said; nothing of a cell that is damaged."""
    try:
        return pack(keyed_frame(unpack(packed), key, job)) if packed else b""
    except (pa.ArrowException, ValueError, TypeError, OSError):
        return b""


def keyed_profile(text: str, key: FingerprintKey, job: str) -> str:
    """A profile with its hashes keyed; one that cannot be read, or is of other hashes, is compared with nothing and stays."""
    try:
        profile: dict[str, Any] = json.loads(text)
        if profile.get("check") != _PLAIN:
            return text
        for name in _SKETCHES:
            if name in profile:
                profile[name] = _keyed_sketch(profile[name], key, job, name)
        for name, shift in (("check", 16), ("total", 0)):
            plain = np.array([profile.get(name, 0)], np.uint64)
            profile[name] = int(key.over(plain, "roster", job, name)[0]) >> shift
        return json.dumps(profile, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError, OverflowError):
        return text


def _keyed_sketch(sketch: dict[str, Any], key: FingerprintKey, job: str, name: str) -> dict[str, Any]:
    """Its hashes in the order of the plain ones, and about how large the largest of these was."""
    plain: Hashes = np.frombuffer(base64.b64decode(sketch["hashes"]), "<u8").astype(np.uint64)
    keyed = key.over(plain, "roster", job, name).astype("<u8").tobytes()
    top = 0
    if len(plain) and not sketch["whole"]:
        last = int(plain[-1])
        shift = max(last.bit_length() - _BITS, 0)
        top = ((last >> shift) + 1) << shift
    return {**sketch, "hashes": base64.b64encode(keyed).decode(), "top": top}
