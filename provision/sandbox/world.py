"""What every route of the sandbox works on: the request, who asks, and the world it changes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import msgspec

from .errors import failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .choices import Choices
    from .clock import Clock
    from .fields import Fields
    from .limits import Limiter
    from .model.accounts import Account
    from .model.blobs import Blobs
    from .model.enterprise import Enterprise
    from .model.tokens import Token, Tokens


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as received; header names are lower case, query values decoded.

    A large body is in the file `spool`, and `body` is empty then. base: the address that the client called, without the
    path.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    request_id: str
    spool: IO[bytes] | None = None
    base: str = ""

    def stream(self) -> IO[bytes]:
        """The body as a file at its beginning."""
        if self.spool is None:
            return io.BytesIO(self.body)
        self.spool.seek(0)
        return self.spool

    def json(self) -> dict[str, object]:
        """The body as a JSON object, else a 400."""
        try:
            return msgspec.json.decode(
                self.body if self.spool is None else self.stream().read(), type=dict[str, object]
            )
        except msgspec.DecodeError as error:
            raise failure(
                400, "bad_request", "Entity body should be a correctly nested resource attribute"
            ) from error


@dataclass(frozen=True, slots=True)
class Actor:
    """Who a call acts as, and by which token."""

    account: Account
    token: Token
    charged: str


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed the door: who asks, and the variable parts of its path."""

    request: Request
    actor: Actor
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """The enterprise and all that surrounds it. downloads: digest and end of each address for a download, by its key."""

    enterprise: Enterprise
    tokens: Tokens
    limiter: Limiter
    fields: Fields
    choices: Choices
    clock: Clock
    blobs: Blobs
    downloads: dict[str, tuple[str, float]]
