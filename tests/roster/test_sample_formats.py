"""The sample rosters, as seven systems export the same twelve people: each is read without any mapping."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision.job.settings import RosterSettings
from provision.roster import read_roster

FORMATS = Path(__file__).parents[2] / "sample_data" / "formats"
FILES = sorted(path.name for path in FORMATS.iterdir())


def read(name):
    return read_roster(RosterSettings(path=str(FORMATS / name)))


@pytest.mark.parametrize("name", FILES)
def test_a_systems_export_is_read_without_a_mapping(name):
    roster = read(name)

    assert (len(roster.frame), roster.errors) == (12, ())
    assert {"login", "name"} <= set(roster.mapped)


def test_all_exports_are_of_the_same_people():
    people = {
        name: sorted(zip(read(name).frame["login"], read(name).frame["name"], strict=True)) for name in FILES
    }

    assert len(FILES) == 7
    assert len(set(map(tuple, people.values()))) == 1
