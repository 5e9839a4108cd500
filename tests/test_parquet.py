"""Tables of run folders and ledgers, read whoever wrote them."""

from __future__ import annotations

import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

from provision.parquet import read_parquet, write_parquet

#: texts of which only the ends are kept
CHAINED = {"use_dictionary": False, "column_encoding": {"line": "PLAIN", "reason": "DELTA_BYTE_ARRAY"}}


def people(rows=2):
    """A table as it is kept."""
    few = pd.DataFrame(
        {
            "line": [1, 2],
            "reason": pd.Series(["twice", None], dtype="str"),
            "owned": [True, False],
            "said": pd.array([7, 2**64 - 1], dtype="uint64"),
        }
    )
    return pd.concat([few] * (rows // 2), ignore_index=True)


def read(content, columns=None):
    """The table in these bytes."""
    return read_parquet(io.BytesIO(content), len(content), columns)


def written(columns, **how):
    """These columns by the library alone."""
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, **how)
    return stream.getvalue()


@pytest.mark.parametrize("rows", [2, 20_000])
def test_what_was_written_is_read_whole_or_in_some_columns(rows, tmp_path):
    path = tmp_path / "people.parquet"
    write_parquet([people(rows)], path)

    assert_frame_equal(read_parquet(path, path.stat().st_size), people(rows))
    assert_frame_equal(read(path.read_bytes(), ["said", "reason", "gone"]), people(rows)[["reason", "said"]])


def bombs():
    """Some bytes that would come to much more than a megabyte, one way each."""
    many, long = 20_000, "x" * 10_000
    lines = pa.array(range(many))
    often = {"line": lines, "reason": pa.array([long]).dictionary_encode().take(pa.array([0] * many))}
    yield "a text in every row", written(often)
    yield "a text in every row, its kind not said", written(often, store_schema=False)
    few = {"line": list(range(500)), "reason": [long] * 500}
    yield "chained texts", written(few, **CHAINED)
    # what is told of a column may be wrong; each part of it says for itself
    yield "chained texts that are told as plain", written(few, **CHAINED).replace(*_told_as_plain(few))
    yield "empty cells without end", written({f"c{at}": pa.nulls(200_000, pa.string()) for at in range(8)})
    yield "numbers without end", written({"line": pa.array([7] * 1_000_000)}, compression="zstd")
    yield "lists", written({"line": [[1, 2]]})


def _told_as_plain(columns):
    """The place where the file's end lists how the column of texts is kept, and what stands there of plain texts."""
    told = pq.ParquetFile(io.BytesIO(written(columns, **CHAINED))).metadata.row_group(0).column(1).encodings
    assert set(told) == {"RLE", "DELTA_BYTE_ARRAY"}
    # a list of two numbers of 32 bits in the compact protocol of Thrift: RLE is 3, DELTA_BYTE_ARRAY 7, PLAIN 0
    return (b"\x25\x06\x0e", b"\x25\x06\x00") if told[0] == "RLE" else (b"\x25\x0e\x06", b"\x25\x00\x06")


@pytest.mark.parametrize(("name", "content"), [pytest.param(*one, id=one[0]) for one in bombs()])
def test_a_table_takes_no_more_memory_than_one_of_ours_and_has_no_other_columns(name, content, monkeypatch):
    """Of a text that stands in every row a file has one, whatever lies in a run folder and whoever put it there."""
    monkeypatch.setattr("provision.parquet._OF_A_TABLE", 1 << 20)
    monkeypatch.setattr("provision.parquet._OF_BYTES", 1)

    with pytest.raises(ValueError) as told:
        read(content)

    assert told.value.__cause__ is not None or str(told.value)
    assert len(content) < 1 << 20
