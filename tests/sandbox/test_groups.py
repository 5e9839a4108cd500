"""Groups and memberships are made, changed and ended as Box does it."""

from __future__ import annotations

import pytest

from provision.sandbox import Options, serve

GROUPS, MEMBERSHIPS = "/2.0/groups", "/2.0/group_memberships"


@pytest.fixture
def grouped(start, small_seed):
    """Starts the small enterprise with a group of people, and the one of everybody."""
    small_seed["groups"] = [
        {"name": "Staff", "id": "900", "members": ["mia@acme.example"]},
        {"name": "All Users", "id": "901", "group_type": "all_users_group", "members": ["mia@acme.example"]},
    ]

    def go(**options):
        return start(seed=small_seed, **options)

    return go


def pair(user, group, **more):
    return {"user": {"id": user}, "group": {"id": group}, **more}


def test_a_group_is_made_changed_and_deleted(grouped, connect):
    caller = connect(grouped())
    made = caller("POST", GROUPS, {"name": "Buyers", "description": "Who buys", "provenance": "HR"})
    path = f"{GROUPS}/{made.json['id']}"
    changed = caller("PUT", path, {"name": "Purchasing", "description": None})
    named = caller("GET", f"{path}?fields=name,description,provenance,external_sync_identifier")

    assert (made.status, changed.status) == (201, 200)
    assert list(made.json) == ["type", "id", "name", "group_type", "created_at", "modified_at"]
    assert named.json == {
        "type": "group", "id": made.json["id"], "name": "Purchasing", "description": "", "provenance": "HR",
        "external_sync_identifier": "",
    }  # fmt: skip
    assert [caller("DELETE", path).status, caller("GET", path).status] == [204, 404]


def test_two_groups_never_have_one_name(grouped, connect):
    caller = connect(grouped(choices={"group_conflict_code": "invalid_parameter"}))
    other = caller("POST", GROUPS, {"name": "Other"}).json["id"]
    taken = [caller("POST", GROUPS, {"name": "STAFF"}), caller("PUT", f"{GROUPS}/{other}", {"name": "staff"})]

    assert [reply.status for reply in taken] == [409, 409]
    assert {reply.json["code"] for reply in taken} == {"invalid_parameter"}
    assert caller("PUT", f"{GROUPS}/900", {"name": "STAFF"}).status == 200


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "n" * 256}, {"name": "A", "provenance": "p" * 256},
             {"name": "A", "invitability_level": "nobody"}],
)  # fmt: skip
def test_what_a_group_cannot_be_is_a_400(grouped, connect, body):
    assert connect(grouped())("POST", GROUPS, body).status == 400


def test_a_membership_begins_changes_and_ends(grouped, connect):
    caller = connect(grouped())
    made = caller("POST", MEMBERSHIPS, pair("301", "900"))
    path = f"{MEMBERSHIPS}/{made.json['id']}"
    changed = caller("PUT", path, {"role": "admin", "configurable_permissions": {"can_run_reports": False}})

    assert (made.status, made.json["role"], made.json["configurable_permissions"]) == (201, "member", None)
    assert (changed.status, changed.json["role"]) == (200, "admin")
    assert changed.json["configurable_permissions"]["can_run_reports"] is False
    assert caller("GET", path).json["role"] == "admin"
    assert [caller("DELETE", path).status, caller("GET", path).status] == [204, 404]
    assert caller("GET", "/2.0/groups/900/memberships").json["total_count"] == 1


def test_a_membership_of_a_seed_is_as_old_as_its_group(grouped, connect):
    caller = connect(grouped())
    one = caller("GET", "/2.0/groups/900/memberships").json["entries"][0]["id"]
    told = caller("GET", f"{MEMBERSHIPS}/{one}").json

    assert told["created_at"] == caller("GET", f"{GROUPS}/900").json["created_at"]


