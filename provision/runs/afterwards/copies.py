"""Copies of a run's preview and reports where others read them: a folder, or an address of another machine (``report.copy_to``).

What is copied are the files for people and programs, never the plan, the journal or the seal: a copy is to be read, not to be applied.
"""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Thread

from provision.errors import RunFolderError
from provision.files import NO_LINK, expect_ours, opened, whole
from provision.findings import Finding
from provision.job.places import has_scheme, without_secrets
from provision.job.settings import Job
from provision.report.sentences.nightly import copy_failed
from provision.roster.files.remote import EXTRAS, known_host, trouble_of
from provision.runs.folder import SUMMARY_NAME, RunFolder

#: what is copied of a run folder, the summary last: where that lies, all others do
_COPIED = (
    "preview.html", "report.html", "reconciliation.csv", "reconciliation.xlsx", "reconciliation.json", "operations.csv",
    "identities.csv", SUMMARY_NAME,
)  # fmt: skip
#: seconds after which a server that takes nothing is given up, and one more for so many bytes
_PATIENCE, _BYTES_A_SECOND = 60.0, 100_000


def copied(run: RunFolder | None, job: Job) -> Iterator[Finding]:
    """Copy what lies in a run folder for others; what went wrong, which nobody's run fails for."""
    place = job.report.copy_to
    if place is None or run is None:
        return
    try:
        files = list(_there(run.path))
        if has_scheme(place):
            _sent(files, place, run.path.name)
        else:
            _put(files, Path(place) / run.path.name)
    except RunFolderError as error:
        yield copy_failed(place, error.what)
    except OSError as error:
        yield copy_failed(without_secrets(place), error.strerror or type(error).__name__)


def _there(folder: Path) -> Iterator[Path]:
    """What there is to copy. Raises OSError for a link, which would have something else handed out, as the key of the job."""
    for path in (folder / name for name in _COPIED):
        if path.is_symlink():
            raise OSError(errno.ELOOP, f"a link lies in the place of {path.name} in the run folder")
        if path.exists():
            yield path


def _put(files: list[Path], folder: Path) -> None:
    """Into a folder of this machine, which lets its own group read them, as far as it belongs to one."""
    folder.mkdir(
        mode=0o750, exist_ok=True
    )  # not its parents: where a share is not mounted is no place for people's data
    expect_ours(folder.lstat())
    for path in files:
        whole(folder / path.name, partial(_copy, path))


def _copy(path: Path, to: Path) -> None:
    with opened(path, flags=NO_LINK) as source, to.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    to.chmod(0o640)


def _sent(files: list[Path], address: str, run_id: str) -> None:
    """To another machine. Raises OSError, also for one that does not take them in time; the address is in no error."""
    size = sum(path.stat().st_size for path in files)
    failed: list[OSError] = []

    def send() -> None:
        try:
            _send(files, address, run_id)
        except ImportError:
            extra = EXTRAS.get(address.partition("://")[0].lower(), "")
            failed.append(
                OSError(None, f"its library is not installed: pip install 'box-provision[{extra}]'")
            )
        except Exception as error:  # noqa: BLE001 - each library has errors of its own, which may show the address
            failed.append(trouble_of(error))

    sender = Thread(target=send, daemon=True)
    sender.start()
    sender.join(_PATIENCE + size / _BYTES_A_SECOND)
    if sender.is_alive():
        raise OSError(None, "the server did not take them in time")
    if failed:
        raise failed[0]


def _send(files: list[Path], address: str, run_id: str) -> None:
    if address.lower().startswith("sftp://"):
        system, root = known_host(address)
    else:
        from fsspec.core import url_to_fs

        system, root = url_to_fs(address, skip_instance_cache=True)
    folder = f"{root.rstrip('/')}/{run_id}"
    system.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory() as own:
        for path in files:
            _copy(path, copy := Path(own, path.name))
            system.put_file(str(copy), f"{folder}/{path.name}")
            copy.unlink()
