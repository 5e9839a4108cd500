"""The ready text for what only Box support can bring back: deleted users.

Box takes such a request from the account of the main admin, or of the co-admin who deleted them, with name, e-mail address
and day of the deletion; their content can be recovered for 14 days, their collaborations are not restored (Box Support,
Recovering Deleted Users, article 360044193713).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from provision.model import UserKind
from provision.plan.undo.inverse import Deleted
from provision.wording import counted, moment, plural

#: the file in the run folder of an undo
REQUEST_NAME = "restore-request.txt"
#: how long Box promises to be able to recover the content of deleted users
WINDOW = timedelta(days=14)

_ARTICLE = "https://support.box.com/hc/en-us/articles/360044193713-Recovering-Deleted-Users"
_HEAD = """\
To: Box Product Support
Subject: Please recover {number} deleted in enterprise {enterprise_id}

(Send this from the account of the main admin, or of the co-admin who deleted them:
{article})

Please recover the following {users} of enterprise {enterprise_id}, deleted through the API by mistake,
with the content they own. {deadline}.

"""
_TAIL = """

We know that their collaborations are not restored, and will add those again ourselves.
"""


def said(lost: Deleted) -> str:
    """One deleted account in a sentence, with the day until which Box surely can recover its content."""
    when = f"deleted at {_moment(lost.at)}" if lost.sure else f"gone, perhaps deleted at {_moment(lost.at)}"
    return f"{lost.key} (Box id {lost.box_id}): {when}; Box can recover its content until {_deadline(lost)}"


def restore_request(deleted: Sequence[Deleted], enterprise_id: str) -> str:
    """The text of the request to Box support. It holds names and logins: keep it in the run folder."""
    first = min(deleted, key=lambda lost: lost.at)
    number = counted(len(deleted), "user")
    head = _HEAD.format(
        number=number,
        users=plural(len(deleted), "user"),
        enterprise_id=enterprise_id,
        article=_ARTICLE,
        deadline=f"Your 14 days for that end on {_deadline(first)}",
    )
    return head + "\n".join(_lines(deleted)) + _TAIL


def _lines(deleted: Iterable[Deleted]) -> Iterable[str]:
    for lost in deleted:
        yield f"- name:        {lost.name}"
        yield f"  login:       {lost.login}"
        if lost.user_kind is UserKind.APP:
            yield f"  app user:    external_app_user_id {lost.external_id}"
        yield f"  Box id:      {lost.box_id}"
        yield f"  deleted at:  {_moment(lost.at)}{'' if lost.sure else ' (the answer was lost; the account is gone)'}"
        if lost.request_id:
            yield f"  request id:  {lost.request_id}"


def _moment(at: str) -> str:
    return moment(datetime.fromisoformat(at), seconds=True) if at else "an unknown time"


def _deadline(lost: Deleted) -> str:
    return f"{datetime.fromisoformat(lost.at) + WINDOW:%Y-%m-%d}" if lost.at else "14 days after that"
