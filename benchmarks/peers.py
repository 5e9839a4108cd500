"""The diff alone: which people are new, gone, and which of their cells differ; beside what one would pick for that.

    python benchmarks/peers.py [--rows ROWS] [--only SIDE] [--quick]

Two tables in memory with 14 columns of text each, ROWS people (default 1,000,000) in another order: 3 % have one or two
other cells, 3 % are new, 3 % gone. Each side has them as it likes them best before the clock starts; then it pairs the
keys and finds the cells. All have to find the same ones, or nothing is written. Writes benchmarks/results/peers.md.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from measure import Notes, Part, apart, at_least, chosen, in_turns, keep, table, timed

from provision.__main__ import look_rarely_for_cycles
from provision.batches import Held
from provision.box.accounts import COLUMNS, Whoami
from provision.directory.scope import survey
from provision.frames import folded, one_piece
from provision.job.settings import Scope
from provision.ledger.value import blank
from provision.model import UserKind
from provision.plan.diff.aligned import Side
from provision.plan.diff.diff import differing
from provision.plan.match.correlate import correlate, with_memory

KEY = "login"
#: the columns of both tables beside the key, all of them compared
FIELDS = (
    "name", "role", "status", "language", "timezone", "job_title", "phone", "address", "space_amount",
    "is_sync_enabled", "can_see_managed_users", "is_external_collab_restricted", "notification_email",
)  # fmt: skip
OURS = "provision"
#: takes so long, loading included, that one run has to do
_ONCE = ("csv-diff",)


def make(folder: Path, rows: int) -> Notes:
    """Both tables as Parquet and CSV: ``box`` sorted by number, ``roster`` in no order."""
    numbers, share = np.arange(rows), max(rows * 3 // 100, 1)
    box, roster = _people(numbers, changed=False), _people(numbers + share, changed=True)
    roster = roster.sample(frac=1, random_state=7, ignore_index=True)
    for name, frame in (("box", box), ("roster", roster)):
        frame.to_parquet(folder / f"{name}.parquet", index=False)
        frame.to_csv(folder / f"{name}.csv", index=False)
    return {}


def _people(numbers: np.ndarray, *, changed: bool) -> pd.DataFrame:
    number = pd.Series(numbers).astype("str")
    cells: dict[str, object] = {
        KEY: "p" + number + "@acme.example",
        "name": "Person " + number,
        "role": "user",
        "status": "active",
        "language": np.where(numbers % 5 == 0, "de", "en"),
        "timezone": "Europe/Berlin",
        "job_title": np.where(changed & (numbers % 33 == 0), "Director", "Clerk"),
        "phone": np.where(changed & (numbers % 99 == 0), "+49 40 ", "+49 30 ") + number,
        "address": "Street " + number,
        "space_amount": str(10 * 1024**3),
    }
    cells |= dict.fromkeys(FIELDS[-4:-1], "true") | {"notification_email": "n" + number + "@acme.example"}
    return pd.DataFrame(cells).astype("str")


def _in_one_piece(columns: pd.DataFrame) -> pd.DataFrame:
    """Text as rosters and listings have it: each column in one piece."""
    return pd.DataFrame({name: pd.array(one_piece(columns[name]), dtype="str") for name in columns})


def ours(folder: Path) -> Notes:
    """The keys as the plan pairs them, with all its doubts, and the cells that differ."""
    look_rarely_for_cycles()
    listed = _in_one_piece(pd.read_parquet(folder / "box.parquet"))
    number = pd.Series(np.arange(len(listed)) + 10**9).astype("str")
    cells: dict[str, object] = dict.fromkeys(COLUMNS, "") | {"box_id": number, "kind": "managed"}
    users = pd.DataFrame(cells | {"enterprise_id": "1"} | dict(listed.items())).astype("str")
    accounts = survey(
        Held(users[list(COLUMNS)]), Scope(), frozenset({UserKind.MANAGED}), Whoami("1", "1")
    ).frame.drop(columns="login_key")
    rows = _in_one_piece(pd.read_parquet(folder / "roster.parquet"))
    rows = rows.assign(line=np.arange(len(rows)) + 2, external_id="", kind="managed")
    rows = rows.astype(dict.fromkeys(("external_id", "kind"), "str"))
    notes: Notes = {}
    with timed(notes):
        known = with_memory(accounts.assign(login_key=folded(accounts["login"])), blank())
        place = correlate(rows, known).position
        both, left = np.flatnonzero(place >= 0), np.ones(len(known), dtype=bool)
        left[place[both]] = False
        names = list(FIELDS)
        unlike = differing(Side(rows[names], both), Side(known[[*names, "untold"]], place[both]))
    keys = rows[KEY].to_numpy(object)
    pairs = zip(keys[both][unlike["at"]], unlike["field"], strict=True)
    return notes | {"found": _digest(keys[place < 0], accounts[KEY][left], pairs)}


def merged_by_pandas(folder: Path) -> Notes:
    """What one would write first."""
    box, roster = (pd.read_parquet(folder / f"{name}.parquet") for name in ("box", "roster"))
    notes: Notes = {}
    with timed(notes):
        both = roster.merge(box, on=KEY, how="outer", suffixes=("", "_box"), indicator=True)
        paired = both[both["_merge"] == "both"]
        unlike = {name: paired[KEY][paired[name] != paired[f"{name}_box"]] for name in FIELDS}
        new, gone = (both[KEY][both["_merge"] == side] for side in ("left_only", "right_only"))
    return notes | {"found": _digest(new, gone, _cells(unlike))}


def compared_by_datacompy(folder: Path) -> Notes:
    """The peer datacompy on pandas; its report is not asked for."""
    import datacompy

    box, roster = (pd.read_parquet(folder / f"{name}.parquet") for name in ("box", "roster"))
    notes: Notes = {}
    with timed(notes):
        found = datacompy.PandasCompare(roster, box, join_columns=KEY)
        rows = found.intersect_rows
        unlike = {name: rows[KEY][~rows[f"{name}_match"]] for name in FIELDS}
    return notes | {"found": _digest(found.df1_unq_rows[KEY], found.df2_unq_rows[KEY], _cells(unlike))}


def compared_by_datacompy_polars(folder: Path) -> Notes:
    """The peer datacompy on polars, likewise."""
    import datacompy
    import polars as pl

    box, roster = (pl.read_parquet(folder / f"{name}.parquet") for name in ("box", "roster"))
    notes: Notes = {}
    with timed(notes):
        found = datacompy.PolarsCompare(roster, box, join_columns=KEY)
        rows = found.intersect_rows
        unlike = {name: rows.filter(~pl.col(f"{name}_match"))[KEY] for name in FIELDS}
    return notes | {"found": _digest(found.df1_unq_rows[KEY], found.df2_unq_rows[KEY], _cells(unlike))}


def joined_by_polars(folder: Path) -> Notes:
    """A full join in polars."""
    import polars as pl

    box, roster = (pl.read_parquet(folder / f"{name}.parquet") for name in ("box", "roster"))
    notes: Notes = {}
    with timed(notes):
        both = roster.join(box, on=KEY, how="full", suffix="_box")
        paired = both.filter(pl.col(KEY).is_not_null() & pl.col(f"{KEY}_box").is_not_null())
        unlike = {name: paired.filter(pl.col(name) != pl.col(f"{name}_box"))[KEY] for name in FIELDS}
        new = both.filter(pl.col(f"{KEY}_box").is_null())[KEY]
        gone = both.filter(pl.col(KEY).is_null())[f"{KEY}_box"]
    return notes | {"found": _digest(new, gone, _cells(unlike))}


_JOIN = """
select roster.{key} as key, box.{key} as key_box, {flags}
from roster full outer join box on roster.{key} = box.{key}
where roster.{key} is null or box.{key} is null or {any}
"""


def joined_by_duckdb(folder: Path) -> Notes:
    """A full outer join in DuckDB, over Arrow tables."""
    import duckdb

    box, roster = (pq.read_table(folder / f"{name}.parquet") for name in ("box", "roster"))
    base = duckdb.connect()
    base.register("box", box)
    base.register("roster", roster)
    unlike = [f"(roster.{name} is distinct from box.{name})" for name in FIELDS]
    flags = ", ".join(f"{test} as {name}" for test, name in zip(unlike, FIELDS, strict=True))
    notes: Notes = {}
    with timed(notes):
        found = base.sql(_JOIN.format(key=KEY, flags=flags, any=" or ".join(unlike))).df()
    new, gone = (found["key_box"].isna(), found["key"].isna())
    paired = found[~new & ~gone]
    cells = _cells({name: paired["key"][paired[name]] for name in FIELDS})
    return notes | {"found": _digest(found["key"][new], found["key_box"][gone], cells)}


def compared_by_csv_diff(folder: Path) -> Notes:
    """csv-diff; the loading of both files, which takes it longer, is not counted."""
    import csv_diff

    loaded = []
    for name in ("box", "roster"):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            loaded.append(csv_diff.load_csv(file, key=KEY))
    notes: Notes = {}
    with timed(notes):
        found = csv_diff.compare(*loaded)
    new, gone = ([person[KEY] for person in found[side]] for side in ("added", "removed"))
    cells = ((person["key"], name) for person in found["changed"] for name in person["changes"])
    return notes | {"found": _digest(new, gone, cells)}


SIDES: dict[str, Callable[[Path], Notes]] = {
    OURS: ours,
    "polars join": joined_by_polars,
    "duckdb full outer join": joined_by_duckdb,
    "datacompy on polars": compared_by_datacompy_polars,
    "pandas merge and compare": merged_by_pandas,
    "datacompy on pandas": compared_by_datacompy,
    "csv-diff": compared_by_csv_diff,
}


def _cells(unlike: Mapping[str, Iterable[str]]) -> Iterable[tuple[str, str]]:
    return ((key, name) for name, keys in unlike.items() for key in keys)


def _digest(new: Iterable[str], gone: Iterable[str], cells: Iterable[tuple[str, str]]) -> float:
    """One number for what was found: new keys, keys that are gone, and (key, column) of the cells that differ."""
    told = repr(
        (sorted(map(str, new)), sorted(map(str, gone)), sorted((str(key), name) for key, name in cells))
    )
    return float(int(hashlib.sha256(told.encode()).hexdigest()[:12], 16))


def best_of(folder: Path, names: Iterable[str], *, at_hand_mb: int) -> dict[str, Notes]:
    """The best of three of each in turns; one run of what is slow."""
    fast = {name: partial(SIDES[name], folder) for name in names if name not in _ONCE}
    slow = {name: partial(SIDES[name], folder) for name in names if name in _ONCE}
    return in_turns(fast, at_hand_mb=at_hand_mb) | in_turns(slow, 1)


def text(rows: int, best: dict[str, Notes]) -> str:
    """The result as Markdown."""
    lines = [
        [name, f"{notes['s']:.2f}", f"{notes['s'] / best[OURS]['s']:.1f}", f"{notes['peak MB']:,.0f}"]
        for name, notes in sorted(best.items(), key=lambda side: side[1]["s"])
    ]
    return "\n".join(
        [
            f"# The diff alone: {rows:,} rows against {rows:,}, 14 columns",
            "",
            "3 % differ, 3 % are new, 3 % gone; all sides found the same keys and cells. The best of three in turns; one run for",
            f"{', '.join(_ONCE)}. The peak holds both tables as this side likes them.",
            "",
            table(["way", "seconds:", "times ours:", "peak MB:"], lines),
            "",
        ]
    )


def main() -> None:
    """Measure, see that all agree, print and write down; a side alone is printed only."""
    told = chosen(
        __doc__,
        lambda parser: parser.add_argument("--rows", type=int, default=1_000_000),
        lambda parser: parser.add_argument("--only", choices=SIDES),
    )
    rows = 5_000 if told.quick else told.rows
    with tempfile.TemporaryDirectory() as folder:
        apart(partial(make, Path(folder), rows))
        best = best_of(
            Path(folder), [told.only] if told.only else list(SIDES), at_hand_mb=0 if told.quick else 3_000
        )
    if told.only:
        return
    apart_from_ours = {name for name, notes in best.items() if notes["found"] != best[OURS]["found"]}
    if apart_from_ours:
        sys.exit(f"not the same keys and cells as ours: {', '.join(sorted(apart_from_ours))}")
    seconds, fastest = min((notes["s"], name) for name, notes in best.items() if name != OURS)
    found = [
        at_least(1, seconds / best[OURS]["s"], f"{{:.1f}} times as fast as the fastest peer, {fastest}"),
        at_least(
            7,
            best["datacompy on pandas"]["s"] / best[OURS]["s"],
            "{:.1f} times as fast as datacompy on pandas",
        ),
    ]
    keep(Part("peers", text(rows, best), {"diff": found}), quick=told.quick)


if __name__ == "__main__":
    main()
