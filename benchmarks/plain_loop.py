"""What one would write first: a loop over the vendor's SDK, one call at a time; started by calls.py.

    python benchmarks/plain_loop.py SETTINGS COUNT

Prints the seconds for so many creates.
"""

from __future__ import annotations

import json
import sys
import time

from box_sdk_gen import BoxClient, BoxDeveloperTokenAuth
from box_sdk_gen.networking.base_urls import BaseUrls


def main(told: str, count: str) -> None:
    """Create app users in a row."""
    settings = json.loads(told)
    client = BoxClient(auth=BoxDeveloperTokenAuth(token=settings["developer_token"]))
    client = client.with_custom_base_urls(BaseUrls(base_url=settings["url"]))
    began = time.monotonic()
    for number in range(int(count)):
        client.users.create_user(
            f"Client {number}", is_platform_access_only=True, external_app_user_id=f"loop-{number}"
        )
    sys.stdout.write(f"{time.monotonic() - began}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
