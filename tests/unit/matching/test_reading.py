"""What a text says of the words in it: sections, importance, denial, wishes, levels and months."""

import pytest

from app.domain.enums import Importance, SkillLevel
from app.matching.cues import Section
from app.matching.reading import Remark, TextReading, read_text

ESSENTIAL, OPTIONAL = Importance.ESSENTIAL, Importance.OPTIONAL


def remark(reading: TextReading, word: str) -> Remark:
    """What is said of the first clause word that reads ``word``."""
    for clause in reading.clauses:
        for position in range(clause.clause.first, clause.clause.last):
            if reading.words[position].text == word:
                return clause.remark(position, position + 1)
    raise AssertionError(f"{word} is left out")


def is_read(reading: TextReading, word: str) -> bool:
    return any(
        reading.words[position].text == word
        for clause in reading.clauses
        for position in range(clause.clause.first, clause.clause.last)
    )


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Requirements:\n- welding\nWhat we offer:\n- {}\n"),
        ("de", "Ihr Profil\n- welding\nWir bieten Ihnen\n- {}\n"),
        ("fr", "Profil recherché :\n- welding\nNous offrons :\n- {}\n"),
        ("es", "<b>REQUISITOS:</b> - welding. <b>SE OFRECE:</b> - {}."),
        ("it", "Requisiti: welding. Offriamo: {}."),
        ("pt", "Requisitos:\nwelding\nOferecemos:\n{}"),
        ("nl", "Functie-eisen\n- welding\nArbeidsvoorwaarden\n- {}"),
        ("pl", "Wymagania: - welding - konieczne Oferujemy: - {}"),
        ("ro", "Cerințe:\n• welding\nCe oferim:\n• {}"),
        ("ar", "المتطلبات:\n- welding\nالمزايا:\n- {}"),
        ("lv", "Prasības:\n- welding\nMēs piedāvājam:\n- {}"),
        ("lt", "Reikalavimai:\n- welding\nMes siūlome:\n- {}"),
        ("et", "Nõuded:\n- welding\nOmalt poolt pakume:\n- {}"),
        ("hr", "Uvjeti:\n- welding\nNudimo:\n- {}"),
        ("hu", "Elvárások:\n- welding\nAmit kínálunk:\n- {}"),
        ("el", "Απαιτούμενα προσόντα:\n- welding\nΠροσφέρουμε:\n- {}"),
        ("bg", "Изисквания:\n- welding\nПредлагаме:\n- {}"),
        ("ca", "Requisits:\n- welding\nS'ofereix:\n- {}"),
        ("sv", "Kvalifikationer\n- welding\nVi erbjuder\n- {}"),
        ("no", "Kvalifikasjoner:\n- welding\nVi tilbyr:\n- {}"),
        ("ur", "مطلوبہ مہارتیں:\n- welding\nمراعات:\n- {}"),
        ("bn", "যোগ্যতা:\n- welding\nসুযোগ সুবিধা:\n- {}"),
    ],
)
def test_requirements_are_read_and_offers_left_out(lang: str, text: str) -> None:
    reading = read_text(text.format("yoga"), lang)
    assert remark(reading, "welding")[:2] == (Section.REQUIREMENTS, ESSENTIAL)
    assert not is_read(reading, "yoga")


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "We weld pipes. We are an equal opportunity employer and value yoga."),
        ("en", "We weld pipes. All qualified applicants will be considered regardless of yoga."),
        ("en", "We weld pipes. To apply, send your CV and a letter about yoga."),
        ("de", "Wir weld Rohre. Bitte senden Sie Ihre Bewerbung mit yoga."),
        ("fr", "Le weld des tubes. Envoyez votre CV et yoga."),
        ("es", "El weld de tubos. Interesados enviar CV y yoga."),
        ("pl", "Prace weld. Wyrażam zgodę na przetwarzanie danych osobowych yoga."),
    ],
)
def test_boilerplate_sentences_are_left_out(lang: str, text: str) -> None:
    reading = read_text(text, lang)
    assert is_read(reading, "weld")
    assert not is_read(reading, "yoga")


def test_a_profile_has_no_boilerplate_but_headings_of_its_own() -> None:
    text = "Objective: astronomy.\nSkills:\n- welding\n- health insurance\nReferences:\nyoga"
    reading = read_text(text, "en", is_profile=True)
    assert is_read(reading, "welding")
    assert is_read(reading, "insurance")
    assert not is_read(reading, "yoga")
    assert not is_read(reading, "astronomy")


def test_a_heading_counts_where_no_stop_came_before_it() -> None:
    reading = read_text("Praca w systemie zmianowym Wymagania: welding", "pl")
    assert remark(reading, "welding").section is Section.REQUIREMENTS


def test_a_fact_is_one_line() -> None:
    reading = read_text("Tasks:\nwelding\nLocation: yoga.\ngrinding", "en")
    assert remark(reading, "grinding").section is Section.TASKS
    assert not is_read(reading, "yoga")


