"""The arguments that commands share."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.completing import run_names

JOB = click.argument("job", metavar="JOB", type=click.Path(path_type=Path))
FLEET = click.option(
    "--fleet",
    metavar="FLEET",
    type=click.Path(path_type=Path),
    default=None,
    help="The fleet file that lists the jobs.",
)
RUN = click.argument("run", metavar="RUN", shell_complete=run_names)
