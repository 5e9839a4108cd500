"""Whose login is changed by the job, and not only told of."""

from __future__ import annotations

import pandas as pd

from provision.directory.scope import login_in_scope
from provision.frames import folded
from provision.job.settings import Job, LoginChanges
from provision.plan.columns import Mask


def moving(frame: pd.DataFrame, job: Job) -> Mask:
    """Who of a people frame (see :class:`provision.plan.situations.Situations`) gets another login by this job.

    An account whose new login is outside of the job's domains would be lost to it, so that stays with a person.
    """
    wanted: Mask = (frame["new_login"] != "").to_numpy(bool, copy=True)
    if job.match.login_changes is not LoginChanges.APPLY or not wanted.any():
        return wanted & False
    wanted[wanted] = login_in_scope(folded(frame["new_login"][wanted]), job.scope)
    return wanted
