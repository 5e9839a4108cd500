"""The leaver's way over many nights, through the command line: stages with dates, proof before each, and the way back."""

from __future__ import annotations

import csv
import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from .clocks import Gate
from .conftest import SEED, person, run_folders, slow

HEADER = "external_id,login,name,manager,end_date\n"
MIA = "E1,mia@acme.example,Mia Managed,otto@acme.example,{}\n"
OTTO = "E2,otto@acme.example,Otto Ömer,,{}\n"
SARA = "E3,sara@acme.example,Sara Süß,,{}\n"
STAY = HEADER + MIA.format("") + OTTO.format("") + SARA.format("")
WITHOUT_MIA = HEADER + OTTO.format("") + SARA.format("")

LEAVERS: list[dict[str, Any]] = [
    {"after": "0d", "do": "deactivate"},
    {"after": "0d", "do": "end_sessions"},
    {"after": "10d", "do": "transfer", "to": "manager"},
    {"after": "11d", "do": "delete"},
]
#: what is planned for a leaver in the night of both first stages
LOCKED = {"deactivate": 1, "end_sessions": 1}
DAY = 24
LAST_DAY = "2020-01-31"


def seed() -> dict[str, Any]:
    """Mia owns things, is in a group and has an alias; Sara is there to take Otto's place."""
    told = json.loads(json.dumps(SEED))
    mia = next(user for user in told["users"] if user["login"] == "mia@acme.example")
    mia |= {"id": "300", "files": 3, "space_used": 4096, "aliases": ["mia.m@acme.example"]}
    otto = next(user for user in told["users"] if user["login"] == "otto@acme.example")
    otto |= {"id": "301"}
    told["users"].append({"name": "Sara Süß", "login": "sara@acme.example", "id": "303"})
    told["groups"] = [{"name": "Buyers", "id": "907", "members": [{"user": "300", "role": "admin"}]}]
    return told


@pytest.fixture
def night(provision, make_job, clock):
    """Runs the nightly job with a roster, so many days after the first night."""

    def run(day: float, people: str, leavers=tuple(LEAVERS), command="run", **sections):
        clock(day * DAY)
        lifecycle = {"leavers": list(leavers), **sections.pop("lifecycle", {})}
        return provision(command, make_job(people, lifecycle=lifecycle, **sections), "--json")

    return run


def planned(said):
    return said.json["planned"]


def told(said, login="mia@acme.example"):
    """The verdict on one person and why, as the reconciliation has it."""
    with (said.folder / "reconciliation.csv").open(encoding="utf-8-sig", newline="") as file:
        [line] = [row for row in csv.DictReader(file) if row["login"] == login]
    return line["verdict"], line["reason"]


def transfers(server):
    """Statuses of the requests that were to transfer content."""
    return [each.status for each in server.log if each.method == "PUT" and each.path.endswith("/folders/0")]


def landed(server):
    """The folders that transfers have made."""
    return [one.name for one in server.enterprise.content if one.name.endswith("Files and Folders")]


def status(server, login="mia@acme.example"):
    return person(server, login).get("status", "gone")


def on_days(night, days, people=WITHOUT_MIA, **sections):
    return [night(day, people, **sections) for day in days]


def to_the_transfer(night, **sections):
    """Mia is there on the first night and absent from then on; what the night of her transfer says."""
    return on_days(night, (0,), STAY, **sections) + on_days(night, (1, 2, 12), **sections)


@pytest.mark.usefixtures("either_way")
def test_each_stage_has_its_night_and_the_deletion_waits_for_the_proof(box, night):
    server = box(seed())
    said = to_the_transfer(night) + on_days(night, (13, 14))

    assert [planned(each) for each in said] == [
        {}, {}, LOCKED, {"transfer": 1}, {}, {"delete": 1},
    ]  # fmt: skip
    assert [each.code for each in said] == [0] * 6
    assert (status(server), landed(server)) == (
        "gone",
        ["mia@acme.example - Mia Managed's Files and Folders"],
    )
    assert person(server, "otto@acme.example")["space_used"] == 4096


def test_sessions_end_in_the_night_of_the_deactivation(box, night):
    server = box(seed())
    said = on_days(night, (0,), STAY) + on_days(night, (1, 2, 3))

    assert [planned(each) for each in said] == [{}, {}, LOCKED, {}]
    assert person(server, "mia@acme.example")["sessions_ended_at"]
    assert told(said[2])[1].endswith("; all sessions are ended too")


