"""One seed, one story lived through on some stage: night after night, judged each time, and some of them to a calm end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Protocol

import pandas as pd

from .memory import InMemory
from .nights import Night, Story
from .schedule import Broken
from .sockets import OverSockets
from .truth import Seen, Truth, Users, tomorrow

#: one story in so many goes on until all is calm, and one in so many keeps text as the program does
_TO_THE_END, _AS_THE_PROGRAM = 6, 4


#: how each stage is named on the command line
_NAMES: Mapping[object, str] = {InMemory: "nights", OverSockets: "sockets"}


class Stage(Protocol):
    """Where nights happen. ``whose`` as in Truth; ``trace`` is what has happened, a line each."""

    whose: dict[str, int | str]

    @property
    def trace(self) -> list[str]:
        """What has happened, a line each."""
        ...

    @property
    def users(self) -> Users:
        """Everybody who has an account now, when all has landed that is on its way."""
        ...

    def night(self, night: Night) -> Seen:
        """Live through one night."""
        ...

    def close(self) -> None:
        """End it."""
        ...


def run(seed: int, folder: Path, stage: Callable[[Story, int, Path], Stage] = InMemory) -> list[str]:
    """Live through one story; what happened. Raises Broken when something happens that may not."""
    # small frames of Python's own text are twice as quick, and the same
    text = "python" if seed % _AS_THE_PROGRAM else pd.get_option("mode.string_storage")
    with pd.option_context("mode.string_storage", text):
        story = Story(seed)
        with closing(stage(story, seed, folder)) as lived:
            try:
                _live(story, lived, to_the_end=seed % _TO_THE_END == 0)
            except AssertionError as error:
                raise Broken(seed, f"{error}\n{story.rules}", lived.trace, _NAMES[stage]) from error
            return lived.trace


def _live(story: Story, stage: Stage, *, to_the_end: bool) -> None:
    truth = Truth(story.rules, stage.whose)
    for night in story.nights():
        truth.judge(night, stage.night(night))
    if not to_the_end:
        return
    last = {}
    for night in story.calm_nights(story.rules.absent_runs + 1):
        last[night.job] = stage.night(night)
        truth.judge(night, last[night.job])
    truth.judge_end(story, last, stage.users, tomorrow(night))
