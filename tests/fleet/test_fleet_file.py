"""A fleet file as it is read: which jobs it means, how they are called, what is refused, and where secrets are."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import keyring
import pytest
from keyring.backend import KeyringBackend

from provision.errors import JobError
from provision.fleet.reading import Fleet, assignment_of, job_of, load_fleet
from provision.fleet.references import looked_up
from provision.fleet.value import Task

JOB = """
version: 1
box:
  base_url: ${BOX_BASE_URL:-https://api.box.com}
  auth: {method: ccg, client_id: app, client_secret: "${THE_WORD}", enterprise_id: "${BOX_ENTERPRISE_ID}"}
roster: {path: "${ROSTER:-staff.csv}"}
notify: [{url: "${NOTIFY_URL}"}]
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Fleet]:
    """Writes files and reads the fleet among them: `read(text, **{"a.yaml": JOB})`; `__` in a name is a folder."""

    def write(text: str, environ: dict[str, str] | None = None, **files: str) -> Fleet:
        for name, content in {"client.yaml": JOB, **files}.items():
            path = tmp_path / name.replace("__", "/")
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
        (tmp_path / "fleet.yaml").write_text(text)
        return load_fleet(tmp_path / "fleet.yaml", environ or {})

    return write


def refusal(read: Callable[..., Fleet], text: str, **files: str) -> str:
    with pytest.raises(JobError) as error:
        read(text, **files)
    told = str(error.value)
    assert told.count("usual cause: ") == 1
    assert "\n  do: " in told
    return told


def names(fleet: Fleet) -> list[str]:
    return [row.name for row in fleet.rows]


ROWS = """
version: 1
jobs:
  - {job: client.yaml, with: {BOX_ENTERPRISE_ID: "4711", THE_WORD: "file:word"}}
  - {job: client.yaml, with: {BOX_ENTERPRISE_ID: "4712", THE_WORD: "${WORD_OF_4712}"}, priority: 3}
  - {job: client.yaml, with: {BOX_ENTERPRISE_ID: "${NORTH}", THE_WORD: "${NORTH_WORD}"}, name: north}
"""


def test_rows_of_one_job_are_called_by_their_enterprises(read):
    fleet = read(ROWS)

    assert names(fleet) == ["client-4711", "client-4712", "north"]
    assert [row.priority for row in fleet.rows] == [0, 3, 0]


def test_a_pattern_means_the_job_files_by_name_and_not_the_fleet_itself(read):
    files = {"b.yaml": JOB, "a.yaml": JOB + "name: zoo"}

    assert names(read("version: 1\njobs: ['*.yaml']", **files)) == ["zoo", "b", "client"]


def test_a_table_means_a_job_a_row_and_an_empty_cell_is_no_variable(read):
    table = "job;BOX_ENTERPRISE_ID;THE_WORD;ROSTER\nclient.yaml;1;file:one;\nclient.yaml;2;keyring:box/two;two.csv\n"
    fleet = read("version: 1\njobs: [all.csv]", **{"all.csv": table})

    assert names(fleet) == ["client-1", "client-2"]
    assert [dict(row.variables).get("ROSTER") for row in fleet.rows] == [None, "two.csv"]


def test_a_name_stays_when_rows_come_before_it(read):
    table = "job,THE_WORD\nclient.yaml,file:one\nclient.yaml,file:two\n"
    before = names(
        read(
            "version: 1\njobs: [all.csv]",
            **{"all.csv": table.replace("client", "other"), "other.yaml": WITH_TOKEN},
        )
    )
    more = table.replace("job,THE_WORD\n", "job,THE_WORD\nclient.yaml,file:zero\n").replace("client", "other")
    after = names(read("version: 1\njobs: [all.csv]", **{"all.csv": more, "other.yaml": WITH_TOKEN}))

    assert len(set(after)) == 3
    assert set(before) < set(after)


