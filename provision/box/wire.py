"""The one way out: every HTTP request to Box leaves here, paced, counted, and its failure translated."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from box_sdk_gen import BoxSDKError
from box_sdk_gen.networking.box_network_client import BoxNetworkClient
from box_sdk_gen.networking.fetch_options import FetchOptions
from box_sdk_gen.networking.fetch_response import FetchResponse
from box_sdk_gen.networking.network_client import NetworkClient
from box_sdk_gen.networking.retries import RetryStrategy

from provision.box.door import Door, Doorkeeper
from provision.box.pacing.concurrency import Latency, breadth
from provision.box.pacing.pace import Paces
from provision.box.signin import SharedSignIn
from provision.box.translate import fault_of
from provision.errors import BoxAnswer, BoxFault, Expired, Garbled, ProvisionError, Throttled
from provision.job.places import on_this_machine

#: bytes of an answer that are taken at a time
_PIECE = 1 << 18


class NoRetry(RetryStrategy):
    """Switches the SDK's own retries off; ours is the only loop."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the SDK does not annotate it

    def should_retry(
        self, fetch_options: FetchOptions, fetch_response: FetchResponse, attempt_number: int
    ) -> bool:
        """Never."""
        return False

    def retry_after(
        self, fetch_options: FetchOptions, fetch_response: FetchResponse, attempt_number: int
    ) -> float:
        """Not asked, since nothing is retried."""
        return 0.0


