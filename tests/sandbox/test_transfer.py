"""Transfers of owned content: at once, in the background, refused; and who may be deleted before and after."""

from __future__ import annotations

import pytest

from provision.sandbox import Options, serve

OWNER, HEIR, SERVICE = "301", "300", "27999000000"
LANDING = "otto@acme.example - Otto Owner's Files and Folders"


@pytest.fixture
def owning(start, small_seed):
    """Starts the small enterprise with an owner of three files, a folder and some bytes."""
    owner = next(user for user in small_seed["users"] if user["id"] == OWNER)
    owner |= {"files": 3, "folders": ["Projects"], "space_used": 4096}

    def go(**options):
        return start(seed=small_seed, **options)

    return go


def transfer(caller, source=OWNER, to=HEIR, query=""):
    return caller("PUT", f"/2.0/users/{source}/folders/0{query}", {"owned_by": {"id": to}})


def names(caller, folder="0", user=OWNER):
    entries = caller("GET", f"/2.0/folders/{folder}/items", As_User=user).json["entries"]
    return [one["name"] for one in entries]


def space(caller, user=OWNER):
    return caller("GET", f"/2.0/users/{user}?fields=space_used").json["space_used"]


FILES = ["Document 1.txt", "Document 2.txt", "Document 3.txt"]


def test_root_shows_what_the_seed_gives_an_account(owning, connect):
    caller = connect(owning())

    assert names(caller) == ["Projects", *FILES]
    assert space(caller) == 4096


def test_transfer_moves_everything_into_a_new_folder_of_the_destination(owning, connect):
    """API reference, PUT /users/{id}/folders/0; the name as the deprovisioning guide and Box CLI have it."""
    caller = connect(owning())
    reply = transfer(caller, query="?notify=False")
    folder = reply.json["id"]

    assert reply.status == 200
    assert (reply.json["name"], reply.json["parent"]["id"], reply.json["owned_by"]["id"]) == (
        LANDING,
        "0",
        HEIR,
    )
    assert (names(caller), space(caller)) == ([], 0)
    assert (names(caller, "0", HEIR), names(caller, folder, HEIR)) == ([LANDING], ["Projects", *FILES])
    assert space(caller, HEIR) == 4096


def test_files_keep_their_ids(owning, connect):
    caller = connect(owning())

    def ids(folder, user):
        entries = caller("GET", f"/2.0/folders/{folder}/items?fields=id", As_User=user).json["entries"]
        return [one["id"] for one in entries]

    before = ids("0", OWNER)
    assert ids(transfer(caller).json["id"], HEIR) == before


def test_transfer_of_nothing_makes_a_folder_all_the_same(service):
    """github.com/box/box-python-sdk, test/transfer.py: a fresh app user's root goes to the service account."""
    reply = transfer(service, "400", SERVICE)

    assert (reply.status, reply.json["owned_by"]["id"], reply.json["item_collection"]["total_count"]) == (
        200,
        SERVICE,
        0,
    )


def test_long_transfer_answers_at_once_and_goes_on(owning, connect, clock):
    """API reference: 200 after ten minutes, the operation continues, and no call tells when it ends."""
    caller = connect(owning(choices={"transfer_seconds": 900}))
    folder = transfer(caller).json["id"]
    clock.move(899)

    assert (len(names(caller)), space(caller), names(caller, folder, HEIR)) == (4, 4096, [])
    assert caller("DELETE", f"/2.0/users/{OWNER}").status == 403

    clock.move(1)
    assert (names(caller), space(caller), len(names(caller, folder, HEIR))) == ([], 0, 4)
    assert caller("DELETE", f"/2.0/users/{OWNER}").status == 204


def test_transfer_can_end_after_so_many_looks(owning, connect):
    caller = connect(owning(choices={"transfer_looks": 3}))
    transfer(caller)
    seen = [space(caller), len(names(caller)), caller("DELETE", f"/2.0/users/{OWNER}").status, space(caller)]

    assert seen == [4096, 4, 403, 0]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"fault": "html_error", "status": 504, "written": True}, 504),
        ({"fault": "503_written"}, 503),
    ],
)
def test_transfer_that_seems_to_fail_can_go_on(owning, connect, clock, fault, status):
    """Box help centre, article 360044192173: a gateway's 504 after a minute, while the work goes on."""
    rules = [{"match": {"path": "^/2.0/users/[0-9]+/folders/0$"}, "do": fault}]
    caller = connect(owning(rules=rules, choices={"transfer_seconds": 900}))

    assert transfer(caller).status == status
    assert space(caller) == 4096
    clock.move(900)
    assert (space(caller), names(caller, "0", HEIR)) == (0, [LANDING])


