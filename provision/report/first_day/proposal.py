"""What ``provision init`` found out, in words: each guess with its reason and some people, each open question with its flag."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from provision.report.first_day.job_draft import JobDraft
from provision.report.first_day.understood import WHY, table_told
from provision.roster.reading import Reading, Why
from provision.wording import counted, shortened


class Open(StrEnum):
    """What a roster does not tell, or not for sure. Programs hold on to these words."""

    ROSTER = "roster"
    AUTHORITY = "authority"
    KIND = "kind"
    DOMAIN = "domain"
    COLUMN = "column"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """One thing that somebody has to say: what it is about, the header, domain or reason that it is about, and for how many rows.

    ``taken`` is what the job says until somebody answers.
    """

    about: Open
    subject: str = ""
    taken: str = ""
    rows: int = 0

    @property
    def sentence(self) -> str:
        """The question, with what was taken."""
        taken = WHY[Why(self.taken)] if self.about is Open.COLUMN else self.taken
        return _WORDS[self.about][0].format(subject=self.subject, taken=taken, rows=counted(self.rows, "row"))

    @property
    def answer(self) -> str:
        """How to answer it: flags of provision init, or an edit."""
        return _WORDS[self.about][1].format(subject=self.subject)


_WORDS = {
    Open.ROSTER: (
        "Who should have an account? No file was named; the job says {taken}, which is not there yet.",
        "--from FILE, or correct roster.path",
    ),
    Open.AUTHORITY: (
        "Does this file list everybody who should have an account? Assumed: no ({taken}), so nobody leaves by being absent from it.",
        "--authority full, if it names everybody",
    ),
    Open.KIND: (
        'Do these people sign in to Box themselves? Assumed: yes ({taken}); but "{subject}" is what portals call their clients\' key.',
        "--kind app, if they are clients who never sign in themselves",
    ),
    Open.DOMAIN: (
        "May accounts at {subject} be changed ({rows})? Assumed: no; the job leaves them alone.",
        "--domain {subject}, beside the other domains",
    ),
    Open.COLUMN: (
        "Do you need any of these: {subject}? They are not read: {taken}.",
        '--map "HEADER=FIELD" for each, as --map "Department=tracking_codes.Department"',
    ),
    Open.ROWS: (
        "What about {rows}? {subject}",
        "correct them in the file; a word of its own for a status or a role: --word FIELD:WORD=MEANING",
    ),
}


def proposed(reading: Reading, counts: Sequence[int]) -> Iterator[str]:
    """How the file was understood, with some people below each column. ``counts``: rows, good ones, rejected ones."""
    rows, good, rejected = counts
    yield f"{table_told(reading)}: {counted(rows, 'row')}, {good:,} good, {rejected:,} with errors."
    for column in reading.columns:
        yield f'  "{column.header}" → {column.field}, {WHY[column.why]}'
        some = [person[column.field] for person in reading.people if person.get(column.field)]
        if some:
            yield f"      {' · '.join(some)}"
    for why in Why:
        headers = [column.header for column in reading.left_out if column.why is why]
        if headers:
            yield f"  not read, {WHY[why]}: {shortened(headers)}"


def guessed(draft: JobDraft, said: Collection[str], shares: Mapping[str, float]) -> dict[str, str]:
    """What the job says beside the columns, by key, each with its value and reason.

    ``said`` are the keys that somebody gave; ``shares`` how many of the logins have a domain (0 to 1).
    """
    many = [f"{domain} ({shares[domain]:.0%} of the logins)" for domain in draft.domains if domain in shares]
    reasons = {
        "roster.authority": f"{draft.authority}, the safe one: nobody leaves by being absent",
        "roster.kind": f"{draft.kind}, {_KINDS[draft.kind]}",
        "scope.domains": ", ".join(many) or "all of them, since no login shows one",
        "box.auth": f"{draft.auth}, by variables of the environment",
    }
    values = {
        "roster.authority": draft.authority,
        "roster.kind": draft.kind,
        "scope.domains": ", ".join(draft.domains),
    }
    return reasons | {key: f"{values[key]}, as you said" for key in values if key in said}


_KINDS = {
    "managed": "since they have logins of their own",
    "app": "since there is a key and no column with addresses",
    "column": "since the file has a column that says it for each row",
}


def guesses_told(settings: Mapping[str, str]) -> Iterator[str]:
    """The same, a line each."""
    for key, why in settings.items():
        yield f"  {key}: {why}"


def questions_told(questions: Sequence[OpenPoint]) -> Iterator[str]:
    """The questions, each with the way to answer it."""
    if questions:
        number = counted(len(questions), "question")
        yield f"{number} left open. Edit the job file, or move it away and answer with these flags:"
    for each in questions:
        yield f"  ? {each.sentence}"
        yield f"      {each.answer}"


def what_next(path: str) -> Iterator[str]:
    """The commands that lead on."""
    named = shlex.quote(path)
    yield f"{path} was written. Next steps, none of which changes anything in Box:"
    yield f"  provision check {named}"
    yield f"  provision doctor {named}"
    yield f"  provision plan {named} --open"
