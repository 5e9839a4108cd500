"""A run folder replaced by another one in two steps, each of which is whole: a process that is killed leaves what the next one finishes.

``.forget-RUN`` is being written, and worth nothing yet; ``.forgotten-RUN`` is the folder as it was, once the new one is whole.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from provision.files import trouble_with

_NEW, _OLD = ".forget-", ".forgotten-"


def replaced(folder: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` change a copy of a folder, and put it in the folder's place. Raises RunFolderError."""
    new, old = folder.with_name(f"{_NEW}{folder.name}"), folder.with_name(f"{_OLD}{folder.name}")
    with trouble_with(folder):
        _clear(new)
        shutil.copytree(folder, new, symlinks=True)
    write(new)
    with trouble_with(folder):
        folder.rename(old)
        new.rename(folder)
        _clear(old)


def finish(runs: Path) -> None:
    """Bring to its end, or take back, what a killed process has left among these runs. Raises RunFolderError."""
    for old in sorted(runs.glob(f"{_OLD}*")):
        folder = old.with_name(old.name.removeprefix(_OLD))
        new = old.with_name(f"{_NEW}{folder.name}")
        with trouble_with(old):
            if not folder.exists():
                new.rename(folder)  # it was whole before the old one was moved
            _clear(old)
    for new in sorted(runs.glob(f"{_NEW}*")):
        with trouble_with(new):
            _clear(new)


def _clear(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
