"""What of a person has to be seen to in Box before anything else can be done for them: then it is tried by later runs."""

from __future__ import annotations

from collections.abc import Mapping

from provision.because import Because, reason, says
from provision.errors import BoxFault
from provision.journal.value import Noted, noted
from provision.model import Status
from provision.operations.kind import Refusal
from provision.operations.value import Change

#: what Box says of people who have not done yet what it asks of them (developer.box.com, Common errors, Provision users)
_BLOCKED: Mapping[str, Because] = {
    "user_email_confirmation_required": Because.MAIL_UNCONFIRMED,
    "password_reset_required": Because.SIGN_IN_UNSET,
    "terms_of_service_required": Because.TERMS_NOT_ACCEPTED,
}


#: an earlier run has begun it, or may have
_BEGUN = (Because.ONBOARDING_LEFT, Because.ONBOARDING_WAITS, Because.ONBOARDING_OVERDUE)


def left_before(change: Change) -> bool:
    """Whether an earlier run may have done it: then it is looked for before it is sent."""
    return says(change.because, *_BEGUN)


def is_blocked(fault: BoxFault) -> bool:
    """Whether Box lets nothing be done for the person, or as the person, yet."""
    return fault.answer.code in _BLOCKED


def blocked(change: Change, fault: BoxFault, *, nothing_done: bool = False) -> Refusal | None:
    """It waits for the person, where Box says so; None for any other fault.

    ``nothing_done``: what Box says shows of earlier tries, too, that nothing came of them.
    """
    code = _BLOCKED.get(fault.answer.code)
    if code is None or (fault.doubtful and not nothing_done):
        return None
    return Refusal(Status.WAITING, noted(Noted.WAITS, why=reason(code)), change.box_id)
