"""A small Box on loopback: tokens, users, what they own, faults, limits; it shares no code with what is tested against it.

Start one in a test with `serve(Options(users=400))`, or from the command line with `provision sandbox`.
What it imitates is said, with its public source, where it is imitated; what nobody documents is a switch in
`provision.sandbox.choices`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .options import Options, SandboxError

if TYPE_CHECKING:
    from typing import TextIO

    from .clock import Clock
    from .http.server import Server

__all__ = ["Options", "SandboxError", "run", "serve"]


def serve(options: Options | None = None, clock: Clock | None = None) -> Server:
    """A running sandbox, to be closed or used as a context; SandboxError if it cannot start."""
    from .http.server import Server

    return Server(options or Options(), clock)


def run(options: Options, stdout: TextIO, *, env: bool = False) -> None:
    """Serve until SIGINT or SIGTERM after one JSON line on `stdout`, with `env` lines for a shell; SandboxError if it cannot start."""
    from .http.server import run as run_server

    run_server(options, stdout, env=env)
