"""What a shell is offered while somebody types: quickly, without Box or ledger, and silent whatever is wrong."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # no command needs it while it works
    from click.shell_completion import CompletionItem

#: a run's folder, as runs/folder.py names it; that one takes long to load
_RUN = re.compile(r"\d{8}T\d{6}Z-.+-[0-9a-f]{4}")
_RUNS_OF_JOB = re.compile(r"""^runs:[ \t]*["']?([^"'#\n]+?)["']?[ \t]*(?:#.*)?$""", re.MULTILINE)
#: job files here that are looked into, and characters of each
_JOBS, _LOOKED_AT = 20, 1 << 16


def run_names(_context: click.Context, _option: click.Parameter, typed: str) -> list[CompletionItem]:
    """The runs in ./runs by id, and those of the jobs in this folder by path; newest first."""
    folders = {Path("runs"), *_folders(_jobs_here())}
    found = {name: folder for folder in sorted(folders) for name in _runs_in(folder)}
    names = (
        name if folder == Path("runs") else str(folder / name)
        for name, folder in sorted(found.items(), reverse=True)
    )
    from click.shell_completion import CompletionItem

    return _beginning(typed, names) or [CompletionItem(typed, type="dir")]


def guards_to_allow(_context: click.Context, _option: click.Parameter, typed: str) -> list[CompletionItem]:
    """The guards, as GUARD= to be followed by a number."""
    from provision.report.sentences.help_words import GUARDS

    return _beginning(typed, (f"{name}=" for name in GUARDS))


def kinds_of_operation(_context: click.Context, _option: click.Parameter, typed: str) -> list[CompletionItem]:
    """The kinds of operation that are not named yet, behind those that are."""
    from provision.model import Kind

    before, comma, _ = typed.rpartition(",")
    named = before.split(",")
    return _beginning(typed, (f"{before}{comma}{kind}" for kind in Kind if kind.value not in named))


def _beginning(typed: str, offers: Iterable[str]) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(each) for each in offers if each.startswith(typed)]


def _jobs_here() -> Iterator[Path]:
    return islice(sorted(Path().glob("*.y*ml")), _JOBS)


def _folders(jobs: Iterable[Path]) -> Iterator[Path]:
    """Where these jobs keep their runs, as far as a look at the file tells."""
    for job in jobs:
        told = None
        with contextlib.suppress(OSError, ValueError), job.open(encoding="utf-8") as file:
            told = _RUNS_OF_JOB.search(file.read(_LOOKED_AT))
        yield job.parent / (told[1] if told else "runs")


def _runs_in(folder: Path) -> Iterator[str]:
    with contextlib.suppress(OSError):
        yield from (path.name for path in folder.iterdir() if _RUN.fullmatch(path.name))
