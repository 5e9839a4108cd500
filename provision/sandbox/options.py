"""What a sandbox is started with, and the one error it raises for a start that cannot succeed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class SandboxError(Exception):
    """The sandbox cannot start: three lines, what happened, the usual cause, what to do."""

    def __init__(self, what: str, cause: str, remedy: str) -> None:
        # What a parser says may have lines of its own.
        super().__init__(f"{' '.join(what.split())}\n  usual cause: {cause}\n  do: {remedy}")


@dataclass(frozen=True, slots=True)
class Options:
    """The choices of one start; every default is a small, healthy, forgetful enterprise.

    port: 0 takes any free one. users: invented people besides the admin, groups: of invented groups that they are in. seed_file: an enterprise as JSON
    (see `provision.sandbox.model.seed`); it goes before `users`. latency_ms: added to every call. rate_limit:
    (calls, seconds) for each acting user. faults: a script (see `provision.sandbox.trouble.script`). state: an
    SQLite file that keeps the enterprise across restarts; once it exists, it goes before both seeds.
    config: also write the announcement there. token_lifetime: seconds. random_seed: decides invented
    people and ids; secrets, keys and tokens never follow from it. export: everybody of a real enterprise, as
    `provision export` writes them, in place of a seed. log: a line for each request goes there (`-`: stderr). control:
    the port of the control address (see `provision.sandbox.http.control`), 0 for any free one. certificates: a folder
    where the certificate for TLS is kept from one start to the next.
    """

    port: int = 0
    users: int = 0
    groups: int = 0
    seed_file: Path | None = None
    latency_ms: float = 0
    rate_limit: tuple[int, float] | None = None
    faults: Path | None = None
    state: Path | None = None
    tls: bool = False
    config: Path | None = None
    token_lifetime: int = 3600
    export: Path | None = None
    log: Path | None = None
    control: int | None = None
    certificates: Path | None = None
    random_seed: int = 0
