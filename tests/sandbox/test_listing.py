"""GET /users: pages, filters, and who is left out."""

from __future__ import annotations

import pytest


def ids(reply):
    return [user["id"] for user in reply.json["entries"]]


def all_by_marker(caller, query):
    found, marker = [], ""
    while marker is not None:
        page = caller("GET", f"/2.0/users?usemarker=true&marker={marker}&{query}").json
        found += [user["id"] for user in page["entries"]]
        marker = page["next_marker"]
    return found


def test_listing_has_managed_and_app_users_but_no_service_account(admin):
    """github.com/box/box-windows-sdk-v2, issue 694; box-python-sdk, issue 422."""
    found = set(ids(admin("GET", "/2.0/users?limit=1000&user_type=managed")))

    assert found == {"100", "200", "201", "300", "301", "302", "303", "400", "401"}


def test_page_by_offset_has_its_keys_in_order(admin):
    """github.com/box/boxcli, test/fixtures/users/get_users_page_1.json."""
    page = admin("GET", "/2.0/users?limit=3&offset=3").json

    assert list(page) == ["total_count", "entries", "limit", "offset"]
    assert (len(page["entries"]), page["limit"], page["offset"]) == (3, 3, 3)


def test_page_by_marker_has_no_total(admin):
    """Box guide, Marker-based pagination."""
    page = admin("GET", "/2.0/users?limit=3&usemarker=True").json

    assert {"total_count", "offset"}.isdisjoint(page)
    assert page["next_marker"]


@pytest.mark.parametrize("limit", [1, 2, 4, 9, 10, 1000])
def test_markers_lead_through_everybody_once(admin, limit):
    whole = ids(admin("GET", "/2.0/users?limit=1000"))

    assert all_by_marker(admin, f"limit={limit}") == whole


def test_deletion_and_creation_between_pages_lose_nobody_else(admin):
    first = admin("GET", "/2.0/users?limit=3&usemarker=true").json
    gone = first["entries"][-1]["id"]
    admin("DELETE", f"/2.0/users/{gone}?force=true")
    admin("POST", "/2.0/users", {"name": "Aaron", "login": "aaron@acme.example"})

    rest = admin("GET", f"/2.0/users?limit=1000&usemarker=true&marker={first['next_marker']}")

    seen = {user["id"] for user in first["entries"]} | set(ids(rest))
    assert seen >= {"100", "200", "201", "300", "301", "302", "303", "400", "401"}


@pytest.mark.parametrize(("choice", "end"), [("null", None), ("empty", "")])
def test_last_page_has_a_marker_of_nothing(seeded, connect, choice, end):
    """Box guide, Marker-based pagination has null; recorded answers have ""."""
    caller = connect(seeded(choices={"last_marker": choice}))

    assert caller("GET", "/2.0/users?usemarker=true&limit=1000").json["next_marker"] == end


def test_marker_with_a_filter_never_ends(admin):
    """github.com/box/boxcli, src/modules/user.js: `next_marker` is never null, so it pages by offset."""
    path = "/2.0/users?usemarker=true&filter_term=Mia&limit=10"
    first = admin("GET", path).json
    second = admin("GET", f"{path}&marker={first['next_marker']}").json

    assert (len(first["entries"]), len(second["entries"])) == (1, 0)
    assert second["next_marker"]


def test_marker_with_an_external_id_can_answer_null(seeded, connect):
    """github.com/box/box-windows-sdk-v2, issue 948."""
    caller = connect(seeded(choices={"external_id_with_marker_is_null": True}))

    page = caller("GET", "/2.0/users?usemarker=true&external_app_user_id=client-1").json

    assert page["entries"] is None


@pytest.mark.parametrize(("asked", "effective"), [("1001", 1000), ("999999", 1000), ("7", 7)])
def test_limit_too_large_is_cut_and_told(admin, asked, effective):
    """Box guide, Offset-based pagination."""
    assert admin("GET", f"/2.0/users?limit={asked}").json["limit"] == effective


