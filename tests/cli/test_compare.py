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
    assert (same.code, same.out.splitlines()[-1]) == (0, "Both plans contain the same operations.")
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
        "  ~ activate ina@acme.example: now waits for a person",
        "  ~ update otto@acme.example: no longer job_title: Seller → Director; job_title: Seller → Chief; now waits for a person",
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


def since(said) -> list[str]:
    """What a plan says of itself beside earlier ones."""
    return [one["sentence"] for one in said.json["findings"] if one["code"] == "since_last"]


def test_a_plan_says_what_is_new_since_the_last_one_and_since_the_last_that_was_carried_out(
    box, provision, make_job, clock
):
    box()
    clock(0)
    assert since(provision("plan", make_job(ROSTER), "--json")) == []
    done = provision("run", make_job(ROSTER), "--yes", "--json")
    assert (sum(done.json["planned"].values()), since(done)) == (3, [])
    clock(1)
    other = make_job(ROSTER.replace("Director", "Chief"))
    first = provision("plan", other, "--json")
    [told] = since(first)
    assert told.startswith("beside the last plan that was carried out, of ")
    assert told.endswith("UTC: 0 operations are new, 2 are gone (2 of them done), 1 differs"), told
    clock(2)
    again = provision("plan", other, "--json")
    last, applied = since(again)
    assert last.startswith("the same as in the last plan, of ")
    assert applied == told
    do = next(one["do"] for one in again.json["findings"] if one["code"] == "since_last")
    assert do == f"provision diff {first.folder.name} {again.folder.name}"
    assert since(provision("plan", other, "--person", "otto@acme.example", "--json")) == []
