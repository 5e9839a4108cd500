"""Where files that outlive a process are kept, on every system."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from provision.errors import RunFolderError
from provision.files import append, inner_folder, made_for_us, private_folder

ROOT = Path(__file__).parent.parent

#: prints the folder of a system; what else differs from system to system is loaded before
_FOLDER = """
import os, sys, tempfile, platform, importlib.metadata
sys.platform = sys.argv[1]
from provision.files import own_folder
print(own_folder("locks"))
"""


def folder_on(system: str, **environment: str) -> Path:
    """The folder for locks of a user who has no settings but these."""
    command = [sys.executable, "-c", _FOLDER, system]
    settings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment}
    answer = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return Path(answer.stdout.strip())


@pytest.mark.parametrize(
    ("system", "place"),
    [
        ("linux", ".local/state/box-provision/locks"),
        ("darwin", "Library/Application Support/box-provision/locks"),
    ],
)
def test_state_lies_where_the_system_keeps_it_and_is_for_its_owner_only(
    tmp_path: Path, system: str, place: str
) -> None:
    folder = folder_on(system, HOME=str(tmp_path))

    assert folder == tmp_path / place
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("named", "place"), [("{}/state", "state"), ("state", ".local/state"), ("", ".local/state")]
)
def test_a_folder_for_state_that_the_user_names_is_used_if_it_is_a_whole_path(
    tmp_path: Path, named: str, place: str
) -> None:
    folder = folder_on("linux", HOME=str(tmp_path), XDG_STATE_HOME=named.format(tmp_path))

    assert folder == tmp_path / place / "box-provision" / "locks"


def test_who_cannot_write_to_a_home_keeps_state_among_the_temporary_files(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file")

    folder = folder_on("linux", HOME=str(home), TMPDIR=str(tmp_path))

    assert folder == tmp_path / f"provision-{os.getuid()}-locks"


def test_what_is_made_on_the_way_to_a_private_folder_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        private_folder(tmp_path / "a" / "b" / "c")
        made_for_us(tmp_path / "d" / "e")
    finally:
        os.umask(before)

    made = [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))]
    assert made == ["a", "a/b", "a/b/c", "d", "d/e"]
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")} == {0o700}


def test_a_link_in_a_run_folder_leads_nothing_that_is_written_somewhere_else(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine\n")
    (tmp_path / "log.jsonl").symlink_to(elsewhere)
    (tmp_path / "snapshots").symlink_to(tmp_path)

    os.link(elsewhere, tmp_path / "second_name.jsonl")
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "folder.jsonl").mkdir()

    said = {
        path.name: str(refusal(work, path))
        for work, path in (
            (lambda path: append(path, "{}"), tmp_path / "log.jsonl"),
            (lambda path: append(path, "{}"), tmp_path / "second_name.jsonl"),
            (lambda path: append(path, "{}"), tmp_path / "pipe.jsonl"),
            (lambda path: append(path, "{}"), tmp_path / "folder.jsonl"),
            (inner_folder, tmp_path / "snapshots"),
            (private_folder, elsewhere),
            (private_folder, elsewhere / "below"),
        )
    }
    lies = {name: text.partition(": ")[2].partition(" lies in its place")[0] for name, text in said.items()}
    assert lies == {
        "log.jsonl": "a link",
        "second_name.jsonl": "a link",
        "pipe.jsonl": "a pipe or a device",
        "folder.jsonl": "a folder",
        "snapshots": "a link",
        "elsewhere": "something else than a folder",
        "below": "something else than a folder",
    }
    assert "disk" not in "".join(said.values())
    assert elsewhere.read_text() == "mine\n"


def refusal(work: Callable[[Path], object], path: Path) -> RunFolderError:
    with pytest.raises(RunFolderError) as refused:
        work(path)
    return refused.value
