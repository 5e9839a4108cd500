"""An explanation for people, in paragraphs for a terminal, and for programs, as one object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import msgspec

from provision.explain.history import Explanation, Now, PastDecision, PastRun
from provision.job.lifecycle import Lifecycle
from provision.journal.value import Outcome
from provision.ledger.progress import Progress
from provision.model import Kind, Status, made_by_box
from provision.operations.value import Change, FieldChange
from provision.plan.value import Ruling
from provision.report.kind_words import label
from provision.report.sentences.codes import meaning
from provision.report.sentences.notes import words_of
from provision.report.sentences.reasons import words
from provision.report.words import shown_value, spelled_out
from provision.roster.reading import where
from provision.wording import counted, harmless, moment

if TYPE_CHECKING:
    from rich.console import Console

#: why an operation was not carried out, by how its run ended
_NOT_SENT = {
    "planned": "not carried out: this is a plan that was never applied",
    "refused": "not carried out: a guard held it or refused the run",
    "held": "not carried out: it waits for a person",
    "interrupted": "not attempted: the run was interrupted before",
    "": "not attempted: the run was killed, or is still under way",
}

#: what it means that the ledger does not know an account, by the status this job left it with
_NOT_OWNED = {
    "": "the account is not this job's, so this job can never remove it.",
    "deleted": "the account was deleted by this job.",
    "rolled out": "the account left the enterprise by this job.",
}
_UNLEARNED = (
    "made or changed by this job, but its ledger has not learned of it: the next run takes it over; "
    "if the ledger was lost, provision runs JOB --rebuild does."
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words to be wrapped, so many columns from the left."""

    words: str
    indent: int = 0

    def lines(self, console: Console) -> Iterator[str]:
        """The lines on a console as wide as this; nothing in them moves a cursor or changes colours."""
        from rich.text import Text

        words = harmless(" ".join(self.words.splitlines()))
        before = " " * self.indent
        for line in Text(words).wrap(console, max(console.width - self.indent - 2, 20), overflow="fold"):
            yield f"{before}{line.plain}".rstrip()
            before = " " * (self.indent + 2)


def told(explanation: Explanation, lifecycle: Lifecycle) -> list[Paragraph]:
    """Who it is, how things stand, what comes next, then the runs, newest first: what a help desk is asked for first.

    Runs in a row that decided the same and had nothing to do are told once.
    """
    who, now = explanation, explanation.now
    lines = [
        Paragraph(who.key),
        *_keys(who),
        Paragraph(""),
        Paragraph("Now"),
        Paragraph(_now(now, lifecycle), 2),
    ]
    lines += [Paragraph(""), Paragraph("Next"), Paragraph(f"{explanation.ahead.words}.", 2)]
    lines += _by_name(who, lifecycle)
    newest = ", newest first" if len(who.runs) > 1 else ""
    lines += [Paragraph(""), Paragraph(f"{counted(len(who.runs), 'run')}{newest}")]
    if who.older:
        earlier = counted(who.older, "earlier run", "earlier runs")
        lines.append(Paragraph(f"not looked into here: {earlier} of this job", 2))
    for _, alike in groupby(enumerate(who.runs), _sameness):
        lines += [Paragraph(""), *_run([run for _, run in alike], lifecycle)]
    return lines


def left_out(not_read: Mapping[str, str], not_proven: Iterable[str], elsewhere: int) -> Iterator[Paragraph]:
    """What is said of runs that could not be told, by why, of those that no key proves, and of those about another enterprise."""
    if not_read:
        yield Paragraph("")
        yield Paragraph("Not read: " + "; ".join(f"{run_id} ({why})" for run_id, why in not_read.items()))
    if doubts := "; ".join(not_proven):
        yield Paragraph("")
        yield Paragraph(f"Not proven, so anybody may have written what they say: {doubts}")
    if elsewhere:
        yield Paragraph(f"Left out: {counted(elsewhere, 'run')} about another enterprise")


def _by_name(who: Explanation, lifecycle: Lifecycle) -> list[Paragraph]:
    """What people have decided."""
    if not who.words:
        return []
    said = [
        Paragraph(f"{_at(one.at, lifecycle)}  {one.by.told} {one.what} ({one.run_id})", 2)
        for one in who.words
    ]
    return [Paragraph(""), Paragraph("Decided by name"), *said]


