"""What is handed out: a wheel that can write its pages, and a source distribution from which everything can be made."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def files(folder: str, *but: str) -> set[str]:
    found = (path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file())
    return {name for name in found if "__pycache__" not in name and not name.startswith(but or ("\0",))}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def test_a_wheel_has_all_of_the_program_and_nothing_else(built):
    [wheel] = built.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert names == files("provision")


def test_what_a_wheel_installs_answers_and_sets_a_page_in_type(built, tmp_path):
    """With nothing of this folder beside it: templates, words and types come along."""
    [wheel] = built.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path)  # noqa: S202 - what was just built
    asked = (
        "from provision.report.page.render import environment, page_parts; environment().get_template('report.html.j2'); page_parts(); "
        "from provision.cli.main import program; import provision; print(provision.__file__)"
    )
    said = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert said.stdout.strip() == str(tmp_path / "provision" / "__init__.py")


def test_a_source_distribution_makes_the_same_wheel_and_knows_what_make_demo_runs(built, tmp_path):
    [sdist], [wheel] = built.glob("*.tar.gz"), built.glob("*.whl")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    [source] = tmp_path.iterdir()
    again = tmp_path / "dist"
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(again)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    [made] = again.glob("*.whl")

    contents = [
        {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}
        for archive in map(zipfile.ZipFile, (wheel, made))
    ]
    assert contents[0] == contents[1]
    planned = subprocess.run(
        ["make", "-n", "demo"], cwd=source, check=True, capture_output=True, text=True
    ).stdout
    named = re.findall(r"(?:-r |python )([\w./-]+\.(?:lock|py))", planned)
    assert named and all((source / name).exists() for name in named), planned


def test_a_container_is_built_of_what_is_there():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    copied = re.findall(
        r"^COPY (?!--from)(.+) \S+$", (ROOT / "Containerfile").read_text(encoding="utf-8"), re.M
    )

    names = [name for line in copied for name in line.split()]
    assert "provision" in names
    assert [name for name in names if not (ROOT / name).exists() or name in ignored] == []


def test_a_source_distribution_has_all_that_demo_and_tests_need(built):
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}

    wanted = set().union(
        *(files(each) for each in ("provision", "jobs", "sample_data", "docs", ".github")),
        (
            "Makefile",
            "Containerfile",
            ".dockerignore",
            "requirements.lock",
            "pyproject.toml",
            "README.md",
            ".ci/run",
        ),
    )
    assert wanted - names == set()
    assert {name for name in names if name.startswith("tests/")} >= files("tests")
