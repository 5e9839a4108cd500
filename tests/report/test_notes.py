"""How an operation ended, in words."""

from __future__ import annotations

import string

import pytest

from provision.because import Because, joined, reason
from provision.errors import BoxAnswer
from provision.journal.value import Note, Noted, Outcome, noted
from provision.model import Kind, Status, UserKind
from provision.operations.value import Change, FieldChange
from provision.plan.halves import in_halves
from provision.report.sentences.notes import WORDS, words_of, words_of_all

FACTS = {
    "why": "in_step", "need": "create:1", "status": "failed", "box_id": "7", "role": "admin", "fields": "phone",
    "removed": "8", "left": "7, 8", "sentence": "as it was",
    "names": "Cost", "group_id": "9",
}  # fmt: skip


@pytest.mark.parametrize("code", Noted)
def test_each_code_has_words_for_its_facts(code: Noted) -> None:
    wanted = {name for _, name, _, _ in string.Formatter().parse(WORDS[code]) if name} - {"object", "answer"}
    told = words_of(
        Outcome("x:1", Status.FAILED, notes=(Note(code, {name: FACTS[name] for name in wanted}),))
    )

    assert told
    assert "{" not in told


def test_what_waits_says_why_in_words() -> None:
    why = joined(
        Because.ACCENTS_LOST, reason(Because.GUARD, name="updates", actual=30, limit=7, population=44)
    )

    assert words_of(Outcome("update:1", Status.HELD, notes=noted(Noted.WAITS, why=why))) == (
        "the name would lose its accents; the plan changes 30 of 44 accounts (guard updates, which allows 7)"
    )


def _create() -> tuple[Change, Change]:
    fields = (FieldChange("name", "", "N"), FieldChange("notification_email", "", "n@a.example"))
    whole = Change(Kind.CREATE, UserKind.MANAGED, 2, "", "", "n@a.example", "N", fields, because="not_in_box")
    first, second = in_halves({0: whole}, {})[0]
    return first, second


@pytest.mark.parametrize(
    ("status", "notes", "said"),
    [
        (Status.DONE, (), "found done after a lost answer"),
        (Status.FAILED, noted(Noted.REFUSED),
         "found done after a lost answer; the account was made, but not its notification_email; the next run sets that"),
        (Status.NOT_ATTEMPTED, noted(Noted.NEED_NOT_DONE, need="create:x", status="held"), "found done after a lost answer"),
    ],
)  # fmt: skip
def test_a_second_half_is_told_of_where_it_went_another_way(
    status: Status, notes: tuple[Note, ...], said: str
) -> None:
    first, second = _create()
    made = Outcome(first.id, Status.DONE, "7", noted(Noted.FOUND))
    later = Outcome(second.id, status, "7", notes, BoxAnswer(403, "forbidden"))

    assert words_of_all([(first, made), (second, later)]) == said
