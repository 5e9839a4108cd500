"""The key that run folders are sealed with: of the job, or a file beside a SQLite ledger, made on first use."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import re
import secrets
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from provision.errors import InputError
from provision.files import opened, own_folder, private_folder, trouble_with
from provision.job.load import KEY_VARIABLE
from provision.job.settings import Job
from provision.keyed import FingerprintKey
from provision.ledger.address import file_of

_LENGTH = 32
_OURS = re.compile(f"[0-9a-f]{{{2 * _LENGTH}}}")
#: bytes of a key file that are read; ours has 65
_MOST = 4096


@dataclass(frozen=True, slots=True)
class SealKey:
    """A secret that proves what this job's runs wrote."""

    secret: bytes = field(repr=False)

    def seal_of(self, text: str) -> str:
        """The HMAC-SHA256 of a text, in hexadecimal."""
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()

    @property
    def of_fingerprints(self) -> FingerprintKey:
        """What fingerprints of personal values are made with; nobody tells this key from it."""
        return FingerprintKey(hmac.digest(self.secret, b"provision fingerprints", hashlib.sha256))

    def proves(self, seal: object, text: str) -> bool:
        """Whether this is the seal of the text, compared in constant time."""
        return isinstance(seal, str) and hmac.compare_digest(seal.encode(), self.seal_of(text).encode())


def known_key(job: Job) -> SealKey | None:
    """The key of a job; None where none was made yet. Raises InputError for a key file that others may read or that is none."""
    if job.state.key is not None:
        return SealKey(job.state.key.encode())
    path = _file(job)
    if path is None:
        return None
    try:
        found = path.lstat()
        with opened(path) as stream:
            text = stream.read(_MOST).decode("ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError(
            f"The key {path} cannot be read ({getattr(error, 'strerror', None) or 'it is no text'}).",
            cause="it belongs to another user, or is damaged",
            remedy="allow the user who runs this program to read it, or put it back from a backup; it belongs to the ledger "
            "beside it",
        ) from None
    _expect_private(path, found)
    if not _OURS.fullmatch(text):
        raise InputError(
            f"{path} is no key: it is to be one line of {2 * _LENGTH} hexadecimal digits.",
            cause="the disk was full when it was made, or it was cut off",
            remedy="put it back from a backup; without one move it away, and trust the run folders you know: "
            f"provision runs {job.path or 'JOB'} --trust RUN",
        )
    return SealKey(text.encode())


def made_key(job: Job) -> SealKey:
    """The key of a job, made on first use. Raises InputError where there is none and no file can keep one."""
    found = known_key(job)
    if found is not None:
        return found
    path = _file(job)
    if path is None:
        raise InputError(
            f"The job {job.name} has no key to seal its runs with.",
            cause="its ledger is no SQLite file, beside which a key would be made, and the environment names none",
            remedy=f"make one with openssl rand -hex 32, and set {KEY_VARIABLE} to it wherever this job runs",
        )
    _make(path)
    return known_key(job) or made_key(job)


def remember(key: SealKey) -> None:
    """Note that this user has named a job with this key, so that its run folders may name that job in turn."""
    with contextlib.suppress(OSError):  # nowhere to note it: then somebody is asked to name the job again
        (own_folder("keys") / _name(key)).touch(mode=0o600)


def is_remembered(key: SealKey) -> bool:
    """Whether this user has named a job with this key here, or has the key in the environment."""
    if hmac.compare_digest(key.secret, os.environ.get(KEY_VARIABLE, "").encode()):
        return True
    try:
        return (own_folder("keys") / _name(key)).exists()
    except OSError:
        return False


def _name(key: SealKey) -> str:
    """What names a key and does not tell it."""
    return key.seal_of("the name of this key")[:32]


def _file(job: Job) -> Path | None:
    return key_file(job.state.url)


def key_file(url: str) -> Path | None:
    """Where the key of a job lies that names none: beside a ledger that is a file."""
    ledger = file_of(url)
    if ledger is None:
        return None
    beside = ledger.with_name(f"{ledger.stem}.key")
    return ledger.with_name(f"{ledger.name}.key") if beside == ledger else beside


def _make(path: Path) -> None:
    """Put a new key there in one step, unless another process was first."""
    private_folder(path.parent)
    with trouble_with(path):
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(number, "w", encoding="ascii") as stream:
                stream.write(f"{secrets.token_hex(_LENGTH)}\n")
                stream.flush()
                os.fsync(stream.fileno())
            try:
                os.link(name, path)
            except FileExistsError:
                return  # whose key it is, is all the same
            except OSError:  # not every disk knows links
                if not path.exists():
                    Path(name).rename(path)
        finally:
            Path(name).unlink(missing_ok=True)


def _expect_private(path: Path, found: os.stat_result) -> None:
    """A key that others know proves nothing."""
    if os.name != "posix":
        return
    if stat.S_ISLNK(found.st_mode) or found.st_uid not in (os.getuid(), 0):
        raise _open_key(path, "belongs to somebody else", "its owner is to run this program")
    if found.st_mode & 0o077:
        raise _open_key(path, "may be read or written by others", f"chmod 600 {path}")


def _open_key(path: Path, what: str, remedy: str) -> InputError:
    return InputError(
        f"The key {path} {what}, so it proves nothing.",
        cause="the folder was copied, restored or shared with other rights",
        remedy=f"{remedy}; if somebody else may have read it, move it away, and trust the run folders you know: "
        "provision runs JOB --trust RUN",
    )
