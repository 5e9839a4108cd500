"""What a terminal shows: 80 columns, no escape of its own, nothing hidden."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from provision.model import Kind
from provision.plan.value import GuardVerdict, Plan, Ruling
from provision.report.reconciling.reconcile import reconcile
from provision.report.summary import Files
from provision.report.terminal import render_plan, render_result
from provision.report.value import Reconciliation, RunFacts

from .builders import EVERYBODY, person, plan_of

FILES = Files(
    run_dir="runs/20260302T010000Z-nightly-ab12", plan="runs/x/plan.json", report_html="runs/x/preview.html"
)
LONG = person(
    "update",
    60,
    login="somebody.with.a.very.long.address.that.does.not.fit.into.one.line@subsidiary.acme.example",
    name="阮 文 明 " * 9,
    fields=(("address", "Rue de l'Échantillon 7, " * 6, "Via dell'Esempio 9, " * 6),),
)


def printed(render: Callable[[Console], object], **given: object) -> str:
    out = io.StringIO()
    render(Console(file=out, width=80, **given))
    return out.getvalue()


@pytest.fixture
def crowded() -> Plan:
    guards = (
        GuardVerdict("removals", 10, 2, Ruling.OK, "the plan removes 2 accounts; this job allows 10."),
        GuardVerdict("creates", 10, 9, Ruling.OK, "the plan creates 9 accounts; this job allows 10."),
        GuardVerdict("updates", 5, 20, Ruling.REFUSED, "the plan changes 20 accounts; this job allows 5."),
    )
    return plan_of(*EVERYBODY, LONG, *(person("update", number) for number in range(70, 90)), guards=guards)


@pytest.fixture
def plan_text(crowded: Plan) -> str:
    errors = [f"row {number}, column Language: xx is not a language Box knows" for number in range(12)]
    return printed(lambda console: render_plan(crowded, errors, console, FILES))


@pytest.fixture
def result_text(verified: Reconciliation, facts: RunFacts) -> str:
    return printed(lambda console: render_result(verified, facts, console, FILES))


@pytest.mark.parametrize("name", ["plan_text", "result_text"])
def test_no_line_is_longer_than_the_terminal(name: str, request: pytest.FixtureRequest) -> None:
    lines = request.getfixturevalue(name).splitlines()

    assert max(cell_len(line) for line in lines) <= 80


def test_plan_says_first_that_nothing_was_changed(plan: Plan, plan_text: str) -> None:
    assert plan_text.startswith("REFUSED – nothing was changed\n")
    text = printed(lambda console: render_plan(plan, [], console, FILES))
    assert text.startswith("PREVIEW – nothing was changed\n")


def test_plan_tells_the_numbers(plan_text: str) -> None:
    assert "+ 1 create   ~ 22 update   ^ 1 activate   ! 1 deactivate" in plan_text
    assert "x 1 end_sessions > 1 transfer - 1 delete < 1 roll_out" in " ".join(plan_text.split())
    assert "1 unchanged · 1 rejected · 1 protected · 1 unowned · 1 held · 1 out of scope" in plan_text


def test_plan_shows_the_first_changes_of_each_kind_and_counts_the_rest(plan_text: str) -> None:
    assert "job_title: Clerk → Senior Clerk" in plan_text
    assert "… and 12 more" in plan_text
    assert "absent from 2 complete rosters, since 2026-02-20" in plan_text


def test_a_preview_says_of_what_waits_that_it_waits() -> None:
    def text(*guards: GuardVerdict) -> str:
        plan = plan_of(*(person("create", number) for number in (1, 2)), person("update", 3), guards=guards)
        return printed(lambda console: render_plan(plan, (), console))

    creates = GuardVerdict(
        "creates", 0, 2, Ruling.REFUSED, "the plan creates 2 accounts", kinds=(Kind.CREATE,)
    )
    assert "+ 2 create (held)   ~ 1 update\n" in text(creates)
    assert text(creates).count("  (held)\n") == 2
    assert "(held)" not in text()


def test_plan_mentions_guards_only_if_they_matter(plan_text: str) -> None:
    assert "REFUSED: the plan changes 20 accounts" in plan_text
    assert "near its limit: the plan creates 9 accounts" in plan_text
    assert "removes 2 accounts" not in plan_text


def test_plan_shows_held_and_rejected_people(plan_text: str) -> None:
    assert "p13@acme.example: two rows claim one account" in plan_text
    assert "Rejected roster rows (12)" in plan_text
    assert "row 9, column Language" in plan_text
    assert "… and 2 more" in plan_text


_LAST = "Files\n  runs/20260302T010000Z-nightly-ab12\n    plan.json\n  runs/x/preview.html\n"
_CARRY_OUT = "\nTo carry it out\n  provision apply runs/20260302T010000Z-nightly-ab12\n"


def test_files_are_named_last_and_after_a_plan_the_next_command(plan_text: str, result_text: str) -> None:
    sound = printed(lambda console: render_plan(plan_of(person("create", 1)), (), console, FILES))

    assert result_text.endswith(_LAST)
    assert plan_text.endswith(_LAST)  # refused
    assert sound.endswith(f"{_LAST}{_CARRY_OUT}")


def test_a_plan_that_cannot_be_carried_out_names_no_command() -> None:
    nothing = printed(lambda console: render_plan(plan_of(person("unchanged", 1)), (), console, FILES))

    assert nothing.endswith(_LAST)


def test_empty_plan_says_so() -> None:
    text = printed(lambda console: render_plan(plan_of(person("unchanged", 1)), (), console))

    assert "no changes" in text


def test_result_says_how_it_ended_and_what_happened(result_text: str, verified: Reconciliation) -> None:
    assert result_text.startswith("Finished, but not everything could be done\n")
    assert "outcome: 10 done · 1 failed · 1 in doubt · 1 held" in result_text
    assert " ".join(verified.statement.split()) in " ".join(result_text.split())


def test_result_tells_code_request_meaning_and_remedy(result_text: str) -> None:
    words = " ".join(result_text.split())

    assert "409 user_login_already_used (request req-409)" in words
    assert "already belongs to a Box account" in words
    assert "Look the address up in the Admin Console" in words


def test_meaning_of_a_code_is_told_once(facts: RunFacts) -> None:
    from provision.errors import BoxAnswer
    from provision.model import Status

    from .builders import outcome

    plan = plan_of(person("update", 1), person("update", 2))
    refused = BoxAnswer(403, "forbidden", "r")
    ends = {change.id: outcome(change, Status.FAILED, answer=refused) for change in plan.changes}

    text = printed(lambda console: render_result(reconcile(plan, ends, None), facts, console))

    assert (text.count("403 forbidden"), text.count("retention policy")) == (2, 1)


def test_result_tells_why_it_ended_early(verified: Reconciliation, facts: RunFacts) -> None:
    told = replace(facts, error="Box is unreachable.\n  do: provision resume")

    text = printed(lambda console: render_result(verified, told, console))

    assert "Error\n  Box is unreachable.\n  do: provision resume\n" in text


@pytest.mark.parametrize("nasty", ["\x1b[31mred", "\x9b31m", "bell\x07", "\u202eesrever", "a\x00b"])
def test_name_cannot_steer_the_terminal(nasty: str) -> None:
    plan = plan_of(person("update", 1, name=nasty, fields=(("job_title", nasty, nasty),)))

    text = printed(lambda console: render_plan(plan, (nasty,), console))

    assert not set(nasty) & set("\x00\x07\x1b\x9b\u202e") & set(text)
    assert "�" in text


def test_name_that_looks_like_markup_is_shown_as_it_is() -> None:
    text = printed(
        lambda console: render_plan(plan_of(person("update", 1, name="[red]Ann[/red] :smile:")), (), console)
    )

    assert "[red]Ann[/red] :smile:" in text


def test_no_colour_when_told(crowded: Plan) -> None:
    text = printed(lambda console: render_plan(crowded, (), console), force_terminal=True, no_color=True)

    assert "\x1b[3" not in text


def test_colour_on_a_terminal(crowded: Plan) -> None:
    text = printed(
        lambda console: render_plan(crowded, (), console), force_terminal=True, color_system="standard"
    )

    assert "\x1b[" in text
