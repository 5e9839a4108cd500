"""The one way out: every HTTP request to Box leaves here, paced, counted, and its failure translated."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import requests
from box_sdk_gen import BoxSDKError
from box_sdk_gen.networking.box_network_client import BoxNetworkClient
from box_sdk_gen.networking.fetch_options import FetchOptions
from box_sdk_gen.networking.fetch_response import FetchResponse
from box_sdk_gen.networking.network_client import NetworkClient
from box_sdk_gen.networking.retries import RetryStrategy

from provision.box.pace import Pace
from provision.box.signin import SharedSignIn
from provision.box.translate import fault_of
from provision.errors import BoxFault, Expired, ProvisionError, Throttled


class NoRetry(RetryStrategy):
    """Switches the SDK's own retries off; ours is the only loop."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

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
    """Counts of what went over the wire: ``requests``, of them ``rate_limited``; ``retries`` is counted by the caller."""

    requests: int = 0
    retries: int = 0
    rate_limited: int = 0


class Wire(NetworkClient):
    """The SDK's network client with the shared pace before and our faults after each request."""

    def __init__(self, pace: Pace, workers: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        session = requests.Session()
        adapter = requests.adapters.HTTPAdapter(pool_connections=4, pool_maxsize=workers, max_retries=0)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        self._client = BoxNetworkClient(requests_session=session)
        self._pace = pace
        self._lock = threading.Lock()
        self.traffic = Traffic()

    def fetch(self, options: FetchOptions) -> FetchResponse:
        """Send one request. Raises a :class:`~provision.errors.BoxFault`, or a sign-in error of ours."""
        bearer = options.auth.bearer(options) if isinstance(options.auth, SharedSignIn) else None
        self._pace.wait()
        self._count("requests")
        try:
            return self._client.fetch(options)
        except (BoxFault, ProvisionError):
            raise
        except (BoxSDKError, requests.RequestException, ValueError, TypeError, AttributeError) as error:
            fault = fault_of(error)
        self._react(fault, options, bearer)
        raise fault from None  # the SDK's error holds the request body: personal data must not travel in a chain

    def retried(self, _fault: BoxFault) -> None:
        """Count one retry."""
        self._count("retries")

    def _react(self, fault: BoxFault, options: FetchOptions, bearer: str | None) -> None:
        if isinstance(fault, Throttled):
            self._count("rate_limited")
            self._pace.hold(fault.retry_after)
        if isinstance(fault, Expired) and isinstance(options.auth, SharedSignIn):
            options.auth.discard(bearer)

    def _count(self, what: str) -> None:
        with self._lock:
            setattr(self.traffic, what, getattr(self.traffic, what) + 1)
