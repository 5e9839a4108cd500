"""Groups through the command line: from the roster's column and the job's rules to memberships in Box, and back."""

from __future__ import annotations

import contextlib
import copy
import csv
import sqlite3

import msgspec

from provision.directory import list_groups

from .conftest import SEED, person

#: mia and otto are there, ina comes back, nina comes, and zoe is nobody's
PEOPLE = (
    "external_id,login,name,job_title,status,groups\n"
    "E1,mia@acme.example,Mia Managed,Buyer,active,Sales; Board (admin)\n"
    "E2,otto@acme.example,Otto Ömer,Seller,active,sales\n"
    "E3,ina@acme.example,Ina Inactive,,active,(clear)\n"
    "E4,nina@acme.example,Nina Néw,Buyer,active,Fresh; Sales\n"
    "E5,paul@acme.example,Paul Plain,,active,\n"
)
GROUPS = {
    "create": True,
    "manage": ["Board*", "desk"],
    "rules": [{"if": {"job_title": ["buyer", "Head of Buying"]}, "add": ["Buyers"]}],
}


def seed(*groups, users=()):
    return {**copy.deepcopy(SEED), "users": [*SEED["users"], *users], "groups": list(groups)}


def office():
    """Sales is theirs to join, Board and Desk are managed, AD is another system's."""
    return seed(
        {"name": "Sales", "members": ["zoe@acme.example"]},
        {"name": "Board", "members": ["otto@acme.example", "zoe@acme.example", "mia@acme.example"]},
        {"name": "Desk", "members": ["ina@acme.example", "paul@acme.example"]},
        {"name": "AD", "provenance": "Active Directory", "members": ["otto@acme.example"]},
        {"name": "Everybody", "group_type": "all_users_group", "members": ["otto@acme.example"]},
        users=[{"name": "Paul Plain", "login": "paul@acme.example"}],
    )


def members(server, name):
    """Who is in a group, by the name in the login, with the role."""
    group = server.enterprise.groups.named(name)
    accounts = server.enterprise.accounts
    found = server.enterprise.groups.of_group(group.id) if group else []
    return {accounts.get(one.user).login.partition("@")[0]: one.role for one in found}


def outcomes(said):
    return {name: count for name, count in said.json["outcomes"].items() if count}


def calls(server, path):
    return [(line.method, line.status) for line in server.log if line.path.startswith(path)]


def operations(said):
    with (said.folder / "operations.csv").open(encoding="utf-8-sig") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def lines(said):
    with (said.folder / "reconciliation.csv").open(encoding="utf-8-sig") as file:
        return {row["external_id"] or row["login"]: row for row in csv.DictReader(file)}


def test_a_night_of_groups_from_preview_to_the_next_one(box, provision, make_job):
    server = box(office())
    job = make_job(PEOPLE, groups=GROUPS)
    plan = provision("plan", job, "--json")
    before = [members(server, name) for name in ("Sales", "Board", "Desk", "Fresh")]
    said = provision("apply", plan.folder, "--json", "--yes")

    assert (plan.code, plan.json["planned"]) == (2, {
        "create": 1, "activate": 1, "group_create": 2, "membership_add": 6, "membership_update": 1, "membership_remove": 2,
    })  # fmt: skip
    assert (plan.json["directory"]["groups"], before[0], before[3]) == (5, {"zoe": "member"}, {})
    assert "& mia@acme.example  Mia Managed\n      groups: (empty) → Sales" in plan.err
    assert (said.code, said.json["status"], outcomes(said)) == (0, "applied", {"done": 13})
    assert members(server, "Sales") == dict.fromkeys(("zoe", "mia", "otto", "nina"), "member")
    assert members(server, "Board") == {"zoe": "member", "mia": "admin"}
    assert members(server, "Desk") == {"paul": "member"}
    assert members(server, "Fresh") == {"nina": "member"}
    assert members(server, "Buyers") == {"mia": "member", "nina": "member"}
    assert members(server, "AD") == members(server, "Everybody") == {"otto": "member"}
    fresh = server.enterprise.groups.named("Fresh")
    assert (fresh.provenance, fresh.external_sync_identifier.partition(":")[0]) == (
        "box-provision",
        "nightly",
    )

    told, rows = operations(said), lines(said)
    mia, nina = person(server, "mia@acme.example")["id"], rows["E4"]
    assert (told[f"membership_add:{mia}:Sales"]["object"], told["group_create:Fresh"]["line"]) == (
        "Sales",
        "",
    )
    assert sum(row["outcome"] == "done" for row in told.values()) == 13
    assert (rows["E1"]["verdict"], rows["E1"]["attempts"], rows["E5"]["verdict"]) == (
        "membership_add", "3", "unchanged",
    )  # fmt: skip
    assert rows["E1"]["changes"].endswith("groups: (empty) → Sales; groups: Board → Board (admin)")
    assert (nina["verdict"], nina["changes"].count("groups: (empty) → ")) == ("create", 3)
    assert rows["zoe@acme.example"]["verdict"] == "unowned"

    again, verified = provision("run", job, "--json"), provision("verify", job, "--json")
    explained = provision("explain", job, "mia@acme.example")
    assert [(each.code, each.json["planned"]) for each in (again, verified)] == [(0, {}), (0, {})]
    assert "the roster names the group Sales" in " ".join(explained.out.split())


