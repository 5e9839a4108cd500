"""A roster that ``export`` wrote plans no change."""

from __future__ import annotations

import csv

import pytest

from .conftest import SEED, accounts

USERS = [
    {"name": "Cora Coadmin", "login": "cora@acme.example", "role": "coadmin"},
    {"name": "Åsa Þórsdóttir-O'Neil", "login": "asa@acme.example", "job_title": "=1+1", "address": "1 Way\n2nd, Oslo"},
    {"name": "NA", "login": "na@acme.example", "phone": "007", "job_title": "null", "space_amount": -1},
    {"name": "Null", "login": "Null@Acme.example", "status": "inactive", "timezone": "Asia/Kolkata"},
    {"name": "李小龍", "login": "li@acme.example", "language": "zt", "tracking_codes": {"Cost Center": "0042"}},
    {"name": "-", "login": "dash@acme.example", "tracking_codes": {"Cost Center": "", "Büro": "Köln; 'Süd'"}},
    {"name": "Nora Note", "login": "nora@acme.example", "notification_email": "nora@mail.example"},
    {"name": "Stan Status", "login": "stan@acme.example", "status": "cannot_delete_edit_upload"},
    {
        "name": "Flo Flags", "login": "flo@acme.example", "is_sync_enabled": False, "can_see_managed_users": False,
        "is_external_collab_restricted": True, "is_exempt_from_device_limits": True,
        "is_exempt_from_login_verification": True,
    },
    {"name": "Ada\tTab", "login": "tab@acme.example", "job_title": "Two  blanks", "address": " 1 Way \r\n2nd "},
    {"name": "Jose\u0301  Decomposed ", "login": "jose@acme.example", "job_title": "Line\nend"},
    {"name": "#N/A", "login": "formula@acme.example", "job_title": "#REF!", "phone": "#VALUE!"},
    {"name": "Ã©va", "login": "eva@acme.example", "tracking_codes": {"Cost Center": "#N/A"}},
    {"name": "One Byte", "login": "byte@acme.example", "space_amount": 1},
    {"name": "Kilo", "login": "kilo@acme.example", "space_amount": 1000},
    {"name": "No whole MiB", "login": "mib@acme.example", "space_amount": 1048577},
    {"name": "Decimal", "login": "decimal@acme.example", "space_amount": 1500000},
    {"name": "Nothing", "login": "zero@acme.example", "space_amount": 0},
    {"name": "Total", "login": "total@acme.example", "phone": "2"},
    {"name": "Clear", "login": "clear@acme.example", "job_title": "(clear)"},
    {"name": "Client 'Ünö'", "kind": "app", "external_app_user_id": "client-0001", "job_title": "@cmd"},
    {"name": "Client Two", "kind": "app", "external_app_user_id": "0002", "status": "inactive", "space_amount": -1},
    {"name": "#N/A", "kind": "app", "external_app_user_id": "#N/A", "space_amount": 999},
    {"name": "Client without a key", "kind": "app"},
    {"name": "Of another app", "kind": "app", "created_by_other_app": True},
    {"name": "Paul Partner", "login": "paul@partner.example"},
]  # fmt: skip


@pytest.fixture
def server(box):
    return box(seed={**SEED, "users": USERS})


@pytest.mark.parametrize(
    ("form", "kind"),
    [*((form, "column") for form in ("csv", "tsv", "xlsx", "parquet")), ("csv", "managed"), ("csv", "app")],
)
def test_exported_roster_plans_no_change(server, provision, make_job, tmp_path, form, kind):
    job = make_job("login,name\n", roster={"kind": kind})
    out = tmp_path / f"everybody.{form}"
    before = accounts(server)

    said = provision("export", job, "--out", out, "--json")
    assert (said.code, said.json["error"]) == (0, None)

    again = provision("plan", job, "--roster", out, "--json")
    assert (again.json["planned"], again.json["roster"]["rejected"], again.code) == ({}, 0, 0)
    assert again.json["roster"]["rows"] > 0
    assert accounts(server) == before


def test_roster_exported_after_a_run_has_the_employee_numbers(box, provision, make_job, tmp_path):
    box()
    job = make_job()
    provision("run", job)
    provision("export", job, "--out", "all.csv")

    with (tmp_path / "all.csv").open(newline="", encoding="utf-8") as file:
        ids = {row["login"]: row["external_id"] for row in csv.DictReader(file)}
    assert ids["nina@acme.example"] == "E4"
    assert ids["zoe@acme.example"] == ""
    assert provision("plan", job, "--roster", "all.csv", "--json").json["planned"] == {}


@pytest.mark.usefixtures("either_way")
def test_only_who_is_in_scope_is_exported_and_only_what_a_roster_can_say(
    server, provision, make_job, tmp_path
):
    """Into a folder that is there, in place of an older file and for its owner only: it is personal data."""
    out = tmp_path / "all.csv"
    out.write_text("old")
    out.chmod(0o644)
    assert provision("export", make_job(), "--out", "all.csv").code == 0

    text = out.read_text(encoding="utf-8")
    assert text.startswith("external_id,login,")
    assert "asa@acme.example" in text
    assert "paul@partner.example" not in text
    assert "client-0001" not in text
    assert out.stat().st_mode & 0o077 == 0
    with out.open(newline="", encoding="utf-8") as file:
        rows = {row["login"]: row for row in csv.DictReader(file)}
    # what a roster can say is exported as it is
    assert rows["tab@acme.example"]["job_title"] == "Two  blanks"
    sizes = {login.partition("@")[0]: row["space_amount"] for login, row in rows.items()}
    assert [sizes[who] for who in ("byte", "kilo", "mib", "decimal", "zero")] == [
        "1 B", "1000 B", "1048577 B", "1500000 B", "0",
    ]  # fmt: skip
    # what it cannot say is left out rather than changed
    assert [rows[f"{who}@acme.example"]["name"] for who in ("tab", "formula", "eva")] == ["", "", ""]
    assert rows["jose@acme.example"]["job_title"] == ""