def test_gateways_page_without_the_switch_means_that_nothing_happened(owning, connect):
    rules = [{"match": {"method": "PUT"}, "do": {"fault": "html_error", "status": 504}}]
    caller = connect(owning(rules=rules))

    assert transfer(caller).status == 504
    assert (space(caller), names(caller, "0", HEIR)) == (4096, [])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"/2.0/users/{OWNER}/folders/0", {"owned_by": {"id": "302"}}),
        ("PUT", "/2.0/users/302/folders/0", {"owned_by": {"id": OWNER}}),
        ("PUT", f"/2.0/users/{HEIR}/folders/0", {"owned_by": {"id": "302"}}),
        ("DELETE", f"/2.0/users/{OWNER}?force=true", None),
        ("DELETE", f"/2.0/users/{HEIR}?force=true", None),
        ("PUT", f"/2.0/users/{OWNER}", {"enterprise": None}),
    ],
)
def test_who_takes_part_in_a_transfer_is_locked(owning, connect, clock, method, path, body):
    """github.com/box/box-java-sdk, issue 556, has the words; status and code are choices."""
    words = {"locked_user_status": 409, "locked_user_code": "locked"}
    plain = connect(owning(choices={"transfer_seconds": 60}))
    other = connect(owning(choices={"transfer_seconds": 60, **words}))
    for caller in (plain, other):
        transfer(caller)
    refused = [caller(method, path, body).json for caller in (plain, other)]

    assert [(one["status"], one["code"], one["message"]) for one in refused] == [
        (403, "forbidden", "User is locked"),
        (409, "locked", "User is locked"),
    ]
    clock.move(60)
    assert plain(method, path, body).status in (200, 204)


def test_two_leavers_can_go_to_one_heir_at_once(owning, connect, clock):
    caller = connect(owning(choices={"transfer_seconds": 60}))

    assert [transfer(caller, OWNER).status, transfer(caller, "302").status] == [200, 200]
    clock.move(60)
    assert len(names(caller, "0", HEIR)) == 2


@pytest.mark.parametrize(
    ("choice", "shown"), [("new_folder", [LANDING, f"{LANDING} (1)"]), ("same_folder", [LANDING])]
)
def test_second_transfer_goes_where_the_choice_says(owning, connect, choice, shown):
    caller = connect(owning(choices={"repeated_transfer": choice}))
    for _ in range(2):
        transfer(caller)

    assert names(caller, "0", HEIR) == shown


@pytest.mark.parametrize(
    ("choice", "statuses"), [("nobody", [200, 200]), ("source", [403, 200]), ("destination", [200, 403])]
)
def test_inactive_account_in_a_transfer_is_a_switch(owning, connect, choice, statuses):
    caller = connect(owning(choices={"inactive_refused_as": choice}))

    assert [transfer(caller, "302", HEIR).status, transfer(caller, OWNER, "302").status] == statuses


@pytest.mark.parametrize(("source", "to"), [("100", HEIR), ("200", HEIR), (OWNER, "100"), (OWNER, "200")])
def test_service_account_neither_takes_from_nor_gives_to_the_higher_privileged(
    owning, connect, sign_in, source, to
):
    """API reference: only from and to managed users, or oneself."""
    plain, other = owning(), owning(choices={"privileged_transfer_code": "oops"})
    refused = [transfer(connect(one, sign_in(one)), source, to) for one in (plain, other)]

    assert [one.json["code"] for one in refused] == ["access_denied_insufficient_permissions", "oops"]
    assert {one.json["message"] for one in refused} == {
        "Cannot transfer files from/to higher privileged accounts"
    }


def test_admin_may_transfer_from_a_co_admin(owning, connect):
    assert transfer(connect(owning()), "200", HEIR).status == 200


def test_plain_user_transfers_nothing(owning, connect, sign_in):
    server = owning()

    assert transfer(connect(server, sign_in(server, HEIR)), OWNER, HEIR).status == 403


@pytest.mark.parametrize("body", [{}, {"owned_by": {}}, {"owned_by": "300"}, {"owned_by": {"id": 300}}])
def test_transfer_without_a_destination_is_a_400(admin, body):
    assert admin("PUT", f"/2.0/users/{OWNER}/folders/0", body).status == 400


def test_external_account_and_other_apps_user_are_no_destination(admin):
    assert [transfer(admin, OWNER, to).status for to in ("500", "402")] == [404, 404]


def test_app_without_the_content_scope_transfers_nothing(seeded, connect):
    """API reference: the application needs "Read and write all files and folders"."""
    server = seeded(app={"scopes": ["manage_managed_users", "manage_app_users"]})

    assert transfer(connect(server)).status == 403
    assert connect(server)("GET", "/2.0/folders/0/items").status == 403