def test_a_job_without_the_section_never_asks_for_groups(box, provision, make_job):
    server = box(office())
    said = provision("run", make_job(PEOPLE), "--json")

    assert (said.code, members(server, "Sales")) == (0, {"zoe": "member"})
    assert calls(server, "/2.0/group") == []
    assert said.json["directory"]["groups"] is None
    assert "groups_not_used" in [found["code"] for found in said.json["findings"]]


def test_groups_of_others_too_large_or_not_there_wait_and_are_told(box, provision, make_job, monkeypatch):
    server = box(office())
    monkeypatch.setattr(list_groups, "MOST_LISTED", -998)  # so that a list ends with the second member
    people = PEOPLE.replace("Sales; Board (admin)", "AD; Everybody; Board; Sales").replace(
        "Fresh; Sales", "Fresh"
    )
    job = make_job(people.replace(",sales\n", ",\n"), groups={"manage": ["*"]})
    said = provision("run", job, "--json", "--yes")

    assert (said.code, outcomes(said)["held"], members(server, "Sales")) == (
        3, 2, {"zoe": "member", "mia": "member"},
    )  # fmt: skip
    assert members(server, "AD") == members(server, "Everybody") == {"otto": "member"}
    assert server.enterprise.groups.named("Fresh") is None
    reasons = {key: row["reason"] for key, row in lines(said).items()}
    assert "AD: looked after by Active Directory" in reasons["E1"]
    assert "Everybody: looked after by Box" in reasons["E1"]
    assert "Board: has more members than Box lists" in reasons["E1"]
    assert members(server, "Board") == dict.fromkeys(("otto", "zoe", "mia"), "member")
    assert "Fresh: no group of this name in Box" in reasons["E4"]
    assert person(server, "nina@acme.example")["status"] == "active"
    assert {hold["key"] for hold in said.json["holds"]} == {"mia@acme.example", "nina@acme.example"}
    assert provision("verify", job).code == 3


