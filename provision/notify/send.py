"""Sending a message to the addresses of a job, each in a time of its own; an address is never named, since it may let somebody in."""

from __future__ import annotations

import contextlib
import logging
import re
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from provision.errors import JobError
from provision.job.nightly import RECEIVER
from provision.job.settings import Job
from provision.report.messages.message import Message

if TYPE_CHECKING:
    from apprise import Apprise

#: seconds until an address is given up; a run that has done its work does not wait for a chat
LIMIT = 30.0
#: bytes of a file that is sent along; of larger ones the message says where they lie
LARGEST = 5_000_000

_INSTALL = "pip install 'box-provision[notify]'"
#: how Apprise writes down what a service answered
_STATUS = re.compile(r"error=(\d{3})\b")
_SCHEME = re.compile(r"([a-z][a-z0-9+-]{1,20})://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message for one address of ``notify``: at which ``place`` of the list it stands, from 1, and what is sent along."""

    place: int
    url: str = field(repr=False)
    message: Message
    files: tuple[Path, ...] = ()

    @property
    def address(self) -> str:
        """How the address is named: by its place and its kind."""
        return named(self.place, self.url)


def named(place: int, url: str) -> str:
    """An address by its place in the job file and its scheme, which is all of it that may be told."""
    scheme = _SCHEME.match(url)
    return f"notify[{place}]{f' ({scheme[1].casefold()})' if scheme else ''}"


def sent_to(url: str, receiver: str) -> str:
    """The address with the login of a receiver in it, where it has a place for one."""
    return url.replace(RECEIVER, quote(receiver, safe=""))


def expect_addresses(job: Job) -> None:
    """Raise JobError where Apprise is missing or cannot read an address of the job; one that is empty or not set here is nobody's."""
    urls = [
        (place, sent_to(each.url, "a@b.example"))
        for place, each in enumerate(job.notify, start=1)
        if each.url
    ]
    if not urls:
        return
    if not can_be_told():
        raise JobError(
            "The job has notify, and the library that sends messages (Apprise) is not installed.",
            cause="the program was installed without its extra",
            remedy=_INSTALL,
        )
    wrong = [named(place, url) for place, url in urls if "://" in url and not _readable(url)]
    if wrong:
        raise JobError(
            f"{', '.join(wrong)}: this is no address that Apprise knows.",
            cause="a part of it is missing, or its scheme is misspelt",
            remedy="compare it with https://github.com/caronc/apprise/wiki, and correct the variable behind it",
        )


def can_be_told() -> bool:
    """Whether the library is there."""
    return find_spec("apprise") is not None


def _readable(url: str) -> bool:
    with _hushed():
        return len(_addressed(url)) == 1


def send(parcels: Sequence[Parcel]) -> list[tuple[str, str]]:
    """Send all of them at once; each address that was not told, and why. Never raises, and takes LIMIT seconds at most."""
    if parcels and not can_be_told():
        return [(each.address, f"Apprise is not installed: {_INSTALL}") for each in parcels]
    told: dict[int, str] = {}
    if not parcels:
        return []
    with _hushed() as heard:
        _addressed("")  # the library is loaded once, not by several threads at a time
        threads = [
            threading.Thread(target=_send, args=(number, each, told, heard), daemon=True)
            for number, each in enumerate(parcels)
        ]
        for thread in threads:
            thread.start()
        _wait(threads)
    late = f"no answer within {LIMIT:g} seconds"
    ends = dict.fromkeys((each.address, told.get(number, late)) for number, each in enumerate(parcels))
    return [
        (address, why) for address, why in ends if why
    ]  # an address that several are reached by is told once


def _wait(threads: Sequence[threading.Thread]) -> None:
    """Until all have ended or their time is over; those that go on are ended with the process."""
    end = time.monotonic() + LIMIT
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))


def _send(number: int, parcel: Parcel, told: dict[int, str], heard: _Heard) -> None:
    try:
        told[number] = _sent(parcel, heard)
    except Exception as error:  # noqa: BLE001 - whatever a plugin does, a run that went well stays so; its text may hold the address
        told[number] = f"the library failed ({type(error).__name__})"


def _sent(parcel: Parcel, heard: _Heard) -> str:
    """Why it was not sent, "" if it was."""
    address, message = _addressed(parcel.url), parcel.message
    if len(address) != 1:
        return "this is no address that Apprise knows"
    files = [str(path) for path in parcel.files if path.stat().st_size <= LARGEST]
    taken = address.notify(
        body=message.body,
        title=message.title,
        notify_type=message.gravity.value,
        body_format="text",
        attach=files or None,
        interpret_escapes=False,
    )
    if taken:
        return ""
    status = heard.of(threading.get_ident())
    return (
        f"the service answered HTTP {status}" if status else "the service could not be reached, or refused it"
    )


def _addressed(url: str) -> Apprise:
    import apprise

    # without a time limit of its own, which would start threads that the end of the process waits for
    asset = apprise.AppriseAsset(
        app_id="provision", app_desc="provision", storage_mode="memory", service_timeout=0
    )
    told = apprise.Apprise(asset=asset)
    told.add(url)
    return told


class _Heard(logging.Handler):
    """Takes from what Apprise says the HTTP status alone: the rest may hold an address."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._statuses: dict[int | None, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the status, by the thread that met it."""
        if found := _STATUS.search(record.getMessage()):
            self._statuses[record.thread] = found[1]

    def of(self, thread: int) -> str:
        """The last status that this thread met, "" for none."""
        return self._statuses.get(thread, "")


class _Hush:
    """What libraries say of an address, or of one another, reaches no terminal and no log as long as anybody sends; runs may do so at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._within = 0
        self._before: list[tuple[logging.Logger, bool]] = []

    @contextlib.contextmanager
    def __call__(self) -> Iterator[_Heard]:
        heard, apprise = _Heard(), logging.getLogger("apprise")
        self._enter()
        apprise.addHandler(heard)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield heard
        finally:
            apprise.removeHandler(heard)
            self._leave()

    def _enter(self) -> None:
        with self._lock:
            self._within += 1
            if self._within == 1:
                loggers = [logging.getLogger(name) for name in ("urllib3", "requests")]
                self._before = [(one, one.propagate) for one in loggers]
                for one in (*loggers, logging.getLogger("apprise")):
                    one.propagate = False
                    if not one.handlers:
                        one.addHandler(logging.NullHandler())

    def _leave(self) -> None:
        """Apprise's own stays quiet: a thread that is late must not speak up either."""
        with self._lock:
            self._within -= 1
            if not self._within:
                for one, propagated in self._before:
                    one.propagate = propagated


_hushed = _Hush()
