"""Rules of the house on a plan."""

from __future__ import annotations

import re

import pytest

from tests.cli.conftest import ROOT, person

RULES = """
- {name: no directors, deny: {kind: update, where: {after.job_title: "direct*"}}}
- {name: nobody from outside, deny: {kind: [create], unless: {login: ["*@ACME.example"]}}}
- name: few changes
  deny: {where: {account: managed}}
  max: 3
- {name: nobody who was a seller, deny: {where: {before.job_title: [Seller], login: ["mia@*"]}}}
- {name: none of any title, deny: {where: {job_title: [clerk, Seller]}}, max: 1}
"""


def test_rules_are_asked_of_a_run_and_of_a_job(box, provision, make_job, tmp_path):
    server, rules = box(), tmp_path / "rules.yaml"
    rules.write_text(RULES)
    job = make_job(guards={"updates": {"count": 0}})
    folder = provision("plan", job, "--json").folder

    said = provision("test", folder, rules)
    assert said.code == 3
    assert said.out.splitlines() == [
        "BROKEN  no directors: 1 (max 0): update otto@acme.example",
        "    ok  nobody from outside: 0 (max 0)",
        "    ok  few changes: 3 (max 3): create nina@acme.example, activate ina@acme.example, update otto@acme.example",
        "    ok  nobody who was a seller: 0 (max 0)",
        "BROKEN  none of any title: 2 (max 1): create nina@acme.example, update otto@acme.example",
    ]
    fresh = provision("test", job, rules, "--json")
    told = fresh.json["rules"]
    assert (fresh.code, [one["found"] for one in told]) == (3, [1, 0, 3, 0, 2])
    assert [one["key"] for one in told[0]["operations"]] == ["otto@acme.example"]
    assert fresh.json["run_dir"] != str(folder)
    assert person(server, "nina@acme.example") == {}

    # the rules of the documentation are rules, and as a hook they hold for every run
    text = (ROOT / "docs/every-night.md").read_text(encoding="utf-8")
    [ours] = re.findall(r"```\n(- name: nobody of Legal leaves\n.*?)```", text, re.DOTALL)
    rules.write_text(ours)
    assert provision("test", folder, rules).code == 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file: Input should be"),
        ("- {name: a, deny: {}}", "rule 1, deny: says nothing: give kind, where or unless"),
        ("- {name: a, deny: {kind: remove}}", "rule 1, deny.kind.0: Input should be 'create', "),
        ("- {name: a, deny: {where: {team: x}}}", "is nothing that an operation has; it has login, "),
        ("- {name: a, deny: {kind: create}, most: 1}", "rule 1, most: Extra inputs are not permitted"),
        (
            "- {name: a, deny: {kind: create}, max: -1}",
            "rule 1, max: Input should be greater than or equal to 0",
        ),
        ("- {name: a, deny: [", "line 1: "),
        ("- !!python/object:os.system {}", "a tag (!…) is not read"),
    ],
)
def test_rules_that_are_none_are_told(provision, tmp_path, text, problem):
    (tmp_path / "rules.yaml").write_text(text)

    said = provision("test", "nowhere", "rules.yaml")

    assert said.code == 1
    assert problem in said.err
    assert "do: write a list of rules" in said.err


def test_a_file_that_is_not_there_is_told(provision):
    assert "No such file" in provision("test", "nowhere", "rules.yaml").err
