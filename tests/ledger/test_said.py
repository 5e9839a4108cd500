from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from provision.errors import DamagedLedger
from provision.ledger.roster_values import NOT_SAID, pack, unpack
from provision.ledger.store import Ledger
from provision.ledger.value import ACCOUNT_COLUMNS, Lessons, Taught, blank

NOBODY = pd.DataFrame(columns=list(ACCOUNT_COLUMNS), dtype="str")
NOTHING = Lessons(NOBODY, (), None, "", 0, complete=False)
AT = "2026-03-02T01:00:07+00:00"


def frame(**fields: list[int]) -> pd.DataFrame:
    """Fingerprints of the accounts 10, 11 …, by field."""
    rows = len(next(iter(fields.values())))
    marks = {name: np.array(cells, np.uint64) for name, cells in fields.items()}
    return pd.DataFrame({"box_id": pd.Series([str(10 + at) for at in range(rows)], dtype="str"), **marks})


def learn(ledger: Ledger, said: bytes | None, run: str = "r1", job: str = "nightly") -> None:
    ledger.learn("777", job, replace(NOTHING, said=said), Taught(run, AT, AT))


def test_what_is_unpacked_is_what_was_packed() -> None:
    said = frame(phone=[2, 2**64 - 1, 0], name=[7, 8, 9])

    pd.testing.assert_frame_equal(unpack(pack(said)), said)
    assert pack(said) == pack(said.copy())


def test_only_the_fields_asked_for_are_unpacked() -> None:
    said = pack(frame(phone=[2], name=[7], address=[3]))

    assert list(unpack(said, {"name", "unheard_of"}).columns) == ["box_id", "name"]
    assert list(unpack(said, ()).columns) == ["box_id"]


def test_nothing_unpacks_to_nobody() -> None:
    assert unpack(b"").shape == (0, 1)


def test_fields_that_are_not_said_cost_next_to_nothing() -> None:
    empty = [int(NOT_SAID)] * 100_000

    assert len(pack(frame(**{f"field{at}": empty for at in range(14)}))) < 400_000


def test_the_ledger_keeps_what_was_said_last(ledger: Ledger) -> None:
    assert ledger.memory("777", "nightly").said == b""
    learn(ledger, b"first")
    learn(ledger, b"second", run="r2")
    learn(ledger, b"another", job="portal")

    assert ledger.memory("777", "nightly").said == b"second"


def test_a_run_that_brings_nothing_new_leaves_it(ledger: Ledger) -> None:
    learn(ledger, b"first")
    learn(ledger, None, run="r2")

    assert ledger.memory("777", "nightly").said == b"first"


def test_learning_anew_begins_with_nothing_said(ledger: Ledger) -> None:
    learn(ledger, b"first")
    seen = []

    def run(memory: object) -> tuple[Lessons, Taught]:
        seen.append(getattr(memory, "said", None))
        return NOTHING, Taught("r1", AT, AT)

    ledger.relearn("777", "nightly", [run])

    assert seen == [b""]
    assert ledger.memory("777", "nightly").said == b""


def test_a_memory_does_not_print_what_was_said() -> None:
    assert "unmistakable" not in repr(replace(blank(), said=b"unmistakable"))


@pytest.mark.parametrize("half", [b"", b"junk"])
def test_a_memory_of_the_roster_that_is_damaged_is_told(half: bytes) -> None:
    packed = pack(pd.DataFrame({"box_id": ["1"], "name": np.array([7], dtype="uint64")}))

    with pytest.raises(DamagedLedger, match="what the roster said last cannot be read"):
        unpack(half or packed[: len(packed) // 2])
