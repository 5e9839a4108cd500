"""Whatever the bytes of a file are, the answer is a roster or a RosterError, never another exception."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from provision.errors import RosterError
from provision.job.settings import RosterSettings
from provision.roster import read_roster, write_roster
from provision.roster.files.locate import FORMS
from tests.examples import either, examples

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


changes = st.lists(st.tuples(st.integers(0, 999), st.binary(min_size=1, max_size=4)), min_size=1, max_size=3)


@relaxed
@given(st.sampled_from(["xlsx", "parquet"]), changes)
def test_a_file_with_changed_bytes_has_an_answer(tmp_path, form, changed):
    path = tmp_path / f"staff.{form}"
    write_roster(pd.DataFrame({"login": ["a@x.example"], "name": ["Ada"]}).astype("str"), path)
    content = io.BytesIO(path.read_bytes())
    for thousandth, other in changed:
        content.seek(len(content.getvalue()) * thousandth // 1000)
        content.write(other)
    path.write_bytes(content.getvalue())

    assert answer(path) is not None