def test_lost_answers_and_a_run_that_was_cut_off_make_no_group_and_no_member_twice(box, provision, make_job):
    trouble = [
        {"do": "503_written", "match": {"method": "POST", "path": "^/2.0/groups$", "nth": 1}},
        {"do": "lost_answer", "match": {"method": "POST", "path": "^/2.0/groups$", "nth": 2}},
        {"do": "503_written", "match": {"method": "POST", "path": "^/2.0/group_memberships$", "nth": 1}},
        {"do": "lost_answer", "match": {"method": "PUT", "path": "^/2.0/group_memberships/", "nth": 1}},
        {"do": "503_written", "match": {"method": "DELETE", "path": "^/2.0/group_memberships/", "nth": 1}},
        {"do": "forbidden", "match": {"method": "DELETE", "path": "^/2.0/group_memberships/", "nth": 2}},
    ]
    server = box(office(), rules=trouble)
    said = provision("run", make_job(PEOPLE, groups=GROUPS), "--json", "--yes")
    resumed = provision("resume", said.folder, "--json", "--yes")

    assert (said.code, outcomes(said)) == (4, {"done": 12, "failed": 1})
    assert (resumed.code, outcomes(resumed)) == (0, {"done": 13})
    assert len(calls(server, "/2.0/groups")) > 0
    made = [status for method, status in calls(server, "/2.0/groups") if method == "POST"]
    assert len(made) == 2
    assert members(server, "Sales") == dict.fromkeys(("zoe", "mia", "otto", "nina"), "member")
    assert (members(server, "Board"), members(server, "Desk")) == (
        {"zoe": "member", "mia": "admin"}, {"paul": "member"},
    )  # fmt: skip


def test_who_joined_meanwhile_is_done_and_who_left_is_not_missed(box, provision, make_job):
    server = box(office())
    plan = provision("plan", make_job(PEOPLE, groups=GROUPS), "--json")
    groups, ids = (
        server.enterprise.groups,
        {n: person(server, f"{n}@acme.example")["id"] for n in ("mia", "otto")},
    )
    sales, board = groups.named("Sales"), groups.named("Board")
    groups.join(type(groups.of_group(board.id)[0])(id="777", user=ids["mia"], group=sales.id))
    groups.leave(groups.between(ids["otto"], board.id))
    said = provision("apply", plan.folder, "--json", "--yes")

    assert (said.code, outcomes(said)) == (0, {"done": 13})
    assert "was a member already" in lines(said)["E1"]["reason"]
    assert "was already gone" in lines(said)["E2"]["reason"]


def test_undo_takes_memberships_back_that_are_as_the_run_left_them(box, provision, make_job):
    server = box(office())
    said = provision("run", make_job(PEOPLE, groups=GROUPS), "--json", "--yes")
    groups, mia = server.enterprise.groups, person(server, "mia@acme.example")["id"]
    groups.leave(groups.between(mia, groups.named("Sales").id))
    back = provision("undo", said.folder, "--yes", "--json", "--allow", "memberships_removed=5")

    assert (back.code, back.json["planned"]) == (0, {
        "deactivate": 2, "membership_add": 2, "membership_update": 1, "membership_remove": 5,
    }), back.err  # fmt: skip
    assert members(server, "Sales") == {"zoe": "member"}
    assert members(server, "Board") == dict.fromkeys(("otto", "zoe", "mia"), "member")
    assert members(server, "Desk") == {"ina": "member", "paul": "member"}
    assert members(server, "Fresh") == members(server, "Buyers") == {}
    assert "it stays" in " ".join(back.err.split())


def test_undo_goes_on_where_somebody_whom_the_run_put_into_a_group_has_no_account_any_more(
    box, provision, make_job
):
    server = box(office())
    said = provision("run", make_job(PEOPLE, groups=GROUPS), "--json", "--yes")
    nina = server.enterprise.accounts.with_login("nina@acme.example")
    server.enterprise.remove(nina)
    back = provision("undo", said.folder, "--yes", "--json", "--allow", "memberships_removed=5")

    assert back.code == 0, back.err
    assert "no longer exists" in " ".join(back.err.split())
    assert members(server, "Sales").keys() == {"zoe"}


