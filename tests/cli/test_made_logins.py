"""The address that Box makes for a new app user is reported by the run that made the account."""

from __future__ import annotations

import csv

from .conftest import person


def test_generated_address_is_in_the_report_of_the_run(box, provision, make_job):
    server = box()
    roster = "kind,external_id,name\napp,client-9,Client Nine\n"

    said = provision(
        "run", make_job(roster, roster={"kind": "column", "authority": "partial"}), "--json", "--yes"
    )

    made = person(server, "client-9")
    with (said.folder / "reconciliation.csv").open(encoding="utf-8-sig", newline="") as file:
        [line] = [row for row in csv.DictReader(file) if row["external_id"] == "client-9"]
    assert (line["login"], line["box_id"], line["outcome"]) == (made["login"], made["id"], "done")
    assert line["login"].startswith("AppUser_")