@pytest.mark.parametrize(("locked", "statuses"), [(True, [409, 409]), (False, [200, 409])])
def test_new_folder_is_locked_while_the_transfer_goes_on(owning, connect, clock, locked, statuses):
    """409 operation_blocked_temporary: API reference, PUT /folders; for a transfer a choice."""
    caller = connect(owning(choices={"transfer_seconds": 60, "folder_locked_meanwhile": locked}))
    path = f"/2.0/folders/{transfer(caller).json['id']}"
    moved = caller("PUT", path, {"name": "Archive"}, As_User=HEIR)
    removed = caller("DELETE", path, As_User=HEIR)

    assert [moved.status, removed.status] == statuses
    clock.move(60)
    assert (names(caller), space(caller)) == ([], 0)


def test_state_file_keeps_folders_and_a_transfer_under_way(tmp_path, small_seed, clock, connect, owning):
    state, choices = tmp_path / "state", {"transfer_seconds": 900}
    with owning(state=state, choices=choices) as server:
        caller = connect(server)
        transfer(caller)
        caller.close()
    with serve(Options(state=state), clock) as again:
        caller = connect(again)
        before = (space(caller), names(caller), caller("DELETE", f"/2.0/users/{OWNER}").status)
        clock.move(900)
        after = (space(caller), names(caller), names(caller, "0", HEIR))
        caller.close()
    with serve(Options(state=state), clock) as last:
        caller = connect(last)
        kept = (space(caller), names(caller), names(caller, "0", HEIR))
        caller.close()

    assert before == (4096, ["Projects", *FILES], 403)
    assert after == kept == (0, [], [LANDING])


def test_look_is_charged_to_the_account_that_is_looked_at(owning, connect):
    """Box guide, Rate limits: per user; for As-User a choice."""
    caller = connect(owning(rate_limit=(2, 60)))
    looks = [caller("GET", "/2.0/folders/0/items", As_User=OWNER).status for _ in range(3)]

    assert looks == [200, 200, 429]
    assert caller("GET", "/2.0/folders/0/items", As_User=HEIR).status == 200


def test_inactive_account_cannot_be_looked_at(admin):
    """github.com/box/box-java-sdk, issue 483: As-User on an inactive user is refused."""
    assert admin("GET", "/2.0/folders/0/items", As_User="302").status == 403


def test_who_owns_only_a_folder_owns_content(admin):
    made = admin("POST", "/2.0/folders", {"name": "Mine", "parent": {"id": "0"}}, As_User=HEIR)

    assert admin("DELETE", f"/2.0/users/{HEIR}").status == 403
    assert admin("DELETE", f"/2.0/folders/{made.json['id']}", As_User=HEIR).status == 204
    assert admin("DELETE", f"/2.0/users/{HEIR}").status == 204


def test_retention_refuses_a_forced_deletion_until_the_content_is_transferred(start, small_seed, connect):
    """Box help centre, article 33282413279635."""
    small_seed["enterprise"]["retention_policies"] = True
    caller = connect(start(seed=small_seed))
    before = caller("DELETE", f"/2.0/users/{OWNER}?force=true").status
    transfer(caller)

    assert (before, caller("DELETE", f"/2.0/users/{OWNER}").status) == (403, 204)


@pytest.mark.parametrize(("named", "says"), [(False, "owning content"), (True, "retention policies")])
def test_retention_can_be_named_without_force_as_well(start, small_seed, connect, named, says):
    small_seed["enterprise"]["retention_policies"] = True
    caller = connect(start(seed=small_seed, choices={"retention_refuses_unforced": named}))

    assert says in caller("DELETE", f"/2.0/users/{OWNER}").json["message"]


def test_what_the_destination_had_stays_and_nested_folders_stay_nested(owning, small_seed, connect):
    small_seed["users"][2] |= {"space_used": 1000}
    caller = connect(owning())
    projects = caller("GET", "/2.0/folders/0/items", As_User=OWNER).json["entries"][0]["id"]
    caller("POST", "/2.0/folders", {"name": "Deep", "parent": {"id": projects}}, As_User=OWNER)
    folder = transfer(caller).json["id"]

    assert space(caller, HEIR) == 5096
    assert names(caller, folder, HEIR) == ["Projects", *FILES]
    assert names(caller, projects, HEIR) == ["Deep"]


def test_looks_are_counted_on_after_a_restart(owning, connect, clock, tmp_path):
    state, seen = tmp_path / "state", []
    with owning(state=state, choices={"transfer_looks": 2}) as server:
        caller = connect(server)
        transfer(caller)
        seen.append(space(caller))
        caller.close()
    with serve(Options(state=state), clock) as again:
        caller = connect(again)
        seen += [space(caller), space(caller)]
        caller.close()

    assert seen == [4096, 4096, 0]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", f"/2.0/users/{OWNER}?force=true", None),
        ("PUT", f"/2.0/users/{OWNER}", {"enterprise": None}),
    ],
)
def test_folders_go_with_their_owner(owning, connect, method, path, body):
    server = owning()
    before = [one.name for one in server.enterprise.content]
    connect(server)(method, path, body)

    assert (before, list(server.enterprise.content)) == (["Projects"], [])
