"""What the page shows of a plan: what waits for a person first, in it what takes something away, then what goes on."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from provision.because import Because, without
from provision.job.lifecycle import Lifecycle
from provision.ledger.value import Release
from provision.letters import plain
from provision.model import Kind, UserKind, place_of
from provision.operations.registry import GRAVE, LEAVING
from provision.operations.value import Change, wholes
from provision.plan.guards.approvals import GivenWords, approved_since, since_held, so_far
from provision.plan.value import Plan, Question
from provision.report.kind_words import KIND_WORDS
from provision.report.page.page_value import Line
from provision.report.review.value import OPEN, ReviewEntry, ReviewGroup, ReviewPage, ReviewStanding, Told
from provision.report.sentences.reasons import proved, words
from provision.report.words import spelled_out
from provision.wording import counted, plural

#: lines of one group that are shown: a search finds among all of them
SHOWN = 500
_TONES = {Kind.DELETE: "bad", Kind.ROLL_OUT: "bad"}
_WHO = "Who is who"
_KNOWN = "To be known"


@dataclass(frozen=True, slots=True)
class Looked:
    """What the page is about: a plan, the words given on it, the operations that were carried out, and how each is named in the form.

    ``find``: words that all have to stand somewhere in a line; "" shows every line.
    """

    plan: Plan
    given: GivenWords
    settled: Collection[str]
    lifecycle: Lifecycle
    mark: Callable[[Change | Question], str]
    find: str = ""

    def finds(self, text: Callable[[], str]) -> bool:
        """Whether a line with this text is looked for; letter case and accents do not count."""
        if not self.find:
            return True
        there = _bare(text())
        return all(word in there for word in _bare(self.find).split())


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What the page shows beside the plan: the run, who decides, the first day until which a word can count, the next command.

    ``how`` says what that does.

    ``form`` is the secret of the page's forms. ``proven``: the key has proven the plan, which who has no key cannot say.
    """

    run_id: str
    user: str
    by: str
    today: str
    next_command: str
    how: str
    form: str
    proven: bool


def page_of(looked: Looked, facts: ReviewFacts, told: Told | None) -> ReviewPage:
    """Lay the plan out for whoever decides about it."""
    plan, (waits, goes_on) = looked.plan, groups_of(looked)
    headline, tone = headline_of(waits, goes_on)
    return ReviewPage(
        run_id=facts.run_id,
        job=plan.job,
        enterprise_id=plan.enterprise_id,
        digest=plan.digest,
        as_of=plan.as_of,
        roster=plan.roster.path,
        roster_rows=plan.roster.rows,
        headline=headline,
        sentence=_sentence(waits, goes_on),
        tone="bad" if plan.refused else tone,
        waits=waits,
        goes_on=goes_on,
        refused=tuple(guard.sentence for guard in plan.refused),
        done=sum(change.id in looked.settled for change in wholes(plan.changes)),
        required=looked.given.required,
        user=facts.user,
        by=facts.by,
        until_least=facts.today,
        next_command=facts.next_command,
        how=facts.how,
        form=facts.form,
        proven=facts.proven,
        find=looked.find,
        told=told,
    )


def _bare(text: str) -> str:
    return plain(unicodedata.normalize("NFKC", text)).casefold()


def _sentence(waits: Sequence[ReviewGroup], goes_on: Sequence[ReviewGroup]) -> str:
    still, all_of_it = sum(group.open for group in waits), sum(group.count for group in (*waits, *goes_on))
    decided = sum(group.count for group in waits) - still
    free = sum(group.count for group in goes_on)
    told = [f"{still:,} of {all_of_it:,} {plural(still, 'waits', 'wait')}"]
    told += [f"{decided:,} released by name"] if decided else []
    told += [f"{free:,} {plural(free, 'goes', 'go')} on"] if free else []
    return f"{', '.join(told)}. Nothing is sent to Box from this page."


def groups_of(looked: Looked) -> tuple[tuple[ReviewGroup, ...], tuple[ReviewGroup, ...]]:
    """What waits or was decided about by name, and what goes on."""
    plan = approved_since(looked.plan, looked.given, looked.settled)
    held, said = plan.holds, looked.given.about(plan.changes)
    stands: dict[Kind, list[_Stand]] = {}
    for change in wholes(plan.changes):
        if change.id not in looked.settled:
            stand = _stand(change, held.get(change.id, ""), said.get(change.id, ()))
            if looked.finds(partial(_text_of, stand)):
                stands.setdefault(change.kind, []).append(stand)
    order = sorted(stands, key=lambda kind: (kind not in GRAVE, list(Kind).index(kind)))
    waits, goes_on = [*_questions(looked)], []
    for kind in order:
        named = [one for one in stands[kind] if one.standing is not ReviewStanding.GOES_ON]
        free = [one for one in stands[kind] if one.standing is ReviewStanding.GOES_ON]
        waits += [_group(kind, named, "waits", looked)] if named else []
        goes_on += [_group(kind, free, "goes", looked)] if free else []
    return tuple(waits), tuple(goes_on)


class _Stand(NamedTuple):
    """How one operation stands, why it waits, and whose words there are."""

    change: Change
    standing: ReviewStanding
    waits_because: str
    said: str


