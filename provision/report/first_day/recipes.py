"""Recipes for a schedule: a job every night by cron, systemd, Kubernetes or Windows, with its paths, its user and its secrets' place filled in."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from pathlib import PurePath
from typing import Any

import yaml

#: what each exit code should set off, in a line of a comment each
CODES = (
    "0  done, nothing left over                 1  the roster or the job is wrong: alert, it will not fix itself",
    "3  refused, or somebody has to decide: tell the person named in guards.owner; provision holds JOB says who and what",
    "4  some operations failed: look at the report; the next run tries them again",
    "5, 7  interrupted, Box away or the sign-in refused: the next run goes on; alarm if it happens twice",
    "6  another run is at work: harmless once      70  a fault of this program: alarm",
)
#: the image that the Containerfile makes, and where the volume lies in it
IMAGE, VOLUME = "box-provision", "/data"
_FOLDER = "/etc/systemd/system"
#: the user of the Containerfile
_UID = 10001


class Scheduler(StrEnum):
    """What starts a job every night."""

    CRON = "cron"
    SYSTEMD = "systemd"
    K8S = "k8s"
    WINDOWS = "windows"


@dataclass(frozen=True, slots=True)
class Nightly:
    """What a recipe is filled in with. ``program`` is how the program is started, ``secrets`` the file of variables.

    ``needed`` and ``optional`` are the variables of the job; ``at`` is by the clock of the machine, ``jitter`` by how much a start may
    be later, ``offset`` how much of it this job takes on this machine where the scheduler takes none.
    """

    name: str
    job: PurePath
    program: tuple[str, ...]
    user: str
    secrets: PurePath
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    at: time
    jitter: timedelta = timedelta(0)
    offset: timedelta = timedelta(0)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The whole command."""
        return (*self.program, "run", str(self.job), "--yes", "--quiet")

    @property
    def begin(self) -> tuple[int, int]:
        """Hour and minute of the start, the offset in it."""
        minutes = (self.at.hour * 60 + self.at.minute + int(self.offset.total_seconds() // 60)) % 1440
        return divmod(minutes, 60)


def recipe(scheduler: Scheduler, nightly: Nightly) -> str:
    """The recipe, ready to be put where its first lines say."""
    makers: Mapping[Scheduler, Callable[[Nightly], Iterator[str]]] = {
        Scheduler.CRON: _cron,
        Scheduler.SYSTEMD: _systemd,
        Scheduler.K8S: _k8s,
        Scheduler.WINDOWS: _windows,
    }
    return "\n".join(makers[scheduler](nightly)) + "\n"


def _about(nightly: Nightly, place: str) -> Iterator[str]:
    yield f"# {place}"
    yield f"# The job {nightly.name} every night. Its exit codes:"
    yield from (f"#   {line}" for line in CODES)


def _secrets(nightly: Nightly) -> Iterator[str]:
    names = ", ".join(nightly.needed) or "none"
    yield f"# Variables, a line NAME=value each, readable by {nightly.user} alone (chmod 600): {nightly.secrets}"
    yield f"#   needed: {names}"
    if nightly.optional:
        yield f"#   with a default of their own: {', '.join(nightly.optional)}"


def _cron(nightly: Nightly) -> Iterator[str]:
    yield from _about(nightly, f"/etc/cron.d/provision-{_plain(nightly.name)}")
    yield from _secrets(nightly)
    yield "# Two runs at the same time are safe: the second exits with 6. cron mails the output; with --quiet there is none at exit code 0."
    hour, minute = nightly.begin
    told = f"set -a; . {shlex.quote(str(nightly.secrets))}; set +a; exec {shlex.join(nightly.arguments)}"
    yield "SHELL=/bin/sh"
    yield f"MAILTO={nightly.user}"
    command = told.replace("%", r"\%")  # a bare one ends the line, as cron reads it
    yield f"{minute} {hour} * * * {nightly.user} {command}"


def _systemd(nightly: Nightly) -> Iterator[str]:
    unit = f"provision-{_plain(nightly.name)}"
    yield from _about(nightly, f"{_FOLDER}/{unit}.service")
    yield from _secrets(nightly)
    yield "[Unit]"
    yield f"Description=Box provisioning, job {nightly.name}"
    yield "Wants=network-online.target"
    yield "After=network-online.target"
    yield "# a unit of yours that alerts somebody: OnFailure=alarm@%n.service"
    yield ""
    yield "[Service]"
    yield "Type=oneshot"
    yield f"User={nightly.user}"
    yield f"WorkingDirectory={_specified(nightly.job.parent)}"
    yield f"EnvironmentFile={_specified(nightly.secrets)}"
    # the first word may hold less than the others (systemd.service(5)), which are env's then
    through = () if re.fullmatch(r"[\w./@+-]+", nightly.program[0]) else ("/usr/bin/env",)
    yield f"ExecStart={' '.join(map(_executed, (*through, *nightly.arguments)))}"
    yield "# another run is in progress"
    yield "SuccessExitStatus=6"
    yield "# a stop is graceful: requests in flight are completed"
    yield "TimeoutStartSec=infinity"
    yield "TimeoutStopSec=10min"
    yield "UMask=0077"
    yield "NoNewPrivileges=yes"
    yield "ProtectSystem=full"
    yield ""
    yield f"# {_FOLDER}/{unit}.timer   (then: systemctl daemon-reload; systemctl enable --now {unit}.timer)"
    yield "[Unit]"
    yield f"Description=Box provisioning, job {nightly.name}, every night"
    yield ""
    yield "[Timer]"
    yield f"OnCalendar=*-*-* {nightly.at:%H:%M}:00"
    if nightly.jitter:
        yield f"RandomizedDelaySec={int(nightly.jitter.total_seconds())}"
    yield "Persistent=true"
    yield ""
    yield "[Install]"
    yield "WantedBy=timers.target"


def _k8s(nightly: Nightly) -> Iterator[str]:
    name = f"provision-{_plain(nightly.name)}"
    job = PurePath(VOLUME, "jobs", nightly.job.name)
    yield from _about(nightly, f"kubectl apply -f {name}.yaml")
    yield f"# Image: docker build -t {IMAGE} -f Containerfile . ; then the name under which your registry has it."
    yield f"# The volume claim {name} keeps ledger and runs: the job file lies in it as {job.as_posix()}, and names both below {VOLUME}."
    yield f"# Secret: kubectl create secret generic {name} --from-env-file={shlex.quote(str(nightly.secrets))}"
    yield f"#   needed: {', '.join(nightly.needed) or 'none'}"
    yield yaml.safe_dump(_cron_job(name, job.as_posix(), nightly), sort_keys=False, width=120).rstrip()


def _cron_job(name: str, job: str, nightly: Nightly) -> dict[str, Any]:
    hour, minute = nightly.begin
    container = {
        "name": "provision",
        "image": f"{IMAGE}:latest",
        "args": ["run", job, "--yes"],
        "envFrom": [{"secretRef": {"name": name}}],
        "volumeMounts": [{"name": "data", "mountPath": VOLUME}],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    pod = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 600,
        "securityContext": {"runAsNonRoot": True, "runAsUser": _UID, "runAsGroup": _UID, "fsGroup": _UID},
        "containers": [container],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": name}}],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name},
        "spec": {
            "schedule": f"{minute} {hour} * * *",
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 3600,
            # a run that failed is gone on with by the next one, not begun again at once
            "jobTemplate": {"spec": {"backoffLimit": 0, "template": {"spec": pod}}},
        },
    }


def _windows(nightly: Nightly) -> Iterator[str]:
    yield from _about(nightly, "Run once in PowerShell, as the user whose job it is")
    yield from _secrets(nightly)
    read = (
        f"Get-Content -LiteralPath {_powershell(nightly.secrets)} | Where-Object {{ $_ -match '^[A-Za-z_]\\w*=' }} | "
        "ForEach-Object { $n, $v = $_ -split '=', 2; Set-Item -Path ('env:' + $n) -Value $v }"
    )
    program, *arguments = nightly.arguments
    run = " ".join(["&", *map(_powershell, (program, *arguments))])
    yield f"$night = {_powershell(f'{read}; {run}; exit $LASTEXITCODE')}"
    yield "$encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($night))"
    yield (
        '$action = New-ScheduledTaskAction -Execute "powershell.exe" '
        '-Argument "-NoProfile -NonInteractive -EncodedCommand $encoded" '
        f"-WorkingDirectory {_powershell(nightly.job.parent)}"
    )
    delay = (
        f" -RandomDelay (New-TimeSpan -Seconds {int(nightly.jitter.total_seconds())})"
        if nightly.jitter
        else ""
    )
    yield f'$trigger = New-ScheduledTaskTrigger -Daily -At "{nightly.at:%H:%M}"{delay}'
    yield "$settings = New-ScheduledTaskSettingsSet -MultipleInstances IgnoreNew -StartWhenAvailable -ExecutionTimeLimit 0"
    yield f"Register-ScheduledTask -TaskName {_powershell(f'provision-{nightly.name}')} -Action $action -Trigger $trigger -Settings $settings"


def _plain(name: str) -> str:
    """A job's name as Kubernetes takes one; cron passes over files with a dot in their names."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _specified(path: PurePath) -> str:
    """A path in a unit: a per cent sign begins a specifier there."""
    return str(path).replace("%", "%%")


def _executed(word: str) -> str:
    """A word of ``ExecStart``, within quotation marks where it needs them."""
    told = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return told if told == word and not set(word) & set(" '\t;") else f'"{told}"'


def _powershell(word: object) -> str:
    return "'" + str(word).replace("'", "''") + "'"
