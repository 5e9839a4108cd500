"""How kinds of operation are called when a person reads of them, and the words of which outcomes and verdicts are made."""

from __future__ import annotations

from typing import NamedTuple

from provision.model import Kind


class KindWords(NamedTuple):
    """How a kind of operation is told: as a heading, by a sign that never stands alone, in a colour, and in the infinitive."""

    heading: str
    sign: str
    colour: str
    infinitive: str


KIND_WORDS = {
    Kind.CREATE: KindWords("Create", "+", "green", "create the account"),
    Kind.UPDATE: KindWords("Update", "~", "cyan", "update the account"),
    Kind.ACTIVATE: KindWords("Activate", "^", "green", "activate the account"),
    Kind.DEACTIVATE: KindWords("Deactivate", "!", "yellow", "deactivate the account"),
    Kind.INVITE: KindWords("Invite", "?", "green", "invite the person, who has an account outside"),
    Kind.END_SESSIONS: KindWords("End sessions", "x", "yellow", "end the sessions of the account"),
    Kind.TRANSFER: KindWords("Transfer content", ">", "yellow", "transfer the content of the account"),
    Kind.ARCHIVE_MOVE: KindWords("Move into the archive", "»", "yellow", "move the content into the archive"),
    Kind.GROUP_CREATE: KindWords("Create a group", "*", "green", "create the group"),
    Kind.MEMBERSHIP_ADD: KindWords("Add to a group", "&", "green", "add the account to a group"),
    Kind.MEMBERSHIP_UPDATE: KindWords("Change a role in a group", "%", "cyan", "change a role in a group"),
    Kind.MEMBERSHIP_REMOVE: KindWords(
        "Remove from a group", "/", "yellow", "remove the account from a group"
    ),
    Kind.DELETE: KindWords("Delete", "-", "red", "delete the account"),
    Kind.ROLL_OUT: KindWords(
        "Roll out of the enterprise", "<", "red", "roll the account out of the enterprise"
    ),
    Kind.LOGIN_CHANGE: KindWords("Change the login", "@", "cyan", "change the login of the account"),
    Kind.ALIAS_ADD: KindWords("Add an alias", "=", "cyan", "add an alias to the account"),
    Kind.ALIAS_REMOVE: KindWords("Remove an alias", "¬", "yellow", "remove an alias of the account"),
    Kind.FOLDER_CREATE: KindWords("Create a folder", "#", "green", "create the folder"),
    Kind.COLLABORATION_ADD: KindWords(
        "Give access to a folder", "|", "green", "give the account access to a folder"
    ),
    Kind.COLLABORATION_REMOVE: KindWords(
        "Remove access to a folder", "\\", "yellow", "remove the account's access to a folder"
    ),
    Kind.STARTER_CONTENT: KindWords(
        "Give starter content", ":", "green", "give the account its starter content"
    ),
}


def label(word: str) -> str:
    """A verdict or an outcome as people write it: ``out_of_scope`` → out of scope."""
    return word.replace("_", " ")
