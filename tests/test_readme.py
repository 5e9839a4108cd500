"""README and documentation tell the truth: tables, the job, commands, flags, exit codes, links; and the README is short."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from provision.cli.main import program
from provision.errors import ExitCode
from provision.findings import MEANINGS, Code
from provision.job.load import load_job
from provision.model import ROSTER_FIELDS
from provision.report.first_day.diagnosis import Sign
from tests import decisions_page, reference_pages

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
#: pages that name flags of other programs
_OF_OTHERS = {"coming-from.md", "sandbox.md", "how-to-add.md", "formats.md", "fleet.md"}
VARIABLES = {
    "BOX_CLIENT_ID": "an-id",
    "BOX_CLIENT_SECRET": "a-secret",
    "BOX_ENTERPRISE_ID": "27335",
}
COMMANDS: dict[str, click.Command] = getattr(program, "commands", {})


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language, without the indent of a list they stand in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", TEXT, re.DOTALL | re.MULTILINE)
    return [re.sub(f"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


@pytest.mark.parametrize("page", reference_pages.BLOCKS)
def test_what_pages_list_is_what_is_generated(page):
    assert reference_pages.written(page) == DOCS[page]


def test_every_code_of_a_finding_has_a_meaning():
    assert set(MEANINGS) == set(Code)
    assert set(re.findall(r"^\| `(\w+)` \| [^|]+ \|$", DOCS["programs.md"], re.MULTILINE)) >= set(Code)


def test_the_readme_is_one_screen_a_thing():
    """What grows, grows in the documentation."""
    assert len(TEXT.split()) < 1_500
    sections = re.split(r"^## ", TEXT, flags=re.MULTILINE)
    assert max(map(len, map(str.splitlines, sections))) < 70


def test_every_page_is_in_the_index():
    assert set(re.findall(r"\(([\w-]+\.md)\)", DOCS["index.md"])) == set(DOCS) - {"index.md"}


def test_page_of_decisions_is_the_one_that_is_generated():
    text = decisions_page.PAGE.read_text(encoding="utf-8")

    assert decisions_page.with_table(text) == text


def test_first_things_are_the_two_commands():
    assert re.findall(r"^make (\w+)", blocks("sh")[0], re.MULTILINE) == ["demo", "test"]


def test_job_of_the_readme_loads(tmp_path):
    [text] = blocks("yaml")
    path = tmp_path / "provision.yaml"
    path.write_text(text, encoding="utf-8")

    job = load_job(path, VARIABLES)

    assert job.name == "employees"
    assert set(job.roster.columns.values()) == {"external_id", "login", "name", "job_title"}


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "sample_data/README.md", "CHANGELOG.md", "jobs/README.md"]
)
def test_commands_that_are_named_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(
        re.findall(r"`provision ([a-z]+(?:-[a-z]+)*)|^\s*provision ([a-z]+(?:-[a-z]+)*)", text, re.MULTILINE)
    )

    assert {one or other for one, other in named} <= set(COMMANDS)


def test_every_command_is_in_the_tables():
    listed = re.findall(r"^\| `provision ([\w-]+)", DOCS["commands.md"], re.MULTILINE)
    assert set(listed) == set(COMMANDS)
    shown = TEXT.partition("## The commands")[2].partition("## ")[0]
    assert set(re.findall(r"`provision ([\w-]+)`", shown)) <= set(COMMANDS)


@pytest.mark.parametrize("page", ["README.md", *sorted(set(DOCS) - _OF_OTHERS)])
def test_flags_that_are_named_exist(page):
    flags = {flag for command in COMMANDS.values() for option in command.params for flag in option.opts}
    text = TEXT if page == "README.md" else DOCS[page]

    assert set(re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*", text)) - {"--version", "--help"} <= flags


def test_every_code_of_the_doctor_is_listed():
    section = DOCS["first-day.md"].partition("\n## Is everything ready?\n")[2].partition("\n## ")[0]
    cells = [
        line.rpartition("| `")[2]
        for line in section.splitlines()
        if line.startswith("| ") and "--json" not in line
    ]

    assert {code for cell in cells for code in re.findall(r"(\w+)`", cell)} == set(Sign)


def test_every_exit_code_is_explained():
    paragraph = DOCS["commands.md"].partition("**Exit codes:**")[2].partition("\n\n")[0]

    assert {int(number) for number in re.findall(r"(?:^|· )(\d+) ", paragraph.strip())} == {
        code.value for code in ExitCode
    }


def test_roster_fields_are_those_of_the_program():
    listed = DOCS["keys.md"].partition("Roster fields: `")[2].partition("`")[0]
    named = {word.strip() for word in listed.split(",")} - {"tracking_codes.NAME"}
    later = {"groups", "aliases"}

    assert named | later == set(ROSTER_FIELDS)


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "sample_data/README.md", "sample_data/broken/README.md"]
)
def test_files_that_are_linked_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]

    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_targets_of_make_that_are_named_exist():
    made = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(
        re.findall(r"make ([a-z]+)(?= |`|\n)", "\n".join([*re.findall(r"`[^`]*`", TEXT), *blocks("sh")]))
    )

    assert named <= made
    assert named