def test_a_deactivation_that_is_held_begins_nothing_though_its_sessions_are_to_be_ended(box, night):
    box(seed())
    none = {"guards": {"removals": {"count": 0}}}
    on_days(night, (0,), STAY, **none)
    said = on_days(night, (1, 2), **none)[-1]

    assert (said.code, planned(said), said.json["outcomes"]["held"]) == (3, LOCKED, 1)
    assert not (said.folder / "journal.sqlite").exists()


def test_what_needs_an_operation_that_was_left_out_is_not_called_done(box, night, provision, tmp_path):
    server = box(seed())
    on_days(night, (0,), STAY)
    on_days(night, (1,))
    run = on_days(night, (2,), command="plan")[-1]
    said = provision("apply", run.folder, "--only", "end_sessions", "--json")

    assert (said.code, said.json["status"]) == (4, "partial")
    assert (status(server), person(server, "mia@acme.example")["sessions_ended_at"]) == ("active", "")


def test_sessions_that_could_not_be_ended_are_ended_in_the_next_night(box, night):
    refused = {"match": {"path": "/2.0/users/terminate_sessions", "times": 1}, "do": "forbidden"}
    server = box(seed(), rules=[refused])
    on_days(night, (0,), STAY)
    said = on_days(night, (1, 2, 3, 4))

    assert [planned(each) for each in said] == [{}, LOCKED, {"end_sessions": 1}, {}]
    assert [each.code for each in said] == [0, 4, 0, 0]
    assert "sessions could not be ended; the next run does that" in told(said[1])[1]
    assert person(server, "mia@acme.example")["sessions_ended_at"]


def test_reasons_and_a_snapshot_say_where_content_went_and_what_was_there(box, night):
    """Content is known to have gone before the account is deleted, and what is known of the account is put down."""
    box(seed())
    moved, waiting, deleted = (to_the_transfer(night) + on_days(night, (13, 14)))[3:]

    assert told(moved)[1].startswith("leaver: absent from")
    assert "the content goes to otto@acme.example (the manager); Box took it" in told(moved)[1]
    assert told(waiting)[0] == "unchanged"
    assert "sent to otto@acme.example on " in told(waiting)[1]
    assert "nothing is left, which is looked at once more from " in told(waiting)[1]
    assert "its content went to otto@acme.example on " in told(deleted)[1]
    assert told(deleted)[1].endswith(" and was twice seen gone")
    path = deleted.folder / "snapshots" / "300.json"
    snapshot = json.loads(path.read_text(encoding="utf-8"))
    assert [(one["group"], one["role"]) for one in snapshot["groups"]] == [("Buyers", "admin")]
    assert [one["email"] for one in snapshot["aliases"]] == ["mia.m@acme.example"]
    assert (snapshot["settings"]["job_title"], snapshot["settings"]["status"]) == ("Buyer", "inactive")
    assert list(snapshot["unread"]) == ["collaborations"]
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path.parent, path)] == [0o700, 0o600]


def test_two_looks_too_close_together_prove_nothing(box, night):
    box(seed())
    to_the_transfer(night)
    said = on_days(night, (13, 13.2, 13.4, 13.6))

    assert [planned(each) for each in said] == [{}, {}, {}, {"delete": 1}]


def test_groups_that_box_does_not_show_are_named_in_the_snapshot(box, night):
    box(seed(), rules=[{"match": {"path": "^/2.0/users/300/memberships$"}, "do": "forbidden"}])
    deleted = (to_the_transfer(night) + on_days(night, (13, 14)))[-1]
    snapshot = json.loads((deleted.folder / "snapshots" / "300.json").read_text(encoding="utf-8"))

    assert (snapshot["groups"], snapshot["unread"]["groups"].startswith("Box answered HTTP 403")) == (
        None,
        True,
    )
    assert planned(deleted) == {"delete": 1}


def test_content_still_moving_is_waited_for_and_sent_once(box, night):
    server = box(seed(), choices={"transfer_looks": 3})
    to_the_transfer(night)
    said = on_days(night, (13, 14, 15, 16, 17))

    assert [planned(each) for each in said] == [{}, {}, {}, {}, {"delete": 1}]
    assert "content is still moving, as far as Box shows" in told(said[0])[1]
    assert transfers(server) == [200]


