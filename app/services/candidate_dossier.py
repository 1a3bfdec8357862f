"""Everything that staff read of one candidate, and of several in a list; never who they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.enums import LinkMethod
from app.domain.permissions import Operation
from app.domain.reviews import DecisionBook, Elsewhere
from app.domain.transitions import CandidateStatus
from app.models import (
    CandidateProfile,
    Cohort,
    IdentityLook,
    Match,
    MatchApart,
    Organisation,
    Review,
    Vacancy,
)
from app.repositories.candidates import RANKABLE_STATUSES, CandidateRepository
from app.repositories.cohort_names import CohortNames
from app.repositories.review_pairs import ReviewPairRepository
from app.repositories.review_work import ReviewWorkRepository
from app.repositories.reviews import ReviewRepository
from app.repositories.scoped import Page
from app.services.accounts import account_names
from app.services.candidates import list_candidates
from app.services.decisions import load_decisions
from app.services.linking import link_skills
from app.services.occupations import resolve_occupations
from app.services.taxonomy_index import TaxonomyIndex

_MOST_MATCHES = 200
_MOST_REVIEWS = 100


@dataclass(frozen=True, slots=True)
class LinkedPhrase:
    """What a phrase of a profile is taken for; ``uri`` and ``method`` None where for nothing.

    ``score`` is in [0, 1], ``label`` in the reader's language.
    """

    words: str
    uri: str | None
    label: str
    score: float
    method: LinkMethod | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """One candidate.

    Attributes
    ----------
    matches
        What the newest complete run of each vacancy says of them, with the vacancy.
    decisions
        The newest decision on each pair.
    reviews
        Every decision on them, newest first.
    looks
        Who was shown their identity, newest first; empty for who may not be.
    """

    candidate: CandidateProfile
    cohort: Cohort
    institution: Organisation
    matches: Sequence[tuple[Match | MatchApart, Vacancy]]
    decisions: DecisionBook
    reviews: Sequence[Review]
    elsewhere: Sequence[Elsewhere]
    looks: Sequence[IdentityLook]
    names: Mapping[UUID, str]

    @property
    def is_rankable(self) -> bool:
        """Whether their status lets them be ranked and put forward."""
        return self.candidate.status in RANKABLE_STATUSES


@dataclass(frozen=True, slots=True)
class CandidateList:
    """A page of candidates, with the titles of their cohorts, and where they were introduced."""

    page: Page[CandidateProfile]
    cohorts: Mapping[UUID, Cohort]
    institutions: Mapping[UUID, Organisation]
    elsewhere: Mapping[UUID, Sequence[Elsewhere]]


def read_dossier(session: Session, actor: Actor, candidate_id: UUID) -> Dossier:
    """Read a candidate, what rankings say of them and what people decided; raises NotFound."""
    candidate = CandidateRepository(session, actor).get(candidate_id, Operation.CANDIDATE_READ)
    names = CohortNames(session, actor)
    pairs = ReviewPairRepository(session, actor)
    reviews = ReviewRepository(session, actor).list_page(
        Operation.REVIEW_READ,
        candidate_id=candidate_id,
        with_history=True,
        after=None,
        limit=_MOST_REVIEWS,
    )
    looks = ReviewWorkRepository(session, actor).list_looks(candidate_id)
    accounts = [row.decided_by_account_id for row in reviews.items] + [look.account_id for look in looks]
    return Dossier(
        candidate=candidate,
        cohort=names.cohorts([candidate.cohort_id])[candidate.cohort_id],
        institution=names.institutions([candidate.institution_id])[candidate.institution_id],
        matches=pairs.list_newest_matches(candidate_id, _MOST_MATCHES),
        decisions=load_decisions(session, actor, candidate_ids=[candidate_id]),
        reviews=reviews.items,
        elsewhere=pairs.list_elsewhere([candidate_id]).get(candidate_id, ()),
        looks=looks,
        names=account_names(session, actor, [each for each in accounts if each is not None]),
    )


def list_dossiers(
    session: Session,
    actor: Actor,
    *,
    find: str = "",
    cohort_id: UUID | None = None,
    status: CandidateStatus | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> CandidateList:
    """List candidates, oldest first.

    Parameters
    ----------
    find
        A pseudonym or an institution's own id of a candidate, whole; everybody when empty.
    """
    named = {"pseudonym": find.upper()} if _is_pseudonym(find) else {"external_id": find} if find else {}
    page = list_candidates(
        session, actor, after=after, limit=limit, cohort_id=cohort_id, status=status, **named
    )
    names = CohortNames(session, actor)
    return CandidateList(
        page=page,
        cohorts=names.cohorts([row.cohort_id for row in page.items]),
        institutions=names.institutions([row.institution_id for row in page.items]),
        elsewhere=ReviewPairRepository(session, actor).list_elsewhere([row.id for row in page.items]),
    )


def link_profile(
    index: TaxonomyIndex, candidate: CandidateProfile, lang: str
) -> tuple[tuple[LinkedPhrase, ...], tuple[LinkedPhrase, ...]]:
    """What the claims and the occupations of a profile are taken for, as rankings take them now."""
    claims = [claim.source_text for claim in candidate.claims]
    links = link_skills(index, claims, [candidate.lang] * len(claims))
    skills = []
    for words, link in zip(claims, links, strict=True):
        if link is None:
            skills.append(LinkedPhrase(words, None, "", 0.0, None))
            continue
        row, score, method = link
        uri = index.skills.concepts[row].uri
        skills.append(LinkedPhrase(words, uri, index.label(uri, lang), score, method))
    titles = [occupation.source_text for occupation in candidate.occupations]
    occupations = []
    for words, found in zip(
        titles, resolve_occupations(index, titles, [candidate.lang] * len(titles)), strict=True
    ):
        if found.row is None:
            occupations.append(LinkedPhrase(words, None, "", found.score, found.method))
            continue
        uri = index.occupations.concepts[found.row].uri
        occupations.append(LinkedPhrase(words, uri, index.label(uri, lang), found.score, found.method))
    return tuple(skills), tuple(occupations)


def _is_pseudonym(text: str) -> bool:
    """Whether it reads like ``C-7F3K9-Q2M4X``."""
    parts = text.upper().split("-")
    return len(parts) == 3 and parts[0] == "C" and all(len(part) == 5 for part in parts[1:])
