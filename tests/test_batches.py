"""What is laid aside in batches comes back as it was, and nobody's data stay behind."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from provision.batches import Held, Sifted, Spool, joined
from provision.errors import InputError
from tests.examples import examples

SEEDED = examples(100)

CELLS = {
    "str": st.text(max_size=20) | st.sampled_from(["", "Zoë", "Ömer", "李", "a\nb", "\0"]),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "uint64": st.integers(0, 2**64 - 1),
}
NAMES = ("login", "line", "known", "hash", "Straße")


def frame(columns: dict[str, list[object]], dtypes: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(cells, dtype=dtypes[name]) for name, cells in columns.items()})


@st.composite
def several(draw: st.DrawFn) -> list[pd.DataFrame]:
    """One to four batches with the same columns, of which any may be empty."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    dtypes = {name: draw(st.sampled_from(sorted(CELLS))) for name in names}
    sizes = draw(st.lists(st.integers(0, 5), min_size=1, max_size=4))
    return [
        frame(
            {
                name: draw(st.lists(CELLS[dtype], min_size=size, max_size=size))
                for name, dtype in dtypes.items()
            },
            dtypes,
        )
        for size in sizes
    ]


def spooled(frames: list[pd.DataFrame]) -> Spool:
    spool = Spool()
    for one in frames:
        spool.append(one)
    return spool


def people(size: int, start: int = 0) -> pd.DataFrame:
    line = np.arange(start, start + size, dtype="int64")
    return pd.DataFrame({"login": pd.Series(line).astype("str") + "@acme.example", "line": line})


def assert_same(found: list[pd.DataFrame], expected: list[pd.DataFrame]) -> None:
    for one, other in zip_longest(found, expected):
        assert_frame_equal(one, other)


@SEEDED
@given(several())
def test_what_was_written_comes_back_as_it_was_as_often_as_wanted(frames):
    spool = spooled(frames)

    assert_same(list(spool.each()), frames)
    assert_same(list(spool.each()), frames)
    assert (spool.rows, spool.count) == (sum(map(len, frames)), len(frames))


@SEEDED
@given(several(), st.data())
def test_columns_come_as_they_are_asked_for(frames, data):
    every = list(frames[0].columns)
    asked = data.draw(st.permutations(every))[: data.draw(st.integers(0, len(every)))]

    assert_same(list(spooled(frames).each(asked)), [one[asked] for one in frames])


@SEEDED
@given(several())
def test_whole_is_all_batches_with_one_index(frames):
    spool = spooled(frames)

    whole = spool.whole()

    assert_frame_equal(whole, pd.concat(frames).reset_index(drop=True))
    assert isinstance(whole.index, pd.RangeIndex)
    assert_same(list(spool.each()), frames)


@SEEDED
@given(several(), st.data())
def test_sifted_has_the_rows_its_masks_mean(frames, data):
    masks = [
        data.draw(st.none() | st.lists(st.booleans(), min_size=len(one), max_size=len(one))) for one in frames
    ]
    meant = [
        one if mask is None else one[np.array(mask, bool)].reset_index(drop=True)
        for one, mask in zip(frames, masks, strict=True)
    ]

    sifted = Sifted(spooled(frames), [None if mask is None else np.array(mask, bool) for mask in masks])

    assert_same(list(sifted.each()), meant)
    assert_frame_equal(sifted.whole(), pd.concat(meant, ignore_index=True))
    assert (sifted.rows, sifted.count) == (sum(map(len, meant)), len(frames))


def test_sifted_chooses_columns_too():
    sifted = Sifted(spooled([people(3), people(2, 3)]), [np.array([True, False, True]), None])

    assert [one["line"].tolist() for one in sifted.each(["line"])] == [[0, 2], [3, 4]]
    assert [list(one.columns) for one in sifted.each(["line"])] == [["line"], ["line"]]


def test_sifted_with_a_mask_too_few_is_no_shorter_reading():
    with pytest.raises(ValueError, match="shorter"):
        list(Sifted(spooled([people(3), people(2)]), [None]).each())


def test_held_is_one_batch():
    held = Held(people(3))

    assert (held.rows, held.count) == (3, 1)
    assert_same(list(held.each()), [people(3)])
    assert_same(list(held.each(["line", "login"])), [people(3)[["line", "login"]]])
    assert_frame_equal(held.whole(), people(3))


@pytest.mark.parametrize("make", [Held, lambda one: spooled([one])], ids=["held", "spool"])
def test_column_that_is_not_there_is_an_error(make):
    with pytest.raises(KeyError, match="name"):
        list(make(people(3)).each(["login", "name"]))


@pytest.mark.parametrize("make", [Held, lambda one: spooled([one])], ids=["held", "spool"])
def test_change_to_a_batch_stays_with_whoever_made_it(make):
    batches = make(people(3))

    for one in (*batches.each(), *batches.each(["line"])):
        one["line"] += 1
        one.loc[0, "line"] = 9

    assert_same(list(batches.each()), [people(3)])


