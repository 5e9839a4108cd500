"""A plan for others to read, and one of another day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.cli.conftest import ROSTER, accounts

HOSTILE = "E7,eve@acme.example,[x](//evil.example) <b> @all | `_a_,**Boss**,active\n"


def test_a_plan_is_written_for_a_pull_request(box, provision, make_job, tmp_path):
    box()
    job = make_job(ROSTER + HOSTILE, guards={"updates": {"count": 0}})

    said = provision("plan", job, "--markdown", "plan.md", "--json")

    text = Path("plan.md").read_text(encoding="utf-8")
    assert said.code == 3
    assert text.startswith("## nightly: Some changes wait for a person; what is safe can be applied\n")
    assert "| Create | 2 | 0 |" in text
    assert "| Update | 1 | 1 |" in text
    decide, _, rest = text.partition("### Create (2)\n")
    assert "### Needs a decision (2)\n" in decide
    assert (
        "- Update `otto@acme.example` (`Otto Ömer`): job title `Seller` → `Director` · the plan changes 2 of 3 accounts (guard updates, which allows 0)"
        in decide
    )
    assert (
        "- Create `nina@acme.example` (`Nina Néw`): status (empty) → `active`; job title (empty) → `Clerk`"
        in rest
    )
    assert "(``[x](//evil.example) <b> @all | `_a_``): " in rest
    assert "job title (empty) → `**Boss**`" in rest
    assert f"To carry it out: `provision apply {said.folder} --digest " in rest
    wrong = provision("plan", job, "--markdown", "nowhere/plan.md")
    assert wrong.code == 1
    assert "The plan itself is made: " in wrong.err


def test_a_plan_of_another_day_is_looked_at_and_not_carried_out(box, provision, make_job, hands):
    server, today = box(), datetime.now(UTC).date()
    hands.stop(datetime.now(UTC))
    ends, starts = today + timedelta(days=20), today + timedelta(days=21)
    dated = ROSTER.replace("status\n", "status,start_date,end_date\n").replace(",active\n", ",active,,\n")
    dated = (
        dated.replace("Buyer,active,,", f"Buyer,active,,{ends}")
        + f"E8,sam@acme.example,Sam Soon,,active,{starts},\n"
    )
    job = make_job(
        dated, roster={"max_age": "7d"}, lifecycle={"leavers": [{"after": "0d", "do": "deactivate"}]}
    )
    assert provision("run", job).code == 0
    before = accounts(server)

    on_the_last_day = provision("plan", job, "--as-of", ends, "--json")
    after_it = provision("plan", job, "--as-of", starts, "--json", "--markdown", "plan.md")

    assert (on_the_last_day.code, on_the_last_day.json["planned"]) == (0, {})
    assert (after_it.code, after_it.json["planned"]) == (2, {"create": 1, "deactivate": 1})
    assert [one["level"] for one in after_it.json["findings"] if one["code"] == "supposed_day"] == ["warning"]
    told = after_it.err + Path("plan.md").read_text() + (after_it.folder / "plan.json").read_text()
    assert "provision apply" not in told
    for command in (("apply",), ("approve", "--all", "--by", "Ines")):
        said = provision(command[0], after_it.folder, *command[1:])
        assert said.code == 1
        assert f"This plan tells what would be done on {starts}" in said.err
    assert accounts(server) == before
    # the next run goes on as if nobody had looked
    assert provision("plan", job, "--json").json["planned"] == {}
    over = provision("plan", job, "--as-of", today - timedelta(days=1))
    assert (over.code, "is over; today is" in over.err) == (1, True)
