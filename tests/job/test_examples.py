"""The job files people will meet first: the contract's, this repository's, and the broken ones of the samples."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from provision.errors import JobError
from provision.job.lifecycle import Stage, StageAction
from provision.job.limits import Guard
from provision.job.load import load_job
from provision.job.settings import Authority, Job, JwtAuth, ReportFormat, RosterKind

from .conftest import ENVIRON

ROOT = Path(__file__).parents[2]

#: the example of the contract, word by word
CONTRACT = """\
version: 1
name: nightly
box:
  base_url: ${BOX_BASE_URL:-https://api.box.com}   # upload_url and oauth_url follow from it unless given
  auth: {method: jwt, config_file: "${BOX_JWT_CONFIG_FILE}"}   # or {method: ccg, client_id, client_secret, enterprise_id}
                                                               # or {method: token, token: "${BOX_TOKEN}"}
roster:
  path: ../sample_data/employees.csv   # .csv .tsv .txt .xlsx .xls .ods .parquet; a glob takes the newest; any fsspec URL (sftp://, s3://, …)
  authority: full        # full: who is absent may be a leaver · partial: only the people named are touched (onboarding imports)
  kind: managed          # managed | app | column (the roster's own `kind` column decides)
  columns: {Employee ID: external_id, Work Email: login, "{First} {Last}": name}
scope:                   # the existing users this job may touch at all
  domains: [acme.example]
  protect: ["*@partners.acme.example", ceo@acme.example]
lifecycle:
  evidence: {absent_runs: 2, absent_hours: 12}   # absence counts after so many complete rosters, so far apart
  leavers:
    - {after: 0d, do: deactivate}
    - {after: 30d, do: transfer, to: manager}      # or service_account, or a login
    - {after: 31d, do: delete}
guards:
  removals: {count: 10, percent: 5}      # likewise creates, updates; shrink: {percent: 5} for the roster itself
apply: {requests_per_minute: 1000}
state: sqlite:///../state/provision.db
runs: ../runs
report: {formats: [html, csv, xlsx, json]}
"""


@pytest.fixture
def contract(tmp_path: Path) -> Job:
    path = tmp_path / "jobs" / "some-file.yaml"
    path.parent.mkdir()
    path.write_text(CONTRACT, encoding="utf-8")
    return load_job(path, {"BOX_JWT_CONFIG_FILE": "secrets/box.json"})


def test_example_of_the_contract_has_its_sign_in_and_addresses(contract: Job, tmp_path: Path) -> None:
    assert contract.box.auth == JwtAuth(method="jwt", config_file=tmp_path / "jobs/secrets/box.json")
    assert contract.box.base_url == "https://api.box.com"
    assert contract.box.upload_url == "https://upload.box.com/api"
    assert contract.box.oauth_url == "https://account.box.com/api/oauth2"


def test_example_of_the_contract_has_its_roster(contract: Job, tmp_path: Path) -> None:
    assert contract.roster.path == str(tmp_path / "sample_data/employees.csv")
    assert contract.roster.authority is Authority.FULL
    assert contract.roster.kind is RosterKind.MANAGED
    assert contract.roster.columns == {
        "Employee ID": "external_id",
        "Work Email": "login",
        "{First} {Last}": "name",
    }


def test_example_of_the_contract_has_its_rules(contract: Job) -> None:
    assert contract.scope.domains == ("acme.example",)
    assert contract.scope.protect == ("*@partners.acme.example", "ceo@acme.example")
    assert (contract.lifecycle.evidence.absent_runs, contract.lifecycle.evidence.absent_hours) == (2, 12)
    assert contract.lifecycle.leavers == (
        Stage(after=timedelta(0), do=StageAction.DEACTIVATE),
        Stage(after=timedelta(days=30), do=StageAction.TRANSFER, to="manager"),
        Stage(after=timedelta(days=31), do=StageAction.DELETE),
    )
    assert contract.guards.removals == Guard(count=10, percent=5)


def test_example_of_the_contract_has_its_places_and_reports(contract: Job, tmp_path: Path) -> None:
    assert contract.name == "nightly"
    assert contract.apply.requests_per_minute == 1000
    assert contract.state.url == f"sqlite:///{tmp_path}/state/provision.db"
    assert contract.runs == tmp_path / "runs"
    assert contract.report.formats == tuple(ReportFormat)


@pytest.mark.parametrize("path", sorted((ROOT / "jobs").glob("*.yaml")), ids=lambda path: path.name)
def test_job_of_this_repository_loads(path: Path) -> None:
    names = ("BOX_CLIENT_ID", "BOX_CLIENT_SECRET", "BOX_ENTERPRISE_ID", "BOX_JWT_CONFIG_FILE", "BOX_TOKEN")

    job = load_job(path, dict.fromkeys(names, "x"))

    assert job.name == path.stem
    assert Path(job.roster.path).parent == ROOT / "sample_data"


BROKEN = {
    "bad_guard": 'line 11: guards.removals.percent: must be at most 100, not "500"',
    "duplicate_key": 'line 3: key "name" is given twice; first in line 2',
    "missing_variable": "line 4: box.auth.token: the environment variable BOX_NO_SUCH_VARIABLE is not set",
    "no_roster": 'line 1: missing key "roster"',
    "not_a_mapping": "is not a mapping (line 1)",
    "unknown_key": 'line 5: unknown key "rooster"; did you mean "roster"?',
    "unknown_nested_key": 'line 11: unknown key "guards.removals.percentage"; did you mean "guards.removals.percent"?',
    "version_2": "has version 2 (line 1); this program reads version 1.",
    "wrong_type": 'line 10: apply.requests_per_minute: must be a number, not "fast"',
    "yaml_tab": "line 6: a tab; YAML forbids tabs for indentation, use blanks",
}
#: broken in a way that only a later look finds: at the secrets, at the roster
LATER = {"literal_secret", "missing_file"}
BROKEN_JOBS = ROOT / "sample_data/broken/jobs"


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_broken_job_of_the_samples_gets_its_message(name: str) -> None:
    with pytest.raises(JobError) as caught:
        load_job(BROKEN_JOBS / f"{name}.yaml", ENVIRON)

    assert BROKEN[name] in caught.value.what
    assert len(caught.value.what.splitlines()) <= 2


def test_every_broken_job_of_the_samples_is_expected() -> None:
    assert {path.stem for path in BROKEN_JOBS.glob("*.yaml")} == set(BROKEN) | LATER
