"""Whether a ledger is there, told without opening it, agrees with what opening it would say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from provision.ledger.address import file_of
from provision.ledger.place import nothing_there


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///{}/a.db",
        "sqlite+pysqlite:///{}/a.db",
        "sqlite:///{}/a.db?timeout=5",
        "sqlite:///{}/a b.db",
        "sqlite:///{}/a#b&c.db?x=1?y=2",
    ],
)
def test_a_file_that_is_not_there_is_seen_where_the_database_would_look(
    tmp_path: Path, url: str, there: bool
) -> None:
    url = url.format(tmp_path)
    place = file_of(url)
    assert place is not None
    if there:
        place.touch()

    assert nothing_there(url) is not there


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:a.db?mode=ro&uri=true",
        "postgresql://box@db.acme.example/provision",
        "sqlite://host/a.db",
        "sqlite:///a%20b.db",
        "no url",
    ],
)
def test_what_is_not_plainly_a_file_is_left_to_the_database(url: str) -> None:
    assert not nothing_there(url)


def test_a_first_check_loads_neither_the_database_library_nor_the_vendors_sdk_nor_if_quiet_a_painted_terminal(
    tmp_path: Path,
) -> None:
    heavy = "{'sqlalchemy', 'box_sdk_gen', 'requests', 'tenacity', 'rich', 'provision.report.terminal'}"
    auth = "{method: token, token: '${BOX_TOKEN}'}"
    job = f"version: 1\nname: a\nbox: {{base_url: 'http://127.0.0.1:1', auth: {auth}}}\nroster: {{path: r.csv}}\nstate: sqlite:///a.db\n"
    (tmp_path / "a.yaml").write_text(job)
    (tmp_path / "r.csv").write_text("login,name\nmia@acme.example,Mia Marsh\n")
    told = (
        "import sys\nfrom provision.cli.main import run_program\n"
        f"print(run_program(['check', 'a.yaml', '--quiet']), sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, cwd=tmp_path, check=True
    )

    assert done.stdout.strip() == "0 []", done.stderr
