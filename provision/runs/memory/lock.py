"""One run per enterprise at a time: operating system locks that die with their process, and a lease that says who.

The locks decide on one machine; the lease, a row in the ledger renewed as long as the run lives, decides between
machines that share a ledger, and lets whoever has to wait know for whom.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import platform
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from provision.errors import Locked, ProvisionError
from provision.files import AT_ONCE, NO_LINK, expect_file, own_folder, private_folder, trouble_with
from provision.job.settings import Job
from provision.ledger.address import file_of
from provision.ledger.store import Ledger, open_ledger
from provision.ledger.value import Lease
from provision.runs.memory.job_ledger import ledger_of
from provision.runs.observer import Observer, Remark
from provision.runs.places.owners import counts

#: how long after its last sign of life a run on another machine is taken to be at work
ALIVE = timedelta(seconds=120)
#: how long after it a run begins nothing more on a ledger that machines share; their clocks may differ by what is between the two
FRESH = timedelta(seconds=60)
#: seconds between two signs of life
_BEAT = 20.0

Clock = Callable[[], datetime]


@contextlib.contextmanager
def only_run(job: Job, enterprise_id: str, run_id: str, observer: Observer) -> Iterator[None]:
    """Hold the enterprise for the duration of a run. Raises Locked, naming the holder, if another run has it.

    The run is stopped if it was silent for so long that another machine has taken the enterprise; and on a ledger that several
    machines share, as soon as it has not been able to give a sign of life for FRESH.
    """
    with locked(job, enterprise_id):
        lease, left = _leased(job, enterprise_id, run_id, observer.now)
        kept = _Kept(job, lease, observer)
        try:
            with _alive(kept.beat), observer.halt.looking(kept.trouble):
                if left is not None:
                    _wait_for(left, job, observer)
                yield
        finally:
            _gently(job.state.url, lambda ledger: ledger.release_lease(lease))


class _Kept:
    """A lease as who has it knows it, by its own clock: Box asks nobody for it, so that only its holder can stop in time."""

    def __init__(self, job: Job, lease: Lease, observer: Observer) -> None:
        self._job, self._lease, self._observer = job, lease, observer
        self._renewed_at = observer.now()
        self._shared = is_shared(job)

    def beat(self) -> bool:
        """Give a sign of life; whether to go on with that."""
        at = self._observer.now()
        held = renew(self._job.state.url, self._lease, self._observer.now)
        if held:
            self._renewed_at = at
        if held is False:
            holder = _holder(self._job, self._lease.enterprise_id)
            self._observer.halt.request(_taken_over(self._lease.enterprise_id, holder))
        return held is not False

    def trouble(self) -> Locked | None:
        """Why nothing new may begin: others that share the ledger will take the run for one that has ended."""
        if not self._shared or self._observer.now() - self._renewed_at <= FRESH:
            return None
        return _silent(self._lease.enterprise_id, self._renewed_at)


def is_shared(job: Job) -> bool:
    """Whether machines that have no file system in common may share the ledger."""
    return file_of(job.state.url) is None


def _wait_for(left: Lease, job: Job, observer: Observer) -> None:
    """Whoever had the enterprise begins nothing more, but a call that it made last may still be under way."""
    seconds = job.apply.timeout_seconds
    observer.note(
        Remark(
            f"The enterprise was left by {left.run_id} on {left.host}, whose last sign of life was at {left.renewed_at}. What it "
            f"sent last arrives within {seconds:.0f} seconds; until then nothing is read and nothing is sent"
        )
    )
    observer.timing.sleep(seconds)


@contextlib.contextmanager
def locked(job: Job, enterprise_id: str) -> Iterator[None]:
    """Hold the enterprise's locks on this machine, without a word in the ledger. Raises Locked.

    One lies beside the ledger, which all jobs on one enterprise are meant to share. The other one is the same for all
    jobs of this user, so that two with different ledgers do not work on one enterprise at once.
    """
    path = _place(job) / f"enterprise-{enterprise_id}.lock"
    private_folder(path.parent)
    lock = FileLock(path, timeout=0, mode=0o600)
    with contextlib.ExitStack() as held:
        with trouble_with(path):
            # a folder one may not write to is not another run, though the lock would take it for one
            _make(path, job)
            _take(lock, lambda: _told(job, enterprise_id, _holder(job, enterprise_id)))
        held.callback(lock.release)
        with contextlib.suppress(OSError):  # no folder of one's own: the first lock has to do
            _take_shared(_shared_place(job, enterprise_id), job, enterprise_id, held)
        yield


def renew(state: str, lease: Lease, now: Clock) -> bool | None:
    """Give a sign of life; False if the lease is lost, None where the ledger cannot be written now: no reason for the run to end."""
    held: bool | None = None

    def act(ledger: Ledger) -> None:
        nonlocal held
        held = ledger.renew_lease(lease, _stamp(now()))

    _gently(state, act)
    return held


def _take(lock: BaseFileLock, refusal: Callable[[], Locked]) -> None:
    try:
        lock.acquire()
    except Timeout:  # an OSError too, so it has to be told before the seam around this sees it
        raise refusal() from None


def _make(path: Path, job: Job) -> None:
    """Make the file of a lock. Raises OSError for what somebody put there to be followed, waited for, or held against us."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | NO_LINK | AT_ONCE, 0o600)
    try:
        found = os.fstat(number)
    finally:
        os.close(number)
    expect_file(found)
    if hasattr(os, "getuid") and not counts(found.st_uid, job):
        raise PermissionError(errno.EPERM, "it belongs to somebody else, who could hold it for ever")