WITH_TOKEN = (
    JOB.partition("box:")[0]
    + 'box: {auth: {method: token, token: "${THE_WORD}"}}\nroster: {path: staff.csv}\n'
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version: 2\njobs: [client.yaml]", "has version 2"),
        ("version: 1", 'missing key "jobs"'),
        ("version: 1\njobs: []", "jobs"),
        ("version: 1\njobs: [client.yaml]\nsheduler: local", 'line 3: unknown key "sheduler"; did you mean "scheduler"?'),
        ("version: 1\njobs: [{job: client.yaml, wiht: {A: b}}]", 'did you mean "jobs[1].with"?'),
        ("version: 1\njobs: [{job: client.yaml, with: {A-B: b}}]", "must be the name of a variable"),
        ("version: 1\njobs: [client.yaml]\nscheduler: http://here", "must be local, or the address of a Dask scheduler"),
        ("version: 1\njobs: [client.yaml]\nworkers: 0", "workers: must be at least 1"),
        ("version: 1\njobs: [client.yaml]\ndeadline: 25:00", "must be a time of day, as 06:00, or a length of time, as 5h"),
        ("version: 1\njobs: [clint.yaml]", "there is no job file"),
        ("version: 1\njobs: ['other/*.yaml']", "no job file is called other/*.yaml"),
        ("version: 1\njobs: [client.yaml, client.yaml]", "the job client is there twice for one enterprise; the first time in line 2"),
        ("version: 1\njobs: [client.yaml]\nstate: postgresql+psycopg://me:word@db/x", "state: a literal password in an address"),
        ("version: 1\njobs: [{job: client.yaml, with: {BOX_TOKEN: abc}}]", "jobs[1].with.BOX_TOKEN: a literal secret"),
        ("version: 1\njobs: [{job: client.yaml, with: {THE_WORD: hush}}]", "THE_WORD is a literal secret"),
        ("version: 1\njobs: [client.yaml]\nnotify: [{url: 'slack://abc/def'}]", "notify[1].url: "),
        ("version: 1\njobs: [client.yaml]\nruns: s3://bucket/runs", "runs: must be a folder that all workers reach"),
        ("- client.yaml", "The fleet file"),
        ("", "is empty"),
    ],
)  # fmt: skip
def test_a_fleet_that_cannot_be_meant_is_refused(read, text, told):
    said = refusal(read, text)

    assert told in said
    assert "hush" not in said
    assert "abc" not in said


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("jobs,A\nclient.yaml,1\n", "the header has no column job"),
        ("job,A,A\nclient.yaml,1,2\n", "the column A is there twice"),
        ("job,Employee ID\nclient.yaml,1\n", '"Employee ID" is no name of a variable'),
        ("job,A\nclient.yaml,1,2\n", "line 2 has 3 cells below 2 headers"),
        ("job,A\nclint.yaml,1\n", "line 2: there is no job file"),
        ("job,A\n", "has 0 rows"),
        ('job,A\nclient.yaml,"1\n', "cannot be read as a table"),
        ("job,THE_WORD\nclient.yaml,hush\n", "all.csv line 2: THE_WORD is a literal secret"),
        ("job,CLIENT_SECRET\nclient.yaml,hush\n", "CLIENT_SECRET is a literal secret"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_meant_is_refused(read, table, told):
    said = refusal(read, "version: 1\njobs: [all.csv]", **{"all.csv": table})

    assert told in said
    assert "hush" not in said


def test_two_jobs_of_one_name_in_different_enterprises_are_two(read):
    fleet = read(
        "version: 1\njobs: ['*/box.yaml']",
        **{f"{each}__box.yaml": JOB.replace("${BOX_ENTERPRISE_ID}", each) for each in "12"},
    )

    assert names(fleet) == ["box-1", "box-2"]


# --- secrets -------------------------------------------------------------------------------------------


def test_what_a_worker_is_given_holds_no_secret(read, tmp_path):
    environ = {
        "WORD_OF_4712": "hush-of-4712",
        "NORTH": "4713",
        "NORTH_WORD": "hush-of-north",
        "LEDGER": "postgresql://a:hush@db/x",
    }
    (tmp_path / "word").write_text("hush-of-4711\n")
    fleet = read(f"{ROWS}\nstate: ${{LEDGER}}\n", environ)
    pickled = [
        dump(Task(row.name, tmp_path, assignment_of(row, fleet), "5e55", "1"))
        for row in fleet.rows
        for dump in (pickle.dumps, cloudpickle.dumps)
    ]

    assert len(pickled) == 6
    assert not any(b"hush" in each for each in pickled)
    assert b"file:word" in pickled[0]


def test_a_worker_looks_secrets_up_and_each_job_has_its_own(read, tmp_path):
    (tmp_path / "word").write_text("hush-of-4711\n")
    environ = {
        "WORD_OF_4712": "hush-of-4712", "NORTH": "4713", "NORTH_WORD": "hush-of-north", "NOTIFY_URL": "",
        "BOX_ENTERPRISE_ID": "of-whoever-leads",
    }  # fmt: skip
    fleet = read(ROWS)
    jobs = [job_of(assignment_of(row, fleet), environ) for row in fleet.rows]

    auths: list[Any] = [job.box.auth for job in jobs]
    assert [auth.client_secret for auth in auths] == ["hush-of-4711", "hush-of-4712", "hush-of-north"]
    assert [auth.enterprise_id for auth in auths] == ["4711", "4712", "4713"]
    assert "BOX_ENTERPRISE_ID" not in os.environ


class _Store(KeyringBackend):
    priority = 1  # type: ignore[assignment]  # a property of the class there

    def get_password(self, service: str, username: str) -> str | None:
        return {("box/acme", "app"): "hush"}.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("nobody writes there")


@pytest.fixture
def store() -> Any:
    before = keyring.get_keyring()
    keyring.set_keyring(_Store())
    yield
    keyring.set_keyring(before)


def test_a_secret_is_found_wherever_it_is_named(tmp_path, store):
    (tmp_path / "word").write_text("hush\n")
    program = "command:sh -c 'printf hu; printf sh'"
    places = {
        "A": "file:word",
        "B": "keyring:box/acme/app",
        "C": program,
        "D": "${WORD}",
        "E": "file:///srv/staff.csv",
    }
    found = looked_up(places.items(), {"WORD": "hush"}, tmp_path)

    assert found == {**dict.fromkeys("ABCD", "hush"), "E": "file:///srv/staff.csv"}


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("file:nowhere", "nowhere: No such file"),
        ("file:empty", "is empty"),
        ("keyring:box/nobody", "has nothing for box/nobody"),
        ("keyring:box", "it is written keyring:SERVICE/USER"),
        ("command:", "no program is named"),
        ("command:no-such-program-here", "no-such-program-here: no such program"),
        ("command:./no-such-program-here", "is not there"),
        ("command:sh open", "can be written to by others"),
        ("command:sh -c 'echo hush; exit 3'", "ended with exit code 3"),
        ("command:./open", "can be written to by others"),
        ("command:say 'hush", "a quotation mark too few"),
        ("${NOT_SET}", "the environment variable NOT_SET is not set"),
    ],
)  # fmt: skip
def test_a_secret_that_is_not_there_is_told_without_a_word_of_it(tmp_path, store, place, told):
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "open").write_text("#!/bin/sh\necho hush\n")
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(JobError) as error:
        looked_up([("THE_WORD", place)], {}, tmp_path)

    assert told in str(error.value)
    assert "THE_WORD" in str(error.value)
    assert "hush" not in str(error.value)


