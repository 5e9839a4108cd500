"""Whatever the bytes of a file are, the answer is a roster or a RosterError, never another exception."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from provision.errors import RosterError
from provision.job.settings import RosterSettings
from provision.roster import read_roster, write_roster
from provision.roster.files.locate import FORMS
from tests.examples import either, examples

from .forms import packed, sample, unpacked

relaxed = examples(80, suppress_health_check=[HealthCheck.function_scoped_fixture])
pieces = st.sampled_from(
    [b"login", b"name", b",", b";", b"\t", b"\n", b"\r\n", b"\r", b'"', b"a@x.example", b"\0", b"\xff", b"\xc3", b"\xc3\xa9", b" "]
)  # fmt: skip


def answer(path):
    try:
        return read_roster(RosterSettings(path=str(path)))
    except RosterError as refused:
        return refused


@relaxed
@given(st.binary(max_size=400) | st.lists(pieces, max_size=40).map(b"".join), st.sampled_from(sorted(FORMS)))
@example(b"\xff\xfe", ".csv")
@example(b"login\n\xff", ".csv")
@example(b'"', ".csv")
@example(b'login\n"', ".csv")
@example(b"login,login\n", ".csv")
def test_any_bytes_have_an_answer(tmp_path, content, ending):
    path = tmp_path / f"staff{ending}"
    path.write_bytes(content)

    assert answer(path) is not None


@pytest.mark.soak
@pytest.mark.parametrize("form", ["csv", "tsv", "xlsx", "parquet"])
def test_a_file_cut_anywhere_has_an_answer(tmp_path, form):
    people = pd.DataFrame({"login": ["a@x.example", "b@x.example"], "name": ["Zoë", "Doe, Jane"]}).astype(
        "str"
    )
    path = tmp_path / f"staff.{form}"
    write_roster(people, path)
    content = path.read_bytes()
    # a workbook is read by a process of its own
    step = max(1, len(content) // either(12 if form == "xlsx" else 40, 150))

    for length in range(0, len(content), step):
        path.write_bytes(content[:length])
        assert answer(path) is not None


@pytest.mark.parametrize("form", sorted(FORMS))
def test_each_form_is_read(tmp_path, form):
    """What is damaged below is a roster to begin with."""
    path = tmp_path / f"staff{form}"
    path.write_bytes(sample(form, tmp_path))

    assert answer(path).valid == (12 if form == ".ods" else 2)


#: where in a file, and what stands there then: other bits, other bytes, a number that is very large, or nothing
changes = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.binary(min_size=1, max_size=4) | st.sampled_from([b"", b"\xff\xff\xff\x7f"]),
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.soak
@pytest.mark.timeout(either(60, 0))
@pytest.mark.parametrize("form", sorted(FORMS))
@settings(
    max_examples=either(3, 100),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes, st.none() | st.integers(0, 99))
def test_a_damaged_file_of_each_form_has_an_answer(tmp_path, form, changed, part):
    """``part``: which part of an archive is damaged and packed again, since what an archive is itself notices all other damage."""
    content = sample(form, tmp_path)
    parts = unpacked(content)
    if part is None or not parts:
        content = damaged(content, changed)
    else:
        name = sorted(parts)[part % len(parts)]
        content = packed({**parts, name: damaged(parts[name], changed)})
    path = tmp_path / f"staff{form}"
    path.write_bytes(content)

    assert answer(path) is not None


def damaged(content, changed):
    found = bytearray(content)
    for place, other in changed:
        at = int(place * len(found))
        found[at : at + max(1, len(other))] = other
    return bytes(found)