def _keys(who: Explanation) -> Iterator[Paragraph]:
    logins = tuple(login for login in who.logins if not made_by_box(login))
    unknown = {"login": "made by Box, as that of every app user"} if who.logins else {}
    for name, keys in (("login", logins), ("external id", who.external_ids), ("Box id", who.box_ids)):
        before = f" (before: {', '.join(keys[1:])})" if keys[1:] else ""
        yield Paragraph(f"{name}: {keys[0] if keys else unknown.get(name, 'not known')}{before}", 2)
    if len(who.external_ids) > 1 or len(who.box_ids) > 1:
        yield Paragraph("one key was used with different others, so this may be more than one person", 2)


def _now(now: Now, lifecycle: Lifecycle) -> str:
    if not now.box_id:
        return "no account that this job knows of."
    if not now.owned:
        return _NOT_OWNED.get(now.status, _UNLEARNED)
    parts = ["owned by this job" + (f" since {_at(now.since, lifecycle)}" if now.since else "")]
    if now.left_at:
        parts.append(f"deactivated as a leaver on {_at(now.left_at, lifecycle)}")
    elif now.status:
        parts.append(f"{now.status}, as this job left it")
    parts += _stages(now.progress, lifecycle)
    if now.absence.missed_runs:
        parts.append(
            f"absent from {counted(now.absence.missed_runs, 'complete roster')} in a row, "
            f"first on {_at(now.absence.first_missed, lifecycle)}, last on {_at(now.absence.last_missed, lifecycle)}"
        )
    return f"{'; '.join(parts)}."


def _stages(progress: Progress, lifecycle: Lifecycle) -> Iterator[str]:
    if progress.sessions_at:
        yield f"signed out everywhere on {_at(progress.sessions_at, lifecycle)}"
    if progress.transfer:
        yield f"content sent to {progress.transfer.to_key} on {_at(progress.transfer.at, lifecycle)}"
    if progress.moved_at:
        yield f"twice seen to own nothing, the second time on {_at(progress.moved_at, lifecycle)}"
    elif progress.empty_at:
        yield f"seen to own nothing on {_at(progress.empty_at, lifecycle)}"


def _at(text: str, lifecycle: Lifecycle) -> str:
    return moment(datetime.fromisoformat(text), lifecycle.zone())


def _sameness(numbered: tuple[int, PastRun]) -> tuple[object, ...]:
    """The same for runs that are told as one; a run with an operation or a refusal of its own stands alone."""
    number, run = numbered
    alone = run.undo or any(guard.verdict is not Ruling.OK for guard in run.guards)
    if alone or any(each.change for each in run.decisions):
        return (number,)
    return ("", *((each.line.verdict, each.line.because, bool(each.line.line)) for each in run.decisions))


def _run(runs: Sequence[PastRun], lifecycle: Lifecycle) -> Iterator[Paragraph]:
    run = runs[0]
    if len(runs) > 1:
        yield Paragraph(
            f"{_at(runs[-1].at, lifecycle)} to {_at(run.at, lifecycle)}: the same in {len(runs):,} runs"
        )
        yield Paragraph(f"from {runs[-1].run_id}", 2)
        yield Paragraph(f"to   {run.run_id}", 2)
    else:
        yield Paragraph(f"{_at(run.at, lifecycle)}  {run.run_id}")
    if run.undo:
        yield Paragraph(run.roster.path, 2)
    for each in run.decisions:
        yield from _decision(each, run, lifecycle)
    for guard in run.guards:
        if guard.verdict is not Ruling.OK:
            yield Paragraph(f"guard {guard.name} {guard.verdict}: {guard.sentence}", 2)
    if run.undone_by:
        yield Paragraph(f"taken back by run {run.undone_by}", 2)


def _decision(each: PastDecision, run: PastRun, lifecycle: Lifecycle) -> Iterator[Paragraph]:
    line, change = each.line, each.change
    login = "" if made_by_box(line.login) else line.login
    keys = ", ".join(key for key in (login, line.external_id, each.box_id) if key)
    path, _, row = where(run.roster, line.line)
    place = f"row {row} of {PurePath(path).name}" if line.line else "no row of the roster"
    yield Paragraph(f"{keys}: {'account' if run.undo else place}", 2)
    yield Paragraph(f"{label(line.verdict)}: {words(line.because)}", 2)
    if change is None:
        return
    if change.evidence and change.evidence != line.because:
        yield Paragraph(f"evidence: {words(change.evidence)}", 4)
    for changed in _fields(change):
        yield Paragraph(_edit(changed), 4)
    yield Paragraph(_happened(each.outcome, each.change, run, lifecycle), 4)
    for change, outcome in each.after:
        yield Paragraph(f"then {label(change.kind)}: {_happened(outcome, change, run, lifecycle)}", 4)
    yield from _meaning(each.outcome, each.change)


def _fields(change: Change) -> tuple[FieldChange, ...]:
    """All fields, as for an update: a new account's login and a leaver's status are told too."""
    return spelled_out(replace(change, kind=Kind.UPDATE))


