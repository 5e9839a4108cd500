"""One of several processes that create app users as fast as the shared budget lets them; started by calls.py.

    python benchmarks/caller.py SETTINGS COUNT PREFIX

Says ready when it has signed in, and begins when a line comes in.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random

from provision.box.connect import Surroundings, connect
from provision.box.pacing.timing import Timing
from provision.job.settings import ApplySettings, BoxSettings
from provision.ledger.budget import shared_by_machines
from provision.model import UserKind


def main(told: str, count: str, prefix: str) -> None:
    """Sign in, wait for the word, create."""
    settings = json.loads(told)
    names = ("client_id", "client_secret", "enterprise_id")
    auth = {"method": "ccg"} | {name: settings[name] for name in names}
    box = BoxSettings.model_validate({"base_url": settings["url"], "auth": auth})
    apply = ApplySettings.model_validate({"requests_per_minute": settings["per_minute"]})
    timing = Timing(time.monotonic, time.sleep, Random())  # noqa: S311  jitter, not a secret
    ledger = settings.get("ledger")
    share = partial(shared_by_machines, ledger, timing.clock) if ledger else None
    connection = connect(box, apply, timing, Surroundings(share=share))

    def create(number: int) -> str:
        fields = {"external_id": f"{prefix}{number}", "name": f"Client {number}"}
        return connection.retry.read(lambda: connection.box.create(UserKind.APP, fields))

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    with ThreadPoolExecutor(apply.workers) as pool:
        for _ in pool.map(create, range(int(count))):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
