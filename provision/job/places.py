"""Where things lie: paths and addresses of a job file, made absolute from the folder of the job file.

Only text is looked at here; nothing on the disk is opened, and no place needs to exist yet.
"""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_SQLITE_FILE = re.compile(r"(sqlite(?:\+\w+)?:///)([^?]+)(\?.*)?", re.DOTALL)
_FILE_URL = re.compile(r"file://(?:localhost)?(/.*)", re.DOTALL | re.IGNORECASE)

#: why an address has to begin with ``https://``
IN_CLEAR = (
    "must begin with https://: over http:// secrets and personal data could be read on their way, "
    "so that is for this machine alone (127.0.0.1, localhost)"
)

#: where Box itself is; its upload and sign-in pages have hosts of their own (Box API reference, POST /files/content)
BOX = "https://api.box.com"


def has_scheme(text: str) -> bool:
    """Whether ``text`` is a URL, as ``sftp://host/roster.csv``, and not a path."""
    return _SCHEME.match(text) is not None


def without_secrets(text: str) -> str:
    """An address as it may be shown: without who signs in and without what stands behind a question mark; a path as it is."""
    if not has_scheme(text):
        return text
    scheme, _, rest = text.partition("://")
    place = re.split(r"[?#]", rest, maxsplit=1)[0]
    host, slash, path = place.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def absolute(text: str, folder: Path) -> str:
    """A path or glob as an absolute one: ``~`` expanded, relative ones below ``folder``, absolute ones as they are.

    Raises ``ValueError`` in plain words if the home folder meant by ``~`` is not known.
    """
    try:
        expanded = Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError("begins with ~, but that home folder is not known") from error
    return str(expanded) if expanded.is_absolute() else os.path.normpath(folder / expanded)


def roster_place(text: str, folder: Path) -> str:
    """Where the roster is: an absolute path or glob; a URL with another scheme than ``file`` as it is.

    Raises ``ValueError`` in plain words for a ``file`` URL that names another machine or a relative path.
    """
    if not has_scheme(text):
        return absolute(text, folder)
    if not text.lower().startswith("file://"):
        if text.lower().startswith("http://") and not on_this_machine(text):
            raise ValueError(IN_CLEAR)
        return text
    if (match := _FILE_URL.fullmatch(text)) is None:
        raise ValueError(
            "must be a file URL with an absolute path, as file:///srv/hr/roster.csv, or a plain path"
        )
    from urllib.request import url2pathname

    return url2pathname(match[1])


def database_place(text: str, folder: Path) -> str:
    """A database URL; the file of a ``sqlite:///relative`` one made absolute, every other one as it is.

    Raises ``ValueError`` in plain words if ``text`` is no URL.
    """
    if not has_scheme(text):
        raise ValueError("must be a database URL, as sqlite:///state/provision.db")
    match = _SQLITE_FILE.fullmatch(text)
    if match is None or match[2].startswith((":memory:", "file:")):
        return text
    return f"{match[1]}{absolute(match[2], folder)}{match[3] or ''}"


def on_this_machine(address: str) -> bool:
    """Whether what is sent to a URL stays here: its host is ``localhost`` or a loopback address, written out in full."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def upload_address(base_url: str) -> str:
    """Where files are uploaded to, as it follows from the address of the API."""
    return "https://upload.box.com/api" if base_url == BOX else f"{base_url}/api"


def sign_in_address(base_url: str) -> str:
    """Where people sign in with a browser, as it follows from the address of the API."""
    return "https://account.box.com/api/oauth2" if base_url == BOX else f"{base_url}/api/oauth2"
