"""The leaver's way over many nights, through the command line: stages with dates, proof before each, and the way back."""

from __future__ import annotations

import csv
import json
import re
import stat
import urllib.request
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.live import Canned

from .clocks import Gate
from .conftest import SEED, person, run_folders, slow

HEADER = "external_id,login,name,manager,end_date\n"
MIA = "E1,mia@acme.example,Mia Managed,otto@acme.example,{}\n"
OTTO = "E2,otto@acme.example,Otto Ömer,,{}\n"
SARA = "E3,sara@acme.example,Sara Süß,,{}\n"
STAY = HEADER + MIA.format("") + OTTO.format("") + SARA.format("")
WITHOUT_MIA = HEADER + OTTO.format("") + SARA.format("")
#: Mia's last day is over
MIA_LEFT = STAY.replace(MIA.format(""), MIA.format("2020-01-31"))

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


def verdicts(said):
    """The verdict on each person and why, by login, as the reconciliation has it."""
    with (said.folder / "reconciliation.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["login"]: (row["verdict"], row["reason"]) for row in csv.DictReader(file)}


def told(said, login="mia@acme.example"):
    return verdicts(said)[login]


def transfers(server):
    """Statuses of the requests that were to transfer content, by the id of whose it was."""
    found = defaultdict(list)
    for each in server.log:
        if each.method == "PUT" and each.path.endswith("/folders/0"):
            found[each.path.split("/")[-3]].append(each.status)
    return dict(found)


def landed(server):
    """The folders that transfers have made."""
    return sorted(one.name for one in server.enterprise.content if one.name.endswith("Files and Folders"))


def status(server, login="mia@acme.example"):
    return person(server, login).get("status", "gone")


def explained(provision, tmp_path, key):
    return provision("explain", tmp_path / "nightly.yaml", key, "--json").json


def rebuilt(provision, tmp_path):
    """The exit code of making the ledger anew, once it is lost."""
    for part in (tmp_path / "state").glob("provision.db*"):
        part.unlink()
    return provision("runs", tmp_path / "nightly.yaml", "--rebuild", "--json").code


# --- one story of many who leave side by side --------------------------------------------------------------

#: some wait for ten days, some for hours
NIGHTS = (0, 1, 2, 3, 12, 13, 13.4, 13.6, 14.6, 19.1)
GATEWAY = {"fault": "html_error", "status": 504}
FOREVER = 1000


def since(night):
    return frozenset(each for each in NIGHTS if each >= night)


@dataclass(frozen=True)
class Fate:
    """One of the story. ``absent``: the nights without a row. ``looks`` at the content see it there still, once it is sent.

    ``does`` is what is said of the person in which night, where it is not that nothing is to be done.
    """

    does: dict[float, str]
    absent: frozenset[float] = since(1)
    manager: str = "otto"
    looks: int = 0
    fault: Any = None


GONE = {2: "deactivate", 12: "transfer", 13.6: "delete"}
FATES = {
    "mia": Fate(GONE),
    "gina": Fate(GONE),  # Box does not show her groups
    "sue": Fate({2: "deactivate", 12: "transfer", 14.6: "delete"}, looks=2),
    "wendy": Fate({2: "deactivate", 12: "transfer", 19.1: "held"}, looks=FOREVER),
    "dora": Fate(GONE, fault={**GATEWAY, "written": True}),
    "dana": Fate(GONE, fault="503_written"),
    "dina": Fate(GONE, fault="lost_answer"),
    "ned": Fate({2: "deactivate", 12: "transfer", 13.6: "transfer", 19.1: "delete"}, fault=GATEWAY),
    "fritz": Fate(
        {2: "deactivate", 12: "transfer", 19.1: "held"}, looks=FOREVER, fault={**GATEWAY, "written": True}
    ),
    "tom": Fate({2: "deactivate", 3: "end_sessions", 13: "transfer", 14.6: "delete"}),
    # they come back: once they are locked, their content is sent, and it has been seen gone
    "rita": Fate({2: "deactivate", 3: "activate", 13: "deactivate"}, since(1) - {3}),
    "rosa": Fate({2: "deactivate", 12: "transfer", 13: "activate", 14.6: "deactivate"}, since(1) - {13}),
    "romy": Fate({2: "deactivate", 12: "transfer", 13.4: "activate", 14.6: "deactivate"}, since(1) - {13.4}),
    "laura": Fate({2: "deactivate"} | dict.fromkeys(since(12), "held"), manager="lars"),
    "lars": Fate({12: "deactivate"}, since(3)),
    "ruth": Fate({2: "deactivate", 12: "transfer", 14.6: "delete"}, manager="bert", looks=1),
    "bert": Fate({13.6: "protected", 14.6: "deactivate"}, since(13)),
    "vera": Fate({}, frozenset(), manager="max"),
    "max": Fate({2: "protected", 3: "deactivate", 13: "transfer", 14.6: "delete"}),
    "otto": Fate({}, frozenset(), manager=""),
}  # fmt: skip
IDS = {name: str(300 + at) for at, name in enumerate(FATES)}
ALL_MAY_GO = {
    "removals": {"count": 40, "percent": 100, "per_month": 100},
    "transfers": {"count": 40, "percent": 100},
    "shrink": {"percent": 100},
}
STORY = {"scope": {"domains": ["acme.example"], "protect_managers": True}, "guards": ALL_MAY_GO}


def the_town(box):
    """Everybody of the story owns something, and only the transfers of whom the story says so end at once."""
    users = [
        {"name": name.title(), "login": f"{name}@acme.example", "id": IDS[name], "space_used": 1}
        for name in FATES
    ]
    users[0] |= {"job_title": "Buyer", "aliases": ["mia.m@acme.example"], "files": 3, "space_used": 4096}
    group = {"name": "Buyers", "id": "907", "members": [{"user": IDS["mia"], "role": "admin"}]}
    rules = [
        {
            "match": {"path": f"^/2.0/users/{IDS[name]}/folders/0$", "method": "PUT", "times": 1},
            "do": fate.fault,
        }
        for name, fate in FATES.items()
        if fate.fault
    ]
    rules.append({"match": {"path": f"^/2.0/users/{IDS['gina']}/memberships$"}, "do": "forbidden"})
    sessions = {"path": "/2.0/users/terminate_sessions", "body": f'"{IDS["tom"]}"', "times": 1}
    rules.append({"match": sessions, "do": "forbidden"})
    return box({**SEED, "users": users, "groups": [group]}, rules=rules, choices={"transfer_looks": FOREVER})


def present(night):
    """The roster of a night; from the third day on Vera has another manager."""
    rows = [
        f"E{IDS[name]},{name}@acme.example,{name.title()},"
        f"{'otto' if name == 'vera' and night > 2 else fate.manager}@acme.example,\n"
        for name, fate in FATES.items()
        if night not in fate.absent
    ]
    return HEADER + "".join(rows).replace(",@acme.example,", ",,")


def moved_on(server):
    """Transfers that have just begun last as long as the story says."""
    content = server.enterprise.content
    for one in content.transfers():
        [fate] = [FATES[name] for name, number in IDS.items() if number == one.source]
        if fate.looks < FOREVER and one.looks >= FOREVER - 1:
            content.begin(msgspec.structs.replace(one, looks=fate.looks))


@dataclass
class Story:
    """What was said in each night."""

    server: Any
    said: dict[float, Any]

    def why(self, night, name):
        return told(self.said[night], f"{name}@acme.example")[1]

    def does(self, name):
        """What was said of a person, by night, where there was something to do."""
        lines = {
            night: verdicts(said).get(f"{name}@acme.example", ("",))[0] for night, said in self.said.items()
        }
        return {night: line for night, line in lines.items() if line not in ("unchanged", "")}


def test_many_who_leave_side_by_side_go_each_their_own_way(box, night, provision, tmp_path):
    """Sent once, waited for and proven before an account goes; whoever comes back has the same one, also after a lost ledger."""
    server = the_town(box)
    story = Story(server, {})
    between = {2: _locked, 12: _sent, 13: _seen}
    for day in NIGHTS:
        story.said[day] = night(day, present(day), **STORY)
        moved_on(server)
        if day in between:
            between[day](story, provision, tmp_path)

    assert {name: story.does(name) for name in FATES} == {name: fate.does for name, fate in FATES.items()}
    codes = {day: said.code for day, said in story.said.items()}
    assert codes == dict.fromkeys((0, 1, 3), 0) | {2: 4, 12: 4} | dict.fromkeys(NIGHTS[5:], 3)
    _the_end(story)
    _snapshots(story.said[13.6].folder / "snapshots")
    _reasons(story)


def _locked(story, _provision, _tmp_path):
    """After the night of the deactivations: sessions are ended in the same night, but for the one that Box refused."""
    ended = {name for name in FATES if person(story.server, f"{name}@acme.example")["sessions_ended_at"]}
    assert ended == {name for name, fate in FATES.items() if 2 in fate.does} - {"tom", "max"}
    assert story.why(2, "mia").endswith("; all sessions are ended too")
    assert "sessions could not be ended; the next run does that" in story.why(2, "tom")
    assert story.said[2].json["outcomes"]["failed"] == 1


def _sent(story, provision, tmp_path):
    """After the night of the transfers: what is in doubt is told, seats of leavers with since when, and what undo cannot do."""
    said = story.said[12]
    doubts = {"dora", "dana", "dina", "ned", "fritz"}
    assert said.json["outcomes"]["in_doubt"] == len(doubts)
    assert {name for name in FATES if "it is not sent again" in story.why(12, name)} == doubts
    following = explained(provision, tmp_path, "dora@acme.example")["next"]
    assert (following["kind"], "plans afresh" in following["words"]) == ("", False)
    assert person(story.server, "tom@acme.example")["sessions_ended_at"]
    assert json.loads((said.folder / "plan.json").read_text(encoding="utf-8"))["forecast"]["seats"]["since"]
    undone = provision("undo", said.folder, "--dry-run")
    assert "gave the content of this account to otto@acme.example" in " ".join(
        (undone.out + undone.err).split()
    )


def _seen(story, provision, tmp_path):
    """Explain knows the way so far, and a ledger made anew goes on with it, in all that comes."""
    words = " ".join(provision("explain", tmp_path / "nightly.yaml", "mia@acme.example").out.split())
    assert "content sent to otto@acme.example on" in words
    assert "looked at once more from" in words
    stages = explained(provision, tmp_path, f"E{IDS['mia']}")["now"]["stages"]
    assert stages["transferred_to"] == "otto@acme.example"
    assert all(stages[name] for name in ("sessions_ended_at", "transferred_at", "seen_empty_at"))
    assert rebuilt(provision, tmp_path) == 0


def _the_end(story):
    """Who is left, and what was sent: once each, and to nobody who leaves as well."""
    server = story.server
    left = {name: status(server, f"{name}@acme.example") for name in FATES}
    gone = {name for name, fate in FATES.items() if "delete" in fate.does.values()}
    assert left == dict.fromkeys(FATES, "inactive") | dict.fromkeys(gone, "gone") | {
        "vera": "active",
        "otto": "active",
    }
    for name in ("rita", "rosa", "romy"):
        assert person(server, f"{name}@acme.example")["id"] == IDS[name]
    sent = {name for name, fate in FATES.items() if "transfer" in fate.does.values()}
    assert {name: len(transfers(server).get(IDS[name], ())) for name in FATES} == dict.fromkeys(
        FATES, 0
    ) | dict.fromkeys(sent, 1) | {"ned": 2}
    assert (transfers(server)[IDS["mia"]], transfers(server)[IDS["ned"]]) == ([200], [504, 200])
    assert landed(server) == sorted(
        f"{name}@acme.example - {name.title()}'s Files and Folders" for name in sent
    )
    otto_got = sent - {"mia", "ruth", "wendy", "fritz"}  # of each the one byte, and he has one of his own
    assert person(server, "otto@acme.example")["space_used"] == 4096 + len(otto_got) + 1


def _snapshots(folder):
    """What is known of an account before it is deleted, and what Box did not show."""
    path = folder / f"{IDS['mia']}.json"
    mia, gina = (json.loads((folder / f"{IDS[name]}.json").read_text("utf-8")) for name in ("mia", "gina"))
    assert [(one["group"], one["role"]) for one in mia["groups"]] == [("Buyers", "admin")]
    assert [one["email"] for one in mia["aliases"]] == ["mia.m@acme.example"]
    assert (mia["settings"]["job_title"], mia["settings"]["status"]) == ("Buyer", "inactive")
    assert list(mia["unread"]) == ["collaborations"]
    assert (gina["groups"], gina["unread"]["groups"].startswith("Box answered HTTP 403")) == (None, True)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (folder, path)] == [0o700, 0o600]


