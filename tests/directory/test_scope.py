"""Whom a job may touch, and why not the others."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.batches import Held
from provision.box.accounts import COLUMNS, Whoami
from provision.directory.fingerprint import fingerprint, summed
from provision.directory.scope import Directory, UserCounts, login_in_scope, survey
from provision.job.settings import Scope
from provision.model import UserKind
from provision.report.sentences.reasons import reason_words
from tests.examples import examples

ME = Whoami("9", "27335")
MANAGED, APP = frozenset({UserKind.MANAGED}), frozenset({UserKind.APP})
PLAIN = dict.fromkeys(COLUMNS, "") | {
    "box_id": "1", "login": "Mia@Acme.example", "kind": "managed", "role": "user", "enterprise_id": "27335",
}  # fmt: skip
CLIENT = PLAIN | {"login": "AppUser_1_x@boxdevedition.com", "kind": "app", "external_id": "C-1"}


def _survey(*users: dict[str, str], kinds: frozenset[UserKind] = MANAGED, **scope: list[str]) -> Directory:
    frame = pd.DataFrame(list(users), columns=list(COLUMNS), dtype="str")
    return survey(Held(frame), Scope.model_validate(scope), kinds, ME)


@pytest.mark.parametrize(
    ("user", "kinds", "domains", "inside"),
    [
        (PLAIN, MANAGED, [], True),
        (PLAIN, APP, [], False),
        (PLAIN, MANAGED | APP, [], True),
        (PLAIN, MANAGED, ["ACME.example"], True),
        (PLAIN, MANAGED, ["cme.example"], False),
        (PLAIN, MANAGED, ["other.example"], False),
        (PLAIN | {"login": "mia@sub.acme.example"}, MANAGED, ["acme.example"], False),
        (PLAIN | {"login": "acme.example"}, MANAGED, ["acme.example"], True),
        (PLAIN | {"login": ""}, MANAGED, ["acme.example"], False),
        (PLAIN | {"enterprise_id": ""}, MANAGED, [], False),
        (PLAIN | {"enterprise_id": "1"}, MANAGED, [], False),
        (PLAIN | {"enterprise_id": "?"}, MANAGED, [], True),
        (CLIENT, APP, [], True),
        (CLIENT, APP, ["acme.example"], True),
        (CLIENT, MANAGED, [], False),
        (CLIENT | {"enterprise_id": ""}, APP, [], False),
    ],
)
def test_scope_is_the_enterprise_the_kinds_and_for_managed_users_the_domains(
    user: dict[str, str], kinds: frozenset[UserKind], domains: list[str], inside: bool
) -> None:
    frame = _survey(user, kinds=kinds, domains=domains).frame

    assert frame["in_scope"].tolist() == [inside]


@pytest.mark.parametrize(
    ("user", "patterns", "why"),
    [
        (PLAIN, [], ""),
        (CLIENT, [], ""),
        (PLAIN | {"box_id": "9"}, [], "the account behind this sign-in"),
        (CLIENT | {"box_id": "9"}, [], "the account behind this sign-in"),
        (PLAIN | {"login": "AutomationUser_1_x@boxdevedition.com"}, [], "a service account"),
        (PLAIN | {"role": "admin"}, [], "the enterprise's admin"),
        (PLAIN | {"role": "coadmin"}, [], "a co-admin"),
        (PLAIN | {"kind": ""}, [], "Box did not say what kind of user this is"),
        (
            PLAIN | {"role": ""},
            [],
            "Box did not say this user's role, or says one that this program does not know",
        ),
        (
            PLAIN | {"role": "group_owner"},
            [],
            "Box did not say this user's role, or says one that this program does not know",
        ),
        (
            CLIENT | {"role": ""},
            [],
            "Box did not say this user's role, or says one that this program does not know",
        ),
        (PLAIN, ["mia@acme.example"], "scope.protect"),
        (PLAIN, ["MIA@*"], "scope.protect"),
        (PLAIN, ["*@acme.example"], "scope.protect"),
        (PLAIN, ["m?a@acme.*"], "scope.protect"),
        (PLAIN, ["*a*c*e*"], "scope.protect"),
        (PLAIN, ["acme"], ""),
        (PLAIN, ["mia@acme.exampl"], ""),
        (PLAIN, ["mia@acmeXexample"], ""),
        (PLAIN, ["[m]ia@acme.example", "(mia|x)@acme.example", "mia@acme.example|x"], ""),
        (PLAIN | {"login": "[x]+y@acme.example"}, ["[x]+y@*"], "scope.protect"),
        (CLIENT, ["c-*"], "scope.protect"),
        (PLAIN | {"external_id": "E1"}, ["e?"], "scope.protect"),
        (PLAIN | {"login": "ZOË.Weiß@acme.example"}, ["zoë.weiß@*"], "scope.protect"),
        (PLAIN | {"login": "Zoë.Weiß@acme.example"}, ["zoë.weiss@*"], ""),
    ],
)
def test_the_first_reason_not_to_touch_somebody_is_told(
    user: dict[str, str], patterns: list[str], why: str
) -> None:
    assert reason_words(_survey(user, protect=patterns).frame["protected"]).tolist() == [why]


def test_an_empty_enterprise_is_surveyed_too() -> None:
    directory = _survey(protect=["*x*"], domains=["acme.example"])

    assert directory.tally == UserCounts(0, 0, 0, 0)


def test_users_are_counted_by_kind() -> None:
    directory = _survey(PLAIN, CLIENT | {"box_id": "2"}, CLIENT | {"box_id": "3"})

    assert directory.tally == UserCounts(users=3, managed=1, app=2, inactive=0)


def test_users_are_in_the_order_of_their_ids_whatever_box_does() -> None:
    users = [PLAIN | {"box_id": box_id, "name": box_id} for box_id in ("3", "1", "2")]

    assert _survey(*users).frame["name"].tolist() == ["1", "2", "3"]


CELL = st.text(alphabet="ab1 ", max_size=3)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6), st.randoms())
@examples(25)
def test_a_fingerprint_knows_no_order(cells: list[tuple[str, str]], random: object) -> None:
    users = [PLAIN | {"name": name, "phone": phone} for name, phone in cells]
    shuffled = list(users)
    random.shuffle(shuffled)

    assert _fingerprint(users) == _fingerprint(shuffled)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_fingerprint_sees_every_cell(column: str) -> None:
    users = [PLAIN, CLIENT | {"box_id": "2"}]
    changed = [PLAIN | {column: PLAIN[column] + "x"}, users[1]]

    assert _fingerprint(users) != _fingerprint(changed)


def test_a_fingerprint_sees_cells_that_change_places() -> None:
    one, two = PLAIN | {"name": "a", "phone": "b"}, PLAIN | {"name": "b", "phone": "a"}

    assert len({_fingerprint([one]), _fingerprint([two]), _fingerprint([one, one]), _fingerprint([])}) == 4


def _fingerprint(users: list[dict[str, str]]) -> str:
    return fingerprint(summed(pd.DataFrame(users, columns=list(COLUMNS), dtype="str")))


def test_without_domains_every_login_is_in_scope() -> None:
    logins = pd.Series(["a@b.example", ""], dtype="str")

    assert login_in_scope(logins, Scope()).tolist() == [True, True]
