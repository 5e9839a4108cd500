"""Rosters on other machines: ``https://``, ``sftp://``, ``s3://`` … by fsspec, put on the disk before they are read.

An address may hold credentials, by variables of the job; what is shown of it has neither these nor what stands behind a question
mark. What the libraries say is not repeated, since it may name the whole address.
"""

from __future__ import annotations

import glob
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from provision.errors import RosterError
from provision.job.limits import FileLimits
from provision.job.places import has_scheme, on_this_machine, without_secrets
from provision.roster.files.content import Copied
from provision.roster.files.spool import PATIENCE, drained

#: what an address may begin with, and the extra that brings the library for it
EXTRAS = {
    "https": "http", "http": "http", "sftp": "sftp", "s3": "s3", "gs": "gcs", "abfs": "azure", "abfss": "azure", "az": "azure",
}  # fmt: skip
#: stands for the time of the last change where a server does not tell it
UNTOLD = -1


@dataclass(frozen=True, slots=True)
class Fetched:
    """What lay at an address: its bytes, its ``address`` as it may be shown, and its ``name``.

    ``modified_ns`` is the time of its last change in nanoseconds since 1970, UNTOLD where the server does not tell it.
    """

    content: Copied
    address: str
    name: str
    modified_ns: int
    notes: tuple[str, ...] = ()


def is_remote(text: str) -> bool:
    """Whether a roster lies elsewhere."""
    return has_scheme(text)


def fetch(address: str, limits: FileLimits) -> Fetched:
    """What lies at an address; a pattern means the newest file that fits, as on this machine.

    Raises RosterError for an address of another kind, for one whose library is not installed, and for what cannot be read or of
    which nothing comes for PATIENCE seconds.
    """
    scheme = address.partition("://")[0].lower()
    shown = without_secrets(address)
    _expect_known(scheme, address, shown)
    found: dict[str, Any] = {}
    try:
        content = drained(_opened(scheme, address, found), shown, limits)
    except OSError as error:
        raise RosterError(
            f"The roster {shown} cannot be read: {error.strerror or type(error).__name__}.",
            cause="the export has not arrived, the address is mistyped, or the credentials do not fit.",
            remedy="check the path in the job file and the variables it names.",
        ) from None
    if (size := found.get("size")) is not None and size != content.size:
        raise RosterError(
            f"The roster {shown} was cut off: {content.size:,} of {size:,} bytes came.",
            cause="the connection broke, or the file was being written.",
            remedy="run again.",
        )
    shown = without_secrets(str(found["path"]))
    notes = (
        (f"{shown} is the newest of {found['many']} files that match the pattern",)
        if found["many"] > 1
        else ()
    )
    name = unquote(urlsplit(shown).path).rpartition("/")[2]
    return Fetched(content, shown, name or shown, _changed(found), notes)


def _expect_known(scheme: str, address: str, shown: str) -> None:
    if scheme not in EXTRAS or "::" in address:
        raise RosterError(
            f"The roster {shown} is an address of a kind that is not read.",
            cause="a typing error, or a server that is asked otherwise.",
            remedy=f"give one of {', '.join(f'{each}://' for each in EXTRAS)}, or download the file first and give its path.",
        )
    if scheme == "http" and not on_this_machine(address):
        raise RosterError(
            f"The roster {shown} would come over http://, where personal data could be read and changed on their way.",
            cause="an address that was written without TLS.",
            remedy="give an https:// address.",
        )
    import fsspec

    try:
        fsspec.get_filesystem_class(scheme)
    except ImportError:
        raise RosterError(
            f"The roster {shown} cannot be read: the library for {scheme}:// is not installed.",
            cause="it is an extra of this program.",
            remedy=f"pip install 'box-provision[{EXTRAS[scheme]}]'",
        ) from None


def _opened(scheme: str, address: str, found: dict[str, Any]) -> Callable[[], BinaryIO]:
    """What opens the file, and writes into ``found`` what is known of it."""

    def opened() -> BinaryIO:
        try:
            return _really_opened(scheme, address, found)
        except Exception as error:  # noqa: BLE001 - each library has errors of its own, which may show the address
            raise trouble_of(error) from None

    return opened


