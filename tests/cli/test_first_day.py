"""The first day as the README tells it: its commands, its roster and its sandbox, as they stand there."""

from __future__ import annotations

import os
import pty
import re
import shlex
import webbrowser
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest
import yaml

from tests.cli.conftest import ROOT, Said

DAY = (
    (ROOT / "README.md")
    .read_text(encoding="utf-8")
    .partition("\n## The first day\n")[2]
    .partition("\n## ")[0]
)


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```", DAY, re.DOTALL | re.MULTILINE)
    return [re.sub(r"^ {3}", "", block, flags=re.MULTILINE) for block in found]


def commands(block: str) -> list[list[str]]:
    """The arguments of each command of a block."""
    return [shlex.split(line, comments=True)[1:] for line in block.splitlines()]


def exports(shown: int) -> dict[str, str]:
    """The variables that a sandbox prints at a terminal."""
    text = ""
    while "BOX_TOKEN=" not in text or not text.endswith("\n"):
        text += os.read(shown, 4096).decode()
    lines = [line for line in text.splitlines() if line.startswith("export ")]
    return dict(shlex.split(line)[1].split("=", 1) for line in lines)


def test_first_day_of_the_readme_works_as_it_stands(
    provision: Callable[..., Said],
    launch: Callable[..., Popen[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    [start], [*steps] = map(commands, blocks("sh"))
    seen: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda page: seen.append(page) or True)
    shown, terminal = pty.openpty()
    launch(*start, stdout=terminal)
    for name, value in exports(shown).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "employees.csv").write_text(blocks("csv")[0], encoding="utf-8")

    said = {step[0]: provision(*step) for step in steps}

    assert {name: one.code for name, one in said.items()} == {"init": 0, "check": 0, "plan": 2}
    [page] = (tmp_path / "runs").glob("*/preview.html")
    assert seen == [page.as_uri()]
    assert f"\n  {page}\n" in said["plan"].err
    last = said["plan"].err.partition("To carry it out\n")[2].splitlines()[0]
    applied = provision(*shlex.split(last)[1:])
    assert applied.code == 0
    assert provision("verify", "provision.yaml").code == 0
    [told] = blocks("yaml")
    written = yaml.safe_load((tmp_path / "provision.yaml").read_text(encoding="utf-8"))
    assert yaml.safe_load(told) == written


@pytest.mark.parametrize(
    ("formats", "opens", "told"),
    [
        (["html"], False, "No browser could be opened here"),
        (["csv"], True, "report.formats in the job does not include html"),
    ],
)
def test_a_preview_that_cannot_be_opened_is_no_error(
    provision: Callable[..., Said], box, make_job, monkeypatch, formats, opens, told
):
    box()
    monkeypatch.setattr(webbrowser, "open", lambda _: opens)

    said = provision(
        "plan", make_job("login,name\nnina@acme.example,Nina\n", report={"formats": formats}), "--open"
    )

    assert said.code == 2
    assert told in " ".join(said.err.split())
