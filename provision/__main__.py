"""``python -m provision`` and the console script."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the program with the process's arguments and end it with the exit code."""
    from provision.cli.main import run_program

    sys.exit(run_program(sys.argv[1:]))


if __name__ == "__main__":
    main()