def test_content_that_moves_for_a_week_is_held_for_a_person(box, night):
    server = box(seed(), choices={"transfer_looks": 1000})
    to_the_transfer(night)
    said = on_days(night, (13, 18.9, 19.1))

    assert [told(each)[0] for each in said] == ["unchanged", "unchanged", "held"]
    assert "after 7 days it is not proven to have moved: look at the account" in told(said[2])[1]
    assert (said[2].code, transfers(server)) == (3, [200])


SENT = {"path": "^/2.0/users/300/folders/0$", "method": "PUT"}
GATEWAY = {"fault": "html_error", "status": 504}


@pytest.mark.parametrize("fault", [{**GATEWAY, "written": True}, "503_written", "lost_answer"], ids=str)
def test_transfer_without_an_answer_is_never_sent_twice(box, night, provision, tmp_path, fault):
    server = box(seed(), rules=[{"match": SENT, "do": fault}])
    sent = to_the_transfer(night)[-1]
    following = provision("explain", tmp_path / "nightly.yaml", "mia@acme.example", "--json").json["next"]
    assert (following["kind"], "plans afresh" in following["words"]) == ("", False)
    said = on_days(night, (13, 14))

    assert (sent.code, sent.json["outcomes"]["in_doubt"], len(transfers(server))) == (4, 1, 1)
    assert "it is not sent again" in told(sent)[1]
    assert "and Box did not say that it began" in told(said[0])[1]
    assert ([planned(each) for each in said], len(landed(server))) == ([{}, {"delete": 1}], 1)


def test_transfer_that_never_began_is_planned_again(box, night):
    rules = [{"match": SENT | {"times": 1}, "do": GATEWAY}]
    server = box(seed(), rules=rules)
    to_the_transfer(night)
    said = on_days(night, (13, 14, 15, 16))

    assert [planned(each) for each in said] == [{}, {"transfer": 1}, {}, {"delete": 1}]
    assert "to otto@acme.example never began" in told(said[1])[1]
    assert (transfers(server), len(landed(server))) == ([504, 200], 1)


def test_transfer_whose_folder_is_there_has_begun(box, night):
    rules = [{"match": SENT, "do": {**GATEWAY, "written": True}}]
    server = box(seed(), rules=rules, choices={"transfer_looks": 1000})
    to_the_transfer(night)
    said = on_days(night, (13, 14, 15, 20))

    assert [told(each)[0] for each in said] == ["unchanged", "unchanged", "unchanged", "held"]
    assert len(transfers(server)) == 1


ROLL_OUT = [{"after": "0d", "do": "deactivate"}, {"after": "1d", "do": "roll_out"}]


def test_account_can_leave_the_enterprise_instead(box, night):
    server = box(seed())
    night(0, STAY, ROLL_OUT)
    said = on_days(night, (1, 2, 3, 4), leavers=ROLL_OUT)

    assert [planned(each) for each in said] == [{}, {"deactivate": 1}, {"roll_out": 1}, {}]
    assert said[2].json["outcomes"]["done"] == 1
    assert (said[2].folder / "snapshots" / "300.json").exists()
    assert person(server, "mia@acme.example").get("enterprise_id") != "27335"


@pytest.mark.parametrize("fault", ["503_written", "lost_answer", "503"])
@pytest.mark.parametrize("shown", [200, 403, 404])
def test_roll_out_without_an_answer_is_looked_for(box, night, fault, shown):
    match = {"method": "PUT", "path": "^/2.0/users/300$", "body": '"enterprise": ?null', "times": 1}
    rules = [{"match": match, "do": fault}]
    box(seed(), rules=rules, choices={"rolled_out_status": shown})
    at_once = [{"after": "0d", "do": "roll_out"}]
    night(0, STAY, at_once)
    left = STAY.replace(MIA.format(""), MIA.format(LAST_DAY))
    said = on_days(night, (1, 2), left, leavers=at_once)

    assert (said[0].code, planned(said[0]), said[0].json["outcomes"]["done"]) == (0, {"roll_out": 1}, 1)
    assert planned(said[1]) == {}


