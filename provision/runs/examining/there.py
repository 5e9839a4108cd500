"""What Box tells: the way to it, who we are, which rights we have and lack, and what the admin has set."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from provision.box.accounts import ListingPage
from provision.box.connect import Connection, in_brief, unreachable
from provision.box.door import Door
from provision.box.enterprise import EnterpriseSettings
from provision.box.signin import ahead
from provision.box.trouble import proxy_for
from provision.errors import Away, BoxFault, BoxUnreachable, JobError, SignInRefused, Throttled
from provision.job.settings import Job, TokenAuth
from provision.model import ATTRIBUTE, TRACKING_PREFIX, UserKind
from provision.report.diagnosis import Look, Sign
from provision.roster.value import Roster
from provision.runs.examining.errors import of_error
from provision.runs.observer import Observer
from provision.runs.reading.connection import sign_in
from provision.wording import size

T = TypeVar("T")

#: a doctor does not wait for long
_PATIENCE = timedelta(seconds=20)
#: seconds by which clocks may differ; an assertion may end 60 seconds ahead at most (developer.box.com, JWT without SDK)
_CLOCKS = 20.0
#: how long before its end a certificate is worth a word
_SOON = timedelta(days=21)
#: what Box calls the account of an app
_SERVICE_ACCOUNT = "AutomationUser_"
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
#: the share of the rate below which it counts as lowered
_LOWERED = 0.9


class BoxExamination:
    """The looks at one Box, in the order in which they are told; ``connection`` is there once the sign-in went well."""

    def __init__(self, job: Job, roster: Roster | None, observer: Observer) -> None:
        self._job = job
        self._mapped = roster.mapped if roster is not None else ()
        self._observer = observer
        self.connection: Connection | None = None

    def looks(self) -> Iterator[Look]:
        """Sign in, and look; where Box stops answering, that is the last of it."""
        address = self._job.box.base_url
        proxy = proxy_for(address)
        yield Look(
            Sign.WAY,
            {"address": address, "proxy": f"through the proxy {proxy}" if proxy else "without a proxy"},
        )
        try:
            self.connection = connection = sign_in(_impatient(self._job), self._observer)
            yield from self._signed_in(connection)
        except SignInRefused as error:
            yield of_error(Sign.SIGN_IN_REFUSED, error)
        except BoxUnreachable as error:
            yield of_error(Sign.NOT_REACHED, error)
        except JobError as error:
            yield of_error(Sign.CREDENTIALS_WRONG, error)
        except (Away, Throttled) as fault:
            yield of_error(Sign.NOT_REACHED, unreachable(fault, address))

    def _signed_in(self, connection: Connection) -> Iterator[Look]:
        yield from _way(connection.box.door, self._observer.now())
        yield from self._who(connection)
        yield from _clock(connection)
        yield from self._users(connection)
        if self._job.lifecycle.transfers:
            _, answer = _tried(connection, connection.box.may_read_content)
            yield Look(Sign.CONTENT_REFUSED, {"answer": answer}) if answer else Look(Sign.CONTENT)
        settings, answer = _tried(connection, lambda: connection.box.settings(connection.me.enterprise_id))
        if settings is None:
            yield Look(Sign.SETTINGS_UNTOLD, {"answer": answer})
        else:
            yield from _settings(settings)
            yield from self._codes(settings)
        yield self._rate(connection)

    def _who(self, connection: Connection) -> Iterator[Look]:
        me = connection.me
        service = me.login.startswith(_SERVICE_ACCOUNT)
        facts = {
            "name": me.name, "login": me.login, "box_id": me.box_id, "enterprise_id": me.enterprise_id,
            "role": "the service account of the app" if service else me.role or "role not told",
            "method": self._job.box.auth.method,
        }  # fmt: skip
        yield Look(Sign.SIGNED_IN, facts)
        if isinstance(self._job.box.auth, TokenAuth):
            yield Look(Sign.TOKEN_ENDS)

    def _users(self, connection: Connection) -> Iterator[Look]:
        """Whether users are listed, those whom the app did not make as well, and with all that the roster names."""
        box = connection.box
        total, answer = _tried(connection, box.total)
        page, refused = _tried(connection, lambda: box.page(""))
        if page is None:
            yield Look(Sign.USERS_REFUSED, {"answer": answer or refused})
            return
        yield Look(Sign.USERS, {"count": f"{total:,}" if total is not None else "an untold number of"})
        if UserKind.MANAGED in self._job.roster.kinds and (access := _access(page, total)) is not None:
            yield access
        yield from self._shown(page)

    def _shown(self, page: ListingPage) -> Iterator[Look]:
        """Whether what the roster sets can be seen of those who may have it."""
        mine = {kind.value for kind in self._job.roster.kinds}
        told = [
            set(untold.split(","))
            for untold, kind in zip(page.columns["untold"], page.columns["kind"], strict=True)
            if kind in mine
        ]
        wanted = {"tracking_codes" if name.startswith(TRACKING_PREFIX) else name for name in self._mapped}
        hidden = set.intersection(*told) & wanted & {*ATTRIBUTE, "tracking_codes"} if told else set()
        if hidden:
            yield Look(Sign.NOT_SHOWN, {"names": ", ".join(sorted(hidden))})
        elif told and wanted:
            yield Look(Sign.SHOWN)

    def _codes(self, settings: EnterpriseSettings) -> Iterator[Look]:
        """Whether the tracking codes of the roster are registered."""
        names = [
            name.removeprefix(TRACKING_PREFIX) for name in self._mapped if name.startswith(TRACKING_PREFIX)
        ]
        known = settings.tracking_codes
        if not names or known is None:
            return
        if strange := [name for name in names if name not in known]:
            has = f"has {', '.join(known)}" if known else "has registered none"
            yield Look(Sign.CODES_UNREGISTERED, {"names": ", ".join(strange), "known": has})
        else:
            yield Look(Sign.CODES_REGISTERED)

    def _rate(self, connection: Connection) -> Look:
        limit, now = self._job.apply.requests_per_minute, connection.box.per_minute
        facts = {
            "limit": f"{limit:,.0f}",
            "now": f"{now:,.0f}",
            "calls": str(connection.box.traffic.requests),
        }
        lowered = now < _LOWERED * limit and limit > 100  # a small rate keeps more of a margin
        return Look(Sign.RATE_LOWERED if lowered or connection.box.traffic.rate_limited else Sign.RATE, facts)


def _impatient(job: Job) -> Job:
    apply = job.apply.model_copy(update={"give_up_after": min(job.apply.give_up_after, _PATIENCE)})
    return job.model_copy(update={"apply": apply})


def _tried(connection: Connection, call: Callable[[], T]) -> tuple[T | None, str]:
    """What Box answers, or its refusal in a few words. Raises Away and Throttled, which are about no right."""
    try:
        return connection.retry.read(call), ""
    except (Away, Throttled):
        raise
    except BoxFault as fault:
        return None, in_brief(fault)


def _way(door: Door, now: datetime) -> Iterator[Look]:
    """The certificate at the other end, and what it is trusted by."""
    if door.ends is None:
        yield Look(Sign.CERTIFICATE_NONE)
        return
    named = next((f"{name} ({os.environ[name]})" for name in _BUNDLES if os.environ.get(name)), "")
    facts = {
        "issuer": door.issuer or "an unnamed issuer",
        "ends": f"{door.ends:%Y-%m-%d}",
        "bundle": named or "the authorities that come with this program",
    }
    yield Look(Sign.CERTIFICATE_ENDS if door.ends - now < _SOON else Sign.CERTIFICATE, facts)


def _clock(connection: Connection) -> Iterator[Look]:
    skew = connection.box.door.skew
    if skew is None:
        return
    if abs(skew) > _CLOCKS:
        yield Look(Sign.CLOCK_OFF, {"ahead": ahead(skew)})
    else:
        yield Look(Sign.CLOCK, {"seconds": f"{abs(skew) + 0.5:.0f}"})


def _access(page: ListingPage, total: int | None) -> Look | None:
    """Whether managed users are shown, of whom every enterprise has its admin; None where one page does not tell."""
    if UserKind.MANAGED.value in page.columns["kind"]:
        return Look(Sign.ACCESS)
    if page.marker:
        return None
    return Look(Sign.ACCESS_APP_ONLY, {"count": f"{max(total or 0, len(page)):,}"})


def _settings(settings: EnterpriseSettings) -> Iterator[Look]:
    """What matters to new people and to logins."""
    if settings.sso_required:
        yield Look(Sign.SSO_REQUIRED)
    elif settings.sso_required is not None:
        yield Look(Sign.SSO_TESTING if settings.sso_in_testing else Sign.SSO_OFF)
    if settings.invites:
        yield Look(Sign.INVITES, {"invites": settings.invites})
    if settings.logins_fixed:
        yield Look(Sign.LOGINS_FIXED)
    storage = settings.storage
    space = (
        f"{size(int(storage))} of space"
        if storage and storage.isdecimal()
        else f"{storage} space"
        if storage
        else ""
    )
    if told := ", ".join(filter(None, (space, settings.language, settings.timezone))):
        yield Look(Sign.NEW_USERS, {"told": told})
