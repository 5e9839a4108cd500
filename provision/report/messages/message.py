"""How a run ended, as a message for people who were not there: a line that says it, the reason, and the exact next command."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provision.errors import ExitCode
from provision.findings import Level
from provision.job.nightly import Notify, NotifyEvent
from provision.model import Status
from provision.report.findings import sentence_of
from provision.report.kind_words import label
from provision.report.messages.digest import ComingLine, digest_words
from provision.report.messages.short import counts, to_do
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.report.words import PLAN_SENTENCE, STATUS_SENTENCE, loudness, waited
from provision.wording import counted, harmless

#: holds and failures that a message names
_NAMED = 10
#: characters of the reason and of a whole message; some services take no more than a few thousand
_REASON, _LONGEST = 1_500, 3_500
_SOMEBODY = re.compile(r"(?<![^\s<>()\"',;:=])[^\s<>()\"',;:=]+@[^\s<>()\"',;:]+")


class Gravity(StrEnum):
    """How loud a message is; the words are Apprise's."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Message:
    """What one address is told."""

    title: str
    body: str
    gravity: Gravity


@dataclass(frozen=True, slots=True)
class EndOfRun:
    """What a message is about: the end of a run, ``job_path`` and ``preview`` of it, and who is coming and going."""

    summary: Summary
    job_path: str
    preview: bool
    now: datetime
    coming: tuple[ComingLine, ...] = ()
    news: bool = False

    @property
    def events(self) -> frozenset[NotifyEvent]:
        """What of it somebody may want to be told of; nothing where there is nothing to tell."""
        return frozenset(_events(self))

    @property
    def oldest(self) -> str:
        """Since when the oldest hold waits, ISO, "" for none."""
        return min((each.since for each in self.summary.holds if each.since), default="")


def _events(told: EndOfRun) -> Iterator[NotifyEvent]:
    summary = told.summary
    code, status = ExitCode(summary.exit_code), RunStatus(summary.status)
    quiet = code in (ExitCode.DONE, ExitCode.CHANGES)
    refused, held = status is RunStatus.REFUSED, code is ExitCode.HELD and status is RunStatus.HELD
    if refused:
        yield NotifyEvent.REFUSED
    if held or (summary.holds_total and not quiet):  # all that waits may be all there was
        yield NotifyEvent.HELD
    if not (quiet or refused or held):
        yield NotifyEvent.FAILED
    if sum(summary.planned.values()) if told.preview else summary.outcomes.get(Status.DONE, 0):
        yield NotifyEvent.CHANGES
    if told.news:
        yield NotifyEvent.DIGEST


def message(told: EndOfRun, notify: Notify) -> Message:
    """What this address is told of it."""
    loud = loudness(waited(told.oldest, told.now)) if told.oldest and NotifyEvent.HELD in told.events else ""
    summary = told.summary
    title = f"{summary.job or 'provision'}: {_headline(told)}"
    body = harmless("\n".join(_lines(told, notify)))
    if len(body) > _LONGEST:
        body = f"{body[:_LONGEST]} …"
    return Message(harmless(f"{loud}: {title}" if loud else title), body, _gravity(told, loud))


def _headline(told: EndOfRun) -> str:
    status = RunStatus(told.summary.status)
    sentence = {**STATUS_SENTENCE, **PLAN_SENTENCE}[status] if told.preview else STATUS_SENTENCE[status]
    return f"{sentence} (exit code {told.summary.exit_code})"


def _gravity(told: EndOfRun, loud: str) -> Gravity:
    if NotifyEvent.FAILED in told.events:
        return Gravity.FAILURE
    if told.events & {NotifyEvent.HELD, NotifyEvent.REFUSED}:
        return Gravity.FAILURE if loud.startswith("OVERDUE") else Gravity.WARNING
    return Gravity.INFO if told.preview or NotifyEvent.CHANGES not in told.events else Gravity.SUCCESS


def _lines(told: EndOfRun, notify: Notify) -> Iterator[str]:
    summary = told.summary
    yield from counts(summary)
    yield from _holds(told, names=notify.names)
    yield from _failures(summary, names=notify.names)
    if notify.names:
        wrong = [f"  {sentence_of(each)}" for each in summary.findings if each.level is Level.ERROR]
        yield from _first(wrong, len(wrong))
    if summary.error:
        yield _reason(_commanded(summary.error, told), names=notify.names)
    if "do: " not in (summary.error or "") and (todo := to_do(summary)):
        yield f"  do: {_commanded(todo, told)}"
    yield from digest_words(told.coming, notify.days, names=notify.names)
    if where := summary.files.report_html or summary.files.run_dir:
        yield f"report: {where}"


def _commanded(text: str, told: EndOfRun) -> str:
    """A text with the job file where a command says JOB."""
    job = shlex.quote(told.job_path)
    return re.sub(r"(?<=provision )(\w+) JOB\b", lambda found: f"{found[1]} {job}", text)


def _reason(text: str, *, names: bool) -> str:
    told = text if names else _SOMEBODY.sub("(address)", text)
    if len(told) <= _REASON:
        return told
    what, sign, do = told.rpartition("\n  do: ")
    return f"{what[:_REASON]} …{sign}{do}" if sign else f"{told[:_REASON]} …"


def _holds(told: EndOfRun, *, names: bool) -> Iterator[str]:
    summary = told.summary
    if not summary.holds_total:
        return
    since = f", the oldest since {told.oldest[:10]}" if told.oldest else ""
    days = f" ({counted(waited(told.oldest, told.now), 'day')})" if told.oldest else ""
    yield f"waiting for a person: {summary.holds_total:,}{since}{days}"
    if names:
        lines = [f"  {each.kind or 'decision'} {each.key}: {each.reason}" for each in summary.holds]
        yield from _first(lines, summary.holds_total)


def _failures(summary: Summary, *, names: bool) -> Iterator[str]:
    if names:
        yield from _first([f"  {each.sentence}" for each in summary.failures], summary.failures_total)
        return
    by_code = Counter((each.kind, each.code or str(each.http_status)) for each in summary.failures)
    for (kind, code), count in by_code.most_common(_NAMED):
        yield f"  {count:,} {label(kind)}: {code}"


def _first(lines: Iterable[str], total: int) -> Iterator[str]:
    shown = list(lines)[:_NAMED]
    yield from shown
    if total > len(shown):
        yield f"  and {total - len(shown):,} more"
