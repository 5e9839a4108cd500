"""What a process that commands are forked from has done before: a run that loads the program, and makes what is made once."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

#: what commands import that no run does, so that none of them has to
_ALSO = (
    "provision.cli.commands.rebuild", "provision.runs.past.rebuild", "provision.runs.undo", "provision.report.tables.workbook",
    "provision.cli.declared.people", "provision.cli.declared.records", "provision.cli.declared.first_day",
)  # fmt: skip
_SETTINGS = {
    "BOX_BASE_URL": "url", "BOX_CLIENT_ID": "client_id", "BOX_CLIENT_SECRET": "client_secret",
    "BOX_ENTERPRISE_ID": "enterprise_id",
}  # fmt: skip
_ROSTER = "external_id,login,name\nE1,mia@acme.example,Mia\nE2,otto@acme.example,Otto\n"
_JOB = """\
version: 1
name: nightly
box:
  base_url: ${BOX_BASE_URL}
  auth:
    method: ccg
    client_id: ${BOX_CLIENT_ID}
    client_secret: ${BOX_CLIENT_SECRET}
    enterprise_id: ${BOX_ENTERPRISE_ID}
roster: {path: nightly.csv}
scope: {domains: [acme.example]}
apply: {requests_per_minute: 60000, workers: 2}
report: {formats: [csv]}
"""


def warm_up() -> None:
    """Run a job once, in this process and a folder of its own. Raises AssertionError if that does not end well."""
    for name in _ALSO:
        import_module(name)
    before, here = dict(os.environ), Path.cwd()
    try:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            _run(Path(folder))
            os.chdir(here)
    finally:
        os.environ.clear()
        os.environ.update(before)


def _run(folder: Path) -> None:
    from provision.cli.main import run_program
    from provision.sandbox import Options, serve

    users = [{"name": "Mia Marsh", "login": "mia@acme.example"}]
    enterprise = {
        "enterprise": {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example"]},
        "admin": {"name": "Ada Abara", "login": "ada@acme.example"},
        "users": users,
    }
    (folder / "seed.json").write_text(json.dumps(enterprise))
    (folder / "nightly.yaml").write_text(_JOB)
    (folder / "nightly.csv").write_text(_ROSTER)
    with serve(Options(seed_file=folder / "seed.json", config=folder / "box.json")) as server:
        os.environ["XDG_STATE_HOME"] = str(folder / "home")
        os.environ.update({name: server.announcement[key] for name, key in _SETTINGS.items()})
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = run_program(["run", "nightly.yaml", "--json", "--yes"], lambda: datetime.now(UTC))
    assert code == 0, said.getvalue()
