"""Where a secret of an enterprise is, as a fleet file names it; looked up by the worker that needs it, and nowhere else.

``file:PATH``, ``keyring:SERVICE/USER`` and ``command:PROGRAM …``; every other text is itself, with ``${NAME}`` from the environment.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from provision.errors import JobError
from provision.files import opened
from provision.job.document import Document
from provision.job.places import absolute
from provision.job.variables import fill_in, is_only_variables
from provision.runs.afterwards.hooks import HookDoubt, doubt_about

_FILE, _KEYRING, _COMMAND = "file:", "keyring:", "command:"
#: bytes of a secret; a private key with its certificates has some thousands
_LARGEST = 64 * 1024
#: seconds for a program that prints a secret
_PATIENCE = 30.0


def is_reference(text: str) -> bool:
    """Whether a text only says where a value is; file:// is the address of a roster."""
    return text.startswith((_KEYRING, _COMMAND)) or (text.startswith(_FILE) and text[5:7] != "//")


def names_only(text: str) -> bool:
    """Whether a text holds no secret itself."""
    return is_reference(text) or is_only_variables(text)


def looked_up(
    variables: Iterable[tuple[str, str]], environ: Mapping[str, str], folder: Path
) -> dict[str, str]:
    """The values of variables; relative paths are those of ``folder``. Raises JobError, in which no value is."""
    return {name: looked_up_one(name, text, environ, folder) for name, text in variables}


def looked_up_one(name: str, text: str, environ: Mapping[str, str], folder: Path) -> str:
    """The value of one variable."""
    if not is_reference(text):
        return _filled(name, text, environ)
    try:
        return _found(text, folder)
    except _Missing as error:
        raise JobError(
            f"The variable {name} could not be looked up: {error}.",
            cause="the secret is not on this machine, or this user may not read it",
            remedy=f"see that it can be read where the workers run, or correct {name} in the fleet file",
        ) from None


def _filled(name: str, text: str, environ: Mapping[str, str]) -> str:
    filled = fill_in(Document({name: text}), environ)
    if filled.problems:
        problem = filled.problems[0]
        raise JobError(f"In the fleet file {problem.sentence}.", cause=problem.cause, remedy=problem.remedy)
    return str(filled.tree[name])


class _Missing(Exception):
    """Why there is no value; nothing of it is told that a program or a store said."""


def _found(text: str, folder: Path) -> str:
    if text.startswith(_FILE):
        return _in_file(Path(absolute(text.removeprefix(_FILE).strip(), folder)))
    if text.startswith(_KEYRING):
        return _in_keyring(text.removeprefix(_KEYRING).strip())
    return _printed(text.removeprefix(_COMMAND), folder)


def _in_file(path: Path) -> str:
    try:
        with opened(path) as stream:
            content = stream.read(_LARGEST + 1)
        text = content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise _Missing(f"{path}: {getattr(error, 'strerror', None) or 'no text'}") from None
    if len(content) > _LARGEST:
        raise _Missing(f"{path} is larger than {_LARGEST // 1024} KB")
    return _secret(text, str(path))


def _in_keyring(place: str) -> str:
    try:
        import keyring
    except ImportError:
        raise _Missing("keyring is not installed: pip install 'box-provision[keyring]'") from None
    service, _, user = place.rpartition("/")
    if not (service and user):
        raise _Missing("it is written keyring:SERVICE/USER")
    try:
        found = keyring.get_password(service, user)
    except Exception as error:  # noqa: BLE001 - each system's store fails in its own way
        raise _Missing(f"the store of keyring failed ({type(error).__name__})") from None
    if found is None:
        raise _Missing(f"the store of keyring has nothing for {place}")
    return _secret(found, place)


def _printed(line: str, folder: Path) -> str:
    try:
        words = shlex.split(line)
    except ValueError:
        raise _Missing("its command has a quotation mark too few") from None
    if not words:
        raise _Missing("no program is named")
    program = _sound_program(words, folder)
    try:
        ended = subprocess.run(  # noqa: S603 - the program that the fleet file names, without a shell
            [program, *words[1:]],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except OSError as error:
        raise _Missing(f"{words[0]}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise _Missing(f"{words[0]} took longer than {_PATIENCE:.0f} seconds") from None
    if ended.returncode:
        raise _Missing(f"{words[0]} ended with exit code {ended.returncode}")
    return _secret(ended.stdout[:_LARGEST].decode(errors="replace"), words[0])


def _sound_program(words: Sequence[str], folder: Path) -> str:
    """The path of the program. Raises _Missing if it, or a file among its words, could be exchanged by others: they would choose the credentials."""
    named = absolute(words[0], folder) if os.sep in words[0] else shutil.which(words[0])
    if named is None:
        raise _Missing(f"{words[0]}: no such program")
    if doubt := doubt_about(Path(named)):
        raise _Missing(f"{words[0]} {doubt.value}")
    for word in words[1:]:
        if doubt_about(Path(absolute(word, folder))) is HookDoubt.OPEN:
            raise _Missing(f"{word} {HookDoubt.OPEN.value}")
    return str(named)


def _secret(text: str, where: str) -> str:
    """The text without the end of its last line."""
    secret = text.removesuffix("\n").removesuffix("\r")
    if not secret:
        raise _Missing(f"{where} is empty")
    return secret
