"""Invented people's names from many languages, in the spelling their bearers would use.

`native=ascii` gives the Latin form that goes into the e-mail address where it cannot be derived.
"""

import unicodedata
from dataclasses import dataclass

_LATIN = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "Æ": "Ae",
     "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "œ": "oe"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Culture:
    """Where people with these names work: language is a Box code, phone a dialling prefix, office an address."""

    language: str
    timezone: str
    phone: str
    office: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Name:
    """One person's name; `handle` is the ASCII part of an e-mail address before the @."""

    first: str
    last: str
    handle: str
    culture: Culture

    @property
    def full(self) -> str:
        """First and last name with one blank, none where one of them is missing."""
        return f"{self.first} {self.last}".strip()


CULTURES = (
    Culture("en", "America/Chicago", "+1 312 555 0", "233 S Example Drive, Chicago, IL 60606",
            "Avery,Delphine,Marcus,Tamika,Wyatt,Josefina,Leland,Priscilla,Dwayne,Harriet",
            "Abernathy,Beauregard,Castleberry,Drummond,Easterbrook,Fairweather,Goldfinch,Hathaway,Ivory,Jellison"),
    Culture("gb", "Europe/Dublin", "+353 1 555 0", "4 Sampler's Quay, Dublin 2",
            "Siobhán,Aoife,Niamh,Ciarán,Oisín,Róisín,Conor,Gráinne,Fergus,Méabh",
            "O'Neill,McCarthy,Ó Súilleabháin,Fitz-Gerald,O'Shaughnessy,Mac Giolla,O'Byrne,Ní Dhomhnaill,Quinlan,Tierney"),
    Culture("de", "Europe/Berlin", "+49 30 555 0", "Musterstraße 12, 10115 Berlin",
            "Jürgen,Änne,Björn,Käthe,Götz,Sören,Heike,Jörg,Uli,Wiebke",
            "Müller,Groß,Weiß,von der Heide,Schön-Behrendt,Böhme,Kußmaul,Jäger,Öztürk-Lang,Strauß"),
    Culture("fr", "Europe/Paris", "+33 1 55 50 0", "7 rue de l'Échantillon, 75002 Paris",
            "François,Zoé,Anaïs,Jean-Noël,Maëlys,Hélène,Loïc,Thaïs,Gaëtan,Noémie",
            "Lefèvre,D'Aubigné,L'Hermitte,Bélanger,Le Goff,Château-Renaud,Desœuvres,Géraud,Brûlé,Maçon"),
    Culture("it", "Europe/Rome", "+39 06 555 0", "Via dell'Esempio 9, 00184 Roma",
            "Niccolò,Chiara,Lucrezia,Tancredi,Ornella,Fosca,Ruggero,Ilaria,Zeno,Beatrice",
            "D'Angelo,Dell'Orto,De Santis,Forlì,Scarpa,Dall'Aglio,Vitulano,Nardò,Lo Presti,Cannavò"),
    Culture("es", "Europe/Madrid", "+34 91 555 0", "Calle del Modelo 21, 28013 Madrid",
            "Íñigo,Begoña,José,María José,Ximena,Álvaro,Lucía,Ramón,Noelia,Germán",
            "Muñoz,García Márquez,Ibáñez,Peña y Ruiz,Núñez,Zúñiga,Echeverría,Del Río,Güell,Calderón"),
    Culture("pt", "America/Sao_Paulo", "+55 11 5555 0", "Rua do Exemplo 300, São Paulo",
            "João,Conceição,Thaís,Antônio,Inês,Vinícius,Luísa,Otávio,Graça,Mércia",
            "Gonçalves,Araújo,Assunção,da Conceição,Brandão,Magalhães,Falcão,dos Anjos,Nóbrega,Simões"),
    Culture("nl", "Europe/Amsterdam", "+31 20 555 0", "Voorbeeldgracht 88, 1017 Amsterdam",
            "Joost,Fenna,Daniël,Maartje,Siebe,Anouk,Coen,Noëlle,Wouter,Reinou",
            "van den Berg,'t Hooft,de Vries,IJsselstein,ten Brinke,Coëlho,van 't Veer,Oude Nijhuis,Hoek,Zeeuw"),
    Culture("sv", "Europe/Stockholm", "+46 8 555 0", "Exempelgatan 5, 111 22 Stockholm",
            "Åsa,Göran,Märta,Håkan,Björg,Sölve,Ebba,Örjan,Tuva,Mårten",
            "Åkesson,Sjöström,Bäckman,Hägglöf,Öberg,Lindqvist,Strömqvist,Ängsmark,Wåhlin,Nyström"),
    Culture("nb", "Europe/Oslo", "+47 22 55 50 ", "Eksempelveien 3, 0150 Oslo",
            "Øystein,Solveig,Bjørn,Ragnhild,Håvard,Åshild,Tormod,Gyda,Sjur,Sigrún",
            "Bjørnstad,Ødegård,Kvåle,Sæther,Myhre,Aarø,Tveit,Næss,Fjørtoft,Bråten"),
    Culture("da", "Europe/Copenhagen", "+45 33 55 50 ", "Eksempelgade 14, 1150 København",
            "Søren,Mette,Kåre,Bjørk,Line,Asbjørn,Maibritt,Troels,Dagny,Jeppe",
            "Kjær,Nørregaard,Østergård,Bæk,Sønderby,Vestergaard,Højlund,Skovsgård,Brøndum,Ravn"),
    Culture("fi", "Europe/Helsinki", "+358 9 555 0", "Mallikatu 6, 00100 Helsinki",
            "Väinö,Päivi,Jyrki,Tyyne,Yrjö,Säde,Eetu,Hilkka,Veikko,Lumi",
            "Mäkelä,Hämäläinen,Pöysti,Särkkä,Lehtimäki,Töyrylä,Kääriäinen,Rönkkö,Aho,Yli-Hukkala"),
    Culture("pl", "Europe/Warsaw", "+48 22 555 0", "ul. Przykładowa 17, 00-001 Warszawa",
            "Łukasz,Małgorzata,Bożena,Wojciech,Żaneta,Święcisław,Elżbieta,Michał,Jagoda,Zbyszek",
            "Wójcik,Dąbek,Kędzior,Łuczak,Żak,Gołąb,Śliż,Ćwik,Wróbel,Pająk"),
    Culture("en", "Europe/Prague", "+420 2 555 0", "Ukázková 11, 110 00 Praha",
            "Jiří,Řehoř,Ondřej,Zdeněk,Matěj,Bořivoj,Štěpán,Tomáš,Vít,Čeněk",
            "Dvořák,Říha,Kříž,Šťastný,Žižka,Čapek,Růžička,Hořejší,Přibyl,Tůma"),
    Culture("tr", "Europe/Istanbul", "+90 212 555 0", "Örnek Sokak 8, 34000 İstanbul",
            "İnci,Işık,Çağla,Şebnem,Ömer,Gökçe,Ülkü,Yiğit,Doğan,Tuğba",
            "Şahin,Yıldız,Çelik,Aydın,Öztürk,Güneş,Işıklı,Kılıç,Doğu,Ertuğrul"),
    Culture("ru", "Asia/Almaty", "+7 727 555 0", "улица Примерная, 2, Алматы",
            "Анна=Anna,Ольга=Olga,Юлия=Yulia,Жанна=Zhanna,Фёкла=Fyokla,Дарья=Darya,Ксения=Ksenia,Нина=Nina,Лидия=Lidia,"
            "Эмма=Emma",
            "Ковалёва=Kovaleva,Щукина=Shchukina,Журавлёва=Zhuravleva,Цветаева=Tsvetaeva,Чехова=Chekhova,Белых=Belykh,"
            "Орлова=Orlova,Быстрова=Bystrova,Юрьева=Yurieva,Ёлкина=Yolkina"),
    Culture("en", "Europe/Kyiv", "+380 44 555 0", "вулиця Зразкова, 19, Київ",
            "Оксана=Oksana,Тарас=Taras,Ївга=Yivha,Юрій=Yurii,Зоряна=Zoriana,Єгор=Yehor,Соломія=Solomiia,Гнат=Hnat,"
            "Леся=Lesia,Мар'яна=Mariana",
            "Шевчук=Shevchuk,Ґудзь=Gudz,Коваленко=Kovalenko,Їжакевич=Yizhakevych,Бондар=Bondar,Щур=Shchur,"
            "Лук'яненко=Lukianenko,Мельник=Melnyk,Чуб=Chub,Явір=Yavir"),
    Culture("en", "Europe/Athens", "+30 21 555 0", "Οδός Δείγματος 4, 105 57 Αθήνα",
            "Γιώργος=Giorgos,Νίκος=Nikos,Άγγελος=Angelos,Θανάσης=Thanasis,Ηλίας=Ilias,Στράτος=Stratos,Φώτης=Fotis,"
            "Ξένος=Xenos,Χάρης=Charis,Λεωνίδας=Leonidas",
            "Παπαδάκης=Papadakis,Οικονόμου=Oikonomou,Ψαρράς=Psarras,Ζαχαρίου=Zachariou,Μακρής=Makris,Βλάχος=Vlachos,"
            "Ξενάκης=Xenakis,Γαλάνης=Galanis,Τσίπης=Tsipis,Δήμου=Dimou"),
    Culture("zh", "Asia/Shanghai", "+86 21 5555 0", "上海市样本路88号",
            "伟=Wei,秀英=Xiuying,明=Ming,思远=Siyuan,静=Jing,浩然=Haoran,子涵=Zihan,建国=Jianguo,晓燕=Xiaoyan,一诺=Yinuo",
            "王=Wang,李=Li,欧阳=Ouyang,张=Zhang,司马=Sima,吕=Lyu,陈=Chen,赵=Zhao,诸葛=Zhuge,黄=Huang"),
    Culture("ja", "Asia/Tokyo", "+81 3 5550 0", "東京都千代田区見本町1-2-3",
            "太郎=Taro,花子=Hanako,さくら=Sakura,健一=Kenichi,美咲=Misaki,翔=Sho,結衣=Yui,大輔=Daisuke,陽菜=Hina,潤=Jun",
            "佐藤=Sato,鈴木=Suzuki,髙橋=Takahashi,渡邊=Watanabe,斎藤=Saito,小林=Kobayashi,山﨑=Yamazaki,伊藤=Ito,"
            "五十嵐=Igarashi,森=Mori"),
    Culture("ko", "Asia/Seoul", "+82 2 5550 0", "서울특별시 중구 견본로 10",
            "지우=Jiwoo,서연=Seoyeon,민준=Minjun,하은=Haeun,도윤=Doyun,수아=Sua,예준=Yejun,은별=Eunbyeol,현우=Hyunwoo,"
            "가람=Garam",
            "김=Kim,이=Lee,박=Park,최=Choi,정=Jung,황보=Hwangbo,선우=Sunwoo,남궁=Namgung,한=Han,유=Yoo"),
    Culture("en", "Asia/Ho_Chi_Minh", "+84 28 5555 0", "15 đường Mẫu, Quận 1, TP. Hồ Chí Minh",
            "Thị Hường,Văn Đức,Quốc Bảo,Ngọc Ánh,Thuỳ Dương,Minh Khuê,Hữu Phước,Kiều Oanh,Đình Tú,Bích Ngọc",
            "Nguyễn,Trần,Lê,Phạm,Huỳnh,Võ,Đặng,Bùi,Đỗ,Dương"),
    Culture("en", "Africa/Cairo", "+20 2 5555 0", "١٢ شارع المثال، القاهرة",
            "محمد=Mohamed,فاطمة=Fatima,يوسف=Youssef,ليلى=Layla,عمر=Omar,نور=Nour,سلمى=Salma,خالد=Khaled,هدى=Huda,"
            "طارق=Tarek",
            "الشريف=Elsherif,حسن=Hassan,عبد الرحمن=Abdelrahman,منصور=Mansour,النجار=Elnaggar,خليل=Khalil,"
            "سليمان=Soliman,بركات=Barakat,زيدان=Zidan,القاضي=Elkady"),
    Culture("hi", "Asia/Kolkata", "+91 22 5555 0", "२४ नमूना मार्ग, मुंबई",
            "प्रिया=Priya,अर्जुन=Arjun,लक्ष्मी=Lakshmi,रोहित=Rohit,अनन्या=Ananya,विक्रम=Vikram,मीरा=Meera,संजय=Sanjay,"
            "काव्या=Kavya,हरीश=Harish",
            "शर्मा=Sharma,अय्यर=Iyer,पटेल=Patel,चट्टोपाध्याय=Chattopadhyay,सिंह=Singh,देशमुख=Deshmukh,नायर=Nair,"
            "गुप्ता=Gupta,राव=Rao,कुलकर्णी=Kulkarni"),
    Culture("en", "Africa/Lagos", "+234 1 555 0", "26 Example Close, Ikoyi, Lagos",
            "Ọláwálé,Chiamaka,Ṣadé,Nnamdi,Fọlákẹ́,Ẹniọlá,Obinna,Yẹmí,Zainab,Ìfẹ́olúwa",
            "Adébáyọ̀,Okonkwo,Ògúnbíyìí,Nwachukwu,Ọládípọ̀,Eze,Bakare,Ṣóyínká-Cole,Ikeji,Abubakar"),
    Culture("en", "Atlantic/Reykjavik", "+354 555 0", "Sýnisgata 2, 101 Reykjavík",
            "Þórdís,Guðrún,Ásta,Hrafnhildur,Sæunn,Ragnheiður,Ólöf,Brynja,Æsa,Þuríður",
            "Jónsdóttir,Þorvaldsdóttir,Guðmundsdóttir,Ægisdóttir,Björnsdóttir,Sigurðardóttir,Óskarsdóttir,"
            "Hallgrímsdóttir,Árnadóttir,Bláfeld"),
)  # fmt: skip


def ordinary(position: int) -> Name:
    """The name at a position of an endless round through the cultures; unique for positions below 2,600."""
    culture = CULTURES[position % len(CULTURES)]
    turn, step = divmod(position // len(CULTURES), 10)
    first = culture.first.split(",")[step]
    last = culture.last.split(",")[(3 * step + turn + 1) % 10]
    return spelled(first, last, culture)


def spelled(first: str, last: str, culture: Culture = CULTURES[0]) -> Name:
    """A name from two `native=ascii` parts, either of which may be empty."""
    handle = ".".join(filter(None, (_ascii(part) for part in (first, last))))
    return Name(first.partition("=")[0], last.partition("=")[0], handle, culture)


def _ascii(part: str) -> str:
    latin = (part.partition("=")[2] or part).translate(_LATIN)
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain.lower() if letter.isalnum())
