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
#: who is who in a run, and what waits in it
_PEOPLE, _SUMMARY = "identities.csv", "summary.json"
#: people who are looked through while somebody types, and who are offered at most
_PEOPLE_LOOKED_AT, _MOST_PEOPLE = 100_000, 50
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


def known_people(context: click.Context, _option: click.Parameter, typed: str) -> list[CompletionItem]:
    """Logins and external ids of the people of the newest run: of the job that is named before, else of the jobs here."""
    job = _named(context, "job")
    folders = {*_folders([Path(job)])} if job else {Path("runs"), *_folders(_jobs_here())}
    return _beginning(typed, _keys_beginning(_newest(folders), typed))


def people_of_run(context: click.Context, _option: click.Parameter, typed: str) -> list[CompletionItem]:
    """The people about whom something waits in the run that is named before; where nothing does, everybody in it."""
    named = _named(context, "run")
    folders = [path for path in (Path(named), Path("runs") / named) if (path / _SUMMARY).is_file()]
    waiting = [key for folder in folders[:1] for key in _waiting(folder)]
    return _beginning(typed, sorted(set(waiting)) or _keys_beginning(folders, typed))


def _named(context: click.Context, what: str) -> str:
    """What the command is about; behind an option that still wants its value, words are not sorted yet."""
    words = (word for word in context.args if not word.startswith("-"))
    return str(context.params.get(what) or next(words, ""))


def _newest(folders: Iterable[Path]) -> list[Path]:
    """The newest run below these folders that says who is who."""
    runs = {name: folder for folder in folders for name in _runs_in(folder)}
    told = (runs[name] / name for name in sorted(runs, reverse=True))
    return list(islice((path for path in told if (path / _PEOPLE).is_file()), 1))


def _keys_beginning(folders: Iterable[Path], typed: str) -> Iterator[str]:
    """The login of each person of whom a key begins as typed, or the external id if that is what begins so."""
    import csv

    found: set[str] = set()
    for folder in folders:
        with (
            contextlib.suppress(OSError, ValueError, csv.Error),
            (folder / _PEOPLE).open(encoding="utf-8-sig", newline="") as file,
        ):
            for row in islice(csv.DictReader(file), _PEOPLE_LOOKED_AT):
                keys = (row.get("login") or "", row.get("external_id") or "")
                found.update(islice((key for key in keys if key and key.startswith(typed)), 1))
                if len(found) >= _MOST_PEOPLE:
                    break
    yield from sorted(found)


def _waiting(folder: Path) -> Iterator[str]:
    import json

    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        holds = json.loads((folder / _SUMMARY).read_bytes())["holds"]
        yield from (str(hold["key"]) for hold in holds)


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
