"""Whose files count: of who runs this, of root, and of the members of the job's ``runs_group``; and files shared with that group."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from provision.errors import InputError, RunFolderError
from provision.job.settings import Job
from provision.runs.folder import INBOX_NAME

#: members read, and go in; nobody else does
SHARED_FOLDER, SHARED_FILE = 0o750, 0o640
#: members put files of their own there, and take away none of others
_INBOX = 0o1770
#: what the group needs to find its way in
_ENTER = stat.S_IRGRP | stat.S_IXGRP
_ROOT = 0


def group_of(job: Job) -> int | None:
    """The number of the job's ``runs_group``, None without one. Raises InputError where there is no such group."""
    if job.runs_group is None:
        return None
    try:
        import grp
    except ImportError:
        raise InputError(
            f"The job {job.name} names a runs_group, and this operating system has no groups of that kind.",
            cause="the job file was made for Linux or macOS",
            remedy="take runs_group out; whoever approves then does so as the user who runs the job",
        ) from None
    try:
        return grp.getgrnam(job.runs_group).gr_gid
    except KeyError:
        raise InputError(
            f"There is no group {job.runs_group} on this machine (runs_group).",
            cause="a typing error, or another machine than the one where the group was made",
            remedy="name a group that getent group lists, or take runs_group out",
        ) from None


def is_member(uid: int, group: int) -> bool:
    """Whether a user of the operating system is in a group, whatever way the system knows its users by."""
    try:
        import pwd

        user = pwd.getpwuid(uid)
        return group in os.getgrouplist(user.pw_name, user.pw_gid)
    except (ImportError, KeyError, OSError):
        return False


def counts(uid: int, job: Job) -> bool:
    """Whether what this user owns may decide something."""
    if uid in (os.getuid(), _ROOT):
        return True
    group = group_of(job)
    return group is not None and is_member(uid, group)


def is_of_others(folder: Path, job: Job) -> bool:
    """Whether a run folder of a job with a ``runs_group`` is somebody else's, so that one's own word lies beside it."""
    if job.runs_group is None or not hasattr(os, "geteuid"):
        return False
    return os.geteuid() not in (folder.stat().st_uid, _ROOT)


def expect_group(job: Job) -> None:
    """Raise InputError for a ``runs_group`` that this user cannot give files to."""
    group = group_of(job)
    if group is None or os.geteuid() == _ROOT or group in (os.getegid(), *os.getgroups()):
        return
    raise InputError(
        f"You are no member of the group {job.runs_group} (runs_group), so you can share no run folder with it.",
        cause="the user who runs the job was not put into the group, or has not signed in since",
        remedy=f"put that user into the group {job.runs_group}, sign in again, then run again",
    )


def share(folder: Path, job: Job) -> None:
    """Let the job's ``runs_group`` read a run folder, and put words of their own into it; only what this user owns is changed.

    Raises RunFolderError.
    """
    group = group_of(job)
    if group is None or not folder.is_dir():
        return
    try:
        if not is_of_others(folder, job):
            (folder / INBOX_NAME).mkdir(mode=0o700, exist_ok=True)
        for path in (*folder.rglob("*"), folder):
            _give(path, group, _INBOX if path == folder / INBOX_NAME else SHARED_FOLDER)
        found = job.runs.stat()
        # one that is open wider is so by somebody's word
        if found.st_gid != group or found.st_mode & _ENTER != _ENTER:
            _give(job.runs, group, SHARED_FOLDER)
    except OSError as error:
        raise RunFolderError(
            f"The run folder {folder} cannot be shared with the group {job.runs_group} ({error.strerror}).",
            cause="the user who runs the job is no member of the group, or the disk knows no groups",
            remedy="put the user into the group, or take runs_group out of the job file",
        ) from None


def give_file(path: Path, job: Job) -> None:
    """Let the job's ``runs_group`` read one file of this user's. Raises OSError."""
    if (group := group_of(job)) is not None:
        _give(path, group, SHARED_FOLDER)


def _give(path: Path, group: int, folder_mode: int) -> None:
    """A link is left as it is: what it leads to may be anything."""
    with contextlib.suppress(FileNotFoundError):  # a side file of the journal, gone meanwhile
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode) or found.st_uid != os.geteuid():
            return
        mode = folder_mode if stat.S_ISDIR(found.st_mode) else SHARED_FILE
        if found.st_gid != group:
            os.chown(path, -1, group)
        if stat.S_IMODE(found.st_mode) != mode:
            path.chmod(mode)
