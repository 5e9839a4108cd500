from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec
import pytest

from provision.errors import DamagedFile, PlanError, RunFolderError
from provision.files import sha256_of
from provision.plan import planfile
from provision.plan.alike import encoded
from provision.plan.planfile import PEOPLE_NAME, PLAN_NAME, SAID_NAME, read_plan, write_plan
from provision.plan.value import Plan

from .builders import directory, make_job, memory, plan, roster, row, user
from .strategies import LONG_AGO

GOLDEN = Path(__file__).with_name("small_plan.json")
AGAIN = "make a new plan from the roster: provision plan JOB"


@cache
def small() -> Plan:
    """A plan with every kind of operation and most verdicts."""
    users = [
        user("update@acme.example", "11", phone="1", tracking_codes='{"site":"B"}'),
        user("return@acme.example", "12", status="inactive"),
        user("ended@acme.example", "13"),
        user("absent@acme.example", "14"),
        user("gone@acme.example", "15", status="inactive"),
        user("same@acme.example", "16"),
        user("admin@acme.example", "17", role="admin"),
        user("stranger@acme.example", "18"),
        user("other@other.example", "19"),
    ]
    rows = [
        row("new@acme.example", external_id="E1", name="Ṣadé Ṣóyínká", job_title="Clerk"),
        row("update@acme.example", phone="(clear)", **{"tracking_codes.cost": "7"}),
        row("return@acme.example"),
        row("ended@acme.example", end_date="2026-02-28"),
        row("Same@ACME.example"),
        row("admin@acme.example", phone="1"),
        row("nobody@acme.example", name=""),
    ]
    missed = dict.fromkeys(("14", "15"), (3, LONG_AGO, LONG_AGO))
    job = make_job(
        scope={"domains": ["acme.example"]},
        lifecycle={"leavers": [{"after": "0d", "do": "deactivate"}, {"after": "30d", "do": "delete"}]},
        guards={"removals": {"count": 1}, "creates": {"percent": 25}, "shrink": {"percent": 5}},
    )
    known = memory(users[1] | {"left_at": LONG_AGO}, users[3], users[4], absences=missed, rows=8)
    bad = (row("bad@acme.example"),)
    return plan(roster(*rows, bad=bad), directory(*users, job=job), known, job, allowed={"removals": 3})


def test_a_small_plan_is_written_as_it_always_was(tmp_path: Path) -> None:
    write_plan(small(), tmp_path)
    written = json.loads((tmp_path / PLAN_NAME).read_text(encoding="utf-8"))
    for sealed in ("people_sha256", "said_sha256", "digest"):  # Parquet names the version of its writer
        assert len(written.pop(sealed)) == 64
    assert len(written["directory"].pop("fingerprint")) == 32

    assert written == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_each_operation_has_a_line_of_its_own(tmp_path: Path) -> None:
    told = replace(small(), drift=('\n "changes": []',))  # what a text says is no place in the file
    write_plan(told, tmp_path)
    lines = (tmp_path / PLAN_NAME).read_text(encoding="utf-8").splitlines()

    alone = [json.loads(line.removesuffix(",")) for line in lines if line.startswith('  {"kind"')]
    assert alone == json.loads(GOLDEN.read_text(encoding="utf-8"))["changes"]
    assert read_plan(tmp_path).drift == told.drift


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    written = write_plan(small(), tmp_path)
    read = read_plan(tmp_path)

    assert read == written
    assert read.table.equals(written.table)
    assert read.said is not None
    assert written.said is not None
    assert read.said.whole().equals(written.said.whole())
    assert read.table.dtypes.equals(written.table.dtypes)


def test_an_empty_plan_is_read_back_too(tmp_path: Path) -> None:
    written = write_plan(plan(roster(), directory()), tmp_path)
    read = read_plan(tmp_path)

    assert read == written
    assert read.table.dtypes.equals(written.table.dtypes)


def test_the_files_hold_personal_data_and_are_private(tmp_path: Path) -> None:
    write_plan(small(), tmp_path)

    assert [
        stat.S_IMODE((tmp_path / name).stat().st_mode) for name in (PLAN_NAME, PEOPLE_NAME, SAID_NAME)
    ] == [0o600] * 3


_AGAIN_SCRIPT = """
import sys
from pathlib import Path
from tests.plan.test_planfile import small
from provision.plan.planfile import write_plan
write_plan(small(), Path(sys.argv[1]))
"""


def test_the_same_plan_has_the_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    """Under that of this process and another one."""
    root = Path(__file__).parents[2]
    seed = "0" if os.environ.get("PYTHONHASHSEED") == "4242" else "4242"
    bodies = set()
    for folder in (tmp_path / "here", tmp_path / "there"):
        folder.mkdir()
    write_plan(small(), tmp_path / "here")
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", _AGAIN_SCRIPT, str(tmp_path / "there")]
    subprocess.run(command, env=environment, cwd=root, check=True)
    for folder in (tmp_path / "here", tmp_path / "there"):
        bodies.add(b"".join((folder / name).read_bytes() for name in (PLAN_NAME, PEOPLE_NAME, SAID_NAME)))

    assert len(bodies) == 1


