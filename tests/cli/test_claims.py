"""Two jobs with full rosters over one enterprise and one ledger, over nights and through the command line."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import person
from .test_left_out import AT_ONCE, SEED, verdicts

PEOPLE = {
    "mia": "E1,mia@acme.example,Mia Marsh\n",
    "otto": "E2,otto@acme.example,Otto Ort\n",
    "sara": "E3,sara@acme.example,Sara Sund\n",
    "bela": "E4,bela@acme.example,Bela Berg\n",
}
MIA = "mia@acme.example"
TWICE = {"evidence": {"absent_runs": 2, "absent_hours": 0}}


@pytest.fixture
def job(nights):
    """Runs a job with a roster of these people: `job("sales", 0, "mia", "otto")`."""

    def run(name: str, night: float, *who: str, **sections: Any):
        text = "external_id,login,name\n" + "".join(PEOPLE[one] for one in who)
        lifecycle = sections.pop("lifecycle", AT_ONCE)
        guards = {name: {"percent": 100} for name in ("shrink", "removals")}
        return nights(night, text, "--yes", name=name, lifecycle=lifecycle, guards=guards, **sections)

    return run


def status(server) -> str:
    found: str = person(server, MIA)["status"]
    return found


@pytest.mark.parametrize("order", [("sales", "labs"), ("labs", "sales")])
def test_who_moves_between_two_rosters_is_never_locked_and_leaves_by_the_second(box, job, order):
    """In whatever order the jobs run, from the night on in which the other job names the person."""
    server = box(seed=SEED)
    job(
        "labs", 0, "sara", "bela", "mia", lifecycle=TWICE
    )  # has her from the beginning, as one who is in both
    for night in range(1, 5):
        for name in order:
            who = ("otto", "bela") if name == "sales" else ("sara", "mia")
            who = (*who, "mia") if name == "sales" and night == 1 else who
            said = job(name, night, *who, lifecycle=AT_ONCE if name == "sales" else TWICE)
            assert (said.code, status(server)) == (0, "active"), said.err
            if name == "sales" and night > 1:
                assert verdicts(said)[MIA] == ("claimed", "")
    locked = []
    for night in range(5, 9):
        for name in order:
            who = ("otto", "bela") if name == "sales" else ("sara",)
            before = status(server)
            said = job(name, night, *who, lifecycle=AT_ONCE if name == "sales" else TWICE)
            assert said.code == 0, said.err
            locked += [(name, night)] if status(server) != before else []
            if name == "sales":
                assert verdicts(said)[MIA] == ("claimed", "")
    assert locked == [("labs", 6)]


def test_an_account_the_job_never_had_is_claimed_too_and_the_page_and_explain_say_by_whom(
    box, job, provision
):
    box(seed=SEED)
    job("labs", 0, "sara", "mia")
    said = job("sales", 1, "otto", report={"formats": ["html", "csv"]})

    assert (said.code, said.json["planned"]) == (0, {})
    assert verdicts(said)[MIA] == ("claimed", "")
    page = next(said.folder.glob("*.html")).read_text(encoding="utf-8")
    assert "Claimed by other jobs" in page
    assert "claimed by job labs" in page
    told = provision("explain", "sales.yaml", MIA)
    assert told.code == 0, told.err
    assert "claimed by job labs" in " ".join(told.out.split())


def test_a_job_of_part_of_the_people_claims_nobody(box, job):
    server = box(seed=SEED)
    job("sales", 0, "otto", "mia")
    job("labs", 0.1, "mia", roster={"authority": "partial"})

    assert job("sales", 1, "otto").json["planned"] == {"deactivate": 1}
    assert status(server) == "inactive"


@pytest.mark.parametrize(("days", "left"), [(13.9, "active"), (15, "inactive")])
def test_a_claim_is_over_fourteen_days_after_the_last_roster(box, job, days, left):
    """What was an absence before it counts anew: nobody is locked by an old one."""
    server = box(seed=SEED)
    job("sales", 0, "otto", "mia", lifecycle=TWICE)
    job("labs", 1, "sara", "mia")
    job("sales", 2, "otto", lifecycle=TWICE)
    job("sales", 1 + days, "otto", lifecycle=TWICE)
    assert status(server) == "active"
    job("sales", 2 + days, "otto", lifecycle=TWICE)
    assert status(server) == left if days == 15 else "active"


def test_what_a_job_locked_and_another_one_names_is_no_more_on_its_way_out(box, job):
    """Else the old date would have the account deleted as soon as the claim is over."""
    server = box(seed=SEED)
    way = {"leavers": [{"do": "deactivate", "after": "0d"}, {"do": "delete", "after": "10d"}], **AT_ONCE}
    job("sales", 0, "otto", "mia", lifecycle=way)
    gone = job("sales", 1, "otto", lifecycle=way)
    assert (gone.code, status(server)) == (0, "inactive"), gone.err
    job("labs", 2, "sara", "mia")
    assert job("sales", 3, "otto", lifecycle=way).code == 0
    late = job("sales", 20, "otto", lifecycle=way)
    assert "delete" not in late.json["planned"]
    assert verdicts(late)[MIA][0] != "claimed"


def test_adopting_moves_the_claim(box, job, provision):
    server = box(seed=SEED)
    job("labs", 0, "sara", "mia")
    job("sales", 0.1, "otto")
    moved = provision("adopt", "sales.yaml", "--login", MIA, "--by", "Carla Chief", "--json")
    assert moved.code == 0, moved.err

    assert job("sales", 1, "otto").json["planned"] == {"deactivate": 1}
    assert status(server) == "inactive"
    # she is not the other job's any more: without a row there she is nobody's
    assert verdicts(job("labs", 2, "sara"))[MIA][0] in ("claimed", "unowned")


@pytest.mark.usefixtures("either_way")
def test_people_in_batches_are_claimed_too(box, job):
    box(seed=SEED)
    job("labs", 0, "sara", "bela", "mia")
    assert job("sales", 0.1, "otto", "mia").code == 0
    said = job("sales", 1, "otto")

    assert (said.code, said.json["planned"]) == (0, {})
    assert {who for who, (verdict, _) in verdicts(said).items() if verdict == "claimed"} == {
        MIA, "sara@acme.example", "bela@acme.example",
    }  # fmt: skip
