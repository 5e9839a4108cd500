"""The samples: what the jobs find in the seed enterprise, every form of one roster, and that the files are what is generated."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from provision.cli.main import run_program
from provision.job.settings import RosterSettings
from provision.roster import read_roster
from provision.sandbox import Options, serve

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_data"
EXPECTED: dict[str, dict[str, int]] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
FORMATS = sorted(path.name for path in (SAMPLES / "formats").iterdir() if path.is_file())
VARIABLES = {
    "BOX_BASE_URL": "url",
    "BOX_CLIENT_ID": "client_id",
    "BOX_CLIENT_SECRET": "client_secret",
    "BOX_ENTERPRISE_ID": "enterprise_id",
    "BOX_JWT_CONFIG_FILE": "jwt_config",
    "BOX_TOKEN": "developer_token",
}


@pytest.fixture
def provision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], hurried: None
) -> Iterator[Callable[..., dict[str, Any]]]:
    """Runs a command on the seed enterprise; its summary."""
    with serve(Options(seed_file=SAMPLES / "enterprise.json", config=tmp_path / "box.json")) as server:
        for variable, key in VARIABLES.items():
            monkeypatch.setenv(variable, server.announcement[key])
        monkeypatch.setenv("PROVISION_HOME", str(tmp_path))
        monkeypatch.chdir(tmp_path)

        def run(*arguments: str) -> dict[str, Any]:
            capsys.readouterr()
            run_program([*arguments, "--json"])
            summary: dict[str, Any] = json.loads(capsys.readouterr().out)
            return summary

        yield run


def verdicts(summary: dict[str, Any]) -> dict[str, int]:
    """Lines of a run's reconciliation by verdict."""
    table = pd.read_csv(
        Path(summary["files"]["run_dir"]) / "reconciliation.csv", dtype=str, keep_default_na=False
    )
    return {str(word): int(count) for word, count in table["verdict"].value_counts().items()}


def job(name: str) -> str:
    return str(ROOT / f"jobs/{name}.yaml")


@pytest.mark.parametrize("name", ["nightly", "portal"])
def test_job_finds_what_was_promised_and_then_nothing(provision, name):
    done = provision("run", job(name))
    again = provision("run", job(name))

    assert (done["exit_code"], verdicts(done)) == (0, EXPECTED[name])
    assert (again["status"], verdicts(again)) == ("no_changes", EXPECTED[f"{name}_again"])


def test_onboarding_finds_what_was_promised_and_one_address_is_taken(provision):
    done = provision("run", job("onboarding"))

    assert done["exit_code"] == 4
    assert done["outcomes"]["failed"] == 1
    assert verdicts(done) == EXPECTED["onboarding"]


def test_preview_finds_what_was_promised_and_writes_only_a_page(provision):
    planned = provision("plan", job("preview"))
    files = planned["files"]

    assert planned["exit_code"] == 2
    assert (files["report_csv"], files["report_xlsx"], files["report_json"]) == (None, None, None)
    assert Path(files["report_html"]).name == "preview.html"
    provision("report", files["run_dir"], "--format", "csv")
    assert verdicts(planned) == EXPECTED["preview"]


def test_every_table_of_the_expectation_is_compared():
    assert set(EXPECTED) == {"nightly", "nightly_again", "preview", "portal", "portal_again", "onboarding"}


def test_jobs_and_their_rosters_are_sound(provision):
    for name in ("nightly", "portal", "onboarding", "preview"):
        said = provision("check", job(name))

        assert (said["exit_code"], said["roster"]["rejected"]) == (0, 0), name
        assert said["roster"]["rows"] > 0, name


def test_every_file_is_what_the_generator_writes():
    done = subprocess.run(
        [sys.executable, "sample_data/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")


def people(path: Path, columns: dict[str, str] | None = None) -> pd.DataFrame:
    """Who a roster names, by login: the columns all exports have."""
    settings = RosterSettings(path=str(path), authority="partial", columns=columns or {})
    roster = read_roster(settings)
    assert roster.rejected.empty
    frame = roster.frame.assign(login=roster.frame["login"].str.casefold())
    return frame.set_index("login")[["name"]].sort_index()


def test_the_formats_are_all_there():
    assert len(FORMATS) == 7
    assert {Path(name).suffix for name in FORMATS} == {".csv", ".tsv", ".txt", ".ods", ".parquet"}


@pytest.mark.parametrize("name", FORMATS)
def test_every_export_names_the_same_people(name):
    first = people(SAMPLES / "formats" / FORMATS[0])

    assert len(first) == 12
    pd.testing.assert_frame_equal(people(SAMPLES / "formats" / name), first)


def test_the_exports_name_people_of_the_onboarding_list():
    import yaml

    columns = yaml.safe_load((ROOT / "jobs/onboarding.yaml").read_text(encoding="utf-8"))["roster"]["columns"]
    starters = people(SAMPLES / "onboarding.xlsx", columns)
    export = people(SAMPLES / "formats" / FORMATS[0])

    pd.testing.assert_frame_equal(starters.loc[export.index], export)