def _reasons(story):
    """What is said of each of them, in the night where it matters."""
    for night, name, words in [
        (12, "mia", "leaver: absent from"),
        (12, "mia", "the content goes to otto@acme.example (the manager); Box took it"),
        (13, "mia", "sent to otto@acme.example on "),
        (13, "mia", "nothing is left, which is looked at once more from "),
        (13.6, "mia", "its content went to otto@acme.example on "),
        (13.6, "mia", " and was twice seen gone"),
        (13, "sue", "content is still moving, as far as Box shows"),
        (13, "dora", "and Box did not say that it began"),
        (13, "dana", "and Box did not say that it began"),
        (13, "dina", "and Box did not say that it began"),
        (13.6, "ned", "to otto@acme.example never began"),
        (19.1, "wendy", "after 7 days it is not proven to have moved: look at the account"),
        (13, "rosa", "content was transferred to otto@acme.example on "),
        (13.4, "romy", "content was transferred to otto@acme.example on "),
        (12, "laura", "lars@acme.example (the manager) leaves as well; fill the roster's manager"),
        (13.6, "bert", "destination of a transfer since "),
    ]:
        assert words in story.why(night, name), (night, name)
    assert story.why(13.6, "mia").endswith(" and was twice seen gone")
    assert "content was transferred" not in story.why(3, "rita")
    assert story.why(2, "max") == "manager of active people (scope.protect_managers)"


