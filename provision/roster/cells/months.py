"""The words for months in dates, in the languages of Europe, Turkish, Hebrew, Arabic and Indonesian, and for days of the week in some.

Not those that mean two: *listopada* is November in Polish and October in Croatian, *lip* July or June.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Flag, auto
from functools import cache

from provision.letters import plain

#: by number of the month, the words for it, in the form in which dates have it; Latin ones without accents
_MONTHS = (
    (
        "january jan januar jaenner janner janvier janv enero ene gennaio gen janeiro januari "
        "stycznia styczen sty ledna leden januara siecnja sijecnja sijecanj januarja ianuarie jaanuar tammikuuta tammikuu ocak oca januaris "
        "января январь янв січня януари јануар ιανουαριου ינואר בינואר يناير"
    ),
    (
        "february feb februar fevrier fevr fev febrero febbraio fevereiro februari "
        "lutego luty lut unora unor februara veljace veljaca februarja februarie veebruar helmikuuta helmikuu subat sub "
        "февраля февраль фев лютого февруари фебруар φεβρουαριου פברואר בפברואר فبراير"
    ),
    (
        "march mar marz maerz mrz mars marzo marco maart mrt "
        "marca marzec brezna brezen marcius ozujka ozujak martie marts maaliskuuta maaliskuu mart maret "
        "марта март мар березня μαρτιου מרץ במרץ مارس"
    ),
    (
        "april apr avril avr abril abr aprile "
        "kwietnia kwiecien kwi dubna duben aprila aprilis travnja travanj aprilie aprill huhtikuuta huhtikuu nisan nis "
        "апреля апрель апр квітня април απριλιου אפריל באפריל أبريل"
    ),
    (
        "may mai mayo maggio mag maio mei "
        "maja maj kvetna kveten majus svibnja svibanj toukokuuta toukokuu mayis "
        "мая май травня мај μαιου מאי במאי مايو"
    ),
    (
        "june jun juni juin junio giugno giu junho "
        "czerwca czerwiec cze cervna cerven junius lipnja lipanj junija iunie juuni kesakuuta kesakuu haziran haz "
        "июня июнь июн червня юни јун ιουνιου יוני ביוני يونيو"
    ),
    (
        "july jul juli juillet juil julio luglio lug julho "
        "lipca lipiec cervence cervenec julius srpnja srpanj julija iulie juuli heinakuuta heinakuu temmuz tem "
        "июля июль июл липня юли јул ιουλιου יולי ביולי يوليو"
    ),
    (
        "august aug aout aou agosto ago augustus "
        "sierpnia sierpien sie srpna srpen augusta augusztus kolovoza kolovoz avgusta avgust avg elokuuta elokuu agustos agu augusti agustus "
        "августа август авг серпня αυγουστου אוגוסט באוגוסט أغسطس"
    ),
    (
        "september sep sept septembre septiembre setiembre settembre set setembro "
        "wrzesnia wrzesien wrz zari septembra szeptember szept rujna rujan septembrie syyskuuta syyskuu eylul eyl septembar "
        "сентября сентябрь сен сент вересня септември септембар σεπτεμβριου ספטמבר בספטמבר سبتمبر"
    ),
    (
        "october oct oktober okt octobre octubre ottobre ott outubro out "
        "pazdziernika pazdziernik paz rijna rijen oktobra octombrie oktoober lokakuuta lokakuu ekim eki oktobar "
        "октября октябрь окт жовтня октомври октобар οκτωβριου אוקטובר באוקטובר أكتوبر"
    ),
    (
        "november nov novembre noviembre novembro "
        "listopadu novembra studenoga studenog studeni noiembrie marraskuuta marraskuu kasim kas novembar "
        "ноября ноябрь ноя листопада ноември новембар νοεμβριου נובמבר בנובמבר نوفمبر"
    ),
    (
        "december dec dezember dez decembre diciembre dic dicembre dezembro "
        "grudnia grudzien gru prosince prosinec prosinca prosinac decembra decembrie detsember joulukuuta joulukuu aralik ara desember des decembar "
        "декабря декабрь дек грудня декември децембар δεκεμβριου דצמבר בדצמבר ديسمبر"
    ),
)
_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag "
    "lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles jueves viernes sabado domingo "
    "lunedi martedi mercoledi giovedi venerdi domenica maandag dinsdag woensdag donderdag vrijdag zaterdag zondag "
    "segunda-feira terca-feira quarta-feira quinta-feira sexta-feira "
    "poniedzialek wtorek sroda czwartek piatek sobota niedziela pondeli utery streda ctvrtek patek nedele "
    "mandag tirsdag onsdag torsdag fredag lordag sondag tisdag "
    "понедельник вторник среда четверг пятница суббота воскресенье"
)
#: words for a month that is another one in the next country, with the month in Polish and in Croatian
_TWO_MEANINGS = {"listopad": (11, 10), "listopada": (11, 10), "lis": (11, 10), "lip": (7, 6)}
_POLISH = "stycznia lutego kwietnia czerwca lipca sierpnia wrzesnia pazdziernika grudnia sty lut kwi cze sie wrz paz gru"
_CROATIAN = "sijecnja veljace ozujka travnja svibnja lipnja srpnja kolovoza rujna studenoga studenog"


@cache
def _numbers() -> dict[str, int]:
    return {plain(word): number for number, words in enumerate(_MONTHS, 1) for word in words.split()}


@cache
def _days() -> frozenset[str]:
    return frozenset(map(plain, _WEEKDAYS.split()))


class Slavic(Flag):
    """Which of two languages the words for months are of that have one word for two months."""

    UNKNOWN = 0
    POLISH = auto()
    CROATIAN = auto()


def language_shown(words: Iterable[str]) -> Slavic:
    """Which of the two languages these words for months prove."""
    bare = {plain(word.casefold()) for word in words}
    return (Slavic.POLISH if bare & {*_POLISH.split()} else Slavic.UNKNOWN) | (
        Slavic.CROATIAN if bare & {*_CROATIAN.split()} else Slavic.UNKNOWN
    )


def month_number(word: str, language: Slavic = Slavic.UNKNOWN) -> int:
    """The number of a month, 0 for what is none, or may be two in a file that shows no single one of the two languages."""
    bare = plain(word.casefold())
    if bare in _TWO_MEANINGS and language in (Slavic.POLISH, Slavic.CROATIAN):
        return _TWO_MEANINGS[bare][language is Slavic.CROATIAN]
    return _numbers().get(bare, 0)


def means_two_months(word: str) -> bool:
    """Whether a word is one month in Polish and another in Croatian."""
    return plain(word.casefold()) in _TWO_MEANINGS


def is_weekday(word: str) -> bool:
    """Whether a word is a day of the week."""
    return plain(word.casefold()) in _days()
