"""Accounts that Box shows by id or key and not in a listing: nobody is made twice, and nobody is called gone."""

from __future__ import annotations

from collections import Counter

import pytest

from .clocks import Gate
from .conftest import accounts, creates, run_folders
from .test_resume import cut_off

PORTAL = {"kind": "app", "authority": "partial"}
CLIENTS = "external_id,name\n" + "".join(f"portal-{n},Client {n}\n" for n in range(6))
STAFF = "login,name\n" + "".join(f"new{n}@acme.example,New Person {n}\n" for n in range(6))
#: created accounts come into listings and searches long after the test, and show under their id at once
NEVER_LISTED = {"listing_delay": 1e9}
CREATE = {"method": "POST", "path": "^/2.0/users$"}


def counted(server) -> Counter[str]:
    found = accounts(server).values()
    return Counter(one["external_app_user_id"] or one["login"] for one in found)


@pytest.mark.parametrize("roster", [CLIENTS, STAFF], ids=["app", "managed"])
def test_whom_an_earlier_run_made_is_found_by_id(box, provision, make_job, roster):
    server = box(choices=NEVER_LISTED)
    job = make_job(roster, roster=PORTAL if roster is CLIENTS else {"authority": "partial"})
    assert provision("run", job).code == 0

    assert provision("verify", job).code == 0
    said = provision("run", job, "--json")

    assert (said.code, said.json["planned"]) == (0, {})
    assert len(creates(server)) == 6
    assert max(counted(server).values()) == 1


@pytest.mark.usefixtures("hurried")
def test_what_a_killed_run_made_is_not_made_again_while_the_listing_lags(box, provision, launch, make_job):
    gate = Gate()
    server = box(
        choices=NEVER_LISTED,
        rules=[{"match": {**CREATE, "nth": 4}, "do": {"fault": "slow", "delay": 1}}],
        clock=gate,
    )
    job = make_job(CLIENTS, roster=PORTAL, apply={"workers": 1})
    cut_off(launch, gate, "run", job)

    said = provision("run", job, "--json")

    made = counted(server)
    assert {name: count for name, count in made.items() if name.startswith("portal-")} == dict.fromkeys(
        [f"portal-{n}" for n in range(6) if n != 3], 1
    ) | {"portal-3": made["portal-3"]}
    assert said.json["outcomes"]["done"] >= 2
    assert len(run_folders(job.parent / "runs")) == 2
