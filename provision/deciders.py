"""Who decided: the name that was given, and what the operating system says of who gave it; and how many people several are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provision.model import fold

#: what stands in the place of a terminal for a word that came from none
NO_TERMINAL = "none"


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decided something: ``name`` as it was given, and the operating system's user, host and terminal.

    A terminal is a device, or NO_TERMINAL. What an earlier release wrote has only the name; the rest is "" then.
    """

    name: str = ""
    os_user: str = ""
    host: str = ""
    terminal: str = ""

    @property
    def told(self) -> str:
        """How reports name who decided."""
        if not self.os_user:
            return self.name
        return f"{self.name} (user {self.os_user} on {self.host}, {self._place})"

    @property
    def _place(self) -> str:
        return "no terminal" if self.terminal == NO_TERMINAL else self.terminal

    @property
    def row(self) -> dict[str, str]:
        """As files, logs and tables keep it; the inverse of :meth:`of`."""
        return {"by": self.name, "os_user": self.os_user, "host": self.host, "terminal": self.terminal}

    @classmethod
    def of(cls, row: Mapping[str, object]) -> Decider:
        """Who a row of a file or a table names; one of an earlier release has a name only."""
        return cls(*(str(row.get(name) or "") for name in ("by", "os_user", "host", "terminal")))

    def may_be(self, other: Decider) -> bool:
        """Whether both may be one person: by the name that was given, or by the operating system's user where both are known."""
        if self.os_user and fold(self.os_user) == fold(other.os_user):
            return True
        return fold(self.name) == fold(other.name)


#: what stands where nobody decided
NOBODY = Decider()


def people(deciders: Iterable[Decider]) -> int:
    """How many people these are for sure: who may be one person counts once, also by way of a third."""
    groups: list[list[Decider]] = []
    for each in deciders:
        same = [group for group in groups if any(each.may_be(one) for one in group)]
        groups = [group for group in groups if group not in same]
        groups.append([each, *(one for group in same for one in group)])
    return len(groups)
