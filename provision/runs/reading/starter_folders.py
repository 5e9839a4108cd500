"""Reading the folders of this machine that new people get, once somebody gets one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from provision.errors import InputError
from provision.job.settings import Job
from provision.operations.content.starter_common import is_local
from provision.operations.value import Change
from provision.trees import LocalTree, read_tree


class Trees(Mapping[str, LocalTree]):
    """The folders of a job by their place in the root; each is read once, as it is asked for: most nights nobody gets one.

    Asking for one raises InputError where it cannot be taken over.
    """

    def __init__(self, job: Job) -> None:
        self._places = _places(job)
        self._read: dict[str, LocalTree] = {}

    def __getitem__(self, place: str) -> LocalTree:
        if place not in self._read:
            self._read[place] = read_tree(self._places[place])
        return self._read[place]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _places(job: Job) -> dict[str, Path]:
    given = job.onboarding.content if job.onboarding else ()
    return {content.entry: content.from_ for content in given if content.from_ is not None}


def expect_folders(job: Job) -> None:
    """Raise InputError unless the folders of ``onboarding.content`` are there; what lies in them is not read yet."""
    for place in _places(job).values():
        if not place.is_dir():
            raise InputError(
                f"There is no folder {place}, which onboarding.content names (from).",
                cause="a path that counts from somewhere else than the folder of the job file, or a disk that is not mounted",
                remedy="correct the path, or take the entry out of the job",
            )


def expect_sound(job: Job) -> None:
    """Raise InputError for any folder of ``onboarding.content`` that cannot be read, or holds what Box would not take."""
    expect_folders(job)
    for place in _places(job).values():
        read_tree(place)


def trees_for(changes: Iterable[Change], job: Job) -> dict[str, LocalTree]:
    """The folders that these operations bring, as they are now. Raises InputError as :class:`Trees`."""
    trees = Trees(job)
    wanted = {change.object for change in changes if is_local(change)}
    return {place: trees[place] for place in trees if place in wanted}