def test_nobody_is_twice_in_a_group(grouped, connect):
    caller = connect(grouped(choices={"membership_conflict_code": "invalid_parameter"}))
    again = caller("POST", MEMBERSHIPS, pair("300", "900", role="admin"))

    assert (again.status, again.json["code"]) == (409, "invalid_parameter")


def test_the_group_of_all_users_is_left_to_box(grouped, connect):
    for status in (403, 400):
        caller = connect(grouped(choices={"all_users_group_refusal": status}))
        [there] = caller("GET", "/2.0/groups/901/memberships").json["entries"]
        refused = [
            caller("POST", MEMBERSHIPS, pair("301", "901")),
            caller("DELETE", f"{MEMBERSHIPS}/{there['id']}"),
            caller("PUT", f"{GROUPS}/901", {"name": "Everybody"}),
            caller("DELETE", f"{GROUPS}/901"),
        ]

        assert [reply.status for reply in refused] == [status] * 4
        assert caller("GET", f"{MEMBERSHIPS}/{there['id']}").status == 200


def test_app_users_can_be_kept_out_of_groups(grouped, connect):
    for choice, status in (("accepted", 201), ("refused", 403)):
        caller = connect(grouped(choices={"app_users_in_groups": choice}))

        assert caller("POST", MEMBERSHIPS, pair("400", "900")).status == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"user": {"id": "300"}}, 400),
        (pair("999", "900"), 404),
        (pair("300", "999"), 404),
        (pair("301", "900", role="owner"), 400),
        (pair("301", "900", configurable_permissions=[]), 400),
    ],
)
def test_what_a_membership_cannot_be_is_refused(grouped, connect, body, status):
    assert connect(grouped())("POST", MEMBERSHIPS, body).status == status


def test_only_who_manages_groups_changes_them(grouped, connect, sign_in, seeded):
    server = grouped()
    plain = connect(server, sign_in(server, "300"))
    without = connect(seeded(app={"scopes": ["manage_managed_users"]}))
    own_only = connect(seeded(app={"access": "app"}))

    for caller in (plain, without, own_only):
        assert caller("POST", GROUPS, {"name": "Mine"}).status == 403
        assert caller("POST", MEMBERSHIPS, pair("300", "900")).status == 403


def test_groups_and_memberships_outlive_a_restart(grouped, connect, tmp_path, clock):
    with grouped(state=tmp_path / "state") as server:
        caller = connect(server)
        made = caller("POST", GROUPS, {"name": "Buyers"}).json["id"]
        caller("POST", MEMBERSHIPS, pair("301", made, role="admin"))
        caller("DELETE", f"{GROUPS}/900")
        caller.close()
    with serve(Options(state=tmp_path / "state"), clock) as again:
        caller = connect(again)
        entries = caller("GET", "/2.0/users/301/memberships").json["entries"]
        names = [one["name"] for one in caller("GET", GROUPS).json["entries"]]
        caller.close()

    assert [(one["group"]["name"], one["role"]) for one in entries] == [("Buyers", "admin")]
    assert names == ["All Users", "Buyers"]


def test_invented_people_are_in_invented_groups_the_same_ones_each_time(start, connect):
    first, second = (connect(start(users=60, groups=8)) for _ in range(2))
    groups = first("GET", "/2.0/groups?limit=100").json["entries"]
    people = {one["id"]: one["login"] for one in first("GET", "/2.0/users?limit=100").json["entries"]}
    of = {one["id"]: first("GET", f"/2.0/groups/{one['id']}/memberships").json["entries"] for one in groups}

    assert groups == second("GET", "/2.0/groups?limit=100").json["entries"]
    assert len({one["name"] for one in groups}) == 8
    assert all([one["role"] for one in members].count("admin") == 1 for members in of.values())
    inside = [one["user"]["id"] for members in of.values() for one in members]
    assert {people[one].partition("@")[2] for one in inside} == {"acme.example"}
    assert len(set(inside)) == 45
    assert len(inside) > 45
    assert connect(start(users=4))("GET", "/2.0/groups").json["entries"] == []
