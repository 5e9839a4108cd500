"""A plan in Markdown, for a pull request, a chat or a mail: what needs a decision first, then what takes away, then the rest; never too long."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator

from provision.findings import Finding, Level
from provision.model import Kind
from provision.operations.registry import GRAVE
from provision.operations.value import Change
from provision.plan.value import Plan
from provision.report.findings import sentence_of
from provision.report.kind_words import KIND_WORDS
from provision.report.sentences.reasons import proved, words
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.report.words import PLAN_SENTENCE, STATUS_SENTENCE, shown_value, spelled_out
from provision.wording import counted, harmless

#: characters of the whole; GitHub takes 65,536 in a comment
LONGEST = 60_000
#: characters that are kept for what says how much was left out, and how to go on
_RESERVED = 1_500
#: characters of one line; a description may be long
_LINE = 600

#: what is markup wherever it stands in a line; an underscore only at the edge of a word
_SPECIAL = re.compile(r"([\\`*\[\]|~]|(?<!\w)_|_(?!\w))")
#: what becomes a link by itself: an address, and on some hosts somebody's name or the number of an issue
_LINKED = re.compile(r"(?<=:)/(?=/)|(?<=www)\.|#(?=\d)|@", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")


def markdown(plan: Plan, summary: Summary, most: int = LONGEST) -> str:
    """The plan of a run as Markdown of ``most`` characters at most; what does not fit is counted."""
    head, foot = "\n".join(_head(plan, summary)), "\n".join(_foot(plan, summary))
    room = most - len(head) - max(len(foot) + 2, _RESERVED)
    parts = [head]
    for title, lines in _sections(plan, summary):
        text = _section(title, list(lines), room)
        room -= len(text) + 2
        parts += [text] if text else []
    return "\n\n".join([*parts, foot]).rstrip() + "\n"


def _head(plan: Plan, summary: Summary) -> Iterator[str]:
    status = RunStatus(summary.status)
    yield f"## {_text(plan.job)}: {_text({**STATUS_SENTENCE, **PLAN_SENTENCE}[status])}"
    yield ""
    yield f"Enterprise {_code(plan.enterprise_id)}, run {_code(summary.run_id or '')}, {_code(plan.as_of[:16].replace('T', ' '))} UTC"
    if plan.changes:
        held = plan.holds
        yield ""
        yield "| | operations | wait for a person |"
        yield "| --- | ---: | ---: |"
        for kind in Kind:
            some = [change for change in plan.changes if change.kind is kind]
            if some:
                waits = sum(change.id in held for change in some)
                yield f"| {KIND_WORDS[kind].heading} | {len(some):,} | {waits:,} |"
    if summary.error:
        yield ""
        yield from (f"> {_text(line)}  " for line in summary.error.splitlines())


def _sections(plan: Plan, summary: Summary) -> Iterator[tuple[str, Iterable[str]]]:
    held = plan.holds
    waiting = [change for change in plan.changes if change.id in held]
    others = [change for change in plan.changes if change.id not in held]
    decided = [hold for hold in summary.holds if not hold.kind]
    lines = [f"- {_code(hold.key)}: {_text(hold.reason)}" for hold in decided]
    yield (
        "Needs a decision",
        [*(f"{_line(one)} · {_text(words(held[one.id]))}" for one in waiting), *lines],
    )
    yield "Takes something away", [_line(one) for one in others if one.kind in GRAVE]
    for kind in Kind:
        if kind not in GRAVE:
            yield KIND_WORDS[kind].heading, [_line(one) for one in others if one.kind is kind]
    yield "Worth knowing", [f"- {_text(sentence_of(one))}" for one in _grave(summary.findings)]


def _grave(findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if one.level in (Level.ERROR, Level.WARNING)]


def _section(title: str, lines: list[str], room: int) -> str:
    """A section with as many lines as there is room for; "" where there is nothing to tell, or no room at all."""
    heading = f"### {title} ({len(lines):,})\n"
    last = f"\n- … and {counted(len(lines), 'more line')}"
    room -= len(heading) + len(last)
    if not lines or room < 0:
        return ""
    shown: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
    left = len(lines) - len(shown)
    more = [f"- … and {counted(left, 'more line')}"] if left else []
    return "\n".join([heading, *shown, *more])


def _line(change: Change) -> str:
    evidence = proved(change)
    why = f"{words(change.because)}{f' ({words(evidence)})' if evidence else ''}"
    fields = "; ".join(
        f"{each.field.replace('_', ' ')} {_value(each.field, each.before)} → {_value(each.field, each.after)}"
        for each in spelled_out(change)
    )
    # in code: some hosts look for people and addresses in all other text, however it is written
    name = f" ({_code(change.name)})" if change.name else ""
    told = f"- {KIND_WORDS[change.kind].heading} {_code(change.key)}{name}: {fields or _text(why)}"
    return (
        told
        if len(told) <= _LINE
        else f"- {KIND_WORDS[change.kind].heading} {_code(change.key)}: {len(fields):,} characters, see the report"
    )


def _foot(plan: Plan, summary: Summary) -> Iterator[str]:
    run = summary.files.run_dir
    if run and plan.goes_on:
        yield f"To carry it out: {_code(f'provision apply {shlex.quote(run)} --digest {plan.digest}')}"
    if page := summary.files.report_html or run:
        yield ""
        yield f"The whole of it: {_code(page)}"


def _value(field: str, text: str) -> str:
    return _code(shown_value(field, text)) if text else "(empty)"


def _text(text: str) -> str:
    """Words as they are, whatever stands in them: no markup, no link to an address or to somebody of that name, no second line."""
    told = _SPECIAL.sub(r"\\\1", _BLANKS.sub(" ", harmless(text)))
    told = told.replace("&", "&amp;").replace("<", "&lt;")
    return _LINKED.sub(lambda found: f"&#{ord(found[0])};", told)


def _code(text: str) -> str:
    """A value, in which nothing is markup."""
    told = _BLANKS.sub(" ", harmless(text)) or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", told)), default=0) + 1)
    blank = " " if told.startswith("`") or told.endswith("`") else ""
    return f"{fence}{blank}{told}{blank}{fence}"
