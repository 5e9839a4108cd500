"""The keys on people whose login is that of an account outside of the enterprise."""

from __future__ import annotations

from pydantic import Field

from provision.job.section import Section


class Invitations(Section):
    """Who is invited in the place of getting an account. Without it nobody is."""

    invite_existing: bool = Field(
        False,
        description="whether people whose login belongs to a personal account are invited to the enterprise, and tracked until they answer",
    )
