"""Parquet files: typed columns become the text a spreadsheet would show."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from provision.errors import RosterError
from provision.job.settings import RosterSettings
from provision.roster import read_roster

LOGINS = ["a@x.example", "b@x.example"]


def parquet(**columns):
    stream = io.BytesIO()
    pq.write_table(pa.table({"login": LOGINS, **columns}), stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("field", "column", "cells"),
    [
        ("name", pa.array(["NA", None]), ["NA", ""]),
        ("external_id", pa.array(["007", "8"]), ["007", "8"]),
        ("external_id", pa.array([10423, None], pa.int64()), ["10423", ""]),
        ("external_id", pa.array([10423.0, None], pa.float64()), ["10423", ""]),
        ("external_id", pa.array([float("nan"), 7.5]), ["", "7.5"]),
        ("external_id", pa.array([Decimal("10423"), None], pa.decimal128(10, 0)), ["10423", ""]),
        ("name", pa.array(["Ada", "Ada"]).dictionary_encode(), ["Ada", "Ada"]),
        ("is_sync_enabled", pa.array([True, None]), ["true", ""]),
        ("start_date", pa.array([dt.date(2026, 1, 5), None]), ["2026-01-05", ""]),
        (
            "start_date",
            pa.array([dt.datetime(2026, 1, 5, tzinfo=dt.UTC), None], pa.timestamp("ns")),
            ["2026-01-05", ""],
        ),
        (
            "start_date",
            pa.array([dt.datetime(2026, 1, 5, 13, tzinfo=dt.UTC), None], pa.timestamp("us", "UTC")),
            ["2026-01-05", ""],
        ),
    ],
)
def test_typed_columns_become_text(read, field, column, cells):
    roster = read(parquet(**{field: column}), "staff.parquet")

    assert roster.frame[field].tolist() == cells
    assert roster.frame["line"].tolist() == [1, 2]


def test_a_column_of_lists_is_not_read_and_said_so(read):
    roster = read(parquet(groups=pa.array([["x"], []]), job_title=pa.array([b"x", b"y"])), "staff.parquet")

    assert 'the column "groups" holds lists, structures or bytes and is not read' in roster.notes
    assert roster.frame["job_title"].tolist() == ["", ""]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"login,name\n", "staff.parquet is not a Parquet file."),
        (b"PAR1" + b"x" * 99, "staff.parquet is a damaged Parquet file."),
    ],
)
def test_a_damaged_file_is_refused(read, content, message):
    with pytest.raises(RosterError) as refused:
        read(content, "staff.parquet")

    assert refused.value.what == message


def test_a_file_without_rows_is_refused(read):
    stream = io.BytesIO()
    pq.write_table(pa.table({"login": pa.array([], pa.string())}), stream)

    with pytest.raises(RosterError, match="has a header and not one row"):
        read(stream.getvalue(), "staff.parquet")


@pytest.mark.parametrize("group", [1, 7, 100])
def test_a_large_file_is_read_in_pieces_and_says_what_it_says_whole(tmp_path, monkeypatch, group):
    people = pd.DataFrame(
        {"login": [f"p{n % 38}@x.example" for n in range(40)], "name": [f"P {n}" for n in range(40)]}
    )
    people["tags"] = [["x"]] * 40
    people.to_parquet(tmp_path / "staff.parquet", row_group_size=group)
    settings = RosterSettings(path=str(tmp_path / "staff.parquet"))
    whole = read_roster(settings)
    monkeypatch.setattr("provision.roster.files.locate.LARGE", 0)
    monkeypatch.setattr("provision.roster.files.parquet.PIECE", 300)
    pieces = read_roster(settings)

    assert (pieces.people.count > 1, whole.people.count) == (True, 1)
    pd.testing.assert_frame_equal(pieces.frame, whole.frame)
    assert (pieces.errors, pieces.notes, pieces.reading) == (whole.errors, whole.notes, whole.reading)
    assert (whole.valid, len(whole.errors)) == (36, 4)