def test_app_user_is_not_rolled_out(box, night):
    box(seed())
    both = "external_id,login,name,kind\nclient-1,,Client One,app\nclient-2,,Client Two,app\n"
    job = {"name": "portal", "roster": {"kind": "column"}}
    night(0, both, ROLL_OUT, **job)
    said = [night(day, both.partition("client-2")[0], ROLL_OUT, **job) for day in (1, 2, 3)]

    assert [planned(each) for each in said] == [{}, {"deactivate": 1}, {}]
    assert said[2].code == 3
    assert "an app user cannot be rolled out" in (said[2].folder / "reconciliation.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("absent", "stays"), [((1, 2), ""), ((1, 2, 12), "otto"), ((1, 2, 12, 13), "otto")], ids=str
)
def test_who_comes_back_at_any_stage_has_the_same_account_again(box, night, absent, stays):
    server = box(seed())
    night(0, STAY)
    on_days(night, absent)
    back = night(absent[-1] + 1, STAY)
    again = on_days(night, [absent[-1] + day for day in (2, 3, 4)])

    assert (planned(back), status(server)) == ({"activate": 1}, "inactive")
    assert person(server, "mia@acme.example")["id"] == "300"
    assert ("content was transferred to otto@acme.example on " in told(back)[1]) is bool(stays)
    assert [planned(each) for each in again] == [{}, LOCKED, {}]


def test_receiver_who_leaves_as_well_gets_nothing(box, night):
    server = box(seed())
    only_sara = HEADER + SARA.format("")
    night(0, STAY)
    on_days(night, (1, 2))
    said = on_days(night, (11, 12), only_sara)

    assert [planned(each) for each in said] == [{}, LOCKED]
    assert [told(each)[0] for each in said] == ["unchanged", "held"]
    assert "otto@acme.example (the manager) leaves as well; fill the roster's manager" in told(said[1])[1]
    assert transfers(server) == []


def test_receiver_of_a_transfer_under_way_is_not_removed(box, night):
    server = box(seed(), choices={"transfer_looks": 1})
    only_sara = HEADER + SARA.format("")
    to_the_transfer(night)
    said = on_days(night, (13, 14, 15, 16), only_sara)

    assert [planned(each) for each in said] == [{}, {}, LOCKED | {"delete": 1}, {}]
    assert told(said[1], "otto@acme.example")[0] == "protected"
    assert "destination of a transfer since " in told(said[1], "otto@acme.example")[1]
    assert status(server, "otto@acme.example") == "inactive"


def test_a_receiver_whose_row_says_she_left_waits_until_somebody_knows(box, night, provision):
    """Nothing is lost while the content arrives; but the row is not done, and that is no green night."""
    server = box(seed(), choices={"transfer_looks": 1})
    left = HEADER + OTTO.format(LAST_DAY) + SARA.format("")
    to_the_transfer(night)
    first = night(12.5, left)
    verdict, reason = told(first, "otto@acme.example")
    known = provision(
        "approve", first.folder, "--person", "otto@acme.example", "--by", "Ada", "--until", "2099-01-01"
    )
    second = night(12.6, left)
    said = on_days(night, (13, 14), left)

    assert (first.code, verdict, [one["kind"] for one in first.json["holds"]]) == (3, "held", [""])
    assert "destination of a transfer since " in reason
    assert (known.code, second.code, told(second, "otto@acme.example")[0]) == (0, 0, "protected")
    assert [(each.code, planned(each)) for each in said] == [(0, {}), (0, LOCKED | {"delete": 1})]
    assert status(server, "otto@acme.example") == "inactive"


@pytest.mark.parametrize(
    ("manager", "why"),
    [
        ("", "no roster has named a manager"),
        ("nobody@acme.example", "nobody@acme.example (the manager) has no account in this enterprise"),
        ("E1", "E1 (the manager) is the leaver's own account"),
        ("ina@acme.example", "the account of ina@acme.example (the manager) is inactive"),
        ("guest@partner.example", "guest@partner.example (the manager) has no account in this enterprise"),
    ],
)
def test_without_a_receiver_a_person_is_asked(box, night, manager, why):
    server = box(seed())
    row = MIA.replace("otto@acme.example", manager)
    stages = [{"after": "0d", "do": "transfer", "to": "manager"}, {"after": "0d", "do": "delete"}]
    night(0, HEADER + row.format("") + OTTO.format(""), stages)
    said = night(1, HEADER + row.format(LAST_DAY) + OTTO.format(""), stages)

    assert (said.code, planned(said), told(said)[0]) == (3, {}, "held")
    assert (
        f"the content cannot be transferred: {why}; fill the roster's manager or transfer_to" in told(said)[1]
    )
    assert transfers(server) == []


