"""Numbers, moments, lengths of time and sizes read as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from provision.wording import counted, duration, estimate, moment, nearest, shortened, size, spelt_moment

AT = datetime(2026, 7, 2, 23, 3, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "nouns", "told"),
    [
        (0, ("row",), "0 rows"),
        (1, ("row",), "1 row"),
        (1204, ("row",), "1,204 rows"),
        (1, ("person", "people"), "1 person"),
        (2, ("person", "people"), "2 people"),
    ],
)
def test_a_number_has_the_noun_that_fits(number: int, nouns: tuple[str, ...], told: str) -> None:
    assert counted(number, *nouns) == told


def test_a_moment_is_told_by_the_clock_of_a_place() -> None:
    assert moment(AT) == "2026-07-02 23:03 UTC"
    assert moment(AT, ZoneInfo("Europe/Berlin")) == "2026-07-03 01:03 CEST"
    assert (
        moment(AT.astimezone(timezone(timedelta(hours=2))), seconds=True) == "2026-07-03 01:03:20 UTC+02:00"
    )


@pytest.mark.parametrize(
    ("stamp", "told"),
    [
        ("2026-03-02T01:03:20+00:00", "2 March 2026, 01:03 UTC"),
        ("2026-03-02T01:03:20+02:00", "1 March 2026, 23:03 UTC"),
        ("yesterday", "yesterday"),
        ("", ""),
    ],
)
def test_a_moment_that_is_spelt_out_is_told_in_utc(stamp: str, told: str) -> None:
    assert spelt_moment(stamp) == told


@pytest.mark.parametrize(
    ("seconds", "told"), [(3.4, "3 s"), (59.6, "1 min 0 s"), (147.2, "2 min 27 s"), (7500, "2 h 5 min")]
)
def test_a_duration_is_told_in_the_units_that_fit(seconds: float, told: str) -> None:
    assert duration(seconds).replace("\u00a0", " ") == told


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (0.5, "less than a minute"),
        (1, "1 minute"),
        (1.2, "2 minutes"),
        (119.5, "120 minutes"),
        (150, "2.5 hours"),
    ],
)
def test_an_estimate_says_no_more_than_can_be_known(minutes: float, told: str) -> None:
    assert estimate(minutes) == told


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (10 * 2**30, "10 GB"),
        (2**40, "1 TB"),
        (3 * 2**19, "1,572,864 bytes"),
        (1000, "1,000 bytes"),
        (0, "0 bytes"),
    ],
)
def test_a_size_is_told_in_the_largest_unit_without_a_rest(number: int, told: str) -> None:
    assert size(number) == told


KNOWN = ["department", "Europe/Berlin", "login", "Work Email"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("logn", "login"),
        ("LOGIN", "login"),
        ("europe/berln", "Europe/Berlin"),
        ("work e-mail", "Work Email"),
        ("salary", ""),
        ("", ""),
    ],
)
def test_what_was_probably_meant_is_found_in_any_letter_case(word: str, meant: str) -> None:
    assert nearest(word, KNOWN) == meant
    assert nearest(word, reversed(KNOWN)) == meant
    assert nearest(word, []) == ""


def test_how_near_is_near_enough_can_be_said_and_of_equals_the_first_is_taken() -> None:
    assert nearest("p0", ["p2", "p1"], 0.5) == "p1"
    assert nearest("p0", ["p2", "p1"], 0.51) == ""


def test_a_list_of_names_has_ten_and_of_none_more_than_an_address_may_have() -> None:
    told = shortened(["x" * 100_000, *(f"Column {number}" for number in range(400))])

    assert told.endswith("Column 8 and 391 more")
    assert len(told) < 400