# --- what the story has not --------------------------------------------------------------------------------


@pytest.mark.parametrize("either_way", ["on disk"], indirect=True)
@pytest.mark.usefixtures("either_way")
def test_who_is_absent_is_found_and_leaves_on_disk_too(box, night):
    few = [user for user in seed()["users"] if user.get("id")]
    server = box(seed() | {"users": few})
    stages = [*LEAVERS[:2], LEAVERS[2] | {"after": "1d"}, LEAVERS[3] | {"after": "1d"}]
    once = {"leavers": stages, "lifecycle": {"evidence": {"absent_runs": 1}}}
    said = [night(0, STAY, **once)] + [night(day, WITHOUT_MIA, **once) for day in (1, 2, 3, 4)]

    assert [planned(each) for each in said] == [{}, LOCKED, {"transfer": 1}, {}, {"delete": 1}]
    assert [each.code for each in said] == [0] * 5
    assert (status(server), landed(server)) == (
        "gone",
        ["mia@acme.example - Mia Managed's Files and Folders"],
    )
    assert person(server, "otto@acme.example")["space_used"] == 4096


def test_a_deactivation_that_is_held_begins_nothing_though_its_sessions_are_to_be_ended(box, night):
    box(seed())
    said = night(0, MIA_LEFT, guards={"removals": {"count": 0}})

    assert (said.code, planned(said), said.json["outcomes"]["held"]) == (3, LOCKED, 1)
    assert not (said.folder / "journal.sqlite").exists()