@pytest.mark.parametrize(("query", "code"), [("limit=ten", "invalid_limit"), ("offset=-1", "invalid_offset")])
def test_numbers_that_are_none_are_refused(admin, query, code):
    """Box guide, Common errors."""
    reply = admin("GET", f"/2.0/users?{query}")

    assert (reply.status, reply.json["code"]) == (400, code)


@pytest.mark.parametrize(("offset", "status"), [(10_000, 200), (10_001, 400)])
def test_offset_ends_at_ten_thousand(admin, offset, status):
    """API reference, GET /users, `offset`."""
    assert admin("GET", f"/2.0/users?offset={offset}").status == status


def test_marker_of_nowhere_is_refused(admin):
    assert admin("GET", "/2.0/users?usemarker=true&marker=nonsense").status == 400


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("Mia", {"300"}),
        ("mia%40acme", {"300"}),
        ("co", {"200", "201"}),
        ("Client", {"400", "401"}),
        ("anaged", set()),
        ("AppUser_", {"400", "401"}),
        ("Mia+Man", {"300"}),
    ],
)
def test_filter_is_a_prefix_of_name_or_login(admin, term, found):
    """API reference, GET /users, `filter_term`."""
    assert set(ids(admin("GET", f"/2.0/users?filter_term={term}"))) == found


def test_filter_without_a_hit_is_an_empty_page(admin):
    page = admin("GET", "/2.0/users?filter_term=nobody").json

    assert (page["total_count"], page["entries"]) == (0, [])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filter_term=guest%40partner.example&user_type=external", ["500"]),
        ("filter_term=Guest%40Partner.example&user_type=all", ["500"]),
        ("filter_term=guest%40partner.example&user_type=managed", []),
        ("filter_term=guest&user_type=external", []),
        ("user_type=external", []),
        ("filter_term=private%40mail.example&user_type=all", []),
    ],
)
def test_external_user_is_found_by_the_whole_login_only(admin, query, found):
    """API reference, GET /users; github.com/box/box-python-sdk, issue 632; boxcli, issue 135."""
    assert ids(admin("GET", f"/2.0/users?{query}")) == found


@pytest.mark.parametrize(("external_id", "found"), [("client-1", ["400"]), ("client", []), ("CLIENT-1", [])])
def test_external_app_user_id_is_compared_exactly(admin, external_id, found):
    """API reference, GET /users, `external_app_user_id`."""
    assert ids(admin("GET", f"/2.0/users?external_app_user_id={external_id}")) == found


def test_users_of_other_apps_leave_pages_short(admin):
    """github.com/box/box-windows-sdk-v2, issue 599: filtered after paging."""
    pages = [admin("GET", f"/2.0/users?limit=1&offset={offset}").json for offset in range(10)]

    assert [len(page["entries"]) for page in pages].count(0) == 1
    assert {page["total_count"] for page in pages} == {10}


def test_new_user_can_be_slow_to_show(seeded, connect, clock):
    caller = connect(seeded(choices={"listing_delay": 3}))
    made = caller("POST", "/2.0/users", {"name": "Nia", "login": "nia@acme.example"}).json["id"]

    before = ids(caller("GET", "/2.0/users?filter_term=nia"))
    clock.move(4)

    assert (before, ids(caller("GET", "/2.0/users?filter_term=nia"))) == ([], [made])


@pytest.mark.parametrize("order", ["name", "id"])
def test_renamed_user_stays_listed_once(seeded, connect, order):
    caller = connect(seeded(choices={"listing_order": order}))
    caller("GET", "/2.0/users")
    caller("PUT", "/2.0/users/300", {"name": "Zora"})
    caller("PUT", "/2.0/users/100", {"name": "Zora"})

    found = all_by_marker(caller, "limit=1")

    assert sorted(found) == ["100", "200", "201", "300", "301", "302", "303", "400", "401"]


def test_thousands_of_users_are_listed_whole(start, connect):
    caller = connect(start(users=3000, choices={"default_limit": 1000}))

    assert len(set(all_by_marker(caller, "fields=name,login"))) == 3001


def test_unknown_user_type_is_refused(admin):
    assert admin("GET", "/2.0/users?user_type=app").status == 400
