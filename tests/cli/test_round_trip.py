"""There and back: an enterprise with groups, aliases, collaborations and content is exported, is gone, and is provisioned again."""

from __future__ import annotations

import csv

import pytest

from tests.examples import either

EMPTY = {
    "enterprise": {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example"]},
    "admin": {"name": "Ada Abara", "login": "ada@acme.example"},
}
COLUMNS = (
    "external_id", "login", "name", "kind", "role", "status", "language", "timezone", "job_title", "phone", "address", "space_amount",
    "tracking_codes.Cost Center", "is_sync_enabled", "groups", "aliases",
)  # fmt: skip
SECTIONS = {
    "roster": {"kind": "column"},
    "groups": {"create": True},
    "apply": {"requests_per_minute": 600_000, "uploads_per_minute": 600_000, "workers": 4},
    "guards": {"creates": "off", "updates": "off", "groups": "off", "memberships_added": "off"},
    "onboarding": {
        "collaborations": [
            {"folder": "/House rules", "role": "viewer", "create": True},
            {"folder": "/Clients/{external_id}", "role": "viewer uploader", "create": True},
            {"folder": "/Clients", "role": "editor", "create": True, "group": "Team 1"},
            {"folder": "/House rules", "role": "co-owner", "create": True, "group": "Wardens"},
        ],
        "content": [{"from": "starter", "into": "Welcome"}],
    },
}


def people(number):
    """So many people, every third an app user, with something of everything."""
    for at in range(number):
        app, team = at % 3 == 2, f"Team {at % 5}"
        cells = {
            "external_id": f"{'c' if app else 'E'}-{at:04}",
            "login": "" if app else f"person{at}@acme.example",
            "name": f"Åsa {at} O'Neil; Jr.",
            "kind": "app" if app else "managed",
            "status": "cannot_delete_edit" if at % 7 == 3 else "active",
            "language": ("en", "de", "ja")[at % 3],
            "timezone": ("Europe/Berlin", "Asia/Kolkata")[at % 2],
            "job_title": "" if at % 4 == 0 else f"=Clerk {at}",
            "phone": f"0{at}",
            "address": "1 Way\n2nd, Oslo" if at % 6 == 1 else "",
            "space_amount": ("unlimited", "10 GB", "1048577 B")[at % 3],
            "groups": f"{team}; All hands"
            if at % 2
            else f"{team}{' (admin)' if at % 10 == 0 and not app else ''}",
        }
        if not app:
            cells |= {
                "tracking_codes.Cost Center": f"00{at % 9}",
                "is_sync_enabled": "true" if at % 2 else "false",
                "aliases": f"p{at}@acme.example; alias.{at}@acme.example" if at % 4 == 1 else "",
            }
        yield cells


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)


def key_of(account):
    return account.external_app_user_id or account.login


def described(server):
    """The whole enterprise by what people call things: no ids, no generated addresses, no times."""
    there = server.enterprise
    accounts = {one.id: one for one in there.accounts if not one.login.startswith("Automation")}
    names = {name: key_of(one) for name, one in accounts.items()}
    groups = {one.id: one for one in there.groups.listed()}
    items = {one.id: one for one in there.content}

    def path(item):
        above = reversed(there.content.above(item))
        return "/".join([names.get(item.owner, ""), *(one.name for one in above), item.name])

    left_out = ("id", "created_at", "modified_at", "login", "app", "files")

    def cells(one):
        told = {field: getattr(one, field) for field in one.__struct_fields__ if field not in left_out}
        return told | {"aliases": set(one.aliases)}

    return {
        "people": {names[name]: cells(one) for name, one in accounts.items()},
        "groups": {one.name: (one.provenance, one.external_sync_identifier) for one in groups.values()},
        "members": {(groups[one.group].name, names[one.user]): one.role for one in there.groups.memberships()},
        "content": {path(one): getattr(one, "sha1", "") for one in items.values()},
        "at work": {
            (path(items[one.item]), groups[one.group].name if one.group else names[one.user]): (one.role, one.status)
            for one in there.collaborations
        },
    }  # fmt: skip


@pytest.mark.timeout(900)
@pytest.mark.soak
def test_an_enterprise_that_is_exported_and_wiped_is_the_same_again_but_for_ids(
    box, provision, make_job, tmp_path
):
    number = either(40, 2_000)
    (tmp_path / "starter" / "Maps").mkdir(parents=True)
    (tmp_path / "starter" / "Read me.txt").write_text("Welcome")
    (tmp_path / "starter" / "Maps" / "Here.txt").write_text("Here")
    write(tmp_path / "first.csv", people(number))
    sections = {key: value for key, value in SECTIONS.items() if key != "roster"}

    server = box(seed=EMPTY)
    roster = {**SECTIONS["roster"], "path": "first.csv"}
    job = make_job(roster=roster, **sections)
    first = provision("run", job, "--json", "--yes")
    assert first.code == 0, first.err
    there = described(server)
    exported = provision("export", job, "--out", tmp_path / "out.csv", "--aliases", "--json")
    assert exported.code == 0, exported.err
    assert provision("plan", job, "--roster", tmp_path / "out.csv", "--json").json["planned"] == {}

    again = box(seed=EMPTY)
    job = make_job(roster={**roster, "path": "out.csv"}, state="sqlite:///again.db", runs="again", **sections)
    second = provision("run", job, "--json", "--yes")
    assert second.code == 0, second.err
    back = described(again)

    assert len(there["people"]) == number + 1
    assert len(there["content"]) == 4 * number + 2 + number
    assert {what: there[what] == back[what] for what in there} == dict.fromkeys(there, True)
    verified = provision("verify", job, "--aliases", "--json")
    assert (verified.code, verified.json["planned"]) == (0, {}), verified.err
