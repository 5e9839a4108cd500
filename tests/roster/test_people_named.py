"""Columns that name managers and receivers by name: whom they mean, and what is told of the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from provision.findings import Level
from provision.job.settings import Job
from provision.plan.guards.managers import judge_column, people_by_name
from provision.roster.files import locate
from provision.roster.read import read_roster
from provision.roster.text import pieces
from provision.roster.value import Roster
from tests.plan.builders import make_job

HEADER = "Employee ID,Work Email,Full Name,Supervisor,Status,Termination Date\n"
TODAY = "2026-03-02"
PEOPLE = """\
E1,ann@x.example,Ann Lee,,,
E2,bo@x.example,Bo Ödegård,,,
E3,kim1@x.example,Kim Roe,,,
E4,kim2@x.example,Kim Roe,,,
E5,old@x.example,Mia Moe,,Terminated,2020-01-31
E6,mia@x.example,Mia Moe,,,
E7,pat1@x.example,Pat Poe,,,2026-02-20
E8,pat2@x.example,Pat Poe,,,
E9,no address,Una Una,,,
E10,una@x.example,Una Una,,,
E11,,Noa Now,,,2020-01-31
E12,left@x.example,Lou Long,,,2020-01-31
"""


def read(folder: Path, text: str, job: Job | None = None) -> Roster:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    settings = (job or make_job()).roster
    return read_roster(settings, path, TODAY)


def managed(*cells: str) -> str:
    """The people, and one more for each manager."""
    return (
        HEADER
        + PEOPLE
        + "".join(f'M{at},m{at}@x.example,M {at},"{cell}",,\n' for at, cell in enumerate(cells))
    )


@pytest.fixture(params=[False, True], ids=["in memory", "in pieces"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The file in one piece, or some rows at a time."""
    if request.param:
        monkeypatch.setattr(locate, "LARGE", 0)
        monkeypatch.setattr(pieces, "PIECE", 256)
    return


@pytest.mark.parametrize(
    ("cell", "means"),
    [
        ("Ann Lee", "ann@x.example"),
        ("Lee, Ann", "ann@x.example"),
        (" lee,  ANN ", "ann@x.example"),
        ("Odegard, Bo", "bo@x.example"),
        ("Ann Lee (E1)", "ann@x.example"),
        ("Ann Lee <ANN@x.example>", "ann@x.example"),
        ("Kim Roe [e4]", "kim2@x.example"),
        ("Mia Moe", "mia@x.example"),  # her namesake left years ago
        ("Lou Long", "left@x.example"),  # left years ago, and nobody else has the name
        ("Kim Roe", None),
        ("Pat Poe", None),  # who left ten days ago may still be meant
        ("Una Una", None),  # a row that cannot be used is of somebody all the same
        ("Ann Lee (E2)", None),
        ("Ann Lee (on leave)", None),
        ("Lee", None),
        ("Ann L.", None),
        ("ann@x.example", "ann@x.example"),
        ("e1", "e1"),
        ("boss@elsewhere.example", "boss@elsewhere.example"),
    ],
)
def test_a_name_is_the_key_of_the_one_person_who_bears_it(
    tmp_path: Path, cell: str, means: str | None
) -> None:
    found = read(tmp_path, managed(cell))

    assert found.frame["manager"].iloc[-1] == (means or cell)
    [named] = found.named
    assert (named.cells, named.unresolved) == (1, int(means is None or "elsewhere" in cell))


@pytest.mark.usefixtures("either_way")
def test_columns_of_names_are_told_and_the_rows_that_mean_nobody(tmp_path: Path) -> None:
    job = make_job(scope={"protect_managers": True})
    cells = ("Lee, Ann", "Roe, Kim", "Amy Amiss", "Lee, Ann", "E1", "Zed Zero", "Zed Zero")
    found = read(tmp_path, managed(*cells), job)

    assert found.frame["manager"].tolist()[-7:] == [
        "ann@x.example", "Roe, Kim", "Amy Amiss", "ann@x.example", "E1", "Zed Zero", "Zed Zero",
    ]  # fmt: skip
    [told] = people_by_name(found, job)
    assert (told.level, told.row, told.column) == (Level.WARNING, 15, "Supervisor")
    assert told.sentence == (
        "manager: 6 of 7 cells are no login and no id of this roster; read as the one person of that name: 2; "
        "several people have that name: 1; nobody in it: 3; see rows 15, 16, 19 …"
    )
    assert found.named[0].strangers == {"amy amiss", "zed zero"}
    assert judge_column(found, job).guards == ()


def test_a_column_in_which_nobody_is_known_is_refused_where_managers_are_protected(tmp_path: Path) -> None:
    text = managed("alee", "bodeg")

    for protect in (True, False):
        job = make_job(scope={"protect_managers": protect})
        found = read(tmp_path, text, job)
        assert judge_column(found, job).refused is protect
        levels = [each.level for each in people_by_name(found, job, unused=True)]
        assert levels == [Level.WARNING if protect else Level.NOTE]
    assert [*people_by_name(found, job)] == []  # by which the job does nothing


def test_a_few_keys_of_people_elsewhere_are_no_warning_and_in_a_partial_roster_none_is_missed(
    tmp_path: Path,
) -> None:
    job = make_job(lifecycle={"leavers": ({"after": "1d", "do": "transfer", "to": "manager"},)})
    found = read(tmp_path, managed("E1", "E2", "E77"), job)
    assert [each.level for each in people_by_name(found, job)] == [Level.NOTE]

    wrong = read(tmp_path, managed("E1", "E77", "E78"), job)
    assert [each.level for each in people_by_name(wrong, job)] == [Level.WARNING]

    some = make_job("partial", scope={"protect_managers": True})
    few = read(tmp_path, managed("E77", "E78"), some)
    assert [*people_by_name(few, some)] == []
    assert not judge_column(few, some).refused


def test_a_receiver_is_read_by_the_same_rule(tmp_path: Path) -> None:
    text = 'login,name,transfer_to\nann@x.example,Ann Lee,\nbo@x.example,Bo Bay,"Lee, Ann"\n'
    assert read(tmp_path, text).frame["transfer_to"].tolist() == ["", "ann@x.example"]
