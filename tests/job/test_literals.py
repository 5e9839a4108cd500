"""Secrets written into a job file are found, and never repeated."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from provision.errors import JobError
from provision.job.document import read_document
from provision.job.literals import literal_secrets

ROOT = Path(__file__).parents[2]


def told(path: Path) -> list[str]:
    return [f"line {each.line}: {each.sentence}" for each in literal_secrets(read_document(path))]


ADVICE = "a literal secret; use a variable without a default, for example"

LITERAL = [
    ("box: {auth: {token: hush}}", f"line 1: box.auth.token: {ADVICE} ${{BOX_TOKEN}}"),
    ("box: {auth: {token: 'hush${X}'}}", f"line 1: box.auth.token: {ADVICE} ${{BOX_TOKEN}}"),
    ("box: {auth: {token: '${X:-hush}'}}", f"line 1: box.auth.token: {ADVICE} ${{BOX_TOKEN}}"),
    ("box: {auth: {token: '$$'}}", f"line 1: box.auth.token: {ADVICE} ${{BOX_TOKEN}}"),
    ("box: {auth: {token: '${'}}", f"line 1: box.auth.token: {ADVICE} ${{BOX_TOKEN}}"),
    (
        "\nbox:\n  auth:\n    client_secret: hush",
        f"line 4: box.auth.client_secret: {ADVICE} ${{BOX_CLIENT_SECRET}}",
    ),
    ("notify: {password: [hush]}", f"line 1: notify.password: {ADVICE} ${{BOX_PASSWORD}}"),
    ("box: {appAuth: {privateKey: hush}}", f"line 1: box.appAuth.privateKey: {ADVICE} ${{BOX_PRIVATEKEY}}"),
    ("box: {appAuth: {passphrase: hush}}", f"line 1: box.appAuth.passphrase: {ADVICE} ${{BOX_PASSPHRASE}}"),
    ("box: {auth: {'token:hush': x}}", f"line 1: box.auth.token: {ADVICE} ${{BOX_TOKEN}}"),
    (
        "name: |\n  -----BEGIN ENCRYPTED PRIVATE KEY-----\n  hush",
        "line 1: name: the job file contains a private key; keep it in a separate file",
    ),
    (
        "state: postgresql://me:hush@db.example/state",
        "line 1: state: a literal password in an address; name a variable without a default in its place",
    ),
    *(
        (
            f"notify: [{{url: '{url}'}}]",
            "line 1: notify[1].url: an address that gives access to anyone who has it; use a variable without a default, for example ${NOTIFY_URL}",
        )
        for url in (
            "slack://T1JJ3T3L2/A1BRTD4JD/hush",
            "ntfy://hush",
            "hush",
            "${X:-slack://hush}",
            "tgram://${TOKEN}/12345",
            "jsons://hooks.example/services/T1JJ3T3L2A1B",
            "json://hooks.example/abcdefghijklmnopqrstuvwx",
        )
    ),
    (
        "notify: [{url: 'mailtos://me:hush@mail.example?to=hr@acme.example'}]",
        "line 1: notify[1].url: a literal password in an address; name a variable without a default in its place",
    ),
    (
        "roster: {path: 'https://hr.example/people.csv?v=1&sig=hush'}",
        "line 1: roster.path: a literal secret in an address; name a variable without a default in its place",
    ),
    (
        "roster: {path: 'sftp://me:${X:-hush}@hr.example/people.csv'}",
        "line 1: roster.path: a literal password in an address; name a variable without a default in its place",
    ),
]


@pytest.mark.parametrize(("text", "expected"), LITERAL, ids=range(len(LITERAL)))
def test_literal_secret_is_told_by_line_and_key(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(text, encoding="utf-8")

    assert told(path) == [expected]


HARMLESS = [
    "notify: [{url: '${NOTIFY_URL}'}, {url: '${NOTIFY_URL:-}?format=text'}, {url: ''}]",
    "notify: [{url: 'mailtos://me:${MAIL_PASSWORD}@mail.example?to=hr@acme.example'}]",
    "notify: [{url: 'slack://${SLACK}/#people'}, {url: 'json://127.0.0.1:8080/provision'}]",
    "box: {auth: {token: '${BOX_TOKEN}'}}",
    "box: {auth: {token: ' ${A}${B} '}}",
    "box: {auth: {client_secret: '${A:-}'}}",
    "box: {auth: {token: }}",
    "box: {auth: {client_id: abc, method: token}}",
    "roster: {columns: {Token: external_id, Password hint: name}}",
    "state: 'postgresql://me:${DB_PASSWORD}@db.example/state'",
    "state: postgresql://me@db.example/state",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_secret_that_is_only_named_is_fine(tmp_path: Path, text: str) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(text, encoding="utf-8")

    assert told(path) == []


def test_all_literal_secrets_are_told_in_the_order_of_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text("".join(f"token{n}: hush\n" for n in range(12)), encoding="utf-8")

    assert [line.split(":")[0] for line in told(path)] == [f"line {n}" for n in range(1, 13)]


@pytest.mark.parametrize("query", ["?sig" * 50_000, "?a" * 100_000, "?" + "sig" * 60_000])
def test_no_address_is_gone_over_again_and_again(tmp_path: Path, query: str) -> None:
    """Who goes over it for each of its parts does not come to an end today."""
    path = tmp_path / "job.yaml"
    path.write_text(f"report: {{copy_to: 'https://x.example/{query}'}}\n", encoding="utf-8")
    before = process_time()

    assert told(path) == []
    assert process_time() - before < 8


def test_literal_secret_of_the_samples_is_told() -> None:
    assert told(ROOT / "sample_data/broken/jobs/literal_secret.yaml") == [
        f"line 4: box.auth.client_secret: {ADVICE} ${{BOX_CLIENT_SECRET}}"
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "jobs").glob("*.yaml")), ids=lambda path: path.name)
def test_job_of_this_repository_holds_no_secret(path: Path) -> None:
    assert told(path) == []


def test_file_that_cannot_be_read_is_a_job_error(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="There is no job file"):
        told(tmp_path / "nowhere.yaml")
