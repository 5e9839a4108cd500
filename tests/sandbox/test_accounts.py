"""The indexes over accounts agree with a plain list, whatever happens to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.sandbox.model.accounts import Account, AccountKind, Accounts

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "rename", "list"]), st.integers(0, 7), st.sampled_from("abAé")
    ),
    max_size=40,
)


def account(number, name):
    return Account(
        id=str(100 + number),
        name=name,
        login=f"P{number}@acme.example",
        kind=AccountKind.APP,
        created_at="",
        modified_at="",
        external_app_user_id=f"e{number % 3}",
    )


def apply(accounts, plain, step):
    """One step on both; a list in between settles the order the index has to keep."""
    what, number, name = step
    known = plain.get(number)
    if what == "list":
        accounts.listed()
    elif what == "add" and known is None:
        plain[number] = account(number, name)
        accounts.add(plain[number])
    elif what == "remove" and known is not None:
        accounts.remove(plain.pop(number))
    elif what == "rename" and known is not None:
        accounts.remove(known)
        plain[number] = account(number, name)
        accounts.add(plain[number])


@pytest.mark.parametrize("order", ["name", "id"])
@given(steps=STEPS)
def test_indexes_agree_with_a_plain_list(order, steps):
    accounts, plain = Accounts(order), {}

    for step in steps:
        apply(accounts, plain, step)

    assert accounts.listed() == sorted(plain.values(), key=accounts.place)
    assert len(accounts) == len(plain)
    for number in range(8):
        assert accounts.with_login(f"p{number}@ACME.example") == plain.get(number)
    for key in range(3):
        carriers = [plain[number] for number in sorted(plain) if number % 3 == key]
        assert accounts.all_with_external_id(f"e{key}") == carriers
