"""The usual headers of rosters in German, French, Spanish, Italian, Portuguese, Dutch and Polish.

Those of more languages: :mod:`provision.roster.mapping.headers_farther`.

Only words that mean one thing: *Titel* may be a doctor's, *Statut* a kind of contract, *Estado* a country's part, *Vertragsende* no end.
A word for a name that is the whole one in some files and a part in others counts by what stands beside it.
"""

from __future__ import annotations

from collections.abc import Collection

from provision.letters import plain

ABROAD: dict[str, tuple[str, ...]] = {
    "external_id": (
        "personalnummer", "personal-nr.", "personalnr", "pers.-nr.", "persnr", "mitarbeiternummer", "mitarbeiter-nr.", "mitarbeiter-id",
        "matricule", "numéro de matricule", "numéro d'employé",
        "número de empleado", "id de empleado", "número de empleado/a", "legajo",
        "matricola", "numero matricola", "numero di matricola", "id dipendente",
        "matrícula", "número de matrícula", "número do funcionário", "id do funcionário", "número de funcionário",
        "personeelsnummer", "personeelsnr", "medewerkernummer", "medewerker-id", "werknemersnummer",
        "numer pracownika", "nr pracownika", "numer ewidencyjny", "numer kadrowy", "id pracownika",
    ),
    "login": (
        "e-mail-adresse", "email-adresse", "mailadresse", "e-mail geschäftlich", "geschäftliche e-mail", "dienstliche e-mail",
        "e-mail dienstlich", "geschäftliche e-mail-adresse", "dienstliche e-mail-adresse",
        "adresse e-mail", "adresse mail", "adresse électronique", "courriel", "courriel professionnel", "e-mail professionnel",
        "adresse e-mail professionnelle",
        "correo electrónico", "correo", "correo corporativo", "correo electrónico corporativo", "correo de trabajo", "dirección de correo electrónico",
        "indirizzo e-mail", "indirizzo email", "e-mail aziendale", "posta elettronica",
        "endereço de e-mail", "e-mail corporativo", "correio eletrónico", "correio eletrônico", "e-mail profissional",
        "e-mailadres", "zakelijk e-mailadres", "e-mail werk", "werk e-mail", "zakelijke e-mail",
        "adres e-mail", "e-mail służbowy", "służbowy e-mail", "adres email", "poczta elektroniczna",
    ),
    "name": (
        "vollständiger name", "vor- und nachname", "vorname nachname", "anzeigename",
        "nom complet", "prénom et nom", "nom et prénom", "nom d'affichage",
        "nombre completo", "nombre y apellidos", "apellidos y nombre",
        "nome completo", "nome e cognome", "cognome e nome",
        "volledige naam", "weergavenaam",
        "imię i nazwisko", "nazwisko i imię", "pełna nazwa",
    ),
    "status": ("mitarbeiterstatus", "status des mitarbeiters", "medewerkerstatus", "status pracownika"),
    "job_title": (
        "stellenbezeichnung", "berufsbezeichnung", "positionsbezeichnung",
        "intitulé du poste", "intitulé de poste", "titre du poste",
        "puesto", "puesto de trabajo", "cargo",
        "mansione", "posizione lavorativa",
        "função",
        "functietitel", "functienaam",
        "stanowisko", "stanowisko pracy",
    ),
    "phone": (
        "telefon geschäftlich", "telefon dienstlich", "telefonnummer", "telefon", "mobiltelefon", "handynummer",
        "téléphone professionnel", "numéro de téléphone", "téléphone", "téléphone portable", "téléphone mobile",
        "teléfono de trabajo", "número de teléfono", "teléfono", "teléfono móvil", "móvil",
        "telefono aziendale", "numero di telefono", "telefono", "cellulare",
        "telefone comercial", "número de telefone", "telefone", "telemóvel", "celular",
        "telefoonnummer werk", "telefoonnummer", "telefoon", "mobiel nummer",
        "telefon służbowy", "numer telefonu", "telefon komórkowy",
    ),
    "start_date": (
        "eintrittsdatum", "eintritt", "einstellungsdatum", "beschäftigungsbeginn", "erster arbeitstag",
        "date d'entrée", "date d'embauche", "date d'arrivée",
        "fecha de ingreso", "fecha de contratación", "fecha de incorporación",
        "data di assunzione", "data assunzione",
        "data de admissão", "data de contratação",
        "datum in dienst", "datum indiensttreding", "indienstdatum",
        "data zatrudnienia", "pierwszy dzień pracy",
    ),
    "end_date": (
        "austrittsdatum", "austritt", "letzter arbeitstag", "letzter tag", "ausgetreten am", "beschäftigungsende",
        "date de sortie", "date de départ", "dernier jour travaillé", "dernier jour de travail", "dernier jour",
        "fecha de salida", "fecha de egreso", "último día de trabajo", "último día trabajado", "último día", "fecha de cese",
        "data di cessazione", "data cessazione", "ultimo giorno di lavoro", "ultimo giorno lavorativo", "ultimo giorno", "data di uscita",
        "data de desligamento", "data de demissão", "data de saída", "último dia de trabalho", "último dia trabalhado", "último dia",
        "datum uit dienst", "uitdienstdatum", "datum uitdiensttreding", "laatste werkdag", "laatste dag",
        "data zwolnienia", "ostatni dzień pracy", "ostatni dzień", "data odejścia",
    ),
    "manager": (
        "vorgesetzter", "vorgesetzte(r)", "vorgesetzte/r", "führungskraft",
        "supérieur hiérarchique", "responsable hiérarchique",
        "jefe directo", "jefe inmediato", "supervisor directo",
        "responsabile diretto",
        "gestor", "gestor direto", "superior imediato",
        "leidinggevende",
        "przełożony", "bezpośredni przełożony",
    ),
}  # fmt: skip

