"""Words for reasons: every code has some, and they are those that people have always read."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from provision.because import Because, as_written, joined, reason
from provision.report.sentences.reasons import WORDS, reason_words, words

#: facts of the codes that are spelled out in words of their own
FACTS = {
    Because.DRIFT: {"people": 2, "fields": "phone 2", "on_drift": "box"},
    Because.UNREADABLE_ROWS: {"rows": 1},
    Because.APPROVED_SO_FAR: {"have": 1, "required": 2},
    Because.NOT_PROVEN: {"days": 1234},
    Because.GUARD: {"name": "updates[Sales]", "limit": 7, "actual": 30, "population": 44},
    Because.LIKE_SOMEBODY_NEW: {"line": 3, "who": "E1", "what": "create"},
}


def told(code: Because) -> str:
    """A reason with all the facts that its words name."""
    names = set(re.findall(r"{(\w+)}", WORDS[code])) - {"next"}
    invented: dict[str, str | int] = {name: name.upper() for name in names}
    if "named_by" in names:
        invented["named_by"] = "manager"
    return reason(code, **{**invented, **FACTS.get(code, {})})


@pytest.mark.parametrize("code", Because)
def test_every_reason_has_words(code: Because) -> None:
    behind = Because.IN_STEP if "{next}" in WORDS[code] else ""

    said = words(joined(told(code), behind))

    assert said
    assert not re.search(r"[{}]", said)


@pytest.mark.parametrize(
    ("because", "sentence"),
    [
        (joined(Because.LEAVER, reason(Because.ABSENT, missed=1, day="2026-03-02"), Because.SESSIONS_TOO),
         "leaver: absent from 1 complete roster, first on 2026-03-02; all sessions are ended too"),
        (joined(Because.HAS_LEFT, reason(Because.END_DATE, day="2026-03-02"), reason(Because.DUE, stage="roll_out", day="2026-04-01")),
         "has left (end date 2026-03-02 reached); roll out is due on 2026-04-01"),
        (joined(Because.NOT_YET, reason(Because.ABSENT_SO_FAR, missed=1, needed=3), reason(Because.UNREADABLE_ROWS, rows=1200)),
         "not yet a leaver: absent from 1 of 3 complete rosters, but 1,200 rows without a readable key may mean this person"),
        (joined(reason(Because.DIFFERS, fields="phone"), Because.NAME_HELD, Because.ACCENTS_LOST),
         "differs from the roster in phone; name held: the name would lose its accents"),
        (joined(Because.UNDO_DEACTIVATE, Because.LEAVER, reason(Because.END_DATE, day="2026-03-02"), Because.NOT_SURE),
         "the undone run deactivated this account: leaver: end date 2026-03-02 reached, which it could not be sure of; Box shows that it did"),
        (joined(Because.PROTECTED_NOW, Because.COADMIN, Because.LEFT_AS_IT_IS), "protected now: a co-admin; left as it is"),
        (reason(Because.LEFT_AS_IT_IS, moved="phone", lasting="language"),
         "left as it is: phone, changed since by somebody else; language, which Box cannot empty"),
        (Because.ROW_ERROR, "the row has an error; nothing is done about this person"),
        (as_written("whatever; somebody: {wrote}"), "whatever; somebody: {wrote}"),
        ("", ""),
    ],
)  # fmt: skip
def test_reasons_are_put_together_to_a_sentence(because: str, sentence: str) -> None:
    assert words(because) == sentence


def test_a_column_has_the_words_of_its_cells() -> None:
    column = pd.Series(["in_step", "ignored", "in_step"], [4, 5, 9], dtype="str")

    assert reason_words(column).to_dict() == {4: words("in_step"), 5: words("ignored"), 9: words("in_step")}
