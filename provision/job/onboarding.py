"""The section on new people: what they get beside their account, or in its place."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from provision.job.invitations import Invitations
from provision.job.section import Section
from provision.job.values import Duration, JobPath
from provision.model import GROUP_NAME_LETTERS, LIST_SEPARATOR, ROSTER_FIELDS, TRACKING_PREFIX
from provision.trees import bad_name

#: a place in a path that stands for what the row of the roster says
PLACE = re.compile(r"\{([^{}]*)\}")


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


def _name(told: str) -> str:
    if bad_name(told):
        raise ValueError("a name that Box takes for a folder, without slashes")
    return told


def _group(told: str) -> str:
    name = told.strip()
    if not name or len(name) > GROUP_NAME_LETTERS or LIST_SEPARATOR in name:
        raise ValueError(
            f"the name of one group: at most {GROUP_NAME_LETTERS} letters, without {LIST_SEPARATOR}"
        )
    return name


#: a folder as a job names it
FolderName = Annotated[str, StringConstraints(min_length=1), AfterValidator(_folder)]


class FolderAccess(Section):
    """One folder into which everybody new is let, or once a group."""

    folder: FolderName = Field(
        description="the Box id of a folder, or its path from the root of the account behind the sign-in; {external_id} and "
        "other fields stand for what the row says"
    )
    group: Annotated[str, AfterValidator(_group)] | None = Field(
        None, description="the name of a group that is let in, once, in the place of everybody new"
    )
    role: FolderRole = Field(description="what they may do there")
    create: bool = Field(False, description="whether folders of the path that are not there are made")

    @model_validator(mode="after")
    def _only_a_path_can_be_made(self) -> FolderAccess:
        if self.create and not is_path(self.folder):
            raise ValueError("only a path can be made; a folder named by its id is there, or the id is wrong")
        return self

    @model_validator(mode="after")
    def _a_group_has_no_row(self) -> FolderAccess:
        if self.group is not None and PLACE.search(self.folder):
            raise ValueError(
                "a group is let into a folder that no row decides; who may see a folder sees all that lies in it, so name the one above"
            )
        return self


class StarterContent(Section):
    """Something that everybody new finds in their root from the beginning: a copy of a folder of Box, or of one on this machine."""

    copy_folder: Annotated[str, AfterValidator(_by_id)] | None = Field(
        None,
        description="the Box id of a folder of which everybody new gets a copy in their root; the sign-in has to be its owner, a co-owner or an editor",
    )
    from_: JobPath | None = Field(
        None,
        alias="from",
        description="or a folder on this machine, with everything in it but hidden files",
    )
    into: Annotated[str, AfterValidator(_name)] | None = Field(
        None, description="the name of the folder in their root that gets what lies in `from`"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> StarterContent:
        local = (self.from_ is not None, self.into is not None)
        if local not in ((True, True), (False, False)) or local[0] == (self.copy_folder is not None):
            raise ValueError(
                "either copy_folder, the id of a folder of Box, or from, a folder on this machine, and into"
            )
        return self

    @property
    def entry(self) -> str:
        """What names it in plans and later runs: the id of the folder, or the path in the root of whoever gets it."""
        return self.copy_folder or f"/{self.into}"


class OnboardingSettings(Invitations):
    """What new people get beside their account, or in its place. Who had an account before is not concerned."""

    collaborations: tuple[FolderAccess, ...] = Field(
        (),
        description="folders into which everybody new is let, once, as their account is made, and groups, once, as the job begins to name them",
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
        named = [(each.folder, (each.group or "").casefold()) for each in self.collaborations]
        if twice := sorted({place for place in named if named.count(place) > 1}):
            raise ValueError(f"{twice[0][0]} is listed twice; a folder has one role")
        return self

    @model_validator(mode="after")
    def _each_content_once(self) -> OnboardingSettings:
        given = [each.entry.casefold() for each in self.content]
        if twice := sorted({each.entry for each in self.content if given.count(each.entry.casefold()) > 1}):
            raise ValueError(f"{twice[0]} is listed twice in content; a folder can be given once")
        return self