# --- where things lie ----------------------------------------------------------------------------------


def test_ledger_and_runs_of_the_fleet_stand_in_place_of_those_of_its_jobs(read, tmp_path):
    fleet = read(f"{ROWS}\nstate: sqlite:///${{WHERE}}/fleet.db\nruns: out\n")
    environ = {"WORD_OF_4712": "b", "NORTH_WORD": "c", "NORTH": "4713", "NOTIFY_URL": "", "WHERE": "state"}
    (tmp_path / "word").write_text("a")
    jobs = [job_of(assignment_of(row, fleet), environ) for row in fleet.rows]

    assert {job.state.url for job in jobs} == {f"sqlite:///{tmp_path}/state/fleet.db"}
    assert [job.runs for job in jobs] == [
        tmp_path / "out" / name for name in ("client-4711", "client-4712", "north")
    ]
    assert {job.fleet for job in jobs} == {tmp_path / "fleet.yaml"}


def test_rows_of_one_job_file_have_runs_of_their_own_also_without_a_folder_of_the_fleet(read, tmp_path):
    fleet = read(ROWS)
    job = job_of(assignment_of(fleet.rows[0], fleet), {}, signs_in=False)

    assert job.runs == tmp_path / "runs" / "client-4711"


def test_where_the_fleet_tells_of_the_night_its_jobs_do_not(read):
    fleet = read(
        "version: 1\njobs: [client.yaml]\nnotify: [{url: '${OUR_URL}'}]\n", {"OUR_URL": "json://127.0.0.1"}
    )
    job = job_of(assignment_of(fleet.rows[0], fleet), {"THE_WORD": "a", "BOX_ENTERPRISE_ID": "1"})

    assert job.notify == ()


def test_who_only_looks_needs_no_secret(read):
    fleet = read(ROWS)
    job = job_of(assignment_of(fleet.rows[1], fleet), {}, signs_in=False)

    assert job.name == "client"
    assert "THE_WORD" in job.unset
