"""How far a leaver's way has gone: the ledger's rows of it as a value, and what a look at the account makes of it.

Box tells nobody when a transfer ends (Box API reference, PUT /users/{user_id}/folders/0), so the source tells: it is over
when the account was twice, some time apart, seen to own nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
import pandas as pd

from provision.ledger.value import STAGE_COLUMNS, Memory


class Mark(StrEnum):
    """What a row of the ledger's stages says of an account; ``at`` is since when, ISO."""

    LEFT = "left"
    SESSIONS = "end_sessions"
    TRANSFER = "transfer"
    OWNS = "owns"
    EMPTY = "empty"
    MOVED = "moved"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Look:
    """What an account whose content was sent to another one was seen to own just before the plan was made.

    ``owns`` is in bytes, None if that could not be read. ``landing``: whether the folder that a transfer makes is in the
    root of the other account, None if nobody looked there or Box did not let us.
    """

    box_id: str
    owns: int | None
    landing: bool | None = None


@dataclass(frozen=True, slots=True)
class TransferSent:
    """A transfer that was sent at ``at`` (ISO): the Box id of the receiver and how people name that account.

    ``told``: Box answered that it took it; otherwise nobody knows whether it began. ``made`` is the folder that it made, "" where
    Box did not tell it.
    """

    at: str
    to: str
    to_key: str
    told: bool
    made: str = ""


@dataclass(frozen=True, slots=True)
class ArchiveWish:
    """The ``folder`` of a transfer that is not in the archive yet: into which folders it is to come (``place``), since when (ISO).

    It lies in the root of ``to``, whom people name ``to_key``.
    """

    at: str
    folder: str
    place: str
    to: str
    to_key: str


@dataclass(frozen=True, slots=True)
class Progress:
    """The stages an account has behind it. Times are ISO, "" for not.

    ``left_at``: this job deactivated it · ``sessions_at``: it was signed out everywhere · ``owns`` since ``owns_since``:
    the bytes it was last seen to own after the transfer · ``empty_at``: it was first seen to own nothing · ``moved_at``:
    it was seen so again, late enough to prove it · ``lost``: a look has just shown that the transfer never began.
    ``gone_at``: since when it is known that the person has left, where no date of the roster tells, and ``gone_for`` why: the day of
    an end date, or a reason. ``archive``: the folder of the transfer still has to be put into the archive.
    """

    left_at: str = ""
    sessions_at: str = ""
    transfer: TransferSent | None = None
    owns: int = -1
    owns_since: str = ""
    empty_at: str = ""
    moved_at: str = ""
    lost: bool = False
    gone_at: str = ""
    gone_for: str = ""
    archive: ArchiveWish | None = None

    @property
    def moving(self) -> bool:
        """Whether content was sent away and is not proven to have arrived."""
        return self.transfer is not None and not self.moved_at

    def seen(self, look: Look, at: datetime, apart: timedelta) -> Progress:
        """The way after a look at ``at``. ``apart`` is how far apart two looks have to be to prove something."""
        if not self.moving or look.owns is None:
            return self
        if look.owns == 0:
            enough = self.empty_at != "" and _since(self.empty_at, at) >= apart
            return replace(
                self, empty_at=self.empty_at or at.isoformat(), moved_at=at.isoformat() if enough else ""
            )
        still = look.owns == self.owns
        since = self.owns_since if still else at.isoformat()
        told = self.transfer is not None and self.transfer.told
        lost = still and not told and look.landing is False and _since(since, at) >= apart
        return replace(self, owns=look.owns, owns_since=since, empty_at="", lost=lost)


def _since(then: str, now: datetime) -> timedelta:
    return now - datetime.fromisoformat(then)


def progress_of(memory: Memory) -> dict[str, Progress]:
    """The ways of all accounts that have gone some of it, by box id."""
    left = memory.accounts["left_at"] != ""
    ids = memory.accounts["box_id"][left].tolist()
    times = memory.accounts["left_at"][left].tolist()
    progress_by_id = {box_id: Progress(left_at=at) for box_id, at in zip(ids, times, strict=True)}
    rows: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    stages = (memory.stages[name].tolist() for name in STAGE_COLUMNS)
    for box_id, mark, at, detail in zip(*stages, strict=True):
        rows[box_id][mark] = (at, detail)
    return progress_by_id | {
        box_id: _progress(progress_by_id.get(box_id, Progress()), marks) for box_id, marks in rows.items()
    }


def _progress(progress: Progress, marks: Mapping[str, tuple[str, str]]) -> Progress:
    none = ("", "")
    sent_at, detail = marks.get(Mark.TRANSFER, none)
    owns_since, owns = marks.get(Mark.OWNS, none)
    gone_at, gone_for = marks.get(Mark.LEFT, none)
    since, wish = marks.get(Mark.ARCHIVE, none)
    return replace(
        progress,
        gone_at=gone_at,
        gone_for=gone_for,
        sessions_at=marks.get(Mark.SESSIONS, none)[0],
        transfer=TransferSent(sent_at, **msgspec.json.decode(detail)) if sent_at else None,
        owns=int(owns) if owns else -1,
        owns_since=owns_since,
        empty_at=marks.get(Mark.EMPTY, none)[0],
        moved_at=marks.get(Mark.MOVED, none)[0],
        archive=ArchiveWish(since, **msgspec.json.decode(wish)) if since else None,
    )


def rows_of(progress_by_id: Mapping[str, Progress]) -> pd.DataFrame:
    """The ledger's rows of these ways: STAGE_COLUMNS, sorted; ``left_at`` is kept with the account."""
    rows = [
        (box_id, *mark) for box_id, progress in sorted(progress_by_id.items()) for mark in _marks(progress)
    ]
    return pd.DataFrame(rows, columns=list(STAGE_COLUMNS), dtype="str")


def _marks(progress: Progress) -> Iterable[tuple[str, str, str]]:
    sent, wish = progress.transfer, progress.archive
    marks = (
        (Mark.ARCHIVE, wish.at if wish else "", _detail(wish)),
        (Mark.EMPTY, progress.empty_at, ""),
        (Mark.LEFT, progress.gone_at, progress.gone_for),
        (Mark.SESSIONS, progress.sessions_at, ""),
        (Mark.MOVED, progress.moved_at, ""),
        (Mark.OWNS, progress.owns_since, str(progress.owns)),
        (Mark.TRANSFER, sent.at if sent else "", _detail(sent)),
    )
    return [(mark.value, at, detail) for mark, at, detail in marks if at]


def _detail(told: TransferSent | ArchiveWish | None) -> str:
    """What is kept beside the time, as JSON; a folder that is not known is left out."""
    cells = asdict(told) if told else {}
    kept = {name: cell for name, cell in cells.items() if name != "at" and (name, cell) != ("made", "")}
    return msgspec.json.encode(kept, order="sorted").decode()


def after_looks(
    progress_by_id: Mapping[str, Progress], looks: Iterable[Look], at: datetime, apart: timedelta
) -> dict[str, Progress]:
    """The ways after all looks of one moment; a look of before the transfer says nothing."""
    known = dict(progress_by_id)
    for look in looks:
        progress = known.get(look.box_id, Progress())
        if progress.transfer is not None and datetime.fromisoformat(progress.transfer.at) < at:
            known[look.box_id] = progress.seen(look, at, apart)
    return known


def walked_back(progress: Progress) -> Progress:
    """Somebody who comes back begins anew; content that is on its way stays so, whoever gets it."""
    if not progress.moving:
        return Progress()
    return replace(progress, left_at="", gone_at="", gone_for="", sessions_at="")
