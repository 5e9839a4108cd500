"""How much is tried: a share of the examples and the small sister of what is large by default, all of it in `make soak`.

``HYPOTHESIS_PROFILE=deep`` is all of it. By default the same examples are tried every time, on every machine; deep ones are
drawn by chance, so that each soak sees others, and a failure prints the line that shows it again.
"""

from __future__ import annotations

import os
from typing import Any, TypeVar

from hypothesis import settings

T = TypeVar("T")

#: of the examples a property asks for, how many a profile takes, in percent
_SHARES = {"default": 20, "deep": 200}
#: fewer examples are none
_FEWEST = 5


def choose_profile() -> None:
    """Load the profile that the environment names."""
    for name, share in _SHARES.items():
        settings.register_profile(
            name,
            max_examples=share,
            deadline=None,
            derandomize=name == "default",
            database=None,
            print_blob=True,
        )
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def examples(number: int = 100, **more: Any) -> settings:
    """The settings of a property that asks for so many examples; the profile takes its share of them."""
    return settings(max_examples=max(_FEWEST, number * settings().max_examples // 100), **more)


def either(small: T, large: T) -> T:
    """The size of what is tried once: ``large`` in the deep profile. Whoever uses it is marked ``soak``."""
    return large if settings().max_examples > 100 else small