def test_what_needs_an_operation_that_was_left_out_is_not_called_done(box, night, provision):
    server = box(seed())
    run = night(0, MIA_LEFT, command="plan")
    said = provision("apply", run.folder, "--only", "end_sessions", "--json")

    assert (planned(run), said.code, said.json["status"]) == (LOCKED, 4, "partial")
    assert (status(server), person(server, "mia@acme.example")["sessions_ended_at"]) == ("active", "")


@pytest.mark.parametrize("shown", [200, 403, 404])
def test_roll_out_without_an_answer_is_looked_for(box, night, shown):
    faults = {"300": "503_written", "301": "lost_answer", "303": "503"}
    sent = {"method": "PUT", "body": '"enterprise": ?null', "times": 1}
    rules = [{"match": sent | {"path": f"^/2.0/users/{who}$"}, "do": fault} for who, fault in faults.items()]
    server = box(seed(), rules=rules, choices={"rolled_out_status": shown})
    at_once = [{"after": "0d", "do": "roll_out"}]
    left = HEADER + MIA.format(LAST_DAY) + OTTO.format(LAST_DAY) + SARA.format(LAST_DAY)
    said = [
        night(0, left, at_once, guards=ALL_MAY_GO),
        night(1, left, at_once, command="plan", guards=ALL_MAY_GO),
    ]

    assert server.faults.fired == [1, 1, 1]
    assert {who: told(said[0], f"{who}@acme.example")[0] for who in ("mia", "otto", "sara")} == dict.fromkeys(
        ("mia", "otto", "sara"), "roll_out"
    )
    assert (said[0].code, said[0].json["outcomes"]["done"], planned(said[1])) == (0, 3, {})


def test_a_receiver_whose_row_says_she_left_waits_until_somebody_knows(box, night, provision):
    """Nothing is lost while the content arrives; but the row is not done, and that is no green night."""
    server = box(seed(), choices={"transfer_looks": 1})
    left = HEADER + OTTO.format(LAST_DAY) + SARA.format("")
    for day, people in ((0, STAY), (1, WITHOUT_MIA), (2, WITHOUT_MIA), (12, WITHOUT_MIA)):
        night(day, people)
    first = night(12.5, left)
    verdict, reason = told(first, "otto@acme.example")
    known = provision(
        "approve", first.folder, "--person", "otto@acme.example", "--by", "Ada", "--until", "2099-01-01"
    )
    second = night(12.6, left)
    said = [night(day, left) for day in (13, 14)]

    assert (first.code, verdict, [one["kind"] for one in first.json["holds"]]) == (3, "held", [""])
    assert "destination of a transfer since " in reason
    assert (known.code, second.code, told(second, "otto@acme.example")[0]) == (0, 0, "protected")
    assert [(each.code, planned(each)) for each in said] == [(0, {}), (0, LOCKED | {"delete": 1})]
    assert status(server, "otto@acme.example") == "inactive"


