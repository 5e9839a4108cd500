"""The section on new people: what they get beside their account, or in its place."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from provision.job.invitations import Invitations
from provision.job.section import Section
from provision.job.values import Duration
from provision.model import ROSTER_FIELDS, TRACKING_PREFIX

#: a place in a path that stands for what the row of the roster says
PLACE = re.compile(r"\{([^{}]*)\}")
#: the longest name of a folder (Box API reference, POST /folders)
NAME_LETTERS = 255


class FolderRole(StrEnum):
    """What somebody may do in a folder; Box writes these with a blank between (Box API reference, POST /collaborations)."""

    EDITOR = "editor"
    VIEWER = "viewer"
    PREVIEWER = "previewer"
    UPLOADER = "uploader"
    PREVIEWER_UPLOADER = "previewer uploader"
    VIEWER_UPLOADER = "viewer uploader"
    CO_OWNER = "co-owner"


def is_path(folder: str) -> bool:
    """Whether a folder is named by its path from the root of the account behind the sign-in, and not by its Box id."""
    return folder.startswith("/")


def bad_name(name: str) -> bool:
    """Whether Box takes no folder of this name (Box API reference, POST /folders)."""
    odd = name in ("", ".", "..") or name != name.strip() or len(name) > NAME_LETTERS
    return odd or "/" in name or "\\" in name or not name.isprintable()


def _folder(told: str) -> str:
    """An id of digits, or a path with places for fields of the roster."""
    if not is_path(told):
        if not told.isdecimal() or told == "0":
            raise ValueError("the Box id of a folder (digits, not 0), or a path that begins with /")
        return told
    for name in told[1:].split("/"):
        if bad_name(PLACE.sub("x", name)) or any(sign in PLACE.sub("x", name) for sign in "{}"):
            raise ValueError("a path of names that Box takes, as /Clients/{external_id}")
    for field in PLACE.findall(told):
        if field not in ROSTER_FIELDS and not field.startswith(TRACKING_PREFIX):
            raise ValueError(f"{{{field}}} is no field of the roster")
    return told


def _by_id(told: str) -> str:
    if not told.isdecimal() or told == "0":
        raise ValueError("the Box id of a folder: digits, not 0, as its address in Box ends")
    return told


#: a folder as a job names it
FolderName = Annotated[str, StringConstraints(min_length=1), AfterValidator(_folder)]


class FolderAccess(Section):
    """One folder into which everybody new is let."""

    folder: FolderName = Field(
        description="the Box id of a folder, or its path from the root of the account behind the sign-in; {external_id} and "
        "other fields stand for what the row says"
    )
    role: FolderRole = Field(description="what they may do there")
    create: bool = Field(False, description="whether folders of the path that are not there are made")

    @model_validator(mode="after")
    def _only_a_path_can_be_made(self) -> FolderAccess:
        if self.create and not is_path(self.folder):
            raise ValueError("only a path can be made; a folder named by its id is there, or the id is wrong")
        return self


class StarterContent(Section):
    """Something that everybody new finds in their root from the beginning."""

    copy_folder: Annotated[str, AfterValidator(_by_id)] = Field(
        description="the Box id of a folder of which everybody new gets a copy in their root; the sign-in has to be its owner, a co-owner or an editor"
    )


class OnboardingSettings(Invitations):
    """What new people get beside their account, or in its place. Who had an account before is not concerned."""

    collaborations: tuple[FolderAccess, ...] = Field(
        (), description="folders into which everybody new is let, once, as their account is made"
    )
    content: tuple[StarterContent, ...] = Field(
        (), description="what everybody new is given, once, as their account is made"
    )
    wait: Duration = Field(
        timedelta(days=14),
        description="how long somebody may take to confirm or accept what Box asks of them before it is exit 3 again",
    )

    @model_validator(mode="after")
    def _each_folder_once(self) -> OnboardingSettings:
        named = [each.folder for each in self.collaborations]
        if twice := sorted({name for name in named if named.count(name) > 1}):
            raise ValueError(f"{twice[0]} is there twice; a folder has one role")
        return self

    @model_validator(mode="after")
    def _each_content_once(self) -> OnboardingSettings:
        given = [each.copy_folder for each in self.content]
        if twice := sorted({name for name in given if given.count(name) > 1}):
            raise ValueError(f"folder {twice[0]} is to be copied twice")
        return self