#: headers that mean one thing in one file and another in the next, so that the job has to say
AMBIGUOUS_ABROAD = ("titel", "statut", "estado", "stato")

GIVEN_ABROAD = (
    "vorname", "vornamen", "rufname", "prénom", "prénoms", "nombre de pila", "primeiro nome", "nome próprio", "voornaam", "roepnaam", "imię",
)  # fmt: skip
FAMILY_ABROAD = (
    "nachname", "familienname", "zuname", "nom de famille", "apellidos", "apellido", "cognome", "sobrenome", "achternaam", "nazwisko",
)  # fmt: skip

#: dates on which a contract may end and go on
NO_LAST_DAY_ABROAD = (
    "vertragsende", "befristet bis", "befristung bis", "date de fin de contrat", "fin de contrat", "fecha fin de contrato",
    "fecha de fin de contrato", "fin de contrato", "scadenza contratto", "data fine contratto", "fim do contrato", "data de fim do contrato",
    "einde contract", "einddatum contract", "koniec umowy", "data zakończenia umowy",
)  # fmt: skip

#: a word for a name, the words of which one makes it a part, and the part it is then
_BESIDE = (
    ("name", ("vorname", "vornamen", "rufname"), "last name"),
    ("nom", ("prénom", "prenom", "prénoms", "prenoms"), "last name"),
    ("nombre", ("apellidos", "apellido"), "first name"),
    ("nombres", ("apellidos", "apellido"), "first name"),
    ("nome", ("cognome", "sobrenome"), "first name"),
    ("nume", ("prenume",), "last name"),
    ("ad", ("soyad", "soyadı", "soyadi"), "first name"),
)


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def spelt(headers: Collection[str]) -> tuple[str, ...]:
    """The headers, each also as it is written by who has no accents, or no umlauts."""
    ways = (way for header in headers for way in (header, plain(header), header.translate(_UMLAUTS)))
    return tuple(dict.fromkeys(ways))


def parts_beside(headers: Collection[str], family: Collection[str]) -> dict[str, tuple[str, str]]:
    """The squashed headers that are a part of a name by what stands beside them: that one, and the English word for the part.

    ``family``: the headers of family names, as they are squashed; where there is one, no other column is.
    """
    found: dict[str, tuple[str, str]] = {}
    for word, partners, part in _BESIDE:
        partner = next((each for each in partners if each in headers), "")
        if word in headers and partner and (part == "first name" or not {*family} & {*headers}):
            found[word] = (partner, part)
    return found
