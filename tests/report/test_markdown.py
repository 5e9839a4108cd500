"""A plan in Markdown is never longer than it may be, and counts what it leaves out."""

from __future__ import annotations

import re

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
