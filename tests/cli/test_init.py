"""From a header to a job: what is guessed, what is asked, and a file that loads and holds no person."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from provision.job.load import load_job
from tests.cli.conftest import SAMPLES, Said, complaint

#: the mapping of each sample file, as its headers are recognised
EXPORTS = {
    "employees.csv": ("managed", {"Employee ID": "external_id", "{First Name} {Last Name}": "name"}),
    "onboarding.xlsx": ("managed", {"E-mail": "login", "{Given Name} {Family Name}": "name"}),
    **{f"formats/{path.name}": ("managed", {}) for path in sorted((SAMPLES / "formats").iterdir())[::2]},
}

GERMAN = (
    "Personalnummer;Vorname;Nachname;E-Mail;Status;Eintritt;Abteilung\n"
    "007;Jürgen;Müßig;juergen.muessig@acme.example;Aktiv;01.02.2024;Einkauf\n"
    "008;Åsa;Öhman;asa.oehman@acme.example;Aktiv;15.03.2024;Lager\n"
    "009;Ida;Gast;ida@partner.example;Ruhend;15.03.2024;Lager\n"
)


def people(said: Said) -> list[str]:
    """Every cell of the people that were shown."""
    shown = said.json["roster"]["understood"]["people"]
    return [cell for person in shown for cell in person.values() if len(cell) > 3]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path


def test_every_export_becomes_a_job_that_check_finds_sound(provision: Callable[..., Said], here: Path):
    for number, (name, (kind, mapping)) in enumerate(EXPORTS.items()):
        made = provision("init", str(here / str(number)), "--from", str(SAMPLES / name), "--quiet", "--json")

        path = here / str(number) / "provision.yaml"
        assert (name, made.code, made.json["error"]) == (name, 0, None)
        text = path.read_text(encoding="utf-8")
        columns = yaml.safe_load(text)["roster"]["columns"]
        told = {one["header"]: one["field"] for one in made.json["roster"]["understood"]["columns"]}
        job = load_job(path, {}, signs_in=False)
        assert (name, job.roster.kind, job.roster.authority) == (name, kind, "partial")
        assert columns == told
        assert mapping.items() <= columns.items()
        assert (name, [cell for cell in people(made) if f'"{cell}"' in text or f" {cell}\n" in text]) == (
            name,
            [],
        )
        checked = provision("check", str(path), "--json", "--quiet")
        assert (name, checked.code) == (name, 0)
        again = checked.json["roster"]["understood"]
        assert {one["header"]: one["field"] for one in again["columns"]} == columns
        assert {one["why"] for one in again["columns"]} == {"job"}


def test_a_guess_has_its_reason_and_people_and_what_is_open_is_a_question(
    provision: Callable[..., Said], here: Path
):
    (here / "belegschaft.csv").write_bytes(GERMAN.encode("cp1252"))

    said = provision("init", "--from", "belegschaft.csv")

    assert said.code == 0
    told = " ".join(said.err.split())
    assert (
        '"E-Mail" → login, by the usual headers juergen.muessig@acme.example · asa.oehman@acme.example'
        in told
    )
    assert '"{Vorname} {Nachname}" → name' in told
    assert "scope.domains: acme.example (67% of the logins), partner.example (33% of the logins)" in told
    assert 'Do you need any of these: "Abteilung"?' in told
    assert "Does this file list everybody" in told
    assert "What about 1 row?" in told
    assert "Ruhend" in told
    assert "--word FIELD:WORD=MEANING" in told
    assert "provision plan provision.yaml --open" in told
    text = (here / "provision.yaml").read_text(encoding="utf-8")
    assert "muessig" not in text
    assert '"Abteilung": ignore' in text


def test_flags_answer_every_question(provision: Callable[..., Said], here: Path):
    (here / "belegschaft.csv").write_bytes(GERMAN.encode("cp1252"))
    flags = [
        *("--map", "Abteilung=tracking_codes.Abteilung", "--map", "Eintritt=ignore"),
        *("--word", "status:Ruhend=active", "--authority", "full"),
        *("--domain", "acme.example", "--domain", "partner.example"),
        *(
            "--name",
            "staff",
            "--auth",
            "jwt",
            "--encoding",
            "cp1252",
            "--delimiter",
            ";",
            "--header-row",
            "1",
        ),
    ]

    said = provision("init", "hr", "--from", "belegschaft.csv", *flags, "--json")

    job = load_job(here / "hr/provision.yaml", {"BOX_JWT_CONFIG_FILE": "app.json"})
    assert (said.code, said.json["questions"]) == (0, [])
    assert said.json["guesses"]["roster.authority"] == "full, as you said"
    assert (job.name, job.box.auth.method, job.roster.authority) == ("staff", "jwt", "full")
    assert job.roster.columns["Abteilung"] == "tracking_codes.Abteilung"
    assert job.roster.path == str(here / "belegschaft.csv")
    assert (job.roster.encoding, job.roster.delimiter, job.roster.header_row) == ("cp1252", ";", 1)
    assert job.scope.domains == ("acme.example", "partner.example")
    assert [(stage.do, stage.after.days) for stage in job.lifecycle.leavers] == [("deactivate", 0)]
    assert provision("check", "hr/provision.yaml", "--quiet").code == 0


def test_a_file_without_addresses_is_of_app_users_and_one_with_portal_keys_is_asked_about(
    provision: Callable[..., Said], here: Path
):
    (here / "clients.csv").write_text("Client ID,Client Name\nC-1,Alpha\nC-2,Beta\n")
    (here / "mixed.csv").write_text("Client ID,Name,Email\nC-1,Alpha,alpha@one.example\n")
    (here / "kinds.csv").write_text(
        "kind,external_id,login,name\napp,C-1,,Alpha\nmanaged,,b@one.example,Bea\n"
    )

    said = {
        name: provision("init", name, "--from", f"{name}.csv", "--json")
        for name in ("clients", "mixed", "kinds")
    }

    kinds = {
        name: yaml.safe_load((here / name / "provision.yaml").read_text())["roster"]["kind"] for name in said
    }
    asked = {name: {one["about"] for one in each.json["questions"]} for name, each in said.items()}
    assert kinds == {"clients": "app", "mixed": "managed", "kinds": "column"}
    assert {name for name, about in asked.items() if "kind" in about} == {"mixed"}
    assert [provision("check", f"{name}/provision.yaml", "--quiet").code for name in said] == [0, 0, 0]


def test_a_file_whose_login_nobody_knows_is_a_question_and_no_job(provision: Callable[..., Said], here: Path):
    (here / "staff.csv").write_text("Nummer,Name,Kontakt\n1,Ada Abara,ada@acme.example\n")

    said = provision("init", "--from", "staff.csv")
    answered = provision("init", "--from", "staff.csv", "--map", "Kontakt=login")

    assert said.code == 1
    assert "Which one is it?" in said.err
    assert '--map "Kontakt=login"' in said.err
    assert "ada@acme.example" not in said.err
    assert answered.code == 0


def test_nothing_is_written_over_and_nothing_is_left_of_what_fails(
    provision: Callable[..., Said], here: Path
):
    (here / "staff.csv").write_text("Email,Name\nada@acme.example,Ada Abara\n")
    (here / "provision.yaml").write_text("mine\n")
    wrong = {
        "new": ("--map", "Nobody=job_title"),
        "field": ("--map", "Name=nickname"),
        "pair": ("--map", "Name"),
        "word": ("--word", "Retired=inactive"),
        "name": ("--name", "Ada's job"),
        "domain": ("--domain", "not a domain"),
        "stdin": ("--from", "-"),
    }

    there = provision("init", "--from", "staff.csv")
    said = {
        name: provision("init", name, "--from", "staff.csv", *flags, "--json")
        for name, flags in wrong.items()
    }

    assert there.code == 1
    assert "is there already" in there.err
    assert (here / "provision.yaml").read_text() == "mine\n"
    assert {name: one.code for name, one in said.items()} == dict.fromkeys(wrong, 1)
    assert all("do: " in one.json["error"] for one in said.values())
    assert [name for name in wrong if (here / name / "provision.yaml").exists()] == []


def test_odd_headers_and_names_of_files_come_back_as_they_are(provision: Callable[..., Said], here: Path):
    headers = ['Email: "work" #1', "Na'me – ü", "$COST & {x}", "- dash", "yes"]
    (here / "year $$ 2026 ${X}.csv").write_text(
        ",".join(f'"{one.replace(chr(34), chr(34) * 2)}"' for one in headers)
        + "\na@acme.example,Ada Abara,1,2,3\n",
        encoding="utf-8",
    )
    flags = [
        "--map",
        f"{headers[0]}=login",
        "--map",
        f"{headers[1]}=name",
        "--map",
        f"{headers[4]}=tracking_codes.A: b #c",
    ]

    said = provision("init", "--from", "year $$ 2026 ${X}.csv", *flags)

    job = load_job(here / "provision.yaml", {}, signs_in=False)
    assert said.code == 0
    assert dict(job.roster.columns) == {
        headers[0]: "login",
        headers[1]: "name",
        headers[4]: "tracking_codes.A: b #c",
    }
    assert job.roster.path == str(here / "year $$ 2026 ${X}.csv")
    assert job.name == "year-2026-X"
    assert provision("check", "provision.yaml", "--quiet").code == 0


def test_without_a_roster_there_is_a_job_to_fill_in(provision: Callable[..., Said], here: Path):
    said = provision("init", "first", "--kind", "app", "--authority", "full")

    job = load_job(here / "first/provision.yaml", {}, signs_in=False)
    assert said.code == 0
    assert "Who should have an account?" in said.err
    assert (job.name, job.roster.kind, job.roster.authority) == ("first", "app", "full")
    assert (json.dumps(sorted(path.name for path in (here / "first").iterdir()))) == '["provision.yaml"]'


def test_a_flag_that_cannot_be_meant_is_an_error_in_its_own_words(provision: Callable[..., Said], here: Path):
    (here / "p.csv").write_text("login,Name\nann@x.example,Ann Lee\n", encoding="utf-8")
    wrong = {
        ("--word", "bogus:x=y"): 'values has "bogus", which is no roster field',
        ("--delimiter", "xx"): 'delimiter: must be one character; a tab is "\\t" in double quotes, not "xx"',
        ("--encoding", "foo"): 'encoding: must be the name of an encoding, as utf-8 or cp1252, not "foo"',
        ("--map", "Name=bogus"): 'columns.Name: must be a roster field, not "bogus"',
        ("--map", "Name=name", "--map", "Name=job_title"): "--map is given twice for Name",
        ("--sheet", "People"): "p.csv is no workbook",
    }

    for flags, words in wrong.items():
        said = provision("init", ".", "--from", "p.csv", *flags)
        assert (said.code, (here / "provision.yaml").exists()) == (1, False), flags
        assert words in " ".join(complaint(said).split()), flags


def test_a_roster_that_names_groups_becomes_a_job_that_looks_after_them(
    provision: Callable[..., Said], here: Path
):
    header = "external_id,login,name"
    (here / "with.csv").write_text(f"{header},groups\nE1,mia@acme.example,Mia Managed,Sales; Board (admin)\n")
    (here / "without.csv").write_text(f"{header}\nE1,mia@acme.example,Mia Managed\n")
    jobs = {}
    for name in ("with", "without"):
        assert provision("init", name, "--from", f"{name}.csv", "--quiet").code == 0
        text = (here / name / "provision.yaml").read_text(encoding="utf-8")
        # the section as somebody switches it on
        shown = re.sub(r"# groups:\n(#   .*\n)+", lambda found: re.sub(r"(?m)^# ", "", found[0]), text)
        (here / name / "on.yaml").write_text(shown)
        jobs[name] = [
            load_job(here / name / file, {}, signs_in=False).groups for file in ("provision.yaml", "on.yaml")
        ]

    assert jobs["without"][0] is None
    assert jobs["with"][0] == jobs["without"][1] == jobs["with"][1]
    assert (jobs["with"][0].column, jobs["with"][0].create, jobs["with"][0].manage) == ("groups", False, ())
