"""Workers by Dask: a cluster of this machine for one night, or one that exists. The only module that knows the library."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from provision.errors import InputError
from provision.fleet.settings import LOCAL, FleetSettings
from provision.fleet.value import Ended, Task
from provision.fleet.work import carry, stop

if TYPE_CHECKING:
    from distributed import Client, Future

_INSTALL = "pip install 'box-provision[fleet]'"
#: a worker has one job at a time and takes none that another one could begin; one that dies gives its job to others a few times
_LOCAL_CONFIG: dict[str, Any] = {
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.allowed-failures": 3,
    "distributed.nanny.pre-spawn-environ": {},
    "distributed.deploy.lost-worker-timeout": "10m",  # on a busy machine a new process may take longer than Dask's 15 s, and none came any more
    "distributed.comm.timeouts.connect": "30s",
}
#: seconds between two looks whether a local cluster has all of its workers
_RENEWED = 15.0
#: seconds until a scheduler that does not answer is given up
_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class LostTry:
    """A try of which nothing came back: its workers died, or the scheduler forgot it."""

    name: str


class Pool(Protocol):
    """Whoever has workers."""

    def submit(self, task: Task, key: str, priority: int) -> None:
        """Give a job to a worker, larger priorities first; ``key`` is shown on dashboards and never given twice."""
        ...

    def ended(self, wait: float) -> list[Ended | LostTry]:
        """The tries that have ended since; waits so many seconds for the first of them."""
        ...

    def stop(self, session: str) -> list[str]:
        """Have what is under way end in good order; the names of jobs that no worker had begun, which are taken back."""
        ...


@contextlib.contextmanager
def workers(settings: FleetSettings, prepared_by: str) -> Iterator[Pool]:
    """A pool of workers. ``prepared_by``: a module that each process of a local cluster is prepared by.

    Raises InputError without the library, and for a scheduler that does not answer.
    """
    try:
        import distributed
    except ImportError:
        raise InputError(
            "A fleet needs Dask distributed, which is not installed.",
            cause="the program was installed without its extra",
            remedy=_INSTALL,
        ) from None
    with _quiet(), contextlib.ExitStack() as open_now:
        place = settings.scheduler
        renew: Callable[[], object] | None = None
        if place == LOCAL:
            place = open_now.enter_context(local_workers(settings.workers, prepared_by))
            renew = partial(place.scale, len(place.worker_spec))
        try:
            client = distributed.Client(place, set_as_default=False, timeout=_PATIENCE)
        except (OSError, TimeoutError):
            raise InputError(
                f"No Dask scheduler answers at {settings.scheduler}.",
                cause="it is not running, or cannot be reached from this machine",
                remedy="start it (dask scheduler), or take scheduler: local",
            ) from None
        open_now.callback(client.close)
        yield _DaskPool(client, renew)


@contextlib.contextmanager
def local_workers(count: int | None, prepared_by: str = "", **environ: str) -> Iterator[Any]:
    """Processes of this machine, by default one a core, as a cluster of Dask's; ``environ`` is theirs beside that of this process.

    No limit of memory: a worker that is ended for it would be ended again with the same job.
    """
    import dask
    from distributed import LocalCluster

    with dask.config.set({**_LOCAL_CONFIG, "distributed.worker.multiprocessing-method": _method()}):
        cluster = LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            memory_limit=0,
            preload=[prepared_by] if prepared_by else [],
            env=environ,
            silence_logs=logging.CRITICAL,
        )
        with contextlib.closing(cluster):
            yield cluster


def _method() -> str:
    """How processes are made: where that is sound, as copies of one that has loaded this program, so that one that died is soon replaced."""
    if sys.platform != "linux":
        return "spawn"
    import dask
    from distributed.utils import get_mp_context

    with dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}):
        get_mp_context().set_forkserver_preload(["distributed", "provision.fleet.work"])
    return "forkserver"


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What Dask says of workers that come and go is for its dashboard; a night is told of by its report."""
    loggers = [logging.getLogger(name) for name in ("distributed", "tornado", "bokeh", "asyncio")]
    before = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for each, level in zip(loggers, before, strict=True):
            each.setLevel(level)


@dataclass(slots=True)
class _DaskPool:
    client: Client
    renew: Callable[[], object] | None = None
    _under_way: dict[str, tuple[str, Future[Any]]] = field(default_factory=dict)
    _bell: threading.Event = field(default_factory=threading.Event)
    _not_taken: list[LostTry] = field(default_factory=list)
    _renewed: float = field(default_factory=time.monotonic)

    def submit(self, task: Task, key: str, priority: int) -> None:
        try:
            future = self.client.submit(carry, task, key=key, priority=priority, pure=False, retries=0)
        except Exception:  # noqa: BLE001 - a scheduler that is gone for good: told as what became of this try
            self._not_taken.append(LostTry(task.name))
            return
        self._under_way[key] = (task.name, future)
        future.add_done_callback(self._ring)

    def _ring(self, _future: Future[Any]) -> None:
        self._bell.set()

    def ended(self, wait: float) -> list[Ended | LostTry]:
        if not (found := self._found()):
            self._bell.wait(wait)
            self._with_all_workers()
            found = self._found()
        return found

    def _with_all_workers(self) -> None:
        """Now and then, have processes begin in the place of those that Dask has given up."""
        if self.renew is not None and time.monotonic() - self._renewed > _RENEWED:
            self._renewed = time.monotonic()
            self.renew()

    def _found(self) -> list[Ended | LostTry]:
        self._bell.clear()
        done = [key for key, (_, future) in self._under_way.items() if future.done()]
        not_taken, self._not_taken = self._not_taken, []
        return [*not_taken, *(self._result(*self._under_way.pop(key)) for key in done)]

    @staticmethod
    def _result(name: str, future: Future[Any]) -> Ended | LostTry:
        if future.status != "finished":  # a worker that died too often, or a scheduler that was started anew
            return LostTry(name)
        try:
            found = future.result(timeout=_PATIENCE)
        except Exception:  # noqa: BLE001 - the worker died with what it had to say
            return LostTry(name)
        return found if isinstance(found, Ended) else LostTry(name)

    def stop(self, session: str) -> list[str]:
        waiting: list[str] = []
        with contextlib.suppress(Exception):  # a scheduler that is away: asked again a moment later
            held = {str(key) for keys in self.client.processing().values() for key in keys}
            waiting = [key for key in self._under_way if key not in held]
            self.client.cancel([self._under_way[key][1] for key in waiting])
            self.client.run(stop, session, on_error="ignore")
        return [self._under_way.pop(key)[0] for key in waiting]
