"""The pages for engineers tell the truth: places in the code, tables and files that outlive a process, versions, rooms."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml

from provision.cli.main import program
from provision.journal import book, v1
from provision.ledger.migrations import MIGRATIONS, SCHEMA_VERSION
from provision.ledger.tables import TABLES
from provision.plan import v3_words
from provision.plan.planfile import APPLIED
from provision.plan.value import PLAN_VERSION
from provision.report import kept

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md")))
FORMATS = (ROOT / "docs/formats.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def fenced(page: str, heading: str) -> str:
    """The first fenced block below a heading."""
    text = (ROOT / page).read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2]
    return text.partition("```\n")[2].partition("```")[0]


# --- places --------------------------------------------------------------------------------------------

_PLACE = re.compile(r"(?<![\w./*<>-])((?:\w+/)*\w+\.py)(?::([A-Za-z_]\w*(?:\.\w+)?))?")


@cache
def names_in(path: Path) -> frozenset[str]:
    """What a module defines: functions, classes, their members, and constants."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.ClassDef(name=name, body=body):
                members = (one.name for one in body if isinstance(one, ast.FunctionDef))
                found |= {name, *(f"{name}.{member}" for member in members)}
            case ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {
                    one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)
                }
    return frozenset(found)


def is_there(name: str, wanted: str) -> bool:
    """Whether a page names a file that exists, below the root or below provision/, and something in it."""
    path = next((path for path in (ROOT / name, ROOT / "provision" / name) if path.is_file()), None)
    return path is not None and (not wanted or wanted in names_in(path))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_places_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    places = [place for place in _PLACE.findall(text) if "/" in place[0]]

    assert [place for place in places if not is_there(*place)] == []


