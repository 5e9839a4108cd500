"""Every error this program raises on purpose, with the exit code it leads to.

::

    ProvisionError
    ├── InputError            1   what the person gave us is wrong: usage, job file, roster, plan
    │   ├── UsageError            a flag or argument
    │   ├── JobError              the job file
    │   ├── RosterError           the roster as a whole (single bad rows are row errors, not exceptions)
    │   │   ├── CutOff        1       its end is missing; Refused where the job has accepted a roster before
    │   │   ├── TooLarge      1       larger than a roster may be, or takes longer to be read
    │   │   └── LostHeader    1       a column that is needed is not there; likewise
    │   ├── PlanError             a saved plan or run folder: edited, stale, of another version, already applied
    │   │   └── DamagedFile   1       a file there that is not as this program wrote it
    │   ├── DamagedLedger         the ledger's file is no sound database; it can be made anew
    │   ├── LostLedger            the ledger knows less than the run folders beside it
    │   └── RunFolderError        a run folder that cannot be written: full disk, read-only, gone
    ├── Refused               3   a guard said no
    ├── Interrupted           5   stopped by a signal, or Box stayed away for too long; resumable
    ├── Locked                6   another run works on this enterprise
    ├── BoxRefused            7   sign-in refused, Box unreachable, or its listing incomplete
    │   ├── SignInRefused
    │   ├── BoxUnreachable
    │   ├── IncompleteDirectory
    │   └── NotVerified           what a run did was carried out, and could not be looked at afterwards
    └── OurFault             70   a promise of this program does not hold (a report that does not balance)

    BoxFault                      one call to Box did not go well; becomes an outcome, a retry or one of the above
    ├── Throttled                 429, with the seconds to wait
    ├── NotSent                   no connection: surely nothing was written
    ├── Lost                      connection lost after sending, or an answer that cannot be read: may be written
    │   ├── Garbled               a success without the answer it must have
    │   └── LedElsewhere          a redirect: not Box answers
    ├── ServerTrouble             5xx: may be written (developer.box.com, Common errors, 503)
    ├── Away                      nobody was answered for as long as the job waits; becomes Interrupted
    ├── Expired                   401: the token is no longer good
    ├── NotFound                  404
    ├── Conflict                  409, with the id of the account in the way where Box names it
    └── Rejected                  every other 4xx: this person's outcome
        └── TokenRefused          the token endpoint said no; becomes SignInRefused

A message has up to three lines: what happened and where, ``usual cause: …``, ``do: …``. Messages carry keys (login,
external id, row, field name), never attribute values and never a secret.
"""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeVar

#: characters of a line of an error, so that a terminal, a mail and a summary can hold it
_LONGEST = 2_000


class ExitCode(IntEnum):
    """What a finished process tells its caller. See docs/reference.md; these numbers stay."""

    DONE = 0
    INPUT = 1
    CHANGES = 2
    HELD = 3
    PARTIAL = 4
    INTERRUPTED = 5
    LOCKED = 6
    BOX_REFUSED = 7
    OUR_FAULT = 70


class ProvisionError(Exception):
    """An expected failure, told in a way a person can act on.

    ``what`` says what happened, with numbers and place. ``cause`` is the usual cause, ``remedy`` the next command or
    edit; both may be empty. ``str()`` is the whole message, one to three lines. What happened to very many is told of the
    first ones, so a line of ``what`` or ``cause`` has at most 2,000 characters.
    """

    exit_code = ExitCode.OUR_FAULT

    def __init__(self, what: str, *, cause: str = "", remedy: str = "") -> None:
        self.what = _bounded(what)
        super().__init__(self.what)
        self.cause = _bounded(cause)
        self.remedy = remedy

    def __str__(self) -> str:
        lines = [self.what]
        if self.cause:
            lines.append(f"  usual cause: {self.cause}")
        if self.remedy:
            lines.append(f"  do: {self.remedy}")
        return "\n".join(lines)


def _bounded(text: str) -> str:
    """The text, of a very long line the beginning and the end, which often says how many more there are."""
    return "\n".join(map(_line, text.split("\n"))) if len(text) > _LONGEST else text


