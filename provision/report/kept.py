"""The private copy of a reconciliation, from which every report can be written again without Box.

``reconciliation.parquet`` is the table with the planned change of each line beside it (JSON text, "" for none);
``operations.parquet`` is the table of operations, ``reconciliation.facts.json`` the rest, with the SHA-256 of both and of
itself: a copy that was damaged is told, and never reported. Nothing is neutralised or cut in them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import msgspec
import pandas as pd
import pyarrow as pa

from provision.errors import PlanError
from provision.files import sha256_of, whole
from provision.frames import of_arrow
from provision.journal.value import Outcome
from provision.model import Status
from provision.operations.value import Change, bare_json
from provision.parquet import read_parquet, write_parquet
from provision.plan import v3_words
from provision.plan.value import GuardVerdict
from provision.records import LARGEST, content_of, damaged, decoded, expect_record, sound
from provision.report.value import (
    COLUMNS,
    OPERATION_COLUMNS,
    ListingFinding,
    Mode,
    Reconciliation,
    RunFacts,
    Totals,
)

TABLE_FILE = "reconciliation.parquet"
OPERATIONS_FILE = "operations.parquet"
FACTS_FILE = "reconciliation.facts.json"

#: version of the copy; another one is refused by name
VERSION = 2
#: the version before, whose operations tell their reasons in sentences
_IN_WORDS = 1
#: how the facts end, behind their own digest
_END = b'"}'
_VERIFY = "`provision verify JOB` shows how Box differs from the roster now."


@dataclass(frozen=True, slots=True)
class _Facts:
    """Everything but the tables."""

    version: int
    run: RunFacts
    mode: Mode
    totals: Totals
    attention: tuple[int, ...]
    refused: tuple[GuardVerdict, ...]
    findings: tuple[ListingFinding, ...]
    statement: str
    #: SHA-256 of the tables by name of file; none in a copy of an earlier release
    tables: dict[str, str] = field(default_factory=dict)
    #: SHA-256 of all of this, itself left empty; the last word of the file
    digest: str = ""


def keep(reconciliation: Reconciliation, facts: RunFacts, folder: Path) -> Path:
    """Write the private copy; where its table lies. Raises ``RunFolderError`` if the folder cannot be written."""
    encode = msgspec.json.encode
    changes = [b""] * len(reconciliation.table)
    for at, text in zip(reconciliation.changes, bare_json(reconciliation.changes.values()), strict=True):
        changes[at] = text
    texts = of_arrow(pa.array(changes, pa.large_binary()).cast(pa.large_string()))
    table = reconciliation.table.assign(change=texts.set_axis(reconciliation.table.index))
    path = _kept(table, folder / TABLE_FILE)
    operations = _kept(reconciliation.operations, folder / OPERATIONS_FILE)
    tables = {each.name: sha256_of(each) for each in (path, operations)}
    rest = encode(asdict(replace(_rest(reconciliation, facts), tables=tables)))
    told = rest.removesuffix(_END) + hashlib.sha256(rest).hexdigest().encode() + _END
    whole(folder / FACTS_FILE, lambda part: part.write_bytes(told))
    return path


def _kept(table: pd.DataFrame, path: Path) -> Path:
    return whole(path, lambda part: write_parquet([table], part, compression="zstd"))


def _rest(reconciliation: Reconciliation, facts: RunFacts) -> _Facts:
    return _Facts(
        version=VERSION,
        run=facts,
        mode=reconciliation.mode,
        totals=reconciliation.totals,
        attention=tuple(int(at) for at in reconciliation.attention.index),
        refused=reconciliation.refused,
        findings=reconciliation.findings,
        statement=reconciliation.statement,
    )


def reopen(folder: Path) -> tuple[Reconciliation, RunFacts]:
    """The reconciliation and the facts of a run as they were kept.

    Raises:
        PlanError: there is no copy in this folder, it is damaged, or of another version.
    """
    try:
        rest = _read_facts(folder / FACTS_FILE)
        path = folder / TABLE_FILE
        reopened = sound(path, lambda: _reopened(rest, _table(path, rest)), _VERIFY)
        return _with_operations(reopened, rest, folder), rest.run
    except FileNotFoundError as error:
        raise _no_copy(folder) from error


def _table(path: Path, rest: _Facts) -> pd.DataFrame:
    """A table of the copy. Raises DamagedFile, or what a library says of a table of an earlier release that is damaged."""
    expect_record(path, _VERIFY)
    try:
        if rest.tables and rest.tables.get(path.name) != sha256_of(path):
            raise damaged(path, "it is not the table that was written with this copy", _VERIFY)
        return read_parquet(path, path.stat().st_size)
    except OSError as error:
        raise damaged(path, "it is damaged", _VERIFY) from error


def _with_operations(reopened: Reconciliation, rest: _Facts, folder: Path) -> Reconciliation:
    """The reconciliation with how each operation ended; in the version before each had a line of its own."""
    if rest.version == _IN_WORDS:
        told = reopened.table["outcome"]
        lines = ((change.id, str(told.iat[at])) for at, change in reopened.changes.items())
        return replace(reopened, outcomes=_outcomes(lines))
    path = folder / OPERATIONS_FILE

    def with_those() -> Reconciliation:
        operations = _table(path, rest)[list(OPERATION_COLUMNS)]
        ended = zip(operations["id"].tolist(), operations["outcome"].tolist(), strict=True)
        return replace(reopened, outcomes=_outcomes(ended), operations=operations)

    return sound(path, with_those, _VERIFY)


def _outcomes(ended: Iterable[tuple[str, str]]) -> dict[str, Outcome]:
    return {name: Outcome(name, Status(outcome)) for name, outcome in ended if outcome}


def _no_copy(folder: Path) -> PlanError:
    return PlanError(
        f"{folder} holds no reconciliation.",
        cause="it is not a run folder, or the run ended before there was anything to report.",
        remedy="`provision runs` lists the runs and their folders.",
    )


def _read_facts(path: Path) -> _Facts:
    content = content_of(path, _VERIFY, LARGEST)
    rest = decoded(path, content, _Facts, _VERIFY)
    if rest.version == _IN_WORDS:
        return replace(rest, run=replace(rest.run, drift=v3_words.drift_of(rest.run.notes)))
    if rest.version != VERSION:
        raise PlanError(
            f"The reconciliation kept in {path.parent} has version {rest.version}; this program reads version {VERSION}.",
            cause="the run was made by another version of this program.",
            remedy="write the report with the version that made the run.",
        )
    unsigned = content.removesuffix(rest.digest.encode() + _END) + _END
    if rest.digest and hashlib.sha256(unsigned).hexdigest() != rest.digest:
        raise damaged(path, "it is not as it was written", _VERIFY)
    return rest


def _in_words(text: str) -> Change:
    """An operation of the version before."""
    return msgspec.convert(v3_words.change_of(msgspec.json.decode(text)), type=Change)


def _reopened(rest: _Facts, kept: pd.DataFrame) -> Reconciliation:
    if "source" not in kept:  # kept by a release that did not tell it
        kept = kept.assign(source="")
    table = kept[list(COLUMNS)]
    decode = _in_words if rest.version == _IN_WORDS else msgspec.json.Decoder(Change).decode
    changes = {at: decode(text) for at, text in enumerate(kept["change"].tolist()) if text}
    return Reconciliation(
        table=table,
        mode=rest.mode,
        totals=rest.totals,
        attention=table.iloc[list(rest.attention)],
        refused=rest.refused,
        findings=rest.findings,
        statement=rest.statement,
        changes=changes,
    )
