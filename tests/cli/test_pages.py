"""Preview and report in a browser: nobody is shut out at any width or colour, and a person finds, chooses and sorts."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path

import pytest

from provision.runs.forgetting.eraser import Eraser
from provision.runs.forgetting.search import still_shown
from provision.runs.past import histories as past_histories
from provision.runs.seal.key import SealKey
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
#: each width and each set of colours once: what hangs on the one does not hang on the other
LOOKS = [(1280, False), (390, True)]
in_a_browser = pytest.mark.skipif(browser.found() is None, reason="no Chromium on this machine")


@pytest.fixture
def night(box, provision, make_job, clock) -> tuple[Path, Path]:
    """A first night in which all was done, and a second one with a hold and a rejected row: its preview and its report."""
    box()
    guards, lifecycle = NO_REMOVALS | SEATS, {"leavers": [{"after": "0d", "do": "deactivate"}]}
    sections = {"guards": guards, "lifecycle": lifecycle, "report": {"formats": ["html"]}}
    clock(0)
    assert provision("plan", make_job(FIRST, **sections), "--json").code == 2  # a plan alone is no run
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
    assert "Seats 7 before, 9 of 40 after it; 0 held by inactive accounts." in report
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

        link = str(tab.tell("location.href"))
        tab.open("about:blank")
        tab.open(link)
        tab.until("document.querySelector('.finder output').value")
        assert lines(tab) == ["Nina Néw"]

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


def histories(page: Path) -> dict[str, list[str]]:
    """What a page says of each person when somebody asks, by key."""
    packed = re.search(r'<script type="text/plain" id="histories">([^<]*)<', page.read_text(encoding="utf-8"))
    text = zlib.decompress(base64.b64decode(packed[1])).decode() if packed else ""
    told = [line.split("\t")[1:] for line in text.splitlines()]
    return {who[1:]: [one[1:] for one in (who, *rest) if one[1:]] for who, *rest in told}


def explained(provision, job: Path, who: str) -> list[str]:
    said = provision("explain", job, who)
    return [" ".join(line.split()) for line in said.out.splitlines() if line]


def test_a_page_tells_of_people_what_explain_says(night, provision, tmp_path):
    told = histories(night[1])

    people = ["mia@acme.example", "otto@acme.example", "ina@acme.example", "nina@acme.example"]
    assert set(told) >= {*people, "abel@acme.example"}
    for who in people:
        assert told[who] == explained(provision, tmp_path / "nightly.yaml", who)
    assert "Deactivate" not in told["otto@acme.example"]
    assert any("the same in" in line or "runs, newest first" in line for line in told["otto@acme.example"])
    assert histories(night[0]) == {}  # the run went on; its report has them


def test_a_plan_that_waits_tells_of_people_too(night, provision, make_job):
    job = make_job(SECOND.replace("Head", "Boss"), guards=NO_REMOVALS, report={"formats": ["html"]})
    planned = provision("plan", job, "--json")
    assert planned.code == 3

    told = histories(planned.folder / "preview.html")
    assert told["otto@acme.example"] == explained(provision, job, "otto@acme.example")
    assert any("job_title: Head → Boss" in line for line in told["otto@acme.example"])


def test_a_page_looks_into_the_last_runs_and_says_so(night, provision, make_job, monkeypatch):
    monkeypatch.setattr(past_histories, "RUNS", 1)
    job = make_job(SECOND.replace("Head", "Boss"), guards=NO_REMOVALS, report={"formats": ["html"]})
    run = provision("run", job, "--yes", "--json")

    told = histories(run.folder / "report.html")["otto@acme.example"]
    assert "1 run" in told
    assert "not looked into here: 3 earlier runs of this job" in told
    assert not any("owned by this job since" in line for line in told)
    assert provision("report", run.folder, "--format", "html").code == 0
    again = histories(run.folder / "report.html")["otto@acme.example"]
    assert again == explained(provision, job, "otto@acme.example")


def test_a_page_without_people_and_one_of_a_job_that_is_gone_have_no_histories(night, provision, tmp_path):
    folder = night[1].parent
    assert provision("report", folder, "--redact", "--format", "html").code == 0
    assert histories(folder / "redacted" / "report.html") == {}
    (tmp_path / "nightly.yaml").rename(tmp_path / "elsewhere.yaml")
    assert provision("report", folder, "--format", "html").code == 0
    assert histories(night[1]) == {}
    assert "History" not in Outline(night[1].read_text(encoding="utf-8")).text


def test_who_is_forgotten_is_looked_for_in_what_is_said_of_others_too(night):
    """By a word that nothing but a history has: the run of the night before."""
    before = next(
        path.name for path in sorted(night[1].parent.parent.iterdir()) if (path / "report.html").exists()
    )
    assert before not in night[1].read_text(encoding="utf-8")

    eraser = Eraser(frozenset({before}), frozenset(), SealKey(b"x" * 32))
    assert [one.file for one in still_shown(night, eraser)] == [str(night[1])]


@in_a_browser
@pytest.mark.skipif(browser.rules() is None, reason="axe is not installed: make test installs it")
def test_a_person_looks_somebody_up_and_reads_what_was_decided(night):
    with browser.opened(browser.found()) as tab:
        tab.looks(1280, 900)
        tab.open(night[1].as_uri())
        tab.tell("document.querySelector('#find').focus()")
        tab.type("history")  # the word on the buttons is nobody's
        tab.until("document.querySelector('.finder output').value")
        assert lines(tab) == []
        tab.tell("document.querySelector('#find').select()")
        tab.type("otto")
        tab.until("document.querySelector('.finder output').value.startsWith('1 of')")
        tab.press("#changes-update tr[data-place]:not([hidden]) button.ask")
        tab.until("document.querySelector('#history').open && document.querySelector('.history p')")
        assert tab.tell("document.querySelector('#history h2').textContent") == "otto@acme.example"
        said = str(tab.tell("document.querySelector('.history').textContent"))
        assert "job_title: Director → Head" in said
        assert tab.tell("document.querySelector('#history footer code').textContent") == (
            "provision explain JOB otto@acme.example"
        )
        for width, dark in LOOKS:
            tab.looks(width, 844, dark=dark, phone=width < 500)
            assert tab.shut_out() == []
            assert tab.tell("document.documentElement.scrollWidth <= innerWidth")
        tab.press("#history .close")
        tab.until("!document.querySelector('#history').open")
        tab.press("#changes-update tr[data-place]:not([hidden]) button.ask")
        tab.until("document.querySelector('#history').open")
        tab.key("Escape", 27)
        tab.until("!document.querySelector('#history').open")
        assert tab.problems == []
