"""Groups through the command line: from the roster's column and the job's rules to memberships in Box, and back."""

from __future__ import annotations

import copy

from .conftest import SEED

ROSTER = (
    "external_id,login,name,groups\n"
    "E1,mia@acme.example,Mia Managed,Sales; Board (admin)\n"
    "E2,otto@acme.example,Otto Ömer,\n"
    "E4,nina@acme.example,Nina Néw,Sales\n"
)


def seed(*groups):
    return {**copy.deepcopy(SEED), "groups": list(groups)}


def members(server, name):
    """Who is in a group, by login, with the role."""
    group = server.enterprise.groups.named(name)
    accounts = server.enterprise.accounts
    found = server.enterprise.groups.of_group(group.id) if group else []
    return {accounts.get(one.user).login: one.role for one in found}


def test_who_is_named_joins_a_group(box, provision, make_job):
    server = box(seed({"name": "Sales"}, {"name": "Board", "members": ["mia@acme.example"]}))
    said = provision("run", make_job(ROSTER, groups={}), "--json")
    assert said.code == 0, said
    assert members(server, "Sales") == {"mia@acme.example": "member", "nina@acme.example": "member"}
    assert members(server, "Board") == {"mia@acme.example": "admin"}


def outcomes(said):
    return {name: count for name, count in said.json["outcomes"].items() if count}