def test_readings_in_turns_do_not_disturb_each_other():
    frames = [people(3, start) for start in range(0, 30, 3)]
    spool = spooled(frames)

    turns = list(zip(spool.each(), spool.each(["line"]), spool.each(["login"]), strict=True))

    for number in range(3):
        names = list(turns[0][number].columns)
        assert_same([turn[number] for turn in turns], [one[names] for one in frames])


def test_threads_read_at_once_and_the_first_reading_too():
    frames = [people(500, start) for start in range(0, 5_000, 500)]
    spool = spooled(frames)

    with ThreadPoolExecutor(6) as pool:
        readings = list(pool.map(lambda _: list(spool.each()), range(24)))

    for found in readings:
        assert_same(found, frames)


def test_spool_without_a_batch_says_so():
    spool = Spool()

    assert (spool.rows, spool.count) == (0, 0)
    with pytest.raises(ValueError, match="without a batch"):
        list(spool.each())
    with pytest.raises(ValueError, match="without a batch"):
        spool.whole()


def test_spool_may_still_be_written_after_an_early_reading():
    spool = Spool()
    with pytest.raises(ValueError, match="without a batch"):
        spool.whole()

    spool.append(people(2))

    assert_frame_equal(spool.whole(), people(2))


def test_spool_takes_nothing_more_once_it_was_read():
    spool = spooled([people(2)])
    next(spool.each())

    with pytest.raises(ValueError, match="no more"):
        spool.append(people(2))

    assert_same(list(spool.each()), [people(2)])


@pytest.mark.parametrize(
    "other",
    [
        people(2).assign(name="Mia"),
        people(2)[["login"]],
        people(2)[["line", "login"]],
        people(2).rename(columns={"line": "row"}),
        people(2).astype({"line": "str"}),
        people(2).astype({"line": "uint64"}),
    ],
    ids=["one more", "one less", "another order", "another name", "another type", "another number"],
)
def test_batch_of_another_shape_is_refused_and_leaves_nothing(other):
    spool = spooled([people(2)])

    with pytest.raises(ValueError, match="where those before have"):
        spool.append(other)

    assert_same(list(spool.each()), [people(2)])
    assert (spool.rows, spool.count) == (2, 1)


def test_part_of_a_frame_comes_back_with_an_index_of_its_own():
    spool = spooled([people(10)[4:7], people(10)[people(10)["line"] > 8]])

    assert_same(list(spool.each()), [people(3, 4), people(1, 9)])


def test_batches_are_joined_with_an_index_from_0():
    assert_frame_equal(joined(iter([people(2), people(0), people(3, 2)])), people(5))


# --- the disk ------------------------------------------------------------------------------------------

_LIVES = """
import os, signal, sys
import pandas as pd
from provision.batches import Spool

spool = Spool()
spool.append(pd.DataFrame({"login": pd.Series(["mia@acme.example"] * 9, dtype="str")}))
assert spool.whole()["login"].tolist() == ["mia@acme.example"] * 9
opened = [os.readlink(f"/proc/self/fd/{spool._file.fileno()}")] if os.path.isdir("/proc/self/fd") else []
print(os.listdir(os.environ["TMPDIR"]), *opened, sep="\\n", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a file has a name for as long as it lives")
def test_file_has_no_name_while_it_lives_and_is_gone_with_a_killed_process(tmp_path):
    environ = {**os.environ, "TMPDIR": str(tmp_path)}

    ended = subprocess.run(
        [sys.executable, "-c", _LIVES], env=environ, capture_output=True, text=True, check=False
    )

    assert ended.returncode == -signal.SIGKILL, ended.stderr
    names, *opened = ended.stdout.splitlines()
    assert names == "[]"
    assert all(place.startswith(str(tmp_path)) for place in opened)
    assert list(tmp_path.iterdir()) == []


def test_file_is_closed_with_the_spool(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spool = spooled([people(2)])
    reading = spool.each()
    next(reading)

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        del spool, reading
        gc.collect()

    assert told == []
    assert list(tmp_path.iterdir()) == []


def test_reading_goes_on_though_nobody_else_holds_the_spool():
    reading = spooled([people(2), people(2, 2)]).each()
    found = [next(reading)]
    gc.collect()

    assert_same(found + list(reading), [people(2), people(2, 2)])


@pytest.mark.skipif(
    sys.platform != "linux", reason="a limit for files that tells instead of ending the process"
)
def test_disk_without_room_is_told_in_words():
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(InputError) as told:
            spooled([people(20_000), people(20_000)]).whole()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert "cannot be written among the temporary files: File too large." in told.value.what
    assert "TMPDIR" in told.value.remedy


def test_missing_temporary_folder_is_told_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))

    with pytest.raises(InputError, match="cannot be written among the temporary files: No such file"):
        Spool()
