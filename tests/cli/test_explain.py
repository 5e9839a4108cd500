"""`provision explain`: every decision about one person over several nights, from what is on the disk alone."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

import msgspec
import pandas as pd
import pytest

from provision.sandbox.trouble.script import rule

from .clocks import Gate
from .conftest import SEED, complaint, person, run_folders, slow

HEADER = "external_id,login,name,job_title\n"
MIA = "E1,mia@acme.example,Mia Managed,Buyer\n"
OTTO = "E2,otto@acme.example,Otto Ömer,Seller\n"
BOTH = HEADER + MIA + OTTO
WITHOUT_MIA = HEADER + OTTO
STAGES = {"lifecycle": {"leavers": [{"after": "0d", "do": "deactivate"}, {"after": "30d", "do": "delete"}]}}


@pytest.fixture
def night(provision, make_job, clock):
    """Runs the nightly job with a roster, so many hours after the first night."""

    def run(hours: float, people: str, command="run", **sections):
        clock(hours)
        return provision(command, make_job(people, **sections), "--json")

    return run


@pytest.fixture
def explained(provision, tmp_path):
    """The explanation of a person as an object."""

    def ask(who: str = "mia@acme.example", damaged: bool = False):
        said = provision("explain", tmp_path / "nightly.yaml", who, "--json", "--quiet")
        assert (said.code, bool(said.err)) == (int(damaged), damaged)
        return said.json

    return ask


@pytest.fixture
def shown(provision, tmp_path, narrow):
    """The explanation as a terminal of 80 columns shows it."""

    def ask(who: str = "mia@acme.example", damaged: bool = False) -> str:
        said = provision("explain", tmp_path / "nightly.yaml", who)
        assert (said.code, bool(said.err)) == (int(damaged), damaged)
        assert [line for line in said.out.splitlines() if len(line) > 80] == []
        return said.out

    return ask


def words(text: str) -> str:
    """A text as one line, however it was wrapped."""
    return " ".join(text.split())


def told(found) -> list[tuple[str, str, str]]:
    """Verdict, reason and outcome of each run, newest first."""
    return [
        (each["verdict"], each["reason"], each["outcome"])
        for run in found["runs"]
        for each in run["decisions"]
    ]


def day(text: str) -> str:
    return text[:10]


def test_leaver_by_absence_is_told_from_the_first_night_to_the_deletion_as_it_was_foretold(
    box, night, explained, shown
):
    """The date of `next` is that of the run that does it, for the absence as for the stage after."""
    server = box()
    box_id = person(server, "mia@acme.example")["id"]
    runs = [night(-1, BOTH, "plan", **STAGES).json["run_id"]]
    runs += [night(at, people, **STAGES).json["run_id"] for at, people in ((0, BOTH), (24, WITHOUT_MIA))]
    ahead = explained()["next"]
    assert ahead["kind"] == "deactivate"
    assert day(ahead["not_before"]) in ahead["words"]

    early = night(35.9, WITHOUT_MIA, **STAGES).json
    assert (early["planned"], explained()["next"]) == ({}, ahead)
    done = night(36.1, WITHOUT_MIA, **STAGES).json
    assert done["planned"] == {"deactivate": 1}
    runs += [early["run_id"], done["run_id"]]

    found = explained()

    assert [run["run_id"] for run in found["runs"]] == runs[::-1]
    leaving, _, waiting, first, planned = found["runs"]
    assert [run["status"] for run in (waiting, first, planned)] == ["no_changes"] * 3
    assert told(found)[2:4] == [
        ("unchanged", "not yet a leaver: absent from 1 of 2 complete rosters", ""),
        ("unchanged", "in step with the roster", ""),
    ]
    [decision] = leaving["decisions"]
    assert (decision["verdict"], decision["outcome"], decision["attempts"]) == ("deactivate", "done", 1)
    evidence = f"absent from 2 complete rosters in a row, first on {day(waiting['at'])}"
    assert evidence in decision["evidence"]
    assert decision["fields"] == [{"field": "status", "before": "active", "after": "inactive"}]
    assert first["decisions"][0]["line"] == 2
    now = found["now"]  # owned since the first run that was carried out, not since the plan before
    assert (now["owned"], now["since"], now["status"]) == (True, first["at"], "inactive")
    assert (day(now["left_at"]), now["missed_runs"]) == (day(leaving["at"]), 2)
    assert found["person"]["box_ids"] == [box_id]
    assert "delete is due on " in found["next"]["words"]

    text = words(shown("MIA@ACME.example "))
    assert text.index("Now") < text.index("Next") < text.index("5 runs, newest first") < text.index(runs[4])
    assert text.index(runs[4]) < text.index(runs[1])
    for sentence in (
        evidence,
        "status: active → inactive",
        "outcome: done · 1 attempt",
        found["next"]["words"],
    ):
        assert sentence in text

    assert night(36.1 + 24 * 29, WITHOUT_MIA, **STAGES).json["planned"] == {}
    assert explained()["next"]["kind"] == ""
    due = 36.2 + 24 * 30
    assert night(due, WITHOUT_MIA, "plan", **STAGES).json["planned"] == {"delete": 1}
    assert explained()["next"]["kind"] == "delete"
    night(due + 1, WITHOUT_MIA, **STAGES)
    gone = explained("E1")
    assert told(gone)[0][::2] == ("delete", "done")
    assert (gone["now"]["owned"], gone["now"]["status"]) == (False, "deleted")
    assert gone["next"]["words"] == "nothing: the account was deleted"
    assert "the account was deleted by this job." in shown("E1")


def test_a_last_day_and_a_first_day_that_lie_ahead_are_told_and_come(
    box, night, explained, hands, shown, clock
):
    box()
    clock(0)
    last, first = ((hands.now() + timedelta(days=days)).date().isoformat() for days in (2, 4))
    dated = (
        "external_id,login,name,end_date,start_date\n"
        f"E1,mia@acme.example,Mia Managed,{last},\nE2,otto@acme.example,Otto Ömer,,{first}\n"
        f"E3,nina@acme.example,Nina Neu,,{first}\nE4,sara@acme.example,Sara Süß,{first},\n"
    )
    assert night(1, dated, **STAGES).json["planned"] == {"create": 1}
    ahead = {who: explained(f"{who}@acme.example")["next"] for who in ("mia", "otto", "nina", "sara")}

    leaves = "leaves on {}, the last day with access: the first run after it plans to deactivate the account"
    assert (ahead["mia"]["words"], ahead["mia"]["kind"]) == (leaves.format(last), "deactivate")
    assert ahead["otto"]["words"].startswith(f"starts on {first}; nothing, while")
    assert f"the start date ({first}) is ahead" in ahead["nina"]["words"]
    assert ahead["sara"]["words"] == leaves.format(first)
    assert f"leaves on {last}" in words(shown())

    over = datetime.fromisoformat(ahead["mia"]["not_before"]) - hands.now()
    hours = over.total_seconds() / 3600 + 1
    nights = [night(at, dated, **STAGES).json["planned"] for at in (hours - 0.1, hours + 0.1)]
    assert nights == [{}, {"deactivate": 1}]


#: ten people, each with a fate of her own in the second night
SECOND = {
    "E1,mia@acme.example,Mia Managed,Buyer": None,
    "E2,otto@acme.example,Otto Ömer,Seller": None,
    "E5,lena@acme.example,Lena Lot,": "E5,lena.moss@acme.example,Lena Lot,",
    "E6,rita@acme.example,Rita Rey,": f"E6,rita@acme.example,{'M' * 51},",
    "E7,ada@acme.example,Someone Else,": None,
    "E8,vera@acme.example,Vera Voss,": "E8,vera@acme.example,Vera Voss,Chief",
    "E9,rolf@acme.example,Rolf Rau,Buyer": "E9,rolf@acme.example,Rolf Rau,Director",
    "E10,eve@acme.example,Eve Ell,": "E10,eve@acme.example,Eve Ell,Director\u202egnitaerC",
    "E11,paul@partner.example,Paul Partner,": None,
    "E12,nora@acme.example,Nora Nye,": "E19,nora@acme.example,Nora Nye,",
}
TEN = {
    **SEED,
    "users": [
        *SEED["users"],
        {"name": "Lena Lot", "login": "lena@acme.example"},
        {"name": "Rita Rey", "login": "rita@acme.example"},
        {"name": "Vera Voss", "login": "vera@acme.example"},
        {"name": "Rolf Rau", "login": "rolf@acme.example", "job_title": "Buyer"},
        {"name": "Eve Ell", "login": "eve@acme.example"},
        {"name": "Nora Nye", "login": "nora@acme.example"},
    ],
}


@pytest.fixture
def two_nights(box, night, no_sockets):
    """The ten people over two nights; afterwards there is no Box any more. Gives the id of her who was renamed."""
    server = box(seed=TEN)
    terms = {"scope": {"domains": ["acme.example"], "protect": ["E8"]}}
    night(0, HEADER + "".join(f"{row}\n" for row in SECOND), **terms)
    account = server.enterprise.accounts.with_login("lena@acme.example")
    server.enterprise.accounts.remove(account)
    server.enterprise.accounts.add(msgspec.structs.replace(account, login="lena.moss@acme.example"))
    rolf = person(server, "rolf@acme.example")["id"]
    server.faults.add(rule({"fault": "status", "status": 400}, method="PUT", path=f"^/2.0/users/{rolf}$"))
    night(24, HEADER + "".join(f"{after or before}\n" for before, after in SECOND.items()), **terms)
    server.close()
    no_sockets()
    return account.id


NEXT = {
    "otto@acme.example": "nothing, while the roster says what it said last (in step with the roster)",
    "rita@acme.example": "nothing, until row 5 of the roster is correct (name",
    "vera@acme.example": "as long as the account is protected",
    "paul@partner.example": "as long as the account is outside the job's scope",
    "nora@acme.example": "nothing, until a person has decided",
}


def test_what_is_told_of_ten_people_of_whom_each_had_another_fate(two_nights, explained, shown, tmp_path):
    """Nothing is written for it, and nobody is asked."""
    files = _files(tmp_path)

    found = {who: explained(who) for who in NEXT}
    assert list(found["otto@acme.example"]) == [
        "job", "asked", "person", "now", "next", "words", "runs", "not_read", "not_proven", "runs_elsewhere",
        "exit_code", "error",
    ]  # fmt: skip
    assert {
        who: sentence for who, sentence in NEXT.items() if sentence not in found[who]["next"]["words"]
    } == {}

    calm = shown("otto@acme.example")  # nights on which nothing happened are told as one
    assert len(found["otto@acme.example"]["runs"]) == 2
    assert calm.count("in step with the roster") == 2  # once for the runs, once for what comes next
    assert "the same in 2 runs" in calm

    newest = found["rita@acme.example"]["runs"][0]  # a row that was rejected
    [decision] = newest["decisions"]
    assert (decision["verdict"], decision["line"]) == ("rejected", 5)
    assert "name" in decision["reason"]
    assert newest["roster"]["path"].endswith("nightly.csv")
    rejected = shown("E6")
    assert "row 5 of nightly.csv" in rejected
    assert "M" * 51 not in rejected

    protected = told(explained("ada@acme.example"))[0]  # a protected admin
    assert protected[::2] == ("protected", "")
    assert protected[1] in words(shown("E7"))
    assert told(explained("E7"))[0] == protected

    rolf = explained("rolf@acme.example")  # what Box refused
    [decision] = rolf["runs"][0]["decisions"]
    assert (decision["outcome"], decision["http_status"]) == ("failed", 400)
    assert decision["request_id"]
    assert f"request {decision['request_id']}" in words(shown("E9"))
    assert rolf["next"]["kind"] == "update"

    assert "\u202e" not in shown("E10")  # what would steer a terminal
    assert _files(tmp_path) == files


def test_another_login_of_the_same_account_is_the_same_person(two_nights, explained, shown, tmp_path):
    keys = ("Lena@acme.example", "lena.moss@acme.example", "E5", two_nights)

    by_each_key = [explained(key)["person"] for key in keys]

    assert by_each_key[1:] == by_each_key[:1] * 3
    assert by_each_key[0]["logins"] == ["lena.moss@acme.example", "lena@acme.example"]
    assert by_each_key[0]["external_ids"] == ["E5"]
    assert "login: lena.moss@acme.example (before: lena@acme.example)" in words(shown(two_nights))

    # without a ledger the runs are told, and none is made
    shutil.rmtree(tmp_path / "state")
    found = explained("mia@acme.example")
    assert (found["now"]["owned"], len(found["runs"])) == (False, 2)
    assert not (tmp_path / "state").exists()


def _files(folder) -> dict[object, bytes]:
    """All but what SQLite keeps beside a ledger that is read."""
    paths = (path for path in folder.rglob("*") if path.is_file() and "state" not in path.parts)
    return {path: path.read_bytes() for path in paths}


def test_who_is_in_no_row_of_a_partial_roster_is_foretold_nothing(box, night, explained):
    box()
    night(0, BOTH)
    night(24, WITHOUT_MIA, "plan", roster={"authority": "partial"})

    found = explained()["next"]
    assert "nothing, while the roster says what it said last" in found["words"]


def test_same_ids_in_another_enterprise_are_other_people(box, night, explained, shown):
    box()
    night(0, BOTH)
    box({**SEED, "enterprise": {**SEED["enterprise"], "id": "4711"}})
    night(24, BOTH)

    found = explained()

    assert (len(found["runs"]), found["runs_elsewhere"]) == (1, 1)
    assert "Left out: 1 run about another enterprise" in shown()


def test_people_without_ids_and_shifted_rows_stay_apart(box, night, explained):
    box()
    night(0, "login,name\nmia@acme.example,Mia Managed\notto@acme.example,Otto Ömer\n")
    night(24, BOTH)
    night(48, HEADER + MIA.replace("mia@", "otto@") + OTTO.replace("otto@", "mia@"), "plan")

    mia, otto = explained("mia@acme.example"), explained("otto@acme.example")

    assert (mia["person"]["logins"], mia["person"]["external_ids"]) == (["mia@acme.example"], ["E1"])
    assert (otto["person"]["logins"], otto["person"]["external_ids"]) == (["otto@acme.example"], ["E2"])
    assert len(mia["runs"]) == len(otto["runs"]) == 3
    assert {verdict for verdict, _, _ in told(mia)[:2]} == {"held"}


def test_guard_that_refused_is_told_with_its_sentence(box, night, explained, shown):
    box()
    refused = night(0, BOTH.replace("Buyer", "Director"), guards={"updates": {"count": 0}})
    assert refused.code == 3

    [run] = explained()["runs"]

    [guard] = run["guards"]
    assert (run["status"], guard["name"], guard["verdict"]) == ("refused", "updates", "refused")
    [decision] = run["decisions"]
    assert decision["fields"] == [{"field": "job_title", "before": "Buyer", "after": "Director"}]
    assert (decision["outcome"], decision["note"]) == (
        "not_attempted",
        "not carried out: a guard held it or refused the run",
    )
    text = words(shown())
    assert guard["sentence"] in text
    assert "job_title: Buyer → Director" in text


def test_run_that_was_killed_is_told_as_in_doubt(box, launch, make_job, explained, shown):
    gate = Gate()
    box(rules=[slow(method="POST", path="^/2.0/users$", nth=2)], clock=gate)
    people = "login,name\n" + "".join(f"new{at}@acme.example,New Person\n" for at in range(3))
    process = launch("run", make_job(people, apply={"workers": 1}, roster={"authority": "partial"}))
    gate.arrival()
    process.kill()
    process.wait(timeout=60)
    gate.open()

    outcomes = [told(explained(f"new{at}@acme.example"))[0][2] for at in range(3)]

    assert outcomes == ["done", "in_doubt", "not_attempted"]
    assert "the next run takes it over" in words(shown("new0@acme.example"))
    doubtful = words(shown("new1@acme.example"))
    assert "outcome: in doubt" in doubtful
    assert "the next run plans afresh what was not done (create)" in doubtful
    assert "the run was killed, or is still under way" in words(shown("new2@acme.example"))


def test_undone_run_names_the_run_that_took_it_back_and_what_comes_again(
    box, provision, night, explained, shown
):
    box()
    for at, people in enumerate([BOTH, WITHOUT_MIA, WITHOUT_MIA]):
        done = night(24 * at, people, **STAGES)
    preview = provision("undo", done.folder, "--dry-run", "--json").json["run_id"]
    assert {run["undone_by"] for run in explained()["runs"]} == {""}
    undone = provision("undo", done.folder, "--json").json["run_id"]

    found = explained()

    runs = {run["run_id"]: run for run in found["runs"]}
    assert runs[done.json["run_id"]]["undone_by"] == undone != preview
    assert runs[undone]["undone_by"] == ""
    assert f"taken back by run {undone}" in words(shown())
    assert {run["undone_by"] for run in explained("otto@acme.example")["runs"]} == {""}
    # who was taken back from leaving is foretold to leave again, and does
    assert (found["now"]["status"], found["now"]["left_at"]) == ("active", "")
    assert found["next"]["kind"] == "deactivate"
    assert night(72, WITHOUT_MIA, "plan", **STAGES).json["planned"] == {"deactivate": 1}


def test_runs_that_cannot_be_read_are_named_and_the_others_told(
    box, night, explained, shown, provision, tmp_path
):
    box()
    for at in range(5):
        night(24 * at, BOTH.replace("Buyer", "Director"), "plan")
    whole, edited, cut, lost, empty = run_folders(tmp_path / "runs")
    people = pd.read_parquet(edited / "people.parquet")
    people.assign(because="ignored").to_parquet(edited / "people.parquet", index=False)
    (cut / "plan.json").write_text((cut / "plan.json").read_text()[:100])
    (lost / "people.parquet").unlink()
    (empty / "plan.json").unlink()

    found = explained(damaged=True)

    assert [run["run_id"] for run in found["runs"]] == [whole.name]
    assert set(found["not_read"]) == {edited.name, cut.name, lost.name, empty.name}
    text = "".join(shown(damaged=True).split())  # a path is cut where the line ends
    assert text.count("Notread:") == 1
    told = [f"{run_id} ({why})" for run_id, why in found["not_read"].items()]
    assert all("".join(each.split()) in text for each in told)

    # of whom no run tells that can be read, nobody is found
    plan = (whole / "plan.json").read_text()
    assert "Director" in plan
    (whole / "plan.json").write_text(plan.replace("Director", "Emperor"))
    shutil.rmtree(tmp_path / "state", ignore_errors=True)
    said = provision("explain", tmp_path / "nightly.yaml", "E1")
    assert said.code == 1
    assert "(5 more could not be read)" in complaint(said)


def test_who_is_nobody_or_two_people_is_not_told_of(box, night, provision, tmp_path):
    """What was searched is said and who is near, but nobody who is not; a key of two is refused with a way out."""
    server = box()
    other = person(server, "otto@acme.example")["id"]
    night(0, BOTH.replace("E1", other))

    def asked(who: str, *flags: str):
        said = provision("explain", tmp_path / "nightly.yaml", who, *flags)
        assert (said.code, said.out == "") == (1, not flags), who
        return said

    said = asked("mai@acme.example")
    assert "1 run of job nightly" in complaint(said)
    assert "mia@acme.example" in said.err
    assert "otto" not in said.err
    for who in ("", "   ", "nobody-like-that-at-all"):
        said = asked(who, "--json")
        assert said.json["exit_code"] == 1
        assert "@acme.example" not in complaint(said), who
    two = complaint(asked(other))
    assert f"{other} means 2 people: mia@acme.example, otto@acme.example" in two
