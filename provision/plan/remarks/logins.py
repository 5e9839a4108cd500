"""What people notice of a login that changes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provision.findings import Code, Finding, Level
from provision.model import Kind
from provision.operations.value import Change
from provision.wording import counted, plural

#: Box mails a change of login whatever a header says (developer.box.com, Suppress notifications)
_NOTICED = (
    "Box mails {them} about it, and to a new address that has to be confirmed; Box Drive, Sync and the apps may ask to sign in again. With "
    "single sign-on the identity provider has to know the new address"
)


def remarks_on_logins(changes: Iterable[Change]) -> Iterator[Finding]:
    """One note for all whose login changes; none without anybody."""
    number = sum(change.kind is Kind.LOGIN_CHANGE and not change.completes for change in changes)
    if number:
        people = counted(number, "person signs", "people sign")
        noticed = _NOTICED.format(them=plural(number, "this person", "each of them"))
        sentence = f"{people} in with another address from then on. {noticed}"
        yield Finding(Code.LOGINS_CHANGE, Level.NOTE, sentence, "tell them before the run")
