"""The search of the page finds everybody: those whom its lists show, and those who are packed into it."""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from provision.errors import BoxAnswer
from provision.model import Status
from provision.report.kind_words import label
from provision.report.page import page as layout
from provision.report.page.everybody import everybody, most_of_each
from provision.report.page.filters import choices_of
from provision.report.reconciling.reconcile import reconcile
from provision.report.value import Reconciliation, RunFacts
from provision.report.write import write_reports
from tests import browser

from .builders import FIELDS, outcomes_of, person, plan_of


def unpacked(packed: str) -> list[list[str]]:
    text = zlib.decompress(base64.b64decode(packed)).decode() if packed else ""
    return [line.split("\t") for line in text.splitlines()]


def packed(reconciliation: Reconciliation, facts: RunFacts) -> dict[str, list[str]]:
    """What is packed into the page, by login."""
    return {line[1]: line for line in unpacked(layout.page_of(reconciliation, facts).everybody.packed)}


def listed(reconciliation: Reconciliation, facts: RunFacts) -> list[str]:
    """Who stands in the lists of the page, by name, as often as the lists say it."""
    page = layout.page_of(reconciliation, facts)
    parts = [part for group in page.attention for part in group.parts]
    return [line.name for part in (*parts, *page.taken, *page.changes, *page.rest) for line in part.lines]


@pytest.fixture
def mixed() -> Reconciliation:
    people = [person("create", 1), person("update", 2), person("update", 3), person("unchanged", 4)]
    plan = plan_of(*people, person("unowned", 5), person("rejected", 6), person("starts_later", 7))
    return reconcile(plan, outcomes_of(plan), None)


def test_who_stands_in_no_list_is_packed_with_keys_row_and_decision(
    mixed: Reconciliation, facts: RunFacts
) -> None:
    lines = packed(mixed, facts)

    assert set(lines) == {"p4@acme.example"}
    name, _, _, box_id, row, decided, ended, *_ = lines["p4@acme.example"]
    assert (name, box_id, row, decided, ended) == ("Person 4", "20004", "5", "unchanged", "")


def test_who_stands_in_no_row_is_packed_without_one(mixed: Reconciliation) -> None:
    lines = {line[1]: line for line in unpacked(everybody(mixed.table, [], label).packed)}

    assert lines["p5@acme.example"][4] == ""


def test_of_a_long_list_those_who_are_cut_off_are_packed_with_their_outcome(
    mixed: Reconciliation, facts: RunFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "SHOWN", 1)
    lines = packed(mixed, facts)

    assert lines["p3@acme.example"][5:7] == [label("update"), label(Status.DONE)]
    assert "p2@acme.example" not in lines


@pytest.mark.parametrize("shown", [1, 2, 3, 100])
def test_everybody_is_listed_or_packed_however_long_a_list_is(
    facts: RunFacts, monkeypatch: pytest.MonkeyPatch, shown: int
) -> None:
    """Of several answers of Box each has a list of its own, and whoever waits stands among the changes too."""
    monkeypatch.setattr(layout, "SHOWN", shown)
    plan = plan_of(*(person("update", number) for number in range(1, 10)), person("rejected", 10))
    failed = {
        one.change_id: replace(one, status=Status.FAILED, answer=BoxAnswer(status, "bad_request"))
        for one, status in zip(
            list(outcomes_of(plan).values())[:6], [400, 400, 400, 403, 403, 409], strict=True
        )
    }
    reconciliation = reconcile(plan, {**outcomes_of(plan), **failed}, None)

    names = {line[0] for line in packed(reconciliation, facts).values()}
    assert names | set(listed(reconciliation, facts)) == {f"Person {number}" for number in range(1, 11)}
    assert not names & set(listed(reconciliation, facts))


def test_who_is_packed_can_be_chosen_by_field_and_part(
    mixed: Reconciliation, facts: RunFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "SHOWN", 1)
    choices = choices_of(mixed.changes.values(), "department")

    lines = {login: line[7:9] for login, line in packed(mixed, facts).items()}
    names = {str(place): name for name, place in choices.fields.items()}
    fields, part = lines["p3@acme.example"]
    assert ({names[place] for place in fields.split()}, part) == ({one for one, _, _ in FIELDS["update"]}, "")
    assert lines["p4@acme.example"] == ["", ""]


def test_of_too_many_those_are_found_about_whom_something_was_decided(mixed: Reconciliation) -> None:
    def seen(most: int, listed: list[int]) -> tuple[list[str], bool, bool]:
        told = everybody(mixed.table, listed, label, most)
        return sorted(line[1] for line in unpacked(told.packed)), told.whole, told.decided

    in_lists = [
        at for at in mixed.table.index if mixed.table["verdict"][at] in ("create", "update", "rejected")
    ]
    assert seen(100, in_lists) == (["p4@acme.example", "p5@acme.example", "p7@acme.example"], True, False)
    assert seen(2, in_lists) == (["p7@acme.example"], False, True)
    assert seen(0, []) == ([], False, True)


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

    [line] = unpacked(everybody(reconciliation.table, [], label).packed)

    assert line[0] == "Zoë <b> Weiß"
    assert len(line) == 10


def test_a_page_says_whom_its_search_does_not_find(
    mixed: Reconciliation, facts: RunFacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page() -> str:
        return write_reports(mixed, facts, tmp_path, ("html",))["html"].read_text(encoding="utf-8")

    assert "The search finds" not in page()
    monkeypatch.setattr(layout, "everybody", lambda *words, marked: everybody(*words, most=0, marked=marked))
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


@pytest.mark.skipif(browser.found() is None, reason="there is no Chromium here")
def test_a_person_chooses_among_those_in_no_list(
    facts: RunFacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "SHOWN", 1)
    language = (("language", "en", "de"),)
    people = [
        person("update", number, fields=language if number == 3 else FIELDS["update"])
        for number in range(1, 6)
    ]
    plan = plan_of(*people, person("unchanged", 9))
    path = write_reports(reconcile(plan, outcomes_of(plan), None), facts, tmp_path, ("html",))["html"]
    program = browser.found()
    assert program is not None
    with browser.opened(program) as there:
        for link, found in (
            ("#?field=language", "0 of 1 lines, and 1 person beside them"),
            ("#?field=job+title&outcome=done", "1 of 1 lines, and 3 people beside them"),
            ("#?field=job+title&outcome=failed", "0 of 1 lines"),
            ("#?find=p5@acme&field=job+title", "0 of 1 lines, and 1 person beside them"),
        ):
            there.open("about:blank")
            there.open(path.resolve().as_uri() + link)
            there.until("document.querySelector('.finder output').value")
            assert there.tell("document.querySelector('.finder output').value") == found
        assert there.problems == []
