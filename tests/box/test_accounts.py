"""Users as Box tells them, decoded into canonical cells: what a page may look like, and what it becomes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.box import accounts
from provision.box.accounts import COLUMNS, FIELDS
from provision.box.answers import PlainPage, raw_page
from provision.model import UserKind
from provision.tracking_codes import codes_of, codes_text
from tests.examples import examples

#: the published API description, beside the repository where there is one
OPENAPI = Path(__file__).parents[3] / "shared" / "box-openapi.json"

#: the example of Box API reference, User (full)
USER: dict[str, Any] = {
    "id": "11446498",
    "type": "user",
    "name": "Aaron Levie",
    "login": "ceo@example.com",
    "role": "admin",
    "status": "active",
    "language": "en",
    "timezone": "Africa/Bujumbura",
    "job_title": "CEO",
    "phone": "6509241374",
    "address": "900 Jefferson Ave",
    "space_amount": 11345156112,
    "is_sync_enabled": True,
    "can_see_managed_users": False,
    "is_external_collab_restricted": True,
    "is_exempt_from_device_limits": True,
    "is_exempt_from_login_verification": False,
    "notification_email": {"email": "notifications@example.com", "is_confirmed": True},
    "tracking_codes": [{"type": "tracking_code", "name": "department", "value": "Sales"}],
    "is_platform_access_only": False,
    "external_app_user_id": None,
    "enterprise": {"type": "enterprise", "id": "27335", "name": "Acme Inc."},
}
CELLS = {
    "box_id": "11446498",
    "login": "ceo@example.com",
    "name": "Aaron Levie",
    "kind": "managed",
    "external_id": "",
    "role": "admin",
    "status": "active",
    "language": "en",
    "timezone": "Africa/Bujumbura",
    "job_title": "CEO",
    "phone": "6509241374",
    "address": "900 Jefferson Ave",
    "space_amount": "11345156112",
    "is_sync_enabled": "true",
    "can_see_managed_users": "false",
    "is_external_collab_restricted": "true",
    "is_exempt_from_device_limits": "true",
    "is_exempt_from_login_verification": "false",
    "notification_email": "notifications@example.com",
    "tracking_codes": '{"department":"Sales"}',
    "enterprise_id": "27335",
    "untold": "",
}


def _cells(user: dict[str, Any]) -> dict[str, str]:
    """Decoded both ways: as an account of its own, and as the only one of a page."""
    alone = accounts.account(json.dumps(user).encode()).cells
    page = accounts.page(raw_page(json.dumps({"entries": [user]}).encode()))
    assert alone == {name: cells[0] for name, cells in page.columns.items()}
    return alone


def test_a_whole_user_becomes_a_cell_for_each_column() -> None:
    assert _cells(USER) == CELLS
    assert tuple(CELLS) == COLUMNS


@pytest.mark.parametrize(
    ("told", "column", "cell"),
    [
        ({"id": 11446498}, "box_id", "11446498"),
        ({"name": None}, "name", ""),
        ({"name": "NA"}, "name", "NA"),
        ({"job_title": 7}, "job_title", "7"),
        ({"role": None}, "role", ""),
        ({"status": "cannot_delete_edit"}, "status", "cannot_delete_edit"),
        ({"space_amount": 999_999_999_999_999}, "space_amount", "-1"),
        ({"space_amount": 1e15}, "space_amount", "-1"),
        ({"space_amount": -1}, "space_amount", "-1"),
        ({"space_amount": 10737418240.0}, "space_amount", "10737418240"),
        ({"space_amount": "10737418240"}, "space_amount", "10737418240"),
        ({"space_amount": None}, "space_amount", ""),
        ({"notification_email": []}, "notification_email", ""),
        ({"notification_email": None}, "notification_email", ""),
        ({"notification_email": {"email": None}}, "notification_email", ""),
        ({"tracking_codes": []}, "tracking_codes", ""),
        ({"tracking_codes": None}, "tracking_codes", ""),
        ({"tracking_codes": [{"name": "b", "value": "2"}, {"name": "a", "value": 1}]}, "tracking_codes",
         '{"a":"1","b":"2"}'),
        ({"tracking_codes": [{"name": "empty", "value": ""}, {"value": "nameless"}]}, "tracking_codes", ""),
        ({"is_platform_access_only": True}, "kind", "app"),
        ({"is_platform_access_only": None}, "kind", ""),
        ({"login": "AppUser_1_x@boxdevedition.com", "is_platform_access_only": None}, "kind", "app"),
        ({"external_app_user_id": "007"}, "external_id", "007"),
        ({"external_app_user_id": 7}, "external_id", "7"),
        ({"enterprise": None}, "enterprise_id", ""),
        ({"enterprise": {"id": 27335}}, "enterprise_id", "27335"),
        ({"is_sync_enabled": None}, "is_sync_enabled", ""),
        ({"of_next_year": {"x": [1]}}, "name", "Aaron Levie"),
    ],
)  # fmt: skip
def test_odd_values_become_canonical_text(told: dict[str, Any], column: str, cell: str) -> None:
    assert _cells({**USER, **told})[column] == cell


@pytest.mark.parametrize(("left_out", "column", "cell"), [("enterprise", "enterprise_id", "?"), ("role", "role", ""),
                                                         ("is_platform_access_only", "kind", "")])  # fmt: skip
def test_what_was_not_read_is_not_taken_for_something_else(left_out: str, column: str, cell: str) -> None:
    assert _cells({name: value for name, value in USER.items() if name != left_out})[column] == cell


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"id": null}', b'{"id": ["1"]}', b"<html>", b'{"id":"1"']
)
def test_what_is_no_user_is_refused(body: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        accounts.account(body)


@pytest.mark.parametrize(
    ("told", "marker", "limit"),
    [
        ({}, "", 0),
        ({"next_marker": None, "limit": 1000}, "", 1000),
        ({"next_marker": ""}, "", 0),
        ({"next_marker": "abc", "limit": 100}, "abc", 100),
        ({"next_marker": 12}, "12", 0),
    ],
)
def test_a_page_tells_the_next_marker_and_the_size_box_used(
    told: dict[str, Any], marker: str, limit: int
) -> None:
    page = accounts.page(raw_page(json.dumps({"entries": [], **told}).encode()))

    assert (page.marker, page.limit, len(page)) == (marker, limit, 0)
    assert tuple(page.columns) == COLUMNS


@pytest.mark.parametrize("body", [b"{}", b'{"entries": null}'])
def test_a_page_without_entries_is_told_from_an_empty_one(body: bytes) -> None:
    assert raw_page(body).entries is None


_WORD = (
    st.sampled_from([None, "", "x", "AppUser_7_x@boxdevedition.com", 'a "null" \n\u2028 \x00', "日本"])
    | st.text()
)
_ODD = st.sampled_from([7, 0, True, 1.5, 1e15])
_CODE = st.fixed_dictionaries({}, optional={"name": _WORD, "value": _WORD, "type": st.just("tracking_code")})
_PLAIN_USER = st.fixed_dictionaries(
    {"id": st.text(min_size=1) | st.integers()},
    optional={name: _WORD for name in FIELDS if name in {*COLUMNS, "external_app_user_id"} - {"space_amount"}}
    | {name: st.none() | st.booleans() for name in FIELDS if name.startswith(("is_", "can_"))}
    | {
        "space_amount": st.sampled_from([None, "", 0, -0.0, 1, 1.0, -1, 1e15, 1.5, 10**30, "10737418240"]),
        "notification_email": st.none() | st.just([]) | st.fixed_dictionaries({}, optional={"email": _WORD}),
        "tracking_codes": st.none() | st.lists(_CODE, max_size=4),
        "enterprise": st.none() | st.fixed_dictionaries({}, optional={"id": _WORD}),
    },
)
#: one value that Box does not document, which makes the whole page an odd one
_ODDITY = st.one_of(
    st.builds(lambda told: {"login": told}, _ODD),
    st.builds(lambda told: {"is_sync_enabled": told}, st.sampled_from([0, 1, "true", 1.5])),
    st.builds(lambda told: {"space_amount": told}, st.booleans()),
    st.builds(lambda told: {"tracking_codes": [{"name": "a", "value": told}]}, _ODD),
    st.builds(lambda told: {"enterprise": {"id": told}}, _ODD),
    st.builds(lambda told: {"notification_email": told}, st.just(["x"]) | _ODD),
)


@examples()
@given(st.lists(_PLAIN_USER, max_size=5), st.none() | _ODDITY)
def test_a_page_tells_of_each_user_what_an_answer_about_that_user_alone_tells(
    users: list[dict[str, Any]], oddity: dict[str, Any] | None
) -> None:
    if oddity:
        users = [*users, {"id": "1", **oddity}]
    raw = raw_page(json.dumps({"entries": users}).encode())

    assert isinstance(raw, PlainPage) is not bool(oddity)
    alone = [accounts.account(json.dumps(user).encode()).cells for user in users]
    assert [account.cells for account in accounts.accounts_on(accounts.page(raw))] == alone
    assert {type(cell) for cells in accounts.page(raw).columns.values() for cell in cells} <= {str, UserKind}


@pytest.mark.parametrize(
    ("codes", "cell"),
    [
        ([{"name": "a", "value": "1"}, {"name": "a", "value": "2"}], '{"a":"2"}'),
        ([{"name": "a", "value": "1"}, {"name": "a", "value": ""}], ""),
        ([{"name": "a", "value": "1"}, {"name": None, "value": "x"}, {"name": "b"}], '{"a":"1"}'),
        ([{"name": "ﬀ", "value": "1"}, {"name": "😀", "value": "2"}, {"name": "Z", "value": "3"}],
         '{"Z":"3","ﬀ":"1","😀":"2"}'),
    ],
)  # fmt: skip
def test_tracking_codes_told_twice_or_in_part_are_those_told_last(codes: Any, cell: str) -> None:
    assert _cells({**USER, "tracking_codes": codes})["tracking_codes"] == cell


@examples()
@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1)))
def test_tracking_codes_read_back_as_they_were_written(codes: dict[str, str]) -> None:
    assert codes_of(codes_text(codes)) == codes


def test_every_field_asked_for_is_documented() -> None:
    if not OPENAPI.exists():
        pytest.skip("the published API description is not at hand")
    schemas = json.loads(OPENAPI.read_text(encoding="utf-8"))["components"]["schemas"]
    documented = {name for tier in _tiers(schemas, "User--Full") for name in tier.get("properties", {})}

    assert set(FIELDS) <= documented


def _tiers(schemas: dict[str, Any], name: str) -> list[dict[str, Any]]:
    schema = schemas[name]
    found = [schema]
    for part in schema.get("allOf", []):
        found += _tiers(schemas, part["$ref"].rsplit("/", 1)[1]) if "$ref" in part else [part]
    return found
