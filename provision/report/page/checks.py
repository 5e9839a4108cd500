"""What was noticed of a roster and on the way, each with its name, a word, a tone and a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from provision.findings import Code, Finding, Level
from provision.plan.value import Opinion, Ruling
from provision.report.findings import sentence_of, told_here
from provision.report.kind_words import label
from provision.report.page.page_value import Check
from provision.report.value import RunFacts


def finding_checks(facts: RunFacts) -> Iterator[Check]:
    """What has no place of its own on the page: rejected rows are told by their sentences here."""
    rows = (one for one in facts.findings.told if one.code is Code.ROW_REJECTED)
    yield from map(_found, (*rows, *told_here(facts.findings)))


def _found(finding: Finding) -> Check:
    tone = {Level.ERROR: "bad", Level.WARNING: "warn"}.get(finding.level, "info")
    return Check(label(finding.code), finding.level.value, tone, sentence_of(finding))


def health_checks(facts: RunFacts) -> Iterator[Check]:
    """What is not in order about the roster, what is refused first."""
    allowed = {guard.name for guard in facts.guards if guard.verdict is Ruling.ALLOWED}
    for line in sorted(facts.health, key=lambda line: line.verdict is not Opinion.REFUSED):
        if line.verdict is not Opinion.OK:
            refused = line.verdict is Opinion.REFUSED and line.name not in allowed
            word = "allowed" if line.name in allowed else line.verdict.value
            yield Check(label(line.name), word, "bad" if refused else "warn", line.sentence)