def _place(job: Job) -> Path:
    """Beside the ledger; with the runs if that lies in no file."""
    path = file_of(job.state.url)
    return path.parent if path else job.runs


def _shared_place(job: Job, enterprise_id: str) -> Path:
    """One place for all jobs of this user. Raises OSError for a user without a folder of their own."""
    enterprise = f"{job.box.base_url.rstrip('/').casefold()} {enterprise_id}"
    digest = hashlib.sha256(enterprise.encode()).hexdigest()
    return own_folder("locks") / f"{digest[:32]}.lock"


def _take_shared(path: Path, job: Job, enterprise_id: str, held: contextlib.ExitStack) -> None:
    lock = FileLock(path, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        if _of_somebody_else(path):  # which says nothing about our runs
            return
        raise _told(job, enterprise_id, None) from None
    held.callback(lock.release)
    # removed while it is held: whoever has opened it by then finds, once it has the lock, that the file is gone
    held.callback(_removed, path)


def _of_somebody_else(path: Path) -> bool:
    try:
        return hasattr(os, "getuid") and path.lstat().st_uid != os.getuid()
    except FileNotFoundError:  # its holder has just ended
        return False


def _removed(path: Path) -> None:
    with contextlib.suppress(OSError):  # Windows removes it itself
        path.unlink()


def _leased(job: Job, enterprise_id: str, run_id: str, now: Clock) -> tuple[Lease, Lease | None]:
    """The lease, taken while the locks are held, and the one that another machine which shares the ledger has left.

    Raises Locked if another machine has it and is alive.
    """
    at = now()
    since = _stamp(at)
    lease = Lease(enterprise_id, job.name, run_id, _host(job), os.getpid(), since, since)
    with contextlib.closing(ledger_of(job)) as ledger:
        before = ledger.leaseholder(enterprise_id)
        holder = ledger.take_lease(lease, alive_since(at))
    if holder is not None:
        raise _told(job, enterprise_id, holder)
    left = before if before is not None and before.host != lease.host and is_shared(job) else None
    return lease, left


def alive_since(at: datetime) -> str:
    """Whoever gave a sign of life then or later is taken to be at work at ``at``; ISO."""
    return _stamp(at - ALIVE)


def _host(job: Job) -> str:
    """The name of this machine, and on a ledger that many share what tells it from another one of that name."""
    return f"{platform.node()} ({_boot()})" if is_shared(job) else platform.node()


@cache
def _boot() -> str:
    """What this boot of this machine, or this container, has in common with no other; "" where the system does not tell."""
    told = []
    with contextlib.suppress(OSError):
        told = [
            Path("/proc/sys/kernel/random/boot_id").read_text("ascii"),
            str(Path("/proc/self/ns/uts").readlink()),
        ]
    return hashlib.sha256("".join(told).encode()).hexdigest()[:8] if told else f"{uuid.getnode():012x}"


@contextlib.contextmanager
def _alive(renewed: Callable[[], bool]) -> Iterator[None]:
    """Renew now and then, until that fails, from a thread that does not keep the process."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(_BEAT) and renewed():
            pass

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=_BEAT)


def _gently(state: str, act: Callable[[Ledger], None]) -> None:
    try:
        with contextlib.closing(open_ledger(state)) as ledger:
            act(ledger)
    except Exception:  # noqa: BLE001, S110 - whatever the ledger's trouble is: the run goes on, its end is told elsewhere
        pass


def _holder(job: Job, enterprise_id: str) -> Lease | None:
    with contextlib.suppress(ProvisionError), contextlib.closing(ledger_of(job)) as ledger:
        return ledger.leaseholder(enterprise_id)
    return None


def _told(job: Job, enterprise_id: str, holder: Lease | None) -> Locked:
    what = f"Another run is working on enterprise {enterprise_id}.{_named(holder)}"
    away = holder is not None and holder.host != _host(job)
    ends = f"{ALIVE.total_seconds():.0f} seconds after its last sign of life" if away else "with its process"
    return Locked(
        what,
        cause="the nightly run is still under way, or somebody runs a job by hand",
        remedy=f"wait until it has finished; its lock ends {ends}, there is nothing to delete",
    )


def _taken_over(enterprise_id: str, holder: Lease | None) -> Locked:
    return Locked(
        f"This run has lost enterprise {enterprise_id} to another one, and sends nothing more.{_named(holder)}",
        cause=f"this machine slept, or could not write to the ledger, for more than {ALIVE.total_seconds():.0f} seconds",
        remedy="wait until the other run has finished, then provision resume RUN, or run the job again",
    )


def _silent(enterprise_id: str, since: datetime) -> Locked:
    return Locked(
        f"This run could not say since {_stamp(since)} that it is at work on enterprise {enterprise_id}, and sends nothing more: "
        "another machine may take it for one that has ended.",
        cause="the server of the ledger is away, or this machine slept",
        remedy="see that the server of the ledger can be reached, then provision resume RUN, or run the job again",
    )


def _named(holder: Lease | None) -> str:
    if holder is None:
        return ""
    return (
        f" It is {holder.run_id} of job {holder.job}, process {holder.pid} on {holder.host},"
        f" since {holder.since}, with its last sign of life at {holder.renewed_at}."
    )


def _stamp(at: datetime) -> str:
    """All in one form, so that they sort as text."""
    return at.astimezone(UTC).isoformat(timespec="seconds")
