"""The arguments that commands share."""

from __future__ import annotations

from pathlib import Path

import click

JOB = click.argument("job", metavar="JOB", type=click.Path(path_type=Path))
RUN = click.argument("run", metavar="RUN")
