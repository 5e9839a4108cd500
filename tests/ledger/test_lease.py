"""Who works on an enterprise: one holder, until it says that it is done or its host gives no sign of life."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provision.ledger.store import Ledger
from provision.ledger.value import Lease

MINE = Lease("777", "nightly", "run-1", "alpha", 11, "2026-03-02T01:00:00+00:00", "2026-03-02T01:00:00+00:00")
THEIRS = replace(MINE, run_id="run-2", host="beta", pid=12)
BEFORE, AFTER = "2026-03-02T00:59:59+00:00", "2026-03-02T01:00:01+00:00"


def test_an_enterprise_that_nobody_has_is_taken_and_given_back(ledger: Ledger) -> None:
    assert ledger.leaseholder("777") is None
    assert ledger.take_lease(MINE, AFTER) is None
    assert ledger.leaseholder("777") == MINE

    ledger.release_lease(MINE)
    assert ledger.leaseholder("777") is None


@pytest.mark.parametrize(
    ("host", "alive_since", "taken"),
    [
        ("beta", BEFORE, False),
        ("beta", MINE.renewed_at, False),
        ("beta", AFTER, True),  # no sign of life
        ("alpha", BEFORE, True),  # the same host: its lock was to be had, so the process has ended
    ],
)
def test_another_one_takes_the_enterprise_only_from_who_is_gone(
    ledger: Ledger, host: str, alive_since: str, taken: bool
) -> None:
    ledger.take_lease(MINE, BEFORE)
    other = replace(THEIRS, host=host)

    assert ledger.take_lease(other, alive_since) == (None if taken else MINE)
    assert ledger.leaseholder("777") == (other if taken else MINE)


def test_a_sign_of_life_keeps_the_enterprise(ledger: Ledger) -> None:
    ledger.take_lease(MINE, BEFORE)
    assert ledger.renew_lease(MINE, AFTER) is True
    renewed = replace(MINE, renewed_at=AFTER)

    assert ledger.leaseholder("777") == renewed
    assert ledger.take_lease(THEIRS, AFTER) == renewed


def test_who_has_lost_the_enterprise_neither_keeps_nor_gives_back_the_other_s(ledger: Ledger) -> None:
    ledger.take_lease(MINE, BEFORE)
    ledger.take_lease(THEIRS, AFTER)
    assert ledger.renew_lease(MINE, AFTER) is False
    ledger.release_lease(MINE)

    assert ledger.leaseholder("777") == THEIRS


def test_enterprises_are_held_apart(ledger: Ledger) -> None:
    ledger.take_lease(MINE, BEFORE)

    assert ledger.take_lease(replace(THEIRS, enterprise_id="888"), BEFORE) is None
    assert ledger.leaseholder("777") == MINE
