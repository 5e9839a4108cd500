"""What a formula leaves in a cell, or in a part of a template, where it gave no value."""

from __future__ import annotations

import re

from provision.roster.files.grid import UNCALCULATED

#: what Excel shows for a formula that failed, in a workbook or saved into a CSV
_FAILED = (
    r"^#N/A$|(?:^|\W)#(?:REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!"
    # as Excel writes them in German, French, Spanish, Italian, Portuguese, Dutch and Polish
    r"|BEZUG!|WERT!|ZAHL!|ÜBERLAUF!|VALEUR!|NOM\?|NOMBRE!|NUL!|¡REF!|¡VALOR!|¿NOMBRE\?|¡NUM!|¡NULO!|¡DIV/0!"
    r"|RIF!|VALORE!|NOME\?|NULLO!|VALOR!|NÚM!|NULO!|VERW!|WAARDE!|NAAM\?|GETAL!|LEEG!|DEEL/0!"
    r"|ADR!|ARG!|NAZWA\?|LICZBA!|ZERO!|DZIEL/0!)"
)

#: an expression for each case, and what is said of a cell in which it is found
FORMULAS = (
    (_FAILED, "a formula in the spreadsheet failed here (as #N/A or #REF!)"),
    (
        re.escape(UNCALCULATED),
        "the formula here was never calculated; open the workbook in Excel, save it, and export it again",
    ),
)
_ANY = re.compile("|".join(pattern for pattern, _ in FORMULAS))


def no_value(cell: str) -> bool:
    """Whether a cell has no value since its formula gave none; that alone is wrong with it."""
    return "#" in cell and _ANY.search(cell) is not None
