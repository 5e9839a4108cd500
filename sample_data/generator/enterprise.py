"""enterprise.json: the seed enterprise, made of the accounts of all samples."""

import json

from generator import clients, employees, joiners
from generator.people import Account

_ABOUT = {
    "id": "900001",
    "name": "Acme Example Ltd",
    "domains": ["acme.example", "partners.acme.example"],
}
# Logins are unique over all of Box, so an address may be taken by somebody the enterprise cannot see.
_ELSEWHERE = [
    {"login": joiners.TAKEN_LOGIN, "what": "personal"},
    {"login": "notary@chambers.example", "what": "external"},
    {"login": "auditor@ledgerworks.example", "what": "external"},
    {"login": "lea.becker@acme.example", "what": "other_enterprise"},
]


def users() -> list[Account]:
    """Everybody but the primary admin, in the order in which Box lists them."""
    cases = (*employees.cases(), *clients.cases())
    return [case.account for case in cases if case.account and case.account.role != "admin"]


def content() -> bytes:
    """The seed as JSON with one user a line, so that a change shows up as a line."""
    people = ",\n".join(f"    {_line(user)}" for user in users())
    elsewhere = ",\n".join(f"    {json.dumps(one)}" for one in _ELSEWHERE)
    parts = (
        f'  "enterprise": {json.dumps(_ABOUT)}',
        f'  "admin": {_line(employees.admin())}',
        f'  "users": [\n{people}\n  ]',
        f'  "elsewhere": [\n{elsewhere}\n  ]',
    )
    return "{{\n{}\n}}\n".format(",\n".join(parts)).encode()


def _line(account: Account) -> str:
    return json.dumps(account.as_json(), ensure_ascii=False)
