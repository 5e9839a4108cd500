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
    "cleo": "E5,cleo@acme.example,Cleo Cole\n",
    "dara": "E6,dara@acme.example,Dara Dorn\n",
}
MIA, CLEO, DARA = "mia@acme.example", "cleo@acme.example", "dara@acme.example"
TWICE = {"evidence": {"absent_runs": 2, "absent_hours": 0}}


@pytest.fixture
def job(nights):
    """Runs a job with a roster of these people: `job("sales", 0, "mia", "otto")`."""

    def run(name: str, night: float, *who: str, text: str = "", **sections: Any):
        text = text or "external_id,login,name\n" + "".join(PEOPLE[one] for one in who)
        lifecycle = sections.pop("lifecycle", AT_ONCE)
        guards = {name: {"percent": 100} for name in ("shrink", "removals")}
        return nights(night, text, "--yes", name=name, lifecycle=lifecycle, guards=guards, **sections)

    return run


def status(server, who: str = MIA) -> str:
    found: str = person(server, who)["status"]
    return found


def claimed(said) -> set[str]:
    return {who for who, (verdict, _) in verdicts(said).items() if verdict == "claimed"}


def test_who_moves_between_two_rosters_is_never_locked_and_leaves_by_the_second(box, job):
    """In whatever order the jobs run: Cleo makes each step of Mia's a night later, when the other job is the first one.

    Labs has both from the beginning, as ones who are in both; sales names them for one night, and labs until it does not.
    """
    server = box(seed=SEED)
    job("labs", 0, "sara", "bela", "mia", "cleo", lifecycle=TWICE)
    locked, passed_over = {}, {}
    for night in range(1, 6):
        sales = {"otto", "bela"} | ({"mia"} if night == 1 else set()) | ({"cleo"} if night == 2 else set())
        labs = {"sara"} | ({"mia"} if night < 3 else set()) | ({"cleo"} if night < 4 else set())
        for name in ("sales", "labs") if night % 2 else ("labs", "sales"):
            who, lifecycle = (sales, AT_ONCE) if name == "sales" else (labs, TWICE)
            said = job(name, night, *sorted(who), lifecycle=lifecycle)
            assert said.code == 0, said.err
            if name == "sales":
                passed_over[night] = claimed(said)
            for left in {MIA, CLEO} - locked.keys():
                locked |= {left: (name, night)} if status(server, left) != "active" else {}

    assert locked == {MIA: ("labs", 4), CLEO: ("labs", 5)}
    assert passed_over == {
        1: {"sara@acme.example", CLEO},  # also whom the job never had
        2: {"sara@acme.example", MIA},
    } | {night: {"sara@acme.example", MIA, CLEO} for night in (3, 4, 5)}
    assert status(server, "bela@acme.example") == "active"


@pytest.mark.parametrize("either_way", ["on disk"], indirect=True)
@pytest.mark.usefixtures("either_way")
def test_an_account_the_job_never_had_is_claimed_too_and_the_page_and_explain_say_by_whom(
    box, job, provision
):
    """Also among people in batches, and of those whom the job had."""
    box(seed=SEED)
    job("labs", 0, "sara", "bela", "mia")
    assert job("sales", 0.1, "otto", "mia").code == 0
    said = job("sales", 1, "otto", report={"formats": ["html", "csv"]})

    assert (said.code, said.json["planned"]) == (0, {})
    found = verdicts(said)
    assert {who: found[who] for who in claimed(said)} == dict.fromkeys(
        (MIA, "sara@acme.example", "bela@acme.example"), ("claimed", "")
    )
    page = next(said.folder.glob("*.html")).read_text(encoding="utf-8")
    assert "Claimed by other jobs" in page
    assert "claimed by job labs" in page
    told = provision("explain", "sales.yaml", "sara@acme.example")
    assert told.code == 0, told.err
    assert "claimed by job labs" in " ".join(told.out.split())


def test_adopting_moves_the_claim_and_a_job_of_part_of_the_people_claims_nobody(box, job, provision):
    server = box(seed=SEED)
    job("labs", 0, "sara", "mia")
    job("sales", 0.1, "otto", "dara")
    job("desk", 0.2, "dara", roster={"authority": "partial"})
    moved = provision("adopt", "sales.yaml", "--login", MIA, "--by", "Carla Chief", "--json")
    assert moved.code == 0, moved.err

    assert job("sales", 1, "otto").json["planned"] == {"deactivate": 2}
    assert [status(server, who) for who in (MIA, DARA)] == ["inactive", "inactive"]
    # she is not the other job's any more: without a row there she is nobody's
    assert verdicts(job("labs", 2, "sara"))[MIA][0] in ("claimed", "unowned")