@pytest.mark.parametrize(
    ("lang", "text", "importance"),
    [
        ("en", "Docker is a plus", OPTIONAL),
        ("en", "Docker would be an advantage", OPTIONAL),
        ("en", "Nice to have:\n- Docker", OPTIONAL),
        ("en", "You must have:\n- Docker", ESSENTIAL),
        ("en", "Docker is required", ESSENTIAL),
        ("en", "Must have Java, Docker", ESSENTIAL),
        ("en", "Java required, Docker nice to have", OPTIONAL),
        ("en", "Java and Docker required, Go an advantage", ESSENTIAL),
        ("en", "Requirements: Java, Docker (a plus), Go", OPTIONAL),
        ("en", "Requirements: Java (a plus), Docker", ESSENTIAL),
        ("en", "We use Docker", None),
        ("de", "Docker von Vorteil", OPTIONAL),
        ("de", "Docker zwingend erforderlich", ESSENTIAL),
        ("fr", "La connaissance de Docker serait un plus", OPTIONAL),
        ("fr", "Docker indispensable", ESSENTIAL),
        ("es", "Se valorará Docker", OPTIONAL),
        ("es", "Imprescindible Docker", ESSENTIAL),
        ("it", "Gradita la conoscenza di Docker", OPTIONAL),
        ("nl", "Docker is een pre", OPTIONAL),
        ("pl", "Mile widziane: Docker", OPTIONAL),
        ("pl", "Wymagania: - Java - pożądane; Docker, Go - konieczne", ESSENTIAL),
        ("pl", "Wymagania: - Docker, Go - pożądane; Java - konieczne", OPTIONAL),
        ("ro", "Docker constituie un avantaj", OPTIONAL),
        ("pt", "Docker é fundamental", ESSENTIAL),
        ("ar", "يفضل Docker", OPTIONAL),
        ("et", "Kasuks tuleb: Docker", OPTIONAL),
        ("hu", "Docker ismerete előnyt jelent", OPTIONAL),
    ],
)
def test_importance_comes_from_the_cue_of_the_clause_or_list(
    lang: str, text: str, importance: Importance | None
) -> None:
    assert remark(read_text(text, lang), "docker").importance is importance


def test_the_deciding_cue_is_kept() -> None:
    reading = read_text("Java required, Docker nice to have", "en")
    cue = remark(reading, "docker").cue
    assert cue is not None
    assert [word.text for word in reading.words[cue.first : cue.last]] == ["nice", "to", "have"]


@pytest.mark.parametrize(
    ("lang", "text", "is_denied"),
    [
        ("en", "No experience with Docker needed", True),
        ("en", "Docker not required", True),
        ("en", "Python, Docker not required", True),
        ("en", "No degree, Docker or licence needed", True),
        ("en", "No Java but Docker", False),
        ("en", "Not only Java, Docker too", False),
        ("en", "Docker, no degree required", False),
        ("de", "Keine Erfahrung mit Docker nötig", True),
        ("de", "Docker nicht erforderlich", True),
        ("de", "Nicht nur Docker", False),
        ("fr", "sans Docker", True),
        ("fr", "Docker n'est pas exigé", True),
        ("es", "No es necesario Docker", True),
        ("pl", "Docker nie wymagane", True),
        ("pl", "Nie wymagamy znajomości Docker", True),
        ("it", "Docker non richiesto", True),
        ("nl", "Docker niet vereist", True),
        ("ro", "Nu este necesar Docker", True),
        ("ar", "لا يشترط Docker", True),
        ("hu", "Docker nem szükséges", True),
    ],
)
def test_denial_reaches_its_clause(lang: str, text: str, is_denied: bool) -> None:
    assert remark(read_text(text, lang), "docker").is_denied is is_denied


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "I am looking to learn welding"),
        ("de", "Ich möchte lernen: welding"),
        ("fr", "Je souhaite apprendre le welding"),
        ("es", "Quiero aprender welding"),
        ("ar", "أرغب في تعلم welding"),
    ],
)
def test_a_wish_is_no_skill(lang: str, text: str) -> None:
    assert remark(read_text(text, lang, is_profile=True), "welding").is_wished


@pytest.mark.parametrize(
    ("lang", "text", "level"),
    [
        ("en", "basic Excel", SkillLevel.BASIC),
        ("en", "good knowledge of Word, Excel", SkillLevel.INTERMEDIATE),
        ("en", "very good knowledge of Excel", SkillLevel.ADVANCED),
        ("en", "Excel (expert)", SkillLevel.EXPERT),
        ("en", "Word (basic), Excel", None),
        ("en", "Excel: advanced", SkillLevel.ADVANCED),
        ("de", "Grundkenntnisse in Excel", SkillLevel.BASIC),
        ("de", "sehr gute Kenntnisse in Excel", SkillLevel.ADVANCED),
        ("fr", "bonne maîtrise d'Excel", SkillLevel.INTERMEDIATE),
        ("es", "nivel avanzado de Excel", SkillLevel.ADVANCED),
        ("es", "Excel avanzado", SkillLevel.ADVANCED),
        ("it", "ottima conoscenza di Excel", SkillLevel.ADVANCED),
        ("pl", "podstawowa znajomość Excel", SkillLevel.BASIC),
        ("nl", "basiskennis van Excel", SkillLevel.BASIC),
        ("ro", "cunoștințe avansate de Excel", SkillLevel.ADVANCED),
        ("ar", "معرفة جيدة جدا Excel", SkillLevel.ADVANCED),
        ("en", "strong Excel", None),
    ],
)
def test_levels(lang: str, text: str, level: SkillLevel | None) -> None:
    assert remark(read_text(text, lang), "excel").level is level


@pytest.mark.parametrize(
    ("lang", "text", "months"),
    [
        ("en", "2 years of welding", 24),
        ("en", "3+ years welding", 36),
        ("en", "2-3 years of welding", 24),
        ("en", "two years of welding", 24),
        ("en", "welding (18 months)", 18),
        ("de", "mindestens 3 Jahre Erfahrung im welding", 36),
        ("fr", "5 ans de welding", 60),
        ("es", "welding, 2 años", None),
        ("pl", "3 lata welding", 36),
        ("en", "18 years old, welding", None),
        ("en", "founded 150 years ago, welding", None),
    ],
)
def test_months_of_experience(lang: str, text: str, months: int | None) -> None:
    assert remark(read_text(text, lang), "welding").months == months
