"""What another taxonomy release would change for given vacancies and candidates.

Both releases link and rank the same records with the same code; what differs is
then the release's doing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from app.domain.enums import ConceptKind, LinkMethod, PhraseKind, Provenance
from app.domain.record_changes import (
    AliasLoss,
    ClaimChange,
    LinkChange,
    LinkRef,
    RankingChange,
    RankMove,
    Reason,
    RecordComparison,
    RequirementChange,
    Side,
)
from app.domain.records import AliasRecord, CandidateRecord, VacancyRecord
from app.domain.results import RankedMatch, VacancyRanking
from app.services.aliased_index import with_aliases
from app.services.linking import link_skills
from app.services.occupations import ResolvedOccupation, resolve_occupations
from app.services.preparation import (
    PreparedCandidate,
    PreparedVacancy,
    Progress,
    prepare_candidates,
    prepare_vacancies,
)
from app.services.ranking import rank_prepared
from app.services.taxonomy_index import TaxonomyIndex


def compare_records(
    before: TaxonomyIndex,
    after: TaxonomyIndex,
    vacancies: Sequence[VacancyRecord],
    candidates: Sequence[CandidateRecord],
    *,
    aliases: Sequence[AliasRecord] = (),
    k: int = 10,
    today: date,
    progress: Progress | None = None,
) -> RecordComparison:
    """Link and rank the records on both releases and tell the differences.

    Parameters
    ----------
    vacancies, candidates
        Records with unique ids, in any order.
    aliases
        What staff decided that phrases mean, those of the narrower scope first. They
        name concepts by URI, so they hold on both releases where both have the concept.
    k
        Length of the rankings that are compared, at least 1.
    today
        Day for which rules on dates are asked.

    Raises
    ------
    ValueError
        If ``k < 1``.
    """
    vacancies = sorted(vacancies, key=lambda record: record.id)
    candidates = sorted(candidates, key=lambda record: record.id)
    uses = _Uses(vacancies, candidates)
    old = _Outcome(with_aliases(before, aliases), vacancies, candidates, uses, k, today, progress)
    new = _Outcome(with_aliases(after, aliases), vacancies, candidates, uses, k, today, progress)
    links = tuple(uses.changes(old.links, new.links))
    requirements = tuple(_requirement_changes(old, new))
    claims = tuple(_claim_changes(old, new))
    causes = _Causes(uses, links, requirements, claims, _with_other_occupation(old, new))
    rankings, overlaps = _ranking_changes(old, new, causes)
    return RecordComparison(
        n_vacancies=len(vacancies),
        n_candidates=len(candidates),
        k=k,
        n_phrases=len(uses.phrases),
        aliases_lost=tuple(_lost(before, after, aliases)),
        links=links,
        requirements=requirements,
        claims=claims,
        rankings=tuple(rankings),
        mean_overlap=sum(overlaps) / len(overlaps) if overlaps else 1.0,
    )


def with_candidate_names(comparison: RecordComparison, names: Mapping[str, str]) -> RecordComparison:
    """Show candidates under other names, for example pseudonyms; orders and ties stay as they are."""
    return replace(
        comparison,
        claims=tuple(replace(each, candidate_id=names[each.candidate_id]) for each in comparison.claims),
        rankings=tuple(
            replace(
                ranking,
                moves=tuple(replace(each, candidate_id=names[each.candidate_id]) for each in ranking.moves),
            )
            for ranking in comparison.rankings
        ),
    )


def _lost(before: TaxonomyIndex, after: TaxonomyIndex, aliases: Sequence[AliasRecord]) -> list[AliasLoss]:
    tables = {
        PhraseKind.SKILL: (before.skills, after.skills),
        PhraseKind.OCCUPATION: (before.occupations, after.occupations),
    }
    lost = []
    for alias in sorted(aliases, key=lambda alias: (alias.kind, alias.phrase, alias.lang)):
        had, has = tables[alias.kind]
        uri = alias.concept_uri
        if uri is not None and uri in had.row_of and uri not in has.row_of:
            lost.append(AliasLoss(alias.kind, alias.phrase, alias.lang, uri, before.label(uri)))
    return lost


# A phrase that some record states: what it is for, its words, its language.
_Phrase = tuple[ConceptKind, str, str]


class _Uses:
    """Which records state which phrase."""

    def __init__(self, vacancies: Sequence[VacancyRecord], candidates: Sequence[CandidateRecord]) -> None:
        self.by_vacancy = {record.id: set(_asked(record)) for record in vacancies}
        self.by_candidate = {record.id: set(_offered(record)) for record in candidates}
        self.n_vacancies = Counter(phrase for stated in self.by_vacancy.values() for phrase in stated)
        self.n_candidates = Counter(phrase for stated in self.by_candidate.values() for phrase in stated)
        self.phrases = sorted(self.n_vacancies.keys() | self.n_candidates.keys())

    def changes(
        self, old: Mapping[_Phrase, LinkRef | None], new: Mapping[_Phrase, LinkRef | None]
    ) -> Iterator[LinkChange]:
        for phrase in self.phrases:
            before, after = old[phrase], new[phrase]
            if (before and before.uri) != (after and after.uri):
                yield LinkChange(*phrase, before, after, self.n_vacancies[phrase], self.n_candidates[phrase])


def _asked(record: VacancyRecord) -> Iterator[_Phrase]:
    lang = record.lang or ""
    yield from ((ConceptKind.SKILL, item.skill, lang) for item in record.skills)
    # Where the field is empty the title names the occupation.
    yield ConceptKind.OCCUPATION, record.occupation.strip() or record.title, lang


def _offered(record: CandidateRecord) -> Iterator[_Phrase]:
    lang = record.lang or ""
    yield from ((ConceptKind.SKILL, item.skill, lang) for item in record.skills)
    yield from ((ConceptKind.OCCUPATION, text, lang) for text in record.occupations)
    yield from (
        (ConceptKind.OCCUPATION, item.occupation, lang) for item in record.experience if item.occupation
    )


class _Outcome:
    """The records on one release: links of their phrases, what is asked and offered, the rankings."""

    def __init__(
        self,
        index: TaxonomyIndex,
        vacancies: Sequence[VacancyRecord],
        candidates: Sequence[CandidateRecord],
        uses: _Uses,
        k: int,
        today: date,
        progress: Progress | None,
    ) -> None:
        report = _named(progress, index.taxonomy.name)
        self.index = index
        self.links = _links(index, uses.phrases)
        self.vacancies = prepare_vacancies(index, vacancies, report)
        self.candidates = prepare_candidates(index, candidates, report)
        self.rankings = rank_prepared(
            index, self.vacancies, self.candidates, k=k, today=today, progress=report
        )

    def has(self, uri: str) -> bool:
        return uri in self.index.skills.row_of


def _named(progress: Progress | None, release: str) -> Progress | None:
    """Tell the stages of two releases apart."""
    if progress is None:
        return None
    return lambda stage, done, total: progress(f"{release}: {stage}", done, total)


def _links(index: TaxonomyIndex, phrases: Sequence[_Phrase]) -> dict[_Phrase, LinkRef | None]:
    skills = [phrase for phrase in phrases if phrase[0] is ConceptKind.SKILL]
    titles = [phrase for phrase in phrases if phrase[0] is ConceptKind.OCCUPATION]
    found: dict[_Phrase, LinkRef | None] = {}
    by_skill = link_skills(index, [text for _, text, _ in skills], [lang or None for _, _, lang in skills])
    for phrase, link in zip(skills, by_skill, strict=True):
        found[phrase] = None
        if link is not None:
            row, score, method = link
            found[phrase] = _reference(index, index.skills.concepts[row].uri, score, method)
    resolved = resolve_occupations(
        index, [text for _, text, _ in titles], [lang or None for _, _, lang in titles]
    )
    for phrase, occupation in zip(titles, resolved, strict=True):
        identity = _identity(index, occupation)
        found[phrase] = None
        if identity and occupation.method is not None:
            found[phrase] = _reference(index, identity, occupation.score, occupation.method)
    return found


def _reference(index: TaxonomyIndex, uri: str, score: float, method: LinkMethod) -> LinkRef:
    return LinkRef(uri, index.label(uri), score, method)


def _identity(index: TaxonomyIndex, occupation: ResolvedOccupation) -> str:
    """URI of an occupation, else its ISCO-08 code, else nothing."""
    row = occupation.row
    return occupation.isco_code if row is None else index.occupations.concepts[row].uri


def _with_other_occupation(old: _Outcome, new: _Outcome) -> set[str]:
    """Vacancies that are taken for another occupation, by field or by title."""
    return {
        before.record.id
        for before, after in zip(old.vacancies, new.vacancies, strict=True)
        if _identity(old.index, before.occupation) != _identity(new.index, after.occupation)
    }


def _requirement_changes(old: _Outcome, new: _Outcome) -> Iterator[RequirementChange]:
    others = _with_other_occupation(old, new)
    for before, after in zip(old.vacancies, new.vacancies, strict=True):
        asked, asks = _unstated(before), _unstated(after)
        moved = before.record.id in others
        for side, outcome, other, here, there in (
            (Side.DISAPPEARS, old, new, asked, asks),
            (Side.APPEARS, new, old, asks, asked),
        ):
            for uri in sorted(here.keys() - there.keys()):
                provenance = here[uri]
                reason = Reason.OCCUPATION_LINK if moved else Reason.OCCUPATION_SKILLS
                if not other.has(uri):
                    reason = Reason.CONCEPT_GONE if side is Side.DISAPPEARS else Reason.CONCEPT_NEW
                elif provenance is Provenance.EXTRACTED:
                    reason = Reason.LINK
                yield RequirementChange(
                    before.record.id, side, provenance, uri, outcome.index.label(uri), reason
                )


def _unstated(vacancy: PreparedVacancy) -> dict[str, Provenance]:
    return {
        requirement.concept_uri: requirement.provenance
        for requirement in vacancy.requirements
        if requirement.concept_uri is not None and requirement.provenance is not Provenance.STATED
    }


def _claim_changes(old: _Outcome, new: _Outcome) -> Iterator[ClaimChange]:
    for before, after in zip(old.candidates, new.candidates, strict=True):
        offered, offers = _claims(old.index, before), _claims(new.index, after)
        for side, outcome, other, here, there in (
            (Side.DISAPPEARS, old, new, offered, offers),
            (Side.APPEARS, new, old, offers, offered),
        ):
            for uri in sorted(here.keys() - there.keys()):
                reason = Reason.LINK
                if not other.has(uri):
                    reason = Reason.CONCEPT_GONE if side is Side.DISAPPEARS else Reason.CONCEPT_NEW
                yield ClaimChange(before.record.id, side, here[uri], uri, outcome.index.label(uri), reason)


def _claims(index: TaxonomyIndex, candidate: PreparedCandidate) -> dict[str, str]:
    """Words of each skill that a candidate offers, by URI; the first words where there are several."""
    claims: dict[str, str] = {}
    for claim in candidate.claims:
        if isinstance(claim.skill_key, int):
            claims.setdefault(index.skills.concepts[claim.skill_key].uri, claim.source_text)
    return claims


class _Causes:
    """What changed about each vacancy and each candidate, before anything was ranked."""

    def __init__(
        self,
        uses: _Uses,
        links: Sequence[LinkChange],
        requirements: Sequence[RequirementChange],
        claims: Sequence[ClaimChange],
        with_other_occupation: set[str],
    ) -> None:
        changed = {(change.kind, change.phrase, change.lang) for change in links}
        self.phrases_of_vacancy = _phrases(uses.by_vacancy, changed)
        self.phrases_of_candidate = _phrases(uses.by_candidate, changed)
        self.of_vacancy: dict[str, set[Reason]] = defaultdict(set)
        self.of_candidate: dict[str, set[Reason]] = defaultdict(set)
        for key, stated in uses.by_vacancy.items():
            self.of_vacancy[key] |= {_reason_of(kind) for kind, _, _ in stated & changed}
        for key, stated in uses.by_candidate.items():
            self.of_candidate[key] |= {_reason_of(kind) for kind, _, _ in stated & changed}
        for key in with_other_occupation:
            self.of_vacancy[key].add(Reason.OCCUPATION_LINK)
        for requirement in requirements:
            self.of_vacancy[requirement.vacancy_id].add(requirement.reason)
        for claim in claims:
            self.of_candidate[claim.candidate_id].add(claim.reason)


def _phrases(stated: Mapping[str, set[_Phrase]], changed: set[_Phrase]) -> dict[str, tuple[str, ...]]:
    """Words of each record's phrases that are linked otherwise, sorted."""
    return {key: tuple(sorted({text for _, text, _ in phrases & changed})) for key, phrases in stated.items()}