@pytest.mark.parametrize("place", [("plan/build.py", "make_plans"), ("plan/builds.py", "make_plan")])
def test_a_place_that_is_not_there_is_seen(place: tuple[str, str]) -> None:
    assert is_there("plan/build.py", "make_plan")
    assert _PLACE.findall(f"`{':'.join(place)}`") == [place]
    assert not is_there(*place)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_that_are_linked_exist(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_named_exist(page: Path) -> None:
    named = set(re.findall(r"`provision ([a-z]+(?:-[a-z]+)*)", page.read_text(encoding="utf-8")))

    assert named <= set(getattr(program, "commands", {}))


def test_every_decision_is_in_the_list() -> None:
    folder = ROOT / "docs/adr"
    listed = dict(
        re.findall(
            r"^\| \[\d{4}\]\((\S+)\) \| (.+) \|$",
            (folder / "README.md").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    titles = {path.name: path.read_text(encoding="utf-8").partition("\n")[0] for path in folder.glob("0*.md")}

    assert titles == {name: f"# {name[:4]} {title}" for name, title in listed.items()}


# --- promises ------------------------------------------------------------------------------------------

THREATS = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def is_tested(file: str, name: str) -> bool:
    """Whether there is such a test."""
    return (ROOT / file).is_file() and name.startswith("test_") and name in names_in(ROOT / file)


def test_every_promise_is_held_by_tests_that_are_there() -> None:
    promises = [line for line in THREATS.splitlines() if line.startswith("| ") and "| --- |" not in line]
    promises = [line for line in promises if line != "| what | held by |"]
    promises += SECURITY.partition("\n## What is promised\n")[2].partition("\n## ")[0].split("\n- ")[1:]

    assert [line for line in promises if not _TEST.findall(line)] == []
    assert [test for test in _TEST.findall(THREATS + SECURITY) if not is_tested(*test)] == []
    assert len(promises) > 32


def test_a_promise_without_its_test_is_seen() -> None:
    assert is_tested("tests/test_documents.py", "test_a_promise_without_its_test_is_seen")
    assert not is_tested("tests/test_documents.py", "test_of_nothing")
    assert not is_tested("tests/test_document.py", "test_a_promise_without_its_test_is_seen")
    assert not is_tested("tests/test_documents.py", "names_in")


# --- docstrings ----------------------------------------------------------------------------------------

_ROLE = re.compile(r":(?:class|meth|func|mod|data):`~?([\w.]+)`")
_ROOM = re.compile(r"(?<![\w./:*<-])((?:[a-z][a-z_]*/)+(?:\w+\.py)?)(?![\w*<])")


@cache
def sources() -> dict[str, str]:
    """The text of every module of the program, by its name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path.read_text(
            "utf-8"
        )
        for path in sorted((ROOT / "provision").rglob("*.py"))
    }


def leads_somewhere(name: str) -> bool:
    """Whether a docstring refers to something that is there: a module, or in one (any one, if none is named) all that is behind its name."""
    module = name if name.partition(".")[0] == "provision" else ""
    while module and module not in sources():
        module = module.rpartition(".")[0]
    parts = [part for part in name[len(module) :].split(".") if part]
    found = [re.compile(rf"^(?:\s*(?:class|def) )?{part}\b", re.MULTILINE) for part in parts]
    texts = [sources()[module]] if module else sources().values()
    return any(all(each.search(text) for each in found) for text in texts)


def test_names_that_docstrings_refer_to_exist() -> None:
    told = {name for text in sources().values() for name in _ROLE.findall(text)}

    assert len(told) > 50
    assert leads_somewhere("LeaverCalls.transfer")
    assert not leads_somewhere("Leaving.transfer")
    assert not leads_somewhere("provision.plan.value.Change")
    assert [name for name in sorted(told) if not leads_somewhere(name)] == []


def test_rooms_that_other_rooms_name_exist() -> None:
    lost, told = [], 0
    for path in sorted((ROOT / "provision").rglob("__init__.py")):
        places = _ROOM.findall(path.read_text("utf-8"))
        told += len(places)
        above = [folder for folder in path.parents if folder.is_relative_to(ROOT)]
        lost += [
            (path.parent.name, room) for room in places if not any((one / room).exists() for one in above)
        ]

    assert told > 40
    assert lost == []


# --- rooms ---------------------------------------------------------------------------------------------


def test_every_room_is_in_the_plan_of_the_house() -> None:
    drawn = re.findall(r"── ([\w./]+) ", fenced("CONTRIBUTING.md", "How the house is laid out"))
    rooms = [path for path in (ROOT / "provision").iterdir() if path.name not in ("__main__.py", "py.typed")]
    there = [f"{path.name}/" if path.is_dir() else path.name for path in rooms if path.name != "__pycache__"]

    assert sorted(drawn) == sorted(there)


def test_the_floors_are_those_that_are_checked() -> None:
    [layers] = [
        one["layers"] for one in PROJECT["tool"]["importlinter"]["contracts"] if one["type"] == "layers"
    ]

    assert fenced("docs/architecture.md", "The floors").splitlines() == layers


# --- formats -------------------------------------------------------------------------------------------


def rows_below(heading: str) -> list[list[str]]:
    """The cells of all tables below a heading, without their headers."""
    part = FORMATS.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if "| --- |" not in line
    ]


def test_every_table_of_the_ledger_is_told_with_its_columns() -> None:
    told = {row[0].strip("`"): row[1] for row in rows_below("The ledger") if len(row) == 3}
    del told["table"]
    columns = {
        name: ", ".join(f"**{one.name}**" if one.primary_key else one.name for one in table.columns)
        for name, table in TABLES.tables.items()
    }

    assert told == columns


def test_every_version_of_the_ledger_is_told() -> None:
    versions = [row[0] for row in rows_below("The ledger") if len(row) == 2 and row[0].isdecimal()]

    assert versions == [str(version) for version, _ in MIGRATIONS]
    assert f"Schema version **{SCHEMA_VERSION}**" in FORMATS


#: names of files in a run folder; a ledger's has its job's own name
_FILE = re.compile(r"[a-z][\w-]*(?:\.\w+)*\.(?:jsonl?|parquet|sqlite|html|csv|xlsx|txt)")


def files_written() -> set[str]:
    """Every text of the program that is the name of such a file."""
    modules = [
        path for path in (ROOT / "provision").rglob("*.py") if "sandbox" not in path.relative_to(ROOT).parts
    ]
    return {
        node.value
        for path in modules
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _FILE.fullmatch(node.value)
    }


def test_every_file_of_a_run_folder_is_told() -> None:
    first = [row[0] for row in rows_below("The run folder") if len(row) == 5]
    told = {name for cell in first for name in re.findall(r"`([^`]+)`", cell)} - {
        "snapshots/<Box id>.json",
        "approvals.d/USER.json",
    }

    assert told == files_written()
    assert len(told) > 15


def test_versions_are_those_of_the_program() -> None:
    versions = {row[0]: row[1] for row in rows_below("The run folder") if len(row) == 5}
    plans, journals = FORMATS.partition("**Older plans.**")[2].partition("**Older journals.**")[::2]

    assert versions["`plan.json`"] == str(PLAN_VERSION)
    assert versions["`journal.sqlite`"] == book._VERSION
    assert versions["`reconciliation.parquet`, `operations.parquet`, `reconciliation.facts.json`"] == str(
        kept.VERSION
    )
    assert f"version {v3_words.VERSION} told them in sentences" in plans
    assert f"| plan {' and '.join(map(str, reversed(APPLIED)))} | plan {v3_words.VERSION} |" in plans
    assert f"Version {book._VERSION} keeps notes as codes; version {v1.VERSION} kept" in journals


def test_tables_of_the_journal_are_those_that_are_made() -> None:
    made = dict(re.findall(r"CREATE TABLE (\w+) \((.*?)\)(?: WITHOUT ROWID)?;", book._SCHEMA, re.DOTALL))
    told = re.findall(r"^- `(\w+) \((.*?)\)`", FORMATS, re.MULTILINE)

    assert {name: columns.split(", ") for name, columns in told} == {
        name: re.findall(r"(?:^|,)\s*(\w+) (?:TEXT|INTEGER)", columns) for name, columns in made.items()
    }


# --- habits --------------------------------------------------------------------------------------------


def test_hooks_run_what_make_check_runs() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook["entry"] for one in config["repos"] for hook in one["hooks"]]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipes = [re.search(rf"^{target}: .*\n((?:\t.*\n)+)", makefile, re.MULTILINE) for target in CHECKS]
    made = [line.strip().removeprefix("@") for found in recipes if found for line in found[1].splitlines()]

    assert [line.replace("$(VENV)", ".venv") for line in made] == hooks


CHECKS = ("lint", "types", "layers")


def test_every_python_that_is_supported_is_checked() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["check"]
    classified = [
        found[1]
        for line in PROJECT["project"]["classifiers"]
        if (found := re.search(r":: (3\.\d+)$", line)) is not None
    ]

    assert job["strategy"]["matrix"]["python"] == classified
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in job["steps"] if "uses" in step)