def _edit(changed: FieldChange) -> str:
    before, after = (
        shown_value(changed.field, value) or "(empty)" for value in (changed.before, changed.after)
    )
    return f"{changed.field}: {before} → {after}"


def _happened(outcome: Outcome | None, change: Change | None, run: PastRun, lifecycle: Lifecycle) -> str:
    if outcome is None:
        return f"outcome: {_not_sent(run)}"
    answer = outcome.answer
    parts = [label(outcome.status)]
    parts += [words_of(outcome, change)] if outcome.notes else []
    if answer.http_status:
        parts.append(" ".join(["HTTP", str(answer.http_status), answer.code]).strip())
    parts += [f"request {answer.request_id}"] if answer.request_id else []
    parts += [counted(outcome.attempts, "attempt")] if outcome.attempts else []
    parts += [_at(outcome.at, lifecycle)] if outcome.at else []
    return f"outcome: {' · '.join(parts)}"


def _not_sent(run: PastRun) -> str:
    """Why there is no outcome; what a run that was applied left out was not selected by ``--only`` or ``--except``."""
    if run.applied and run.status not in ("interrupted", ""):
        return "not attempted"
    return _NOT_SENT.get(run.status, "not attempted")


def _meaning(outcome: Outcome | None, change: Change | None) -> Iterator[Paragraph]:
    """What Box's code means, for who has to act on it."""
    if outcome is None or outcome.status not in (Status.FAILED, Status.IN_DOUBT):
        return
    told = meaning(outcome.answer.code, outcome.answer.http_status, change.kind if change else "")
    yield Paragraph(f"{told.means} {told.remedy}".strip(), 4)


def as_object(explanation: Explanation) -> dict[str, Any]:
    """The same for programs: ``person``, ``now``, ``next``, ``words``, ``runs`` (newest first, none left out)."""
    now = explanation.now
    absence = asdict(now.absence)
    return {
        "person": {
            "logins": list(explanation.logins),
            "external_ids": list(explanation.external_ids),
            "box_ids": list(explanation.box_ids),
        },
        "now": {
            **{name: getattr(now, name) for name in ("box_id", "owned", "since", "status", "left_at")},
            **absence,
            "stages": _stages_object(now.progress),
        },
        "next": asdict(explanation.ahead),
        "words": [asdict(word) | word.by.row for word in explanation.words],
        "runs": [_run_object(run) for run in explanation.runs],
    }


def _stages_object(progress: Progress) -> dict[str, str]:
    sent = progress.transfer
    return {
        "sessions_ended_at": progress.sessions_at,
        "transferred_at": sent.at if sent else "",
        "transferred_to": sent.to_key if sent else "",
        "seen_empty_at": progress.empty_at,
        "proven_moved_at": progress.moved_at,
    }


def _run_object(run: PastRun) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "at": run.at,
        "status": run.status,
        "roster": {"path": run.roster.path, "sha256": run.roster.sha256},
        "guards": [asdict(guard) for guard in run.guards if guard.verdict is not Ruling.OK],
        "undone_by": run.undone_by,
        "decisions": [_decision_object(each, run) for each in run.decisions],
    }


def _decision_object(each: PastDecision, run: PastRun) -> dict[str, Any]:
    line, change = each.line, each.change
    told: dict[str, Any] = {
        **{name: getattr(line, name) for name in ("line", "external_id", "login", "kind", "owned")},
        "box_id": each.box_id,
        "verdict": line.verdict,
        "reason": words(line.because),
        "because": line.because,
        "evidence": words(change.evidence) if change else "",
        "fields": [msgspec.structs.asdict(changed) for changed in _fields(change)] if change else [],
    }
    operations = [
        {"id": part.id, "kind": part.kind.value} | _outcome_object(part, outcome, run)
        for part, outcome in each.parts
    ]
    return told | _outcome_object(each.change, each.outcome, run) | {"operations": operations}


def _outcome_object(change: Change | None, outcome: Outcome | None, run: PastRun) -> dict[str, Any]:
    """The outcome in the names of the reconciliation; "" and 0 for a line without an operation."""
    note = words_of(outcome, change) if outcome else (_not_sent(run) if change else "")
    outcome = outcome or Outcome("", Status.NOT_ATTEMPTED)
    return {
        "outcome": outcome.status.value if change else "",
        "note": note,
        "http_status": outcome.answer.http_status,
        "error_code": outcome.answer.code,
        "request_id": outcome.answer.request_id,
        "attempts": outcome.attempts,
        "outcome_at": outcome.at,
    }
