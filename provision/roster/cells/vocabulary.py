"""The words that other systems and languages have for what Box knows by a code, all in lower case."""

from __future__ import annotations

#: names and ISO codes of the languages that have a code at Box (developer.box.com, Language codes)
LANGUAGE_NAMES = {
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
}

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
STATUS_WORDS = {
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
    "aktiv": "active",  # the next: exports in other languages
    "inaktiv": "inactive",
    "deaktiviert": "inactive",
    "actif": "active",
    "inactif": "inactive",
    "désactivé": "inactive",
    "ausgeschieden": "inactive",
    "ausgetreten": "inactive",
    "activo": "active",
    "activa": "active",
    "inactivo": "inactive",
    "inactiva": "inactive",
    "attivo": "active",
    "inattivo": "inactive",
    "ativo": "active",
    "inativo": "inactive",
    "actief": "active",
    "inactief": "inactive",
    "aktywny": "active",
    "nieaktywny": "inactive",
    "cannot delete edit": "cannot_delete_edit",  # this and the next: Box Admin Console, without its commas and "or"
    "cannot delete edit upload": "cannot_delete_edit_upload",
}
