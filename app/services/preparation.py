"""Records -> requirements and claims on concepts: what the engine is fed with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.confidence import UNLINKED
from app.domain.enums import (
    EvidenceGrade,
    Importance,
    LanguageSkill,
    LinkMethod,
    Need,
    Provenance,
    SkillLevel,
)
from app.domain.records import CandidateRecord, LanguageLevel, VacancyRecord
from app.domain.results import LinkedRequirement
from app.matching.languages import detect_language
from app.matching.translations import Dictionary
from app.services.candidate_occupations import NamedOccupation, candidate_occupations
from app.services.decided_requirements import Asked, count_once, settle, unlinked_key
from app.services.identifiers import is_identifier, is_uri
from app.services.linking import link_skills
from app.services.occupations import (
    NO_OCCUPATION,
    ResolvedOccupation,
    likely_occupations,
    resolve_occupations,
)
from app.services.profile_words import Mention, mentions_of, profile_words, translated
from app.services.taxonomy_index import TaxonomyIndex
from app.services.text_linking import find_skills
from app.services.themes import profile_themes, vacancy_themes
from app.services.vetting import vetted_record

# A posting may name more skills than anyone weighs; the first ones are the ones that matter.
MAX_EXTRACTED = 40
# Fewer requirements or claims than this rank on too little; the result says so.
THIN = 3

Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class PreparedVacancy:
    """A vacancy after linking.

    ``occupation_words`` is the field that named the occupation. ``likely`` holds the rows and
    probabilities of those that it may name where no one is sure, ``themes`` the rows and closeness
    of those that its text is about, ``translations`` the English words that its words stand for.
    ``requirements[i]`` asks for ``skill_keys[i]``: a skill row, or the canonical text
    or the address of a skill without concept. ``asked`` holds all that was found and not dropped, of
    which several may ask for the same; ``requirements`` has each once.
    """

    record: VacancyRecord
    occupation: ResolvedOccupation
    occupation_words: str
    asked: list[Asked] = field(default_factory=list)
    requirements: list[LinkedRequirement] = field(default_factory=list)
    skill_keys: list[int | str] = field(default_factory=list)
    terms: dict[str, Mention] = field(default_factory=dict)
    likely: tuple[tuple[int, float], ...] = ()
    themes: tuple[tuple[int, float], ...] = ()
    translations: Dictionary = field(default_factory=dict)

    @property
    def flags(self) -> tuple[str, ...]:
        flags = []
        if len(set(self.skill_keys)) < THIN:
            flags.append("thin_vacancy")
        if any(requirement.provenance == Provenance.INFERRED for requirement in self.requirements):
            flags.append("inferred_requirements")
        if 2 * sum(isinstance(key, str) for key in self.skill_keys) > len(self.skill_keys):
            flags.append(UNLINKED)
        return tuple(flags)


@dataclass(frozen=True, slots=True)
class PreparedClaim:
    """One skill of a candidate: a skill row, or the canonical text or address of one without concept."""

    skill_key: int | str
    source_text: str
    evidence: EvidenceGrade
    level: SkillLevel | None


@dataclass(slots=True)
class PreparedCandidate:
    """A candidate after linking.

    ``lang`` is the language that it was read in. ``occupations`` pairs each occupation with its own
    words. Of ``terms``, ``translated`` are English words that it does not use: behind each is one
    that it does. ``vetting`` says why something of the record's texts earns nothing.
    """

    record: CandidateRecord
    claims: list[PreparedClaim] = field(default_factory=list)
    occupations: list[NamedOccupation] = field(default_factory=list)
    terms: set[str] = field(default_factory=set)
    translated: Mapping[str, str] = field(default_factory=dict)
    lang: str | None = None
    vetting: tuple[str, ...] = ()

    @property
    def flags(self) -> tuple[str, ...]:
        is_thin = len({claim.skill_key for claim in self.claims}) < THIN
        return (*(("thin_profile",) if is_thin else ()), *self.vetting)


def prepare_vacancies(
    index: TaxonomyIndex, records: Sequence[VacancyRecord], progress: Progress | None = None
) -> list[PreparedVacancy]:
    """Link occupations and requirements of vacancies.

    Stated skills are the requirements. A vacancy that states none gets the skills
    its text names (*extracted*) and those its occupation needs (*inferred*). What staff
    decided on a requirement holds wherever it comes from.
    """
    prepared = [
        PreparedVacancy(record, occupation, words)
        for record, (occupation, words) in zip(records, _asked_occupations(index, records), strict=True)
    ]
    _add_likely(index, prepared)
    _add_stated(index, prepared)
    # Who states skills has said what is asked for, even where staff drop all of them.
    silent = [vacancy for vacancy in prepared if not vacancy.asked]
    for vacancy in prepared:
        _settle(index, vacancy)
        record = vacancy.record
        texts = [vacancy_text(record), *_words(_without_concept(vacancy))]
        vacancy.terms = mentions_of(record.title, texts, record.lang)
        lang = record.lang or detect_language(vacancy_text(record)).lang
        vacancy.themes = vacancy_themes(index, vacancy.terms, lang)
        dictionary = index.translations.for_vacancies(lang)
        vacancy.translations = {word: dictionary[word] for word in vacancy.terms if word in dictionary}
    _report(progress, "reading vacancies", 0, len(silent))
    _add_extracted(index, silent)
    dropped = [_settle(index, vacancy) for vacancy in silent]
    _add_inferred(index, silent, dropped)
    _report(progress, "reading vacancies", len(silent), len(silent))
    return prepared


def prepare_candidates(
    index: TaxonomyIndex, records: Sequence[CandidateRecord], progress: Progress | None = None
) -> list[PreparedCandidate]:
    """Link claims and occupations of candidates, stated ones and those in their texts.

    What of a text earns nothing (``app.matching.vetting``) is not read.
    """
    vetted = [vetted_record(record) for record in records]
    prepared = [
        PreparedCandidate(record, vetting=flags) for record, (_, flags) in zip(records, vetted, strict=True)
    ]
    _report(progress, "reading candidates", 0, len(records))
    stated = [(candidate, claim) for candidate in prepared for claim in candidate.record.skills]
    links = link_skills(
        index, [claim.skill for _, claim in stated], [candidate.record.lang for candidate, _ in stated]
    )
    for (candidate, claim), link in zip(stated, links, strict=True):
        key = link[0] if link else unlinked_key(claim.skill)
        if key != "":
            candidate.claims.append(PreparedClaim(key, claim.skill, claim.evidence, claim.level))
    texts = [profile_text(readable) for readable, _ in vetted]
    named = find_skills(index, texts, [record.lang for record in records], is_profile=True)
    for candidate, text, found in zip(prepared, texts, named, strict=True):
        for skill in found:
            source = text[skill.start : skill.end]
            candidate.claims.append(
                PreparedClaim(skill.skill_row, source, EvidenceGrade.SELF_STATED, skill.level)
            )
        skills = [claim.skill for claim in candidate.record.skills]
        said = profile_words([text], [])
        # A text out of which something was taken is no whole, which themes are of.
        is_whole = not candidate.vetting or text == profile_text(candidate.record)
        lang = candidate.record.lang or detect_language(text).lang
        themes = profile_themes(index, said, lang) if is_whole else set()
        words = said | profile_words([], _words([*skills, *candidate.record.occupations]))
        candidate.lang = lang
        candidate.translated = translated(words, index.translations.for_profiles(lang))
        candidate.terms = words | themes | candidate.translated.keys()
    occupations = candidate_occupations(index, [readable for readable, _ in vetted])
    for candidate, own in zip(prepared, occupations, strict=True):
        candidate.occupations += own
    _report(progress, "reading candidates", len(records), len(records))
    return prepared


def desired_languages(record: VacancyRecord) -> list[LanguageLevel]:
    """Languages a vacancy wishes for, each once with its highest level, sorted; musts decide eligibility."""
    return _highest([each for each in record.languages if each.need is Need.DESIRED])


def offered_languages(record: CandidateRecord) -> list[LanguageLevel]:
    """Languages a candidate offers, each once with its highest level, sorted."""
    return _highest(record.languages)


def _asked_occupations(
    index: TaxonomyIndex, records: Sequence[VacancyRecord]
) -> list[tuple[ResolvedOccupation, str]]:
    """Each vacancy's occupation and the words that name it: the title where the field means nothing here."""
    langs = [record.lang for record in records]
    stated = resolve_occupations(index, [record.occupation for record in records], langs)
    titles = [
        "" if occupation != NO_OCCUPATION else record.title
        for record, occupation in zip(records, stated, strict=True)
    ]
    by_title = resolve_occupations(index, titles, langs)
    return [
        (titled, record.title) if occupation == NO_OCCUPATION else (occupation, record.occupation)
        for record, occupation, titled in zip(records, stated, by_title, strict=True)
    ]