@dataclass(slots=True)
class Traffic:
    """Counts of what went over the wire: ``requests``, of them ``rate_limited``; ``retries`` is counted by the caller.

    ``minutes``: requests by the minute in which they left, counted from the first one.
    """

    requests: int = 0
    retries: int = 0
    rate_limited: int = 0
    minutes: Counter[int] = field(default_factory=Counter)
    _began: float | None = None

    def sent(self, at: float) -> None:
        """Count one request that leaves ``at`` so many seconds of a clock that only goes on."""
        if self._began is None:
            self._began = at
        self.requests += 1
        self.minutes[int((at - self._began) // 60)] += 1

    @property
    def by_minute(self) -> tuple[int, ...]:
        """Requests in each minute from the first one to the last one."""
        return tuple(self.minutes[minute] for minute in range(max(self.minutes, default=-1) + 1))


class Wire(NetworkClient):
    """The SDK's network client with the shared pace before and our faults after each request.

    At most ``workers`` requests are under way at once; ``clock`` tells how long each takes, in seconds.
    """

    def __init__(self, paces: Paces, workers: int, clock: Callable[[], float]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the SDK does not annotate it
        self._keeper = Doorkeeper()
        session = _session(workers)
        session.hooks["response"].append(self._keeper.heard)
        self._client = BoxNetworkClient(requests_session=session)
        self._paces = paces
        self._workers = workers
        self._clock = clock
        self._lock = threading.Lock()
        self._latency = Latency()
        self.traffic = Traffic()

    @property
    def breadth(self) -> int:
        """How many operations are worth being begun at once, by what is allowed now and by how long answers take."""
        return breadth(self._paces.calls.per_second, self._latency, self._workers)

    @property
    def door(self) -> Door:
        """What the answers so far told of the connection to Box."""
        return self._keeper.door

    @property
    def per_minute(self) -> float:
        """Calls that may leave a minute now, with everybody who shares the budget."""
        return self._paces.calls.per_second * 60

    def paced_by(self, paces: Paces) -> None:
        """From the next request on others say when one may leave."""
        self._paces = paces

    def fetch(self, options: FetchOptions) -> FetchResponse:
        """Send one request. Raises a :class:`~provision.errors.BoxFault`, or a sign-in error of ours."""
        bearer = options.auth.bearer(options) if isinstance(options.auth, SharedSignIn) else None
        self._paces.of(options.url).wait()
        with self._lock:
            self.traffic.sent(self._clock())
        try:
            return _believed(self._timed(options), options)
        except (BoxFault, ProvisionError):
            raise
        except (BoxSDKError, OSError, urllib3.exceptions.HTTPError, ValueError, TypeError) as error:
            fault = fault_of(error)
        self._react(fault, options, bearer)
        raise fault  # outside of except: the SDK's error holds the request body, which must not travel in a chain

    def _timed(self, options: FetchOptions) -> FetchResponse:
        """Send one request, and learn from its answer how long one takes; refusals come sooner, and silence tells nothing."""
        began = self._clock()
        response = self._client.fetch(options)
        took = self._clock() - began
        with self._lock:
            self._latency = self._latency.heard(took)
        return response

    def retried(self, _fault: BoxFault) -> None:
        """Count one retry."""
        with self._lock:
            self.traffic.retries += 1

    def _react(self, fault: BoxFault, options: FetchOptions, bearer: str | None) -> None:
        if isinstance(fault, Throttled):
            pace = self._paces.of(options.url)
            with self._lock:
                self.traffic.rate_limited += 1
            fault.per_minute = pace.per_second * 60
            pace.hold(fault.retry_after)
        if isinstance(fault, Expired) and isinstance(options.auth, SharedSignIn):
            options.auth.discard(bearer)


class _Session(requests.Session):
    """What is meant for this machine never leaves it: no proxy of the environment is asked to carry it."""

    def __init__(self) -> None:
        super().__init__()
        self._merged: dict[tuple[object, ...], dict[str, Any]] = {}

    def merge_environment_settings(self, url: Any, proxies: Any, *settings: Any) -> dict[str, Any]:
        """As the library merges them, but without a proxy for a loopback address, and once for each host.

        The library goes through the whole environment before each request.
        """
        place = (*urlsplit(str(url))[:2], *settings)
        if proxies:
            return self._merge(url, proxies, *settings)
        if place not in self._merged:
            self._merged[place] = self._merge(url, proxies, *settings)
        return dict(self._merged[place])

    def _merge(self, url: Any, *settings: Any) -> dict[str, Any]:
        merged: dict[str, Any] = dict(super().merge_environment_settings(url, *settings))
        if on_this_machine(str(url)):
            merged["proxies"] = {}
        return merged


def _session(workers: int) -> requests.Session:
    session = _Session()
    adapter = requests.adapters.HTTPAdapter(pool_connections=4, pool_maxsize=workers, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    # Box's API redirects nobody; a portal that does would be sent personal data, and a POST would become a GET
    session.max_redirects = 0
    # an entry in a .netrc file would otherwise take the place of the token
    session.auth = _as_it_is
    session.hooks["response"] += [_without_odd_error_body, _in_large_pieces]
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _without_odd_error_body(response: requests.Response, **_: Any) -> None:
    """The SDK fails on an error whose JSON is no object, and its status would be lost; such a body says nothing."""
    if response.status_code < 400:
        return
    try:
        odd = not isinstance(response.json(), dict)
    except ValueError:
        odd = True
    if odd:
        response._content = b""  # noqa: SLF001 - there is no public way to put an answer's body aside


def _in_large_pieces(response: requests.Response, **_: Any) -> None:
    """The SDK takes a body in pieces of 1 KB, which for a page of a thousand users is longer work than to decode it."""
    pieces: Any = response.iter_content

    def iter_content(chunk_size: int | None = 1, *, decode_unicode: bool = False) -> Iterator[Any]:
        return iter(pieces(max(chunk_size or 0, _PIECE), decode_unicode))

    answer: Any = response  # there is no setting for it
    answer.iter_content = iter_content


def _believed(response: FetchResponse, options: FetchOptions) -> FetchResponse:
    """Only what Box documents as success counts: 2xx, and 204 for a deletion, whose answer says nothing else."""
    if response.status >= 300 or (options.method.upper() == "DELETE" and response.status != 204):
        raise Garbled(BoxAnswer(response.status))
    return response
