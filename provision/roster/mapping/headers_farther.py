"""The usual headers of rosters in the Nordic languages, Czech, Slovak, Hungarian, Romanian, Turkish, Russian, Ukrainian, Japanese, Chinese and Korean.

As in :mod:`provision.roster.mapping.headers_abroad` only words that mean one thing. Two columns for the parts of a name are put
together only where the given name comes first when it is said: not in Hungarian, Japanese, Chinese and Korean. *ФИО* and *Nume și prenume*
have the family name first and are not read, since they would rename everybody whom Box has the other way round.
"""

from __future__ import annotations

FARTHER: dict[str, tuple[str, ...]] = {
    "external_id": (
        "anställningsnummer", "anställningsnr", "anst.nr", "medarbetarnummer", "medarbejdernummer", "medarbejder-id", "medarbejdernr", "ansattnummer",
        "ansatt-id", "ansattnr", "työntekijänumero", "henkilöstönumero", "osobní číslo", "číslo zaměstnance", "osobné číslo", "číslo zamestnanca",
        "törzsszám", "dolgozói azonosító", "munkavállalói azonosító", "număr marcă", "număr angajat", "sicil no", "sicil numarası", "personel no",
        "personel numarası", "табельный номер", "таб. номер", "табельний номер", "社員番号", "従業員番号", "職員番号", "员工编号", "工号", "員工編號", "職員編號",
        "사번", "사원번호", "직원번호",
    ),
    "login": (
        "arbetsmejl", "e-post arbete", "e-postadress", "arbejdsmail", "arbejdsmailadresse", "jobb e-post", "e-postadresse", "e-post", "epost",
        "työsähköposti", "sähköpostiosoite", "sähköposti", "pracovní e-mail", "služební e-mail", "e-mailová adresa", "emailová adresa", "pracovný e-mail",
        "céges e-mail", "e-mail cím", "email cím", "e-mail serviciu", "adresă de e-mail", "adresă de email", "kurumsal e-posta", "iş e-postası",
        "e-posta adresi", "e-posta", "рабочая почта", "корпоративная почта", "адрес электронной почты", "электронная почта", "эл. почта", "робоча пошта",
        "адреса електронної пошти", "електронна пошта", "会社メールアドレス", "メールアドレス", "公司邮箱", "工作邮箱", "电子邮箱", "电子邮件", "邮箱", "電子郵件", "電子信箱",
        "회사 이메일", "이메일 주소", "이메일",
    ),
    "name": (
        "fullständigt namn", "namn", "fulde navn", "fullt navn", "navn", "koko nimi", "nimi", "jméno a příjmení", "celé jméno", "meno a priezvisko",
        "celé meno", "teljes név", "név", "nume complet", "ad soyad", "adı soyadı", "имя и фамилия", "ім'я та прізвище", "氏名", "姓名", "성명",
    ),
    "status": (
        "anställningsstatus", "ansættelsesstatus", "ansettelsesstatus", "статус", "статус сотрудника", "статус працівника", "státusz", "在籍状況", "在籍区分",
        "员工状态", "在职状态", "在職狀態", "재직상태",
    ),
    "job_title": (
        "befattning", "jobbtitel", "yrkestitel", "stilling", "stillingsbetegnelse", "stillingstittel", "jobtitel", "tehtävänimike", "ammattinimike",
        "pracovní pozice", "pracovná pozícia", "munkakör", "beosztás", "funcție", "funcția", "unvan", "ünvan", "pozisyon", "должность", "посада", "役職",
        "职位", "职务", "職稱", "職位", "직책", "직위",
    ),
    "phone": (
        "arbetstelefon", "mobilnummer", "puhelinnumero", "puhelin", "matkapuhelin", "telefonní číslo", "telefónne číslo", "telefonszám", "număr de telefon",
        "telefon numarası", "cep telefonu", "рабочий телефон", "номер телефона", "телефон", "робочий телефон", "номер телефону", "電話番号", "携帯電話",
        "联系电话", "电话", "手机号", "手机", "聯絡電話", "전화번호", "휴대폰",
    ),
    "start_date": (
        "anställningsdatum", "tillträdesdatum", "första arbetsdag", "ansættelsesdato", "tiltrædelsesdato", "første arbejdsdag", "ansettelsesdato",
        "tiltredelsesdato", "første arbeidsdag", "työsuhteen alkamispäivä", "ensimmäinen työpäivä", "datum nástupu", "dátum nástupu", "belépés dátuma",
        "munkaviszony kezdete", "data angajării", "işe giriş tarihi", "işe başlama tarihi", "дата приёма на работу", "дата приема на работу", "дата приёма", "дата приема", "дата найма",
        "дата прийняття на роботу", "дата прийому", "入社日", "入职日期", "入職日期", "到職日期", "입사일",
    ),
    "end_date": (
        "sista anställningsdag", "sista arbetsdag", "sista arbetsdagen", "avgångsdatum", "fratrædelsesdato", "sidste arbejdsdag", "fratredelsesdato",
        "siste arbeidsdag", "viimeinen työpäivä", "työsuhteen päättymispäivä", "poslední pracovní den", "datum ukončení pracovního poměru", "datum odchodu",
        "posledný pracovný deň", "dátum ukončenia pracovného pomeru", "dátum odchodu", "utolsó munkanap", "kilépés dátuma", "munkaviszony vége",
        "ultima zi de lucru", "ultima zi lucrată", "data plecării", "son iş günü", "son çalışma günü", "işten çıkış tarihi", "işten ayrılış tarihi",
        "последний рабочий день", "дата увольнения", "останній робочий день", "дата звільнення", "最終勤務日", "退職日", "最后工作日", "离职日期", "最後工作日",
        "離職日期", "마지막 근무일", "퇴사일", "퇴직일",
    ),
    "manager": (
        "närmaste chef", "nærmeste leder", "esihenkilö", "esimies", "přímý nadřízený", "nadřízený", "priamy nadriadený", "nadriadený",
        "közvetlen felettes", "felettes", "superior direct", "yönetici", "bağlı olduğu yönetici", "непосредственный руководитель", "руководитель",
        "безпосередній керівник", "керівник", "上司", "直属上级", "直屬主管", "직속상사", "상사",
    ),
}  # fmt: skip

GIVEN_FARTHER = (
    "förnamn", "tilltalsnamn", "fornavn", "etunimi", "jméno", "meno", "prenume", "adı", "имя", "ім'я", "όνομα",
)  # fmt: skip
FAMILY_FARTHER = (
    "efternamn", "efternavn", "etternavn", "sukunimi", "příjmení", "priezvisko", "nume de familie", "soyad", "soyadı", "фамилия", "прізвище", "επώνυμο",
)  # fmt: skip

#: dates on which a contract may end and go on
NO_LAST_DAY_FARTHER = (
    "avtalets slutdatum", "kontraktens slutdato", "kontraktutløp", "määräaikaisuuden päättymispäivä", "konec smlouvy", "datum konce smlouvy",
    "smlouva do", "koniec zmluvy", "szerződés vége", "szerződés lejárta", "sfârșitul contractului", "sözleşme bitiş tarihi", "окончание договора",
    "дата окончания договора", "закінчення договору", "дата закінчення договору", "契約終了日", "契約満了日", "合同到期日", "合同结束日期", "合約到期日",
    "계약종료일", "계약만료일",
)  # fmt: skip
