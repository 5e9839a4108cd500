"""The reference of the keys agrees with what loading accepts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from provision.job.reference import describe_keys, known_keys
from provision.job.settings import Job

from .conftest import MINIMAL

ROWS = {key: (words, default, meaning) for key, words, default, meaning in describe_keys()}

EXPECTED = [
    ("version", ("1", "required", "version of the job file's form: 1")),
    ("name", ("text", "the file's name", "short name; by default the file's")),
    ("box.base_url", ("text", "https://api.box.com", "address of the API; `http://` only on this machine")),
    (
        "box.auth.config_file",
        ("path", "required", "jwt only: the JSON file downloaded from the Box Developer Console"),
    ),
    (
        "roster.header_row",
        ("whole number, at least 1, at most 1048576", "", "row of the header as the spreadsheet counts"),
    ),
    (
        "lifecycle.leavers[].after",
        ("time, as 10m, 12h, 30d", "required", "how long after the person left, for example 0d or 30d"),
    ),
    ("guards.removals.count", ("whole number, at least 0", "10", "the maximum number")),
    ("guards.creates.count", ("whole number, at least 0", "", "the maximum number")),
    (
        "guards.shrink.percent",
        ("number, at least 0, at most 100", "5", "the maximum share of the rows that may be missing"),
    ),
    (
        "apply.give_up_after",
        (
            "time, as 10m, 12h, 30d",
            "1h",
            "how long to wait while Box throttles or does not answer; then exit 7, or 5 after the first write",
        ),
    ),
    (
        "report.formats",
        ("list of html, csv, xlsx or json", "html, csv, xlsx, json", "which of html, csv, xlsx, json"),
    ),
]


@pytest.mark.parametrize(("key", "row"), EXPECTED, ids=lambda part: part if isinstance(part, str) else "")
def test_key_is_described_in_words(key: str, row: tuple[str, str, str]) -> None:
    assert ROWS[key] == row


def test_top_level_keys_are_those_of_the_contract() -> None:
    contract = "approvals runs_group version name box roster scope match aliases attributes lifecycle groups onboarding guards apply state runs report notify metrics hooks"

    assert sorted(known_keys()) == sorted(contract.split())


def test_every_key_is_described_once() -> None:
    assert len(ROWS) == len(describe_keys())
    assert all(words and meaning for words, _, meaning in ROWS.values())


def test_documented_defaults_are_the_defaults_when_written_down(load: Callable[..., Job]) -> None:
    written: dict[str, Any] = {}
    for key, (words, default, _) in ROWS.items():
        section, *between, last = key.split(".") if "." in key else ("", key)
        if section in ("scope", "guards", "apply", "report") and default not in ("", "required"):
            place = written.setdefault(section, {})
            for part in between:
                place = place.setdefault(part, {})
            place[last] = default.split(", ") if words.startswith("list") else default

    assert set(written) == {"scope", "guards", "apply", "report"}
    assert load(MINIMAL + yaml.safe_dump(written)) == load(MINIMAL)
