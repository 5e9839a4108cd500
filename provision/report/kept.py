"""The private copy of a reconciliation, from which every report can be written again without Box.

``reconciliation.parquet`` is the table with the planned change of each line beside it (JSON text, "" for none);
``operations.parquet`` is the table of operations, ``reconciliation.facts.json`` the rest. Nothing is neutralised or cut in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec
import pandas as pd

from provision.errors import PlanError
from provision.files import whole
from provision.journal.value import Outcome
from provision.model import Status
from provision.operations.value import Change
from provision.plan import v3_words
from provision.plan.value import GuardVerdict
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


def keep(reconciliation: Reconciliation, facts: RunFacts, folder: Path) -> Path:
    """Write the private copy; where its table lies. Raises ``RunFolderError`` if the folder cannot be written."""
    encode = msgspec.json.encode
    changes = pd.Series("", index=reconciliation.table.index, dtype="str").to_numpy(dtype=object, copy=True)
    for at, change in reconciliation.changes.items():
        changes[at] = encode(change).decode()
    table = reconciliation.table.assign(change=pd.Series(changes, dtype="str"))
    path = _kept(table, folder / TABLE_FILE)
    _kept(reconciliation.operations, folder / OPERATIONS_FILE)
    rest = encode(asdict(_rest(reconciliation, facts)))
    whole(folder / FACTS_FILE, lambda part: part.write_bytes(rest))
    return path


def _kept(table: pd.DataFrame, path: Path) -> Path:
    return whole(path, lambda part: table.to_parquet(part, index=False, compression="zstd"))


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
        rest = _read_facts(folder)
        table = pd.read_parquet(folder / TABLE_FILE)
        changes = {
            at: msgspec.convert(v3_words.change_of(msgspec.json.decode(text)), type=Change)
            for at, text in enumerate(table["change"])
            if text
        }
        reopened = _reopened(rest, table[list(COLUMNS)], changes)
        return _with_operations(reopened, rest, folder), rest.run
    except FileNotFoundError as error:
        raise _no_copy(folder) from error
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise PlanError(
            f"The reconciliation kept in {folder} cannot be read.",
            cause="the file was edited, cut off, or written by another version.",
            remedy="`provision verify JOB` shows how Box differs from the roster now.",
        ) from error


def _with_operations(reopened: Reconciliation, rest: _Facts, folder: Path) -> Reconciliation:
    """The reconciliation with how each operation ended; in the version before each had a line of its own."""
    if rest.version == _IN_WORDS:
        told = reopened.table["outcome"]
        lines = ((change.id, str(told.iat[at])) for at, change in reopened.changes.items())
        return replace(reopened, outcomes=_outcomes(lines))
    operations = pd.read_parquet(folder / OPERATIONS_FILE)[list(OPERATION_COLUMNS)]
    ended = zip(operations["id"].tolist(), operations["outcome"].tolist(), strict=True)
    return replace(reopened, outcomes=_outcomes(ended), operations=operations)


def _outcomes(ended: Iterable[tuple[str, str]]) -> dict[str, Outcome]:
    return {name: Outcome(name, Status(outcome)) for name, outcome in ended if outcome}


def _no_copy(folder: Path) -> PlanError:
    return PlanError(
        f"{folder} holds no reconciliation.",
        cause="it is no run folder, or the run ended before there was anything to report.",
        remedy="`provision runs` lists the runs and their folders.",
    )


def _read_facts(folder: Path) -> _Facts:
    rest = msgspec.json.decode((folder / FACTS_FILE).read_bytes(), type=_Facts)
    if rest.version == _IN_WORDS:
        return replace(rest, run=replace(rest.run, drift=v3_words.drift_of(rest.run.notes)))
    if rest.version != VERSION:
        raise PlanError(
            f"The reconciliation kept in {folder} has version {rest.version}; this program reads version {VERSION}.",
            cause="the run was made by another version of this program.",
            remedy="write the report with the version that made the run.",
        )
    return rest


def _reopened(rest: _Facts, table: pd.DataFrame, changes: dict[int, Change]) -> Reconciliation:
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
