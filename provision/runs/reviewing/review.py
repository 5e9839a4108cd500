"""A run looked at in a browser, and decided about: from the printed address to the end of the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from provision.errors import ExitCode, UsageError
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.runs.approving.opened import opened
from provision.runs.observer import Remark, Serving
from provision.runs.reviewing.admission import Admission
from provision.runs.reviewing.loopback import Loopback
from provision.runs.reviewing.session import Session
from provision.runs.start import Begun
from provision.wording import counted


@dataclass(frozen=True, slots=True)
class ReviewWishes:
    """How a review is wanted: whose name the page proposes, the port (0 takes a free one), after how many idle seconds it ends."""

    by: str = ""
    port: int = 0
    idle: float = 900.0


class End(StrEnum):
    """How a review ended: by the page's button, by a signal, or since nobody did anything."""

    FINISHED = "finished"
    STOPPED = "stopped"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Reviewed(Summary):
    """What was decided on the page; as JSON it is nothing but that."""

    decided: tuple[Mapping[str, Any], ...] = ()
    ended_by: str = ""

    def to_json(self) -> str:
        """One JSON object on one line."""
        names = ("run_id", "job", "exit_code", "error", "decided", "ended_by")
        return json.dumps({name: getattr(self, name) for name in names}, ensure_ascii=False)


_ENDED = {
    End.FINISHED: "The review was finished on the page",
    End.STOPPED: "The review was stopped; what was decided stays",
    End.IDLE: "The review ended, since nothing was done on the page for a while; what was decided stays",
}


def review(name: str, wishes: ReviewWishes, begun: Begun) -> Reviewed:
    """Serve the page of a run until its reader is done. Raises as :func:`provision.runs.approving.opened.opened`."""
    found, observer = opened(name, begun), begun.observer
    with observer.careful(), _served(wishes.port) as server:
        session = Session(name, wishes.by, observer, Admission(server.port))
        server.admits = session.admits
        idle = session.idles(wishes.idle)
        observer.note(Serving(session.admission.address, wishes.idle))
        finished = server.answer_each(session.answered, lambda: observer.halt.wanted or idle())
    end = End.FINISHED if finished else End.STOPPED if observer.halt.wanted else End.IDLE
    observer.note(
        Remark(f"{_ENDED[end]}: {counted(len(session.decided), 'word')} on run {found.run.about.run_id}.")
    )
    return Reviewed(
        run_id=found.run.about.run_id,
        job=found.job.name,
        status=RunStatus.NO_CHANGES,
        exit_code=int(ExitCode.DONE),
        decided=tuple(session.decided),
        ended_by=end.value,
    )


def _served(port: int) -> Loopback:
    try:
        return Loopback(port)
    except OSError as error:
        raise UsageError(
            f"The page cannot be served at port {port}: {error.strerror or error}.",
            cause="another program has the port, or this user may not take it",
            remedy="leave --port out, which takes a free one, or name another",
        ) from None
