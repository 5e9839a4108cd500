"""explain, token, holds, approve, review, adopt, forget: what is about single people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from provision.cli.completing import kinds_of_operation, known_people, people_of_run
from provision.cli.declared.arguments import FLEET, JOB, RUN
from provision.cli.flags import Flags, with_flags
from provision.cli.taught import taught
from provision.errors import UsageError


@taught(
    "Explain every decision about one person.",
    ("provision explain provision.yaml ann@acme.example", "why can she not sign in?"),
    ("provision explain provision.yaml 1001 --json", "the same for a program, by external id"),
)
@JOB
@click.argument("person", metavar="PERSON", shell_complete=known_people)
@with_flags()
def explain(job: Path, person: str, flags: Flags) -> int:
    """Tell every decision about one person, by login, external id or Box id."""
    from provision.cli.commands.explain import explain_person

    return explain_person(job, person, flags)


@taught(
    "Print a token of one app user.",
    ("provision token portal.yaml client-17", "for a portal that acts as this client"),
)
@JOB
@click.argument("person", metavar="PERSON", shell_complete=known_people)
@with_flags()
def token(job: Path, person: str, flags: Flags) -> int:
    """Print a token of one app user, by external id, Box id or generated address."""
    from provision.cli.commands.token import hand_token

    return hand_token(job, person, flags)


@taught(
    "List what waits for a person.",
    ("provision holds provision.yaml", "since when, why, and the command that releases it"),
    ("provision holds --fleet fleet.yaml", "the same of all enterprises of a fleet"),
)
@click.argument("job", metavar="JOB", required=False, type=click.Path(path_type=Path))
@FLEET
@with_flags()
def holds(job: Path | None, fleet: Path | None, flags: Flags) -> int:
    """List what waits for a person: since when, why, and who is to look."""
    if (job is None) == (fleet is None):
        raise UsageError(
            "Name a job, or name a fleet with --fleet.",
            remedy="provision holds JOB, or provision holds --fleet FLEET",
        )
    if fleet is not None:
        from provision.cli.commands.fleet import list_holds_of

        return list_holds_of(fleet, flags)
    from provision.cli.commands.holds import list_holds

    assert job is not None  # noqa: S101 - one of the two is there
    return list_holds(job, flags)


@taught(
    "Release what waits in a run, by name.",
    (
        'provision approve 20261129T020000Z-nightly-3fa9 --person ann@acme.example --by "Ines Iversen"',
        "one person; the next run carries it out",
    ),
    (
        'provision approve 20261129T020000Z-nightly-3fa9 --kind deactivate --by "Ines Iversen" --until 2026-12-04',
        "everyone due to be deactivated, until Friday",
    ),
    (
        'provision approve 20261129T020000Z-nightly-3fa9 --hold --person ann@acme.example --by "Ines Iversen"',
        "the opposite: nothing is done about her until somebody approves it",
    ),
)
@RUN
@click.option("--all", "everything", is_flag=True, help="Everything of this run that waits.")
@click.option(
    "--kind",
    "kinds",
    metavar="KIND,...",
    shell_complete=kinds_of_operation,
    help="All that waits of these kinds of operation.",
)
@click.option(
    "--person",
    "people",
    metavar="WHO",
    multiple=True,
    shell_complete=people_of_run,
    help="What waits about this person (login, external id or Box id).",
)
@click.option(
    "--hold",
    "holds",
    is_flag=True,
    help="The opposite: hold what is named until somebody approves it, for a year at most.",
)
@click.option("--by", metavar="NAME", required=True, help="Who decides; kept with the run.")
@click.option(
    "--until", metavar="DATE", default="", help="The last day on which this counts; a week by default."
)
@FLEET
@with_flags()
def approve(run: str, fleet: Path | None, flags: Flags, **choice: Any) -> int:
    """Release what waits in a run, by name, or hold what would go on; the next run plans it afresh."""
    from provision.cli.commands.approve import approve_run
    from provision.cli.flags import kinds_in
    from provision.runs.approving.approvable import ApprovalChoice

    choice["kinds"] = kinds_in(choice["kinds"])
    chosen = ApprovalChoice(**choice)
    if not chosen.by.strip() or not (chosen.everything or chosen.kinds or chosen.people):
        raise UsageError(
            "What is approved, and by whom?",
            remedy="name --all, --kind KIND or --person WHO, and --by NAME",
        )
    if fleet is not None:
        from provision.cli.commands.fleet import approve_run_of

        return approve_run_of(fleet, run, chosen, flags)
    return approve_run(run, chosen, flags)


@taught(
    "Review a run in a browser and decide.",
    (
        'provision review 20261129T020000Z-nightly-3fa9 --by "Ines Iversen"',
        "approve and hold people, kinds and stages on a local page",
    ),
)
@RUN
@click.option("--by", metavar="NAME", default="", help="The name that the page fills in as the approver.")
@click.option(
    "--port", metavar="PORT", type=click.IntRange(0, 65535), default=0, help="By default any free port."
)
@click.option(
    "--idle",
    metavar="MINUTES",
    type=click.FloatRange(min=0, min_open=True, max=1440),
    default=15,
    show_default=True,
    help="End after this many minutes without activity.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in a browser.")
@with_flags()
def review(run: str, flags: Flags, **wishes: Any) -> int:
    """Look at a run in a browser and decide about it, as approve does; nothing is sent to Box."""
    from provision.cli.commands.review import review_run
    from provision.runs.reviewing.review import ReviewWishes

    wanted = ReviewWishes(wishes["by"].strip(), wishes["port"], wishes["idle"] * 60)
    return review_run(run, wanted, flags, opens=wishes["opens"])


@taught(
    "Take over users that the job does not own.",
    ("provision adopt provision.yaml", "lists them"),
    (
        'provision adopt provision.yaml --login ann@acme.example --by "Ines Iversen"',
        "from now on the roster controls her account",
    ),
)
@JOB
@click.option(
    "--login", "named", metavar="NAME", multiple=True, help="Adopt this user (login, external id or Box id)."
)
@click.option("--all", "everybody", is_flag=True, help="Adopt everybody who is listed.")
@click.option("--by", default="", metavar="NAME", help="Who decides; by default who runs this.")
@with_flags("yes")
def adopt(job: Path, flags: Flags, *, named: tuple[str, ...], everybody: bool, by: str) -> int:
    """List users in scope that the job does not own, and take over those named."""
    from provision.cli.commands.adopt import adopt_users
    from provision.runs.adopt import AdoptionChoice

    return adopt_users(job, AdoptionChoice(named, everybody, by), flags)


@taught(
    "Write who has access, for an auditor.",
    (
        "provision review-pack provision.yaml --out access.xlsx",
        "a workbook: since when, by which evidence, who decided",
    ),
    name="review-pack",
)
@JOB
@click.option(
    "--out",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path),
    help="A workbook (.xlsx) or a .csv.",
)
@with_flags()
def review_pack(job: Path, out: Path, flags: Flags) -> int:
    """Write who has access, since when, by which evidence and whose decision."""
    from provision.cli.commands.review_pack import pack_review

    return pack_review(job, out, flags)


@taught(
    "Erase one person from runs and ledger.",
    (
        'provision forget provision.yaml ann@acme.example --by "Ines Iversen" --dry-run',
        "what would be rewritten",
    ),
    (
        'provision forget provision.yaml ann@acme.example --by "Ines Iversen"',
        "the audit trail is kept, under a pseudonym",
    ),
)
@JOB
@click.argument("person", metavar="PERSON", shell_complete=known_people)
@click.option("--by", metavar="NAME", required=True, help="Who decides; kept beside the runs.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@with_flags("yes")
def forget(job: Path, person: str, flags: Flags, *, by: str, dry_run: bool) -> int:
    """Erase one person, who has left and has no account any more, from a job's runs and ledger."""
    from provision.cli.commands.forget import forget_person
    from provision.runs.forgetting.forget import ForgetWishes

    if not by.strip():
        raise UsageError("Who decides this?", remedy='add --by "Ines Iversen"')
    return forget_person(job, ForgetWishes(person, by.strip(), dry_run), flags)


COMMANDS = (explain, token, holds, approve, review, adopt, forget, review_pack)