@pytest.mark.parametrize("either_way", ["in memory", "on disk"], indirect=True)
@pytest.mark.usefixtures("either_way")
def test_who_was_locked_by_the_one_job_before_the_other_one_named_her_comes_back(box, job):
    """She moved while the other job did not run; who was locked by a word of the row, and not for being absent, stays so."""
    server = box(seed=SEED)
    job("labs", 0, "sara")
    job("sales", 0.1, "otto", "mia", "cleo")
    left = {"otto": "", "cleo": "inactive"}
    text = "".join(PEOPLE[who].replace("\n", f",{word}\n") for who, word in left.items())
    said = job("sales", 1, text=f"external_id,login,name,status\n{text}")
    assert (said.code, said.json["planned"]) == (0, {"deactivate": 2})

    back = job("labs", 1.1, "sara", "mia", "cleo")

    assert (back.code, back.json["planned"]) == (0, {"activate": 1})
    for night in (2, 3):
        assert job("sales", night, "otto").json["planned"] == {}
        assert job("labs", night + 0.1, "sara", "mia", "cleo").json["planned"] == {}
    assert [status(server, who) for who in (MIA, CLEO)] == ["active", "inactive"]


def test_a_claim_is_over_fourteen_days_after_the_last_roster_and_what_was_before_it_counts_no_more(box, job):
    """Nobody is locked by an absence of before; and of whom the job locked before, the old date deletes no account."""
    server = box(seed=SEED)
    way = {"leavers": [{"do": "deactivate", "after": "0d"}, {"do": "delete", "after": "10d"}], **TWICE}
    job("sales", 0, "otto", "mia", "cleo", lifecycle=way)
    gone = [job("sales", night, "otto", "mia", lifecycle=way) for night in (0.2, 0.4)]
    assert [(each.code, each.json["planned"]) for each in gone] == [(0, {}), (0, {"deactivate": 1})]
    job("labs", 1, "sara", "mia", "cleo")
    nights = {night: job("sales", night, "otto", lifecycle=way) for night in (2, 14.9, 15.1, 16.1)}

    assert {night: each.json["planned"] for night, each in nights.items()} == {
        2: {}, 14.9: {}, 15.1: {}, 16.1: {"deactivate": 2},
    }  # fmt: skip
    assert {night: {MIA, CLEO} & claimed(each) for night, each in nights.items()} == {
        2: {MIA, CLEO}, 14.9: {MIA, CLEO}, 15.1: set(), 16.1: set(),
    }  # fmt: skip
    assert [status(server, who) for who in (MIA, CLEO)] == ["inactive", "inactive"]


def test_who_moves_and_gets_another_address_at_once_is_no_leaver_while_a_person_is_asked_who_that_is(
    box, job
):
    server = box(seed=SEED)
    job("labs", 0, "sara", "mia", "bela")
    job("sales", 0, "otto")
    PEOPLE["mia, later"] = PEOPLE["mia"].replace("mia@", "mia.marsh@")

    asked = job("sales", 1, "otto", "mia, later")
    left = job("labs", 1, "sara", "bela")
    assert (asked.code, asked.json["planned"]) == (3, {"create": 1})
    assert (MIA in claimed(left), status(server)) == (True, "active")


def test_a_row_that_cannot_be_used_or_waits_claims_whom_it_names_by_any_key_and_by_name_alone(
    box, job, provision
):
    """Labs has never matched one of them: by their external ids, logins and names it names people of sales."""
    server = box(seed=SEED)
    job("sales", 0, "mia", "otto", "cleo", "dara", "bela")
    named = (
        "external_id,login,name,start_date\n"
        "E3,sara@acme.example,Sara Sund,\n"
        "E1,not an address,M.,\n"  # by the external id that sales has in her account
        ",otto@acme.example,,2026-02-31\n"  # by the login
        ",,Cole Cleo,\n"  # by nothing but the name
        "E6,dara.dorn@acme.example,Dara D.,2027-02-01\n"  # who starts later, under another address
    )
    assert job("labs", 0.1, text=named).code == 1
    left = job("sales", 1, "bela")

    assert (left.code, left.json["planned"]) == (0, {})
    assert claimed(left) == {MIA, "otto@acme.example", CLEO, DARA, "sara@acme.example"}
    told = " ".join(provision("explain", "sales.yaml", CLEO).out.split())
    assert "claimed by job labs, whose roster names this person in a row of which nothing is done" in told
    assert job("labs", 1.1, text="".join(named.splitlines(keepends=True)[:2])).code == 0
    assert job("sales", 2, "bela").json["planned"] == {"deactivate": 4}
    assert {status(server, who) for who in (MIA, "otto@acme.example", CLEO, DARA)} == {"inactive"}


def test_a_roster_that_is_refused_takes_no_claim_away_and_a_ledger_made_anew_has_it_again(
    box, job, provision
):
    server = box(seed=SEED)
    bad = PEOPLE["mia"].replace("mia@acme.example", "not an address")
    job("sales", 0, "otto", "mia", "cleo")
    job("labs", 0.1, text="external_id,login,name\n" + PEOPLE["sara"] + PEOPLE["cleo"] + bad)
    assert job("labs", 1, text="external_id,login,name\n").code == 1
    assert provision("runs", "labs.yaml", "--rebuild").code == 0
    left = job("sales", 1.1, "otto")

    assert (left.json["planned"], claimed(left)) == ({}, {MIA, CLEO, "sara@acme.example"})
    assert [status(server, who) for who in (MIA, CLEO)] == ["active", "active"]
    assert provision("adopt", "sales.yaml", "--login", "sara@acme.example", "--by", "Carla Chief").code == 0
    assert "sara@acme.example" not in claimed(job("sales", 1.2, "otto"))
