"""From a job's ``box`` section to a connected :class:`~provision.box.client.Box`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from box_sdk_gen import BoxCCGAuth, BoxClient, BoxJWTAuth
from box_sdk_gen.networking.auth import Authentication
from box_sdk_gen.networking.base_urls import BaseUrls
from box_sdk_gen.networking.network import NetworkSession
from box_sdk_gen.networking.timeout_config import TimeoutConfig

from provision.box.accounts import Whoami
from provision.box.client import Box
from provision.box.pacing.budget import Cell
from provision.box.pacing.budget_file import Clocks, SharedCell, budget_name, budget_path
from provision.box.pacing.outage import Outage, Unwatched, Watch
from provision.box.pacing.pace import EvenPace, Paces
from provision.box.pacing.retry import Patience, Retry
from provision.box.pacing.timing import Timing
from provision.box.signin import SharedSignIn, authentication
from provision.box.trouble import CallTrouble, proxy_for, told_of
from provision.box.user_tokens import UserTokens
from provision.box.wire import NoRetry, Wire
from provision.errors import (
    BoxFault,
    BoxUnreachable,
    Expired,
    Garbled,
    Lost,
    NotSent,
    Rejected,
    ServerTrouble,
    SignInRefused,
    Throttled,
)
from provision.job.settings import ApplySettings, BoxSettings

#: who keeps the budget of this name for several machines: it is given the one of this machine alone, to which it falls back, and
#: what is to be told then
Share = Callable[[str, Cell, Callable[[str], None]], Cell]

#: how often, and how long at most between two tries, an address is asked at which perhaps no Box has ever been
_TRIES, _LONGEST_WAIT = 4, 4.0
#: what stands between us and Box until somebody changes it
_NO_WAITING_HELPS = tuple(each for each in CallTrouble if each is not CallTrouble.PROXY_AWAY)


@dataclass(frozen=True, slots=True)
class Connection:
    """A signed-in Box: its calls, the retry loops to run them in, and who we are.

    ``retry`` waits as long as the job says, for a Box that asks for patience as for one that is away. ``skew`` is how many
    seconds this machine's clock is ahead of Box's, 0 where the sign-in did not have to ask. ``tokens`` are those of single users.
    """

    box: Box
    retry: Retry
    me: Whoami
    tokens: UserTokens
    skew: float = 0.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a connection is part of. ``watch`` is told of retries and outages; ``share`` knows who shares a budget on other machines.

    Whoever answers as a server in trouble is waited for as long as the job says; where nobody listens, only if somebody has
    ``been_there`` before: else the address is wrong.
    """

    watch: Watch = field(default_factory=Unwatched)
    been_there: Callable[[], bool] = lambda: False
    share: Share | None = None


def connect(
    settings: BoxSettings, apply: ApplySettings, timing: Timing, around: Surroundings | None = None
) -> Connection:
    """Sign in and ask who we are.

    Raises SignInRefused, BoxUnreachable, or JobError for an unusable credential file.
    """
    around = around or Surroundings()
    watching = around.watch
    wire = Wire(_paces(settings, apply, timing, around), apply.workers, timing.clock)
    inner = authentication(settings)
    auth = SharedSignIn(inner, timing.clock)
    network = _network(settings, apply, wire)
    box = Box(BoxClient(auth=auth, network_session=network), wire)

    def noticed(fault: BoxFault) -> None:
        box.retried(fault)
        watching.retried(fault)

    outage = Outage(box.me, timing, watching)
    longest = apply.give_up_after.total_seconds()
    retry = Retry(Patience(give_up_after=longest), timing, noticed, outage, lambda: box.breadth)
    briefly = Retry(Patience(_TRIES, longest_wait=_LONGEST_WAIT, give_up_after=longest), timing, noticed)
    me = _asked_who(lambda: _first_answer(box, briefly, retry, around.been_there), settings.base_url)
    if timing.clock is time.monotonic:  # only this machine's own time means anything to another process
        words = (settings.base_url.rstrip("/").casefold(), _app(inner), me.enterprise_id, me.box_id)
        wire.paced_by(_paces(settings, apply, timing, around, words))
    return Connection(box, retry, me, UserTokens(inner, network, wire, timing.clock), auth.skew)


