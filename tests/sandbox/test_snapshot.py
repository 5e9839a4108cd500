"""What is read of somebody before they go: groups, memberships, aliases; and the end of their sessions."""

from __future__ import annotations

import pytest

from provision.sandbox import Options, SandboxError, serve

SESSIONS = "/2.0/users/terminate_sessions"
DONE = "Request is successful, please check the admin events for the status of the job"


@pytest.fixture
def grouped(start, small_seed):
    """Starts the small enterprise with two groups."""
    small_seed["groups"] = [
        {
            "name": "Staff",
            "id": "900",
            "members": ["MIA@acme.example", {"user": "client-1", "role": "admin"}, "301"],
        },
        {"name": "Buyers", "description": "Who buys", "members": ["mia@acme.example"]},
    ]

    def go(**options):
        return start(seed=small_seed, **options)

    return go


def seen(reply):
    return [(one["user"]["id"], one["group"]["name"], one["role"]) for one in reply.json["entries"]]


def test_groups_are_listed_by_name(grouped, connect):
    page = connect(grouped())("GET", "/2.0/groups").json

    assert (page["total_count"], [one["name"] for one in page["entries"]]) == (2, ["Buyers", "Staff"])
    assert page["entries"][1] == {
        "type": "group",
        "id": "900",
        "name": "Staff",
        "group_type": "managed_group",
    }


def test_groups_are_found_by_the_beginning_of_their_name(grouped, connect):
    caller = connect(grouped())
    found = [
        caller("GET", f"/2.0/groups?filter_term={term}").json["total_count"] for term in ("buy", "uyers")
    ]

    assert found == [1, 0]


def test_further_fields_of_a_group_are_shown_when_named(grouped, connect):
    caller = connect(grouped())
    [buyers] = caller("GET", "/2.0/groups?filter_term=Buyers&fields=name,description").json["entries"]

    assert buyers == {"type": "group", "id": buyers["id"], "name": "Buyers", "description": "Who buys"}
    assert "description" not in caller("GET", "/2.0/groups/900").json


def test_memberships_are_seen_from_the_user_and_from_the_group(grouped, connect):
    caller = connect(grouped())

    assert seen(caller("GET", "/2.0/users/300/memberships")) == [
        ("300", "Staff", "member"),
        ("300", "Buyers", "member"),
    ]
    assert seen(caller("GET", "/2.0/groups/900/memberships")) == [
        ("300", "Staff", "member"),
        ("400", "Staff", "admin"),
        ("301", "Staff", "member"),
    ]


def test_memberships_come_in_pages(grouped, connect):
    caller = connect(grouped())
    pages = [caller("GET", f"/2.0/groups/900/memberships?limit=2&offset={offset}") for offset in (0, 2)]

    assert [len(page.json["entries"]) for page in pages] == [2, 1]
    assert pages[1].json["total_count"] == 3


def test_who_is_gone_is_in_no_group(grouped, connect):
    caller = connect(grouped())
    caller("DELETE", "/2.0/users/300")
    caller("PUT", "/2.0/users/301", {"enterprise": None})

    assert seen(caller("GET", "/2.0/groups/900/memberships")) == [("400", "Staff", "admin")]


def test_groups_outlive_a_restart(grouped, connect, tmp_path, clock):
    with grouped(state=tmp_path / "state") as server:
        caller = connect(server)
        caller("DELETE", "/2.0/users/300")
        caller.close()
    with serve(Options(state=tmp_path / "state"), clock) as again:
        caller = connect(again)
        kept = seen(caller("GET", "/2.0/groups/900/memberships"))
        caller.close()

    assert kept == [("400", "Staff", "admin"), ("301", "Staff", "member")]


@pytest.mark.parametrize("path", ["/2.0/groups/999", "/2.0/groups/999/memberships", "/2.0/users/999/memberships",
                                  "/2.0/users/999/email_aliases"])  # fmt: skip
def test_what_does_not_exist_is_a_404(admin, path):
    assert admin("GET", path).status == 404


@pytest.mark.parametrize("path", ["/2.0/groups", "/2.0/groups/900", "/2.0/users/301/memberships",
                                  "/2.0/users/301/email_aliases"])  # fmt: skip
def test_plain_user_reads_only_about_itself(grouped, connect, sign_in, path):
    server = grouped()
    caller = connect(server, sign_in(server, "300"))

    assert caller("GET", path).status == 403
    assert caller("GET", "/2.0/users/300/memberships").json["total_count"] == 2


