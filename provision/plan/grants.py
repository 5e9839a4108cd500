"""Who is to be created as a co-admin: first without the rights, which are an operation of their own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from provision.because import Because, reason
from provision.model import Kind
from provision.operations.value import Change
from provision.plan.coadmins import ROLE, granting, grants
from provision.plan.halves import Parts, in_halves
from provision.plan.leavers.leavers import LeaverDecision


def with_grants(
    changes: Mapping[int, Change],
    leaving: Mapping[int, LeaverDecision],
    apart: Mapping[int, Change],
    further: Mapping[int, Parts],
) -> dict[int, Parts]:
    """All operations of each person as :func:`in_halves` makes them; who is to be created as a co-admin is so without the rights first."""
    asked = {
        at: change
        for at, change in changes.items()
        if change.kind is Kind.CREATE and ROLE in change.field_names and any(map(grants, change.fields))
    }
    if not asked:
        return in_halves(changes, leaving, apart, further)
    plain, more = dict(changes), dict(further)
    for at, change in asked.items():
        given = tuple(each for each in change.fields if grants(each))
        plain[at] = replace(change, fields=tuple(each for each in change.fields if each not in given))
        later = replace(change, kind=Kind.UPDATE, fields=given, because=reason(Because.DIFFERS, fields=ROLE))
        more[at] = (*more.get(at, ()), granting(later))
    return in_halves(plain, leaving, apart, more)
