"""The words for months and days of the week in dates, in English, German, French, Spanish, Italian, Portuguese and Dutch.

Not in Polish: *listopada* is November there and October in Croatian.
"""

from __future__ import annotations

from functools import cache

from provision.letters import plain

#: by number of the month, the words for it, without accents; those cut after three letters are said where they are usual
_MONTHS = (
    "january jan januar jaenner janner janvier janv enero ene gennaio gen janeiro januari",
    "february feb februar fevrier fevr fev febrero febbraio fevereiro februari",
    "march mar marz maerz mrz mars marzo marco maart mrt",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug aout aou agosto ago augustus",
    "september sep sept septembre septiembre setiembre settembre set setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez decembre diciembre dic dicembre dezembro",
)
_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag "
    "lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles jueves viernes sabado domingo "
    "lunedi martedi mercoledi giovedi venerdi domenica maandag dinsdag woensdag donderdag vrijdag zaterdag zondag "
    "segunda-feira terca-feira quarta-feira quinta-feira sexta-feira"
)


@cache
def _numbers() -> dict[str, int]:
    return {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}


@cache
def _days() -> frozenset[str]:
    return frozenset(_WEEKDAYS.split())


def month_number(word: str) -> int:
    """The number of a month, 0 for what is none."""
    return _numbers().get(plain(word.casefold()), 0)


def is_weekday(word: str) -> bool:
    """Whether a word is a day of the week."""
    return plain(word.casefold()) in _days()