def test_a_group_that_was_renamed_is_known_by_its_id_and_one_that_the_job_made_is_managed(
    box, provision, make_job
):
    server = box(office())
    provision("run", make_job(PEOPLE, groups=GROUPS), "--yes")
    groups = server.enterprise.groups
    path = f"/2.0/groups/{groups.named('Fresh').id}"
    fresh = groups.named("Fresh")
    groups.put(
        type(fresh)(**{name: getattr(fresh, name) for name in fresh.__struct_fields__} | {"name": "Fresher"})
    )
    later = PEOPLE.replace("Fresh; Sales", "Fresh").replace(",sales\n", ",Fresh\n")
    said = provision("run", make_job(later, groups=GROUPS), "--json", "--yes")

    assert (said.code, said.json["planned"]) == (0, {"membership_add": 1}), said.err
    assert members(server, "Fresher") == {"nina": "member", "otto": "member"}
    assert [found["key"] for found in said.json["findings"] if found["code"] == "group_renamed"] == ["Fresh"]
    gone = provision("run", make_job(PEOPLE.replace("Fresh; ", ""), groups=GROUPS), "--json", "--yes")
    assert gone.json["planned"] == {"membership_remove": 2}
    assert (members(server, "Fresher"), path) == ({}, f"/2.0/groups/{fresh.id}")


def test_a_group_that_is_renamed_stays_managed_under_the_name_that_the_job_has(box, provision, make_job):
    """It is told; and what a saved plan does about it is warranted."""
    server = box(office())
    groups = {"manage": ["Board"]}
    provision("run", make_job(PEOPLE.replace("Sales; ", ""), groups=groups), "--yes")
    board = server.enterprise.groups.named("Board")
    server.enterprise.groups.put(msgspec.structs.replace(board, name="Directors"))
    nobody = PEOPLE.replace("Sales; Board (admin)", "Sales").replace(",sales\n", ",(clear)\n")
    plan = provision("plan", make_job(nobody, groups=groups), "--json")
    found = {one["key"] for one in plan.json["findings"] if one["code"] == "group_renamed"}
    said = provision("apply", plan.folder, "--json", "--yes", "--allow", "memberships_removed=9")

    assert (plan.json["planned"]["membership_remove"], found) == (1, {"Board"})
    assert (said.code, members(server, "Directors")) == (3, {"zoe": "member"}), said.err  # Fresh is not there


def test_a_group_that_is_deleted_after_the_plan_fails_its_members_and_nobody_else(box, provision, make_job):
    server = box(office())
    people = PEOPLE.replace("Sales; Board (admin)", "Board (admin)").replace(",sales\n", ",(clear)\n")
    plan = provision("plan", make_job(people, groups={**GROUPS, "manage": ["Board", "Sales"]}), "--json")
    server.enterprise.groups.remove(server.enterprise.groups.named("Board"))
    said = provision("apply", plan.folder, "--json", "--yes", "--allow", "memberships_removed=9")

    assert plan.json["planned"].keys() >= {"membership_update", "membership_remove"}
    assert (said.code, outcomes(said)["failed"], outcomes(said).get("in_doubt")) == (4, 1, None), said.err
    assert members(server, "Buyers") == {"mia": "member", "nina": "member"}


def test_nobody_is_an_admin_by_a_groups_name_and_nobody_leaves_one_by_half_its_rules(
    box, provision, make_job
):
    server = box(seed({"name": "Desk", "members": ["mia@acme.example"]}, {"name": "Money"}))
    rules = [
        {"if": {"job_title": ["Seller"]}, "add": ["Desk"]},
        {
            "if": {"language": ["de"]},
            "add": ["DESK"],
        },  # the same group; of mia's language the row says nothing
    ]
    groups = {"manage": ["*"], "rules": rules}
    people = "external_id,login,name,job_title,language,groups\nE1,mia@acme.example,Mia Managed,Buyer,,{}\n"
    provision("run", make_job(people.format("Money"), groups=groups), "--yes")
    money = server.enterprise.groups.named("Money")
    server.enterprise.groups.leave(server.enterprise.groups.of_group(money.id)[0])
    server.enterprise.groups.put(msgspec.structs.replace(money, name="Money (admin)"))
    said = provision("run", make_job(people.format("Money"), groups=groups), "--json", "--yes")
    undone = provision("undo", said.folder, "--json", "--yes")

    assert (said.code, said.json["planned"]) == (0, {"membership_add": 1}), said.err
    assert members(server, "Desk") == {"mia": "member"}
    assert undone.json["planned"] == {"membership_remove": 1}, undone.err
    again = provision("undo", undone.folder, "--json", "--yes")
    assert (again.code, members(server, "Money (admin)")) == (0, {"mia": "member"}), again.err


