"""Forty people whom a nightly job looks after, their roster, and who of them is still there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from provision.sandbox.http.server import Server

from .conftest import SEED as FEW
from .conftest import Said, person

HEADER = "external_id,login,name,phone\n"
ALL = range(1, 41)
SEED: dict[str, Any] = {
    "enterprise": {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example"]},
    "admin": {"name": "Ada Abara", "login": "ada@acme.example"},
    "users": [
        *({"name": f"Person {n}", "login": f"p{n}@acme.example", "phone": f"555-{n}"} for n in ALL),
        {"name": "Zoë Unowned", "login": "zoe@acme.example"},
    ],
}
MIA, OTTO = "E1,mia@acme.example,Mia Managed\n", "E2,otto@acme.example,Otto Ömer\n"
BOTH = f"external_id,login,name\n{MIA}{OTTO}"
#: what makes a leaver of somebody at the first absence, for what is not about evidence
AT_ONCE = {"absent_runs": 1, "absent_hours": 0}
#: guards that leave the stage to the one that a test is about
LOOSE = {"removals": {"count": 40, "percent": 100}, "shrink": {"percent": 100}}


def line(number: int, key: str = "{:08d}", mail: str = "p{}@acme.example") -> str:
    return f"{key.format(number)},{mail.format(number)},Person {number},555-{number}\n"


def roster(people: Iterable[int] = ALL, header: str = HEADER, end: str = "", **form: str) -> str:
    return header + "".join(line(number, **form) for number in people) + end


GOOD = roster()


def village(settled: Callable[..., Server], nights: Callable[..., Said]) -> Server:
    """An enterprise whose forty people the job has come to own in a first good night."""

    def first() -> None:
        assert nights(0, GOOD).code == 0

    return settled("village", SEED, first)


def couple(settled: Callable[..., Server], nights: Callable[..., Said]) -> Server:
    """The small enterprise, of which the job has come to own Mia and Otto in a first good night."""

    def first() -> None:
        assert nights(0, BOTH).code == 0

    return settled("couple", FEW, first)


def left(server: Server) -> set[int]:
    """Whose account is not active any more, or not there."""
    return {n for n in ALL if person(server, f"p{n}@acme.example").get("status") != "active"}


def refused(said: Said) -> set[str]:
    """The guards that said no."""
    return {each["name"] for each in said.json["guards"] if each["verdict"] == "refused"}


def told(said: Said) -> str:
    """All it said, line ends aside."""
    return " ".join(f"{said.out} {said.err}".split())


def edited(server: Server, who: str, /, **fields: Any) -> None:
    """What an admin does by hand in the console to the account with this login."""
    account = server.enterprise.accounts.with_login(who)
    assert account is not None
    server.enterprise.change(account, msgspec.structs.replace(account, **fields))


def calls(server: Server, method: str) -> list[str]:
    """The paths of the calls with this method, in order."""
    return [each.path for each in server.log if each.method == method]
