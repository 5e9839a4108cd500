"""Commands in processes of their own that need not load the program each: a fork of one process that has.

Signals, pipes, terminals and the exit code are those of a process as ``python -m provision`` is one. It is a child of
whoever began it, as any other, so that `subprocess.Popen` knows how to wait for it; only Linux hands orphans on like that.
"""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.warm import warm_up

ROOT = Path(__file__).parents[2]
#: the signal at which a command writes to its standard error what each of its threads is doing
TELL = signal.SIGUSR2
_LONGEST_MESSAGE, _ORPHANS_COME_HERE = 1 << 20, 36


@dataclass(frozen=True)
class Without:
    """What a command has to do without, as by ``>&-`` or ``ulimit -f``: a standard stream, files of more bytes than that."""

    stream: int | None = None
    more_than: int | None = None

    @property
    def words(self) -> list[str]:
        """What a shell is given in front of a command that begins afresh."""
        if self == Without():
            return []
        limit = "" if self.more_than is None else f"ulimit -f {self.more_than // 512} && "
        closed = "" if self.stream is None else f" {self.stream}>&-"
        return ["sh", "-c", f'{limit}exec "$@"{closed}', "sh"]


NOTHING = Without()


class Nursery:
    """The process that has the program loaded, from outside; close it."""

    def __init__(self) -> None:
        self._asked, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "tests.cli.forks", str(theirs.fileno())]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()]
        )
        theirs.close()
        ctypes.CDLL(None).prctl(_ORPHANS_COME_HERE, 1)

    def close(self) -> None:
        """No more commands; those under way go on."""
        self._asked.close()
        self._process.wait()

    def begin(
        self, arguments: list[str], environment: dict[str, str], streams: list[int], without: Without
    ) -> int:
        """Begin a command with these standard streams; its process id."""
        about = {"arguments": arguments, "environment": environment, "folder": os.getcwd()}  # noqa: PTH109 - as a text
        told = json.dumps(about | {"closed": without.stream, "largest": without.more_than})
        socket.send_fds(self._asked, [told.encode()], streams)
        return int(self._asked.recv(_LONGEST_MESSAGE))


class Forked(subprocess.Popen[str]):
    """A command that is a fork of the nursery."""

    def __init__(self, nursery: Nursery, arguments: list[str], without: Without, **options: Any) -> None:
        self._nursery, self._without = nursery, without
        super().__init__(arguments, text=True, **options)

    def _execute_child(self, arguments: list[str], *rest: Any) -> None:
        """What `Popen` begins a process with: among the rest are the environment, and both ends of each pipe."""
        environment, pipes = rest[5], rest[9:15]
        streams = [theirs if theirs != -1 else at for at, theirs in enumerate((pipes[0], pipes[3], pipes[5]))]
        self.pid = self._nursery.begin(arguments, dict(environment or os.environ), streams, self._without)
        self._child_created = True
        self._close_pipe_fds(*pipes)


def main() -> None:
    """Answer with the process id of a command that has begun, until nobody asks any more; or be that command."""
    warm_up()
    gc.freeze()  # no fork looks through what was there before it
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        while True:
            told, streams, _, _ = socket.recv_fds(asked, _LONGEST_MESSAGE, 3)
            if not told:
                os._exit(0)  # what it has loaded need not be taken down
            pid = _grandchild()
            if not pid:
                break
            for each in streams:
                os.close(each)
            asked.send(str(pid).encode())
    _become(json.loads(told), streams)
    from provision.__main__ import main as program

    program()


def _grandchild() -> int:
    """Fork twice, and end the process between: the id of the one that has lost its parent then, 0 in that one itself."""
    reading, writing = os.pipe()
    between = os.fork()
    if not between:
        pid = os.fork()
        if pid:
            os.write(writing, str(pid).encode())
            os._exit(0)
    os.close(writing)
    if not between:
        os.close(reading)
        return 0
    os.waitpid(between, 0)
    with os.fdopen(reading, "rb") as told:
        return int(told.read())


def _become(told: dict[str, Any], streams: list[int]) -> None:
    """Be the process that was asked for; whoever waits for it in vain may ask it where it is by a signal."""
    faulthandler.register(TELL)
    os.chdir(told["folder"])
    os.environ.clear()
    os.environ.update(told["environment"])
    time.tzset()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.argv[1:] = told["arguments"]
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as long as the process lives
    sys.stdout = open(1, "w", buffering=1 if os.isatty(1) else -1, closefd=False)  # noqa: SIM115 - as long as the process lives
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115 - as long as the process lives
    if told["closed"] is not None:
        # where there is none an interpreter begins with nothing in its place
        os.close(told["closed"])
        setattr(sys, ("stdin", "stdout", "stderr")[told["closed"]], None)
    if told["largest"] is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (told["largest"], told["largest"]))


if __name__ == "__main__":
    main()
