"""A ledger of plain hashes is keyed in place: versions 12 and 15. The one used here was written by version 3 of the program."""

from __future__ import annotations

import contextlib
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from provision.deciders import Decider
from provision.errors import DamagedLedger, InputError
from provision.hashes import hashed
from provision.keyed import AIM, FingerprintKey, Keys, kept
from provision.ledger.roster_values import LEAST, pack, unpack
from provision.ledger.store import open_ledger
from provision.ledger.value import ACCOUNT_COLUMNS, Hold, Lessons, Memory, Release, Taught
from provision.plan.diff.fingerprints import marks, plain_marks
from provision.roster.profile.profile import as_in, from_json, keyed, overlap, plain_check

STORED = Path(__file__).parents[1] / "cli" / "stored" / "version3.zip"
KEY, OTHER = FingerprintKey(b"invented"), FingerprintKey(b"another one")
NOTHING = Lessons(pd.DataFrame(columns=list(ACCOUNT_COLUMNS), dtype="str"), (), None, "", 0, complete=True)
OTTO, SELLER = "28000000021", pd.Series(["Seller"], dtype="str")


def with_key(key: FingerprintKey) -> Keys:
    return Keys(lambda: key, lambda: key)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A ledger of version 9, before keys."""
    with zipfile.ZipFile(STORED) as stored:
        stored.extract("state/provision.db", tmp_path)
    return tmp_path / "state" / "provision.db"


def opened(path: Path, keys: Keys) -> Memory:
    with contextlib.closing(open_ledger(f"sqlite:///{path}", keys)) as ledger:
        return ledger.memory("27335", "nightly")


def cells(path: Path, query: str) -> list[object]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return [cell for row in database.execute(query) for cell in row]


def test_what_the_roster_said_last_is_known_under_the_key_and_no_plain_hash_is_left(old: Path) -> None:
    [packed] = cells(old, "SELECT packed FROM said")
    assert isinstance(packed, bytes)
    before = unpack(packed)
    assert before.set_index("box_id").loc[OTTO, "job_title"] == plain_marks("nightly", "job_title", SELLER)[0]

    memory = opened(old, with_key(KEY))

    now = unpack(memory.said)
    assert now.set_index("box_id").loc[OTTO, "job_title"] == marks("nightly", "job_title", SELLER, KEY)[0]
    assert now["box_id"].tolist() == before["box_id"].tolist()
    for name in before.columns.drop("box_id"):
        was, told = before[name].to_numpy(), now[name].to_numpy()
        assert not np.isin(told[told >= LEAST], was).any()
        assert (told[was < LEAST] == was[was < LEAST]).all()  # what stands in place of a fingerprint
    assert opened(old, with_key(KEY)).said == memory.said  # once


def test_rosters_accepted_before_are_compared_with_those_of_now(old: Path) -> None:
    plain = [
        from_json(str(text)) for text in cells(old, "SELECT profile FROM profiles ORDER BY accepted_at DESC")
    ]
    memory = opened(old, with_key(KEY))
    found = [from_json(each.profile) for each in memory.baselines]

    assert len(found) == len(plain) > 1
    for was, now in zip(plain, found, strict=True):
        assert was is not None
        assert was.check == plain_check()
        assert now == keyed(was, KEY, "nightly")
        assert overlap(now.keys, keyed(was, KEY, "nightly").keys) == 1.0
        assert not np.isin(now.names.values, was.names.values).any()


def test_a_sketch_of_many_is_keyed_as_this_release_keys_it(old: Path) -> None:
    """Not in these nine nights, whose rosters were small."""
    from provision.ledger.keying import keyed_profile
    from provision.roster.profile.profile import Profile, Sketch, sketch

    many = hashed(pd.Series([f"E{number}" for number in range(5_000)], dtype="str"))
    whole = sketch(many)
    profile = Profile(
        "",
        0,
        0,
        5_000,
        5_000,
        0,
        (),
        {},
        {},
        "external_id",
        Sketch(whole.hashes, whole=False),
        Sketch(),
        Sketch(),
        check=plain_check(),
        total=7,
    )

    assert from_json(keyed_profile(profile.to_json(), KEY, "nightly")) == keyed(profile, KEY, "nightly")


def test_another_key_tells_nothing_and_is_told(old: Path) -> None:
    opened(old, with_key(KEY))
    memory = opened(old, with_key(OTHER))
    [newest, *_] = memory.baselines
    profile = from_json(newest.profile)

    assert (memory.said, memory.other_key) == (b"", True)
    assert profile is not None
    assert as_in(profile, "keys", np.zeros(1, np.uint64), OTHER, "nightly") is None
    assert opened(old, with_key(KEY)).said != b""


def test_without_a_key_an_older_ledger_stays_as_it_is(old: Path) -> None:
    before = cells(old, "SELECT packed FROM said")
    with pytest.raises(InputError, match="no key to key its fingerprints with") as caught:
        open_ledger(f"sqlite:///{old}")

    assert "PROVISION_KEY" in str(caught.value)
    assert cells(old, "SELECT packed FROM said") == before
    assert cells(old, "SELECT value FROM about") == ["9"]


def test_a_lost_key_is_told_and_none_is_made_in_its_place(old: Path) -> None:
    opened(old, with_key(KEY))
    release = "INSERT INTO releases (enterprise_id, job, hold_id, aim, by, at, until, run_id, os_user, host, terminal)"
    with contextlib.closing(sqlite3.connect(old)) as database, database:
        database.execute(f"{release} VALUES ('1', 'n', 'update:1', 'aim', 'Ines', '', '', '', '', '', '')")
        database.execute("ALTER TABLE holds DROP COLUMN aim")
        database.execute("ALTER TABLE releases DROP COLUMN says")
        database.execute("DROP TABLE known_groups")
        database.execute("DROP TABLE budgets")
        database.execute("DROP TABLE aliases")
        database.execute("DROP TABLE invites")
        database.execute("DROP TABLE onboarding")
        database.execute("DROP TABLE wants")
        database.execute("UPDATE about SET value = '14' WHERE name = 'schema_version'")
    made: list[FingerprintKey] = []

    with pytest.raises(InputError, match="fingerprints of a key that is not there any more"):
        open_ledger(f"sqlite:///{old}", Keys(lambda: None, lambda: made.append(OTHER) or OTHER))

    assert not made
    assert cells(old, "SELECT aim FROM releases WHERE job = 'n'") == ["aim"]


def test_what_is_no_table_is_damage_and_stays(old: Path) -> None:
    with contextlib.closing(sqlite3.connect(old)) as database, database:
        database.execute("UPDATE said SET packed = ?", [b"no Parquet"])

    with pytest.raises(DamagedLedger):
        opened(old, with_key(KEY))

    assert cells(old, "SELECT packed FROM said") == [b"no Parquet"]


@pytest.mark.parametrize("damage", [pack(pd.DataFrame({"box_id": ["1"], "phone": ["text"]})), b""])
def test_what_is_damaged_is_not_known(old: Path, damage: bytes) -> None:
    with contextlib.closing(sqlite3.connect(old)) as database, database:
        database.execute("UPDATE said SET packed = ?", [damage])
        database.execute("UPDATE profiles SET profile = '{\"check\": [1'")

    memory = opened(old, with_key(KEY))

    assert (memory.said, memory.other_key) == (b"", False)
    assert all(from_json(each.profile) is None for each in memory.baselines)


PHONE = "f" * 64
MARKS = ("0123456789abcdef", "fedcba9876543210")
WAITS = f"differs:fields=phone;shown_otherwise:fields=phone%2C name,marks={'%2C'.join(MARKS)}"


def test_what_approvals_are_for_and_what_box_shows_otherwise_is_keyed_in_a_ledger_of_before_and_of_now(
    tmp_path: Path,
) -> None:
    """Version 15. Whoever reads a ledger knows who is held, and would only have to guess the phone."""
    path, at = tmp_path / "ledger.db", "2026-03-02T01:00:07+00:00"
    word = Release("update:1", PHONE, Decider("Ines"), at, at, "run")
    held = Hold("update:1", "update", "1", "E1", "a@x.example", "Ada", WAITS, at, at, 1, aim=PHONE)
    with contextlib.closing(open_ledger(f"sqlite:///{path}")) as ledger:  # without a key
        ledger.release("27335", "nightly", [word])
        ledger.learn("27335", "nightly", replace(NOTHING, holds=(held,)), Taught("run", at, at))
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("ALTER TABLE holds DROP COLUMN aim")
        database.execute("ALTER TABLE releases DROP COLUMN says")
        database.execute("DROP TABLE known_groups")
        database.execute("DROP TABLE budgets")
        database.execute("DROP TABLE aliases")
        database.execute("DROP TABLE invites")
        database.execute("DROP TABLE onboarding")
        database.execute("DROP TABLE wants")
        database.execute("UPDATE about SET value = '14'")

    before = opened(path, with_key(KEY))
    with contextlib.closing(open_ledger(f"sqlite:///{path}", with_key(KEY))) as ledger:
        ledger.release("27335", "nightly", [word])
        ledger.learn(
            "27335", "nightly", replace(NOTHING, holds=(*before.holds, held)[1:]), Taught("run", at, at)
        )
    now = opened(path, with_key(KEY))

    assert (
        [one.aim for one in before.releases] == [one.aim for one in now.releases] == [kept(PHONE, KEY, AIM)]
    )
    assert [one.aim for one in before.holds] == [""]  # not known of before
    assert now.holds == (replace(before.holds[0], aim=kept(PHONE, KEY, AIM)),)
    assert PHONE.encode() not in path.read_bytes()
    assert not any(mark.encode() in path.read_bytes() for mark in MARKS)
    assert kept(kept(PHONE, KEY, AIM), KEY, AIM) == kept(PHONE, KEY, AIM) != kept(PHONE, OTHER, AIM)
