"""What is kept of a roster, and how much two of them have in common."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from provision.hashes import Hashes, hashed
from provision.job.settings import RosterSettings
from provision.keyed import FingerprintKey
from provision.roster.profile.profile import (
    KEPT,
    Profile,
    digits_share,
    from_json,
    overlap,
    pattern,
    people_in,
    shared_part,
    sketch,
)
from provision.roster.read import read_roster

HEADER = "external_id,login,name,phone\n"


def line(number: int, name: str = "") -> str:
    return f"{number:08d},p{number}@acme.example,{name or f'Person {number}'},\n"


@pytest.fixture
def profiled(tmp_path: Path) -> Callable[..., Profile]:
    def read(content: str | bytes, **settings: object) -> Profile:
        path = tmp_path / "people.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        profile = read_roster(RosterSettings(path=str(path), **settings)).profile
        assert profile is not None
        return profile

    return read


KEY = FingerprintKey(b"invented")


def of(texts: list[str]) -> Hashes:
    return hashed(pd.Series(texts, dtype="str"))


def test_a_roster_is_described_without_naming_anybody(profiled):
    profile = profiled(HEADER + line(1, "Zoë Unmistakable") + line(2))

    assert (profile.rows, profile.valid, profile.rejected, profile.key) == (2, 2, 0, "external_id")
    assert profile.headers == ("external_id", "login", "name", "phone")
    assert profile.empty == {"external_id": 0, "login": 0, "name": 0, "phone": 2}
    assert (profile.patterns, profile.domains) == ({"digits:8": 1.0}, {"acme.example": 1.0})
    assert (profile.encoding, profile.certain, profile.ends, profile.suspicious) == ("utf-8", True, True, 0)
    assert "Unmistakable" not in profile.to_json()
    assert "p1@" not in profile.to_json()


def test_a_profile_is_read_as_it_was_written(profiled):
    profile = profiled(HEADER + line(1))

    read = from_json(profile.to_json())
    assert read == profile
    assert read is not None
    assert read.to_json() == profile.to_json()  # a plan is sealed with it, byte by byte
    assert from_json('{"of": "another version"}') is None
    assert from_json("") is None


def test_the_order_of_rows_and_columns_does_not_matter(profiled):
    first = profiled("login,external_id\na@acme.example,1\nb@acme.example,2\n")
    second = profiled("external_id,login\n2,b@acme.example\n1,a@acme.example\n")

    assert (first.headers, first.keys, first.logins) == (second.headers, second.keys, second.logins)


@pytest.mark.parametrize(
    ("last", "declared"),
    [
        ("TRAILER|2\n", 2),
        ("TRAILER,2,,\n", 2),
        ("Total rows: 2\n", 2),
        (",,Total employees: 2,\n", 2),
        ("Row count = 1,002\n", 1002),
        ("Total: 2\n", None),  # of what?
        ("", None),
    ],
)
def test_the_last_line_may_say_how_many_rows_there_are(profiled, last, declared):
    profile = profiled((HEADER + line(1) + line(2) + last).replace("1,002", "1.002"))

    assert (profile.declared, profile.rows) == (declared, 2)


@pytest.mark.parametrize(
    ("content", "encoding", "certain"),
    [
        ("Müller".encode(), "utf-8", True),
        (b"\xef\xbb\xbfAnna", "utf-8", True),
        ("Müller Straße Gérard".encode("cp1252"), "windows-1252", False),
    ],
)
def test_the_encoding_and_whether_it_is_certain(profiled, content, encoding, certain):
    mark = content[:3] if content.startswith(b"\xef") else b""
    profile = profiled(mark + b"login,name\na@acme.example," + content.removeprefix(mark) + b"\n")

    assert (profile.encoding, profile.certain) == (encoding, certain)


def test_wide_text_is_known_by_its_mark(profiled):
    assert profiled("login,name\na@acme.example,Anna\n".encode("utf-16")).encoding == "utf-16"


@pytest.mark.parametrize(
    ("name", "cells"),
    [("Zoë", 0), ("ZoÃ«", 1), ("Zo\ufffd", 1), ("M?ller", 1), ("Who?", 0), ("Âne", 0), ("São", 0)],
)
def test_characters_that_were_lost_or_read_wrongly_are_counted(profiled, name, cells):
    assert profiled(HEADER + line(1, name) + line(2)).suspicious == cells


def test_rows_that_share_a_key_are_counted_once(profiled):
    twice, often = (profiled(HEADER + line(1) * many + line(2)) for many in (2, 4))

    assert (twice.duplicates, twice.people) == (2, 2)
    assert (often.duplicates, often.people) == (4, 2)
    as_before = replace(often, repeats=-1)  # as an older release has kept it, which took them for people
    assert people_in(as_before, often) == (3, 3)


def test_a_file_that_does_not_end_with_a_line_end(profiled):
    assert not profiled((HEADER + line(1)).rstrip("\n")).ends


def test_logins_are_the_key_where_most_people_have_no_number(profiled):
    profile = profiled("external_id,login\n,a@acme.example\n,b@acme.example\n1,c@acme.example\n")

    assert (profile.key, profile.keys) == ("login", profile.logins)


@pytest.mark.parametrize(
    ("key", "form"),
    [("00012345", "digits:8"), ("ABC", "letters:3"), ("E-12", "mixed:4"), ("12345", "digits:5")],
)
def test_the_form_of_a_key(key, form):
    assert pattern(key) == form


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("size", [10, KEPT, 30_000])
def test_the_overlap_of_two_sets_is_known_nearly(share, size):
    same, texts = int(share * size), [f"E{number}" for number in range(2 * size)]
    random.Random(7).shuffle(texts)  # noqa: S311 - an order, not a secret

    found = overlap(sketch(of(texts[:size])), sketch(of(texts[size - same : 2 * size - same])))

    assert found == pytest.approx(same / size, abs=1e-9 if size <= KEPT else 0.06)


@pytest.mark.parametrize("changed", [100, 5_000])
def test_of_keyed_sketches_the_part_is_known_that_all_of_them_know(changed):
    """Of 5,000 rows some are changed, and the next night as before; where all were, no row is in all three rosters."""
    before = [f"row {number}" for number in range(5_000)]
    then = [f"{text}, changed" if at < changed else text for at, text in enumerate(before)]
    sketches = [sketch(of(texts)).keyed(KEY, "nightly", "content") for texts in (before, then, before)]

    now, last, earlier = shared_part(*sketches)
    differing = np.setdiff1d(now, last)

    assert (now == earlier).all()
    assert len(differing) == pytest.approx(changed * KEPT / 5_000, rel=0.4)
    assert len(np.setdiff1d(last, now)) == pytest.approx(len(differing), rel=0.4, abs=5)


def test_the_overlap_with_a_much_smaller_or_larger_set():
    many, few = sketch(of([f"E{n}" for n in range(50_000)])), sketch(of([f"E{n}" for n in range(500)]))

    assert overlap(many, few) == pytest.approx(0.01, abs=0.02)
    assert overlap(few, many) in (None, 1.0)


def test_empty_texts_are_nobody():
    assert sketch(of(["", "", ""])) == sketch(of([]))
    assert overlap(sketch(of([""])), sketch(of(["a"]))) is None


def test_a_share_of_nothing_is_written_as_it_is_read_again():
    # a plan's digest is of its text: a whole number would come back as another one
    assert repr(digits_share({"letters:3": 1.0})) == "0.0"