@pytest.mark.parametrize(
    ("to", "transfer_to", "receiver"),
    [
        ("manager", "", "301"),
        ("sara@acme.example", "", "303"),
        ("manager", "E3", "303"),
        ("sara@acme.example", "OTTO@acme.example", "301"),
        ("service_account", "", ""),
    ],
)
def test_content_goes_where_the_row_says_or_else_the_job(box, night, to, transfer_to, receiver):
    server = box(seed())
    header = "external_id,login,name,manager,transfer_to,end_date\n"
    rest = "E2,otto@acme.example,Otto Ömer,,,\nE3,sara@acme.example,Sara Süß,,,\n"
    mia = f"E1,mia@acme.example,Mia Managed,E2,{transfer_to}," + "{}\n"
    stages = [{"after": "0d", "do": "transfer", "to": to}]
    night(0, header + mia.format("") + rest, stages)
    said = night(1, header + mia.format(LAST_DAY) + rest, stages)
    [folder] = [one for one in server.enterprise.content if one.name.endswith("Files and Folders")]
    service_account = next(one.id for one in server.enterprise.accounts if one.login.startswith("Automation"))

    assert planned(said) == {"transfer": 1}
    assert folder.owner == (receiver or service_account)


def test_managers_of_active_people_stay_if_the_job_says_so(box, night):
    server = box(seed())
    without_otto = HEADER + MIA.format("") + SARA.format("")
    stay = {"scope": {"domains": ["acme.example"], "protect_managers": True}}
    night(0, STAY, **stay)
    said = on_days(night, (1, 2), without_otto, **stay)
    after = on_days(night, (3,), without_otto.replace("otto@", "sara@"), **stay)

    assert told(said[1], "otto@acme.example") == (
        "protected",
        "manager of active people (scope.protect_managers)",
    )
    assert [planned(each) for each in said + after] == [{}, {}, LOCKED]
    assert status(server, "otto@acme.example") == "inactive"


TWO_STAGES = [{"after": "0d", "do": "deactivate"}, {"after": "1d", "do": "delete"}]


def test_deletion_without_a_transfer_is_refused_while_content_is_owned(box, night):
    server = box(seed())
    night(0, STAY, TWO_STAGES)
    said = on_days(night, (1, 2, 3), leavers=TWO_STAGES)[-1]

    assert (said.code, planned(said), said.json["outcomes"]["failed"]) == (4, {"delete": 1}, 1)
    assert "still owns content; give lifecycle.leavers a transfer before the delete" in told(said)[1]
    assert status(server) == "inactive"


@pytest.mark.parametrize("retained", [False, True])
def test_content_is_destroyed_only_if_the_job_says_so_and_policies_allow(box, night, retained):
    told_seed = seed()
    told_seed["enterprise"]["retention_policies"] = retained
    server = box(told_seed)
    stages = [TWO_STAGES[0], TWO_STAGES[1] | {"content": "destroy"}]
    night(0, STAY, stages)
    said = on_days(night, (1, 2, 3), leavers=stages)[-1]

    assert "what the account still owns is destroyed with it, as the job says" in told(said)[1]
    assert (said.code, status(server)) == ((4, "inactive") if retained else (0, "gone"))
    assert ("a retention policy or a legal hold keeps the content" in told(said)[1]) is retained