def test_without_a_receiver_a_person_is_asked(box, night):
    reasons = {
        "": "no roster has named a manager",
        "nobody@acme.example": "nobody@acme.example (the manager) has no account in this enterprise",
        "L3": "L3 (the manager) is the leaver's own account",
        "ina@acme.example": "the account of ina@acme.example (the manager) is inactive",
        "guest@partner.example": "guest@partner.example (the manager) has no account in this enterprise",
    }
    users = [
        {"name": f"Leaver {at}", "login": f"l{at}@acme.example", "files": 1}
        for at, _ in enumerate(reasons, 1)
    ]
    server = box(SEED | {"users": [*SEED["users"], *users]})
    people = HEADER + "".join(
        f"L{at},l{at}@acme.example,Leaver {at},{manager},{LAST_DAY}\n"
        for at, manager in enumerate(reasons, 1)
    )
    stages = [{"after": "0d", "do": "transfer", "to": "manager"}, {"after": "0d", "do": "delete"}]
    said = night(0, people, stages)

    found = verdicts(said)
    assert (said.code, planned(said), transfers(server)) == (3, {}, {})
    for at, why in enumerate(reasons.values(), 1):
        verdict, reason = found[f"l{at}@acme.example"]
        asked = f"the content cannot be transferred: {why}; fill the roster's manager or transfer_to"
        assert (verdict, asked in reason) == ("held", True), (why, reason)


# --- each part of the people in stages of its own ----------------------------------------------------------


def to(receiver):
    return [{"after": "0d", "do": "transfer", "to": receiver}]


TWO_STAGES = [{"after": "0d", "do": "deactivate"}, {"after": "1d", "do": "delete"}]
ROLL_OUT = [TWO_STAGES[0], {"after": "1d", "do": "roll_out"}]
PARTS = {
    "Agency": [{"after": "0d", "do": "delete"}],
    "Manager": to("manager"),
    "Sara": to("sara@acme.example"),
    "Robot": to("service_account"),
    "Out": ROLL_OUT,
    "Keeper": TWO_STAGES,
    "Burner": [TWO_STAGES[0], TWO_STAGES[1] | {"content": "destroy"}],
}
#: whoever leaves: the part of the people, whether somebody else is named to receive the content, and what is planned by night
LEAVING = {
    "agnes": ("Agency", "", ["delete", "unchanged"]),
    "stan": ("Staff", "", ["deactivate", "unchanged"]),
    "mona": ("Manager", "", ["transfer", "unchanged"]),
    "mara": ("Manager", "E3", ["transfer", "unchanged"]),
    "sven": ("Sara", "", ["transfer", "unchanged"]),
    "sina": ("Sara", "OTTO@acme.example", ["transfer", "unchanged"]),
    "rolf": ("Robot", "", ["transfer", "unchanged"]),
    "ron": ("Out", "", ["deactivate", "roll_out"]),
    "kai": ("Keeper", "", ["deactivate", "delete"]),
    "bob": ("Burner", "", ["deactivate", "delete"]),
}
PARTED = "external_id,login,name,kind,manager,transfer_to,end_date\n"


def the_parts(nobody_owns=("agnes", "stan")):
    users = [
        {"name": name.title(), "login": f"{name}@acme.example", "job_title": part, "id": str(400 + at)}
        | ({} if name in nobody_owns else {"space_used": 1})
        for at, (name, (part, *_)) in enumerate(LEAVING.items())
    ]
    client = {"name": "Client", "kind": "app", "external_app_user_id": "client", "job_title": "Out"}
    told_seed = seed()
    return told_seed | {"users": [*told_seed["users"], *users, client]}


def test_each_part_of_the_people_leaves_in_its_own_stages(box, night, provision, tmp_path):
    server = box(the_parts())
    rows = [
        f"{name},{name}@acme.example,{name.title()},managed,E2,{receiver},{LAST_DAY}\n"
        for name, (_, receiver, _) in LEAVING.items()
    ]
    rest = "E2,otto@acme.example,Otto Ömer,managed,,,\nE3,sara@acme.example,Sara Süß,managed,,,\n"
    people = PARTED + "".join(rows) + rest + f"client,,Client,app,,,{LAST_DAY}\n"
    sections = {
        "leavers": [{"after": "0d", "do": "deactivate"}],
        "lifecycle": {"by_segment": PARTS},
        "roster": {"kind": "column"},
        "guards": ALL_MAY_GO | {"by": "job_title"},
    }
    said = [night(day, people, **sections) for day in (0, 1)]

    found = [verdicts(each) for each in said]
    assert {name: [each.get(f"{name}@acme.example", ("",))[0] for each in found] for name in LEAVING} == {
        name: does for name, (_, _, does) in LEAVING.items()
    }
    _where_content_went(server)
    _who_is_left(server, said)
    following = explained(provision, tmp_path, "stan@acme.example")["next"]
    assert "nothing more is to be done" in following["words"]