def test_rules_take_back_what_they_gave_unless_a_cell_says_nothing(box, provision, make_job):
    server = box(
        seed({"name": "Buyers", "members": ["mia@acme.example", "otto@acme.example", "ina@acme.example"]})
    )
    rules = [{"if": {"job_title": "Buyer", "kind": "managed"}, "add": ["Buyers"]}]
    header = "external_id,login,name,job_title,tracking_codes.Team\n"
    people = "".join(
        f"E{n},{who}@acme.example,{name},{title},{team}\n"
        for n, (who, name, title, team) in enumerate(
            [
                ("mia", "Mia Managed", "Buyer", ""),
                ("otto", "Otto Ömer", "Seller", "x"),
                ("ina", "Ina Inactive", "", ""),
            ]
        )
    )
    groups = {
        "column": "off",
        "manage": ["Buyers"],
        "rules": [*rules, {"if": {"phone": "1"}, "add": ["Phones"]}],
    }
    job = make_job(header + people, groups=groups)
    said = provision("run", job, "--json", "--yes")

    assert (said.code, said.json["planned"]) == (0, {"membership_remove": 1, "update": 1}), said.err
    assert set(members(server, "Buyers")) == {"mia", "ina"}
    assert [found["key"] for found in said.json["findings"] if found["code"] == "rule_undecided"] == ["phone"]
    words = " ".join(provision("explain", job, "E1").out.split())
    assert "no rule of the job adds the group Buyers any more" in words


def test_guards_hold_memberships_and_approvals_let_them_go(box, provision, make_job):
    many = [{"name": f"P {n}", "login": f"p{n}@acme.example"} for n in range(12)]
    crowd = {"name": "Board", "members": [each["login"] for each in many]}
    server = box(seed(crowd, {"name": "Sales"}, users=many))
    people = "external_id,login,name,groups\n" + "".join(
        f"F{n},p{n}@acme.example,P {n},{{}}\n" for n in range(12)
    )
    job = make_job(people.format(*["Board"] * 12), groups={"manage": ["Board"]})
    provision("run", job)
    emptied = make_job(people.format(*["Sales"] * 12), groups={"manage": ["Board"]},
                       guards={"memberships_added": {"count": 3}})  # fmt: skip
    held = provision("run", emptied, "--json", "--yes")

    assert (held.code, outcomes(held)) == (3, {"held": 24})
    assert {each["name"] for each in held.json["guards"] if each["verdict"] == "refused"} == {
        "memberships_added", "memberships_removed", "changed_job",
    }  # fmt: skip
    assert len(members(server, "Board")) == 12
    provision("approve", held.folder, "--kind", "membership_remove", "--by", "Ada")
    let = provision("run", emptied, "--json", "--yes", "--allow", "memberships_added=12")
    assert (let.code, outcomes(let)) == (0, {"done": 24}), let.err
    assert (members(server, "Board"), len(members(server, "Sales"))) == ({}, 12)


def test_memberships_held_beside_a_held_account_wait_for_a_word_of_their_own(box, provision, make_job):
    server = box(seed({"name": "Sales"}))
    job = make_job(
        "external_id,login,name,groups\nE7,new@acme.example,Nia New,Sales\n",
        groups={"column": "groups"},
        guards={"creates": {"count": 0}, "memberships_added": {"count": 0}},
    )
    said = provision("run", job, "--yes", "--json")
    told = provision("holds", job).out
    provision("approve", said.folder, "--kind", "create", "--by", "Ada")
    again = provision("run", job, "--yes", "--json")
    provision("approve", again.folder, "--kind", "membership_add", "--by", "Ada")
    last = provision("run", job, "--yes", "--json")

    assert (said.code, outcomes(said)) == (3, {"held": 2})
    assert sorted(hold["kind"] for hold in said.json["holds"]) == ["create", "membership_add"]
    assert {"create: new@acme.example", "membership_add: new@acme.example (Sales)"} <= set(told.splitlines())
    assert (again.code, outcomes(again)) == (3, {"done": 1, "held": 1})
    assert again.json["holds"][0]["since"] == said.json["holds"][0]["since"]
    assert (last.code, members(server, "Sales")) == (0, {"new": "member"})


