"""Two plans beside each other: what is new, what is gone, what is otherwise."""

from __future__ import annotations

from tests.cli.conftest import ROSTER


def test_a_plan_is_compared_with_one_before(box, provision, make_job):
    box()
    gone = ROSTER.replace("E4,nina@acme.example,Nina Néw,Clerk,active\n", "")
    other = gone.replace("Director", "Chief") + "E5,vera@acme.example,Vera Vogt,Clerk,active\n"
    first = provision("plan", make_job(ROSTER), "--json").folder
    again = provision("plan", make_job(ROSTER), "--json").folder
    second = provision("plan", make_job(other, guards={"updates": {"count": 0}}), "--json").folder

    same = provision("diff", first, again)
    assert (same.code, same.out.splitlines()[-1]) == (0, "Both plans do the same.")
    said = provision("diff", first, second)
    assert said.code == 2
    told = said.out.splitlines()
    assert told[2:4] == [
        "new (1)",
        "  + create vera@acme.example: status: (empty) → active; job_title: (empty) → Clerk",
    ]
    assert told[4] == "gone (1)"
    assert told[5].startswith("  - create nina@acme.example: ")
    assert told[6:] == [
        "otherwise (2)",
        "  ~ activate ina@acme.example: waits for a person now",
        "  ~ update otto@acme.example: no more job_title: Seller → Director; job_title: Seller → Chief; waits for a person now",
        "guard updates: ok → refused",
    ]
    value = provision("diff", second, first, "--json").json
    assert (value["exit_code"], [one["key"] for one in value["added"]]) == (2, ["nina@acme.example"])
    changed = value["changed"][1]
    assert changed["id"].startswith("update:")
    assert (changed["held"], changed["held_before"]) == (False, True)
    assert changed["before"] == [{"field": "job_title", "before": "Seller", "after": "Chief"}]

    wrong = provision("diff", first, "nowhere")
    assert (wrong.code, wrong.out) == (1, "")
    assert "There is no run folder at nowhere" in wrong.err
