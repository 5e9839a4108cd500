"""What Box tells: the way to it, who we are, which rights we have and lack, and what the admin has set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from provision.box.accounts import ListingPage
from provision.box.connect import Connection, unreachable
from provision.box.door import Door
from provision.box.enterprise import EnterpriseSettings
from provision.box.signin import ahead
from provision.box.trouble import proxy_for
from provision.errors import Away, BoxUnreachable, JobError, SignInRefused, Throttled
from provision.job.lifecycle import StageAction
from provision.job.settings import Job, LoginChanges, TokenAuth
from provision.model import ATTRIBUTE, TRACKING_PREFIX, UserKind
from provision.report.first_day.diagnosis import CheckLine, Sign
from provision.roster.value import Roster
from provision.runs.examining.errors import of_error
from provision.runs.observer import Observer
from provision.runs.reading.connection import sign_in, tried
from provision.runs.reading.rights import content_look, invites_look
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

    def looks(self) -> Iterator[CheckLine]:
        """Sign in, and look; where Box stops answering, that is the last of it. The way is well once Box has answered."""
        address = self._job.box.base_url
        proxy = proxy_for(address)
        way = CheckLine(
            Sign.WAY,
            {"address": address, "proxy": f"through the proxy {proxy}" if proxy else "without a proxy"},
        )
        try:
            self.connection = connection = sign_in(_impatient(self._job), self._observer)
            yield way
            yield from self._signed_in(connection)
        except SignInRefused as error:
            if self.connection is None:
                yield way
            yield of_error(Sign.SIGN_IN_REFUSED, error)
        except BoxUnreachable as error:
            yield of_error(Sign.NOT_REACHED, error)
        except JobError as error:
            yield of_error(Sign.CREDENTIALS_WRONG, error)
        except (Away, Throttled) as fault:
            yield of_error(Sign.NOT_REACHED, unreachable(fault, address))

    def _signed_in(self, connection: Connection) -> Iterator[CheckLine]:
        yield from _way(connection.box.door, self._observer.now())
        yield from self._who(connection)
        yield from _clock(connection)
        yield from self._users(connection)
        onboarding = self._job.onboarding
        if self._job.lifecycle.transfers or (
            onboarding and (onboarding.content or onboarding.collaborations)
        ):
            yield content_look(connection)
        if onboarding and onboarding.invite_existing:
            yield invites_look(connection)
        if self._job.groups is not None or self._lets_groups_in:
            page, answer = tried(connection, connection.box.groups)
            yield (
                CheckLine(Sign.GROUPS_REFUSED, {"answer": answer})
                if page is None
                else CheckLine(Sign.GROUPS, {"groups": f"{page.total:,}"})
            )
        yield from self._untried()
        settings, answer = tried(connection, lambda: connection.box.settings(connection.me.enterprise_id))
        if settings is None:
            yield CheckLine(Sign.SETTINGS_UNTOLD, {"answer": answer})
        else:
            yield from _settings(settings)
            yield from self._codes(settings)
        yield self._rate(connection)

    def _untried(self) -> Iterator[CheckLine]:
        """What the job needs beside that, and Box tells by no reading."""
        lifecycle, match = self._job.lifecycle, self._job.match
        stages = (lifecycle.leavers, *lifecycle.by_segment.values())
        if any(each.do is StageAction.END_SESSIONS for stage in stages for each in stage):
            yield CheckLine(Sign.SESSIONS_UNTRIED)
        if (lifecycle.archive and lifecycle.transfers) or self._gives:
            yield CheckLine(Sign.AS_USER_UNTRIED)
        if match.login_changes is LoginChanges.APPLY or "aliases" in self._mapped:
            yield CheckLine(Sign.ADDRESSES_UNTRIED)

    @property
    def _lets_groups_in(self) -> bool:
        """Whether groups are let into folders."""
        onboarding = self._job.onboarding
        return onboarding is not None and any(each.group for each in onboarding.collaborations)

    @property
    def _gives(self) -> bool:
        """Whether new people get starter content."""
        return self._job.onboarding is not None and bool(self._job.onboarding.content)

    def _who(self, connection: Connection) -> Iterator[CheckLine]:
        me = connection.me
        service = me.login.startswith(_SERVICE_ACCOUNT)
        facts = {
            "name": me.name, "login": me.login, "box_id": me.box_id, "enterprise_id": me.enterprise_id,
            "role": "the service account of the app" if service else me.role or "role not told",
            "method": self._job.box.auth.method,
        }  # fmt: skip
        yield CheckLine(Sign.SIGNED_IN, facts)
        if isinstance(self._job.box.auth, TokenAuth):
            yield CheckLine(Sign.TOKEN_ENDS)

    def _users(self, connection: Connection) -> Iterator[CheckLine]:
        """Whether users are listed, those whom the app did not make as well, and with all that the roster names."""
        box = connection.box
        total, answer = tried(connection, box.total)
        page, refused = tried(connection, lambda: box.page(""))
        if page is None:
            yield CheckLine(Sign.USERS_REFUSED, {"answer": answer or refused})
            return
        yield CheckLine(Sign.USERS, {"count": f"{total:,}" if total is not None else "an untold number of"})
        if UserKind.MANAGED in self._job.roster.kinds and (access := _access(page, total)) is not None:
            yield access
        yield from self._shown(page)

    def _shown(self, page: ListingPage) -> Iterator[CheckLine]:
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
            yield CheckLine(Sign.NOT_SHOWN, {"names": ", ".join(sorted(hidden))})
        elif told and wanted:
            yield CheckLine(Sign.SHOWN)

    def _codes(self, settings: EnterpriseSettings) -> Iterator[CheckLine]:
        """Whether the tracking codes of the roster are registered."""
        names = [
            name.removeprefix(TRACKING_PREFIX) for name in self._mapped if name.startswith(TRACKING_PREFIX)
        ]
        known = settings.tracking_codes
        if not names or known is None:
            return
        if strange := [name for name in names if name not in known]:
            has = f"has {', '.join(known)}" if known else "has registered none"
            yield CheckLine(Sign.CODES_UNREGISTERED, {"names": ", ".join(strange), "known": has})
        else:
            yield CheckLine(Sign.CODES_REGISTERED)

    def _rate(self, connection: Connection) -> CheckLine:
        limit, now = self._job.apply.requests_per_minute, connection.box.per_minute
        facts = {
            "limit": f"{limit:,.0f}",
            "now": f"{now:,.0f}",
            "calls": str(connection.box.traffic.requests),
        }
        lowered = now < _LOWERED * limit and limit > 100  # a small rate keeps more of a margin
        return CheckLine(
            Sign.RATE_LOWERED if lowered or connection.box.traffic.rate_limited else Sign.RATE, facts
        )


def _impatient(job: Job) -> Job:
    apply = job.apply.model_copy(update={"give_up_after": min(job.apply.give_up_after, _PATIENCE)})
    return job.model_copy(update={"apply": apply})


def _way(door: Door, now: datetime) -> Iterator[CheckLine]:
    """The certificate at the other end, and what it is trusted by."""
    if door.ends is None:
        yield CheckLine(Sign.CERTIFICATE_NONE)
        return
    named = next((f"{name} ({os.environ[name]})" for name in _BUNDLES if os.environ.get(name)), "")
    facts = {
        "issuer": door.issuer or "an unnamed issuer",
        "ends": f"{door.ends:%Y-%m-%d}",
        "bundle": named or "the authorities that come with this program",
    }
    yield CheckLine(Sign.CERTIFICATE_ENDS if door.ends - now < _SOON else Sign.CERTIFICATE, facts)


def _clock(connection: Connection) -> Iterator[CheckLine]:
    skew = connection.box.door.skew
    if skew is None:
        return
    if abs(skew) > _CLOCKS:
        yield CheckLine(Sign.CLOCK_OFF, {"ahead": ahead(skew)})
    else:
        yield CheckLine(Sign.CLOCK, {"seconds": f"{abs(skew) + 0.5:.0f}"})


def _access(page: ListingPage, total: int | None) -> CheckLine | None:
    """Whether managed users are shown, of whom every enterprise has its admin; None where one page does not tell."""
    if UserKind.MANAGED.value in page.columns["kind"]:
        return CheckLine(Sign.ACCESS)
    if page.marker:
        return None
    return CheckLine(Sign.ACCESS_APP_ONLY, {"count": f"{max(total or 0, len(page)):,}"})


def _settings(settings: EnterpriseSettings) -> Iterator[CheckLine]:
    """What matters to new people and to logins."""
    if settings.sso_required:
        yield CheckLine(Sign.SSO_REQUIRED)
    elif settings.sso_required is not None:
        yield CheckLine(Sign.SSO_TESTING if settings.sso_in_testing else Sign.SSO_OFF)
    if settings.invites:
        yield CheckLine(Sign.INVITES, {"invites": settings.invites})
    if settings.logins_fixed:
        yield CheckLine(Sign.LOGINS_FIXED)
    storage = settings.storage
    space = (
        f"{size(int(storage))} of space"
        if storage and storage.isdecimal()
        else f"{storage} space"
        if storage
        else ""
    )
    if told := ", ".join(filter(None, (space, settings.language, settings.timezone))):
        yield CheckLine(Sign.NEW_USERS, {"told": told})
