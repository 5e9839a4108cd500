"""Whatever becomes of a file that the program wrote, it is told by name: never a mistake of the program, never an endless wait.

A few damages by default; ``make soak`` puts a hundred into each kind of file, other ones each time.
"""

from __future__ import annotations

import io
import os
import shutil
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision.errors import BoxUnreachable, DamagedFile
from provision.records import LARGEST, content_of
from tests.examples import either

from .conftest import ROSTER, Said, complaint

Damage = Callable[[bytes], bytes | None]

PIPE = b"a pipe, and no bytes"
DEEP = b"[" * 100_000
#: what no reader can take for a file of its own
LOUD: dict[str, Damage] = {
    "empty": lambda _: b"",
    "null": lambda _: b"null",
    "a list": lambda _: b"[]",
    "an object": lambda _: b"{}",
    "a list of objects": lambda _: b"[{}]",
    "deep": lambda _: b'{"version":4,"a":' + DEEP,
    "deep list": lambda _: b'[{"a":' + DEEP,
    "no UTF-8": lambda _: b"\xff\xfe\x80" * 40,
    "half": lambda content: content[: len(content) // 2],
    "a folder": lambda _: None,
    "a pipe": lambda _: PIPE,
}
#: each file, and the commands that read it: D is a run that was carried out, P a plan that waits, JOB the job
READ: dict[str, Sequence[tuple[str, ...]]] = {
    "P/plan.json": [("apply", "P"), ("approve", "P", "--all", "--by", "I"), ("explain", "JOB", "E1"), ("resume", "P")],
    "P/run.json": [("apply", "P"), ("report", "P"), ("approve", "P", "--all", "--by", "I")],
    "P/seal.json": [("apply", "P"), ("approve", "P", "--all", "--by", "I")],
    "P/people.parquet": [("apply", "P"), ("approve", "P", "--all", "--by", "I"), ("explain", "JOB", "E1")],
    "P/said.parquet": [("apply", "P")],
    "P/reconciliation.facts.json": [("report", "P"), ("apply", "P")],
    "P/reconciliation.parquet": [("report", "P"), ("apply", "P")],
    "P/operations.parquet": [("report", "P")],
    "P/approvals.json": [("approve", "P", "--all", "--by", "I"), ("explain", "JOB", "E1"), ("runs", "JOB", "--rebuild")],
    "P/summary.json": [("runs", "JOB")],
    "D/plan.json": [("undo", "D"), ("runs", "JOB", "--rebuild")],
    "D/journal.sqlite": [("explain", "JOB", "E4"), ("runs", "JOB", "--rebuild"), ("undo", "D"), ("resume", "D"), ("report", "D")],
    "D/reconciliation.parquet": [("runs", "JOB", "--rebuild"), ("report", "D")],
    "A/adoption.json": [("explain", "JOB", "zoe@acme.example"), ("runs", "JOB", "--rebuild")],
    "D/log.jsonl": [("report", "D"), ("explain", "JOB", "E1"), ("resume", "D"), ("runs", "JOB"), ("resume", "P")],
    "state/provision.db": [
        ("holds", "JOB"), ("explain", "JOB", "E1"), ("check", "JOB"), ("approve", "P", "--all", "--by", "I"), ("plan", "JOB"), ("verify", "JOB"),
    ],
    "state/provision.key": [("apply", "P"), ("approve", "P", "--all", "--by", "I"), ("undo", "D")],
}  # fmt: skip
#: what an empty or missing file of this kind is taken for, on purpose
QUIET = {("P/approvals.json", "a list"), ("P/summary.json", "an object"), ("state/provision.db", "empty")}


#: what is read to learn more, and not missed
OPTIONAL = {"D/log.jsonl"}
GUARDS = {"updates": {"count": 2}}


class World:
    """A job with its folders, each file of which can be damaged and put back."""

    def __init__(self, provision: Callable[..., Said], names: dict[str, str]) -> None:
        self._provision, self.names = provision, names
        self._kept = Path("kept")
        for name in ("runs", "state"):
            shutil.copytree(name, self._kept / name)

    def path(self, name: str) -> Path:
        first, _, rest = name.partition("/")
        return Path(self.names.get(first, first)) / rest

    def said(self, command: Sequence[str]) -> Said:
        return self._provision(*(self.names.get(word, word) for word in command))

    def damaged(self, name: str, damage: Damage) -> Path:
        path = self.path(name)
        content = damage(path.read_bytes())
        path.unlink()
        if content is None:
            path.mkdir()
        elif content is PIPE:
            os.mkfifo(path, 0o600)
        else:
            path.touch(mode=0o600)
            path.write_bytes(content)
        return path

    def restore(self) -> None:
        for name in ("runs", "state"):
            shutil.rmtree(name)
            shutil.copytree(self._kept / name, name)


@pytest.fixture
def world(box, provision, make_job, monkeypatch):
    box()
    assert provision("run", make_job(ROSTER, guards=GUARDS), "--json").code == 0
    done = next(Path("runs").iterdir())
    assert provision("adopt", "nightly.yaml", "--login", "zoe@acme.example", "--by", "Ines").code == 0
    adopted = next(path for path in Path("runs").iterdir() if path != done)
    job = make_job(
        ROSTER.replace("Buyer", "Clerk").replace("Director", "Clerk").replace(",,", ",Clerk,"), guards=GUARDS
    )
    planned = provision("plan", job, "--json")
    assert planned.code == 3, planned
    person = ("--person", "mia@acme.example")
    assert provision("approve", planned.folder, *person, "--by", "Ines").code == 0

    def away(*_: Any) -> None:
        raise BoxUnreachable("Nobody asks Box here.")

    for room in ("planning.reopen", "undo"):
        monkeypatch.setattr(f"provision.runs.{room}.sign_in", away)
    return World(provision, {"P": str(planned.folder), "D": str(done), "A": str(adopted), "JOB": str(job)})


#: how a command ends here when nothing is wrong with the file; a guard may find fault with what a ledger tells otherwise
_WELL = {0, 1, 3}
_NOT_ASKED = {"apply", "undo", "resume"}


def well(command: Sequence[str]) -> set[int]:
    return _WELL | {7} if command[0] in _NOT_ASKED else _WELL


def scratched() -> st.SearchStrategy[tuple[str, Damage]]:
    """Some bits or bytes that are others, or an end that is missing."""
    places = st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=30
    )
    bits = st.tuples(st.floats(0, 1, exclude_max=True), st.sampled_from([1 << bit for bit in range(8)])).map(
        lambda one: [one]
    )
    cut = st.floats(0, 1, exclude_max=True)
    return st.one_of(
        st.builds(lambda at: ("scratched", partial(_scratch, at)), bits | places),
        st.builds(lambda at: ("cut", lambda content: content[: int(len(content) * at)]), cut),
    )


