"""What the page answers: who is let in, what is shown, and what a click does, which is what ``provision approve`` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from provision.errors import ProvisionError, UsageError
from provision.report.review.layout import Looked, ReviewFacts, groups_of, page_of
from provision.report.review.render import page_text, policy, short_text
from provision.report.review.value import Act, Told
from provision.report.review.words import ALREADY, NOT_ADMITTED, OPENS, OTHER_PLAN, OVER, UNCHOSEN
from provision.runs.approving.approvable import ApprovalChoice, mark, settled_in
from provision.runs.approving.approvals import KNOWN, SAME_PERSON, proven_rows, word_of
from provision.runs.approving.approve import decide, next_command
from provision.runs.approving.opened import OpenedRun, opened
from provision.runs.observer import Observer
from provision.runs.reviewing.admission import Admission, Unadmitted
from provision.runs.reviewing.loopback import PageAnswer, PageRequest
from provision.runs.start import Begun
from provision.runs.who_decides import who_decides

_STATUS = {Unadmitted.HOST: HTTPStatus.MISDIRECTED_REQUEST}
_QUESTIONS = (SAME_PERSON, KNOWN)


class Session:
    """One review: each request is looked at from the beginning, and each look reads the run anew, seal and words."""

    def __init__(self, name: str, by: str, observer: Observer, admission: Admission) -> None:
        self.admission = admission
        self.decided: list[Mapping[str, Any]] = []
        self._name, self._by, self._observer = name, by, observer
        self._told: Told | None = None
        self._find = ""
        self._last = observer.timing.clock()

    def idles(self, seconds: float) -> Callable[[], bool]:
        """Whether nobody who is let in has asked for anything for so long."""
        return lambda: self._observer.timing.clock() - self._last > seconds

    def admits(self, request: PageRequest) -> bool:
        """Whether a request comes from the page and from the browser that was let in, by its headers alone."""
        admission = self.admission
        return admission.refuses(request.method, request.headers) is None and admission.knows(request.headers)

    def answered(self, request: PageRequest) -> PageAnswer:
        """The answer to one request."""
        if (why := self.admission.refuses(request.method, request.headers)) is not None:
            return _refused(why)
        if request.path != self.admission.room and not request.path.startswith(self.admission.room):
            return _refused(Unadmitted.TOKEN, HTTPStatus.NOT_FOUND)
        if token := request.method == "GET" and request.field("token"):
            return self._let_in(token, request)
        if not self.admission.knows(request.headers):
            return _refused(Unadmitted.SESSION)
        self._last = self._observer.timing.clock()
        place = request.path.removeprefix(self.admission.room)
        if (request.method, place) == ("GET", ""):
            return self._shown()
        if (request.method, place) == ("POST", "decide"):
            return self._sent(request)
        return _refused(Unadmitted.TOKEN, HTTPStatus.NOT_FOUND)

    def _let_in(self, token: str, request: PageRequest) -> PageAnswer:
        """The token for the cookie, once; the page goes on by itself, so that the next request comes from here."""
        known = self.admission.knows(request.headers)
        if not known and not self.admission.exchanges(token):
            return _page(HTTPStatus.FORBIDDEN, short_text(*ALREADY))
        self._last = self._observer.timing.clock()
        more = {"Referrer-Policy": "no-referrer"} | (
            {} if known else {"Set-Cookie": self.admission.set_cookie}
        )
        return _page(HTTPStatus.OK, short_text(*OPENS, onward=self.admission.room), more)

    def _shown(self) -> PageAnswer:
        told, self._told = self._told, None
        try:
            found = self._found()
            facts = self._facts(found)
            return _page(HTTPStatus.OK, page_text(page_of(self._looked(found), facts, told)))
        except (
            ProvisionError
        ) as error:  # the run was pruned, edited or carried out by another release meanwhile
            return _page(
                HTTPStatus.CONFLICT, short_text("The run cannot be shown", tuple(str(error).split("\n")))
            )

    def _sent(self, request: PageRequest) -> PageAnswer:
        if not self.admission.is_own_form(request.field("form")):
            return _refused(Unadmitted.FORM)
        self._by = request.field("by").strip() or self._by
        self._find = request.field("find").strip()
        if request.field("do") == "end":
            return self._ended()
        try:
            if request.field("do") != "find":
                self._told = Told(self._decided(request))
        except ProvisionError as error:
            self._told = Told(str(error), "bad")
        return _page(HTTPStatus.SEE_OTHER, "", {"Location": self.admission.room})

    def _decided(self, request: PageRequest) -> str:
        """Do what a button says; what is told of it. Raises ProvisionError."""
        begun = Begun(self._observer)
        found = opened(self._name, begun)
        if request.field("digest") != found.plan.digest:
            raise UsageError(OTHER_PLAN)
        word, _, about = request.field("do").partition(" ")
        act = Act(word) if word in tuple(Act) else None
        marks = tuple(self._marks(about, act, request, found)) if act else ()
        if not marks:
            raise UsageError(UNCHOSEN)
        choice = ApprovalChoice(
            by=_named(request.field("by")),
            until=request.field("until"),
            holds=act is Act.HOLD,
            marks=tuple(dict.fromkeys(marks)),
        )
        approved = decide(found, choice, begun)
        self.decided += approved.approved
        return approved.told

    def _marks(self, about: str, act: Act | None, request: PageRequest, found: OpenedRun) -> Iterator[str]:
        """What a button is about: one line, all of a group that it can be said of and that is looked for, or the lines that are ticked."""
        if about == "chosen":
            yield from request.all("mark")
        elif "-" in about:
            waits, goes_on = groups_of(self._looked(found))
            group = next((one for one in (*waits, *goes_on) if one.id == about), None)
            if group is not None:
                yield from group.open_marks if act is Act.APPROVE else group.marks
        else:
            yield about

    def _ended(self) -> PageAnswer:
        try:
            command = self._facts(self._found()).next_command
        except ProvisionError:
            command = ""
        title, sentences = OVER
        body = short_text(title, sentences, command=command)
        return _page(HTTPStatus.OK, body, last=True)

    def _found(self) -> OpenedRun:
        return opened(self._name, Begun(self._observer))

    def _looked(self, found: OpenedRun) -> Looked:
        given = found.given(self._observer.now())
        if found.own:  # answers who is who are in the record alone, once they count
            rows = proven_rows(found.run.path, found.job) if found.plan.questions else []
            answers = (word_of(row) for row in rows if row["kind"] in _QUESTIONS and "hold_id" in row)
            known = set(given.releases)
            more = (one for one in answers if one not in known and one.counts(given.at))
            given = type(given)((*given.releases, *more), given.at, given.required)
        return Looked(
            found.plan, given, settled_in(found.run, found.plan), found.job.lifecycle, mark, self._find
        )

    def _facts(self, found: OpenedRun) -> ReviewFacts:
        decider = who_decides(self._by)
        today = self._observer.now().astimezone(found.job.lifecycle.zone())
        asks = any(row.get("kind") in _QUESTIONS for row in self.decided)
        command, how = next_command(found, asks=asks)
        return ReviewFacts(
            run_id=found.run.about.run_id,
            user=f"{decider.os_user} on {decider.host}",
            by=self._by,
            today=today.date().isoformat(),
            next_command=command,
            how=how,
            form=self.admission.form,
            proven=found.own,
        )


def _named(by: str) -> str:
    if not by.strip():
        raise UsageError("Say who decides.", remedy="write your name into the field above")
    return by


def _refused(why: Unadmitted, status: HTTPStatus | None = None) -> PageAnswer:
    return _page(status or _STATUS.get(why, HTTPStatus.FORBIDDEN), short_text(*NOT_ADMITTED))


def _page(
    status: HTTPStatus, body: str, more: Mapping[str, str] = MappingProxyType({}), *, last: bool = False
) -> PageAnswer:
    """A page with all that keeps it to itself: nothing from elsewhere, in no frame, in no cache, told to no other site."""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy(),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        # not no-referrer: a form would then be sent without its origin
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return PageAnswer(status, body, {**headers, **more}, last)
