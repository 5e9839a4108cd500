"""Words for reasons on folders that people are let into, and on what they are given."""

from __future__ import annotations

from collections.abc import Mapping

from provision.because import Because

OF_FOLDERS: Mapping[Because, str] = {
    Because.ONBOARDING: "new people get access to {entry} (onboarding)",
    Because.GROUP_ACCESS: "the group {group} gets access to {folder} (onboarding)",
    Because.STARTER_CONTENT: "new people are given {entry} (onboarding)",
    Because.ONBOARDING_LEFT: "an earlier run did not finish it",
    Because.ONBOARDING_WAITS: "waits since {since}; from {until} on it is reported again",
    Because.ONBOARDING_OVERDUE: "waits since {since}, which is longer than onboarding.wait (until {until})",
    Because.FOLDER_WANTED: "people or groups get access to it, or to a folder in it (onboarding)",
    Because.FOLDER_UNTOLD: "the row says nothing in {field}, of which the path {folder} is made; fill it in",
    Because.FOLDER_UNNAMED: "Box takes no folder of the name that {field} of the row makes in {folder}; correct the row",
    Because.COLLABORATION_PENDING: "access given, and Box waits for the person to accept it; the next runs look again",
    Because.MAIL_UNCONFIRMED: "Box waits for the person to confirm the address, by the mail that it has sent; the next runs try again",
    Because.SIGN_IN_UNSET: "Box waits for the person to set a password; the next runs try again",
    Because.TERMS_NOT_ACCEPTED: "Box waits for the person to accept the terms of service; the next runs try again",
    Because.UNDO_COLLABORATION: "the undone run gave this account or group access to the folder, or removed it",
    Because.FOLDER_STAYS: "the undone run created this folder, and it stays: it may have content by now",
    Because.STARTER_CONTENT_STAYS: "the undone run gave this account starter content, which stays: somebody may have worked with it by now",
}