def test_explain_and_a_ledger_made_anew_know_the_stages(box, night, provision, tmp_path):
    server = box(seed())
    to_the_transfer(night)
    on_days(night, (13,))
    told_now = provision("explain", tmp_path / "nightly.yaml", "mia@acme.example").out
    stages = provision("explain", tmp_path / "nightly.yaml", "E1", "--json").json["now"]["stages"]

    assert "content sent to otto@acme.example on" in " ".join(told_now.split())
    assert "looked at once more from" in " ".join(told_now.split())
    assert stages["transferred_to"] == "otto@acme.example"
    assert all(stages[name] for name in ("sessions_ended_at", "transferred_at", "seen_empty_at"))

    for part in (tmp_path / "state").glob("provision.db*"):
        part.unlink()
    again = provision("runs", tmp_path / "nightly.yaml", "--rebuild", "--json")
    said = night(14, WITHOUT_MIA)

    assert (again.code, planned(said), status(server)) == (0, {"delete": 1}, "gone")
    assert len(transfers(server)) == 1


def test_seats_of_leavers_are_told_with_since_when_and_undo_names_what_it_cannot_bring_back(
    box, night, provision
):
    box(seed())
    moved = to_the_transfer(night)[-1]
    page = (moved.folder / "plan.json").read_text(encoding="utf-8")
    [deactivated] = {json.loads(page)["forecast"]["seats"]["since"]}
    assert deactivated

    said = provision("undo", moved.folder, "--dry-run")

    assert "gave the content of this account to otto@acme.example" in " ".join((said.out + said.err).split())


def test_run_killed_during_its_transfer_is_gone_on_with_without_a_second_one(
    box, night, provision, launch, make_job, clock
):
    gate = Gate()
    server = box(seed(), rules=[slow(**SENT, nth=1)], clock=gate)
    stages = [{"after": "0d", "do": "transfer", "to": "manager"}, {"after": "1d", "do": "delete"}]
    roster = HEADER + MIA.format(LAST_DAY) + OTTO.format("")
    process = launch("run", make_job(roster, lifecycle={"leavers": stages}), "--json")
    gate.arrival()
    process.kill()
    process.communicate()
    gate.open()
    [folder] = run_folders(Path("runs"))
    resumed = provision("resume", folder, "--json")
    said = [night(day, roster, stages) for day in (1, 2)]

    assert (resumed.code, resumed.json["outcomes"]["in_doubt"]) == (4, 1)
    assert [planned(each) for each in said] == [{}, {"delete": 1}]
    assert (len(transfers(server)), len(landed(server)), status(server)) == (1, 1, "gone")


def test_ledger_made_anew_knows_a_transfer_of_a_run_that_was_killed(
    box, night, provision, launch, make_job, clock, tmp_path
):
    gate = Gate()
    server = box(seed(), rules=[slow(**SENT, nth=1)], clock=gate, choices={"transfer_looks": 3})
    stages = [{"after": "0d", "do": "transfer", "to": "manager"}, {"after": "1d", "do": "delete"}]
    roster = HEADER + MIA.format(LAST_DAY) + OTTO.format("")
    process = launch("run", make_job(roster, lifecycle={"leavers": stages}), "--json")
    gate.arrival()
    process.kill()
    process.communicate()
    gate.open()
    night(1, roster, stages)
    for part in (tmp_path / "state").glob("provision.db*"):
        part.unlink()
    again = provision("runs", tmp_path / "nightly.yaml", "--rebuild", "--json")
    said = night(2, roster, stages)

    assert (again.code, planned(said), len(transfers(server))) == (0, {}, 1)
    assert "Box did not say that it began" in told(said)[1]


def whereabouts(server, folder):
    """The names of the folders that one lies in, from the root on."""
    path = []
    while folder.parent != "0":
        folder = next(one for one in server.enterprise.content if one.id == folder.parent)
        path.insert(0, folder.name)
    return "/".join(path)


@pytest.mark.parametrize(
    ("archive", "to", "where"),
    [
        ({"by": "letter"}, "manager", "Leavers/M"),
        ({"by": "letter"}, "service_account", "Leavers/M"),
        ({"by": "none", "folder": "Gone"}, "manager", "Gone"),
        ({}, "manager", f"Leavers/{datetime.now(UTC):%Y-%m}"),
        (None, "manager", ""),
    ],
)
def test_folder_of_a_transfer_lies_in_the_archive_of_the_receiver(box, night, archive, to, where):
    server = box(seed())
    stages = [{"after": "0d", "do": "transfer", "to": to}]
    options = {"lifecycle": {"archive": archive}} if archive is not None else {}
    rest = OTTO.format("") + SARA.format("")
    night(0, HEADER + MIA.format("") + rest, stages, **options)
    said = night(0.1, HEADER + MIA.format(LAST_DAY) + rest, stages, **options)
    [folder] = [one for one in server.enterprise.content if one.name.endswith("Files and Folders")]

    moved = {"archive_move": 1} if where else {}
    assert (said.code, planned(said), whereabouts(server, folder)) == (0, {"transfer": 1} | moved, where)
    assert ("its folder lies in" in told(said)[1]) is bool(where)


