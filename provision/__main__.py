"""``python -m provision`` and the console script."""

from __future__ import annotations

import gc
import sys

#: so many new containers before Python looks for cycles: what is imported and what is read stays, so the looks that it
#: takes by default (at 700) find nothing and are an eighth of the start; at 50,000 they were still a twentieth
_LOOK_AFTER = 200_000


def main() -> None:
    """Run the program with the process's arguments and end it with the exit code."""
    look_rarely_for_cycles()
    from provision.cli.main import run_program

    code = run_program(sys.argv[1:])
    gc.freeze()  # nor when it ends: the system takes back at once what Python would go through thing by thing
    sys.exit(code)


def look_rarely_for_cycles() -> None:
    """Set how often Python looks for cycles in this process; whoever measures parts of the program does the same."""
    gc.set_threshold(_LOOK_AFTER)


if __name__ == "__main__":
    main()
