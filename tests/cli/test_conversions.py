"""A contractor becomes an employee: both rows in one file, two ids, one address."""

from __future__ import annotations

import msgspec
import pytest

from .conftest import accounts, person

HEAD = "external_id,login,name,job_title,status,start_date,end_date\n"
OTTO = "E2,otto@acme.example,Otto Ömer,Seller,active,2020-01-01,\n"
CONTRACT = "C1,mia@acme.example,Mia Managed,Temp,active,2024-01-01,\n"
ENDED = {
    "locked": CONTRACT.replace("active", "inactive"),
    "over before": CONTRACT.replace("2024-01-01,", "2024-01-01,2025-12-31"),
}
EMPLOYED = "E1,mia@acme.example,Mia Managed,Buyer,active,2026-01-01,\n"


@pytest.mark.parametrize("ended", ENDED)
@pytest.mark.parametrize("first", [True, False], ids=["known before", "first run"])
def test_the_running_row_has_the_person(box, provision, make_job, first, ended):
    server = box()
    if first:
        assert provision("run", make_job(HEAD + CONTRACT + OTTO), "--yes").code == 0
    before = set(accounts(server))

    said = provision("run", make_job(HEAD + OTTO + EMPLOYED + ENDED[ended]), "--yes", "--json")

    assert (said.code, said.json["roster"]["rejected"]) == (0, 0)
    assert set(accounts(server)) == before
    assert person(server, "mia@acme.example")["job_title"] == "Buyer"
    assert person(server, "mia@acme.example")["status"] == "active"
    [told] = [one for one in said.json["findings"] if one["code"] == "row_superseded"]
    assert (told["row"], told["key"]) == (4, "C1")
    assert provision("run", make_job(HEAD + OTTO + EMPLOYED), "--yes").code == 0


@pytest.mark.parametrize(
    "other",
    [
        CONTRACT,
        ENDED["over before"].replace("2025-12-31", "2026-06-30"),
    ],
    ids=["both run", "both at once"],
)
def test_what_is_not_certain_is_left_to_a_person(box, provision, make_job, other):
    server = box()
    before = accounts(server)

    said = provision("plan", make_job(HEAD + EMPLOYED + other), "--json")

    assert (said.code, said.json["roster"]["rejected"]) == (1, 2)
    assert accounts(server) == before


@pytest.mark.parametrize(
    "name", ['"Managed, Mia"', "Mia  Managed", "MIA MÁNAGED"], ids=["turned round", "two blanks", "accent"]
)
def test_a_name_that_is_only_written_otherwise_is_the_same(box, provision, make_job, name):
    server = box()
    ended = ENDED["locked"].replace("Mia Managed", name)

    said = provision("run", make_job(HEAD + EMPLOYED + ended), "--yes", "--json")

    assert (said.code, said.json["roster"]["rejected"]) == (0, 0)
    assert person(server, "mia@acme.example")["job_title"] == "Buyer"


def test_who_has_left_under_both_numbers_leaves(box, provision, make_job):
    """Both rows were rejected every night, and the account stayed as it was."""
    server = box()
    assert provision("run", make_job(HEAD + CONTRACT + OTTO), "--yes").code == 0
    gone = EMPLOYED.replace("active", "inactive")

    said = provision("run", make_job(HEAD + gone + ENDED["locked"] + OTTO), "--yes", "--json")

    assert (said.code, said.json["planned"]) == (0, {"deactivate": 1})
    assert person(server, "mia@acme.example")["status"] == "inactive"
    [told] = [one for one in said.json["findings"] if one["code"] == "row_superseded"]
    assert told["key"] == "C1"


MILA = "E7,mia@acme.example,Mila Mueller,Clerk,active,2026-01-01,\n"


@pytest.mark.parametrize("known", [True, False], ids=["known before", "first run"])
def test_an_address_that_was_handed_on_gives_nobody_the_account_of_who_has_left(
    box, provision, make_job, known
):
    server = box()
    if known:
        assert provision("run", make_job(HEAD + CONTRACT + OTTO), "--yes").code == 0
    before = accounts(server)

    said = provision("run", make_job(HEAD + OTTO + MILA + ENDED["locked"]), "--yes", "--json")

    assert (said.code, said.json["roster"]["rejected"]) == (3, 0)
    assert "change the login of the account" in said.json["holds"][0]["reason"]
    assert accounts(server) == before

    mia = server.enterprise.accounts.with_login("mia@acme.example")
    server.enterprise.accounts.remove(mia)
    server.enterprise.accounts.add(msgspec.structs.replace(mia, login="mia.left@acme.example"))
    nights = [
        provision("run", make_job(HEAD + OTTO + MILA + ENDED["locked"]), "--yes", "--json") for _ in "12"
    ]

    assert [one.code for one in nights] == [0, 0], nights[0].err
    assert nights[0].json["planned"] == {"create": 1} | ({"deactivate": 1} if known else {})
    assert nights[1].json["planned"] == {}
    [told] = [one for one in nights[1].json["findings"] if one["code"] == "login_handed_on"]
    assert (told["row"], told["key"]) == (4, "C1")


def test_an_account_that_bears_the_name_of_who_has_the_address_now_is_theirs(box, provision, make_job):
    box()
    ended = ENDED["locked"].replace("Mia Managed", "Max Mustard")

    said = provision("run", make_job(HEAD + EMPLOYED + ended), "--yes", "--json")

    assert (said.code, said.json["planned"]) == (0, {})
