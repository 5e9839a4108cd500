"""Mutants: single lines of the program broken on purpose, and the tests that must notice. ``make mutants`` runs them.

Each is told in ``mutants.toml``. A mutant is killed if one of its tests fails; one that all of them let pass survives, which is
a hole in the tests and fails the command.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("mutants.toml")

#: what tests need of the repository
_COPIED = ("provision", "tests", "sample_data", "jobs", "docs", "pyproject.toml", "README.md", "Makefile")
#: exit codes of pytest, and ours for tests that take too long to say anything
_PASSED, _FAILED, _TOO_LONG = 0, 1, -1
#: seconds that the tests of a mutant may take, and each of them: so many that a busy machine kills no mutant
_LONGEST, _EACH = 1800, 600


@dataclass(frozen=True, slots=True)
class Mutant:
    """One line, or a few: ``old`` stands in ``file`` exactly once, ``new`` in its place must make one of ``tests`` fail.

    ``tests`` are pytest's node ids without parameters. ``why`` says what would go wrong.
    """

    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    why: str

    def text(self, root: Path) -> str:
        """The file as it is, in a copy of the repository."""
        return (root / self.file).read_text(encoding="utf-8")

    def applied(self, root: Path) -> str:
        """The file with the line broken. Raises ValueError if the line is not there, or not once."""
        before = self.text(root)
        if (found := before.count(self.old)) != 1:
            raise ValueError(f"{self.file} has this line {found} times, not once: {self.old!r}")
        return before.replace(self.old, self.new)


def mutants() -> list[Mutant]:
    """All of them, in the order of the list."""
    told = tomllib.loads(LIST.read_text(encoding="utf-8"))["mutant"]
    return [Mutant(**{**each, "tests": tuple(each["tests"])}) for each in told]


def copied(folder: Path) -> Path:
    """A copy of what tests need of the repository."""
    for name in _COPIED:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.exists():
            shutil.copy2(path, folder / name)
    return folder


def tested(tests: Iterable[str], root: Path, longest: int = _LONGEST) -> tuple[int, str]:
    """Run tests in a copy up to the first that fails; pytest's exit code, and what it said."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-p",
        "no:cacheprovider",
        "--timeout",
        str(_EACH),
        *tests,
    ]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=longest
        )
    except subprocess.TimeoutExpired:
        return _TOO_LONG, f"more than {longest} seconds went by; name fewer tests"
    return done.returncode, done.stdout + done.stderr


def verdict(mutant: Mutant, root: Path) -> str:
    """Why a mutant is not killed, "" if it is. The copy is as it was afterwards."""
    path, before = root / mutant.file, mutant.text(root)
    try:
        path.write_text(mutant.applied(root), encoding="utf-8")
        code, said = tested(mutant.tests, root)
    except ValueError as error:
        return str(error)
    finally:
        path.write_text(before, encoding="utf-8")
    if code == _PASSED:
        return "SURVIVED: its tests pass all the same"
    return "" if code == _FAILED else f"its tests could not be run (exit code {code}):\n{said[-2000:]}"


def main(arguments: Sequence[str]) -> int:
    """Run all mutants, or those whose file or reason has a word in it; 0 if all are killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "words", nargs="*", help="only mutants with one of these in their file, line or reason"
    )
    parser.add_argument("--jobs", type=int, default=2, help="so many side by side")
    chosen = parser.parse_args(arguments)
    wanted = [each for each in mutants() if not chosen.words or _named(each, chosen.words)]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        return _all_killed(wanted, [Path(folder, str(number)) for number in range(chosen.jobs)])


def _named(mutant: Mutant, words: Iterable[str]) -> bool:
    return any(word in part for word in words for part in (mutant.file, mutant.old, mutant.why))


def _all_killed(wanted: Sequence[Mutant], folders: Sequence[Path]) -> int:
    free: SimpleQueue[Path] = SimpleQueue()
    for folder in folders:
        free.put(copied(folder))
    tests = sorted({test for mutant in wanted for test in mutant.tests})
    code, said = tested(tests, folders[0], longest=_LONGEST * len(folders) + 10 * len(tests))
    if code != _PASSED:
        print(f"Without a mutant the tests ought to pass, and do not:\n{said[-4000:]}")
        return 1

    def one(mutant: Mutant) -> str:
        root, began = free.get(), time.monotonic()
        try:
            why_not = verdict(mutant, root)
        finally:
            free.put(root)
        told = why_not or "killed"
        print(f"{time.monotonic() - began:6.1f} s  {told}  {mutant.file}: {mutant.why}", flush=True)
        return why_not

    with ThreadPoolExecutor(len(folders)) as pool:
        alive = sum(bool(why_not) for why_not in pool.map(one, wanted))
    print(f"{len(wanted) - alive} of {len(wanted)} mutants were killed.")
    return int(bool(alive))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
