"""The page: complete, escaped, and alone."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from provision.because import as_written
from provision.errors import BoxAnswer
from provision.findings import NONE_FOUND, Code, Finding, Level
from provision.journal.value import Noted, noted
from provision.model import Kind, Status
from provision.plan.value import GuardVerdict, Plan, Ruling
from provision.report import words
from provision.report.page import page as layout
from provision.report.reconciling.reconcile import reconcile
from provision.report.sentences.codes import CODES, meaning
from provision.report.value import Reconciliation, RunFacts, RunStatus
from provision.report.words import PLAN_SENTENCE, STATUS_SENTENCE
from provision.report.write import write_reports

from .builders import outcome, outcomes_of, person, plan_of

VOID = {"meta", "input", "br", "link", "img", "path", "wbr"}

Write = Callable[[Reconciliation, RunFacts], str]


class Outline(HTMLParser):
    """The text of a page, its tags with their attributes, and whether they nest."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(reconciliation: Reconciliation, facts: RunFacts) -> str:
        return write_reports(reconciliation, facts, tmp_path, ("html",))["html"].read_text(encoding="utf-8")

    return write


@pytest.fixture
def source(write: Write, verified: Reconciliation, facts: RunFacts) -> str:
    return write(verified, facts)


def test_page_is_well_formed_html_in_english(source: str) -> None:
    outline = Outline(source)

    assert outline.open == []
    assert ("html", {"lang": "en"}) in outline.tags
    assert source.startswith("<!doctype html>")


def test_page_fetches_nothing(source: str) -> None:
    loading = {"src", "href", "action", "poster", "data", "srcset", "formaction", "background"}
    addresses = [cell for _, attrs in Outline(source).tags for name, cell in attrs.items() if name in loading]

    assert [address for address in addresses if not str(address).startswith("#")] == []
    assert re.search(r"https?:|@import|url\(|fetch\(|XMLHttpRequest", source) is None


def test_policy_allows_the_page_s_own_style_and_script_and_nothing_else(source: str) -> None:
    (policy,) = [
        attrs["content"] or ""
        for tag, attrs in Outline(source).tags
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    digests = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for tag in ("style", "script")
        for text in re.findall(f"<{tag}>(.*?)</{tag}>", source, re.DOTALL)
    ]

    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_page_has_no_style_or_script_that_the_policy_would_stop(source: str) -> None:
    attributes = {name for _, attrs in Outline(source).tags for name in attrs}

    assert not {name for name in attributes if name == "style" or name.startswith("on")}


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "O'Neill & Söhne",
        '"><img src=x onerror=alert(1)>',
        "{{ 7*7 }}",
        "مريم",
        "</style>",
    ],
)
def test_name_comes_out_as_text(name: str, write: Write, facts: RunFacts) -> None:
    nasty = person(
        "update",
        1,
        name=name,
        reason=name,
        evidence=f"proof: {name}",
        fields=(("job_title", name, name + "!"),),
    )
    unowned, rejected = person("unowned", 2, name=name), person("rejected", 3, name=name, reason=name)
    bad = [Finding(Code.ROW_REJECTED, Level.ERROR, name, do=name, row=3, column=name, key=name)]
    told = replace(facts, error=name, notes=(name,), ignored=(name,), findings=NONE_FOUND.beside(bad))

    outline = Outline(write(reconcile(plan_of(nasty, unowned, rejected), {}, None), told))

    assert outline.text.count(" ".join(name.split())) >= 12
    assert [tag for tag, _ in outline.tags if tag in ("script", "img")] == ["script"]


def test_names_are_isolated_from_the_direction_of_the_page(write: Write, facts: RunFacts) -> None:
    plan = plan_of(person("update", 1, name="مريم", fields=(("job_title", "كاتبة", "مديرة"),)))

    source = write(reconcile(plan, {}, None), facts)

    for word in ("مريم", "كاتبة", "مديرة"):
        assert re.search(f"<bdi[^>]*>{word}</bdi>", source)


def test_first_words_of_a_preview_say_that_nothing_was_changed(
    write: Write, preview: Reconciliation, preview_facts: RunFacts
) -> None:
    text = Outline(write(preview, preview_facts)).text

    assert text.startswith("PREVIEW – nothing was changed · nightly PREVIEW – nothing was changed ")


