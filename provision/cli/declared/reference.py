"""help: what there is to name, in a list."""

from __future__ import annotations

import click

from provision.cli.flags import Flags, with_flags
from provision.cli.taught import taught

TOPICS = ("guards", "fields", "kinds", "keys", "findings", "codes")


@taught(
    "List guards, roster fields, kinds, keys, findings, codes.",
    ("provision help guards", "the names that --allow accepts, and what each guard counts"),
    ("provision help fields", "the fields that a roster column can be"),
)
@click.argument("topic", metavar=f"[{'|'.join(TOPICS)}]", type=click.Choice(TOPICS))
@with_flags()
def help(topic: str, flags: Flags) -> int:  # noqa: A001 - the command's name
    """List what there is to name: guards (for --allow), fields of a roster, kinds of operation (for --only and --except), keys of a job file, findings of a summary, exit codes."""
    from provision.cli.commands.reference import list_topic

    return list_topic(topic, flags)


COMMANDS = (help,)
