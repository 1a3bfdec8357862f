"""Rank candidates for vacancies, from records to explained matches.

The one way to a ranking: file mode, stateless scoring and stored match runs all
come through here, so the same records give the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from app.domain.enums import EvidenceGrade
from app.domain.records import CandidateRecord, VacancyRecord
from app.domain.results import Contribution, RankedMatch, VacancyRanking
from app.matching.encode import CREDIT_UNITS, SCORE_UNITS, WEIGHT_UNITS
from app.matching.engine import BlockRanking, match_block
from app.matching.explain import MISSING
from app.matching.weights import (
    DEFAULT_WEIGHTS,
    LANGUAGES,
    OCCUPATION,
    PARTS,
    RELATIONS,
    SKILLS,
    TEXT,
    WeightProfile,
)
from app.services.preparation import (
    PreparedCandidate,
    PreparedVacancy,
    Progress,
    prepare_candidates,
    prepare_vacancies,
)
from app.services.scoring_parts import ISCO_RELATIONS, ScoringParts, build_parts
from app.services.taxonomy_index import TaxonomyIndex

_WORDS_SHOWN = 8


def rank_records(
    index: TaxonomyIndex,
    vacancies: Sequence[VacancyRecord],
    candidates: Sequence[CandidateRecord],
    *,
    k: int,
    weights: WeightProfile = DEFAULT_WEIGHTS,
    explain: bool = False,
    progress: Progress | None = None,
) -> list[VacancyRanking]:
    """Rank all candidates for every vacancy.

    Parameters
    ----------
    vacancies, candidates
        Records with unique ids; the order of candidates changes nothing.
    k : int
        Matches kept for each vacancy, at least 1.
    explain : bool
        Also give the contributions of each match. Scores and parts do not depend on it.
    progress : callable, optional
        Called with (stage, done, total).

    Returns
    -------
    list of VacancyRanking
        In the order of ``vacancies``; matches by score descending, then candidate id ascending.

    Raises
    ------
    ValueError
        If ``k < 1`` or ids repeat.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    _require_unique("vacancy", [vacancy.id for vacancy in vacancies])
    _require_unique("candidate", [candidate.id for candidate in candidates])
    asked = prepare_vacancies(index, vacancies, progress)
    # Rows in id order: equal scores then fall by id, whatever order the input had.
    offered = prepare_candidates(index, sorted(candidates, key=lambda record: record.id), progress)
    return rank_prepared(index, asked, offered, k=k, weights=weights, explain=explain, progress=progress)


