"""Make a Box enterprise match a roster: plan it, apply it, prove it.

The command line is ``provision``; a program calls the same runs here, from any thread and without a terminal::

    from provision import Job, run_job

    result = run_job(Job.load("nightly.yaml"))
    print(result.status, result.exit_code, result.summary.planned, result.folder)

:func:`plan_job`, :func:`run_job`, :func:`verify_job` and :func:`check_job` take a :class:`Job`; :func:`apply_run`,
:func:`resume_run` and :func:`undo_run` take a run, by its folder or by the result it came with. All but the check give a
frozen :class:`RunResult`, whose ``exit_code`` is that of the command. Bad input, and whatever ends a run before it has a
plan, raises a :class:`ProvisionError`. Whoever wants to follow, answer or stop a run passes an :class:`Observer`;
:class:`Unattended` is one to extend. What stands in ``__all__`` keeps its meaning within a major version.

A name is looked up when it is first asked for, so that the command line starts quickly.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from provision.errors import ExitCode, ProvisionError
    from provision.job.settings import Job
    from provision.runs.ending import RunResult
    from provision.runs.library import (
        apply_run,
        check_job,
        plan_job,
        resume_run,
        run_job,
        undo_run,
        verify_job,
    )
    from provision.runs.observer import (
        Confirmation,
        Note,
        Observer,
        Phase,
        Previewed,
        Reconciled,
        Remark,
        TakenBack,
        Trouble,
        Unattended,
    )
    from provision.runs.selection import Selection

__all__ = [
    "Confirmation",
    "ExitCode",
    "Job",
    "Note",
    "Observer",
    "Phase",
    "Previewed",
    "ProvisionError",
    "Reconciled",
    "Remark",
    "RunResult",
    "Selection",
    "TakenBack",
    "Trouble",
    "Unattended",
    "apply_run",
    "check_job",
    "plan_job",
    "resume_run",
    "run_job",
    "undo_run",
    "verify_job",
]

_PLACES = {
    "ExitCode": "errors",
    "ProvisionError": "errors",
    "Job": "job.settings",
    "RunResult": "runs.ending",
    "Selection": "runs.selection",
    **dict.fromkeys((name for name in __all__ if name.endswith(("_job", "_run"))), "runs.library"),
}


def __getattr__(name: str) -> object:
    """A name of the library, imported when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    place = importlib.import_module(f"{__name__}.{_PLACES.get(name, 'runs.observer')}")
    return getattr(place, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
