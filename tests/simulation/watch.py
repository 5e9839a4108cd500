"""Watches what is sent: nothing is sent again that had happened and could be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

#: writes that are looked for before they are sent again
_LOOKED_FOR = (
    "create", "update", "delete", "roll out", "group", "join", "role of", "leave", "add alias to", "remove alias of",
    "let into", "take out of", "copy",
)  # fmt: skip
#: what makes up uploads: names are unique in a folder, so that each is there once
_UPLOADS = ("upload", "begin", "part", "end")
#: writes that may be sent again: a session that has ended, a folder that is there, one that lies where it is put, a mail, access
#: that somebody has, or has no more
_HARMLESS_TWICE = ("end sessions of", "folder", "move", "invite", "open", "close", *_UPLOADS)
#: plans in a row that have to see that a transfer never began before it is sent again
_SURE = 2


class Request(NamedTuple):
    """One request: what it asks, and of whom: a box id, a login or an external id."""

    verb: str
    whom: str
    fields: Mapping[str, str] = {}

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.verb in (*_LOOKED_FOR, *_HARMLESS_TWICE, "transfer")

    @property
    def repeats(self) -> bool:
        """Whether it may be sent again without a look: a second time does no harm."""
        return self.completes or self.verb in _HARMLESS_TWICE

    @property
    def completes(self) -> bool:
        """Whether it is the second request of a create; setting a value twice is setting it once."""
        return self.verb == "update" and set(self.fields) == {"notification_email"}

    @property
    def name(self) -> str:
        """What makes two requests the same."""
        told = " ".join(f"{name}={cell}" for name, cell in sorted(self.fields.items()))
        return f"{self} {told}".rstrip() if self.fields and self.verb != "create" else str(self)

    def __str__(self) -> str:
        return f"{self.verb} {self.whom}"


@dataclass
class _Tried:
    """A write that may have been carried out.

    ``showed``: what the last look of this process said after it, None without a look; ``planned``: what the listing said
    from which a fresh plan was made after it; ``missed``: how many plans in a row were made that saw nothing of it.
    """

    whom: str
    shown: Callable[[], bool]
    showed: bool | None = None
    planned: bool | None = None
    missed: int = 0


@dataclass
class Watch:
    """``sent`` counts the requests of this process that may have been carried out, by name."""

    sent: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    _tried: dict[str, _Tried] = field(default_factory=dict)

    def begin(self) -> None:
        """Another process begins: it knows nothing of what was seen before, but for what its plan has seen."""
        self.sent.clear()
        for tried in self._tried.values():
            tried.showed = tried.planned

    def listed(self) -> None:
        """The enterprise was read for a fresh plan, which is a look at everybody."""
        for tried in self._tried.values():
            tried.planned = tried.shown()
            tried.missed = 0 if tried.planned else tried.missed + 1

    def sends(self, request: Request, shown: Callable[[], bool]) -> None:
        """A write leaves. ``shown`` tells whether a look would show that it was carried out."""
        self.sent[request.name] += not request.completes
        tried = self._tried.get(request.name)
        if tried is not None and not request.repeats:
            self._judge_again(request, tried)
        self._tried[request.name] = _Tried(request.whom, shown)

    def _judge_again(self, request: Request, tried: _Tried) -> None:
        if request.verb == "transfer":
            if tried.missed < _SURE or tried.shown():
                self.broken.append(f"{request} was sent again, and nothing has shown that it never began")
        elif tried.showed is None:
            self.broken.append(f"{request} was sent again without a look")
        elif tried.showed:
            self.broken.append(f"{request} was sent again although the look showed it")

    def refused(self, request: Request) -> None:
        """The answer came, and was a refusal: surely not carried out."""
        self._tried.pop(request.name, None)

    def looked(self, request: Request) -> None:
        """The answer to a look came."""
        for tried in self._tried.values():
            if tried.whom == request.whom:
                tried.showed = tried.shown()