def test_a_preview_marks_what_waits_for_a_person(write: Write, plan: Plan, preview_facts: RunFacts) -> None:
    def marked(*guards: GuardVerdict) -> int:
        source = write(reconcile(replace(plan, guards=guards), {}, None), preview_facts)
        return len(
            re.findall(
                r'<tr role="row" data-outcome="held"[^>]*>(?:(?!</tr>).)*<span class="pill warn">',
                source,
                re.DOTALL,
            )
        )

    waits = GuardVerdict("creates", 1, 2, Ruling.REFUSED, "the plan creates 2 accounts", kinds=(Kind.CREATE,))
    assert (marked(waits), marked()) == (2, 0)


def test_report_is_no_preview(source: str) -> None:
    assert "PREVIEW" not in source


def test_page_tells_the_run(source: str, facts: RunFacts) -> None:
    text = Outline(source).text

    for word in (
        facts.run_id,
        "nightly",
        "900000",
        "employees.csv",
        facts.roster.sha256,
        "2 March 2026, 01:03 UTC",
    ):
        assert word in text


def test_page_tells_the_numbers(source: str) -> None:
    tiles = dict(re.findall(r'<div class="tile [a-z]+"><dt>([^<]+)</dt><dd>([^<]+)</dd>', source))

    assert tiles == {
        "create": "2", "update": "1", "activate": "1", "deactivate": "1", "delete": "1",
        "end sessions": "1", "transfer": "1", "roll out": "1", "login change": "1", "alias add": "1", "alias remove": "1", "done": "10", "failed": "1", "in doubt": "1", "skipped": "0",
        "unchanged": "1", "rejected": "1", "protected": "1", "unowned": "1", "held": "1", "out of scope": "1",
        "starts later": "1", "excluded": "1", "claimed": "1",
    }  # fmt: skip


def test_page_counts_what_did_not_happen_only_where_every_job_may_do_it(
    write: Write, facts: RunFacts
) -> None:
    source = write(reconcile(plan_of(person("update", 1)), {}, None), facts)

    assert {"create", "delete", "held"} <= set(re.findall(r'<div class="tile none"><dt>([^<]+)</dt>', source))
    assert not re.search(r"<dt>(roll out|group create|alias add|claimed)</dt>", source)


def test_page_shows_what_needs_a_person_before_the_changes(source: str) -> None:
    assert (
        source.index("Needs a person</h2>")
        < source.index("What is taken away</h2>")
        < source.index("Every other change</h2>")
        < source.index("The balance</h2>")
    )


def test_page_explains_what_box_said_and_what_to_do(source: str) -> None:
    text = Outline(source).text

    assert "409 user_login_already_used" in text
    assert CODES["user_login_already_used"].means in text
    assert "req-409" in text


def test_page_shows_before_and_after(source: str) -> None:
    assert "<del><bdi>Clerk</bdi></del>" in source
    assert "<ins><bdi>Senior Clerk</bdi></ins>" in source


def test_page_shows_the_evidence_for_leavers(source: str) -> None:
    assert "absent from 2 complete rosters, since 2026-02-20" in Outline(source).text


def test_each_tracking_code_is_shown_by_itself(write: Write, facts: RunFacts) -> None:
    before, after = '{"Cost": "1", "Old": "x", "Site": "A"}', '{"Cost": "2", "New": "y", "Site": "A"}'
    plan = plan_of(person("update", 1, fields=(("tracking_codes", before, after),)))

    text = Outline(write(reconcile(plan, {}, None), facts)).text

    assert "tracking code Cost from 1 → to 2" in text
    assert "tracking code New from (empty) → to y" in text
    assert "tracking code Old from x → to (empty)" in text
    assert "tracking code Site" not in text


def test_deactivation_shows_what_else_changes_and_its_proof_once(write: Write, facts: RunFacts) -> None:
    fields = (("status", "active", "inactive"), ("job_title", "Clerk", "Retired"))
    leaver = person("deactivate", 1, reason="left on 1 March", evidence="left on 1 March", fields=fields)

    text = Outline(write(reconcile(plan_of(leaver), {}, None), facts)).text

    assert "job title from Clerk → to Retired" in text
    assert text.count("left on 1 March") == 1


def test_page_tells_the_balance(source: str, verified: Reconciliation) -> None:
    assert verified.statement in Outline(source).text


def test_page_has_guards_with_their_sentence(source: str, facts: RunFacts) -> None:
    text = Outline(source).text

    assert all(guard.sentence in text for guard in facts.guards)
    assert "refused" in text


