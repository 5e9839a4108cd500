"""Words for what a job does beside its work: its programs, its messages, its metrics."""

from __future__ import annotations

from collections.abc import Iterable

from provision.findings import Code, Finding, Level


def program_told(name: str, why: str) -> str:
    """How a program of a job failed, in a sentence without its end."""
    return f"{name} {why}"


def programs_told(failed: Iterable[tuple[str, str]], count: int) -> str:
    """What programs said before anything was sent: which of ``count`` failed, and how; a sentence without its end."""
    said = "; ".join(program_told(name, why) for name, why in failed)
    if not said:
        return "every program of hooks.before_apply agreed" if count > 1 else "hooks.before_apply agreed"
    return f"hooks.before_apply: {said}"


def hook_failed(name: str, why: str) -> Finding:
    """A program failed that runs after a run."""
    return Finding(
        Code.HOOK_FAILED,
        Level.WARNING,
        f"hooks.after_run: {program_told(name, why)}",
        "see what it said in log.jsonl of the run folder, and correct it",
    )


def notify_failed(address: str, why: str) -> Finding:
    """An address was not told how the run ended; ``address`` is how it can be named without its secrets."""
    return Finding(
        Code.NOTIFY_FAILED,
        Level.WARNING,
        f"{address} was not told how the run ended: {why}",
        "correct the address behind it, or see whether the service is there",
    )


def metrics_failed(path: str, why: str) -> Finding:
    """The metrics of a run are not where a monitoring system looks for them."""
    return Finding(
        Code.METRICS_FAILED,
        Level.WARNING,
        f"the metrics were not written to {path}: {why}",
        "let its folder be there and writable for who runs the job, and give each job a file of its own",
        file=path,
    )


def copy_failed(address: str, why: str) -> Finding:
    """The reports of a run are not where others look for them; ``address`` as it can be shown."""
    return Finding(
        Code.COPY_FAILED,
        Level.WARNING,
        f"the reports were not copied to {address}: {why}",
        "correct report.copy_to or the rights there; the reports lie in the run folder all the same",
    )
