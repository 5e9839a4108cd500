"""The machine is not as it should be: folders, disks, standard streams; a sentence, and the work is done or can be done again."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from .conftest import complaint, ended, logins, run_folders
from .forks import Without


def test_run_folder_that_cannot_be_made(unchanged, provision, make_job, tmp_path):
    (tmp_path / "runs").write_text("a file where the folder should be")

    said = provision("run", make_job(), "--json")

    assert (said.code, said.json["status"]) == (1, "failed")
    assert "runs" in complaint(said)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a file system nobody may write to")
def test_run_folder_on_a_file_system_that_refuses(unchanged, provision, make_job):
    said = provision("run", make_job(runs="/proc/self/runs"))

    assert said.code == 1
    assert "Cannot write /proc/self/runs" in complaint(said)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_run_folder(unchanged, provision, make_job, tmp_path):
    (tmp_path / "runs").mkdir(mode=0o500)

    said = provision("run", make_job())

    assert said.code == 1
    assert "read-only" in complaint(said)


@pytest.mark.parametrize(
    "state", ["sqlite:///runs", "sqlite:///junk.db", "sqlite:////proc/self/provision.db"]
)
def test_ledger_that_cannot_be_used(unchanged, provision, make_job, tmp_path, state):
    (tmp_path / "runs").mkdir()
    (tmp_path / "junk.db").write_bytes(b"no database, and never was one" * 200)

    said = provision("run", make_job(state=state), "--json")

    assert (said.code, said.json["status"]) == (1, "failed")
    complaint(said)


@pytest.mark.parametrize("blocks", [0, 16, 80])
def test_full_disk_is_a_sentence_and_the_next_run_converges(box, provision, make_job, launch, blocks):
    """No file may become larger than so many blocks of 512 bytes: each size stops the run somewhere else."""
    server, job = box(), make_job()

    said = ended(launch("run", job, "--json", without=Without(more_than=512 * blocks)))

    assert said.code not in (0, 70)
    assert said.json["exit_code"] == said.code
    assert "Cannot write" in said.err or "cannot be used" in said.err
    assert "  do: " in said.err
    assert provision("run", job).code == 0
    assert logins(server).count("nina@acme.example") == 1
    assert provision("verify", job).code == 0


def test_reader_of_standard_output_that_went_away(box, make_job, launch):
    """As in `provision run job.yaml --json | head -c 0`."""
    server, job = box(), make_job()
    reading, writing = os.pipe()
    os.close(reading)
    process = launch("run", job, "--json", stdout=writing, afresh=True)
    os.close(writing)

    said = ended(process)

    assert "Exception ignored" not in said.err
    assert said.code in (0, 1)
    assert "nina@acme.example" in logins(server)
    assert (run_folders(job.parent / "runs")[0] / "summary.json").is_file()


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_closed_standard_streams_do_not_stop_the_work(box, make_job, launch, closed):
    """As in `provision run job.yaml >&-`, and that one in an interpreter of its own."""
    server, job = box(), make_job()

    said = ended(launch("run", job, without=Without(stream=closed), afresh=closed == 1))

    assert said.code == 0
    assert "nina@acme.example" in logins(server)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_standard_output_on_a_full_disk_is_not_a_success_in_silence(box, make_job, launch):
    box()
    with Path("/dev/full").open("w") as full:
        said = ended(launch("verify", make_job(), "--json", stdout=full))

    assert said.code != 0
    assert "Exception ignored" not in said.err


def test_an_object_that_nobody_can_get_is_told_beside_and_the_work_is_done(box, make_job, launch):
    """As in `provision run job.yaml --json >&-`."""
    server = box()

    said = ended(launch("run", make_job(), "--json", without=Without(stream=1)))

    assert said.code == 1
    assert "standard output: it is closed.\n  usual cause: " in said.err
    assert "nina@acme.example" in logins(server)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "words", [(), ("--help",), ("plan", "--help"), ("--version",), ("sandbox", "--port", "0")]
)
def test_help_on_a_full_disk_is_a_sentence(launch, words):
    with Path("/dev/full").open("w") as full:
        said = ended(launch(*words, stdout=full))

    assert said.code == 1
    assert "standard output: No space left on device.\n  usual cause: " in said.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("lost", ["full disk", "closed pipe"])
def test_text_that_cannot_be_written_shortens_no_run(box, make_job, launch, lost):
    """A full disk behind 2>>run.log, or a pipe into a pager that was left: the work and its exit code are the same."""
    server, job = box(), make_job(guards={"updates": {"count": 0}})
    read, write = os.pipe()
    os.close(read)
    where = os.open("/dev/full", os.O_WRONLY) if lost == "full disk" else write

    said = ended(launch("run", job, "--json", stderr=where))

    assert (said.code, said.json["exit_code"], said.json["outcomes"]["done"]) == (3, 3, 1)
    assert "nina@acme.example" in logins(server)


def test_interrupt_while_nothing_has_begun_is_five(launch, make_job, tmp_path, said_where):
    """The roster is a pipe nobody writes to: the program is still reading when the signal comes."""
    os.mkfifo(tmp_path / "slow.csv")
    process = launch("check", make_job(roster={"path": "slow.csv"}))
    with (tmp_path / "slow.csv").open("wb"):  # returns when the program reads
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
    said = ended(process)

    assert said.code == 5
