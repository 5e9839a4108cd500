"""The bytes of files, each kept once under its SHA-1, in a folder beside the state file or in one of our own."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_PIECE = 256 * 1024
_DIGEST = re.compile(r"[0-9a-f]{40}")


class Blob(NamedTuple):
    """What was kept; sha1 in hexadecimal, size in bytes."""

    sha1: str
    size: int


class Blobs:
    """Keeps bytes as files, each written whole before it has its name."""

    def __init__(self, state: Path | None) -> None:
        self._lasting = None if state is None else state.with_name(f"{state.name}.content")
        self._own: Path | None = None

    def path(self, sha1: str) -> Path:
        """Where the bytes with this digest are."""
        return self._folder() / sha1

    def keep(self, stream: IO[bytes], size: int) -> Blob:
        """Keep the next so many bytes of a stream."""
        digest, left = hashlib.sha1(usedforsecurity=False), size
        with tempfile.NamedTemporaryFile(dir=self._folder(), delete=False) as new:
            while left and (piece := stream.read(min(left, _PIECE))):
                digest.update(piece)
                new.write(piece)
                left -= len(piece)
        sha1 = digest.hexdigest()
        Path(new.name).replace(self.path(sha1))
        return Blob(sha1, size - left)

    def join(self, parts: list[str]) -> Blob:
        """One blob of several, in this order."""
        with tempfile.TemporaryFile(dir=self._folder()) as whole:
            for sha1 in parts:
                with self.path(sha1).open("rb") as part:
                    shutil.copyfileobj(part, whole)
            size = whole.tell()
            whole.seek(0)
            return self.keep(whole, size)

    def keep_only(self, digests: Iterable[str]) -> None:
        """Remove all bytes but these; the digests are only gone through if there is anything."""
        folder = self._lasting or self._own
        if folder is None or not folder.is_dir():
            return
        wanted = set(digests)
        for path in folder.iterdir():
            if _DIGEST.fullmatch(path.name) and path.name not in wanted:
                path.unlink()

    def close(self) -> None:
        """Remove what is not to last."""
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)

    def _folder(self) -> Path:
        if self._lasting is not None:
            self._lasting.mkdir(mode=0o700, exist_ok=True)
            return self._lasting
        if self._own is None:
            self._own = Path(tempfile.mkdtemp(prefix="provision-sandbox-"))
        return self._own
