"""What bad input gets: a sentence with what to do, the exit code, no traceback, and nothing changed in Box."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .conftest import ROSTER, SAMPLES, accounts, complaint, run_folders

BROKEN = sorted(path.name for path in (SAMPLES / "broken").iterdir() if path.suffix in (".csv", ".xlsx"))
BROKEN_JOBS = sorted(path.name for path in (SAMPLES / "broken/jobs").glob("*.yaml"))
#: only the comparison with Box shows that there is something wrong: a person without a name is new
NEEDS_BOX = ("name_missing.csv",)


# --- job files -----------------------------------------------------------------------------------------


def _missing(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _tab(path: Path) -> None:
    path.write_text(path.read_text().replace("scope:\n  domains", "scope:\n\tdomains"))


def _unknown_key(path: Path) -> None:
    path.write_text(path.read_text().replace("scope:", "skope:"))


def _no_yaml(path: Path) -> None:
    path.write_bytes(bytes(range(256)))


def _empty(path: Path) -> None:
    path.write_text("")


def _missing_variable(path: Path) -> None:
    path.write_text(path.read_text().replace("${BOX_CLIENT_SECRET}", "${BOX_NOT_SET}"))


@pytest.mark.parametrize("command", ["check", "plan", "run", "verify", "export", "runs"])
@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        (_missing, "nightly.yaml"),
        (_folder, "nightly.yaml"),
        (_tab, "tab"),
        (_unknown_key, "scope"),
        (_no_yaml, "nightly.yaml"),
        (_empty, "nightly.yaml"),
    ],
)
def test_bad_job_file(unchanged, provision, make_job, mistake, told, command):
    job = make_job()
    mistake(job)

    said = provision(command, job, *(("--out", "all.csv") if command == "export" else ()))

    assert said.code == 1
    assert told in complaint(said)
    assert run_folders(job.parent / "runs") == []


@pytest.mark.parametrize("command", ["plan", "run", "verify", "export"])
def test_missing_secret_is_told_by_whoever_signs_in(unchanged, provision, make_job, command):
    job = make_job()
    _missing_variable(job)

    said = provision(command, job, *(("--out", "all.csv") if command == "export" else ()))

    assert said.code == 1
    assert "BOX_NOT_SET" in complaint(said)


@pytest.mark.parametrize("command", ["check", "holds", "runs"])
def test_who_does_not_ask_box_needs_no_secret_of_it(provision, make_job, command):
    said = provision(command, make_job())

    assert said.code == 0
    assert command != "check" or "not set here: BOX_BASE_URL" in said.err


@pytest.mark.parametrize("name", BROKEN_JOBS)
def test_every_broken_sample_job_is_refused(unchanged, provision, monkeypatch, tmp_path, name):
    shutil.copytree(SAMPLES / "broken/jobs", tmp_path / "broken/jobs")
    for path in (SAMPLES / "broken").glob("*.csv"):
        shutil.copy(path, tmp_path / "broken")
    said = provision("check", tmp_path / "broken/jobs" / name, "--json")

    assert (said.code, said.json["status"]) == (1, "failed")
    assert said.json["error"] in complaint(said)


# --- rosters -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (bytes(range(256)) * 40, "nightly.csv"),
        (b"", "is empty"),
        (b"login,name\n", "nightly.csv"),
        (b"login,name\n\n\n,,\n", "nightly.csv"),
        (b"x" * 10_000_000, "nightly.csv"),
        (b"login,name\n" + b'"a' * 5_000_000, "nightly.csv"),
        (b"login,name\n" + b"mia@acme.example,\0\0\0\n", "nightly.csv"),
        (b"\xff\xfe" + "login,name\n".encode("utf-16-le")[:-1], "nightly.csv"),
    ],
    ids=[
        "junk",
        "zero bytes",
        "header only",
        "blank rows",
        "10 MB",
        "10 MB quoted",
        "NUL",
        "half a character",
    ],
)
def test_roster_that_is_none(unchanged, provision, make_job, content, told):
    said = provision("run", make_job(content), "--json")

    assert (said.code, said.json["status"]) == (1, "failed")
    assert told in complaint(said)
    assert len(said.err) < 2500


@pytest.mark.parametrize("name", ["nowhere.csv", "nowhere/*.csv", "nightly.yaml", "."])
def test_roster_that_is_not_there_or_of_no_known_form(unchanged, provision, make_job, name):
    said = provision("run", make_job(roster={"path": name}))

    assert said.code == 1
    assert "usual cause: " in complaint(said)


def test_sheet_that_does_not_exist_is_named_with_those_that_do(unchanged, provision, make_job):
    job = make_job(SAMPLES / "broken/wrong_sheet.xlsx", roster={"sheet": "Employees"})

    said = provision("run", job)

    assert said.code == 1
    assert all(word in complaint(said) for word in ("Employees", "Notes", "Pivot"))


def settings(name: str) -> dict[str, str]:
    """What the job says of a broken roster, as `sample_data/broken/README.md` tells."""
    app = name.startswith(("app_user_", "tracking_code_on_app"))
    partial = {"authority": "partial"} if name == "bad_action.csv" else {}
    sheet = {"sheet": "Employees"} if name == "wrong_sheet.xlsx" else {}
    return {"kind": "app" if app else "managed", **partial, **sheet}


@pytest.mark.parametrize("name", [name for name in BROKEN if name not in NEEDS_BOX])
def test_every_broken_sample_roster_is_refused_with_its_name(provision, make_job, monkeypatch, name):
    for variable in ("BOX_BASE_URL", "BOX_CLIENT_ID", "BOX_CLIENT_SECRET", "BOX_ENTERPRISE_ID"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1" if variable == "BOX_BASE_URL" else "x")
    job = make_job(SAMPLES / "broken" / name, roster=settings(name), scope={})

    said = provision("check", job, "--json")

    assert (said.code, said.json["exit_code"]) == (1, 1)
    assert said.json["error"]
    assert name in said.err
    assert len(said.err) < 2500


@pytest.mark.parametrize("name", NEEDS_BOX)
def test_mistake_that_only_the_comparison_shows_is_held(box, provision, make_job, name):
    server = box()
    said = provision("plan", make_job(SAMPLES / "broken" / name, roster=settings(name), scope={}), "--json")
    created = said.json["planned"]["create"]

    assert (said.json["outcomes"]["held"], created) == (1, said.json["roster"]["rows"] - 1)
    assert provision("apply", said.folder).code == 3
    assert sum(line.method == "POST" and line.path == "/2.0/users" for line in server.log) == created


@pytest.mark.parametrize(
    ("name", "code"),
    [("bad_date.csv", 3), ("duplicate_login.csv", 3), ("unclosed_quote.csv", 1), ("corrupt.xlsx", 1)],
)
def test_broken_roster_is_never_applied_to_whom_it_breaks_for(box, provision, make_job, name, code):
    """What can be read of it is out of the job's scope altogether, which is refused by a guard."""
    server = box()
    job = make_job(SAMPLES / "broken" / name, roster=settings(name), scope={"domains": ["elsewhere.example"]})
    before = accounts(server)

    assert provision("run", job).code == code
    assert accounts(server) == before