def _stand(change: Change, held: str, words_on: Sequence[Release]) -> _Stand:
    approvals, stops = since_held(words_on)
    if held:
        standing = ReviewStanding.HELD if stops else ReviewStanding.WAITS
    else:
        standing = ReviewStanding.APPROVED if change.approved else ReviewStanding.GOES_ON
    waits_because = words(without(held, Because.HELD_BY)) if held else ""
    return _Stand(change, standing, waits_because, _said(change, approvals, stops))


def _text_of(stand: _Stand) -> str:
    return _texts(_line(stand.change, stand.waits_because), stand.said)


def _texts(line: Line, said: str) -> str:
    """All that is shown of one line, for whoever looks for a word of it."""
    fields = (text for one in line.fields for text in (one.before, one.after))
    return " ".join((line.name, line.key, line.box_id, line.reason, line.does, said, *fields))


def _said(change: Change, approvals: Sequence[Release], stops: Release | None) -> str:
    """Whose words there are."""
    told = []
    if change.approved:
        until = min((one.until[:10] for one in approvals), default="")
        told.append(f"Approved by {change.approved}{f', until {until}' if until else ''}")
    elif stops is not None:
        told.append(f"Held by {stops.said}, until {stops.until[:10]} at the latest")
    if change.heard:
        told.append(words(change.heard))
    return "; ".join(told)


def _line(change: Change, waits_because: str) -> Line:
    return Line(
        name=change.name or change.key,
        key=change.key if change.key != change.name else "",
        line=place_of(change.line)[1],
        box_id=change.box_id,
        kind="app" if change.user_kind is UserKind.APP else "",
        reason=words(change.because),
        does=waits_because,
        fields=spelled_out(change),
        evidence=words(proved(change)),
    )


def _group(kind: Kind, stands: Sequence[_Stand], place: str, looked: Looked) -> ReviewGroup:
    tone = _TONES.get(kind, "warn" if kind in GRAVE else "info")
    return ReviewGroup(
        id=f"{place}-{kind.value}",
        title=KIND_WORDS[kind].heading,
        sentence=_stage(kind, looked.lifecycle),
        tone=tone,
        entries=tuple(_entry(one, looked) for one in stands[:SHOWN]),
        marks=tuple(looked.mark(one.change) for one in stands),
        open_marks=tuple(looked.mark(one.change) for one in stands if one.standing in OPEN),
    )


def _entry(stand: _Stand, looked: Looked) -> ReviewEntry:
    line = _line(stand.change, stand.waits_because)
    return ReviewEntry(looked.mark(stand.change), line, stand.standing, stand.said)


def _stage(kind: Kind, lifecycle: Lifecycle) -> str:
    """Which stage of leaving it is, where all people leave by the same ones."""
    if kind not in LEAVING and kind is not Kind.DEACTIVATE:
        return ""
    days = {
        stage.after.days
        for way in (lifecycle.leavers, *lifecycle.by_segment.values())
        for stage in way
        if stage.do.value == kind.value
    }
    if len(days) != 1:
        return "A stage of leaving." if days else ""
    after = next(iter(days))
    when = f"{counted(after, 'day')} after the person has left" if after else "as soon as the person has left"
    return f"A stage of leaving: {when}."


def _questions(looked: Looked) -> Iterator[ReviewGroup]:
    for known, title, yes, sentence in (
        (False, _WHO, "They are one person", "A row and an account that may be one person. Where they are not, correct the roster or Box."),
        (True, _KNOWN, "I know of it", "Nothing is done about these accounts; somebody has to know of them."),
    ):  # fmt: skip
        asked = [each for each in looked.plan.questions if each.to_be_known is known]
        if asked:
            shown = (_asked(each, looked) for each in asked)
            entries = tuple(one for one in shown if looked.finds(partial(_texts, one.line, one.said)))
            if not entries:
                continue
            yield ReviewGroup(
                id="known" if known else "who",
                title=title,
                sentence=sentence,
                tone="warn",
                entries=entries[:SHOWN],
                marks=tuple(one.mark for one in entries),
                open_marks=tuple(one.mark for one in entries if one.open),
                yes=yes,
                holds=False,
            )


def _asked(each: Question, looked: Looked) -> ReviewEntry:
    about = (one for one in looked.given.releases if one.hold_id == each.person.hold_id)
    said = tuple(one for one in about if one.counts(looked.given.at))
    enough = bool(said) and (each.to_be_known or looked.given.let_go(said))
    told = f"Said by {' and '.join(one.said for one in said)}"
    if said and not enough:
        told = words(so_far(said, looked.given.required))
    line = Line(
        name=each.key,
        key=each.login if each.login != each.key else "",
        line=place_of(each.line)[1],
        box_id=each.box_id,
        kind="",
        reason=words(each.because),
    )
    return ReviewEntry(
        looked.mark(each),
        line,
        ReviewStanding.APPROVED if enough else ReviewStanding.WAITS,
        told if said else "",
    )


def headline_of(waits: Iterable[ReviewGroup], goes_on: Iterable[ReviewGroup]) -> tuple[str, str]:
    """The page in one sentence, and its tone."""
    groups = tuple(waits)
    if still := sum(group.open for group in groups):
        return f"{still:,} {plural(still, 'waits', 'wait')} for a decision", "warn"
    if groups:
        return "Everything that waited is decided", "good"
    return ("Nothing waits for a decision" if any(goes_on) else "There is nothing to decide about"), "good"