def test_a_few_people_are_looked_up_and_nobody_else_is_touched(box, provision, make_job):
    crowd = [{"name": f"P {n}", "login": f"p{n}@acme.example"} for n in range(3)]
    server = box(office() | {"users": [*office()["users"], *crowd]})
    job = make_job(PEOPLE, groups=GROUPS)
    said = provision("run", job, "--json", "--yes", "--person", "otto@acme.example")

    assert (said.code, said.json["planned"]) == (0, {"membership_add": 1, "membership_remove": 1}), said.err
    assert (members(server, "Board"), "mia" in members(server, "Sales")) == (
        dict.fromkeys(("zoe", "mia"), "member"), False,
    )  # fmt: skip
    partial = make_job(
        "login,name,groups\np1@acme.example,P 1,Sales; Desk\n",
        name="part",
        groups={},
        roster={"authority": "partial"},
    )
    server.log.clear()
    said = provision("run", partial, "--json")
    assert (said.code, said.json["planned"], said.json["directory"]["read"]) == (
        0,
        {"membership_add": 2},
        "lookup",
    )
    assert [path for path in (line.path for line in server.log) if path.endswith("/memberships")]
    assert not [line for line in server.log if line.path.startswith("/2.0/groups/")]


def test_who_is_protected_or_leaves_keeps_what_the_groups_say(box, provision, make_job):
    server = box(office())
    people = PEOPLE.replace("Ina Inactive,,active,(clear)", "Ina Inactive,,inactive,(clear)")
    job = make_job(
        people, groups=GROUPS, scope={"domains": ["acme.example"], "protect": ["otto@acme.example"]}
    )
    said = provision("run", job, "--json", "--yes")

    assert said.code == 0, said.err
    assert "otto" in members(server, "Board")
    assert "otto" not in members(server, "Sales")
    assert "ina" in members(server, "Desk")
    ignored = make_job("login,groups,action\npaul@acme.example,Sales,ignore\n", name="part", groups={},
                       roster={"authority": "partial"})  # fmt: skip
    assert provision("run", ignored, "--json").json["planned"] == {}


def test_a_sign_in_without_the_right_is_told_before_anything_is_done(box, provision, make_job):
    server = box({**office(), "app": {"scopes": ["manage_managed_users", "manage_app_users"]}})
    said = provision("run", make_job(PEOPLE, groups=GROUPS), "--json")

    assert (said.code, calls(server, "/2.0/group")) == (7, [("GET", 403)])
    assert "the scope Manage groups" in said.err


def test_what_fresh_lists_do_not_show_is_in_doubt(box, provision, make_job, monkeypatch):
    server = box(office())
    groups, paul = server.enterprise.groups, person(server, "paul@acme.example")["id"]
    shown = {name: getattr(groups, name) for name in ("of_group", "of_user")}

    def without_his(whole):
        return lambda of: [
            one for one in whole(of) if (one.user, one.group) != (paul, groups.named("Sales").id)
        ]

    for name, whole in shown.items():
        monkeypatch.setattr(groups, name, without_his(whole))
    people = "external_id,login,name,groups\nE5,paul@acme.example,Paul Plain,Sales\n"
    said = provision("run", make_job(people, groups={}), "--json")

    assert (said.code, outcomes(said)) == (4, {"in_doubt": 1})
    assert "a fresh list of the group's members does not show it" in lines(said)["E5"]["reason"]
    assert len(calls(server, f"/2.0/users/{paul}/memberships")) == 1


