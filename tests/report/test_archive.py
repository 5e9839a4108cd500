"""The private copy gives every report again, without Box."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provision.errors import PlanError
from provision.report.kept import FACTS_FILE, OPERATIONS_FILE, TABLE_FILE, keep, reopen
from provision.report.value import Reconciliation, RunFacts
from provision.report.write import write_reports


@pytest.mark.parametrize("name", ["preview", "verified"])
def test_what_is_kept_comes_back_as_it_was(
    name: str, facts: RunFacts, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    reconciliation: Reconciliation = request.getfixturevalue(name)

    keep(reconciliation, facts, tmp_path)
    again, told = reopen(tmp_path)

    assert told == facts
    assert again == reconciliation
    assert again.table.equals(reconciliation.table)
    assert again.attention.equals(reconciliation.attention)
    assert dict(again.changes) == dict(reconciliation.changes)


@pytest.mark.parametrize("form", ["html", "csv", "json"])
def test_reports_written_again_are_the_same_bytes(
    form: str, verified: Reconciliation, facts: RunFacts, tmp_path: Path
) -> None:
    before = write_reports(verified, facts, tmp_path, (form,))[form].read_bytes()
    keep(verified, facts, tmp_path)

    after = write_reports(*reopen(tmp_path), tmp_path, (form,))[form].read_bytes()

    assert after == before


def test_copy_is_for_the_owner_only(verified: Reconciliation, facts: RunFacts, tmp_path: Path) -> None:
    keep(verified, facts, tmp_path)

    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        TABLE_FILE: 0o600,
        OPERATIONS_FILE: 0o600,
        FACTS_FILE: 0o600,
    }


def test_folder_without_a_copy_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="holds no reconciliation") as caught:
        reopen(tmp_path)

    assert "provision runs" in str(caught.value)


@pytest.mark.parametrize("damaged", [TABLE_FILE, FACTS_FILE])
@pytest.mark.parametrize("junk", [b"", b"junk", b'{"version": 99}'])
def test_damaged_copy_is_named(
    damaged: str, junk: bytes, verified: Reconciliation, facts: RunFacts, tmp_path: Path
) -> None:
    keep(verified, facts, tmp_path)
    (tmp_path / damaged).write_bytes(junk)

    with pytest.raises(PlanError, match="cannot be read"):
        reopen(tmp_path)


def test_copy_of_another_version_is_refused_by_name(
    verified: Reconciliation, facts: RunFacts, tmp_path: Path
) -> None:
    keep(verified, facts, tmp_path)
    path = tmp_path / FACTS_FILE
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "version": 99}), encoding="utf-8")

    with pytest.raises(PlanError, match="has version 99; this program reads version 2"):
        reopen(tmp_path)
