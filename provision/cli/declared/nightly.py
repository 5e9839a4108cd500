"""check, plan, run, apply, resume, verify, schedule, test: what a night is made of."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from provision.cli.completing import kinds_of_operation
from provision.cli.declared.arguments import JOB, RUN
from provision.cli.flags import Flags, with_flags
from provision.cli.streams import answered
from provision.cli.taught import taught


@taught(
    "Validate the job and its roster, without contacting Box.",
    (
        "provision check provision.yaml",
        "which column is which field, which rows are wrong, what changed since the last roster",
    ),
    (
        "provision check provision.yaml --accept",
        "the roster is right although it differs a lot: compare the next ones with it",
    ),
)
@JOB
@click.option(
    "--accept", is_flag=True, help="Use this roster as the baseline for the next ones, in your name."
)
@with_flags("roster")
def check(job: Path, flags: Flags, *, accept: bool) -> int:
    """Validate the job and its roster, also beside earlier ones, without touching Box."""
    from provision.cli.commands.check import check_job

    return check_job(job, flags, take=accept)


def _explain_rules(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from provision.report.sentences.rules_table import rules_in_words

        answered(rules_in_words())
        context.exit()


@taught(
    "Dry run: write the plan and its preview.",
    ("provision plan provision.yaml --open", "the preview in a browser; nothing is changed"),
    ("provision plan provision.yaml --person ann@acme.example", "only one person of the roster"),
)
@click.option(
    "--explain-rules",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_explain_rules,
    help="Print the decision table, and nothing else.",
)
@JOB
@click.option("--open", "opened", is_flag=True, help="Open the preview in a browser.")
@click.option(
    "--markdown",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Also write the plan for a pull request, a chat or a mail.",
)
@click.option(
    "--as-of",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="What the job would do on that day, for example 2027-01-01; cannot be applied.",
)
@with_flags("roster", "person", "aliases", "allow")
def plan(job: Path, flags: Flags, *, as_of: datetime | None, **wanted: Any) -> int:
    """Dry run: read roster and enterprise, write the plan and its preview, change nothing."""
    from provision.cli.commands.run import PlanWishes, plan_job

    return plan_job(job, flags, PlanWishes(**wanted, as_of=as_of.date() if as_of else None))


@taught(
    "Plan and apply in one, for the nightly run.",
    ("provision run provision.yaml --yes", "for a scheduler; what a guard stops waits for a person"),
    (
        "provision run provision.yaml --allow removals=12",
        "tonight up to twelve people may leave, and no more",
    ),
)
@JOB
@click.option("--dry-run", is_flag=True, help="The same as plan.")
@with_flags("roster", "person", "aliases", "allow", "prove", "yes")
def run(job: Path, flags: Flags, *, dry_run: bool) -> int:
    """Plan and apply in one, for the nightly run."""
    from provision.cli.commands.run import plan_job, run_job

    return plan_job(job, flags) if dry_run else run_job(job, flags)


@taught(
    "Carry out a saved plan, and nothing but it.",
    ("provision apply runs/20261129T020000Z-nightly-3fa9", "what the preview of this run shows"),
    (
        "provision apply 20261129T020000Z-nightly-3fa9 --only create,update",
        "to begin with, nobody is removed",
    ),
)
@RUN
@click.option(
    "--only", metavar="KIND,...", shell_complete=kinds_of_operation, help="Only these kinds of operation."
)
@click.option(
    "--except",
    "excepted",
    metavar="KIND,...",
    shell_complete=kinds_of_operation,
    help="All but these kinds of operation.",
)
@click.option(
    "--digest", metavar="HEX", default=None, help="Only if this is the digest that plan and preview showed."
)
@with_flags("allow", "prove", "yes")
def apply(run: str, flags: Flags, *, digest: str | None, **kinds: str | None) -> int:
    """Carry out a saved plan, and nothing but it."""
    from provision.cli.commands.run import apply_run

    return apply_run(run, flags, digest, **kinds)


@taught(
    "Finish a run that was interrupted.",
    (
        "provision resume runs/20261129T020000Z-nightly-3fa9",
        "each operation is done exactly once, including those that failed",
    ),
)
@RUN
@with_flags("allow", "yes")
def resume(run: str, flags: Flags) -> int:
    """Go on with a run that was interrupted or left failures, and finish it exactly once."""
    from provision.cli.commands.run import resume_run

    return resume_run(run, flags)


@taught(
    "Show what still differs from the roster.",
    ("provision verify provision.yaml", "exit code 0: Box matches the roster"),
    ("provision verify provision.yaml --as-users 3", "can the app act as three of its users?"),
)
@JOB
@click.option(
    "--as-users", type=int, metavar="N", help="Also sign in as N app users, and list their root folders."
)
@with_flags("roster", "person", "aliases")
def verify(job: Path, flags: Flags, *, as_users: int | None) -> int:
    """Read the enterprise again and show what still differs from the roster."""
    from provision.cli.commands.run import verify_job

    return verify_job(job, flags, as_users)


@taught(
    "Print a recipe that runs the job every night.",
    ("provision schedule provision.yaml --print cron --at 02:30", "a line for crontab"),
    ("provision schedule provision.yaml --print systemd --jitter 10m", "a service and its timer"),
)
@JOB
@click.option(
    "--print",
    "scheduler",
    type=click.Choice(["cron", "systemd", "k8s", "windows"]),
    required=True,
    help="For what.",
)
@click.option(
    "--at", metavar="HH:MM", default="02:30", show_default=True, help="Start time, by the machine's clock."
)
@click.option(
    "--jitter",
    metavar="[TIME]",
    default="",
    is_flag=False,
    flag_value="15m",
    help="Random delay of up to this long, for example 10m, so that many machines do not start at once.",
)
@with_flags()
def schedule(job: Path, scheduler: str, at: str, jitter: str, flags: Flags) -> int:
    """Print a filled-in recipe that runs the job every night."""
    from provision.cli.commands.schedule import print_schedule

    return print_schedule(job, scheduler, at, jitter, flags)


@taught(
    "Check a plan against rules of your own.",
    (
        "provision test provision.yaml rules.yaml",
        "makes a plan and checks it; exit code 3 if a rule is broken",
    ),
    ("provision test runs/20261129T020000Z-nightly-3fa9 rules.yaml", "checks an existing plan"),
)
@click.argument("name", metavar="JOB|RUN", type=click.Path())
@click.argument("rules", metavar="RULES", type=click.Path(path_type=Path))
@with_flags("roster", "person", "allow")
def test(name: str, rules: Path, flags: Flags) -> int:
    """Check a run's plan, or one made for a job, against rules of your own: what no plan may have, or only so many of."""
    from provision.cli.commands.policy import test_rules

    return test_rules(name, rules, flags)


@taught(
    "Run the jobs of many enterprises.",
    ("provision fleet fleet.yaml", "runs all enterprises once, on the workers named in the fleet file"),
    ("provision fleet fleet.yaml --only acme,north-*", "some of them, by their names in the fleet"),
    (
        "provision fleet fleet.yaml --resume fleet-20261129T020000Z-holding-3fa9",
        "continue a fleet run: what is left, what failed, what was interrupted",
    ),
)
@click.argument("fleet", metavar="FLEET", type=click.Path(path_type=Path))
@click.option(
    "--only", metavar="NAME,...", multiple=True, help="Only these jobs of the fleet; * is a wildcard."
)
@click.option(
    "--resume", metavar="FLEET_RUN", default="", help="Continue this fleet run, given by folder or id."
)
@with_flags()
def fleet(fleet: Path, only: tuple[str, ...], resume: str, flags: Flags) -> int:
    """Run the jobs of many enterprises, side by side on the workers of a Dask cluster, and report on all of them."""
    from provision.cli.commands.fleet import lead_fleet

    return lead_fleet(fleet, only, resume, flags)


COMMANDS = (check, plan, run, apply, resume, verify, fleet, schedule, test)
