"""The section on new people: what they get beside their account, or in its place."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from provision.job.invitations import Invitations
from provision.job.values import Duration


class OnboardingSettings(Invitations):
    """New people. Without this section they get an account and nothing else."""

    wait: Duration = Field(
        timedelta(days=14),
        description="how long somebody may take to confirm or accept what Box asks of them before it is exit 3 again",
    )
