"""A mistake of the program: what it tells, and where its details lie, also of commands that have no run folder."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from pathlib import Path

import pytest

from provision.cli.main import run_program
from provision.runs.observer import stopped_early

from .conftest import ROSTER


@pytest.fixture
def faulty(said_where, make_job, provision, monkeypatch, tmp_path):
    """A job of which `holds` ends in a mistake; the folder for temporary files is the test's own."""
    job = make_job(ROSTER)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    def fail(*_: object) -> None:
        raise ZeroDivisionError("of nobody's making")

    monkeypatch.setattr("provision.runs.approving.holds.known_ledger_of", fail)
    return lambda: provision("holds", job)


def test_the_details_lie_in_the_users_own_folder_and_not_many_of_them(faulty, tmp_path, monkeypatch):
    monkeypatch.setattr("provision.runs.start._KEPT", 2)
    kept = tmp_path / "home" / "box-provision" / "tracebacks"
    for _ in range(4):
        said = faulty()

        assert said.code == 70
        newest = max(kept.iterdir())
        assert str(newest) in "".join(said.err.split())
        assert newest.stat().st_mode & 0o777 == 0o600
        assert "ZeroDivisionError" in newest.read_text()
    assert len(list(kept.iterdir())) == 2
    assert list(Path(tempfile.gettempdir()).iterdir()) == []


def test_without_a_folder_of_ones_own_the_details_are_said(faulty, tmp_path, capsys):
    (tmp_path / "home").write_text("a file")

    code = run_program(["holds", str(tmp_path / "nightly.yaml")])

    said = capsys.readouterr().err
    assert code == 70
    assert "Traceback" in said
    assert "The details stand above" in " ".join(said.split())
    assert list(Path(tempfile.gettempdir()).iterdir()) == []


def test_a_stop_in_the_middle_of_a_lock_is_a_stop(said_where, make_job, provision, monkeypatch):
    """Ctrl-C is raised wherever the program is just then; a lock that it was taking says afterwards that nobody holds it."""

    def stopped(*_: object) -> None:
        lock = threading.Lock()
        lock.acquire()
        with contextlib.ExitStack() as after:
            after.callback(lock.release)
            lock.release()
            raise stopped_early()

    job = make_job(ROSTER)
    monkeypatch.setattr("provision.runs.approving.holds.known_ledger_of", stopped)
    said = provision("holds", job)

    assert said.code == 5
    assert "stopped before anything was changed" in said.err