# --- check -----------------------------------------------------------------------------------------------


def test_check_never_opens_a_socket(said_where, provision, make_job, no_sockets):
    job = make_job(f"{ROSTER}E5,no-address,Nobody,,\n")
    no_sockets()

    assert provision("check", make_job()).code == 0
    said = provision("check", make_job(f"{ROSTER}E5,no-address,Nobody,,\n"))
    assert said.code == 1
    assert "row 6" in said.err
    assert run_folders(job.parent / "runs") == []
    assert not (job.parent / "state").exists()


def test_check_tells_every_bad_row_at_once(said_where, provision, make_job):
    roster = (
        "login,name,language,status\na,A,xx,active\nb@acme.example,B,en,gone\nc@acme.example,,qq,active\n"
    )

    said = provision("check", make_job(roster), "--json")

    assert (said.json["roster"]["rows"], said.json["roster"]["rejected"]) == (3, 3)
    assert all(f"row {row}" in said.err for row in (2, 3, 4))


def test_check_names_columns_that_are_not_used(said_where, provision, make_job):
    said = provision("check", make_job("login,name,Desk,groups\na@acme.example,A,4,All\n"))

    assert said.code == 0
    assert "not read, no field is known under this header: Desk" in said.err
    assert "groups" in said.err


@pytest.mark.parametrize(
    "auth",
    [
        {
            "method": "ccg",
            "client_id": "${BOX_CLIENT_ID}",
            "client_secret": "s3cr3t-v4lue",
            "enterprise_id": "1",
        },
        {"method": "token", "token": "s3cr3t-v4lue"},
    ],
    ids=["secret", "token"],
)
@pytest.mark.parametrize("command", ["check", "run", "verify", "holds"])
def test_a_secret_that_is_written_out_is_refused_and_not_repeated(
    said_where, provision, make_job, auth, command
):
    said = provision(command, make_job(auth=auth), "--json")

    assert said.code == 1
    assert "${BOX_" in complaint(said)
    assert "s3cr3t-v4lue" not in said.err + said.out
