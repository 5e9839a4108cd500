"""Watches what is sent: nothing is sent again that had happened and could be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Request(NamedTuple):
    """One request: what it asks, and of whom: a box id, a login or an external id."""

    verb: str
    whom: str
    fields: Mapping[str, str] = {}

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.verb in ("create", "update", "delete")

    @property
    def completes(self) -> bool:
        """Whether it is the second request of a create; setting a value twice is setting it once."""
        return self.verb == "update" and set(self.fields) == {"notification_email"}

    @property
    def name(self) -> str:
        """What makes two requests the same."""
        told = " ".join(f"{name}={cell}" for name, cell in sorted(self.fields.items()))
        return f"{self} {told}" if self.verb == "update" else str(self)

    def __str__(self) -> str:
        return f"{self.verb} {self.whom}"


@dataclass
class _Tried:
    """A write that may have been carried out.

    ``showed``: what the last look of this process said after it, None without a look; ``planned``: what the listing said
    from which a fresh plan was made after it.
    """

    shown: Callable[[], bool]
    showed: bool | None = None
    planned: bool | None = None


@dataclass
class Watch:
    """``sent`` counts the requests of this process that may have been carried out, by what they ask of whom."""

    sent: Counter[tuple[str, str]] = field(default_factory=Counter)
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

    def sends(self, request: Request, shown: Callable[[], bool]) -> None:
        """A write leaves. ``shown`` tells whether a look would show that it was carried out."""
        self.sent[request.verb, request.whom] += not request.completes
        tried = self._tried.get(request.name)
        if tried is not None and not request.completes:
            if tried.showed is None:
                self.broken.append(f"{request} was sent again without a look")
            elif tried.showed:
                self.broken.append(f"{request} was sent again although the look showed it")
        self._tried[request.name] = _Tried(shown)

    def refused(self, request: Request) -> None:
        """The answer came, and was a refusal: surely not carried out."""
        self._tried.pop(request.name, None)

    def looked(self, request: Request) -> None:
        """The answer to a look came."""
        for name, tried in self._tried.items():
            if name.partition(" ")[2].partition(" ")[0] == request.whom:
                tried.showed = tried.shown()