@pytest.mark.parametrize(
    ("name", "told"),
    [("all.doc", "has an ending that no writer is for"), ("nowhere/all.csv", "cannot be written")],
)
def test_file_that_cannot_be_written_is_explained(server, provision, make_job, name, told):
    said = provision("export", make_job(), "--out", name, "--json")

    assert said.code == 1
    assert told in said.json["error"]
    assert "  do: " in said.err


def test_aliases_are_exported_where_somebody_asks_for_them_and_looked_at_where_a_roster_names_them(
    box, provision, make_job, tmp_path
):
    zoe = {
        "name": "Zoë Weiß",
        "login": "zoe@acme.example",
        "aliases": ["z@acme.example", "a.zoe@acme.example"],
    }
    server = box(seed={**SEED, "users": [*USERS[:2], zoe], "elsewhere": []})
    job = make_job("login,name\n", roster={"kind": "managed"})
    assert provision("export", job, "--out", "plain.csv").code == 0
    assert "aliases" not in (tmp_path / "plain.csv").read_text(encoding="utf-8")
    assert not [line.path for line in server.log if "email_aliases" in line.path]

    assert provision("export", job, "--out", "all.csv", "--aliases").code == 0
    with (tmp_path / "all.csv").open(newline="", encoding="utf-8") as file:
        cells = {row["login"]: row["aliases"] for row in csv.DictReader(file)}
    assert cells["zoe@acme.example"] == "a.zoe@acme.example;z@acme.example"
    assert set(cells.values()) == {"", cells["zoe@acme.example"]}
    # no run knows of them: they are looked at by a flag, else by the operations themselves
    plan = provision("plan", job, "--roster", "all.csv", "--aliases", "--json")
    assert (plan.code, plan.json["planned"]) == (0, {})
    said = provision("run", job, "--roster", "all.csv", "--json")
    assert (said.code, said.json["planned"]) == (0, {"alias_add": 2})
    assert provision("run", job, "--roster", "all.csv", "--json").json["planned"] == {}

    server = box(seed=None, export=tmp_path / "all.csv")
    assert {one.login: len(one.aliases) for one in server.enterprise.accounts}["zoe@acme.example"] == 2


def pairs(path, encoding="utf-8"):
    with path.open(encoding=encoding, newline="") as file:
        return {
            (row["external_id"], row["box_id"], row["login"], row["kind"]) for row in csv.DictReader(file)
        }


def test_identities_go_back_to_whoever_asked_from_the_run_that_made_the_accounts(
    box, provision, make_job, tmp_path
):
    server = box()
    job = make_job("external_id,name\nnew-1,One\n=new-2,Two\n", roster={"kind": "app"})

    said = provision("run", job, "--json")

    app = {user.get("external_app_user_id") or "": user for user in accounts(server).values()}
    made = {key: user for key, user in app.items() if "new" in key}
    real = {(key, user["id"], user["login"], "app") for key, user in made.items()}
    assert {key for key, *_ in real} == {"new-1", "=new-2"}
    told = pairs(said.folder / "identities.csv", "utf-8-sig")
    assert told >= {(key if key[0] != "=" else "'" + key, *rest) for key, *rest in real}

    assert provision("export", job, "--identities", tmp_path / "who.csv", "--json").code == 0
    assert pairs(tmp_path / "who.csv") >= real


def test_identities_of_managed_users_have_the_employee_numbers_and_nobody_who_is_gone(
    box, provision, make_job, tmp_path
):
    box()
    rows = "external_id,login,name,action\nE1,one@acme.example,One,\nE2,two@acme.example,Two,\n"
    job = make_job(rows, roster={"authority": "partial"})
    provision("run", job)
    provision("export", job, "--identities", "who.tsv")
    lines = (tmp_path / "who.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[0].split("\t") == ["external_id", "box_id", "login", "kind"]
    assert {line.split("\t")[0] for line in lines if "one@" in line or "two@" in line} == {"E1", "E2"}

    job = make_job(rows.replace("One,", "One,delete"), roster={"authority": "partial"})
    after = provision("run", job, "--yes", "--json")
    assert after.json["outcomes"]["done"] == 1
    assert [key for key, *_ in pairs(after.folder / "identities.csv", "utf-8-sig")] == ["E2"]


def test_export_without_a_file_is_refused(box, provision, make_job):
    box()
    said = provision("export", make_job(), "--json")
    assert said.code == 1
    assert "--identities FILE" in said.err


def test_cells_that_a_spreadsheet_would_run_are_told_where_they_are_written_raw(
    server, provision, make_job, tmp_path
):
    job = make_job("login,name\n")

    raw = provision("export", job, "--out", tmp_path / "all.csv")
    cells = provision("export", job, "--out", tmp_path / "all.xlsx")

    assert "of all.csv would be run as a formula by a spreadsheet" in " ".join(raw.err.split())
    assert "formula" not in cells.err
