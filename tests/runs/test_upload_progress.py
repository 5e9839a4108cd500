"""Who waits for a large file is told how far it is, and not of each part."""

from __future__ import annotations

from pathlib import Path
from random import Random

from provision.box.pacing.timing import Timing
from provision.runs.applying.upload_progress import upload_progress
from provision.runs.observer import Note, Unattended
from provision.trees import LocalFile


class Hears(Unattended):
    """Keeps what it is told."""

    def __init__(self, timing: Timing) -> None:
        super().__init__(timing=timing)
        self.heard: list[str] = []

    def note(self, note: Note) -> None:
        self.heard.append(getattr(note, "text", ""))


def test_a_large_file_is_told_of_every_ten_seconds() -> None:
    now = [0.0]
    observer = Hears(Timing(lambda: now[0], lambda _seconds: None, Random(1)))  # noqa: S311 - jitter
    sent = upload_progress(observer)
    file = LocalFile("Maps/Film.bin", Path("Film.bin"), 80_000_000, "0")
    for part in range(10):
        now[0] += 4.0
        sent(file, 8_000_000 * (part + 1))

    assert observer.heard == [
        "Sending Film.bin: 24 of 80 MB", "Sending Film.bin: 48 of 80 MB", "Sending Film.bin: 72 of 80 MB",
    ]  # fmt: skip
