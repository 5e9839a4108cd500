"""Preview and report in a browser: nobody is shut out at any width or colour, and a person finds, chooses and sorts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import browser
from tests.report.test_page import Outline

HEADER = "external_id,login,name,job_title,status,tracking_codes.department\n"
FIRST = HEADER + (
    "E1,mia@acme.example,Mia Managed,Buyer,active,Sales\n"
    "E2,otto@acme.example,Otto Ömer,Director,active,Sales\n"
    "E3,ina@acme.example,Ina Inactive,Clerk,active,Legal\n"
)
SECOND = HEADER + (
    "E1,mia@acme.example,Mia Managed,Buyer,inactive,Sales\n"
    "E2,otto@acme.example,Otto Ömer,Head,active,Sales\n"
    "E3,ina@acme.example,Ina Inactive,Head,active,Legal\n"
    "E4,nina@acme.example,Nina Néw,Clerk,active,Legal\n"
    "E5,abel@acme.example,Abel Able,Clerk,active,Sales\n"
    "E6,no address,Rita Rejected,Clerk,active,Legal\n"
)
NO_REMOVALS = {"removals": {"count": 0}, "creates": "off", "updates": "off", "mass_change": "off"}
SEATS = {"seats": 40, "owner": "Ines Iversen"}
LOOKS = [(width, dark) for width in (1280, 390) for dark in (False, True)]
in_a_browser = pytest.mark.skipif(browser.found() is None, reason="no Chromium on this machine")


@pytest.fixture
def night(box, provision, make_job, clock) -> tuple[Path, Path]:
    """A first night in which all was done, and a second one with a hold and a rejected row: its preview and its report."""
    box()
    guards, lifecycle = NO_REMOVALS | SEATS, {"leavers": [{"after": "0d", "do": "deactivate"}]}
    sections = {"guards": guards, "lifecycle": lifecycle, "report": {"formats": ["html"]}}
    clock(0)
    assert provision("run", make_job(FIRST, **sections), "--json").code == 0
    clock(24)
    said = provision("run", make_job(SECOND, **sections), "--json")
    assert said.code == 3, said.err
    return said.folder / "preview.html", said.folder / "report.html"


def test_the_gravest_comes_first_and_what_waits_names_owner_age_and_command(night):
    text = {page.stem: Outline(page.read_text(encoding="utf-8")).text for page in night}
    folder = night[0].parent

    for name, (needs, taken, rest) in {
        "preview": ("Needs a person", "Planned: what is taken away", "Planned: everything else"),
        "report": ("Needs a person", "What is taken away", "Every other change"),
    }.items():
        assert text[name].index(needs) < text[name].index(taken) < text[name].index(rest)
        assert (
            "decided by Ines Iversen "
            f"provision approve {folder} --person mia@acme.example --by NAME" in text[name]
        )
        assert f"provision approve {folder} --kind deactivate --by NAME" in text[name]
    assert re.search(r"Waits since \d{4}-\d\d-\d\d ; decided by", text["report"])


def test_what_is_looked_at_stands_there_in_numbers_too(night):
    report = Outline(night[1].read_text(encoding="utf-8")).text

    assert (
        "Changes by kind and department 5 people with a change; most of them in Sales: 3. "
        "create update deactivate Department People Of them "
        "Sales 3 1 create, 1 update, 1 deactivate Legal 2 1 create, 1 update" in report
    )
    assert "Leavers by stage 1 leaver; 1 of them has a step in this plan." in report
    assert "Seats 7 before, 9 of 40 after it; 1 held by inactive accounts." in report
    assert "The last 2 runs 1 of 2 left nothing over" in report
    assert re.search(r"Operations Of them \S+ \S+ 3 3 done \S+ \S+ 5 4 done, 1 left over ", report)


@in_a_browser
@pytest.mark.skipif(browser.rules() is None, reason="axe is not installed: make test installs it")
def test_nobody_is_shut_out_of_preview_and_report(night):
    with browser.opened(browser.found()) as tab:
        for page in night:
            for width, dark in LOOKS:
                tab.looks(width, 844, dark=dark, phone=width < 500)
                tab.open(page.as_uri())
                assert tab.shut_out() == []
                assert tab.tell("document.documentElement.scrollWidth <= innerWidth")
        assert tab.problems == []


def lines(tab: browser.Browser) -> list[str]:
    """Who is shown in the list of changes, in order."""
    shown = "[...document.querySelectorAll('#changes, #taken')].flatMap((one) => [...one.closest('section').querySelectorAll('tbody tr')])"
    return list(
        tab.tell(
            f"{shown}.filter((row) => row.checkVisibility()).map((row) => row.querySelector('.who').textContent)"
        )
    )


def choose(tab: browser.Browser, name: str, word: str) -> None:
    tab.tell(
        f"(() => {{ const list = document.getElementById({name!r}); "
        f"list.value = [...list.options].find((one) => one.textContent === {json.dumps(word)}).value; "
        "list.dispatchEvent(new Event('change')); })()"
    )


@in_a_browser
def test_a_person_finds_chooses_and_sorts(night):
    preview, report = night
    with browser.opened(browser.found()) as tab:
        tab.looks(1280, 900)
        tab.open(preview.as_uri())
        everybody = ["Mia Managed", "Nina Néw", "Abel Able", "Otto Ömer", "Ina Inactive"]
        assert lines(tab) == everybody

        tab.tell("document.querySelector('#find').focus()")
        tab.type("omer")
        tab.until("document.querySelector('.finder output').value")
        assert lines(tab) == ["Otto Ömer"]
        assert not tab.tell("document.querySelector('#charts').checkVisibility()")
        tab.tell("document.querySelector('#find').select()")
        tab.key("Backspace", 8)
        tab.until("!document.querySelector('.finder output').value")
        assert tab.tell("document.querySelector('#charts').checkVisibility()")

        for name, word, found in (
            ("kind", "Update", ["Otto Ömer", "Ina Inactive"]),
            ("part", "Legal", ["Ina Inactive"]),
            ("kind", "Every kind", ["Nina Néw", "Ina Inactive"]),
            ("field", "job title", ["Nina Néw", "Ina Inactive"]),
            ("field", "status", ["Nina Néw"]),
        ):
            choose(tab, name, word)
            tab.until("document.querySelector('.finder output').value")
            assert lines(tab) == found

        tab.open(report.as_uri())
        choose(tab, "outcome", "held")
        tab.until("document.querySelector('.finder output').value")
        assert lines(tab) == ["Mia Managed"]
        choose(tab, "outcome", "Every outcome")
        tab.press("#changes-create thead button")
        assert lines(tab) == ["Mia Managed", "Abel Able", "Nina Néw", "Otto Ömer", "Ina Inactive"]
        tab.press("#changes-create thead button")
        assert lines(tab) == everybody
        assert tab.problems == []
