"""Somebody else creates the same people, or has given a joiner's address to an account of ours."""

from __future__ import annotations

import json
import urllib.request
from contextlib import contextmanager

import msgspec
import pytest

from provision import ExitCode, Job, Unattended, run_job
from provision.runs.observer import Phase
from tests.cli.conftest import SEED, accounts


def create(server, body):
    request = urllib.request.Request(
        f"{server.announcement['url']}/2.0/users",
        json.dumps(body).encode(),
        {
            "Authorization": f"Bearer {server.announcement['developer_token']}",
            "Content-Type": "application/json",
        },
    )
    urllib.request.urlopen(request).close()


class Beside(Unattended):
    """Does something between the listing and the first operation."""

    def __init__(self, meanwhile):
        super().__init__()
        self._meanwhile = meanwhile

    @contextmanager
    def progress(self, phase, total=None):
        if phase is Phase.APPLYING:
            self._meanwhile()
        with super().progress(phase, total) as show:
            yield show


CLIENTS = "external_id,name,kind\n" + "".join(f"c-{n},Client {n},app\n" for n in range(40))
JOINERS = "login,name\n" + "".join(f"j{n}@acme.example,Joiner {n}\n" for n in range(40))
WORLDS = {
    "clients": (
        CLIENTS,
        {"kind": "app"},
        lambda n: {"name": f"Client {n}", "is_platform_access_only": True, "external_app_user_id": f"c-{n}"},
    ),
    "joiners": (JOINERS, {}, lambda n: {"name": f"Joiner {n}", "login": f"j{n}@acme.example"}),
}


@pytest.mark.parametrize("what", WORLDS)
def test_a_run_beside_another_one_with_a_ledger_of_its_own_stops_early(box, make_job, what):
    """Two machines, two ledgers: no lock keeps them apart, and Box might take a second account of each client."""
    text, roster, body = WORLDS[what]
    server = box(choices={"external_id_taken": "accepted"})
    there = len(accounts(server))
    job = Job.load(make_job(text, roster=roster))

    result = run_job(job, observer=Beside(lambda: [create(server, body(n)) for n in range(40)]))

    assert result.exit_code is ExitCode.LOCKED
    assert "Somebody else creates the same people" in result.summary.error
    assert "another machine" in result.summary.error
    assert len(accounts(server)) - there - 40 <= (
        6 if what == "clients" else 0
    )  # logins Box keeps apart itself
    assert result.summary.outcomes["failed"] < 12


def test_a_run_that_goes_in_step_with_another_one_stops_early_too(box, make_job):
    """Each makes a client in the moment between the other one's look and its request, as two machines do by the same cron line."""
    server = box(choices={"external_id_taken": "accepted"})
    enterprise, there = server.enterprise, len(accounts(server))
    ids = [enterprise.next_id() for _ in range(40)]
    add = enterprise.add

    def both(account, *more):
        add(msgspec.structs.replace(account, id=ids.pop(0), login=f"{ids[0]}@boxdevedition.com"), *more)
        add(account, *more)

    enterprise.add = both
    result = run_job(Job.load(make_job(CLIENTS, roster={"kind": "app"}, apply={"workers": 1})))

    assert "Somebody else creates the same people" in result.summary.error
    assert len(accounts(server)) - there == 2 * 4


def test_one_account_made_by_hand_meanwhile_stops_nobody(box, make_job):
    server = box()
    observer = Beside(lambda: create(server, WORLDS["joiners"][2](0)))

    result = run_job(Job.load(make_job(JOINERS)), observer=observer)

    assert (result.exit_code, result.summary.outcomes["done"]) == (ExitCode.PARTIAL, 39)


def test_an_address_that_is_an_alias_of_our_own_account_is_held_as_a_change_of_login(box, make_job):
    """A company half renamed: the new address lies on the old account already, and Box only says that it is taken."""
    users = [{"name": "Ann Old", "login": "ann@acme.example", "aliases": ["ann@newname.example"]}]
    server = box(
        seed={
            **SEED,
            "users": users,
            "enterprise": {**SEED["enterprise"], "domains": ["acme.example", "newname.example"]},
        }
    )
    before = accounts(server)
    scope = {"domains": ["acme.example", "newname.example"]}

    result = run_job(Job.load(make_job("login,name\nann@newname.example,Ann Newname\n", scope=scope)))

    assert (result.exit_code, result.summary.outcomes["held"]) == (ExitCode.HELD, 1)
    [hold] = result.summary.holds
    assert "alias) of the account ann@acme.example" in hold.reason
    assert accounts(server) == before
