"""What manipulated profiles gain: ``python -m benchmarks.manipulation --corpus FOLDER``.

Each pair is a profile and its manipulated twin, for a vacancy in whose ranking the honest one
stands in the middle. Both go through the ranking that serves everybody. Reported by kind: how
often the twin stands higher in score or rank, with vetting and without it, and how often it is
flagged; and how often untouched profiles are flagged among the best of all vacancies.

FOLDER holds ``vacancies.jsonl`` and ``resumes.jsonl`` in the formats of docs/file-mode.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from random import Random
from unittest.mock import patch

from app.cli.sources import aliased_index, open_taxonomy
from app.domain.enums import Provenance
from app.domain.records import CandidateRecord
from app.domain.results import RankedMatch
from app.intake.read import read_candidates, read_vacancies
from app.matching.version import ENGINE_VERSION
from app.matching.vetting.passages import Reason
from app.matching.vetting.vet import vet_text
from app.services.preparation import (
    PreparedCandidate,
    PreparedVacancy,
    prepare_candidates,
    prepare_vacancies,
    vacancy_text,
)
from app.services.ranking import rank_prepared
from app.services.taxonomy_index import TaxonomyIndex
from benchmarks.manipulations import KINDS, Material

FLAGS = frozenset(reason.value for reason in Reason)
DAY = date(2026, 1, 1)
"""Day for which rules on dates are asked: no figure depends on when it is taken."""

BEST = 20
"""Untouched profiles are looked at among so many of each vacancy."""

_LEAST_TEXT = 300  # characters: who copies less has copied nothing
_MIDDLE = (0.25, 0.75)


@dataclass(frozen=True, slots=True)
class Twin:
    """A manipulated profile beside the honest one, in one vacancy's ranking.

    Ranks count who stands above among all others, so 0 is the first; ``before`` is the twin's
    where nothing is vetted.
    """

    kind: str
    vacancy_id: str
    candidate_id: str
    clean_score: float
    score: float
    before_score: float
    clean_rank: int
    rank: int
    before_rank: int
    flags: tuple[str, ...]

    @property
    def rises(self) -> bool:
        return self.score > self.clean_score or self.rank < self.clean_rank

    @property
    def rose_before(self) -> bool:
        return self.before_score > self.clean_score or self.before_rank < self.clean_rank


class Trial:
    """One corpus and one taxonomy."""

    def __init__(
        self, index: TaxonomyIndex, vacancies: Sequence[PreparedVacancy], people: Sequence[PreparedCandidate]
    ) -> None:
        self._index = index
        self._vacancies = vacancies
        self._people = {each.record.id: each for each in people}

    def twins(self, n: int, seed: int) -> Iterator[Twin]:
        """Make pairs of every kind in turn until there are ``n``; a vacancy gives one of each kind."""
        random = Random(seed)
        long_enough = [each for each in self._vacancies if len(vacancy_text(each.record)) >= _LEAST_TEXT]
        made = 0
        for vacancy in random.sample(long_enough, len(long_enough)):
            ranked = self._ranked(vacancy, list(self._people.values()))
            middle = ranked[int(len(ranked) * _MIDDLE[0]) : int(len(ranked) * _MIDDLE[1])]
            pairs = []
            for kind, make in KINDS.items():
                honest = self._people[random.choice(middle).candidate_id]
                text = make(self._material(vacancy, honest), random)
                if text is not None:
                    pairs.append((kind, honest, text))
            pairs = pairs[: n - made]
            made += len(pairs)
            yield from self._measured(vacancy, ranked, pairs)
            if made == n:
                return

    def untouched(self) -> tuple[Counter[str], int, int]:
        """Flags among the best of every vacancy: by reason, pairs with any, pairs."""
        reasons: Counter[str] = Counter()
        n_flagged = n_pairs = 0
        people = list(self._people.values())
        for ranking in rank_prepared(self._index, self._vacancies, people, k=BEST, today=DAY):
            for match in ranking.matches:
                found = FLAGS.intersection(match.flags)
                reasons.update(found)
                n_flagged += bool(found)
                n_pairs += 1
        return reasons, n_flagged, n_pairs

    def _measured(
        self,
        vacancy: PreparedVacancy,
        ranked: Sequence[RankedMatch],
        pairs: Sequence[tuple[str, PreparedCandidate, str]],
    ) -> Iterator[Twin]:
        held = {match.candidate_id: match.score for match in ranked}
        records = [
            replace(honest.record, id=f"twin {row}", text=text) for row, (_, honest, text) in enumerate(pairs)
        ]
        after = self._twin_matches(vacancy, records)
        with nothing_vetted():
            before = self._twin_matches(vacancy, records)
        for record, (kind, honest, _) in zip(records, pairs, strict=True):
            own_id = honest.record.id
            match, raw = after[record.id], before[record.id]
            yield Twin(
                kind=kind,
                vacancy_id=vacancy.record.id,
                candidate_id=own_id,
                clean_score=held[own_id],
                score=match.score,
                before_score=raw.score,
                clean_rank=_rank(held, own_id, held[own_id]),
                rank=_rank(held, own_id, match.score),
                before_rank=_rank(held, own_id, raw.score),
                flags=tuple(sorted(FLAGS.intersection(match.flags))),
            )

    def _twin_matches(
        self, vacancy: PreparedVacancy, records: Sequence[CandidateRecord]
    ) -> Mapping[str, RankedMatch]:
        """Scores of the twins; nobody else's score depends on them, nor theirs on others."""
        people = sorted(prepare_candidates(self._index, records), key=lambda each: each.record.id)
        return {match.candidate_id: match for match in self._ranked(vacancy, people)}

    def _ranked(self, vacancy: PreparedVacancy, people: Sequence[PreparedCandidate]) -> Sequence[RankedMatch]:
        (ranking,) = rank_prepared(self._index, [vacancy], people, k=len(people), today=DAY)
        # Who is listed apart has a score, too.
        return sorted([*ranking.matches, *ranking.apart], key=lambda each: (-each.score, each.candidate_id))

    def _material(self, vacancy: PreparedVacancy, honest: PreparedCandidate) -> Material:
        row = vacancy.occupation.row
        concepts = self._index.skills.concepts
        labels = [] if row is None else self._index.essential_skills[row]
        asked = [each.source_text for each in vacancy.requirements if each.provenance != Provenance.INFERRED]
        return Material(
            own=honest.record.text,
            vacancy=vacancy_text(vacancy.record),
            asked=list(dict.fromkeys(asked)),
            labels=[self._index.label(concepts[skill].uri, vacancy.record.lang) for skill in labels],
            claimed=[claim.source_text for claim in honest.claims],
            rarity=self._index.term_rarity,
        )