def _paces(
    settings: BoxSettings,
    apply: ApplySettings,
    timing: Timing,
    around: Surroundings,
    shared_by: tuple[str, ...] = (),
) -> Paces:
    """One pace of calls and one of uploads, of all processes of this user on this machine, or all machines, that say the same words.

    Without words they are this connection's own.
    """

    def uploads_told(why: str, wait: float) -> None:
        around.watch.paced(f"Uploads: {why}", wait)

    def pace(per_minute: float, told: Callable[[str, float], None], *apart: str) -> EvenPace:
        cell = _shared(budget_name(*shared_by, *apart), timing, told, around.share) if shared_by else None
        return EvenPace(per_minute, timing, cell, told, apply.give_up_after.total_seconds())

    return Paces(
        pace(apply.requests_per_minute, around.watch.paced),
        pace(apply.uploads_per_minute, uploads_told, "uploads"),
        f"{settings.upload_url}/2.0/files/",  # with the path, since both may have one host
    )


def _shared(name: str, timing: Timing, told: Callable[[str, float], None], share: Share | None) -> Cell:
    def lost(error: OSError) -> None:
        why = error.strerror or type(error).__name__
        told(f"The budget of calls is not shared with other runs on this machine ({why})", 0.0)

    def alone(why: str) -> None:
        told(f"The budget of calls is not shared with other machines ({why})", 0.0)

    here = SharedCell(budget_path(name), Clocks(timing.clock), lost)
    return share(name, here, alone) if share else here


def _app(inner: Authentication) -> str:
    """The client id of the app; a developer token does not say which one it belongs to."""
    return str(inner.config.client_id) if isinstance(inner, BoxCCGAuth | BoxJWTAuth) else ""


def _network(settings: BoxSettings, apply: ApplySettings, wire: Wire) -> NetworkSession:
    milliseconds = max(int(apply.timeout_seconds * 1000), 1)
    # both are given, since the SDK takes one that stands alone for the other as well
    timeouts = TimeoutConfig(connection_timeout_ms=min(milliseconds, 10_000), read_timeout_ms=milliseconds)
    addresses = BaseUrls(
        base_url=settings.base_url.rstrip("/"),
        upload_url=settings.upload_url,
        oauth_2_url=settings.oauth_url,
    )
    return NetworkSession(
        network_client=wire, retry_strategy=NoRetry(), base_urls=addresses, timeout_config=timeouts
    )


def _first_answer(box: Box, briefly: Retry, retry: Retry, been_there: Callable[[], bool]) -> Whoami:
    try:
        return briefly.read(box.me)
    except Garbled:
        raise  # whoever says yes and tells nothing is no Box in trouble
    except (NotSent, Lost, ServerTrouble) as fault:
        unheard = isinstance(fault, NotSent) and not fault.answer.http_status
        if fault.answer.code in _NO_WAITING_HELPS or (unheard and not been_there()):
            raise
    return retry.read(box.me)


def _asked_who(ask: Callable[[], Whoami], address: str) -> Whoami:
    try:
        me = ask()
    except (Expired, Rejected) as fault:
        raise _not_accepted(fault) from None
    except BoxFault as fault:
        raise unreachable(fault, address) from None
    if not me.enterprise_id:
        raise SignInRefused(
            "Box does not say which enterprise this sign-in belongs to.",
            cause="the token is that of a personal account, or of a user outside any enterprise",
            remedy="sign in as the app's service account (jwt or ccg with the enterprise's id)",
        )
    return me


def _not_accepted(fault: BoxFault) -> SignInRefused:
    return SignInRefused(
        f"Box does not accept this sign-in ({in_brief(fault)}).",
        cause="a token that has ended or was revoked, or an app that lacks the scope 'Manage users'",
        remedy="get a fresh token, or grant the scope in the Developer Console and have an admin authorise the app again",
    )


def unreachable(fault: BoxFault, address: str) -> BoxUnreachable:
    """The error for a Box that gives no usable answer."""
    if isinstance(fault, Throttled):
        return BoxUnreachable(
            f"{fault.told} Nothing was changed.",
            cause=fault.usually,
            remedy="run again later",
        )
    if fault.answer.code in tuple(CallTrouble):
        return told_of(CallTrouble(fault.answer.code), address)
    proxy = proxy_for(address)
    by = f"; by the proxy {proxy}" if proxy else ""
    return BoxUnreachable(
        f"Box cannot be reached at {address} ({in_brief(fault)}{by}).",
        cause=f"no network, {'that' if proxy else 'a'} proxy, a wrong box.base_url, or Box is having trouble",
        remedy="check the address in the job file and https://status.box.com, then run again",
    )


def in_brief(fault: BoxFault) -> str:
    """The answer in a few words: ``HTTP 403 insufficient_scope``, or why there is none."""
    if fault.answer.http_status:
        return f"HTTP {fault.answer.http_status} {fault.answer.code}".rstrip()
    return fault.silence