def _in_order(reasons: set[Reason]) -> tuple[Reason, ...]:
    return tuple(reason for reason in Reason if reason in reasons)


def _reason_of(kind: ConceptKind) -> Reason:
    return Reason.LINK if kind is ConceptKind.SKILL else Reason.OCCUPATION_LINK


def _ranking_changes(
    old: _Outcome, new: _Outcome, causes: _Causes
) -> tuple[list[RankingChange], list[float]]:
    """The rankings that differ, and the overlap of every one."""
    changes, overlaps = [], []
    for before, after in zip(old.rankings, new.rankings, strict=True):
        ranked, ranks = _by_candidate(before), _by_candidate(after)
        longer = max(len(ranked), len(ranks))
        overlaps.append(len(ranked.keys() & ranks.keys()) / longer if longer else 1.0)
        own = causes.of_vacancy[before.vacancy_id]
        moves = tuple(_moves(ranked, ranks, own, causes))
        if moves:
            changes.append(
                RankingChange(
                    before.vacancy_id,
                    overlaps[-1],
                    _in_order(own),
                    causes.phrases_of_vacancy[before.vacancy_id],
                    moves,
                )
            )
    return changes, overlaps


def _by_candidate(ranking: VacancyRanking) -> dict[str, RankedMatch]:
    return {match.candidate_id: match for match in ranking.matches}


def _moves(
    before: Mapping[str, RankedMatch],
    after: Mapping[str, RankedMatch],
    of_vacancy: Iterable[Reason],
    causes: _Causes,
) -> Iterator[RankMove]:
    """Candidates with another rank, those that are first now before those that were."""

    def place(candidate: str) -> tuple[int, int, str]:
        beyond = len(before) + len(after) + 1
        held, holds = before.get(candidate), after.get(candidate)
        return (holds.rank if holds else beyond, held.rank if held else beyond, candidate)

    for candidate in sorted(before.keys() | after.keys(), key=place):
        held, holds = before.get(candidate), after.get(candidate)
        if held and holds and held.rank == holds.rank:
            continue
        own = causes.of_candidate[candidate]
        yield RankMove(
            candidate,
            held.rank if held else None,
            holds.rank if holds else None,
            held.score if held else None,
            holds.score if holds else None,
            _in_order(own) if own or of_vacancy else (Reason.RELEASE,),
            causes.phrases_of_candidate[candidate],
        )
