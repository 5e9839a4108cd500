"""Which column is which field: field names, the usual headers, the job's columns, and what is ambiguous."""

from __future__ import annotations

import pytest

from provision.errors import RosterError
from provision.model import ROSTER_FIELDS
from provision.roster.mapping.headers import FAMILY, GIVEN, LISTED, RECOGNISED, RECOGNISED_APP
from provision.roster.reading import Why

USUAL = {
    "Workday": (
        "Employee ID,Legal First Name,Legal Last Name,Email - Work,Business Title,Phone - Work,Hire Date,Termination Date",
        "1,Ada,Byron,a@x.example,Analyst,+44 1,2020-01-02,2030-01-02",
        {"job_title": "Analyst", "phone": "+44 1", "start_date": "2020-01-02", "end_date": "2030-01-02"},
    ),
    "BambooHR": (
        "Employee #,First Name,Last Name,Work Email,Job Title,Mobile Phone,Hire Date,Status",
        "1,Ada,Byron,a@x.example,Analyst,+44 1,2020-01-02,Active",
        {"job_title": "Analyst", "phone": "+44 1", "start_date": "2020-01-02", "status": "active"},
    ),
    "Okta": (
        "login,firstName,lastName,email,title,displayName,primaryPhone,postalAddress,preferredLanguage,timezone,employeeNumber",
        "a@x.example,A,B,other@x.example,Analyst,Ada Byron,+44 1,1 Road,en-GB,europe/london,1",
        {"job_title": "Analyst", "address": "1 Road", "language": "gb", "timezone": "Europe/London"},
    ),
    "Entra": (
        "userPrincipalName,displayName,surname,mail,givenName,jobTitle,telephoneNumber,mobilePhone,employeeId",
        "a@x.example,Ada Byron,B,other@x.example,A,Analyst,+44 1,+44 2,1",
        {"job_title": "Analyst", "phone": "+44 1"},
    ),
    "Entra, bulk template": (
        "version:v1.0,,,\nName [displayName] Required,User name [userPrincipalName] Required,Job title [jobTitle],employeeId",
        "Ada Byron,a@x.example,Analyst,1",
        {"job_title": "Analyst"},
    ),
    "Google Workspace": (
        "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Work Phone,Work Address,Employee ID,Employee Title",
        "Ada,Byron,a@x.example,****,+44 1,1 Road,1,Analyst",
        {"job_title": "Analyst", "phone": "+44 1", "address": "1 Road"},
    ),
    "Box Admin Console": (
        "Name,Email,Groups,Storage,External Collaboration Restricted,Employee ID",
        "Ada Byron,a@x.example,Staff;All,10 GB,Yes,1",
        {"space_amount": "10737418240", "is_external_collab_restricted": "true"},
    ),
    "Okta, interface": (
        "id,status,profile.login,profile.email,profile.firstName,profile.lastName,profile.title,profile.employeeNumber",
        "00u1,PASSWORD_EXPIRED,a@x.example,other@x.example,Ada,Byron,Analyst,1",
        {"job_title": "Analyst", "status": "active"},
    ),
    "Entra, user list": (
        "userPrincipalName,displayName,mail,id,userType,jobTitle,accountEnabled,employeeId",
        "a@x.example,Ada Byron,other@x.example,6f1c,Member,Analyst,False,1",
        {"job_title": "Analyst", "status": "inactive"},
    ),
    "Workday, headcount": (
        "Employee ID,Worker,Legal Name - First Name,Legal Name - Last Name,Email - Primary Work,Hire Date,Worker Status",
        "1,Ada Byron-King (On Leave),Ada,Byron,a@x.example,01/15/2020,On Leave",
        {"status": "active", "start_date": "2020-01-15"},
    ),
    "Workday, preferred names": (
        "Employee ID,Worker,Preferred First Name,Preferred Last Name,Work Email,Worker Status",
        "1,Augusta Byron,Ada,Byron,a@x.example,Terminated",
        {"status": "inactive"},
    ),
    "BambooHR, names for lists": (
        'Employee #,"Last name, First name",Work Email,Hire Date',
        '1,"Byron, Ada",a@x.example,0000-00-00',
        {"start_date": ""},
    ),
    "Box Admin Console, bulk edit": (
        "Name,Email,GB,Sync,Groups,Employee ID",
        "Ada Byron,a@x.example,10,1,Sales,1",
        {"space_amount": "10737418240", "is_sync_enabled": "true"},
    ),
    "another case, blanks and a byte order mark": (
        "\ufeff  EMPLOYEE   id ,E-Mail,Full\u00a0Name",
        "1,a@x.example,Ada Byron",
        {},
    ),
}


