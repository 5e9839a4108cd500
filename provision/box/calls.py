"""What every call through the seam shares: raw reads, answers that are believed only when whole, acting as somebody."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec
import requests
from box_sdk_gen import BoxClient
from box_sdk_gen.networking.fetch_options import FetchOptions, ResponseFormat

from provision.box.wire import Wire
from provision.errors import Garbled, Lost

T = TypeVar("T")

#: the folder all content of an account lies in (developer.box.com, Root folder)
ROOT = "0"


class Calls:
    """A signed-in client and the wire it uses."""

    def __init__(self, client: BoxClient, wire: Wire) -> None:
        self._client = client
        self._wire = wire

    def _read(self, path: str, params: dict[str, str], as_user: str = "", version: str = "") -> bytes:
        session = self._client.network_session
        options = FetchOptions(
            url=session.base_urls.base_url + path,
            method="GET",
            params=params,
            headers=acting_as(as_user) | ({"box-version": version} if version else {}),
            response_format=ResponseFormat.BINARY,
            auth=self._client.auth,
            network_session=session,
        )
        content = session.network_client.fetch(options).content
        try:
            return content.read() if content is not None else b""
        except requests.RequestException:
            pass  # the answer broke off; raised below, so that its text does not travel in a chain
        raise Lost


def acting_as(box_id: str) -> dict[str, str]:
    """The header that lets a call act as another account; none for "" (developer.box.com, As-User)."""
    return {"As-User": box_id} if box_id else {}


def written(call: Callable[[], object], told: str = "id") -> str:
    """What the answer to a write must tell; a success without it: look before believing either way (Garbled)."""
    try:
        answer = getattr(call(), told, None)
    except (TypeError, ValueError, AttributeError, KeyError):
        answer = None
    if not answer:
        raise Garbled  # outside of except: the SDK's error may quote the answer
    return str(answer)


def decoded(decode: Callable[[bytes], T], body: bytes) -> T:
    """A decoded answer; Garbled for one that is none."""
    try:
        return decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass  # raised below: these quote the answer
    raise Garbled
