"""Reasons as text: what is written is read back, and whole columns are asked for their first code."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.because import (
    Because,
    Reason,
    as_written,
    coded,
    codes_of,
    joined,
    leading,
    led_by,
    parsed,
    reason,
)
from tests.examples import examples

NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8)
REASONS = st.builds(
    lambda code, facts: Reason(code, tuple(sorted(facts.items()))),
    st.sampled_from(Because),
    st.dictionaries(NAMES, st.text(max_size=12), max_size=3),
)


@given(st.lists(REASONS, max_size=4))
@examples(300)
def test_what_is_written_is_read_back(reasons: list[Reason]) -> None:
    text = joined(*map(str, reasons))

    assert parsed(text) == tuple(reasons)
    assert codes_of(text) == tuple(each.code for each in reasons)
    assert coded(text) == text
    assert leading(text) == (reasons[0].code if reasons else None)


@given(st.lists(st.lists(REASONS, max_size=3), max_size=6), st.sets(st.sampled_from(Because), min_size=1))
@examples(200)
def test_a_column_is_asked_as_its_cells_are(rows: list[list[Reason]], codes: set[Because]) -> None:
    column = pd.Series([joined(*map(str, each)) for each in rows], dtype="str")

    assert led_by(column, codes).tolist() == [leading(text) in codes for text in column.tolist()]


def test_a_reason_without_facts_is_its_bare_code() -> None:
    assert reason(Because.IN_STEP) == "in_step"
    assert reason(Because.DRIFTED, fields="phone, fax") == "drifted:fields=phone%2C fax"
    assert joined(Because.IN_STEP, "", Because.SESSIONS_TOO) == "in_step;sessions_too"


def test_a_code_that_begins_another_one_leads_only_its_own() -> None:
    column = pd.Series(["in_step", "in_step_starts_later", "in_step;drifted:fields=x", ""], dtype="str")

    assert led_by(column, [Because.IN_STEP]).tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    "text", ["the row says ignore", "in_step;", "in_step:", "in_step:x", "in_step:A=1", ";"]
)
def test_a_sentence_is_no_reason_and_is_kept_as_written(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parsed(text)

    assert leading(text) is None
    assert parsed(coded(text)) == (Reason(Because.AS_WRITTEN, (("sentence", text),)),)
    assert as_written("") == ""


def test_no_two_codes_are_the_same_and_all_can_be_written() -> None:
    assert len({code.value for code in Because}) == len(Because.__members__)
    assert all(parsed(code.value) == (Reason(code),) for code in Because)
