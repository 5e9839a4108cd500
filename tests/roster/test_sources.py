"""Several files that make one roster: everybody is in it once, and each row says where it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.batches import Held
from provision.findings import Code
from provision.job.settings import RosterSettings
from provision.keyed import FingerprintKey
from provision.model import NAMED_BY, place_of
from provision.plan.guards.managers import judge_column, people_by_name
from provision.plan.leavers.needed import strangers_in
from provision.roster.profile.profile import as_in, keyed, keys_of
from provision.roster.read import read_roster
from provision.roster.reading import SourceTrouble, where
from provision.roster.row_errors import format_row_errors
from provision.roster.sources.merge import merged
from provision.roster.sources.value import SourceFile
from provision.roster.value import Roster
from tests.examples import examples
from tests.plan.builders import make_job, row
from tests.plan.builders import roster as invented

HEADER = "external_id,login,name,job_title,phone,status,start_date,end_date\n"
TODAY = "2026-03-02"


def read(folder: Path, precedence: dict[str, list[str]] | None = None, **files: str) -> Roster:
    """The roster of these files, each its rows below the header."""
    for name, rows in files.items():
        (folder / f"{name}.csv").write_text(HEADER + rows, encoding="utf-8")
    sources = [{"name": name, "path": str(folder / f"{name}.csv")} for name in files]
    settings = RosterSettings.model_validate({"sources": sources, "precedence": precedence or {}})
    return read_roster(settings, None, TODAY)


def person(roster: Roster, login: str) -> dict[str, Any]:
    """The one row that counts of somebody."""
    rows = roster.frame[roster.frame["login"] == login].to_dict("records")
    assert len(rows) == 1
    return {str(name): cell for name, cell in rows[0].items()}


def test_the_first_source_counts_and_the_others_fill_what_it_leaves_empty(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        hr="E1,mia@x.example,Mia Marsh,Buyer,,,,\nE2,bo@x.example,Bo,,,,,\n",
        phones=",MIA@x.example,Mia M.,Chief,123,,,\n,cy@x.example,Cy,,9,,,\n",
    )

    mia = person(found, "mia@x.example")
    assert [mia[name] for name in ("name", "job_title", "phone", NAMED_BY)] == [
        "Mia Marsh", "Buyer", "123", "hr phones",
    ]  # fmt: skip
    assert person(found, "cy@x.example")[NAMED_BY] == "phones"
    assert found.frame["action"].tolist() == ["upsert", "upsert", "superseded", "upsert"]
    assert [where(found, line)[2] for line in found.frame["line"]] == [2, 3, 2, 3]
    assert [Path(where(found, line)[0]).name for line in found.frame["line"]] == ["hr.csv"] * 2 + [
        "phones.csv"
    ] * 2
    assert (found.rows, found.valid, [each.rows for each in found.sources]) == (4, 4, [2, 2])
    assert [each.code for each in found.findings] == [Code.ROW_SUPERSEDED]


def test_precedence_names_who_is_asked_first_for_a_field(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {"job_title": ["contractors", "hr"], "end_date": ["contractors"]},
        hr="E1,mia@x.example,Mia,Buyer,1,,,\nE2,bo@x.example,Bo,Clerk,,,,\n",
        contractors="C1,mia@x.example,Mia,Consultant,2,,,2027-01-31\n,bo@x.example,Bo,,,,,\n",
    )

    mia, bo = person(found, "mia@x.example"), person(found, "bo@x.example")
    assert [mia[name] for name in ("external_id", "job_title", "phone", "end_date")] == [
        "E1", "Consultant", "1", "2027-01-31",
    ]  # fmt: skip
    assert bo["job_title"] == "Clerk"


@pytest.mark.parametrize(
    ("hr", "contractors", "told"),
    [
        ("inactive,,", ",,", ("Guest", "", "")),
        (",,2026-03-01", ",,", ("Guest", "", "")),
        (",2026-04-01,", ",,", ("Guest", "", "")),
        (",,", "inactive,,", ("Staff", "", "")),
        (",,2026-02-01", ",,2026-03-01", ("Guest", "", "2026-03-01")),
        ("inactive,,", "inactive,,", ("Staff", "inactive", "")),
    ],
)
def test_nobody_leaves_by_one_source_whom_another_has_running(
    tmp_path: Path, hr: str, contractors: str, told: tuple[str, ...]
) -> None:
    found = read(
        tmp_path,
        hr=f"E1,mia@x.example,Mia,Staff,,{hr}\n",
        contractors=f",mia@x.example,Mia,Guest,,{contractors}\n",
    )

    mia = person(found, "mia@x.example")
    assert tuple(mia[name] for name in ("job_title", "status", "end_date")) == told
    assert mia["external_id"] == "E1"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ("E1,otto@x.example,Otto,,,,,\n", "external_id: the same external_id is in row 2 of hr"),
        ("C7,mia@x.example,Otto,,,,,\n", "login: the same login is in row 2 of hr"),
        ("E2,mia@x.example,Mia,,,sleeping,,\n", "row 2 of other is of the same person and has an error"),
    ],
)
def test_rows_that_may_be_two_people_and_bad_rows_protect_their_people(
    tmp_path: Path, other: str, why: str
) -> None:
    found = read(tmp_path, hr="E1,mia@x.example,Mia,,,,,\nE9,bo@x.example,Bo,,,,,\n", other=other)

    assert found.frame["external_id"].tolist() == ["E9"]
    assert [place_of(line) for line in found.rejected["line"]] == [(0, 2), (1, 2)]
    assert why in " | ".join(found.rejected["reason"]) or why.partition(": ")[2] in " ".join(
        format_row_errors(found)
    )
    assert {line.partition(",")[0] for line in format_row_errors(found)} == {"hr.csv", "other.csv"}


def test_the_same_name_makes_two_numbers_one_person(tmp_path: Path) -> None:
    found = read(
        tmp_path, hr="E1,mia@x.example,Mia  Marsh,,,,,\n", other="C7,mia@x.example,MIA MARSH,,5,,,\n"
    )

    assert (person(found, "mia@x.example")["external_id"], person(found, "mia@x.example")["phone"]) == (
        "E1",
        "5",
    )


def test_each_source_is_read_in_its_own_way_and_the_rest_as_the_roster_says(tmp_path: Path) -> None:
    (tmp_path / "hr.csv").write_text("No;Mail;Who;State\n1;mia@x.example;Mia;Gone\n", encoding="utf-8")
    (tmp_path / "it.csv").write_text(
        "login,name,Team\nbo@x.example,Bo,IT\ncy@x.example,Cy,HR\n", encoding="utf-8"
    )
    settings = RosterSettings.model_validate(
        {
            "values": {"status": {"Gone": "inactive"}},
            "sources": [
                {
                    "name": "hr",
                    "path": str(tmp_path / "hr.csv"),
                    "columns": {"No": "external_id", "Mail": "login", "Who": "name", "State": "status"},
                },
                {"name": "it", "path": str(tmp_path / "it.csv"), "where": {"Team": "IT"}},
            ],
        }
    )
    found = read_roster(settings, None, TODAY)

    assert person(found, "mia@x.example")["status"] == "inactive"
    assert [place_of(line) for line in found.excluded["line"]] == [(1, 3)]
    assert [(each.name, each.valid, each.excluded) for each in found.sources] == [("hr", 1, 0), ("it", 1, 1)]


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({}, "either path or sources"),
        ({"path": "a.csv", "sources": [{"name": "a", "path": "b.csv"}]}, "either path or sources"),
        ({"sources": [{"name": "a", "path": "a.csv"}, {"name": "a", "path": "b.csv"}]}, 'the name "a" twice'),
        (
            {"sources": [{"name": "HR", "path": "a.csv"}, {"name": "hr", "path": "b.csv"}]},
            '"HR" and "hr", which differ in upper',
        ),
        ({"sources": [{"name": "a", "path": "a.csv"}], "precedence": {"name": ["b"]}}, 'names "b"'),
        (
            {"sources": [{"name": "a", "path": "-"}, {"name": "b", "path": "-"}]},
            "only one of sources can be -",
        ),
    ],
)
def test_a_job_that_contradicts_itself_is_refused(keys: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        RosterSettings.model_validate(keys)


@st.composite
def _sources(draw: st.DrawFn) -> list[SourceFile]:
    """Sources of a few people, who are in some of them, run or have ended."""
    found = []
    for name in ("a", "b", "c"):
        people = draw(st.sets(st.integers(0, 5)))
        rows = [
            row(
                f"p{number}@x.example",
                external_id=f"E{number}" if draw(st.booleans()) else "",
                name=f"P {number}",
                job_title=draw(st.sampled_from(["", "A", "B"])),
                status=draw(st.sampled_from(["", "inactive"])),
            )
            for number in sorted(people)
        ]
        found.append(SourceFile(name, RosterSettings(path=f"{name}.csv"), invented(*rows)))
    return found


@examples(30)
@given(_sources())
def test_everybody_is_in_once_and_nothing_is_lost_or_made_up(sources: list[SourceFile]) -> None:
    parts = {each.name: each.roster.frame for each in sources if each.roster}
    found = merged(sources, {}, TODAY)

    frame = found.frame
    counting = frame[frame["action"] != "superseded"]
    assert len(frame) == sum(len(each) for each in parts.values()) == found.valid
    assert frame["line"].is_unique
    assert sorted(counting["login"]) == sorted({login for each in parts.values() for login in each["login"]})
    for _, one in counting.iterrows():
        rows = {
            name: each[each["login"] == one["login"]].iloc[0]
            for name, each in parts.items()
            if one["login"] in set(each["login"])
        }
        assert set(one[NAMED_BY].split()) == set(rows)
        running = [each for each in rows.values() if each.get("status", "") != "inactive"]
        assert (one.get("status", "") == "inactive") == (not running)
        titles = [each.get("job_title", "") for each in running or rows.values()]
        assert one.get("job_title", "") == next((title for title in titles if title), "")
        assert bool(one["external_id"]) == any(each["external_id"] != "" for each in rows.values())


def test_a_source_without_a_roster_is_named_and_the_others_make_it() -> None:
    away = SourceFile("hr", RosterSettings(path="hr.csv")).set_aside(SourceTrouble.UNREADABLE, "it is empty")
    there = SourceFile("it", RosterSettings(path="it.csv"), invented(row("bo@x.example")))
    found = merged([away, there], {}, TODAY)

    assert (found.missing, found.valid, isinstance(found.people, Held)) == (("hr",), 1, True)
    assert [place_of(line) for line in found.frame["line"]] == [(1, 2)]


def test_of_whom_is_left_out_nothing_is_kept_without_a_key(tmp_path: Path) -> None:
    (tmp_path / "hr.csv").write_text(HEADER + "E1,mia@x.example,Mia,Intern,,,,\nE2,bo@x.example,Bo,,,,,\n")
    settings = RosterSettings.model_validate(
        {
            "sources": [{"name": "hr", "path": str(tmp_path / "hr.csv")}],
            "where_not": {"job_title": ["Intern"]},
        }
    )
    found = read_roster(settings, None, TODAY)
    key = FingerprintKey(b"invented")

    assert found.profile is not None
    kept, plain = keyed(found.profile, key, "nightly"), keys_of(found.excluded)
    assert (len(plain), set(kept.excluded.values) & set(plain)) == (1, set())
    again = as_in(kept, "excluded", plain, key, "nightly")
    assert again is not None
    assert set(again) == set(kept.excluded.values)


def test_a_manager_may_be_in_another_source_and_is_told_by_the_row_there(tmp_path: Path) -> None:
    header = "external_id,login,name,manager\n"
    rows = {
        "hr": 'E1,mia@x.example,Mia Marsh,\nE2,otto@x.example,Otto Ort,"Marsh, Mia"\n',
        "it": ',sara@x.example,Sara Sol,"Ort, Otto"\n,bo@x.example,Bo Bay,E1\n,cy@x.example,Cy Cole,Nobody Known\n',
    }
    for name, lines in rows.items():
        (tmp_path / f"{name}.csv").write_text(header + lines, encoding="utf-8")
    sources = [{"name": name, "path": str(tmp_path / f"{name}.csv")} for name in rows]
    found = read_roster(RosterSettings.model_validate({"sources": sources}), None, TODAY)

    assert found.frame["manager"].tolist() == ["", "mia@x.example", "otto@x.example", "E1", "Nobody Known"]
    (named,) = found.named
    assert (named.cells, named.no_key, named.by_name, named.strangers) == (4, 3, 2, {"nobody known"})
    job = make_job(scope={"protect_managers": True})
    assert strangers_in(found, job) == {"nobody known"}
    (told,) = people_by_name(found, job)
    assert (Path(told.file).name, told.row, told.sentence.endswith("see row 4 of it")) == ("it.csv", 4, True)
    assert not judge_column(found, job).refused