def _edited(old: str, new: str) -> Callable[[Path], object]:
    def edit(folder: Path) -> None:
        path = folder / PLAN_NAME
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def _content(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


CHANGED = """\
The plan in RUN was changed after it was made (its digest does not fit).
  usual cause: somebody edited plan.json, or it was copied incompletely
  do: edit the roster or the job instead, and """


def _damaged(why: str) -> str:
    cause = "it was edited, cut off or copied incompletely, or the disk lost what was written"
    return f"RUN/plan.json cannot be read: {why}.\n  usual cause: {cause}\n  do: {AGAIN}"


FORM = "it is not of the form that this program writes"
NONE = """\
There is no plan to read in RUN (No such file or directory).
  usual cause: a wrong run, or a run that stopped before it had a plan
  do: nothing was sent: run the job again, or see the runs with: provision runs JOB"""
SAID = """\
RUN/said.parquet is missing or does not belong to its plan.
  usual cause: the run folder was copied incompletely or edited
  do: """
PEOPLE = """\
RUN/people.parquet is missing or does not belong to its plan.
  usual cause: the run folder was copied incompletely or edited
  do: """
VERSION = """\
RUN/plan.json is a plan of version 9; this program applies versions 4 and 5.
  usual cause: it was made by another version of this program
  do: """

DAMAGE = {
    "another login": (_edited("new@acme.example", "evil@acme.example"), CHANGED + AGAIN),
    "another box id": (_edited('"box_id":"13"', '"box_id":"17"'), CHANGED + AGAIN),
    "a guard talked over": (_edited('"verdict": "allowed"', '"verdict": "ok"'), CHANGED + AGAIN),
    "another digest": (_edited('"digest": "', '"digest": "0'), CHANGED + AGAIN),
    "another version": (_edited('"version": 5', '"version": 9'), VERSION + AGAIN),
    "no version": (_edited('"version": 5,', ""), _damaged(FORM)),
    "a version in words": (_edited('"version": 5', '"version": "one"'), _damaged(f"{FORM} (`$.version`)")),
    "an unknown key": (_edited('"job":', '"extra": 1, "job":'), _damaged(FORM)),
    "an unknown kind": (
        _edited('"kind":"create"', '"kind":"promote"'),
        _damaged(f"{FORM} (`$.changes[2].kind`)"),
    ),
    "a missing key": (_edited('"enterprise_id"', '"enterprise"'), _damaged(FORM)),
    "cut off": (lambda folder: _cut(folder / PLAN_NAME), _damaged("it is damaged")),
    "zero bytes": (_content(PLAN_NAME, b""), _damaged("it is damaged")),
    "binary junk": (_content(PLAN_NAME, b"\x00\xff\xfe\x80PK\x03"), _damaged("it is damaged")),
    "a list": (_content(PLAN_NAME, b"[1, 2]"), _damaged(FORM)),
    "deep nesting": (_content(PLAN_NAME, b"[" * 100_000), _damaged(FORM)),
    "missing": (lambda folder: (folder / PLAN_NAME).unlink(), NONE),
    "people missing": (lambda folder: (folder / PEOPLE_NAME).unlink(), PEOPLE + AGAIN),
    "people edited": (_content(PEOPLE_NAME, b"PAR1"), PEOPLE + AGAIN),
    "said missing": (lambda folder: (folder / SAID_NAME).unlink(), SAID + AGAIN),
    "said edited": (_content(SAID_NAME, b"PAR1"), SAID + AGAIN),
    "people cut off": (lambda folder: _cut(folder / PEOPLE_NAME), PEOPLE + AGAIN),
}


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


@pytest.mark.parametrize(("damage", "message"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_plan_is_refused_in_words(
    damage: Callable[[Path], object], message: str, tmp_path: Path
) -> None:
    write_plan(small(), tmp_path)
    damage(tmp_path)

    with pytest.raises(PlanError) as caught:
        read_plan(tmp_path)
    assert str(caught.value).replace(str(tmp_path), "RUN") == message


def test_people_of_another_plan_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write_plan(plan(roster(row("a@acme.example")), directory()), other)
    write_plan(small(), tmp_path)
    (other / PEOPLE_NAME).replace(tmp_path / PEOPLE_NAME)

    with pytest.raises(PlanError, match="does not belong to its plan"):
        read_plan(tmp_path)


@pytest.mark.parametrize("name", [PEOPLE_NAME, SAID_NAME])
def test_a_table_that_somebody_made_is_told_by_name_whatever_digests_say(tmp_path: Path, name: str) -> None:
    """Who puts a run folder together reckons the digests anew: only the seal proves them, and a folder without one is looked at, too."""
    write_plan(small(), tmp_path)
    (tmp_path / name).write_bytes(b"PAR1 and nothing that Parquet is PAR1")
    told = msgspec.json.decode((tmp_path / PLAN_NAME).read_bytes(), type=planfile._Sealed)
    setattr(told, f"{name.removesuffix('.parquet')}_sha256", sha256_of(tmp_path / name))
    lines = encoded(told.alike, told.changes)
    told.digest = planfile._digest(told, lines)
    planfile._write_text(told, lines, tmp_path / PLAN_NAME)

    with pytest.raises(DamagedFile, match=f"{name} cannot be read: it is damaged"):
        read_plan(tmp_path)


def test_a_plan_laid_out_otherwise_is_the_same_plan(tmp_path: Path) -> None:
    written = write_plan(small(), tmp_path)
    path = tmp_path / PLAN_NAME
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")

    assert read_plan(tmp_path) == written


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="Cannot write"):
        write_plan(small(), tmp_path / "gone")
