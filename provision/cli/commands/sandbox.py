"""``provision sandbox``: from flags to a served enterprise."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provision.cli.streams import for_programs
from provision.errors import InputError, UsageError
from provision.sandbox import Options, SandboxError, run


def serve(choices: Mapping[str, Any]) -> int:
    """Serve until stopped. Raises InputError if the sandbox cannot start."""
    files = {
        flag: Path(choices[flag]) if choices[flag] else None
        for flag in ("seed", "faults", "state", "config", "export", "log", "cert")
    }
    options = Options(
        port=choices["port"],
        users=choices["users"],
        groups=choices["groups"],
        seed_file=files["seed"],
        latency_ms=choices["latency"],
        rate_limit=_rate(choices["rate_limit"]),
        faults=files["faults"],
        state=files["state"],
        tls=choices["tls"],
        config=files["config"],
        token_lifetime=choices["token_lifetime"],
        export=files["export"],
        log=files["log"],
        control=choices["control"],
        certificates=files["cert"],
    )
    try:
        shown = sys.stdout or for_programs()  # a service without one is told by --config
        run(options, shown, env=choices["env"] or shown.isatty())
    except SandboxError as error:
        raise InputError(str(error)) from None
    return 0


def _rate(text: str | None) -> tuple[int, float] | None:
    if text is None:
        return None
    match = re.fullmatch(r"([1-9]\d*)/(\d+(?:\.\d+)?)", text)
    if match is None or float(match[2]) <= 0:
        raise UsageError(
            f"--rate-limit {text} is not N/SECONDS.",
            remedy="write it as 1000/60: a thousand calls per sixty seconds",
        )
    return int(match[1]), float(match[2])
