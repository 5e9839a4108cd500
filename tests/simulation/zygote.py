"""A process that has the program loaded and makes a new process of itself for each command, which a signal may then end.

One JSON object a line comes in: a command to begin, answered by its process id, or ``{"wait": pid}``, answered by its exit code,
negative for the signal that ended it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

from provision.apply.halt import Halt
from provision.box.pacing.timing import Timing
from tests.warm import warm_up

#: how much quicker than the machine's the time of the commands goes
_QUICKER = 50.0


class Zygote:
    """The process, from outside."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.simulation.zygote"]
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def begin(self, arguments: list[str], at: datetime, out: Path) -> int:
        """Begin a command at this time by its clock; its process id. What it says is in ``out`` and beside it in ``.err``."""
        told = {
            "arguments": arguments,
            "at": at.isoformat(),
            "out": str(out),
            "environment": dict(os.environ),
        }
        return self._ask(told)

    def end(self, pid: int) -> int:
        """The exit code of a command, once it has ended."""
        return self._ask({"wait": pid})

    def _ask(self, told: dict[str, Any]) -> int:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(told) + "\n")
        stdin.flush()
        return int(stdout.readline())


def main() -> None:
    """Answer until nobody asks any more."""
    warm_up()
    for line in sys.stdin:
        told = json.loads(line)
        if "wait" in told:
            answer = os.waitstatus_to_exitcode(os.waitpid(told["wait"], 0)[1])
        else:
            answer = os.fork() or _command(told)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _command(told: dict[str, Any]) -> int:
    """One command in a process of its own, which ends with it."""
    from provision.cli import terminal
    from provision.cli.main import run_program

    os.environ.clear()
    os.environ.update(told["environment"])
    for path, number in ((os.devnull, 0), (told["out"], 1), (f"{told['out']}.err", 2)):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(path, flags, 0o600), number)
    terminal.system_timing = _quick_timing
    at, began = datetime.fromisoformat(told["at"]), datetime.now(tz=datetime.fromisoformat(told["at"]).tzinfo)
    code = 70
    try:
        code = run_program(told["arguments"], lambda: at + (datetime.now(tz=at.tzinfo) - began))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _quick_timing(halt: Halt) -> Timing:
    return Timing(
        lambda: time.monotonic() * _QUICKER,
        lambda seconds: halt.sleep(seconds / _QUICKER),
        Random(),  # noqa: S311 - jitter
    )


if __name__ == "__main__":
    main()
