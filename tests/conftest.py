"""What every test starts with: how many examples a property is tried on, and how often Python looks for cycles."""

from __future__ import annotations

from provision.__main__ import look_rarely_for_cycles
from tests import examples

examples.choose_profile()
look_rarely_for_cycles()  # as the program does