def _scratch(places: Sequence[tuple[float, int]], content: bytes) -> bytes:
    found = bytearray(content)
    for place, mask in places:
        found[int(place * len(found))] ^= mask
    return bytes(found)


@pytest.mark.soak
@pytest.mark.timeout(either(600, 0))
@settings(
    max_examples=either(2, 100),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.sampled_from(sorted(LOUD.items())), scratched(), st.integers(0, 11))
def test_a_damaged_file_is_told_by_name_or_changes_nothing(world, loud, scratch, which):
    for name, commands in READ.items():
        command = commands[which % len(commands)]
        for how, damage in (loud, scratch):
            path = world.damaged(name, damage)
            said = world.said(command)
            world.restore()
            told = (how, name, command, said)
            if how not in LOUD or (name, how) in QUIET or name in OPTIONAL:
                assert said.code in well(command), told
            else:
                assert said.code == 1, told
                assert path.name in complaint(said), told


#: bytes of a file that takes no room on the disk and all memory of whoever reads it whole
_HUGE = 1 << 40
#: a database knows how many pages it has, and reads no others
SPACIOUS = {"D/journal.sqlite", "state/provision.db"}


def test_a_file_without_end_is_told_by_name_or_not_read_to_its_end(world):
    for name, command in ((name, command) for name, commands in READ.items() for command in commands):
        path = world.path(name)
        os.truncate(path, _HUGE)
        said = world.said(command)
        world.restore()
        if name in OPTIONAL | SPACIOUS:
            assert said.code in well(command), (name, command, said)
        else:
            assert said.code == 1 and path.name in complaint(said), (name, command, said)


def test_a_record_for_which_there_is_no_memory_is_told(tmp_path, monkeypatch):
    path = tmp_path / "plan.json"
    path.write_bytes(b"{}")

    class Stream(io.FileIO):
        def read(self, _size: int = -1) -> bytes:
            raise MemoryError

    monkeypatch.setattr("provision.records.opened", Stream)
    with pytest.raises(DamagedFile, match=r"plan\.json cannot be read: there is not as much memory"):
        content_of(path, "")


def test_a_small_record_takes_no_more_memory_than_it_has_bytes(tmp_path):
    """A plan may be large; where there is little memory, one that is not has to be read all the same."""
    path = tmp_path / "plan.json"
    path.write_text("{}")
    tracemalloc.start()
    try:
        assert content_of(path, "", LARGEST) == b"{}"
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 1 << 20
