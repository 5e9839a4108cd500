"""seal.json: which files of a run folder are sealed, how far its journal is, and the HMAC over both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from provision.files import whole
from provision.records import read_record
from provision.runs.seal.key import SealKey

SEAL_NAME = "seal.json"
#: seals that can tell how far a journal is
VERSION = 2
#: those of a release that did not close journals
_BEFORE = 1


class Closing(msgspec.Struct, frozen=True):
    """What a journal says when the program leaves it: its digest up to the entry ``last``, and whether the run came to its own end."""

    last: int
    sha256: str
    ended: bool


class Seal(msgspec.Struct, frozen=True):
    """seal.json; ``files`` has the SHA-256 of each sealed file by its name, ``journal`` is None while nobody has closed it."""

    run_id: str
    files: dict[str, str]
    mac: str = ""
    version: int = _BEFORE
    journal: Closing | None = None

    @property
    def closes(self) -> bool:
        """Whether it is of a release that closes journals: one that is not closed was cut off then, or edited."""
        return self.version != _BEFORE

    @property
    def told(self) -> str:
        """What is sealed, as one text that nothing else makes."""
        told: list[Any] = ["provision run folder", self.version, self.run_id, sorted(self.files.items())]
        if self.closes:
            told.append(self.journal and msgspec.structs.astuple(self.journal))
        return json.dumps(told, ensure_ascii=True)

    def expected(self, name: str) -> str:
        """The SHA-256 that a file has to have; of one that is not sealed, what none has."""
        return self.files.get(name, "not sealed")

    def proven_by(self, key: SealKey | None) -> bool:
        """Whether this key made all of it."""
        covered = self.closes or self.journal is None
        return covered and key is not None and key.proves(self.mac, self.told)


def read_seal(folder: Path) -> Seal:
    """The seal of a run folder, whoever made it. Raises FileNotFoundError where there is none, DamagedFile for what is none."""
    return read_record(folder / SEAL_NAME, Seal, "")


def write_seal(
    folder: Path, key: SealKey, run_id: str, files: Mapping[str, str], journal: Closing | None
) -> None:
    """Seal these files and a journal as far as it is. Raises RunFolderError where it cannot be written."""
    seal = Seal(run_id, dict(files), "", VERSION, journal)
    told = {**msgspec.to_builtins(seal), "mac": key.seal_of(seal.told)}
    text = json.dumps(told, indent=1)
    whole(folder / SEAL_NAME, lambda path: path.write_text(f"{text}\n", encoding="utf-8"))