def _line(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    end = text[-_LONGEST // 4 :]
    begin = text[: _LONGEST - len(end) - 40]
    return f"{begin} … ({len(text) - len(begin) - len(end):,} characters left out) … {end}"


_Error = TypeVar("_Error", bound=ProvisionError)


def naming(error: _Error, run: object) -> _Error:
    """The same error, with the path of its run folder where its remedy says RUN."""
    named = copy(error)
    named.remedy = re.sub(r"\bRUN\b", lambda _: str(run), error.remedy)
    return named


class InputError(ProvisionError):
    """What the person gave us is wrong; nothing in Box was touched."""

    exit_code = ExitCode.INPUT


class UsageError(InputError):
    """A flag or an argument on the command line."""


class JobError(InputError):
    """The job file: unreadable, unknown or missing key, wrong value, missing variable."""


class RosterError(InputError):
    """The roster as a whole cannot be trusted; no single row is to blame or too many are."""


class CutOff(RosterError):
    """The file stops in the middle of a row or of a cell in quotation marks."""


class TooLarge(RosterError):
    """The file is larger in some way than the job takes, or than it can be meant to be; nothing more of it is to be looked at."""


class LostHeader(RosterError):
    """A column that the job maps, or the one that tells people apart, is not in the file.

    ``wanted`` is the field nobody has a column for, and ``guess`` the header that may be meant; "" where it is not about that.
    """

    wanted = ""
    guess = ""


class PlanError(InputError):
    """A saved plan or run folder that cannot be applied or read: edited, stale, other version, already applied."""


class DamagedFile(PlanError):
    """A file of ours that cannot be read, or is not as this program writes it: flipped bits, cut off, a folder in its place."""


class RunFolderError(InputError):
    """A file of the run folder cannot be written: full disk, read-only or vanished folder. Box is as it was left."""


class DamagedLedger(InputError):
    """The ledger's file is no database, or is damaged; ``provision runs JOB --rebuild`` makes it anew."""


class LostLedger(InputError):
    """The ledger knows nothing of a job, or less than its run folders; ``provision runs JOB --rebuild`` makes it anew."""


class Refused(ProvisionError):
    """A guard refused; nothing in Box was touched."""

    exit_code = ExitCode.HELD


class Interrupted(ProvisionError):
    """The run was stopped, by a signal or because Box stayed away; it can be resumed."""

    exit_code = ExitCode.INTERRUPTED


class Locked(ProvisionError):
    """Another run holds this enterprise."""

    exit_code = ExitCode.LOCKED


class BoxRefused(ProvisionError):
    """Box refused the sign-in, is unreachable, or did not tell all it was asked."""

    exit_code = ExitCode.BOX_REFUSED


class SignInRefused(BoxRefused):
    """Box does not accept our credentials, or they lack a right the job needs."""


class BoxUnreachable(BoxRefused):
    """No usable answer from Box at the address of the job."""


class IncompleteDirectory(BoxRefused):
    """The listing of the enterprise has a hole, so nothing may be concluded from it."""


class NotVerified(BoxRefused):
    """A run has come to its end, and the enterprise could not be read afresh: what Box answered stands."""


class OurFault(ProvisionError):
    """A promise of this program does not hold."""

    exit_code = ExitCode.OUR_FAULT


@dataclass(frozen=True, slots=True)
class BoxAnswer:
    """What may be kept of an answer from Box: nothing personal in it.

    ``http_status`` is 0 if there was none. ``code`` is Box's own error code or "". ``request_id`` is for Box support.
    ``fields`` are the names of parameters that Box complains of, with commas between, never a value; a journal keeps them
    in its notes.
    """

    http_status: int = 0
    code: str = ""
    request_id: str = ""
    fields: str = field(default="", compare=False)


class BoxFault(Exception):
    """One call to Box did not go well. ``answer`` is safe to log, journal and show."""

    #: whether a write may have happened although no good answer came
    doubtful = False
    #: whether sending again later can help
    transient = False
    #: what is said of it where no answer with a status came
    silence = "no connection"

    def __init__(self, answer: BoxAnswer | None = None) -> None:
        self.answer = answer or BoxAnswer()
        super().__init__(f"{type(self).__name__} {self.answer.http_status} {self.answer.code}".strip())


class Throttled(BoxFault):
    """429. ``retry_after``: seconds, for every worker at once (developer.box.com, Rate limits); ``per_minute``: calls then, or 0."""

    transient = True

    def __init__(self, answer: BoxAnswer, retry_after: float) -> None:
        super().__init__(answer)
        self.retry_after = retry_after
        self.per_minute = 0.0

    #: whose calls Box may count together with ours (developer.box.com, Rate limits; help centre, article 20298633634707)
    usually = (
        "another program or job that signs in as the same account, of which Box takes about 1,000 calls a minute; or the "
        "enterprise's allowance of calls is used up"
    )

    @property
    def told(self) -> str:
        """That Box is throttling requests, and at which rate."""
        rate = f", at {self.per_minute:,.0f} calls a minute" if self.per_minute else ""
        code = self.answer.code or "rate_limit_exceeded"
        return f"Box is throttling requests (HTTP {self.answer.http_status} {code}{rate})."


class NotSent(BoxFault):
    """No connection could be made: the request did not leave."""

    transient = True


class Lost(BoxFault):
    """The connection broke after sending, or the answer is not readable: a write may have happened."""

    doubtful = True
    transient = True
    silence = "no readable answer"


class Garbled(Lost):
    """A success that cannot be read: no JSON, or without what it must have. For a listing that is a hole."""


class LedElsewhere(Lost):
    """A redirect, which Box never sends: whoever answered is not Box, and nothing was sent to where it leads."""


class ServerTrouble(BoxFault):
    """5xx: a write may still happen (developer.box.com, Common errors, 503). ``retry_after`` in seconds, or 0."""

    doubtful = True
    transient = True

    def __init__(self, answer: BoxAnswer, retry_after: float = 0.0) -> None:
        super().__init__(answer)
        self.retry_after = retry_after


class Away(BoxFault):
    """Box answered nobody for as long as the job waits (``apply.give_up_after``). ``doubtful`` if a try may have written."""

    def __init__(self, answer: BoxAnswer, *, doubtful: bool = False) -> None:
        super().__init__(answer)
        self.doubtful = doubtful


class Expired(BoxFault):
    """401: the token is no longer good."""

    transient = True


class NotFound(BoxFault):
    """404."""


class Conflict(BoxFault):
    """409. ``box_id`` is the account in the way where Box names it, else ""."""

    def __init__(self, answer: BoxAnswer, box_id: str = "") -> None:
        super().__init__(answer)
        self.box_id = box_id


class Rejected(BoxFault):
    """Another 4xx: this person's outcome. ``scope_missing`` tells a 403 that every further call would get too."""

    def __init__(self, answer: BoxAnswer, *, scope_missing: bool = False) -> None:
        super().__init__(answer)
        self.scope_missing = scope_missing


class TokenRefused(Rejected):
    """The token endpoint said no. ``detail`` is Box's own sentence; ``skew`` is our clock minus Box's, in seconds."""

    def __init__(self, answer: BoxAnswer, detail: str, skew: float) -> None:
        super().__init__(answer)
        self.detail = detail
        self.skew = skew