def rank_prepared(
    index: TaxonomyIndex,
    asked: Sequence[PreparedVacancy],
    offered: Sequence[PreparedCandidate],
    *,
    k: int,
    weights: WeightProfile = DEFAULT_WEIGHTS,
    explain: bool = False,
    progress: Progress | None = None,
) -> list[VacancyRanking]:
    """Rank records that are linked already, as ``rank_records`` does.

    ``offered`` is in the order of its ids, which decides between equal scores.

    Raises
    ------
    ValueError
        If ``k < 1``.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    built = build_parts(index, asked, offered, weights)
    ranking = match_block(
        built.parts,
        n_vacancies=len(asked),
        n_candidates=len(offered),
        k=k,
        progress=(lambda done, total: progress("ranking", done, total)) if progress else None,
    )
    return _Assembly(index, asked, offered, built, ranking, k, explain).rankings()


class _Assembly:
    """Turns the engine's arrays back into words."""

    def __init__(
        self,
        index: TaxonomyIndex,
        vacancies: Sequence[PreparedVacancy],
        candidates: Sequence[PreparedCandidate],
        built: ScoringParts,
        ranking: BlockRanking,
        k: int,
        explain: bool,
    ) -> None:
        self.index = index
        self.vacancies = vacancies
        self.candidates = candidates
        self.built = built
        self.best = ranking.best
        self.shares = ranking.shares
        self.k = k
        self.explain = explain
        value = self.shares.weight * self.shares.credit
        n_matches = self.best.units.size
        match = np.repeat(np.arange(n_matches), np.diff(self.shares.indptr))
        flat = np.zeros(n_matches * len(PARTS), dtype=np.int64)
        np.add.at(flat, match * len(PARTS) + self.shares.part, value)
        self.part_units = flat.reshape(n_matches, len(PARTS))

    def rankings(self) -> list[VacancyRanking]:
        return [self._ranking(row, vacancy) for row, vacancy in enumerate(self.vacancies)]

    def _ranking(self, vacancy_row: int, vacancy: PreparedVacancy) -> VacancyRanking:
        units = self.best.units[vacancy_row].tolist()
        matches = []
        for position in range(min(self.k, len(units))):
            candidate = self.candidates[int(self.best.candidate_row[vacancy_row, position])]
            neighbours = units[max(0, position - 1) : position] + units[position + 1 : position + 2]
            matches.append(
                RankedMatch(
                    candidate_id=candidate.record.id,
                    rank=position + 1,
                    score=units[position] / SCORE_UNITS,
                    tied=units[position] in neighbours,
                    parts=self._parts(vacancy_row * len(units) + position),
                    flags=candidate.flags,
                    contributions=self._contributions(vacancy_row, position, vacancy, candidate),
                )
            )
        return VacancyRanking(
            vacancy_id=vacancy.record.id,
            matches=tuple(matches),
            requirements=tuple(vacancy.requirements),
            flags=vacancy.flags,
        )

    def _parts(self, match: int) -> dict[str, float]:
        return {name: int(self.part_units[match, row]) / SCORE_UNITS for row, name in enumerate(PARTS)}

    def _contributions(
        self, vacancy_row: int, position: int, vacancy: PreparedVacancy, candidate: PreparedCandidate
    ) -> tuple[Contribution, ...]:
        if not self.explain:
            return ()
        match = vacancy_row * self.best.units.shape[1] + position
        entries = range(int(self.shares.indptr[match]), int(self.shares.indptr[match + 1]))
        by_part: dict[str, list[Contribution]] = {name: [] for name in PARTS}
        words: list[int] = []
        for entry in entries:
            name = PARTS[int(self.shares.part[entry])]
            if name == TEXT:
                words.append(entry)
            elif name == SKILLS:
                by_part[name].append(self._skill(entry, vacancy, candidate))
            else:
                by_part[name].append(self._plain(entry, name, vacancy))
        if words:
            by_part[TEXT].append(self._words(words))
        for contributions in by_part.values():
            contributions.sort(key=lambda c: (-c.weight, -c.value, c.requirement))
        return tuple(contribution for name in PARTS for contribution in by_part[name])

    def _skill(self, entry: int, vacancy: PreparedVacancy, candidate: PreparedCandidate) -> Contribution:
        part = PARTS.index(SKILLS)
        position = self.built.asked[part][int(self.shares.ask[entry])]
        requirement = vacancy.requirements[int(position)]
        weight, credit = int(self.shares.weight[entry]), int(self.shares.credit[entry])
        claim_row = int(self.shares.claim[entry])
        claim = None
        if claim_row != MISSING:
            claim = candidate.claims[int(self.built.claimed[part][claim_row])]
        return Contribution(
            part=SKILLS,
            requirement=requirement.label,
            requirement_uri=requirement.concept_uri,
            importance=requirement.importance,
            provenance=requirement.provenance,
            weight=weight / WEIGHT_UNITS,
            credit=credit / CREDIT_UNITS,
            value=weight * credit / SCORE_UNITS,
            relation=RELATIONS[int(self.shares.relation[entry])] if claim else "missing",
            claim=claim.source_text if claim else "",
            claim_uri=self._claim_uri(claim.skill_key) if claim else None,
            evidence=claim.evidence if claim else None,
        )

    def _claim_uri(self, key: int | str) -> str | None:
        return None if isinstance(key, str) else self.index.skills.concepts[key].uri

    def _plain(self, entry: int, name: str, vacancy: PreparedVacancy) -> Contribution:
        part = PARTS.index(name)
        weight, credit = int(self.shares.weight[entry]), int(self.shares.credit[entry])
        claim_row = int(self.shares.claim[entry])
        met = claim_row != MISSING
        relation = "missing"
        if met:
            relation = ISCO_RELATIONS[int(self.shares.relation[entry])] if name == OCCUPATION else "level"
        evidence: EvidenceGrade | None = EvidenceGrade.SELF_STATED if met and name == LANGUAGES else None
        return Contribution(
            part=name,
            requirement=str(self.built.asked[part][int(self.shares.ask[entry])]),
            requirement_uri=self._occupation_uri(vacancy) if name == OCCUPATION else None,
            importance=None,
            provenance=None,
            weight=weight / WEIGHT_UNITS,
            credit=credit / CREDIT_UNITS,
            value=weight * credit / SCORE_UNITS,
            relation=relation,
            claim=str(self.built.claimed[part][claim_row]) if met else "",
            evidence=evidence,
        )

    def _occupation_uri(self, vacancy: PreparedVacancy) -> str | None:
        row = vacancy.occupation.row
        return None if row is None else self.index.occupations.concepts[row].uri

    def _words(self, entries: Sequence[int]) -> Contribution:
        """The text part as one line: its words are too many to list, the weightiest shared ones are shown."""
        part = PARTS.index(TEXT)
        weight = sum(int(self.shares.weight[entry]) for entry in entries)
        units = sum(int(self.shares.weight[entry]) * int(self.shares.credit[entry]) for entry in entries)
        shared = [entry for entry in entries if self.shares.credit[entry]]
        shared.sort(key=lambda entry: (-int(self.shares.weight[entry]), entry))
        words = [str(self.built.asked[part][int(self.shares.ask[entry])]) for entry in shared[:_WORDS_SHOWN]]
        return Contribution(
            part=TEXT,
            requirement=f"{len(entries)} words of the vacancy",
            requirement_uri=None,
            importance=None,
            provenance=None,
            weight=weight / WEIGHT_UNITS,
            # A part of hardly any weight may be left without a single unit.
            credit=units / (weight * CREDIT_UNITS) if weight else 0.0,
            value=units / SCORE_UNITS,
            relation="words" if shared else "missing",
            claim=", ".join(words),
        )


def _require_unique(what: str, ids: Sequence[str]) -> None:
    repeated = sorted(each for each, n_uses in Counter(ids).items() if n_uses > 1)[:3]
    if repeated:
        raise ValueError(f"{what} ids must be unique; repeated: {', '.join(repeated)}")
