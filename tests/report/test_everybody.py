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
from provision.report.page.everybody import everybody, listed_lines, most_of_each
from provision.report.reconciling.reconcile import reconcile
from provision.report.value import Reconciliation, RunFacts
from provision.report.write import write_reports
from tests import browser

from .builders import outcomes_of, person, plan_of


def unpacked(packed: str) -> list[list[str]]:
    text = zlib.decompress(base64.b64decode(packed)).decode() if packed else ""
    return [line.split("\t") for line in text.splitlines()]


def seen(reconciliation: Reconciliation, most: int = 100, shown: int = 100) -> tuple[list[str], bool, bool]:
    """The logins that are packed, whether the search finds everybody, and whether only those decided about."""
    listed = listed_lines(
        reconciliation.table, ["create", "update", "protected"], reconciliation.attention.index, shown
    )
    packed = everybody(reconciliation.table, listed, label, most)
    return sorted(line[1] for line in unpacked(packed.packed)), packed.whole, packed.decided


@pytest.fixture
def mixed() -> Reconciliation:
    people = [person("create", 1), person("update", 2), person("update", 3), person("unchanged", 4)]
    plan = plan_of(*people, person("unowned", 5), person("rejected", 6), person("starts_later", 7))
    return reconcile(plan, outcomes_of(plan), None)


def test_who_stands_in_no_list_is_packed_with_keys_row_and_decision(mixed: Reconciliation) -> None:
    listed = listed_lines(mixed.table, ["create", "update"], mixed.attention.index, 100)

    lines = {line[1]: line for line in unpacked(everybody(mixed.table, listed, label).packed)}

    assert set(lines) == {"p4@acme.example", "p5@acme.example", "p7@acme.example"}
    name, _, _, box_id, row, decided, ended, _, _ = lines["p4@acme.example"]
    assert (name, box_id, row, decided, ended) == ("Person 4", "20004", "5", "unchanged", "")
    assert lines["p5@acme.example"][4] == ""  # who stands in no row


def test_of_a_long_list_those_who_are_cut_off_are_packed_with_their_outcome(mixed: Reconciliation) -> None:
    listed = listed_lines(mixed.table, ["create", "update"], mixed.attention.index, 1)
    lines = {line[1]: line for line in unpacked(everybody(mixed.table, listed, label).packed)}

    assert lines["p3@acme.example"][5:7] == [label("update"), label(Status.DONE)]
    assert "p2@acme.example" not in lines


def test_of_too_many_those_are_found_about_whom_something_was_decided(mixed: Reconciliation) -> None:
    assert seen(mixed) == (["p4@acme.example", "p5@acme.example", "p7@acme.example"], True, False)
    assert seen(mixed, most=2) == (["p7@acme.example"], False, True)
    assert seen(mixed, most=0, shown=0) == ([], False, True)


@pytest.mark.parametrize(
    ("lists", "most"),
    [
        ([], 50),
        ([10, 20], 50),
        ([90, 20], 50),
        ([10, 100, 100], 45),
        ([100] * 10, 10),
        ([1] * 99 + [9], 1),
        ([5, 95], 50),
    ],
)
def test_short_lists_are_shown_whole_and_long_ones_share_what_is_left(lists: list[int], most: int) -> None:
    assert most_of_each(lists, 50, 100) == most
    assert sum(min(length, most) for length in lists) <= 100


def test_a_cell_with_tabs_and_line_ends_is_one_cell() -> None:
    plan = plan_of(person("unchanged", 1, name="Zoë\t<b>\r\nWeiß"))
    reconciliation = reconcile(plan, {}, None)

    [line] = unpacked(everybody(reconciliation.table, listed_lines(reconciliation.table, [], reconciliation.attention.index, 9), label).packed)  # fmt: skip

    assert line[0] == "Zoë <b> Weiß"
    assert len(line) == 9


def test_a_page_says_whom_its_search_does_not_find(
    mixed: Reconciliation, facts: RunFacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page() -> str:
        return write_reports(mixed, facts, tmp_path, ("html",))["html"].read_text(encoding="utf-8")

    assert "The search finds" not in page()
    monkeypatch.setattr(layout, "everybody", lambda *words, marks: everybody(*words, most=0, marks=marks))
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
