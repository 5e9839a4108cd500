"""What a job gives new people, entry by entry: what an operation names its entry by, and the path that a row makes of it. Pure."""

from __future__ import annotations

from collections.abc import Callable

from provision.because import Because, joined, parsed, reason
from provision.job.onboarding import PLACE
from provision.operations.value import Change
from provision.trees import bad_name

#: reasons that name an entry
_ENTRIES = (Because.ONBOARDING, Because.STARTER_CONTENT)
#: what the row of a person says in a field, "" for nothing
Says = Callable[[str], str]


def entry_of(change: Change) -> str:
    """Of which entry of the job's section an operation is, as the job writes it, "" for none."""
    told = (each for each in parsed(change.because) if each.code in _ENTRIES)
    return next((each.fact("entry") for each in told), "")


def because_of(entry: str, more: str = "", code: Because = Because.ONBOARDING) -> str:
    """Why an operation is planned: an entry of the job's section, which later runs know it by."""
    return joined(reason(code, entry=entry), more)


def path_for(folder: str, says: Says) -> tuple[str, str]:
    """The path that a row makes of what the job says, and as a reason why it makes none, "" if it does.

    What a row says is one name, or part of one: it never leads into another folder.
    """
    names = []
    for name in folder.split("/")[1:]:
        fields = PLACE.findall(name)
        if untold := [field for field in fields if not says(field)]:
            return folder, reason(Because.FOLDER_UNTOLD, field=", ".join(untold), folder=folder)
        made = PLACE.sub(lambda found: says(found[1]), name)
        if bad_name(made):
            return folder, reason(Because.FOLDER_UNNAMED, field=", ".join(fields), folder=folder)
        names.append(made)
    return "/" + "/".join(names), ""
