"""The search of the page finds everybody: those whom its lists show, and those who are packed into it."""

from __future__ import annotations

import base64
import re
import zlib
from pathlib import Path

import pytest

from provision.model import Status
from provision.report.kind_words import label
from provision.report.page import page as layout
from provision.report.page.everybody import everybody
from provision.report.reconciling.reconcile import reconcile
from provision.report.value import Reconciliation, RunFacts
from provision.report.write import write_reports
from tests import browser

from .builders import outcomes_of, person, plan_of


def unpacked(packed: str) -> list[list[str]]:
    text = zlib.decompress(base64.b64decode(packed)).decode() if packed else ""
    return [line.split("\t") for line in text.splitlines()]


def packed(reconciliation: Reconciliation, facts: RunFacts) -> dict[str, list[str]]:
    """What is packed into the page, by login."""
    return {line[1]: line for line in unpacked(layout.page_of(reconciliation, facts).everybody.packed)}


PEOPLE = (
    *(person("create", 1), person("update", 2), person("update", 3), person("unchanged", 4)),
    *(person("unowned", 5), person("rejected", 6), person("starts_later", 7)),
)


@pytest.fixture
def mixed() -> Reconciliation:
    plan = plan_of(*PEOPLE)
    return reconcile(plan, outcomes_of(plan), None)


def test_who_stands_in_no_list_is_packed_with_keys_row_and_decision(
    mixed: Reconciliation, facts: RunFacts
) -> None:
    lines = packed(mixed, facts)

    assert set(lines) == {"p4@acme.example"}
    name, _, _, box_id, row, decided, ended = lines["p4@acme.example"]
    assert (name, box_id, row, decided, ended) == ("Person 4", "20004", "5", "unchanged", "")


@pytest.mark.parametrize(
    ("shown", "others"),
    [
        (1, {"p3@acme.example", "p4@acme.example", "p8@acme.example", "p9@acme.example"}),
        (0, {f"p{number}@acme.example" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9)}),
    ],
)
def test_of_long_lists_those_who_are_cut_off_are_packed(
    shown: int, others: set[str], facts: RunFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(*PEOPLE, person("rejected", 8), person("rejected", 9))
    monkeypatch.setattr(layout, "SHOWN", shown)

    assert set(packed(reconcile(plan, outcomes_of(plan), None), facts)) == others


def test_who_is_cut_off_is_packed_with_the_outcome(
    mixed: Reconciliation, facts: RunFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "SHOWN", 1)

    assert packed(mixed, facts)["p3@acme.example"][5:] == [label("update"), label(Status.DONE)]


@pytest.mark.parametrize(
    ("most", "found", "whole", "decided"),
    [
        (3, {"p4@acme.example", "p5@acme.example", "p7@acme.example"}, True, False),
        (2, {"p7@acme.example"}, False, True),
        (0, set(), False, True),
    ],
)
def test_of_too_many_those_are_found_about_whom_something_was_decided(
    most: int, found: set[str], whole: bool, decided: bool, mixed: Reconciliation
) -> None:
    listed = mixed.table.index[mixed.table["verdict"].isin(["create", "update", "rejected"])]
    told = everybody(mixed.table, listed.tolist(), label, most)

    assert {line[1] for line in unpacked(told.packed)} == found
    assert (told.whole, told.decided) == (whole, decided)


def test_a_cell_with_tabs_and_line_ends_is_one_cell() -> None:
    plan = plan_of(person("unchanged", 1, name="Zoë\t<b>\r\nWeiß"))

    [line] = unpacked(everybody(reconcile(plan, {}, None).table, [], label).packed)

    assert line[0] == "Zoë <b> Weiß"
    assert len(line) == 7


def test_a_page_says_whom_its_search_does_not_find(
    mixed: Reconciliation, facts: RunFacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page() -> str:
        return write_reports(mixed, facts, tmp_path, ("html",))["html"].read_text(encoding="utf-8")

    assert "The search finds" not in page()
    monkeypatch.setattr(layout, "everybody", lambda *words: everybody(*words, most=0))
    assert "The search finds people about whom something was decided; everybody is in" in page()


@pytest.mark.skipif(browser.found() is None, reason="there is no Chromium here")
def test_a_person_finds_who_stands_in_no_list(mixed: Reconciliation, facts: RunFacts, tmp_path: Path) -> None:
    """As a person would: by a part of a name without its accents, at the search of the page."""
    plan = plan_of(person("update", 2), person("unchanged", 4, name="Zoë Weiß"), person("unowned", 5))
    path = write_reports(reconcile(plan, outcomes_of(plan), None), facts, tmp_path, ("html",))["html"]
    program = browser.found()
    assert program is not None
    with browser.opened(program) as there:
        there.open(path.resolve().as_uri())
        assert there.tell("document.querySelector('#others').hidden")
        there.tell("document.querySelector('#find').focus()")
        there.type("zoe wei")
        told = there.until("document.querySelector('.finder output').value") and there.tell(
            "document.querySelector('.finder output').value"
        )
        assert told == "0 of 1 lines, and 1 person beside them"
        found = str(there.tell("document.querySelector('#others').textContent"))
        assert re.search(r"Zoë Weiß\s*p4@acme\.example.*Row 5.*unchanged", found, re.DOTALL)
        assert there.problems == []
