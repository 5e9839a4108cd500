"""What a plan asks: doubts that a person settles by saying that a row and an account are one person, and what one has to know."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from provision.because import Because, led_by
from provision.frames import records
from provision.model import PersonKey, Verdict
from provision.plan.value import Question


def open_questions(people: pd.DataFrame, verdicts: pd.DataFrame) -> tuple[Question, ...]:
    """The questions of a plan in the order of the rows.

    ``people``: the people frame. ``verdicts``: the ``verdict`` and the ``because`` of each of them.
    """
    reasons, held = verdicts["because"], (verdicts["verdict"] == Verdict.HELD).to_numpy(bool)
    told = led_by(reasons, (Because.PROTECTED_LEAVES,)).to_numpy(bool)
    at = held & (people["answerable"].to_numpy(bool) | told)
    if not at.any():
        return ()
    asked = people.loc[at, ["kind", "line", "external_id", "login", "box_id"]].assign(because=reasons[at])
    return tuple(_question(cells) for cells in records(asked))


def _question(asked: Mapping[Hashable, Any]) -> Question:
    who = PersonKey.of(asked)
    return Question(
        key=who.written,
        line=int(asked["line"]),
        external_id=who.external_id,
        login=who.login,
        box_id=who.box_id,
        because=str(asked["because"]),
    )
