"""What holds for every file, not only for those we thought of."""

from __future__ import annotations

import os
import random
import string
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from provision.errors import JobError
from provision.job.document import read_document
from provision.job.fingerprint import fingerprint
from provision.job.literals import literal_secrets
from provision.job.load import load_job
from provision.job.settings import Job
from tests.examples import examples

from .conftest import ENVIRON, MINIMAL

#: the same cases on every machine, however slow
SEEDED = examples(200)

Loaded = Job | str

#: pieces of YAML and of job files; any sequence of them is tried as a file
PIECES = st.sampled_from(
    ["\n", "\n  ", "\n    ", "\n- ", " ", ":", ": ", "\t", "{", "}", "[", "]", ",", "&a ", "*a", "!", "!!int ", "#", "|", ">", "%", "@",
     "---", "...", "?", "? ", "'", '"', "\\x", "<<: *a", "~", "$", "${", "${A}", "${B:-b}", "$$", "\0", "\x85", "\u2028", "\ufeff",
     "version: 1", "name", "box", "auth", "method", "jwt", "token", "roster", "path", "columns", "login", "guards", "removals", "count",
     "lifecycle", "leavers", "after", "30d", "do", "delete", "timezone", "UTC", "state", "sqlite:///", "runs", "1e999", "-1", "0"]
)  # fmt: skip
CONTENTS = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(PIECES, max_size=40).map(lambda pieces: "".join(pieces).encode()),
    st.lists(PIECES, max_size=15).map(lambda pieces: (MINIMAL + "".join(pieces)).encode()),
)

_LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("${A}"))
_TREE = st.recursive(
    _LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
SECTIONS = (
    "name",
    "box",
    "roster",
    "scope",
    "lifecycle",
    "guards",
    "apply",
    "state",
    "runs",
    "report",
    "match",
)
KEYS = st.sampled_from(
    ["auth", "base_url", "path", "kind", "columns", "header_row", "delimiter", "domains", "protect", "evidence", "leavers",
     "timezone", "removals", "shrink", "workers", "formats", "give_up_after", "x"]
)  # fmt: skip


def _load(content: bytes, environ: dict[str, str]) -> Loaded:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.yaml"
        path.write_bytes(content)
        try:
            return load_job(path, environ)
        except JobError as error:
            return str(error).replace(folder, "")


def _is_job_or_explained(loaded: Loaded) -> bool:
    """Whether it is a job, or an error with all three parts."""
    if isinstance(loaded, Job):
        return True
    return loaded.startswith("The job file") and "  usual cause: " in loaded and "  do: " in loaded


@given(CONTENTS)
@SEEDED
@example(b'a: "\\ud800"')
@example(b"a: &a [*a]")
@example(b"state: sqlite:///~nobody-here/x\n" + MINIMAL.encode())
def test_any_file_gives_a_job_or_a_job_error(content: bytes) -> None:
    assert _is_job_or_explained(_load(content, {"A": "a"}))


@given(CONTENTS)
@SEEDED
def test_any_file_can_be_searched_for_secrets(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.yaml"
        path.write_bytes(content)
        try:
            told = literal_secrets(read_document(path))
        except JobError:
            return

    assert all(each.line >= 1 for each in told)


@given(
    st.dictionaries(st.sampled_from(SECTIONS), st.dictionaries(KEYS, _TREE, max_size=4) | _TREE, max_size=4)
)
@SEEDED
def test_any_value_in_any_place_gives_a_job_or_a_job_error(sections: dict[str, Any]) -> None:
    content = yaml.safe_dump({"version": 1, **sections}, allow_unicode=True).encode("utf-8", "surrogatepass")

    assert _is_job_or_explained(_load(content, {"A": "a"}))


@given(st.text(), st.text())
@SEEDED
def test_any_variable_gives_a_job_or_a_job_error(token: str, place: str) -> None:
    text = MINIMAL.replace("people.csv", "${PLACE}") + "runs: ${PLACE}\nlifecycle: {timezone: '${PLACE}'}\n"

    assert _is_job_or_explained(_load(text.encode(), {"BOX_TOKEN": token, "PLACE": place}))


@given(CONTENTS)
@SEEDED
def test_loading_twice_gives_the_same(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.yaml"
        path.write_bytes(content)
        loads: list[object] = []
        for _ in range(2):
            try:
                loads.append(load_job(path, {"A": "a"}))
            except JobError as error:
                loads.append(str(error))

    assert loads[0] == loads[1]


@given(st.text(alphabet=string.ascii_letters + string.digits, min_size=12, max_size=40))
@SEEDED
def test_no_error_repeats_the_secret(secret: str) -> None:
    text = f"version: 1\nroster: {{path: a, x: 1}}\nbox: {{auth: {{method: ccg, client_secret: [{secret}], token: {secret}}}}}\n"

    told = _load(text.encode(), {})

    assert isinstance(told, str)
    assert secret not in told


FULL = {
    "version": 1,
    "name": "a",
    "box": {"auth": {"method": "token", "token": "${BOX_TOKEN}"}},
    "roster": {
        "path": "a.csv",
        "columns": {"B": "login", "A": "external_id", "C": "name"},
        "kind": "managed",
    },
    "scope": {"domains": ["acme.example"], "protect": ["ceo@acme.example"]},
    "lifecycle": {
        "evidence": {"absent_hours": 6, "absent_runs": 3},
        "leavers": [{"do": "delete", "after": "30d"}],
    },
    "guards": {"removals": {"percent": 5, "count": 2}, "creates": {"count": 9}},
}


def _shuffled(tree: Any, order: random.Random) -> Any:
    if isinstance(tree, list):
        return [_shuffled(part, order) for part in tree]
    if not isinstance(tree, dict):
        return tree
    keys = sorted(tree)
    order.shuffle(keys)
    return {key: _shuffled(tree[key], order) for key in keys}


def _fingerprint(text: str, **environ: str) -> str:
    loaded = _load(text.encode(), {**ENVIRON, **environ})
    assert isinstance(loaded, Job)
    return fingerprint(loaded)


@given(st.randoms(use_true_random=False))
@SEEDED
def test_fingerprint_knows_neither_key_order_nor_comments(order: random.Random) -> None:
    text = yaml.safe_dump(_shuffled(FULL, order), sort_keys=False).replace("\n", "  # why\n")

    assert _fingerprint(text) == _fingerprint(yaml.safe_dump(FULL))


SAME = [
    {"BOX_TOKEN": "another"},
    {"STATE": "sqlite:////elsewhere.db"},
    {"RUNS": "/elsewhere"},
    {"STARTER": "/elsewhere"},
    {"PATH_": "/another/roster.csv"},
    {"RPM": "5"},
    {"HOST": "http://127.0.0.1:1"},
]
OTHER = [
    {"NAME": "b"},
    {"KIND": "app"},
    {"AUTHORITY": "partial"},
    {"FIELD": "external_id"},
    {"DOMAIN": "other.example"},
    {"RUNS_ABSENT": "3"},
    {"COUNT": "11"},
    {"INTO": "Other"},
]
VARIED = """\
version: 1
name: ${NAME:-a}
box: {base_url: "${HOST:-https://api.box.com}", auth: {method: token, token: "${BOX_TOKEN}"}}
roster: {path: "${PATH_:-a.csv}", kind: "${KIND:-managed}", authority: "${AUTHORITY:-full}", columns: {A: "${FIELD:-login}"}}
scope: {domains: ["${DOMAIN:-acme.example}"]}
lifecycle: {evidence: {absent_runs: "${RUNS_ABSENT:-2}"}}
guards: {removals: {count: "${COUNT:-10}"}}
apply: {requests_per_minute: "${RPM:-1000}"}
state: ${STATE:-sqlite:///a.db}
runs: ${RUNS:-runs}
onboarding: {content: [{from: "${STARTER:-starter}", into: "${INTO:-Welcome}"}]}
"""


@pytest.mark.parametrize("environ", SAME, ids="".join)
def test_fingerprint_stays_with_what_decides_nothing(environ: dict[str, str]) -> None:
    assert _fingerprint(VARIED, **environ) == _fingerprint(VARIED)


@pytest.mark.parametrize("environ", OTHER, ids="".join)
def test_fingerprint_changes_with_what_decides_the_plan(environ: dict[str, str]) -> None:
    assert _fingerprint(VARIED, **environ) != _fingerprint(VARIED)


def test_default_that_is_written_down_keeps_the_fingerprint() -> None:
    written = "lifecycle: {evidence: {absent_hours: 12}, timezone: UTC}\n"

    assert _fingerprint(MINIMAL + written) == _fingerprint(MINIMAL)


def test_fingerprint_is_the_same_in_another_process(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(VARIED, encoding="utf-8")
    program = (
        "import sys, pathlib; from provision.job.load import load_job; from provision.job.fingerprint import fingerprint;"
        "print(fingerprint(load_job(pathlib.Path(sys.argv[1]), {'BOX_TOKEN': 'x'})))"
    )
    environ = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": os.pathsep.join(sys.path)}

    said = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True, env=environ
    )

    assert said.stdout.strip() == fingerprint(load_job(path, ENVIRON))
