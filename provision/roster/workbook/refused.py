"""Why a workbook cannot be read, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provision.errors import RosterError
from provision.job.limits import FileLimits
from provision.roster.files.file_limits import too_large
from provision.wording import tidy


def refused(name: str, told: Mapping[str, Any], limits: FileLimits) -> RosterError:
    """The error for what :class:`provision.sheets.book.BookRefused` tells of the file ``name``."""
    where = f'{name}, sheet "{tidy(told["sheet"])}"' if told.get("sheet") else name
    match told["code"]:
        case "locked":
            return locked(name)
        case "unpacked":
            size = told["bytes"] / (1 << 30)
            return too_large(
                f"{name} unpacks to {size:,.1f} GB; the job takes {limits.unpacked_gb:g} GB",
                "unpacked_gb",
                size,
            )
        case "reach":
            return _reaches(where, told["rows"], told["columns"], limits)
        case "cells":
            cells = told["cells"]
            return too_large(
                f"{name}: its sheets have {cells:,} cells; the job takes {limits.cells:,}", "cells", cells
            )
        case "cell":
            place = f"row {told['row']}, column {told['letters']}"
            if told["header"]:
                place = f'row {told["row"]}, column "{tidy(told["header"])}"'
            return _long(f"{where}: {place}", told["characters"], limits)
        case "text":
            place = f"cell {told['cell']}" if told["cell"] else f"a text of its part {tidy(told['part'])}"
            return _long(f"{where}: {place}", told["characters"], limits)
        case "unpackable":
            return RosterError(
                "The workbook is damaged: a part of it cannot be unpacked.",
                cause="the download or the copy broke off.",
                remedy="fetch the file again.",
            )
        case _:
            return corrupt(name)


def _reaches(where: str, rows: int, columns: int, limits: FileLimits) -> RosterError:
    far = f"{where} reaches as far as row {rows:,} and column {columns:,}"
    if rows > limits.rows:
        return too_large(f"{far}; the job takes {limits.rows:,} rows", "rows", rows)
    cells = rows * columns
    return too_large(f"{far}, which is {cells:,} cells; the job takes {limits.cells:,}", "cells", cells)


def _long(place: str, characters: int, limits: FileLimits) -> RosterError:
    return too_large(
        f"{place} has {characters:,} characters; the job takes {limits.cell:,} a cell", "cell", characters
    )


def locked(name: str) -> RosterError:
    """For a workbook that asks for a password."""
    return RosterError(
        f"{name} is protected by a password.",
        cause="HR encrypts its exports.",
        remedy="save it without a password in a folder that only this program's account can read.",
    )


def corrupt(name: str) -> RosterError:
    """For a workbook that its reader does not understand."""
    return RosterError(
        f"{name} is a damaged workbook: it cannot be opened.",
        cause="the download or the copy broke off.",
        remedy="fetch the file again; if it opens in a spreadsheet program, save it there once more.",
    )
