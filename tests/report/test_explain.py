"""One person found among many by keys that lead to each other, and what the lifecycle has ahead for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pandas as pd
import pytest

from provision.because import as_written
from provision.explain.next_step import Standing, look_ahead
from provision.explain.trace import Sighting, follow, in_ledger, in_table, meant, people
from provision.job.lifecycle import Lifecycle
from provision.ledger.value import ACCOUNT_COLUMNS, Memory, blank
from provision.plan.leavers.stages import Absence, streak
from provision.plan.value import TABLE_COLUMNS

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LIFECYCLE = Lifecycle.model_validate(
    {
        "timezone": "Europe/Berlin",
        "leavers": [{"after": "0d", "do": "deactivate"}, {"after": "30d", "do": "delete"}],
    }
)


def line(login="", external_id="", box_id="", verdict="unchanged", **cells) -> dict[str, object]:
    """A line of a verdict table; of a roster row unless it says otherwise."""
    usual = {"name": "", "kind": "managed", "because": "", "changes": "", "owned": True, "line": 2}
    return usual | {
        "login": login,
        "external_id": external_id,
        "box_id": box_id,
        "verdict": verdict,
        **cells,
    }


@pytest.fixture
def tables(tmp_path):
    """Verdict tables as runs leave them: `tables([line(…), …], …)`."""

    def write(*runs):
        sources = []
        for number, lines in enumerate(runs):
            path = tmp_path / f"people{number}.parquet"
            frame = pd.DataFrame(lines, columns=list(TABLE_COLUMNS[:10]))
            frame = frame.assign(**dict.fromkeys(TABLE_COLUMNS[10:], ""))
            frame.astype({"line": "int64", "owned": "bool"}).to_parquet(path, index=False)
            sources.append(in_table(path))
        return sources

    return write


def logins(found) -> list[list[str]]:
    return [[each.login for each in lines] for lines in found.values()]


RENAMED = [
    [line("mia@acme.example", "E1", "100"), line("otto@acme.example", "E2", "200")],
    [line("mia.moss@acme.example", "", "100"), line("otto@acme.example", "E2", "200")],
    [line("MIA.Moss@acme.example", "E7", ""), line("otto@acme.example", "E2", "200")],
]


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("key", ["mia@acme.example", " Mia.MOSS@acme.example", "E1", "E7", "100"])
def test_every_key_leads_to_all_the_others_in_whatever_order_runs_are_read(tables, key, order):
    found = follow(meant(key), tables(*(RENAMED[at] for at in order)))

    assert sorted(found) == [0, 1, 2]
    assert all("mia" in one.lower() for each in logins(found) for one in each)


def test_empty_keys_join_nobody(tables):
    nobody = line()
    run = [
        line("mia@acme.example", "", ""),
        line("otto@acme.example", "", ""),
        line("", "E3", ""),
        nobody,
    ]

    found = follow(meant("mia@acme.example"), tables(run, run))

    assert logins(found) == [["mia@acme.example"]] * 2
    assert follow(meant(" "), tables(run)) == {}


@pytest.mark.parametrize(
    "doubt",
    [
        {"verdict": "held"},
        {"verdict": "rejected"},
        {"verdict": "protected"},
        {"because": "ignored"},
    ],
)
def test_doubtful_row_is_told_but_joins_nobody(tables, doubt):
    good = [line("mia@acme.example", "E1", "100"), line("otto@acme.example", "E2", "200")]
    shifted = [line("otto@acme.example", "E1", "", **doubt), line("mia@acme.example", "E2", "", **doubt)]

    found = follow(meant("mia@acme.example"), tables(good, shifted))

    assert [each.external_id for each in found[0]] == ["E1"]
    assert len(found[1]) == 2


def test_who_only_doubtful_rows_name_is_followed_from_them(tables):
    good = [line("mia@acme.example", "E1", "100"), line("otto@acme.example", "E2", "200")]
    held = [line("mia.moss@acme.example", "E1", "", "held")]

    found = follow(meant("mia.moss@acme.example"), tables(good, held))

    assert logins(found) == [["mia@acme.example"], ["mia.moss@acme.example"]]


def test_same_external_id_of_another_kind_is_another_person(tables):
    run = [
        line("mia@acme.example", "7", "100"),
        line("AppUser_200@boxdevedition.com", "7", "200", kind="app"),
    ]

    found = follow(meant("7"), tables(run))
    [one] = follow(meant("mia@acme.example"), tables(run)).values()

    assert len(people(meant("7"), [each for lines in found.values() for each in lines])) == 2
    assert [each.box_id for each in one] == ["100"]


def test_ledger_leads_on_where_run_folders_are_gone(tables):
    accounts = pd.DataFrame([("100", "managed", "E1", "mia@acme.example", "")], columns=list(ACCOUNT_COLUMNS))
    memory = Memory(accounts.astype("str"), blank().absences)
    run = [line("mia.moss@acme.example", "", "100", line=0), line("otto@acme.example", "", "200", line=0)]

    found = follow(meant("E1"), [in_ledger(memory), *tables(run)])

    assert logins(found) == [["mia@acme.example"], ["mia.moss@acme.example"]]


def test_only_what_is_needed_is_read_again(tables):
    asked = []

    def counted(at, source):
        return lambda keys: asked.append(at) or source(keys)

    runs = [[line("mia@acme.example", "E1", "100"), line("otto@acme.example", "E2", "200")]] * 50
    follow(meant("E1"), [counted(at, source) for at, source in enumerate(tables(*runs))])

    assert len(asked) == 51  # the first once more, with the keys it brought up itself


def ahead(lifecycle=LIFECYCLE, as_of=NOW, **standing):
    usual = {"verdict": "unchanged", "owned": True, "because": "not_in_roster"}
    return look_ahead(Standing(**usual | standing), lifecycle, as_of)


@pytest.mark.parametrize("hours", [0.0, 0.5, 12.0, 36.0])
@pytest.mark.parametrize("runs", [2, 3])
def test_foretold_time_is_the_first_at_which_the_lifecycle_counts_the_next_roster(hours, runs):
    lifecycle = LIFECYCLE.model_copy(
        update={
            "evidence": LIFECYCLE.evidence.model_copy(update={"absent_runs": runs, "absent_hours": hours})
        }
    )
    absence = Absence(1, NOW.isoformat(), NOW.isoformat())

    found = ahead(lifecycle, absence=absence)

    counts = datetime.fromisoformat(found.not_before)
    assert streak(absence, lifecycle.evidence, counts) == 2
    assert streak(absence, lifecycle.evidence, counts - timedelta(seconds=1)) == 1
    assert f"absent from 1 of {runs} complete rosters" in found.words
    assert found.kind == ("deactivate" if runs == 2 else "")


def test_times_are_told_in_the_time_zone_of_the_job():
    found = ahead(absence=Absence(1, NOW.isoformat(), NOW.isoformat()))

    assert "may count from 2026-03-02 14:00 CET" in found.words
    assert found.not_before == "2026-03-02T13:00:00+00:00"


@pytest.mark.parametrize(("days", "kind"), [(29.9, ""), (30.1, "delete")])
@pytest.mark.parametrize("line", [0, 5])
def test_stage_after_the_deactivation_is_due_so_long_after_it(days, kind, line):
    left = NOW - timedelta(days=days)

    found = ahead(verdict="deactivate", line=line, status="inactive", left_at=left.isoformat())

    assert found.kind == kind
    assert ("delete is due on 2026-03-02" in found.words) == (not kind)


def test_time_to_a_later_stage_counts_from_the_deactivation_less_what_that_waited_itself():
    stages = [{"after": "2d", "do": "deactivate"}, {"after": "30d", "do": "delete"}]
    lifecycle = Lifecycle.model_validate({"leavers": stages})
    left = {"verdict": "deactivate", "line": 4, "status": "inactive", "left_at": NOW.isoformat()}

    assert "delete is due on 2026-03-30" in ahead(lifecycle, **left).words
    assert ahead(lifecycle, NOW + 28 * DAY, **left).kind == "delete"


@pytest.mark.parametrize(
    ("standing", "sentence"),
    [
        (
            {"verdict": "held", "because": as_written("a rename?")},
            "nothing, until a person has decided (a rename?)",
        ),
        ({"verdict": "rejected", "line": 7, "because": as_written("no name")}, "nothing, until row 7"),
        ({"verdict": "unowned"}, "it is not this job's"),
        ({"verdict": "create", "line": 2, "owned": False, "unfinished": "create"}, "was not done (create)"),
        ({"verdict": "delete", "owned": False}, "nothing: the account was deleted"),
        ({"verdict": "update", "line": 2}, "nothing, while the roster says what it said last (in step"),
        ({"full": False}, "nothing, as long as this partial roster does not name the person"),
        ({}, "not counted as absent so far; the next complete roster decides"),
        (
            {
                "line": 3,
                "left_at": NOW.isoformat(),
                "status": "inactive",
                "because": "row_says:action=deactivate,line=3",
            },
            "nothing, while the roster says what it said last (row 3 says deactivate)",
        ),
        (
            {"absence": Absence(2, (NOW - 3 * DAY).isoformat(), (NOW - 2 * DAY).isoformat())},
            "the next run plans to deactivate the account (leaver: absent from 3 complete rosters in a row",
        ),
    ],
)
def test_what_comes_next_in_words(standing, sentence):
    assert sentence in ahead(**standing).words


def test_sighting_without_a_known_kind_may_be_of_either():
    assert Sighting("7", "", "", "").keys == {("managed", "7"), ("app", "7")}
