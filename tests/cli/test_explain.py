"""`provision explain`: every decision about one person over several nights, from what is on the disk alone."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timedelta

import msgspec
import pandas as pd
import pytest

from .clocks import Gate
from .conftest import SEED, accounts, complaint, person, run_folders, slow

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
def shown(provision, tmp_path):
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


def test_leaver_by_absence_is_told_from_the_first_night_to_the_deletion_that_is_due(
    box, night, explained, shown
):
    server = box()
    nights = [BOTH, WITHOUT_MIA, WITHOUT_MIA]
    runs = [night(24 * at, people, **STAGES).json["run_id"] for at, people in enumerate(nights)]

    found = explained()

    assert [run["run_id"] for run in found["runs"]] == runs[::-1]
    leaving, waiting, first = found["runs"]
    assert told(found)[1:] == [
        ("unchanged", "not yet a leaver: absent from 1 of 2 complete rosters", ""),
        ("unchanged", "in step with the roster", ""),
    ]
    [decision] = leaving["decisions"]
    assert (decision["verdict"], decision["outcome"], decision["attempts"]) == ("deactivate", "done", 1)
    evidence = f"absent from 2 complete rosters in a row, first on {day(waiting['at'])}"
    assert evidence in decision["evidence"]
    assert decision["fields"] == [{"field": "status", "before": "active", "after": "inactive"}]
    assert first["decisions"][0]["line"] == 2
    now = found["now"]
    assert (now["owned"], now["since"], now["status"]) == (True, first["at"], "inactive")
    assert (day(now["left_at"]), now["missed_runs"]) == (day(leaving["at"]), 2)
    assert found["person"]["box_ids"] == [person(server, "mia@acme.example")["id"]]
    assert "delete is due on " in found["next"]["words"]

    text = words(shown("MIA@ACME.example "))
    assert text.index("Now") < text.index("Next") < text.index("3 runs, newest first") < text.index(runs[2])
    assert text.index(runs[2]) < text.index(runs[0])
    for sentence in (
        evidence,
        "status: active → inactive",
        "outcome: done · 1 attempt",
        found["next"]["words"],
    ):
        assert sentence in text


def test_what_is_foretold_happens(box, night, explained):
    """The date of `next` is that of the run that does it, for the absence as for the stage after."""
    box()
    night(0, BOTH, **STAGES)
    night(24, WITHOUT_MIA, **STAGES)
    ahead = explained()["next"]
    assert ahead["kind"] == "deactivate"
    assert day(ahead["not_before"]) in ahead["words"]

    assert night(35.9, WITHOUT_MIA, **STAGES).json["planned"] == {}
    assert explained()["next"] == ahead
    assert night(36.1, WITHOUT_MIA, **STAGES).json["planned"] == {"deactivate": 1}
    assert "delete is due on" in explained()["next"]["words"]

    assert night(36.1 + 24 * 29, WITHOUT_MIA, **STAGES).json["planned"] == {}
    assert explained()["next"]["kind"] == ""
    assert night(36.2 + 24 * 30, WITHOUT_MIA, "plan", **STAGES).json["planned"] == {"delete": 1}
    assert explained()["next"]["kind"] == "delete"


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


@pytest.mark.parametrize(
    ("roster", "sections", "sentence"),
    [
        (BOTH, {}, "nothing, while the roster says what it said last (in step with the roster)"),
        (
            WITHOUT_MIA,
            {"roster": {"authority": "partial"}},
            "nothing, while the roster says what it said last",
        ),
        (BOTH.replace("Mia Managed", "M" * 51), {}, "nothing, until row 2 of the roster is correct (name"),
        (
            BOTH,
            {"scope": {"domains": ["acme.example"], "protect": ["E1"]}},
            "as long as the account is protected",
        ),
        (
            BOTH,
            {"scope": {"domains": ["other.example"]}},
            "as long as the account is outside the job's scope",
        ),
        (BOTH.replace("E1", "E9"), {}, "nothing, until a person has decided"),
    ],
)
def test_next_tells_what_has_to_come_first(box, night, explained, roster, sections, sentence):
    box()
    night(0, BOTH)
    night(24, roster, **sections)

    assert sentence in explained("mia@acme.example")["next"]["words"]


def test_who_was_deleted_is_told_so_to_the_end(box, night, explained, shown):
    box()
    night(0, BOTH, **STAGES)
    for hours in (24, 48, 24 * 33):
        night(hours, WITHOUT_MIA, **STAGES)

    found = explained("E1")

    assert told(found)[0][::2] == ("delete", "done")
    assert (found["now"]["owned"], found["now"]["status"]) == (False, "deleted")
    assert found["next"]["words"] == "nothing: the account was deleted"
    assert "the account was deleted by this job." in shown("E1")


def test_account_is_owned_since_the_first_run_that_was_carried_out(box, night, explained):
    box()
    night(0, BOTH, "plan")
    night(24, BOTH)
    night(48, BOTH)

    found = explained()

    assert found["now"]["since"] == found["runs"][1]["at"]
    assert [run["status"] for run in found["runs"]] == ["no_changes"] * 3


def test_same_ids_in_another_enterprise_are_other_people(box, night, explained, shown):
    box()
    night(0, BOTH)
    box({**SEED, "enterprise": {**SEED["enterprise"], "id": "4711"}})
    night(24, BOTH)

    found = explained()

    assert (len(found["runs"]), found["runs_elsewhere"]) == (1, 1)
    assert "Left out: 1 run about another enterprise" in shown()


def test_rejected_row_is_told_with_its_line_and_reason(box, night, explained, shown):
    box()
    night(0, BOTH)
    night(24, BOTH.replace("Mia Managed", "M" * 51))

    newest = explained("E1")["runs"][0]

    [decision] = newest["decisions"]
    assert (decision["verdict"], decision["line"]) == ("rejected", 2)
    assert "name" in decision["reason"]
    assert newest["roster"]["path"].endswith("nightly.csv")
    assert "row 2 of nightly.csv" in shown("E1")
    assert "M" * 51 not in shown("E1")


def test_protected_admin_is_told_why(box, night, explained, shown):
    box()
    night(0, HEADER + "E7,ada@acme.example,Someone Else,\n" + OTTO)

    [(verdict, reason, outcome)] = told(explained("ada@acme.example"))

    assert (verdict, outcome) == ("protected", "")
    assert reason in words(shown("E7"))
    assert told(explained("E7")) == [(verdict, reason, outcome)]


def test_another_login_of_the_same_account_is_the_same_person(box, night, explained, shown):
    server = box()
    night(0, BOTH)
    account = server.enterprise.accounts.with_login("mia@acme.example")
    server.enterprise.accounts.remove(account)
    server.enterprise.accounts.add(msgspec.structs.replace(account, login="mia.moss@acme.example"))
    night(24, BOTH.replace("mia@", "mia.moss@"))

    by_each_key = [
        explained(key)["person"] for key in ("Mia@acme.example", "mia.moss@acme.example", "E1", account.id)
    ]

    assert by_each_key[1:] == by_each_key[:1] * 3
    assert by_each_key[0]["logins"] == ["mia.moss@acme.example", "mia@acme.example"]
    assert by_each_key[0]["external_ids"] == ["E1"]
    assert "login: mia.moss@acme.example (before: mia@acme.example)" in words(shown(account.id))


def test_people_without_ids_and_shifted_rows_stay_apart(box, night, explained):
    box()
    night(0, "login,name\nmia@acme.example,Mia Managed\notto@acme.example,Otto Ömer\n")
    night(24, BOTH)
    night(48, HEADER + MIA.replace("mia@", "otto@") + OTTO.replace("otto@", "mia@"))

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


def test_refusal_of_box_is_told_with_code_request_and_meaning(box, night, explained, shown):
    box(rules=[{"match": {"method": "PUT"}, "do": {"fault": "status", "status": 400}}])
    night(0, BOTH.replace("Buyer", "Director"))

    [decision] = explained()["runs"][0]["decisions"]

    assert (decision["outcome"], decision["http_status"]) == ("failed", 400)
    assert decision["request_id"]
    assert f"request {decision['request_id']}" in words(shown())
    assert explained()["next"]["kind"] == "update"


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
    assert "outcome: in doubt" in shown("new1@acme.example")
    assert "the next run plans afresh what was not done (create)" in words(shown("new1@acme.example"))
    assert "the run was killed, or is still under way" in words(shown("new2@acme.example"))


def test_undone_run_names_the_run_that_took_it_back(box, provision, night, explained, shown):
    box()
    done = night(0, BOTH.replace("Buyer", "Director"))
    preview = provision("undo", done.folder, "--dry-run", "--json").json["run_id"]
    assert explained()["runs"][-1]["undone_by"] == ""
    undone = provision("undo", done.folder, "--json").json["run_id"]

    runs = {run["run_id"]: run for run in explained()["runs"]}

    assert runs[done.json["run_id"]]["undone_by"] == undone != preview
    assert runs[undone]["undone_by"] == ""
    assert f"taken back by run {undone}" in words(shown())
    assert {run["undone_by"] for run in explained("otto@acme.example")["runs"]} == {""}


def test_who_was_taken_back_from_leaving_is_foretold_to_leave_again(box, provision, night, explained):
    box()
    for at, people in enumerate([BOTH, WITHOUT_MIA, WITHOUT_MIA]):
        done = night(24 * at, people, **STAGES)
    provision("undo", done.folder)

    found = explained()

    assert (found["now"]["status"], found["now"]["left_at"]) == ("active", "")
    assert found["next"]["kind"] == "deactivate"
    assert night(72, WITHOUT_MIA, "plan", **STAGES).json["planned"] == {"deactivate": 1}


def test_nights_on_which_nothing_happened_are_told_as_one(box, night, explained, shown):
    box()
    for at in range(4):
        night(24 * at, BOTH)

    assert len(explained()["runs"]) == 4
    assert shown().count("in step with the roster") == 2  # once for the runs, once for what comes next
    assert "the same in 4 runs" in shown()


def test_runs_that_cannot_be_read_are_named_and_the_others_told(box, night, explained, shown, tmp_path):
    box()
    for at in range(5):
        night(24 * at, BOTH)
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


def test_person_of_whom_only_unreadable_runs_tell_is_not_found(box, night, provision, tmp_path):
    box()
    folder = night(0, BOTH.replace("Buyer", "Director")).folder
    plan = (folder / "plan.json").read_text()
    (folder / "plan.json").write_text(plan.replace("Director", "Emperor"))
    shutil.rmtree(tmp_path / "state")

    said = provision("explain", tmp_path / "nightly.yaml", "E1")

    assert said.code == 1
    assert "(1 more could not be read)" in complaint(said)


def test_nobody_found_says_what_was_searched_and_who_is_near(box, night, provision, tmp_path):
    box()
    night(0, BOTH)

    said = provision("explain", tmp_path / "nightly.yaml", "mai@acme.example")

    assert (said.code, said.out) == (1, "")
    assert "1 run of job nightly" in complaint(said)
    assert "mia@acme.example" in said.err
    assert "otto" not in said.err


@pytest.mark.parametrize("who", ["", "   ", "nobody-like-that-at-all"])
def test_nobody_found_names_nobody_who_is_not_near(box, night, provision, tmp_path, who):
    box()
    night(0, BOTH)

    said = provision("explain", tmp_path / "nightly.yaml", who, "--json")

    assert said.code == 1
    assert said.json["exit_code"] == 1
    assert "@acme.example" not in complaint(said)


def test_nothing_is_written_and_nobody_is_asked(box, night, explained, shown, no_sockets, tmp_path):
    server = box()
    night(0, BOTH.replace("Buyer", "Director"))
    before = accounts(server)
    server.close()
    files = {
        path: path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file() and "state" not in path.parts
    }
    no_sockets()

    explained()
    shown()

    after = {
        path: path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file() and "state" not in path.parts
    }
    assert after == files
    assert accounts(server) == before


def test_without_a_ledger_the_runs_are_told_and_none_is_made(box, night, explained, tmp_path):
    box()
    night(0, BOTH)
    shutil.rmtree(tmp_path / "state")

    found = explained()

    assert found["now"]["owned"] is False
    assert len(found["runs"]) == 1
    assert not (tmp_path / "state").exists()


def test_a_key_of_two_people_is_refused_with_a_way_out(box, night, provision, tmp_path):
    server = box()
    other = person(server, "otto@acme.example")["id"]
    night(0, BOTH.replace("E1", other))

    said = provision("explain", tmp_path / "nightly.yaml", other)

    assert (said.code, said.out) == (1, "")
    assert f"{other} means 2 people: mia@acme.example, otto@acme.example" in complaint(said)


def test_values_that_steer_a_terminal_are_harmless(box, night, shown):
    box()
    night(0, BOTH.replace("Buyer", "Director\u202egnitaerC"))

    assert "\u202e" not in shown()


def test_answer_is_one_json_object_of_these_keys(box, night, provision, tmp_path):
    box()
    night(0, BOTH)

    said = provision("explain", tmp_path / "nightly.yaml", "E2", "--json")

    keys = ["job", "asked", "person", "now", "next", "words", "runs", "not_read", "runs_elsewhere"]
    assert list(json.loads(said.out)) == keys