def _add_likely(index: TaxonomyIndex, prepared: Sequence[PreparedVacancy]) -> None:
    open_titles = [
        vacancy
        for vacancy in prepared
        if vacancy.occupation.row is None and vacancy.occupation.method is not LinkMethod.CODE
    ]
    found = likely_occupations(
        index,
        [vacancy.occupation_words for vacancy in open_titles],
        [vacancy.record.lang for vacancy in open_titles],
    )
    for vacancy, likely in zip(open_titles, found, strict=True):
        vacancy.likely = likely


def _add_stated(index: TaxonomyIndex, prepared: Sequence[PreparedVacancy]) -> None:
    stated = [(vacancy, requirement) for vacancy in prepared for requirement in vacancy.record.skills]
    links = link_skills(
        index, [requirement.skill for _, requirement in stated], [v.record.lang for v, _ in stated]
    )
    for (vacancy, requirement), link in zip(stated, links, strict=True):
        uri = index.skills.concepts[link[0]].uri if link else None
        key = link[0] if link else unlinked_key(requirement.skill)
        if key == "":
            continue
        vacancy.asked.append(
            Asked(
                LinkedRequirement(
                    source_text=requirement.skill,
                    concept_uri=uri,
                    label=index.label(uri, vacancy.record.lang) if uri else requirement.skill,
                    importance=requirement.importance,
                    provenance=Provenance.STATED,
                    level=requirement.level,
                    link_score=link[1] if link else 0.0,
                    link_method=link[2] if link else None,
                ),
                key,
            )
        )