def _where_content_went(server):
    """To whom the row names, or else to whom the job names."""
    service_account = next(one.id for one in server.enterprise.accounts if one.login.startswith("Automation"))
    owners = {
        one.name.partition("@")[0]: one.owner
        for one in server.enterprise.content
        if one.name in landed(server)
    }
    assert owners == {"mona": "301", "mara": "303", "sven": "303", "sina": "301", "rolf": service_account}


def _who_is_left(server, said):
    left = {name: status(server, f"{name}@acme.example") for name in ("agnes", "stan", "kai", "bob")}
    assert left == {"agnes": "gone", "stan": "inactive", "kai": "inactive", "bob": "gone"}
    assert person(server, "ron@acme.example").get("enterprise_id") != "27335"
    assert [one.name for one in (said[1].folder / "snapshots").iterdir() if one.name == "407.json"]
    assert (person(server, "client")["status"], said[0].code, said[1].code) == ("inactive", 0, 4)
    assert "an app user cannot be rolled out" in (said[1].folder / "reconciliation.csv").read_text("utf-8")
    kai, bob = told(said[1], "kai@acme.example")[1], told(said[1], "bob@acme.example")[1]
    assert "still owns content; give lifecycle.leavers a transfer before the delete" in kai
    assert "what the account still owns is destroyed with it, as the job says" in bob
    assert "a retention policy or a legal hold keeps the content" not in bob


def test_content_that_policies_keep_is_not_destroyed(box, night):
    told_seed = seed()
    told_seed["enterprise"] = told_seed["enterprise"] | {"retention_policies": True}
    server = box(told_seed)
    said = night(0, MIA_LEFT, [{"after": "0d", "do": "delete", "content": "destroy"}])

    assert "what the account still owns is destroyed with it, as the job says" in told(said)[1]
    assert (said.code, status(server)) == (4, "active")
    assert "a retention policy or a legal hold keeps the content" in told(said)[1]


def test_stages_for_parts_need_to_know_the_parts(provision, make_job, said_where):
    lifecycle = {"by_segment": {"Agency": [{"after": "0d", "do": "deactivate"}]}}
    said = provision("check", make_job(lifecycle=lifecycle))

    assert said.code == 1
    assert "by_segment needs" in " ".join(said.err.split())


def test_receiver_without_room_is_told_before(box, night):
    told_seed = seed()
    users = {user["login"].partition("@")[0]: user for user in told_seed["users"] if "login" in user}
    users["mia"]["space_used"] = 30 * 1024**3
    users["otto"]["space_amount"] = 10 * 1024**3
    box(told_seed)
    said = night(0, MIA_LEFT, to("manager"), command="plan")

    [found] = [one for one in said.json["findings"] if one["code"] == "receiver_full"]
    assert found["sentence"] == "otto@acme.example gets 30.0 GB of content and has room for 10.0 GB"


# --- a run that is killed ----------------------------------------------------------------------------------


SENT = {"path": "^/2.0/users/300/folders/0$", "method": "PUT"}
SENT_AND_DELETED = [{"after": "0d", "do": "transfer", "to": "manager"}, {"after": "1d", "do": "delete"}]


@pytest.fixture
def killed(box, launch, make_job, clock):
    """Kills the first run of a job while its transfer is under way: `killed(looks)`, so many at what it moves; the sandbox."""

    def kill(looks=0):
        gate = Gate()
        server = box(seed(), rules=[slow(**SENT, nth=1)], clock=gate, choices={"transfer_looks": looks})
        process = launch("run", make_job(MIA_LEFT, lifecycle={"leavers": SENT_AND_DELETED}), "--json")
        gate.arrival()
        process.kill()
        process.communicate()
        gate.open()
        return server

    return kill


def test_run_killed_during_its_transfer_is_gone_on_with_without_a_second_one(killed, night, provision):
    server = killed()
    [folder] = run_folders(Path("runs"))
    resumed = provision("resume", folder, "--json")
    said = [night(day, MIA_LEFT, SENT_AND_DELETED) for day in (1, 2)]

    assert (resumed.code, resumed.json["outcomes"]["in_doubt"]) == (4, 1)
    assert [planned(each) for each in said] == [{}, {"delete": 1}]
    assert (transfers(server), len(landed(server)), status(server)) == ({"300": [200]}, 1, "gone")


def test_ledger_made_anew_knows_a_transfer_of_a_run_that_was_killed(killed, night, provision, tmp_path):
    server = killed(looks=3)
    night(1, MIA_LEFT, SENT_AND_DELETED)
    assert rebuilt(provision, tmp_path) == 0
    said = night(2, MIA_LEFT, SENT_AND_DELETED, command="plan")

    assert (planned(said), transfers(server)) == ({}, {"300": [200]})
    assert "Box did not say that it began" in told(said)[1]


