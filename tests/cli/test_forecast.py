"""What the preview says a plan will take is what it takes, and a month's allowance of calls is kept."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime

import pytest

from provision.ledger.store import open_ledger
from provision.sandbox.trouble.script import rule

from .conftest import complaint, person, run_folders

PEOPLE = [f"p{number}@acme.example" for number in range(4)]
SEED = {
    "enterprise": {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example"]},
    "admin": {"name": "Ada Abara", "login": "ada@acme.example"},
    "users": [{"name": f"P {number}", "login": login} for number, login in enumerate(PEOPLE)],
}
HEADER = "login,name,status,phone,notification_email\n"
AS_IT_IS = HEADER + "".join(f"{login},P {number},active,,\n" for number, login in enumerate(PEOPLE))
#: two are made, one of them with a second address; one is changed, one locked out
CHANGES = (
    HEADER + f"{PEOPLE[0]},P 0,active,1,\n{PEOPLE[1]},P 1,inactive,,\n{PEOPLE[2]},P 2,active,,\n"
    f"{PEOPLE[3]},P 3,active,,\nnew@acme.example,New,active,,\nnewer@acme.example,Newer,active,,n@acme.test\n"
)
#: those four operations as calls, and the listing afterwards
CALLS = (1 + 2 + 1 + 2) + 3
#: to sign in and to list the enterprise
READING = 1 + 3


@pytest.fixture(autouse=True)
def mid_month(hands):
    """A clock in the middle of a month; it moves by days."""
    hands.stop(datetime(2026, 3, 10, tzinfo=UTC))
    return hands.stop


@pytest.fixture
def job(make_job):
    def write(text, **apply):
        return make_job(text, apply={"requests_per_minute": 60_000, "workers": 4, **apply})

    return write


@pytest.fixture
def used(tmp_path):
    """Calls that the ledger knows, oldest first."""

    def count():
        with contextlib.closing(open_ledger(f"sqlite:///{tmp_path}/state/provision.db")) as ledger:
            return [one.made for one in reversed(ledger.memory("27335", "nightly").called)]

    return count


def api_calls(server) -> int:
    """Calls but those for a token."""
    return sum(not line.path.startswith("/oauth2") for line in server.log)


def flat(text: str) -> str:
    return " ".join(text.split())


def monthly(said) -> dict | None:
    return next((guard for guard in said.json["guards"] if guard["name"] == "monthly_calls"), None)


def test_a_plan_takes_the_calls_that_its_preview_says(box, provision, job):
    server = box(seed=SEED)
    planned = provision("plan", job(CHANGES))
    assert planned.code == 2
    shown = flat(planned.out + planned.err)
    assert (
        f"What it takes This will take about {CALLS} calls to Box (less than a minute at 60,000 a minute)."
        in shown
    )
    assert "Seats: 5 managed users now, 0 of them inactive; 7 afterwards, 1 inactive. An inactive" in shown
    assert "Box sends a welcome mail to 2 new managed users" in shown
    before = api_calls(server)

    [folder] = run_folders(job(CHANGES).parent / "runs")
    assert provision("apply", folder, "--json").code == 0
    assert api_calls(server) - before == READING + CALLS


def test_the_page_of_a_plan_that_its_exact_number_lets_pass_says_it_too_and_that_of_a_run_does_not(
    box, provision, make_job
):
    server = box(seed=SEED)
    path = make_job(CHANGES, apply={"monthly_calls": 5}, report={"formats": ["html"]})
    said = provision("run", path, "--json", "--allow", f"monthly_calls={READING + CALLS}")
    assert said.code == 0
    assert person(server, "new@acme.example")
    [folder] = run_folders(path.parent / "runs")
    preview, report = ((folder / name).read_text("utf-8") for name in ("preview.html", "report.html"))

    assert f"This will take about {CALLS} calls to Box" in preview
    assert re.search(r"pill warn.*That exceeds the monthly allowance by 8 calls\.", preview)
    assert 'id="forecast"' not in report


def test_the_month_is_counted_over_runs_and_what_passes_its_allowance_is_refused(
    box, provision, job, used, mid_month
):
    server = box(seed=SEED)
    first = provision("run", job(AS_IT_IS), "--json")
    assert used() == [first.json["api"]["requests"]]
    need = used()[0] + READING + CALLS
    said = provision("run", job(CHANGES, monthly_calls=need - 1), "--json")

    assert said.code == 3
    assert monthly(said) == {
        "name": "monthly_calls",
        "limit": need - 1,
        "actual": need,
        "verdict": "refused",
    }
    assert f"--allow monthly_calls={need}" in complaint(said)
    assert person(server, "new@acme.example") == {}
    assert len(used()) == 1
    mid_month(datetime(2026, 4, 1, tzinfo=UTC))
    assert monthly(provision("plan", job(CHANGES, monthly_calls=need - 1), "--json"))["verdict"] == "ok"
    assert provision("run", job(CHANGES, monthly_calls=READING + CALLS), "--json").code == 0


def test_a_quiet_night_is_not_refused_by_a_month_that_is_used_up(box, provision, job):
    """And it says nothing of what it takes."""
    box(seed=SEED)
    assert provision("run", job(AS_IT_IS, monthly_calls=1), "--json").code == 0

    said = provision("plan", job(AS_IT_IS, monthly_calls=1))

    assert said.code == 0
    assert "no changes" in said.out + said.err
    assert "What it takes" not in said.out + said.err


def test_the_calls_of_a_run_that_was_gone_on_with_add_up(box, provision, job, used, mid_month):
    server = box(seed=SEED)
    server.faults.add(rule("forbidden", method="POST", path="^/2.0/users$"))
    first = provision("run", job(CHANGES), "--json")
    assert first.code == 4
    server.faults.clear()
    mid_month(datetime(2026, 3, 11, tzinfo=UTC))
    second = provision("resume", first.folder, "--json")
    assert second.code == 0
    counted = [first.json["api"]["requests"], second.json["api"]["requests"]]

    assert used() == counted
    assert provision("runs", job(CHANGES), "--rebuild").code == 0
    assert used() == counted


def test_a_ledger_made_anew_knows_the_calls_that_the_run_folders_tell(box, provision, job, used, tmp_path):
    box(seed=SEED)
    said = [provision("run", job(text), "--json") for text in (AS_IT_IS, CHANGES)]
    before = used()
    for path in (tmp_path / "state").glob("provision.db*"):
        path.unlink()
    assert provision("runs", job(CHANGES), "--rebuild").code == 0

    assert sorted(used()) == sorted(before) == sorted(one.json["api"]["requests"] for one in said)
