"""What is handed out: a wheel that can write its pages, and a source distribution from which everything can be made."""

from __future__ import annotations

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
