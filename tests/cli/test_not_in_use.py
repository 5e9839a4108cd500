"""Accounts that nobody can use are told, though nothing of the roster differs from Box."""

from __future__ import annotations

from .conftest import SEED

ROSTER = "external_id,login,name,role\nE1,mia@acme.example,Mia Managed,\nE2,ina@acme.example,Ina Inactive,\nE4,nina@acme.example,Nina New,\n"


def found(said):
    return {one["code"]: (one["level"], one["sentence"], one["row"]) for one in said.json["findings"]}


def test_account_that_is_inactive_and_one_made_so_are_told(box, nights):
    box(seed=SEED, choices={"new_managed_status": "inactive"})

    first = nights(0, ROSTER)
    assert first.code == 0
    told = found(first)
    assert told["listed_locked"][0] == "note"
    assert "1 account that this run made is not active yet in Box" in told["listed_locked"][1]
    assert told["account_inactive"][1:] == (
        "ina@acme.example is in the roster, and the account is inactive in Box; the row says no status, so it stays so",
        3,
    )
    second = nights(1, ROSTER)
    assert second.json["status"] == "no_changes"
    inactive = [one["key"] for one in second.json["findings"] if one["code"] == "account_inactive"]
    assert inactive == ["ina@acme.example", "nina@acme.example"]


def test_account_that_waits_for_its_person_is_told(box, nights):
    waits = [
        {**user, "status": "pending"} if user["name"] == "Mia Managed" else user for user in SEED["users"]
    ]
    box(seed={**SEED, "users": waits})

    told = found(nights(0, ROSTER))
    assert "mia@acme.example: the account is pending in Box" in told["account_pending"][1]


def test_how_long_an_account_waits_for_its_person_is_told_and_louder_after_a_while(box, nights):
    waits = [
        {**user, "status": "pending"} if user["name"] == "Mia Managed" else user for user in SEED["users"]
    ]
    box(seed={**SEED, "users": waits})

    said = [found(nights(night, ROSTER, onboarding={"wait": "3d"}))["account_pending"] for night in (0, 1, 4)]

    assert [level for level, _, _ in said] == ["note", "note", "warning"]
    assert ["1 day" in said[1][1], "4 days" in said[2][1]] == [True, True], said
