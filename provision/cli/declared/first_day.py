"""init, doctor, sandbox: what somebody begins with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from provision.cli.declared.arguments import JOB
from provision.cli.flags import Flags, with_flags
from provision.cli.taught import taught


@taught(
    "Write a commented job file from the header of a roster.",
    (
        "provision init --from joiners.csv",
        "writes ./provision.yaml: which field each column is read as, and why",
    ),
    (
        'provision init acme --from hr.xlsx --map "Staff No=external_id" --authority full',
        "answers two questions at once, in the folder acme",
    ),
)
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option(
    "--from", "roster_file", metavar="ROSTER", help="The file with the people; its columns are proposed."
)
@click.option("--name", metavar="NAME", help="Name of the job; by default the file's name.")
@click.option(
    "--map",
    "columns",
    metavar="HEADER=FIELD",
    multiple=True,
    help="A column, or a template over columns, is read as this field.",
)
@click.option(
    "--word",
    "words",
    metavar="FIELD:WORD=MEANING",
    multiple=True,
    help="What a word means, for example status:Retired=inactive.",
)
@click.option(
    "--kind",
    type=click.Choice(["managed", "app", "column"]),
    help="Kind of account: people with their own login, or clients of a portal.",
)
@click.option(
    "--authority",
    type=click.Choice(["full", "partial"]),
    help="full: everybody is in the file. Default: partial.",
)
@click.option(
    "--domain",
    "domains",
    metavar="DOMAIN",
    multiple=True,
    help="Whose accounts may be changed; by default taken from the logins in the file.",
)
@click.option(
    "--auth",
    type=click.Choice(["ccg", "jwt", "token"]),
    default="ccg",
    show_default=True,
    help="How to sign in to Box.",
)
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook.")
@click.option("--header-row", metavar="N", type=click.IntRange(min=1), help="The row of the header.")
@click.option("--encoding", metavar="NAME", help="The encoding of a text file.")
@click.option("--delimiter", metavar="SIGN", help="The character between the cells of a text file.")
@with_flags()
def init(folder: Path, flags: Flags, **given: Any) -> int:
    """Write a commented job file, provision.yaml, from the header of a roster; a file that is there is never overwritten."""
    from provision.cli.commands.init import write_job

    return write_job(folder, given, flags)


@taught(
    "Sign in and tell what the job needs and lacks.",
    ("provision doctor provision.yaml", "one line per check: ok, warning or wrong, with what to do"),
)
@JOB
@with_flags()
def doctor(job: Path, flags: Flags) -> int:
    """Sign in and tell what the job may and may not do: rights, settings, clock, folders, ledger; nothing is changed."""
    from provision.cli.commands.doctor import examine_job

    return examine_job(job, flags)


@taught(
    "Serve a local Box, to try things out.",
    (
        "provision sandbox --port 8080 --users 50",
        "an enterprise with fifty invented users, and the variables to sign in with",
    ),
    ("provision sandbox --tls --state box.json", "HTTPS, and the data is kept for the next start"),
)
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="0 takes any free port.")
@click.option("--users", default=0, type=click.IntRange(min=0), help="Invented users besides the admin.")
@click.option(
    "--groups", default=0, type=click.IntRange(min=0), help="Number of invented groups they belong to."
)
@click.option("--seed", metavar="FILE", help="An enterprise to start with (JSON).")
@click.option(
    "--from", "export", metavar="EXPORT", help="The users of a real enterprise, from provision export --out."
)
@click.option(
    "--latency", metavar="MS", default=0.0, type=click.FloatRange(min=0), help="Added to every call."
)
@click.option("--rate-limit", metavar="N/SECONDS", help="Rate limit for each acting user.")
@click.option("--faults", metavar="FILE", help="A fault script.")
@click.option("--state", metavar="FILE", help="Keep the enterprise in this file.")
@click.option("--tls", is_flag=True, help="Serve HTTPS with a self-signed certificate.")
@click.option("--cert", metavar="DIR", help="Serve HTTPS, and keep the certificate in this folder.")
@click.option("--log", metavar="FILE", help="A line for each request; - for stderr.")
@click.option(
    "--control",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    help="Control faults, clock and reset at run time on this port; 0 takes any free one.",
)
@click.option("--config", metavar="FILE", help="Also write the sign-in details to this file, as JSON.")
@click.option(
    "--env",
    is_flag=True,
    help="Print lines for a shell (export …) instead of the JSON line; the default at a terminal.",
)
@click.option(
    "--token-lifetime",
    metavar="SECONDS",
    default=3600,
    type=click.IntRange(min=1),
    help="Lifetime of tokens.",
)
def sandbox(**choices: Any) -> int:
    """Serve a local Box enterprise on loopback, for trying things out and for tests; what it can do, and recipes: docs/sandbox.md."""
    from provision.cli.commands.sandbox import serve

    return serve(choices)


COMMANDS = (init, doctor, sandbox)
