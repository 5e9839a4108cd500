"""What a good job file becomes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from provision.job.lifecycle import Stage, StageAction
from provision.job.limits import Guard
from provision.job.load import load_job
from provision.job.settings import Authority, CcgAuth, Job, TokenAuth

from .conftest import ENVIRON, MINIMAL

Load = Callable[..., Job]


@pytest.mark.parametrize("value", ['"token"', "'token'", "\u201ctoken\u201d"])
def test_value_in_quotation_marks_is_told_by_its_variable(
    problems: Callable[..., list[str]], value: str
) -> None:
    """A file of variables keeps them (moby issue 12997), and Box would only say that the credentials are wrong."""
    told = problems(MINIMAL, BOX_TOKEN=value)

    assert told == [
        "line 3: box.auth.token: the environment variable BOX_TOKEN begins and ends with a quotation mark"
    ]


def test_job_that_is_only_looked_at_needs_no_variables_of_box(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(MINIMAL.replace("auth:", "base_url: ${BOX_BASE_URL}\n  auth:"), encoding="utf-8")

    job = load_job(path, {}, signs_in=False)

    assert job.unset == ("BOX_BASE_URL", "BOX_TOKEN")


def test_smallest_job_gets_the_defaults(load: Load, tmp_path: Path) -> None:
    job = load(MINIMAL)

    assert job.box.auth == TokenAuth(method="token", token="token-of-a-test")
    assert job.roster.authority is Authority.FULL
    assert job.lifecycle.leavers == (Stage(after=timedelta(0), do=StageAction.DEACTIVATE),)
    assert job.guards.creates is None
    assert job.apply.give_up_after == timedelta(hours=1)
    assert job.state.url == f"sqlite:///{tmp_path}/state/provision.db"
    assert job.runs == tmp_path / "runs"


def test_sections_without_anything_in_them_mean_their_defaults(load: Load) -> None:
    empty = "scope:\nlifecycle: # later\nguards: ~\napply: null\nreport: {}\nmatch: {}\ngroups:\nnotify: []\n"

    assert load(MINIMAL + empty) == load(MINIMAL)


@pytest.mark.parametrize(
    ("base", "upload", "sign_in"),
    [
        ("https://api.box.com/", "https://upload.box.com/api", "https://account.box.com/api/oauth2"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api", "http://127.0.0.1:8080/api/oauth2"),
        ("http://127.0.0.1:8080//", "http://127.0.0.1:8080/api", "http://127.0.0.1:8080/api/oauth2"),
        ("https://box.example", "https://box.example/api", "https://box.example/api/oauth2"),
    ],
)
def test_addresses_follow_from_the_base(load: Load, base: str, upload: str, sign_in: str) -> None:
    box = load(MINIMAL.replace("box:", f"box:\n  base_url: {base}")).box

    assert (box.base_url, box.upload_url, box.oauth_url) == (base.rstrip("/"), upload, sign_in)


def test_addresses_that_are_given_stay(load: Load) -> None:
    given = "box:\n  upload_url: https://up.example/\n  oauth_url: https://in.example"

    box = load(MINIMAL.replace("box:", given)).box

    assert (box.upload_url, box.oauth_url) == ("https://up.example", "https://in.example")


PATHS = [
    ("people.csv", "{here}/people.csv"),
    ("../in/people-*.csv", "{above}/in/people-*.csv"),
    ("./a/./b.csv", "{here}/a/b.csv"),
    ("/srv/hr/../people.csv", "/srv/hr/../people.csv"),
    ("~/people.csv", "{home}/people.csv"),
    ("sftp://hr.example/people.csv", "sftp://hr.example/people.csv"),
    ("s3://bucket/a/../people.csv", "s3://bucket/a/../people.csv"),
    ("file:///srv/hr/all%20people.csv", "/srv/hr/all people.csv"),
    ("file://localhost/srv/people.csv", "/srv/people.csv"),
]


@pytest.mark.parametrize(("written", "expected"), PATHS)
def test_roster_lies_where_the_job_file_says(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, expected: str
) -> None:
    monkeypatch.setenv("HOME", "/home/of-a-test")

    job = load(MINIMAL.replace("people.csv", written))

    assert job.roster.path == expected.format(here=tmp_path, above=tmp_path.parent, home="/home/of-a-test")


def test_file_url_of_another_machine_is_refused(problems: Callable[..., list[str]]) -> None:
    form = "must be a file URL with an absolute path, as file:///srv/hr/roster.csv, or a plain path"

    assert problems(MINIMAL.replace("people.csv", "file://hr/people.csv")) == [
        f'line 5: roster.path: {form}, not "file://hr/people.csv"'
    ]


STATES = [
    ("sqlite:///a.db", "sqlite:///{here}/a.db"),
    ("sqlite:////var/lib/a.db", "sqlite:////var/lib/a.db"),
    ("sqlite:///../a.db?timeout=5", "sqlite:///{above}/a.db?timeout=5"),
    ("sqlite+pysqlite:///a.db", "sqlite+pysqlite:///{here}/a.db"),
    ("sqlite:///:memory:", "sqlite:///:memory:"),
    ("sqlite://", "sqlite://"),
    ("postgresql+psycopg://db.example/state", "postgresql+psycopg://db.example/state"),
]


@pytest.mark.parametrize(("written", "expected"), STATES)
def test_state_lies_where_the_job_file_says(load: Load, tmp_path: Path, written: str, expected: str) -> None:
    job = load(f"{MINIMAL}state: '{written}'\n")

    assert job.state.url == expected.format(here=tmp_path, above=tmp_path.parent)


def test_paths_do_not_depend_on_the_folder_a_command_starts_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/a.yaml").write_text(MINIMAL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert load_job(Path("jobs/a.yaml"), ENVIRON) == load_job(tmp_path / "jobs/a.yaml", ENVIRON)


NAMES = [
    ("nightly.yaml", "nightly"),
    ("Every night (HR).yaml", "Every-night-HR"),
    ("Zürich.v2.yml", "Zurich.v2"),
    ("_-x.yaml", "x"),
    ("人.yaml", "job"),
    ("a" * 70 + ".yaml", "a" * 60),
]


@pytest.mark.parametrize(("file", "name"), NAMES)
def test_job_without_a_name_is_named_by_its_file(tmp_path: Path, file: str, name: str) -> None:
    (tmp_path / file).write_text(MINIMAL, encoding="utf-8")

    assert load_job(tmp_path / file, ENVIRON).name == name


SCALARS = [
    ("007", "007"),
    ("1.10", "1.10"),
    ("no", "no"),
    ("0x1F", "0x1F"),
    ("12:30:45", "12:30:45"),
    ("2024-01-31", "2024-01-31"),
    ("1_000", "1_000"),
    ('"null"', "null"),
    ("' Sheet 1 '", " Sheet 1 "),
    ('"\\U0001F600"', "\U0001f600"),
]


@pytest.mark.parametrize(("written", "expected"), SCALARS)
def test_text_stays_as_it_was_written(load: Load, written: str, expected: str) -> None:
    assert load(f"{MINIMAL}  sheet: {written}\n").roster.sheet == expected


VARIABLES = [
    ("${SHEET}", "People"),
    ("a ${SHEET} b ${SHEET}", "a People b People"),
    ("${NONE:-People}", "People"),
    ("${EMPTY:-People}", "People"),
    ("${SHEET:-Else}", "People"),
    ("x${EMPTY}", "x"),
    ("$$", "$"),
    ("$${SHEET}", "${SHEET}"),
    ("$$$${SHEET}", "$${SHEET}"),
    ("$SHEET costs 5$", "$SHEET costs 5$"),
    ("${NONE:-a$$b:-c}", "a$b:-c"),
    ("${DOLLAR}", "${SHEET}"),
]


@pytest.mark.parametrize(("written", "expected"), VARIABLES)
def test_variables_are_replaced_once(load: Load, written: str, expected: str) -> None:
    job = load(f"{MINIMAL}  sheet: '{written}'\n", SHEET="People", EMPTY="", DOLLAR="${SHEET}")

    assert job.roster.sheet == expected


def test_number_may_come_from_a_variable(load: Load) -> None:
    text = MINIMAL + 'apply: {requests_per_minute: "${RPM:-500}", workers: "${WORKERS}"}\n'

    job = load(text, WORKERS="3")

    assert (job.apply.requests_per_minute, job.apply.workers) == (500, 3)


def test_enterprise_id_keeps_its_leading_zero(load: Load) -> None:
    auth = "{method: ccg, client_id: 12, client_secret: '${S}', enterprise_id: 0123}"

    job = load(MINIMAL.replace('{method: token, token: "${BOX_TOKEN}"}', auth), S="x")

    assert job.box.auth == CcgAuth(method="ccg", client_id="12", client_secret="x", enterprise_id="0123")


def test_one_part_may_be_written_once_and_used_twice(load: Load) -> None:
    job = load(MINIMAL + "guards:\n  creates: &few {count: 3}\n  updates: *few\n")

    assert job.guards.creates == job.guards.updates == Guard(count=3)


@pytest.mark.parametrize(("written", "seats"), [("500", 500), ("off", None), ("~", None)])
def test_seats_are_a_number_or_off(load: Load, written: str, seats: int | None) -> None:
    assert load(MINIMAL + f"guards: {{seats: {written}}}\n").guards.seats == seats


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("12h", timedelta(hours=12)),
        (" 30 d ", timedelta(days=30)),
        ("2w", timedelta(weeks=2)),
        ("0d", timedelta(0)),
    ],
)
def test_length_of_time_is_a_number_with_a_unit(load: Load, written: str, expected: timedelta) -> None:
    assert load(f"{MINIMAL}apply: {{give_up_after: '{written}'}}\n").apply.give_up_after == expected


def test_domains_are_compared_in_lower_case(load: Load) -> None:
    assert load(MINIMAL + "scope: {domains: [ACME.example]}\n").scope.domains == ("acme.example",)


def test_stages_on_one_day_are_in_order(load: Load) -> None:
    stages = "lifecycle: {leavers: [{after: 24h, do: end_sessions}, {after: 1d, do: deactivate}]}\n"

    assert len(load(MINIMAL + stages).lifecycle.leavers) == 2


def test_job_without_stages_removes_nobody(load: Load) -> None:
    assert load(MINIMAL + "lifecycle: {leavers: []}\n").lifecycle.leavers == ()


def test_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())

    assert load_job(path, ENVIRON).roster.path == str(tmp_path / "people.csv")


def test_job_shows_no_change_after_loading(load: Load) -> None:
    job = load(MINIMAL)

    with pytest.raises(ValueError, match="frozen"):
        job.name = "other"
