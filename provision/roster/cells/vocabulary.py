"""The words that other systems and languages have for what Box knows by a code, all in lower case."""

from __future__ import annotations

from provision.letters import plain


def _plain(words: dict[str, str]) -> dict[str, str]:
    """Words as they are looked up: without accents."""
    return {plain(word.casefold()): code for word, code in words.items()}


#: names and ISO codes of the languages that have a code at Box (developer.box.com, Language codes)
LANGUAGE_NAMES = _plain({
    "bengali": "bn",
    "danish": "da",
    "german": "de",
    "de-de": "de",
    "de-at": "de",
    "de-ch": "de",
    "english": "en",
    "english (us)": "en",
    "en-us": "en",
    "english (uk)": "gb",
    "en-gb": "gb",
    "en-ie": "gb",
    "english (canada)": "e2",
    "en-ca": "e2",
    "english (australia)": "e3",
    "en-au": "e3",
    "spanish": "es",
    "es-es": "es",
    "spanish (latin america)": "s2",
    "es-419": "s2",
    "es-mx": "s2",
    "finnish": "fi",
    "fi-fi": "fi",
    "french": "fr",
    "fr-fr": "fr",
    "french (canada)": "f2",
    "fr-ca": "f2",
    "hindi": "hi",
    "hi-in": "hi",
    "italian": "it",
    "it-it": "it",
    "japanese": "ja",
    "ja-jp": "ja",
    "korean": "ko",
    "ko-kr": "ko",
    "norwegian": "nb",
    "norwegian (bokmal)": "nb",
    "nb-no": "nb",
    "no": "nb",
    "dutch": "nl",
    "nl-nl": "nl",
    "nl-be": "nl",
    "polish": "pl",
    "pl-pl": "pl",
    "portuguese": "pt",
    "pt-br": "pt",
    "pt-pt": "pt",
    "russian": "ru",
    "ru-ru": "ru",
    "swedish": "sv",
    "sv-se": "sv",
    "turkish": "tr",
    "tr-tr": "tr",
    "chinese (simplified)": "zh",
    "zh-cn": "zh",
    "zh-hans": "zh",
    "chinese (traditional)": "zt",
    "zh-tw": "zt",
    "zh-hant": "zt",
    "zh-hans-cn": "zh",
    "zh-hant-tw": "zt",
    "english (united states)": "en",  # this and the next: Microsoft Entra and Google Workspace
    "english (united kingdom)": "gb",
    # what the languages call themselves
    "deutsch": "de", "français": "fr", "español": "es", "castellano": "es", "italiano": "it", "português": "pt", "nederlands": "nl",
    "polski": "pl", "русский": "ru", "svenska": "sv", "suomi": "fi", "norsk": "nb", "norsk bokmål": "nb", "dansk": "da", "türkçe": "tr",
    "日本語": "ja", "한국어": "ko", "简体中文": "zh", "繁體中文": "zt", "हिन्दी": "hi", "বাংলা": "bn",
})  # fmt: skip

#: Windows names of time zones that Unicode CLDR still gives the name a place had before the IANA database renamed it
RENAMED_ZONES = {
    "argentina standard time": "America/Argentina/Buenos_Aires",
    "greenland standard time": "America/Nuuk",
    "india standard time": "Asia/Kolkata",
    "myanmar standard time": "Asia/Yangon",
    "nepal standard time": "Asia/Kathmandu",
    "us eastern standard time": "America/Indiana/Indianapolis",
}

#: words of directories and HR systems; who is on leave or cannot sign in just now is still employed
STATUS_WORDS = _plain({
    "enabled": "active",  # Entra
    "on leave": "active",  # Workday
    "staged": "active",  # this and the next: Okta API reference, User status
    "provisioned": "active",
    "recovery": "active",
    "password expired": "active",
    "locked out": "active",
    "deprovisioned": "inactive",
    "suspended": "inactive",  # Okta, Google Workspace
    "archived": "inactive",  # Google Workspace
    "disabled": "inactive",
    "terminated": "inactive",
    "deactivated": "inactive",
    "not active": "inactive",
    "non active": "inactive",
    # the next: exports in other languages, with what only means that somebody is there, or is gone for good
    **dict.fromkeys((
        "aktiv", "aktive", "actif", "en poste", "activo", "activa", "activo a", "en activo", "attivo", "attiva", "ativo", "ativa", "ativo a",
        "actief", "in dienst", "aktywny", "aktywna", "zatrudniony", "zatrudniona", "aktivní", "aktív", "aktif", "aktiivinen", "activ",
        "активен", "активный", "активна", "активная", "активний", "работает", "ενεργός", "نشط", "פעיל", "有効", "在職", "在职", "启用", "啟用", "재직", "활성",
    ), "active"),
    **dict.fromkeys((
        "inaktiv", "inaktive", "deaktiviert", "ausgeschieden", "ausgetreten", "nicht aktiv", "inactif", "non actif", "désactivé", "désactivée", "sorti",
        "inactivo", "inactiva", "inactivo a", "cesado", "inattivo", "inattiva", "non attivo", "non attiva", "cessato", "cessata",
        "inativo", "inativa", "inativo a", "desligado", "desligada", "demitido", "demitida", "inactief", "niet actief", "uit dienst",
        "nieaktywny", "nieaktywna", "neaktivní", "inaktív", "kilépett", "pasif", "aktif değil", "ayrıldı", "ei aktiivinen", "passiivinen", "inactiv",
        "slutat", "sluttet", "fratrådt", "неактивен", "неактивный", "неактивна", "неактивная", "неактивний", "уволен", "уволена", "звільнений", "звільнена",
        "ανενεργός", "غير نشط", "לא פעיל", "無効", "退職", "離職", "离职", "停用", "퇴직", "비활성",
    ), "inactive"),
    "cannot delete edit": "cannot_delete_edit",  # this and the next: Box Admin Console, without its commas and "or"
    "cannot delete edit upload": "cannot_delete_edit_upload",
})  # fmt: skip

#: yes and no, as people write them and as spreadsheets show a truth value; Microsoft Access has -1 for true
TRUE_WORDS = frozenset(plain(word.casefold()) for word in (
    "true", "yes", "y", "1", "-1", "1.0", "wahr", "ja", "vrai", "oui", "verdadero", "sí", "vero", "sì", "verdadeiro", "sim", "waar",
    "prawda", "tak", "pravda", "ano", "áno", "igaz", "igen", "doğru", "evet", "sant", "sand", "sann", "tosi", "kyllä", "adevărat",
    "истина", "да", "так", "ναι", "αληθής", "はい", "是", "예", "نعم", "כן",
))  # fmt: skip
FALSE_WORDS = frozenset(plain(word.casefold()) for word in (
    "false", "no", "n", "0", "0.0", "falsch", "nein", "faux", "non", "falso", "não", "onwaar", "nee",
    "fałsz", "nie", "nepravda", "ne", "hamis", "nem", "yanlış", "hayır", "falskt", "falsk", "usann", "epätosi", "ei", "nej", "nei", "fals", "nu",
    "ложь", "нет", "ні", "όχι", "ψευδής", "いいえ", "否", "아니요", "아니오", "لا", "לא",
))  # fmt: skip
