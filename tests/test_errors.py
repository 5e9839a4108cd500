"""An error's sentence can be read, however many people it is about."""

from __future__ import annotations

from provision.errors import InputError


def test_a_sentence_about_very_many_is_bounded_and_says_what_is_left_out() -> None:
    names = ", ".join(f"client-{number:05}" for number in range(1, 1_001))

    error = InputError(
        f"1,000 accounts are there twice: {names}.", cause=names, remedy="remove one of each, then run again"
    )

    assert len(str(error)) < 4_200
    assert error.what.startswith("1,000 accounts are there twice: client-00001, ")
    assert error.what.endswith("client-01000.")
    assert "characters left out" in error.what
    assert str(error).endswith("do: remove one of each, then run again")


def test_a_sentence_of_usual_length_stays_as_it_is() -> None:
    assert InputError("x" * 2_000).what == "x" * 2_000