# --- the archive of the receiver ---------------------------------------------------------------------------


def whereabouts(server, folder):
    """The names of the folders that one lies in, from the root on."""
    path = []
    while folder.parent != "0":
        folder = next(one for one in server.enterprise.content if one.id == folder.parent)
        path.insert(0, folder.name)
    return "/".join(path)


@pytest.mark.parametrize(
    ("archive", "to_whom", "where"),
    [
        ({"by": "letter"}, "service_account", ("Leavers/M", "Leavers/M", "Leavers/O")),
        ({"by": "none", "folder": "Gone"}, "sara@acme.example", ("Gone",) * 3),
        ({}, "sara@acme.example", (f"Leavers/{datetime.now(UTC):%Y-%m}",) * 3),
    ],
)
def test_folders_of_transfers_find_their_way_into_the_archive_of_the_receiver(
    box, night, archive, to_whom, where
):
    """The second one into the same, too."""
    told_seed = seed()
    server = box(told_seed | {"users": [*told_seed["users"], {"name": "Mo", "login": "mo@acme.example"}]})
    left = MIA.format(LAST_DAY) + OTTO.format(LAST_DAY) + f"E5,mo@acme.example,Mo,,{LAST_DAY}\n"
    said = night(
        0, HEADER + left + SARA.format(""), to(to_whom), lifecycle={"archive": archive}, guards=ALL_MAY_GO
    )

    assert (said.code, planned(said)) == (0, {"transfer": 3, "archive_move": 3})
    lies = {
        one.name: whereabouts(server, one) for one in server.enterprise.content if one.name in landed(server)
    }
    assert tuple(lies[name] for name in landed(server)) == where
    assert all("its folder lies in" in told(said, f"{who}@acme.example")[1] for who in ("mia", "mo", "otto"))