def _rank(held: Mapping[str, float], own_id: str, score: float) -> int:
    """How many others stand above somebody of this score; equal ones are ordered by id."""
    return sum(
        other > score or (other == score and other_id < own_id)
        for other_id, other in held.items()
        if other_id != own_id
    )


@contextmanager
def nothing_vetted() -> Iterator[None]:
    """Rank as if there were no vetting."""
    with (
        patch("app.services.preparation.vetted_record", lambda record: (record, ())),
        patch("app.matching.vetting.copies.VacancyFingerprint.copied", lambda *_: ()),
    ):
        yield


def summary(twins: Sequence[Twin]) -> dict[str, object]:
    """Figures of some twins."""
    gains = [twin.before_score - twin.clean_score for twin in twins]
    losses = [twin.clean_score - twin.score for twin in twins]
    return {
        "pairs": len(twins),
        "rises": sum(twin.rises for twin in twins),
        "rises_without_vetting": sum(twin.rose_before for twin in twins),
        "median_gain_without_vetting": round(statistics.median(gains), 4),
        "most_lost": round(max(losses), 4),
        "flagged": sum(bool(twin.flags) for twin in twins),
        "flags": dict(sorted(Counter(flag for twin in twins for flag in twin.flags).items())),
    }


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.manipulation", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--taxonomy", action="append", metavar="PATH_OR_RELEASE")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    vacancies = read_vacancies(options.corpus / "vacancies.jsonl").records
    candidates = sorted(read_candidates(options.corpus / "resumes.jsonl").records, key=lambda each: each.id)
    taxonomy = open_taxonomy(options.taxonomy)
    index = aliased_index(taxonomy, None, strict=False, progress=lambda *_: None)
    # The same profiles are ranked for many vacancies; each is vetted once.
    with patch("app.services.vetting.vet_text", lru_cache(maxsize=None)(vet_text)):
        people = prepare_candidates(index, candidates)
        trial = Trial(index, prepare_vacancies(index, vacancies), people)
        twins = list(trial.twins(options.pairs, options.seed))
        reasons, n_flagged, n_pairs = trial.untouched()
    by_kind = defaultdict(list)
    for twin in twins:
        by_kind[twin.kind].append(twin)
    report = {
        "engine": ENGINE_VERSION,
        "taxonomy": taxonomy.name,
        "seed": options.seed,
        "all": summary(twins),
        "kinds": {kind: summary(by_kind[kind]) for kind in KINDS if by_kind[kind]},
        "untouched": {
            "profiles": len(people),
            "profiles_flagged_by_themselves": sum(bool(each.vetting) for each in people),
            "vacancies": len(vacancies),
            "best_of_each": BEST,
            "pairs": n_pairs,
            "pairs_flagged": n_flagged,
            "flags": dict(sorted(reasons.items())),
        },
        "risen": [asdict(twin) for twin in twins if twin.rises],
    }
    print(json.dumps(report, indent=2))
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