@pytest.mark.parametrize(
    "word", ["Desk", "groups", "encoding recognised as windows-1252", "p12@acme.example"]
)
def test_details_are_there_but_collapsed(word: str, source: str) -> None:
    details = source[source.index("<details") :]

    assert word in details
    assert "<details open" not in source


def test_changes_beyond_the_limit_are_named_and_sent_to_the_tables(
    monkeypatch: pytest.MonkeyPatch, write: Write, facts: RunFacts
) -> None:
    monkeypatch.setattr(layout, "SHOWN", 3)
    plan = plan_of(*(person("update", number, name=f"Somebody {number}.") for number in range(5)))

    text = Outline(write(reconcile(plan, {}, None), facts)).text

    assert "The first 3 of 5 are shown here." in text
    assert "reconciliation.csv" in text
    assert [f"Somebody {number}." in text for number in range(5)] == [True, True, True, False, False]


def test_every_end_of_a_run_has_a_headline(write: Write, plan: Plan, facts: RunFacts) -> None:
    run, preview = reconcile(plan, outcomes_of(plan), None), reconcile(plan, {}, None)

    for status in RunStatus:
        told = replace(facts, status=status)
        assert STATUS_SENTENCE[status] in Outline(write(run, told)).text
        assert {**STATUS_SENTENCE, **PLAN_SENTENCE}[status] in Outline(write(preview, told)).text


def test_run_that_left_something_out_does_not_claim_that_box_matches(write: Write, facts: RunFacts) -> None:
    plan = plan_of(person("update", 1), person("delete", 2))
    ends = {plan.changes[0].id: outcome(plan.changes[0])}

    text = Outline(write(reconcile(plan, ends, None), replace(facts, status=RunStatus.APPLIED))).text

    assert "Done what was asked for; the rest of the plan was left out" in text
    assert "Box matches the roster" not in text


def test_error_is_told(write: Write, preview: Reconciliation, facts: RunFacts) -> None:
    text = Outline(write(preview, replace(facts, error="Refused: too many."))).text

    assert "Why it ended Refused: too many." in text


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("user_login_already_used", 409, "already belongs"),
        ("access_denied_insufficient_permissions", 403, "not allowed to do this"),
        ("brand_new_code", 403, "not allowed to do this"),
        ("", 502, "was not available"),
        ("", 0, "No readable answer"),
        ("", 201, "not visible"),
        ("", 418, "does not know"),
    ],
)
def test_any_answer_has_a_meaning_and_a_remedy(code: str, status: int, words: str) -> None:
    told = meaning(code, status)

    assert words in told.means
    assert told.remedy


@pytest.mark.parametrize("kind", ["delete", "roll_out"])
@pytest.mark.parametrize(
    ("code", "status"), [("bad_request", 400), ("forbidden", 403), ("conflict", 409), ("", 409)]
)
def test_account_that_box_keeps_is_no_wrong_value_of_a_row(kind: str, code: str, status: int) -> None:
    assert "still owns content" in meaning(code, status, kind).means


@pytest.mark.parametrize(
    ("field", "cell", "shown"),
    [
        ("space_amount", "10737418240", "10 GB"),
        ("space_amount", "-1", "unlimited"),
        ("space_amount", "1000", "1,000 bytes"),
        ("space_amount", "", ""),
        ("job_title", "10737418240", "10737418240"),
    ],
)
def test_sizes_read_as_people_say_them(field: str, cell: str, shown: str) -> None:
    assert words.shown_value(field, cell) == shown


def test_code_of_box_comes_out_as_text(write: Write, facts: RunFacts) -> None:
    plan = plan_of(person("update", 1))
    refused = BoxAnswer(400, "<i>odd_code</i>", "<u>")
    ends = {
        plan.changes[0].id: outcome(
            plan.changes[0], Status.FAILED, answer=refused, notes=noted(Noted.WAITS, why=as_written("<b>"))
        )
    }

    tags = {tag for tag, _ in Outline(write(reconcile(plan, ends, None), facts)).tags}

    assert not tags & {"i", "u", "b"}


def test_next_command_names_the_whole_path_of_a_page_in_its_run_folder(
    preview: Reconciliation, facts: RunFacts, tmp_path: Path
) -> None:
    planned = replace(facts, status=RunStatus.PLANNED)
    for folder, named in ((tmp_path / facts.run_id, None), (tmp_path / "redacted", facts.run_id)):
        folder.mkdir()
        page = write_reports(preview, planned, folder, ["html"])["html"].read_text(encoding="utf-8")

        assert f"<code>provision apply {named or folder}</code>" in page