def posted(server, path, told, as_user):
    """What Box answers to one request as somebody."""
    headers = {"authorization": f"Bearer {server.announcement['developer_token']}", "as-user": as_user}
    request = urllib.request.Request(f"{server.url}/2.0/{path}", json.dumps(told).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_snapshot_of_who_is_active_tells_who_takes_part_in_the_shared_folders(box, night):
    """Of the account's own ones in its root; nobody looks into those of an inactive account."""
    server = box(seed())
    ids = [
        posted(server, "folders", {"name": name, "parent": {"id": "0"}}, "300")["id"]
        for name in ("Ours", "Mine")
    ]
    shared = {"item": {"type": "folder", "id": ids[0]}, "role": "editor"}
    for whom in (
        {"type": "user", "id": "301"},
        {"type": "group", "id": "907"},
        {"type": "user", "login": "x@elsewhere.example"},
    ):
        posted(server, "collaborations", {**shared, "accessible_by": whom}, "300")
    theirs = posted(server, "folders", {"name": "Theirs", "parent": {"id": "0"}}, "301")["id"]
    with_mia = {
        "item": {"type": "folder", "id": theirs},
        "role": "viewer",
        "accessible_by": {"type": "user", "id": "300"},
    }
    posted(server, "collaborations", with_mia, "301")
    said = night(0, MIA_LEFT, [{"after": "0d", "do": "roll_out"}])
    snapshot = json.loads((said.folder / "snapshots" / "300.json").read_text(encoding="utf-8"))

    assert (said.code, said.json["planned"]) == (0, {"roll_out": 1})
    [folder] = snapshot["collaborations"]
    assert (folder["folder"], folder["folder_id"]) == ("Ours", ids[0])
    taking_part = {(one["kind"], one["who"], one["role"], one["status"]) for one in folder["with"]}
    assert taking_part == {
        ("user", "otto@acme.example", "editor", "accepted"),
        ("group", "Buyers", "editor", "accepted"),
        ("", "x@elsewhere.example", "editor", "pending"),
    }
    assert "not what it takes part in" in snapshot["unread"]["collaborations"]


#: the folder of Mia's content comes into the archive of who gets it
ARCHIVED = {"archive": {"by": "none"}}


def in_the_archive(server):
    """In which folders those of transfers lie."""
    return {whereabouts(server, one) for one in server.enterprise.content if one.name in landed(server)}


def let_go(server):
    """Box has moved all that it was to move."""
    content = server.enterprise.content
    for one in content.transfers():
        content.begin(msgspec.structs.replace(one, looks=0))


def test_folder_that_box_still_fills_is_put_into_the_archive_by_a_later_run(box, night, provision, tmp_path):
    """The first run tells of it, the next ones are quiet, and the account stays until then."""
    server = box(seed(), choices={"transfer_looks": FOREVER})
    first = night(0, MIA_LEFT, SENT_AND_DELETED, lifecycle=ARCHIVED)
    [held] = provision("holds", tmp_path / "nightly.yaml", "--json").json["holds"]
    second = night(0.5, MIA_LEFT, SENT_AND_DELETED, lifecycle=ARCHIVED)
    let_go(server)
    third = night(1, MIA_LEFT, SENT_AND_DELETED, "plan", lifecycle=ARCHIVED)

    assert (first.code, first.json["outcomes"]["done"], first.json["outcomes"]["waiting"]) == (3, 1, 1)
    assert "lets nobody put its folder into Leavers so far" in told(first)[1]
    assert (held["kind"], "the next runs try again" in held["reason"]) == ("archive_move", True)
    assert (second.code, planned(second), second.json["outcomes"]["waiting"]) == (0, {"archive_move": 1}, 1)
    assert planned(third) == {"archive_move": 1}
    assert provision("apply", third.folder, "--json").code == 0
    assert in_the_archive(server) == {"Leavers"}
    assert provision("undo", third.folder, "--json").json["planned"] == {}
    assert planned(night(2, MIA_LEFT, SENT_AND_DELETED, lifecycle=ARCHIVED)) == {"delete": 1}


def test_folder_that_box_never_lets_go_keeps_its_leaver_for_a_week(box, night, provision, tmp_path):
    """Refused it is tried again, by a ledger made anew as well; then the account goes all the same."""
    rules = [{"match": {"path": "^/2.0/folders/[1-9][0-9]*$", "method": "PUT"}, "do": "forbidden"}]
    server = box(seed(), rules=rules)
    said = [night(day, MIA_LEFT, SENT_AND_DELETED, lifecycle=ARCHIVED) for day in (0, 1)]
    assert rebuilt(provision, tmp_path) == 0
    said += [night(day, MIA_LEFT, SENT_AND_DELETED, lifecycle=ARCHIVED) for day in (2, 7.5)]

    assert [planned(each) for each in said] == [
        {"transfer": 1, "archive_move": 1}, {"archive_move": 1}, {"archive_move": 1}, {"delete": 1},
    ]  # fmt: skip
    assert [each.code for each in said] == [4, 4, 4, 0]
    assert "its folder has to be put into the archive first; from 20" in told(said[2])[1]
    assert "(HTTP 403" in told(said[2])[1]
    assert (in_the_archive(server), status(server)) == ({""}, "gone")


# --- those who get it --------------------------------------------------------------------------------------


def test_whoever_gets_content_is_told_who_left_what_comes_and_when(
    box, night, canned, monkeypatch, provision, make_job, clock
):
    """Each one message, by mail to the login; an address without names is told numbers; a preview and a resume tell nobody."""
    letters = canned(Canned())
    monkeypatch.setenv("LETTERS_URL", f"{letters.url.replace('http', 'json')}/{{receiver}}")
    monkeypatch.setenv("COUNT_URL", f"{letters.url.replace('http', 'json')}/count")
    to_them = {"url": "${LETTERS_URL}", "on": ["receivers"], "names": True}
    notify = [to_them, {"url": "${COUNT_URL}", "on": ["receivers"]}]
    box(seed())
    left = HEADER + MIA.format(LAST_DAY) + SARA.format("") + OTTO.format("")
    stage = [{"after": "0d", "do": "transfer", "to": "manager"}]
    assert night(0, left, stage, "plan", notify=notify, lifecycle=ARCHIVED).code == 2
    assert letters.asked == []
    said = night(0, left, stage, notify=notify, lifecycle=ARCHIVED)
    told_by = {path: json.loads(body) for _, path, body in letters.asked}
    letters.asked.clear()
    clock(1)
    provision("resume", said.folder)

    assert (said.code, sorted(told_by)) == (0, ["/count", "/otto@acme.example"])
    letter, count = told_by["/otto@acme.example"], told_by["/count"]
    assert letter["title"] == "nightly: the content of 1 person who left comes to otto@acme.example"
    assert re.search(
        r"Mia Managed \(mia@acme.example\): sent on 20..-..-..; a folder that begins with "
        r'"mia@acme.example" in the folder Leavers',
        letter["message"],
    )
    assert count["title"] == "nightly: the content of 1 person who left goes to 1 account"
    assert "@" not in count["title"] + count["message"]
    assert letters.asked == []
    wrong = provision("check", make_job(left, notify=[{**to_them, "names": False}]))
    assert (wrong.code, "needs on: [receivers] and names: true" in " ".join(wrong.err.split())) == (1, True)