def test_an_export_reads_back_with_no_change_planned(box, provision, make_job, tmp_path):
    there = office()
    there["groups"].append({"name": "Odd; name", "members": ["otto@acme.example"]})
    there["groups"].append({"name": "apples", "members": ["mia@acme.example"]})
    there["groups"].append({"name": "Chiefs", "members": [{"user": "mia@acme.example", "role": "admin"}]})
    server = box(there)
    job = make_job(PEOPLE, groups={"manage": ["*"]})
    said = provision("export", job, "--out", "out.csv", "--json")
    with (tmp_path / "out.csv").open(encoding="utf-8") as file:
        cells = {row["login"].partition("@")[0]: row["groups"] for row in csv.DictReader(file)}
    back = provision("plan", job, "--json", "--roster", "out.csv")

    assert (said.code, said.json["directory"]["groups"]) == (0, 8)
    assert "1 user is in a group whose name no roster can say ('Odd; name')" in " ".join(said.err.split())
    assert cells["mia"] == "apples; Board; Chiefs (admin)"
    assert (cells["otto"], cells["ina"], cells["ada"]) == ("", "Desk", "")
    assert (back.code, back.json["planned"]) == (0, {}), back.err
    assert members(server, "Odd; name") == {"otto": "member"}


def test_memberships_end_in_managed_groups_only(box, provision, make_job, tmp_path):
    """Those that the job names and those that it made, which Box has to bear out: a ledger alone proves nothing."""
    server = box(
        seed(*({"name": name, "members": ["mia@acme.example"]} for name in ("Board", "Sales", "Claimed")))
    )
    claimed = server.enterprise.groups.named("Claimed")
    people = "external_id,login,name,groups\nE1,mia@acme.example,Mia Managed,{}\nE2,otto@acme.example,Otto Ömer,Sales\n"
    job = make_job(people.format("Ours"), groups={"create": True})
    provision("run", job)
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / "provision.db")) as ledger:
        ledger.execute(
            "INSERT INTO known_groups VALUES ('27335', 'nightly', 'Claimed', ?, '2026-01-01T00:00:00+00:00')",
            [claimed.id],
        )
        ledger.commit()
    groups = {"create": True, "manage": ["Boa*"]}
    said = provision("run", make_job(people.format("(clear)"), groups=groups), "--yes", "--json",
                     "--allow", "changed_job=2")  # fmt: skip

    assert (said.code, said.json["planned"]) == (0, {"membership_remove": 2}), said.err
    assert [set(members(server, name)) for name in ("Board", "Ours", "Sales", "Claimed")] == [
        set(),
        set(),
        {"mia", "otto"},
        {"mia"},
    ]


def test_groups_that_wait_or_fail_are_named_and_released_by_name(box, provision, make_job):
    server = box(
        office(), rules=[{"do": "forbidden", "match": {"method": "POST", "path": "^/2.0/groups$", "nth": 1}}]
    )
    job = make_job(
        PEOPLE, groups=GROUPS, guards={"groups": {"count": 1}}, report={"formats": ["csv", "html"]}
    )
    said = provision("run", job, "--yes", "--json")
    held = provision("holds", job)

    assert (said.code, outcomes(said)) == (3, {"done": 8, "held": 2, "not_attempted": 3})
    assert {hold["key"] for hold in said.json["holds"]} == {"Buyers", "Fresh"}
    assert "group_create: Buyers" in held.out
    provision("approve", said.folder, "--person", "Buyers", "--by", "Ada")
    again = provision("run", job, "--yes", "--json")
    page = (again.folder / "report.html").read_text(encoding="utf-8")

    assert (again.code, outcomes(again)) == (4, {"failed": 1, "held": 1, "not_attempted": 3})
    assert [failure["key"] for failure in again.json["failures"]] == ["Buyers"]
    assert "group_create Buyers: Box refused it." in again.json["failures"][0]["sentence"]
    assert "Create a group" in page
    resumed = provision("resume", again.folder, "--yes", "--json")
    assert (resumed.code, members(server, "Buyers")) == (3, {"mia": "member", "nina": "member"})
    redacted = provision("report", resumed.folder, "--redact", "--format", "json")
    assert redacted.code == 0, redacted.err
