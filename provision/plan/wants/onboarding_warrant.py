"""What warrants, in a saved plan, what new people get beside their account: the job's section on it. Pure."""

from __future__ import annotations

from collections.abc import Collection

from provision.job.settings import Job
from provision.model import Kind
from provision.operations.content.folders import place_of, wanted_role
from provision.operations.content.starter_common import told_tree, written_copy
from provision.operations.value import Change
from provision.plan.wants.group_access import named
from provision.plan.wants.onboarding_entries import entry_of

ONBOARDING = (Kind.FOLDER_CREATE, Kind.COLLABORATION_ADD, Kind.STARTER_CONTENT)


def why_not(change: Change, job: Job, needed: Collection[str]) -> str:
    """Why nothing warrants this operation, "" for one that is; ``needed`` are the operations that others need."""
    asked = job.onboarding.collaborations if job.onboarding else ()
    wanted = {named(each) if each.group else each.folder: each for each in asked}
    if change.kind is Kind.FOLDER_CREATE:
        makes = any(each.create for each in wanted.values())
        return "" if makes and change.id in needed else "nobody is to be let into the folder that it makes"
    if not (change.line or change.of_nobody):
        return "no row of the roster asks for it"
    if change.kind is Kind.STARTER_CONTENT:
        return _against_content(change, job)
    access = wanted.get(change.object if change.of_nobody else entry_of(change))
    if access is None or access.role.value != wanted_role(change):
        return "the job lets nobody into this folder in this role (onboarding.collaborations)"
    place = place_of(change)
    told = access.folder == place or "{" in access.folder
    return "" if told and change.folder in ("", place) else "the job names another folder"


def _against_content(change: Change, job: Job) -> str:
    given = {each.entry: each for each in job.onboarding.content} if job.onboarding else {}
    content = given.get(change.object)
    if content is None or entry_of(change) != change.object or change.folder != (content.copy_folder or ""):
        return "the job gives nobody this content (onboarding.content)"
    told = [each.after for each in change.fields]
    named = told == [written_copy(change.folder)] if change.folder else told_tree(change)[0] == change.object
    return "" if named else "it says something else than what the job gives (onboarding.content)"
