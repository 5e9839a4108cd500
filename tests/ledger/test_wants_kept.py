"""What a job's roster wants of people is forgotten with them, and goes along with a ledger, in each kind of database."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from provision.ledger.address import file_of
from provision.ledger.move import move
from provision.ledger.others import A_ROW, WANT_COLUMNS
from provision.ledger.store import Ledger, open_ledger
from provision.ledger.value import ACCOUNT_COLUMNS, Lessons, Taught
from provision.ledger.wanted import pack_wants, unpack_wants
from tests.postgres import Server

AT = "2026-11-29T00:00:00+00:00"
ANN = ("10", "managed", "E1", "Ann@a.example", "", "", "g1;g2*", "")
BO = ("11", "managed", "E2", "bo@a.example", "", "", "", "b@a.example")
#: known by a row alone, of which nothing is done
CY = ("", "managed", "E3", "", "fingerprint", A_ROW, "", "")


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provision.ledger.packed._AT_ONCE", 1000)


def teach(ledger: Ledger, job: str) -> None:
    wants = pack_wants(pd.DataFrame([ANN, BO, CY], columns=list(WANT_COLUMNS), dtype="str"))
    nobody = pd.DataFrame([], columns=list(ACCOUNT_COLUMNS), dtype="str")
    ledger.learn(
        "1", job, Lessons(nobody, (), None, "", 3, complete=False, wants=wants), Taught("run", AT, AT)
    )


def wanted(ledger: Ledger, job: str) -> list[tuple[str, ...]]:
    frame = unpack_wants(ledger.memory("1", job).wants)
    return [tuple(row) for row in frame[list(WANT_COLUMNS)].itertuples(index=False)]


@pytest.mark.parametrize(
    ("keys", "left"), [(["10"], [BO, CY]), (["ann@A.example"], [BO, CY]), (["E3"], [ANN, BO])]
)
def test_whom_somebody_has_forgotten_the_job_wants_nothing_of(
    ledger: Ledger, keys: list[str], left: list[tuple[str, ...]]
) -> None:
    for job in ("nightly", "other"):
        teach(ledger, job)

    assert ledger.forget("nightly", keys, lambda _text: False) == 1

    assert wanted(ledger, "nightly") == left
    assert wanted(ledger, "other") == [ANN, BO, CY]


def test_what_rosters_want_goes_along_with_a_ledger(address: str, server: Server, tmp_path: Path) -> None:
    target = server.ledger() if file_of(address) else f"sqlite:///{tmp_path}/other/moved.db"
    with closing(open_ledger(address)) as before:
        for job in ("nightly", "other"):
            teach(before, job)

    moved = move(address, target, AT)

    assert moved["wants"] > 2  # in parts
    with closing(open_ledger(target)) as after:
        assert wanted(after, "nightly") == wanted(after, "other") == [ANN, BO, CY]
