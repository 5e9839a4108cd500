"""One of several sources as a value, before they are put together."""

from __future__ import annotations

from dataclasses import dataclass, replace

from provision.errors import RosterError
from provision.job.places import without_secrets
from provision.job.settings import RosterSettings
from provision.roster.profile.profile import Profile
from provision.roster.reading import SourceTrouble
from provision.roster.value import Roster


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a roster: its ``name`` in the job ("" where the roster is one file), how it is to be read, and what it holds.

    Without a ``roster`` it says nothing this time: ``trouble`` and ``why`` tell the reason, ``error`` what its reader said.
    ``profile`` describes what it held when it was good last, None if nobody knows, ``allow`` the flags that let it count as it is.
    """

    name: str
    settings: RosterSettings
    roster: Roster | None = None
    error: RosterError | None = None
    trouble: SourceTrouble = SourceTrouble.NONE
    why: str = ""
    profile: Profile | None = None
    allow: str = ""

    @property
    def path(self) -> str:
        """Where its file is, or as the job says it."""
        return self.roster.path if self.roster else without_secrets(self.settings.path)

    def set_aside(self, trouble: SourceTrouble, why: str) -> SourceFile:
        """The source as one that says nothing this time."""
        return replace(self, roster=None, trouble=trouble, why=why)