@pytest.mark.parametrize("system", USUAL)
def test_the_usual_headers_are_recognised(read, system):
    header, row, cells = USUAL[system]
    roster = read(f"{header}\n{row}\n")

    person = roster.frame.iloc[0]
    assert person[["external_id", "login", "name"]].tolist() == ["1", "a@x.example", "Ada Byron"]
    assert person[list(cells)].to_dict() == cells


ABROAD = {
    "German": (
        "Personalnummer;Nachname;Vorname;E-Mail;Stellenbezeichnung;Telefon;Eintrittsdatum;Austrittsdatum;Vorgesetzte/r;Vertragsende;Status",
        "1;Byron;Ada;a@x.example;Analyst;+44 1;01.02.2020;02.01.2030;m@x.example;02.01.2021;Aktiv",
    ),
    "German, without umlauts": (
        "Mitarbeiter-Nr.;Vorname;Name;Geschaeftliche E-Mail;Stellenbezeichnung;Telefon;Eintritt;Austritt;Fuehrungskraft;Status",
        "1;Ada;Byron;a@x.example;Analyst;+44 1;01.02.2020;02.01.2030;m@x.example;Aktiv",
    ),
    "German, with the whole name": (
        "PersNr;Vorname;Name;E-Mail;Stellenbezeichnung;Telefon;Eintritt;Austritt;Vorgesetzter;Status",
        "1;Ada;Ada Byron;a@x.example;Analyst;+44 1;01.02.2020;02.01.2030;m@x.example;Aktiv",
    ),
    "French": (
        "Matricule;Nom;Prénom;Adresse e-mail;Intitulé du poste;Téléphone;Date d'embauche;Date de sortie;Supérieur hiérarchique;Statut;Status",
        "1;Byron;Ada;a@x.example;Analyst;+44 1;01.02.2020;02.01.2030;m@x.example;Cadre;Actif",
    ),
    "Spanish": (
        "Número de empleado;Nombre;Apellidos;Correo electrónico;Puesto;Teléfono;Fecha de ingreso;Fecha de egreso;Jefe directo;Estado;Status",
        "1;Ada;Byron;a@x.example;Analyst;+44 1;01.02.2020;02.01.2030;m@x.example;Jalisco;Activo",
    ),
    "Italian": (
        "Matricola;Cognome;Nome;Indirizzo e-mail;Mansione;Telefono;Data di assunzione;Data di cessazione;Responsabile diretto;Status",
        "1;Byron;Ada;a@x.example;Analyst;+44 1;01.02.2020;02.01.2030;m@x.example;Attivo",
    ),
    "Portuguese": (
        "Matrícula;Nome completo;E-mail corporativo;Cargo;Telefone;Data de admissao;Data de desligamento;Gestor;Status",
        "1;Ada Byron;a@x.example;Analyst;+44 1;01.02.2020;02.01.2030;m@x.example;Ativo",
    ),
    "Dutch": (
        "Personeelsnummer;Voornaam;Achternaam;E-mailadres;Functietitel;Telefoonnummer;Datum in dienst;Datum uit dienst;Leidinggevende;Status",
        "1;Ada;Byron;a@x.example;Analyst;+44 1;01.02.2020;02.01.2030;m@x.example;Actief",
    ),
    "Polish": (
        "Numer pracownika;Imie;Nazwisko;Adres e-mail;Stanowisko;Telefon;Data zatrudnienia;Data zwolnienia;Przełożony;Status",
        "1;Ada;Byron;a@x.example;Analyst;+44 1;01.02.2020;02.01.2030;m@x.example;Aktywny",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", ABROAD)
def test_the_usual_headers_of_other_languages_are_recognised(read, language):
    roster = read("\n".join(ABROAD[language]) + "\n")

    told = roster.frame[
        ["external_id", "login", "name", "job_title", "phone", "start_date", "end_date", "manager", "status"]
    ]
    assert told.iloc[0].tolist() == [
        "1", "a@x.example", "Ada Byron", "Analyst", "+44 1", "2020-02-01", "2030-01-02", "m@x.example", "active",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "header",
    ["Titel", "Statut", "Estado", "Stato", "Vertragsende", "Nom", "Nombre", "Apelido", "Fecha de baja"],
)
def test_a_word_that_means_several_things_is_not_guessed(read, header):
    roster = read(f"login,name,{header}\na@x.example,Ada,x\n")

    assert roster.ignored == (header,)
    assert roster.frame["name"].tolist() == ["Ada"]
    several = header in ("Titel", "Statut", "Estado", "Stato")
    assert [each.why is Why.AMBIGUOUS for each in roster.reading.left_out] == [several]


#: what the last day with access is called, and days that are none: of a notice, of absence, of a contract, of an account elsewhere
LAST_DAYS = (
    "Termination Date", "Date of termination", "Last Day of Work", "Last Working Day", "last_working_date", "Last Day Worked",
    "employeeLeaveDateTime", "Employment End Date", "Separation Date", "Leaving Date", "Date of Leaving", "Exit Date", "Letzter Tag",
    "Dernier jour de travail", "Último día de trabajo", "Ultimo giorno di lavoro", "Último dia de trabalho", "Laatste werkdag",
    "Ostatni dzień pracy", "ULTIMO DIA DE TRABAJO",
)  # fmt: skip
NO_LAST_DAYS = (
    "Resignation Date", "Notice Date", "Leave Date", "Leave End Date", "Contract End Date", "Vertragsende", "Fin de contrat",
    "Term Date", "Probation End Date", "Account Expires", "Effective Date", "Fecha de baja",
)  # fmt: skip


@pytest.mark.parametrize(("headers", "dates"), [(LAST_DAYS, ["2030-01-02"]), (NO_LAST_DAYS, [""])])
def test_a_last_day_is_known_by_its_usual_names_and_by_no_other(read, headers, dates):
    for header in headers:
        roster = read(f"login,Name,{header},Joining Date\nada@x.example,Ada Byron,2030-01-02,2020-01-02\n")

        assert (header, roster.frame["end_date"].tolist()) == (header, dates)
        assert roster.frame["start_date"].tolist() == ["2020-01-02"]


@pytest.mark.parametrize("table", [RECOGNISED, RECOGNISED_APP])
def test_no_header_means_two_fields(table):
    headers = [header for ranks in table.values() for header in ranks] + [*GIVEN, *FAMILY, *LISTED]

    assert len(headers) == len(set(headers))


@pytest.mark.parametrize("field", ROSTER_FIELDS)
def test_every_field_name_is_its_own_best_header(field):
    assert RECOGNISED[field][0] == field.replace("_", "")


def test_columns_that_are_not_read_are_named(read):
    roster = read("login,Department,,Shoe size\na@x.example,IT,x,43\n")

    assert roster.ignored == ("Department", "(column 3, no header)", "Shoe size")


def test_names_of_groups_are_read_one_by_one(read):
    roster = read(
        "login,Groups\n"
        + "".join(
            f"{n}@x.example,{cell}\n"
            for n, cell in enumerate(
                ["Sales", " Sales ;; board (Admin);Sales", "(clear)", "", "A;A (admin)", "g" * 256]
            )
        )
    )

    assert roster.frame["groups"].tolist() == ["Sales", "board (admin); Sales", "(clear)", "", "A (admin)"]
    assert [error.reason for error in roster.errors] == [
        "the name of a group has 256 characters; Box takes 255"
    ]


def test_who_is_named_beside_a_person_is_read_as_it_stands(read):
    roster = read("login,Manager,transfer_to\na@x.example, m@x.example ,007\n")

    assert roster.frame[["manager", "transfer_to"]].to_numpy().tolist() == [["m@x.example", "007"]]


def test_a_mapped_column_wins_over_a_recognised_one(read):
    roster = read(
        "login,Email,Contact,Name\nx@x.example,a@x.example,Ada Byron,AB\n",
        columns={"email": "login", "Contact": "name"},
    )

    assert roster.frame[["login", "name"]].to_numpy().tolist() == [["a@x.example", "Ada Byron"]]
    assert roster.ignored == ("login", "Name")


def test_recognised_headers_still_count_beside_mapped_ones(read):
    roster = read("Contact,Work Email,Job Title\nAda,a@x.example,Analyst\n", columns={"Contact": "name"})

    assert roster.mapped == ("login", "name", "job_title")


def test_a_template_joins_columns_and_leaves_no_double_blank(read):
    roster = read(
        "login,First,Middle,Last\na@x.example,Ada,King,Byron\nb@x.example, Bo ,,Li\nc@x.example,,,\nd@x.example,,,Di\n",
        columns={"{First} {Middle} {Last}": "name"},
    )

    assert roster.frame["name"].tolist() == ["Ada King Byron", "Bo Li", "", "Di"]
    assert roster.ignored == ()


def test_a_template_may_have_text_around_a_column(read):
    roster = read("No,name\n000123,Ada\n,Bo\n", kind="app", columns={"client-{No}": "external_id"})

    assert roster.frame["external_id"].tolist() == ["client-000123"]
    assert roster.rejected["external_id"].tolist() == [""]


def test_the_best_of_several_recognised_columns_is_read_and_the_others_are_named(read):
    roster = read("Email,userPrincipalName\nold@x.example,a@x.example\n")

    assert roster.frame["login"].tolist() == ["a@x.example"]
    assert roster.ignored == ("Email",)
    assert (
        'login is read from "userPrincipalName"; "Email" could be it as well and is ignored' in roster.notes
    )


def test_tracking_codes_are_columns_of_their_own(read):
    roster = read(
        "login,tracking_codes.Cost Center,Dept\na@x.example,0430,IT\n",
        columns={"Dept": "tracking_codes.department"},
    )

    person = roster.frame.iloc[0]
    assert person[["tracking_codes.Cost Center", "tracking_codes.department"]].tolist() == ["0430", "IT"]


def test_a_portals_email_column_is_not_the_login_of_app_users(read):
    roster = read("Client ID,Email,Name\n7,client@elsewhere.example,Ada\n", kind="app")

    assert roster.frame[["external_id", "login"]].to_numpy().tolist() == [["7", ""]]
    assert roster.ignored == ("Email",)


def test_a_twice_used_header_that_is_not_read_is_only_noted(read):
    roster = read("login,Note,Note\na@x.example,x,y\n")

    assert 'the header "Note" occurs 2 times; it is not read' in roster.notes


def test_a_recognised_column_can_be_switched_off(read):
    roster = read(
        "login,Status,Sync,Status\na@x.example,sabbatical,1,on parental leave\n",
        columns={"status": "ignore", "Sync": "ignore"},
    )

    assert roster.mapped == ("login",)
    assert roster.ignored == ("Status", "Sync", "Status")
    assert len(roster.frame) == 1


def test_the_next_best_column_is_read_in_place_of_one_switched_off(read):
    roster = read(
        "userPrincipalName,Email\na@intern.example,a@x.example\n", columns={"userPrincipalName": "ignore"}
    )

    assert roster.frame["login"].tolist() == ["a@x.example"]
    assert not any("could be it as well" in note for note in roster.notes)


REFUSED = {
    "no column is known": (
        "Spalte1,Spalte2\nx,y\n",
        {},
        (
            "employees.csv (header in row 1) has no column for the login (the e-mail address a managed user signs in with);"
            ' its headers are: "Spalte1", "Spalte2".'
        ),
    ),
    "a person in place of the header": (
        "1,a@x.example,Ada\n2,b@x.example,Bo\n",
        {},
        "employees.csv (header in row 1) seems to have no header: there is an e-mail address in that row.",
    ),
    "a person's cells without an address in place of the header": (
        "C-1,Ada Byron,+49 30 5550101\nC-2,Bo Li,\n",
        {"kind": "app"},
        "employees.csv (header in row 1) seems to have no header: there is a long number in that row.",
    ),
    "managed users without a login": (
        "external_id,name\n1,Ada\n",
        {},
        (
            "employees.csv (header in row 1) has no column for the login (the e-mail address a managed user signs in with);"
            ' its headers are: "external_id", "name".'
        ),
    ),
    "app users without a key": (
        "name,phone\nAda,1\n",
        {"kind": "app"},
        (
            "employees.csv (header in row 1) has no column for a key: external_id, or login for existing accounts;"
            ' its headers are: "name", "phone".'
        ),
    ),
    "both kinds without a kind column": (
        "login,name\na@x.example,Ada\n",
        {"kind": "column"},
        'employees.csv (header in row 1) has no column for kind (managed or app); its headers are: "login", "name".',
    ),
    "a mapped header that is not there": (
        "login,Full Nam\na@x.example,Ada\n",
        {"columns": {"Full Name": "name"}},
        'employees.csv (header in row 1) has no column "Full Name", which the job maps.',
    ),
    "a header to ignore that is not there": (
        "login,Staus\na@x.example,active\n",
        {"columns": {"Status": "ignore"}},
        'employees.csv (header in row 1) has no column "Status", which the job maps.',
    ),
    "a template with a header that is not there": (
        "login,First\na@x.example,Ada\n",
        {"columns": {"{First} {Last}": "name"}},
        'employees.csv (header in row 1) has no column "Last", which the job maps.',
    ),
    "two mapped columns for one field": (
        "login,First,Full\na@x.example,A,Ada\n",
        {"columns": {"First": "name", "Full": "name"}},
        'The job maps "First" and "Full" both to name.',
    ),
    "a header used twice": (
        "login,name,name\na@x.example,A,B\n",
        {},
        'employees.csv (header in row 1) has the column "name" twice (columns 2 and 3).',
    ),
    "a mapped header used twice": (
        "login,Full,full\na@x.example,A,B\n",
        {"columns": {"Full": "name"}},
        'employees.csv (header in row 1) has the column "Full" twice (columns 2 and 3).',
    ),
    "two headers of one meaning": (
        "E-mail,email\na@x.example,b@x.example\n",
        {},
        'employees.csv (header in row 1) has 2 columns of the same meaning: "E-mail", "email".',
    ),
    "a tracking code twice": (
        "login,tracking_codes.dept,Tracking_Codes.dept\na@x.example,1,2\n",
        {},
        'employees.csv (header in row 1) has the column "Tracking_Codes.dept" twice (columns 2 and 3).',
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_columns_that_cannot_be_understood_are_refused(read, case):
    content, settings, message = REFUSED[case]

    with pytest.raises(RosterError) as refused:
        read(content, **settings)

    assert refused.value.what == message
    assert refused.value.remedy


def test_the_nearest_header_is_suggested(read):
    with pytest.raises(RosterError, match='the header is "Full Nam"'):
        read("login,Full Nam\na@x.example,Ada\n", columns={"Full Name": "name"})


#: headers, cells, the header that the remedy names for the login
GUESSES = [
    ("id,lastLogin,Kontakt", ["1,2024-01-02,a@x.example", "2,,b@x.example"], "Kontakt"),
    ("id,lastLogin,Kontakt", ["1,2024-01-02,", "2,,+44 1"], "Your Header"),
    ("id,Note,Post", ["1,see a@x.example,a@x.example", "2,,"], "Post"),
    ("id,Logon", ["1,x", "2,"], "Your Header"),
]


@pytest.mark.parametrize(("header", "rows", "guess"), GUESSES)
def test_only_a_column_of_addresses_is_suggested_for_the_login(read, header, rows, guess):
    with pytest.raises(RosterError) as refused:
        read("\n".join([header, *rows, ""]))

    assert refused.value.remedy == f'map it in the job file, as roster: columns: {{"{guess}": login}}.'


def test_a_header_spelt_alike_is_suggested_for_the_kind(read):
    with pytest.raises(RosterError) as refused:
        read("login,Kinds\na@x.example,app\n", kind="column")

    assert refused.value.remedy == 'map it in the job file, as roster: columns: {"Kinds": kind}.'


def test_a_roster_without_names_says_what_it_cannot_do(read):
    assert (
        "no column gives the name, so nobody new can be created from this roster"
        in read("login\na@x.example\n").notes
    )


SECOND = "Employee ID,Work Email,Name,Hire Date,Last Day\n7,a@x.example,Ada,2020-03-02,\n"


@pytest.mark.parametrize(
    "second",
    ["Employee ID,Work Email,Name,Last Day,Hire Date", "Work Email,Name", "Employee ID,Work Email,Name,Team,Last Day,Hire Date",
     "No,Mail addr,Who,Leaves,Starts"],
    ids=["other order", "fewer columns", "more columns", "words that nobody knows"],
)  # fmt: skip
def test_another_header_further_down_refuses_the_file(read, second):
    with pytest.raises(RosterError) as refused:
        read(f"{SECOND}{second}\n8,b@x.example,Bo,,2020-03-02\n")

    assert "row 3 is a second header" in refused.value.what


@pytest.mark.parametrize(
    "row",
    [
        "8,b at x.example,Bo,soon,later",
        ",unknown,Bo,none,none",
        "8,b@x.example,Bo,soon,later",
        ",b at x,Bo,,soon",
    ],
)
def test_a_row_of_somebody_with_two_bad_dates_is_no_header(read, row):
    assert [error.line for error in read(f"{SECOND}{row}\n").errors][:1] == [3]


def test_a_row_of_hints_below_the_header_refuses_nobody_else(read):
    header, _, rest = SECOND.partition("\n")
    roster = read(f"{header}\nNumber,Address,Text,Begin,End\n{rest}")

    assert ({error.line for error in roster.errors}, roster.valid) == ({2}, 1)


@pytest.mark.parametrize("kind", ["managed", "app"])
def test_the_same_header_further_down_is_left_out_and_told(read, kind):
    columns = {"Work Email": "login"} if kind == "managed" else {"Work Email": "ignore"}
    text = f"{SECOND}EMPLOYEE id, work email ,Name,Hire Date,Last Day\n8,b@x.example,Bo,,\n"
    roster = read(text, kind=kind, columns=columns)

    assert (roster.frame["line"].tolist(), roster.rows, roster.errors) == ([2, 4], 2, ())
    assert [(each.code, each.row, each.file) for each in roster.findings] == [
        ("header_repeated", 3, "employees.csv")
    ]


SCHOOL = "Staff_id,Staff_email,First_name,Last_name,Username,Role\n1,a@x.example,Ada,Byron,ada,teacher\n"


def test_a_login_without_one_address_is_not_taken_where_another_column_has_them(read):
    with pytest.raises(RosterError) as refused:
        read(SCHOOL)

    assert refused.value.remedy == 'map it in the job file, as roster: columns: {"Staff_email": login}.'


def test_a_role_that_box_does_not_know_anywhere_is_another_role(read):
    roster = read(SCHOOL, columns={"Staff_email": "login"})

    assert (roster.errors, "role" in roster.mapped) == ((), False)
    assert '"Role" says no role of Box in any row and is not read' in roster.notes


def test_a_role_that_box_knows_somewhere_is_read_and_the_others_say_what_to_do(read):
    roster = read("login,Role\na@x.example,Co-Admin\nb@x.example,teacher\n")

    assert roster.errors[0].reason.endswith("; if the column says something else, map it to ignore")


def test_logins_that_are_no_addresses_stay_logins_where_nothing_else_may_be_them(read):
    roster = read("User Name,name,Manager Email\nada,Ada,b@x.example\n")

    assert [error.field for error in roster.errors] == ["login"]


def test_which_of_two_names_is_read_is_said(read):
    header = "Legal First Name,Legal Last Name,Preferred First Name,Preferred Last Name,Work Email"
    roster = read(f"{header}\nRobert,Novak,Roberta,Novak,r@x.example\n")

    assert roster.frame["name"].tolist() == ["Robert Novak"]
    assert (
        'name is read from "{Legal First Name} {Legal Last Name}"; "Preferred First Name", "Preferred Last Name" could be it'
        " as well and are ignored" in roster.notes
    )


FOREIGN = "Nummer,Correo,Nombre\n7,a@x.example,Ada\n"


def test_people_above_the_header_that_is_known_refuse_the_file(read, workbook):
    glued = f"{FOREIGN}Employee ID,Work Email,Name\n8,b@x.example,Bo\n"
    rows = [line.split(",") for line in glued.splitlines()]
    for content, name in ((glued, "employees.csv"), (workbook(People=rows), "employees.xlsx")):
        with pytest.raises(RosterError) as refused:
            read(content, name)
        assert (
            "row 2 reads like a person, and the header that the program knows is below it, in row 3"
            in refused.value.what
        )


def test_a_title_with_an_address_and_a_header_that_the_job_names_are_as_before(read):
    head = "Made for,hr@x.example,,\n"
    rows = "Employee ID,Work Email,Name\n8,b@x.example,Bo\n"

    assert read(head + rows).frame["line"].tolist() == [3]
    assert read(FOREIGN + rows, header_row=3).frame["line"].tolist() == [4]


def test_what_a_person_is_called_in_one_cell_is_said_to_be_unread(read):
    roster = read("First Name,Last Name,Preferred Name,login\nRobert,Novak,Rob,r@x.example\n")

    assert roster.frame["name"].tolist() == ["Robert Novak"]
    assert any(
        note.startswith('name is read from "{First Name} {Last Name}"; "Preferred Name"')
        for note in roster.notes
    )


@pytest.mark.parametrize(
    "of_page", ["Page 2 of 3,,,", "Page 2 of 3", "----", "Subtotal,,,12", "Strona 2\nStaff of Acme,,,"]
)
def test_a_header_on_every_page_takes_the_lines_of_the_page_above_it_with_it(read, of_page):
    header = "No,Name,Mail,Title\n"
    people = [f"{at},P {at},p{at}@x.example,Clerk\n" for at in range(1, 7)]
    pages = [header + "".join(people[at : at + 2]) for at in (0, 2, 4)]
    roster = read(f"{of_page}\n\n".join(pages), columns={"No": "external_id"})

    assert roster.frame["external_id"].tolist() == list("123456")
    assert not len(roster.rejected)
    assert {each.code.value for each in roster.findings} == {"header_repeated", "footer_line"}


def test_a_person_who_has_only_a_number_above_a_repeated_header_stays_a_row(read):
    header = "No,Name,Mail\n"
    roster = read(f"{header}1,P,p@x.example\n2,,\n{header}3,Q,q@x.example\n", columns={"No": "external_id"})

    assert roster.rejected["external_id"].tolist() == ["2"]