def _really_opened(scheme: str, address: str, found: dict[str, Any]) -> BinaryIO:
    from fsspec.core import url_to_fs

    web = scheme in ("http", "https")
    if scheme == "sftp":
        files, path = known_host(address)
    else:
        files, path = url_to_fs(address, **(_patient() if web else {}), skip_instance_cache=True)
    paths = [path] if web or not glob.has_magic(path) else _newest_last(files, path)
    if not paths:
        raise FileNotFoundError(None, "no file matches the pattern")
    info = files.info(paths[-1])
    _expect_still_safe(scheme, str(info.get("url", address)))
    found |= info | {"path": address if paths == [path] else f"{scheme}://{paths[-1]}", "many": len(paths)}
    if "mtime" not in found and not web:
        found["mtime"] = _modified(files, paths[-1])
    stream: BinaryIO = files.open(paths[-1], "rb", **({"block_size": 0} if web else {}))
    return stream


def known_host(address: str) -> tuple[Any, str]:
    """A host that this machine's known_hosts have, and the path there; the library by itself takes any key for the right one."""
    import paramiko
    from fsspec.implementations.sftp import SFTPFileSystem

    class KnownHost(SFTPFileSystem):  # type: ignore[misc]  # the library has no types
        def _connect(self) -> None:
            self.client = paramiko.SSHClient()
            self.client.load_system_host_keys()
            self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
            self.client.connect(self.host, **self.ssh_kwargs)
            self.ftp = self.client.open_sftp()

    asked = KnownHost._get_kwargs_from_urls(address)  # noqa: SLF001 - what fsspec itself asks its classes for
    return KnownHost(**asked, skip_instance_cache=True), KnownHost._strip_protocol(address)  # noqa: SLF001 - likewise


def _newest_last(files: Any, pattern: str) -> list[str]:
    """The files that match, by the time of their last change, then by name, as for those of this machine."""
    names = [name for name in files.glob(pattern) if not name.rpartition("/")[2].startswith(("~$", "."))]
    moments = {name: _modified(files, name) for name in names}
    return sorted(names, key=lambda name: (str(moments[name] or ""), name))


def _modified(files: Any, path: str) -> Any:
    try:
        return files.modified(path)
    except (NotImplementedError, KeyError, AttributeError):
        return None


def _patient() -> dict[str, Any]:
    """How a web server is waited for: as long as something comes."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=None, sock_connect=PATIENCE, sock_read=PATIENCE)
    return {"client_kwargs": {"timeout": timeout}}


def _expect_still_safe(scheme: str, final: str) -> None:
    """A server may send one on, but not to where others can read along."""
    if scheme == "https" and final.lower().startswith("http://"):
        raise PermissionError(
            None, "the server leads on to an http:// address, where others could read along"
        )


def trouble_of(error: Exception) -> OSError:
    """What went wrong as a library says it, without the address."""
    status = getattr(error, "status", getattr(error.__cause__, "status", HTTPStatus.NOT_FOUND))
    if isinstance(status, int) and status > HTTPStatus.BAD_REQUEST and status != HTTPStatus.NOT_FOUND:
        return OSError(None, f"the server answers with HTTP {status}")
    cause = error.__cause__
    if isinstance(cause, OSError) and not isinstance(cause, FileNotFoundError):
        return OSError(None, "the server cannot be reached")
    if isinstance(error, FileNotFoundError):
        return OSError(
            None, error.strerror if error.errno is None and error.strerror else "there is no such file"
        )
    if isinstance(error, OSError) and error.errno is None and error.strerror:
        return error
    return OSError(None, f"the server cannot be asked ({type(error).__name__})")


def _changed(found: dict[str, Any]) -> int:
    """When the file was changed last, in nanoseconds since 1970, UNTOLD if nobody says."""
    said = found.get("mtime") or found.get("Last-Modified") or found.get("LastModified")
    if isinstance(said, str):
        try:
            said = parsedate_to_datetime(said)
        except ValueError:
            return UNTOLD
    if isinstance(said, datetime):
        at = said if said.tzinfo else said.replace(tzinfo=UTC)
        return int(at.timestamp() * 1e9)
    return int(said * 1e9) if isinstance(said, int | float) and said > 0 else UNTOLD
