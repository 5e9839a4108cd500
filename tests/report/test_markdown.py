"""A plan in Markdown is never longer than it may be, and counts what it leaves out."""

from __future__ import annotations

import re
from dataclasses import replace

from provision.report.markdown import markdown
from provision.report.summary import Files, Summary
from provision.report.value import RunStatus
from tests.report.builders import person, plan_of

SUMMARY = Summary(
    status=RunStatus.PLANNED, files=Files(run_dir="runs/one", report_html="runs/one/preview.html")
)


def test_what_does_not_fit_is_counted_and_what_takes_away_is_told_first():
    plan = plan_of(
        *(person("update", number) for number in range(200)),
        *(person("deactivate", number) for number in range(200, 230)),
    )

    whole, short = markdown(plan, SUMMARY), markdown(plan, SUMMARY, 8_000)

    assert whole.count("\n- Update ") == 200
    assert len(short) <= 8_000
    assert short.count("\n- Deactivate ") == 30
    shown, left = short.count("\n- Update "), re.search(r"\n- … and (\d+) more lines\n", short)
    assert left is not None
    assert (shown > 0, shown + int(left[1])) == (True, 200)
    assert short.index("### Takes something away (30)") < short.index("### Update (200)")
    assert "To carry it out: `provision apply runs/one --digest" in short
    assert len(markdown(plan, SUMMARY, 2_300)) <= 2_300


def test_nothing_that_somebody_wrote_becomes_markup_a_link_or_a_call_for_somebody():
    """As hosts of code and chats read it: names and values stand in code, and in sentences nothing is left that becomes a link."""
    texts = [
        "https://evil.example/a",
        "www.evil.example",
        "@channel",
        "#1",
        "[a](javascript:b)",
        "<img src=x>",
        "`",
        "\x1b[31m",
    ]
    plan = plan_of(*(person("update", number, name=text) for number, text in enumerate(texts)))
    told = markdown(plan, replace(SUMMARY, error=" ".join(texts)))

    for text in texts[:6]:
        assert f"(`{text}`)" in told
    said = "\n".join(line for line in told.splitlines() if line.startswith(">"))
    assert not re.search(r"://|www\.|@|#1|(?<!\\)[\[\]`]|<|\x1b", said)
    assert "https:&#47;/evil.example/a www&#46;evil.example &#64;channel &#35;1" in said