@pytest.mark.parametrize(
    ("path", "scope"),
    [("/2.0/groups", "manage_groups"), ("/2.0/users/303/email_aliases", "manage_managed_users")],
)
def test_app_needs_the_scope_for_what_it_reads(seeded, connect, path, scope):
    with_it, without = (connect(seeded(app={"scopes": [one]})) for one in (scope, "root_readonly"))

    assert [with_it("GET", path).status, without("GET", path).status] == [200, 403]


def test_aliases_are_listed_with_ids_that_stay(admin):
    first, again = (admin("GET", "/2.0/users/303/email_aliases").json for _ in range(2))
    [alias] = first["entries"]

    assert (first, first["total_count"]) == (again, 1)
    assert (alias["email"], alias["is_confirmed"], alias["type"]) == ("al@acme.example", True, "email_alias")


def test_member_of_a_seed_who_is_nobody_is_refused(start, small_seed):
    small_seed["groups"] = [{"name": "Staff", "members": ["nobody@acme.example"]}]

    with pytest.raises(SandboxError, match=r"the group 'Staff' .* 'nobody@acme.example' who is nobody"):
        start(seed=small_seed)


def test_two_groups_of_one_name_are_refused(start, small_seed):
    small_seed["groups"] = [{"name": "Staff"}, {"name": "STAFF"}]

    with pytest.raises(SandboxError, match="two groups have the name"):
        start(seed=small_seed)


@pytest.mark.parametrize(
    "body",
    [
        {"user_ids": ["300", "301"], "user_logins": []},
        {"user_ids": ["300"], "user_logins": ["OTTO@acme.example"]},
        {"user_ids": ["300"], "user_logins": ["mia@acme.example", "otto@acme.example"]},
    ],
)
def test_sessions_end_for_all_who_are_named(small, admin, body):
    reply = admin("POST", SESSIONS, body)
    ended = {one.id for one in small.enterprise.accounts if one.sessions_ended_at}

    assert (reply.status, reply.json) == (202, {"message": DONE})
    assert ended == {"300", "301"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"user_ids": [], "user_logins": []}, "Users can not be NULL or EMPTY"),
        ({"user_ids": [], "user_logins": None}, "Users can not be NULL or EMPTY"),
        ({"user_ids": [300], "user_logins": []}, "User id format is string"),
        (["300"], "Supported payload format is JSON"),
    ],
)
def test_sessions_of_nobody_are_a_400_in_the_words_of_the_reference(small, admin, body, message):
    reply = admin("POST", SESSIONS, body)

    assert (reply.status, reply.json["message"]) == (400, message)
    assert small.enterprise.changes == 0


def test_one_unknown_user_leaves_everybodys_sessions_alone(small, admin):
    reply = admin("POST", SESSIONS, {"user_ids": ["300", "999"], "user_logins": []})

    assert (reply.status, small.enterprise.changes) == (404, 0)


def test_service_account_ends_the_admins_sessions_too(service, admin):
    """github.com/box/box-python-sdk, test/session_termination.py."""
    body = {"user_ids": ["100"], "user_logins": []}

    assert [service("POST", SESSIONS, body).status, admin("POST", SESSIONS, body).status] == [202, 202]


def test_sessions_end_for_all_members_of_groups(start, small_seed, connect):
    small_seed["groups"] = [{"name": "Buyers", "id": "700", "members": ["mia@acme.example", "client-1"]}]
    server = start(seed=small_seed)
    caller, path = connect(server), "/2.0/groups/terminate_sessions"
    replies = [caller("POST", path, {"group_ids": ids}) for ids in (["700"], [], [700], ["999"])]

    assert [reply.status for reply in replies] == [202, 400, 400, 404]
    assert replies[0].json == {"message": DONE}
    assert {one.id for one in server.enterprise.accounts if one.sessions_ended_at} == {"300", "400"}


def test_sessions_can_end_without_an_answer(seeded, connect):
    server = seeded(rules=[{"match": {"path": SESSIONS}, "do": "503_written"}])
    reply = connect(server)("POST", SESSIONS, {"user_ids": ["300"], "user_logins": []})

    assert (reply.status, [line.written for line in server.log]) == (503, ["yes"])


def test_new_ids_are_none_that_a_group_has(start, small_seed, connect):
    small_seed["groups"] = [{"name": "Staff", "id": "90000000000"}]
    made = connect(start(seed=small_seed))("POST", "/2.0/users", {"name": "N", "login": "n@acme.example"})

    assert int(made.json["id"]) > 90000000000


def test_personal_account_that_never_was_ours_is_not_shown(start, small_seed, connect):
    small_seed["elsewhere"][1]["id"] = "501"

    assert connect(start(seed=small_seed))("GET", "/2.0/users/501").status == 404
