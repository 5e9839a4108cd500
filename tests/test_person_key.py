"""One person, one key: how somebody is named for people, compared, and named in ids, one at a time and in whole columns."""

from __future__ import annotations

import hashlib

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.frames import compared, written
from provision.model import PersonKey

from .examples import examples

MADE = "AppUser_7_0000000001@boxdevedition.com"


def digest(login: str) -> str:
    return f"login={hashlib.sha256(login.encode()).hexdigest()[:16]}"


@pytest.mark.parametrize(
    ("key", "named", "subject", "anchor"),
    [
        (PersonKey("managed", "E1", "Mia@acme.example", "11"), "Mia@acme.example", "11", "11"),
        (PersonKey("managed", "E1", "Mia@acme.example"), "Mia@acme.example", digest("mia@acme.example"), "E1"),
        (PersonKey("managed", "E1", "", "11"), "E1", "11", "11"),
        (PersonKey("managed", "", "", "11"), "11", "11", "11"),
        (PersonKey("managed", "", "Mia@acme.example"), "Mia@acme.example", digest("mia@acme.example"), "Mia@acme.example"),
        (PersonKey("app", "client:1", MADE, "11"), "client:1", "client%3A1", "11"),
        (PersonKey("app", "50%", MADE), "50%", "50%25", "50%"),
        (PersonKey("app", "", MADE, "11"), "11", "11", "11"),
        (PersonKey("app", "client-1", "own@acme.example"), "client-1", "client-1", "client-1"),
        (PersonKey("app", "", "own@acme.example"), "own@acme.example", digest("own@acme.example"), "own@acme.example"),
        (PersonKey("app", "", MADE, "", 4), "row 4", digest(MADE.lower()), MADE),
        (PersonKey("", "client-1", MADE, "11"), "client-1", "client-1", "11"),
        (PersonKey("", "E1", "mia@acme.example", "11"), "mia@acme.example", "11", "11"),
        (PersonKey("managed", "", "", "", 12), "row 12", digest(""), ""),
        (PersonKey("managed"), "", digest(""), ""),
    ],
)  # fmt: skip
def test_one_key_names_somebody_in_every_place(key, named, subject, anchor):
    assert (key.written, key.subject, key.anchor) == (named, subject, anchor)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            PersonKey("managed", "E1", " Mia@ACME.example"),
            PersonKey("managed", "E2", "mia@acme.example", "11"),
            True,
        ),
        (PersonKey("managed", "E1", "mia@acme.example"), PersonKey("", "", "mia@acme.example"), True),
        (
            PersonKey("managed", "E1", "mia@acme.example"),
            PersonKey("managed", "E1", "otto@acme.example"),
            False,
        ),
        (PersonKey("app", "c1"), PersonKey("app", "c1", MADE, "11"), True),
        (PersonKey("app", "c1"), PersonKey("app", "C1"), False),
        (PersonKey("app", "c1"), PersonKey("managed", "c1", "c1"), False),
        (PersonKey("app", "", "x@acme.example"), PersonKey("managed", "", "x@acme.example"), False),
        (PersonKey("app", "", MADE), PersonKey("", "", MADE), True),
    ],
)
def test_a_login_is_compared_folded_and_an_external_id_as_it_is(one, other, same):
    assert (one.compared == other.compared) is same
    assert one.compared != ""


def test_who_has_no_key_is_compared_with_nobody():
    assert (PersonKey("managed", "E1").compared, PersonKey("app").compared) == ("", "")


TEXT = st.sampled_from(
    ["", "E1", "c1", "11", "Mia@ACME.example", "ZOË@acme.example", " own@acme.example", MADE]
)
PEOPLE = st.lists(
    st.tuples(st.sampled_from(["managed", "app", ""]), TEXT, TEXT, TEXT, st.integers(0, 3)), max_size=8
)


@given(PEOPLE, st.booleans())
@examples(60)
def test_whole_columns_follow_the_same_rules(people, folded_before):
    names = ["kind", "external_id", "login", "box_id", "line"]
    types = dict.fromkeys(names[:-1], "str") | {"line": "int64"}
    frame = pd.DataFrame(people, columns=names).astype(types)
    if folded_before:
        frame["login_key"] = frame["login"].str.strip().str.lower()
    keys = [PersonKey(*cells) for cells in people]

    assert written(frame).tolist() == [key.written for key in keys]
    assert compared(frame).tolist() == [key.compared for key in keys]


def test_columns_that_are_missing_name_nobody():
    frame = pd.DataFrame(
        {"kind": ["app", "managed"], "external_id": ["", ""], "login": [MADE, ""]}, dtype="str"
    )

    assert written(frame).tolist() == [MADE, ""]