def _without_concept(vacancy: PreparedVacancy) -> Iterator[str]:
    """Musts that no concept stands for: their words are looked for. Of others the skill itself is."""
    for each in vacancy.requirements:
        if each.concept_uri is None and each.importance == Importance.ESSENTIAL:
            yield each.source_text


def _add_extracted(index: TaxonomyIndex, vacancies: Sequence[PreparedVacancy]) -> None:
    texts = [vacancy_text(vacancy.record) for vacancy in vacancies]
    found = find_skills(index, texts, [vacancy.record.lang for vacancy in vacancies])
    for vacancy, text, links in zip(vacancies, texts, found, strict=True):
        for link in links[:MAX_EXTRACTED]:
            concept = index.skills.concepts[link.skill_row]
            requirement = LinkedRequirement(
                source_text=text[link.start : link.end],
                concept_uri=concept.uri,
                label=index.label(concept.uri, vacancy.record.lang),
                # Neither a cue nor a heading says that it is a must.
                importance=link.importance or Importance.OPTIONAL,
                provenance=Provenance.EXTRACTED,
                level=link.level,
                link_score=link.score,
                link_method=link.method,
                source_start=link.start,
                source_end=link.end,
            )
            vacancy.asked.append(Asked(requirement, link.skill_row))


def _settle(index: TaxonomyIndex, vacancy: PreparedVacancy) -> frozenset[int | str]:
    """Apply what staff decided to the requirements found so far; give the keys that they dropped."""
    vacancy.asked, dropped = settle(index, vacancy.record, vacancy.asked)
    counted = count_once(vacancy.asked)
    vacancy.requirements, vacancy.skill_keys = list(counted.values()), list(counted)
    return dropped


def _add_inferred(
    index: TaxonomyIndex, vacancies: Sequence[PreparedVacancy], dropped: Sequence[frozenset[int | str]]
) -> None:
    """Add what the occupation needs and nothing asks for yet, but for what staff dropped from the text.

    What they decided on as the occupation's stays beside what else asks for it.
    """
    for vacancy, unwanted in zip(vacancies, dropped, strict=True):
        occupation = vacancy.occupation
        if occupation.row is not None:
            skills = index.essential_skills[occupation.row]
        elif occupation.isco_code:
            skills = index.usual_skills(occupation.isco_code)
        else:
            continue
        known = unwanted.union(vacancy.skill_keys)
        decided = {each.found_uri for each in vacancy.record.decisions if not each.phrase}
        for skill in skills:
            uri = index.skills.concepts[skill].uri
            if skill in known and uri not in decided:
                continue
            requirement = LinkedRequirement(
                source_text=vacancy.occupation_words,
                concept_uri=uri,
                label=index.label(uri, vacancy.record.lang),
                importance=Importance.ESSENTIAL,
                provenance=Provenance.INFERRED,
                level=None,
                link_score=occupation.score,
                link_method=occupation.method,
            )
            vacancy.asked.append(Asked(requirement, skill))
        _settle(index, vacancy)


def vacancy_text(record: VacancyRecord) -> str:
    """The running text of a vacancy, in which skills are looked for if it states none."""
    return f"{record.title}\n{record.description}"


def profile_text(record: CandidateRecord) -> str:
    """The running text of a candidate, in which skills are looked for; without addresses and codes."""
    work = [
        text
        for entry in record.experience
        for text in ("" if is_identifier(entry.occupation) else entry.occupation, entry.text)
    ]
    return "\n".join(text for text in (record.text, *work, *record.education) if text)


def _words(fields: Iterable[str]) -> Iterator[str]:
    """The fields that hold words: the address of a concept says nothing as text."""
    return (text for text in fields if not is_uri(text))


def _highest(languages: Sequence[LanguageLevel]) -> list[LanguageLevel]:
    best: dict[str, LanguageLevel] = {}
    for language in languages:
        held = best.get(language.lang)
        if held is None or language_rank(language) > language_rank(held):
            best[language.lang] = language
    return [best[lang] for lang in sorted(best)]


def language_rank(language: LanguageLevel) -> int:
    """CEFR level from 1 (A1) to 6 (C2); 0 when not stated.

    Where each language skill has its own level and there is none overall, the lowest of them.
    """
    if language.cefr is None and len(language.own_levels) == len(LanguageSkill):
        return min(level.rank for level in language.own_levels.values())
    return language.cefr.rank if language.cefr else 0


def _report(progress: Progress | None, stage: str, done: int, total: int) -> None:
    if progress is not None:
        progress(stage, done, total)
