"""sandbox: what somebody begins with."""

from __future__ import annotations

from typing import Any

import click


@click.command()
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="0 takes any free port.")
@click.option("--users", default=0, type=click.IntRange(min=0), help="Invented users besides the admin.")
@click.option("--seed", metavar="FILE", help="An enterprise to start with (JSON).")
@click.option(
    "--latency", metavar="MS", default=0.0, type=click.FloatRange(min=0), help="Added to every call."
)
@click.option("--rate-limit", metavar="N/SECONDS", help="Calls for each acting user.")
@click.option("--faults", metavar="FILE", help="A fault script.")
@click.option("--state", metavar="FILE", help="Keep the enterprise in this file.")
@click.option("--tls", is_flag=True, help="Serve HTTPS with a certificate of its own.")
@click.option("--config", metavar="FILE", help="Also write the JSON line here.")
@click.option(
    "--token-lifetime",
    metavar="SECONDS",
    default=3600,
    type=click.IntRange(min=1),
    help="How long tokens last.",
)
def sandbox(**choices: Any) -> int:
    """Serve a local Box enterprise on loopback, for trying things out and for tests."""
    from provision.cli.commands.sandbox import serve

    return serve(choices)


COMMANDS = (sandbox,)
