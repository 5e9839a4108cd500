"""What is read beside the listing before a plan: what leavers still own whose content was sent to somebody else."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import pandas as pd

from provision.box.connect import Connection
from provision.box.leaving import landing_names
from provision.directory.scope import Directory
from provision.errors import BoxFault
from provision.job.settings import Job, TokenAuth
from provision.ledger.progress import Look, Progress, progress_of
from provision.ledger.value import Memory
from provision.model import SERVICE_ACCOUNT
from provision.operations.content.pages import by_marker
from provision.plan.value import LeaverLooks


def look_at_leavers(job: Job, directory: Directory, memory: Memory, connection: Connection) -> LeaverLooks:
    """One read for each leaver whose content is on its way; what Box does not answer is not known, and proves nothing."""
    waiting = {box_id: progress for box_id, progress in progress_of(memory).items() if progress.moving}
    service_account = _service_account(job, directory, connection)
    people = _people(directory, waiting) if waiting else []
    looks = connection.retry.each([partial(_look, waiting[who[0]], who, connection) for who in people])
    return LeaverLooks(tuple(looks), service_account)


def _people(directory: Directory, box_ids: Collection[str]) -> list[tuple[str, str, str]]:
    """Id, login and name of those who are listed."""
    found = directory.where(lambda users: users["box_id"].isin(box_ids), ("box_id", "login", "name"))
    return list(found.itertuples(index=False, name=None))


def _service_account(job: Job, directory: Directory, connection: Connection) -> str:
    """Who signs in with JSON Web Tokens or client credentials is the service account; a token may be anybody's."""
    if not isinstance(job.box.auth, TokenAuth):
        return connection.me.box_id
    found = directory.where(_are_services, ("box_id", "login_key"))["box_id"].tolist()
    return str(found[0]) if len(found) == 1 else ""


def _are_services(users: pd.DataFrame) -> pd.Series[bool]:
    return users["login_key"].str.startswith(SERVICE_ACCOUNT.lower())


def _look(progress: Progress, who: tuple[str, str, str], connection: Connection) -> Look:
    box_id, login, name = who
    box, read = connection.box, connection.retry.read
    try:
        owns = read(partial(box.space_used, box_id))
    except BoxFault:
        return Look(box_id, None)
    unclear = progress.transfer is not None and not progress.transfer.told and owns == progress.owns
    return Look(box_id, owns, _landing(progress, (login, name), connection) if unclear else None)


def _landing(progress: Progress, who: tuple[str, str], connection: Connection) -> bool | None:
    """Whether the folder that a transfer makes lies in the receiver's root; None if Box does not let us look."""
    receiver = progress.transfer.to if progress.transfer else ""
    as_user = "" if receiver == connection.me.box_id else receiver
    try:
        return any(_there(name, as_user, connection) for name in landing_names(*who))
    except BoxFault:
        return None


def _there(name: str, as_user: str, connection: Connection) -> bool:
    box, read = connection.box, connection.retry.read
    pages = by_marker(lambda marker: read(lambda: box.find_folder(name, as_user=as_user, marker=marker)))
    return any(page.folder_id for page in pages)
