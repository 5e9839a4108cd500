"""Who decided: how many people several words are for sure, and what rows of earlier releases still tell."""

from __future__ import annotations

import pytest

from provision.deciders import NO_TERMINAL, Decider, people


def word(name: str, user: str = "") -> Decider:
    return Decider(name, user, "web1" if user else "", NO_TERMINAL if user else "")


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ([], 0),
        ([word("Ines", "ines"), word("Otto", "otto")], 2),
        ([word("Ines", "batch"), word("Otto", "batch")], 1),
        ([word("Ines", "batch"), word("Otto", "BATCH")], 1),
        ([word("Ines", "ines"), word("ines ", "root")], 1),
        ([word("Ines", "ines"), word("INES", "root")], 1),
        ([word("Ines", "ines"), word("Ines", "ines")], 1),
        ([word("Ines"), word("Otto")], 2),
        ([word("Ines"), word("Ines", "ines")], 1),
        ([word("Ines", "a"), word("Otto", "b"), word("Otto", "a")], 1),
        ([word("Ines", "a"), word("Otto", "b"), word("Carla", "c")], 3),
    ],
)
def test_who_may_be_one_person_counts_once(words: list[Decider], number: int) -> None:
    assert people(words) == number
    assert people(reversed(words)) == number


def test_a_row_tells_who_decided_and_one_of_an_earlier_release_the_name_alone() -> None:
    ines = Decider("Ines", "ines", "web1", "/dev/pts/3")

    assert Decider.of(ines.row) == ines
    assert ines.told == "Ines (user ines on web1, /dev/pts/3)"
    assert Decider.of({"by": "Ines", "at": "2026-01-01"}) == Decider("Ines")
    assert Decider("Ines").told == "Ines"