def test_second_folder_finds_its_way_into_the_same_archive(box, night):
    server = box(seed())
    stages = [{"after": "0d", "do": "transfer", "to": "sara@acme.example"}]
    archive = {"lifecycle": {"archive": {"by": "none"}}}
    night(0, STAY, stages, **archive)
    both = HEADER + MIA.format(LAST_DAY) + OTTO.format(LAST_DAY) + SARA.format("")
    said = night(0.1, both, stages, **archive)

    assert (said.code, planned(said)) == (0, {"transfer": 2, "archive_move": 2})
    assert (
        sorted(whereabouts(server, one) for one in server.enterprise.content if one.name != "Leavers")
        == ["Leavers"] * 2
    )


def test_folder_that_box_still_fills_stays_in_the_root(box, night):
    box(seed(), choices={"transfer_looks": 50})
    stages = [{"after": "0d", "do": "transfer", "to": "manager"}]
    archive = {"lifecycle": {"archive": {"by": "none"}}}
    night(0, STAY, stages, **archive)
    said = night(0.1, STAY.replace(MIA.format(""), MIA.format(LAST_DAY)), stages, **archive)

    assert (said.code, said.json["outcomes"]["done"], said.json["outcomes"]["failed"]) == (4, 1, 1)
    assert (
        "its folder could not be moved into Leavers (HTTP 409 operation_blocked_temporary)" in told(said)[1]
    )


def test_each_part_of_the_people_leaves_in_its_own_stages(box, provision, make_job, clock):
    users = [
        {"name": f"P {at}", "login": f"p{at}@acme.example", "job_title": title}
        for at, title in enumerate(("Agency", "Staff"))
    ]
    told_seed = {**SEED, "users": users}
    server = box(seed=told_seed)
    lifecycle = {
        "leavers": [{"after": "0d", "do": "deactivate"}],
        "by_segment": {"Agency": [{"after": "0d", "do": "delete"}]},
    }
    sections = {"lifecycle": lifecycle, "guards": {"by": "job_title"}}
    people = "login,name,end_date\n" + "".join(f"p{at}@acme.example,P {at},{{}}\n" for at in range(2))
    clock(0)
    assert provision("run", make_job(people.format("", ""), **sections)).code == 0
    clock(24)
    job = make_job(people.format("2026-01-01", "2026-01-01"), **sections)
    said = provision("run", job, "--json")

    assert (said.code, said.json["planned"]) == (0, {"deactivate": 1, "delete": 1})
    assert (status(server, "p0@acme.example"), status(server, "p1@acme.example")) == ("gone", "inactive")
    assert (
        "nothing more is to be done"
        in provision("explain", job, "p1@acme.example", "--json").json["next"]["words"]
    )


def test_stages_for_parts_need_to_know_the_parts(provision, make_job, said_where):
    lifecycle = {"by_segment": {"Agency": [{"after": "0d", "do": "deactivate"}]}}
    said = provision("check", make_job(lifecycle=lifecycle))

    assert said.code == 1
    assert "by_segment needs" in " ".join(said.err.split())


def test_receiver_without_room_is_told_before(box, night):
    told = seed()
    next(user for user in told["users"] if user["login"] == "mia@acme.example")["space_used"] = 30 * 1024**3
    next(user for user in told["users"] if user["login"] == "otto@acme.example")["space_amount"] = (
        10 * 1024**3
    )
    box(seed=told)
    stages = [{"after": "0d", "do": "transfer", "to": "manager"}]
    night(0, STAY, stages)

    said = night(1, HEADER + MIA.format(LAST_DAY) + OTTO.format("") + SARA.format(""), stages, command="plan")

    [found] = [one for one in said.json["findings"] if one["code"] == "receiver_full"]
    assert found["sentence"] == "otto@acme.example gets 30.0 GB of content and has room for 10.0 GB"
