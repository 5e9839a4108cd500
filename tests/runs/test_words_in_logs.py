"""Addresses in logs: no word, however long, holds whoever looks for one, and none gets through."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from provision.runs.folder import About, RunFolder

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def logged(folder, word):
    """What a log keeps of a word."""
    RunFolder(folder, About("run", "job", "job.yaml", "", "", "key")).log("event", NOW, word=word)
    return json.loads((folder / "log.jsonl").read_text())["word"]


@pytest.mark.parametrize(
    ("word", "left"),
    [
        ("create:mia@acme.example", "create:hash="),
        ("by=mia@acme.example,more", "by=hash=,more"),
        ("login=0123456789abcdef", "hash="),
        ("login=0123456789abcdefmia@acme.example", "hash=hash="),
        ("Mia (user mia on web1)", "Mia (user mia on web1)"),
    ],
)
def test_an_address_is_a_hash_in_a_log_wherever_it_stands(tmp_path, word, left):
    kept = logged(tmp_path, word)
    hashes = [part[:16] for part in kept.split("hash=")[1:]]

    assert all(len(each) == 16 for each in hashes)
    for each in hashes:
        kept = kept.replace(each, "")
    assert kept == left


@pytest.mark.timeout(20)
def test_a_word_without_end_holds_nobody(tmp_path):
    endless = "x" * 1_000_000  # one that is read again from each of its letters takes more than an hour

    assert logged(tmp_path, endless) == endless
