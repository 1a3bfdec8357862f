"""Candidates in a list, and one candidate with everything but who they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.domain.conditions import Circumstances
from app.domain.eligibility import Eligibility
from app.domain.enums import EvidenceGrade, LanguageSkill, LinkMethod, SkillLevel, Verdict
from app.domain.identities import IdentityReason
from app.domain.permissions import Operation
from app.domain.reviews import Decision, Elsewhere
from app.domain.transitions import CandidateStatus
from app.models import (
    CandidateIdentity,
    CandidateLanguage,
    CandidateProfile,
    Match,
    MatchApart,
    Review,
    Vacancy,
)
from app.services.candidate_dossier import CandidateList, Dossier, LinkedPhrase
from app.services.match_runs import place_of
from app.web.options import PREFIX
from app.web.viewer import Viewer
from app.web.views.decisions import PastDecision, decider
from app.web.wording import N_, Words
from app.wording import term


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One candidate of the list."""

    address: str
    pseudonym: str
    status: CandidateStatus
    cohort: str
    institution: str
    n_skills: int
    elsewhere: Sequence[Elsewhere]


@dataclass(frozen=True, slots=True)
class CandidatesView:
    """The list, with what it is limited to."""

    rows: tuple[CandidateRow, ...]
    find: str
    status: str
    cohort_id: str
    cohort: str
    statuses: tuple[CandidateStatus, ...]
    first: str
    later: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A skill or an occupation of a profile, in its own words and as it was linked."""

    words: str
    label: str
    uri: str
    method: LinkMethod | None
    score: float
    evidence: EvidenceGrade | None
    level: SkillLevel | None


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """A language: one level for all five language skills, or each with its own where they differ.

    ``level`` is empty where none is stated.
    """

    lang: str
    level: str
    own: tuple[tuple[LanguageSkill, str], ...]


@dataclass(frozen=True, slots=True)
class MatchRow:
    """What the newest ranking of a vacancy says of the candidate."""

    address: str
    title: str
    lang: str | None
    rank: int
    is_listed: bool
    score: float
    verdict: Verdict
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class LookRow:
    """One showing of the identity."""

    by: str
    at: datetime
    reason: IdentityReason


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision on the candidate, with the vacancy."""

    vacancy_address: str
    title: str
    lang: str | None
    past: PastDecision


@dataclass(frozen=True, slots=True)
class CandidateView:
    """The page of one candidate."""

    address: str
    pseudonym: str
    external_id: str
    status: CandidateStatus
    is_ranked: bool
    cohort: str
    cohort_address: str
    cohort_ends: date | None
    institution: str
    lang: str | None
    text: str
    skills: tuple[Phrase, ...]
    occupations: tuple[Phrase, ...]
    languages: tuple[LanguageRow, ...]
    education: tuple[str, ...]
    work: tuple[Mapping[str, object], ...]
    circumstances: tuple[tuple[str, str], ...]
    consent: str
    doubts: tuple[str, ...]
    matches: tuple[MatchRow, ...]
    decisions: tuple[DecisionRow, ...]
    elsewhere: Sequence[Elsewhere]
    may_see_identity: bool
    looks: tuple[LookRow, ...]
    reasons: tuple[IdentityReason, ...]
    hides_scores: bool
    issues: tuple[tuple[str, str], ...] = ()
    entered_reason: str = ""
    entered_note: str = ""


@dataclass(frozen=True, slots=True)
class IdentityView:
    """Who a candidate is, shown once."""

    address: str
    pseudonym: str
    reason: IdentityReason
    facts: tuple[tuple[str, str], ...]


def candidates_view(
    found: CandidateList,
    *,
    find: str,
    status: CandidateStatus | None,
    cohort_id: UUID | None,
    address_of: Mapping[str, str],
) -> CandidatesView:
    """Build the list; ``address_of`` has the addresses of the ``first`` and the ``later`` page."""
    rows = tuple(
        CandidateRow(
            address=f"{PREFIX}/candidates/{each.id}",
            pseudonym=each.pseudonym,
            status=each.status,
            cohort=_cohort_name(found, each),
            institution=found.institutions[each.institution_id].name,
            n_skills=len(each.claims),
            elsewhere=found.elsewhere.get(each.id, ()),
        )
        for each in found.page.items
    )
    return CandidatesView(
        rows=rows,
        find=find,
        status="" if status is None else status.value,
        cohort_id="" if cohort_id is None else str(cohort_id),
        cohort=rows[0].cohort if rows and cohort_id is not None else "",
        statuses=tuple(CandidateStatus),
        first=address_of.get("first", ""),
        later=address_of.get("later", ""),
    )


def candidate_view(
    dossier: Dossier,
    links: tuple[tuple[LinkedPhrase, ...], tuple[LinkedPhrase, ...]],
    viewer: Viewer,
    *,
    hides_scores: bool,
    issues: tuple[tuple[str, str], ...] = (),
    entered: tuple[str, str] = ("", ""),
) -> CandidateView:
    """Build the page of one candidate."""
    words, candidate = viewer.words, dossier.candidate
    skills, occupations = links
    return CandidateView(
        address=f"{PREFIX}/candidates/{candidate.id}",
        pseudonym=candidate.pseudonym,
        external_id=candidate.external_id,
        status=candidate.status,
        is_ranked=dossier.is_rankable,
        cohort=dossier.cohort.title or dossier.cohort.external_id,
        cohort_address=f"{PREFIX}/cohorts/{dossier.cohort.id}",
        cohort_ends=dossier.cohort.finishes_on,
        institution=dossier.institution.name,
        lang=candidate.lang,
        text=candidate.text,
        skills=tuple(
            _phrase(link, claim.evidence, claim.level)
            for link, claim in zip(skills, candidate.claims, strict=True)
        ),
        occupations=tuple(_phrase(link, None, None) for link in occupations),
        languages=tuple(_language(each) for each in candidate.languages),
        education=tuple(candidate.education),
        work=tuple(candidate.experience),
        circumstances=_circumstances(Circumstances.from_dict(candidate.circumstances), words),
        consent=_consent(dossier, words),
        doubts=_doubts(dossier, words),
        matches=tuple(
            _match(row, vacancy, dossier)
            for row, vacancy in sorted(dossier.matches, key=lambda each: place_of(each[0]))
        ),
        decisions=tuple(_decision(row, dossier, words) for row in dossier.reviews),
        elsewhere=dossier.elsewhere,
        may_see_identity=viewer.may(Operation.IDENTITY_READ),
        looks=tuple(
            LookRow(
                dossier.names.get(each.account_id, words.gettext("a former colleague")), each.at, each.reason
            )
            for each in dossier.looks
        ),
        reasons=tuple(IdentityReason),
        hides_scores=hides_scores,
        issues=issues,
        entered_reason=entered[0],
        entered_note=entered[1],
    )


def identity_view(
    candidate: CandidateProfile, identity: CandidateIdentity | None, reason: IdentityReason, words: Words
) -> IdentityView:
    """Build the page that shows who somebody is."""
    facts: list[tuple[str, str]] = []
    if identity is not None:
        values = (
            (N_("Given name"), identity.given_name),
            (N_("Family name"), identity.family_name),
            (N_("E-mail address"), identity.email),
            (N_("Phone"), identity.phone),
            (N_("Birth date"), words.day(identity.birth_date)),
            (N_("Sex"), identity.sex),
            (N_("Nationality"), words.country(identity.nationality)),
        )
        facts = [(words.gettext(name), value) for name, value in values if value]
    return IdentityView(
        address=f"{PREFIX}/candidates/{candidate.id}",
        pseudonym=candidate.pseudonym,
        reason=reason,
        facts=tuple(facts),
    )


def _cohort_name(found: CandidateList, candidate: CandidateProfile) -> str:
    cohort = found.cohorts[candidate.cohort_id]
    return cohort.title or cohort.external_id


def _phrase(link: LinkedPhrase, evidence: EvidenceGrade | None, level: int | None) -> Phrase:
    return Phrase(
        words=link.words,
        label=link.label,
        uri=link.uri or "",
        method=link.method,
        score=link.score,
        evidence=evidence,
        level=None if level is None else SkillLevel(level),
    )


def _language(row: CandidateLanguage) -> LanguageRow:
    overall = "" if row.cefr is None else row.cefr.value
    levels = {skill: str(row.own_levels.get(skill.value, overall)) for skill in LanguageSkill}
    if len(set(levels.values())) == 1:
        return LanguageRow(row.lang, next(iter(levels.values())), ())
    return LanguageRow(row.lang, "", tuple(levels.items()))


def _consent(dossier: Dossier, words: Words) -> str:
    stated = Circumstances.from_dict(dossier.candidate.circumstances).consent
    if not dossier.is_rankable:
        return words.gettext("The candidate is not put forward.")
    if stated is False:
        return words.gettext("Refused: the candidate does not agree to be put forward.")
    if stated is True:
        return words.gettext("Given, as the institution submitted it.")
    return words.gettext("Vouched for by the institution, which committed the cohort.")


def _circumstances(stated: Circumstances, words: Words) -> tuple[tuple[str, str], ...]:
    """What the candidate states beside skills, languages and work, in the reader's words."""
    locale = words.locale

    def terms(vocabulary: str, codes: Sequence[str]) -> str:
        return words.listed(term(vocabulary, code, locale) for code in codes)

    pay = "" if stated.pay is None else f"{words.number(stated.pay.amount)} {stated.pay.currency}"
    if stated.pay is not None:
        pay += f" {term('pay_period', stated.pay.period.value, locale)}"
    licences = words.listed(
        each.name if each.valid_until is None else f"{each.name} ({words.day(each.valid_until)})"
        for each in stated.licences
    )
    facts = (
        (N_("Available from"), words.day(stated.available_from)),
        (N_("Wants to work in"), words.listed(words.country(each) for each in stated.countries)),
        (N_("Qualification level (EQF)"), "" if stated.eqf_level is None else str(stated.eqf_level)),
        (N_("Licences and certificates"), licences),
        (
            N_("Qualification recognised in"),
            words.listed(words.country(each) for each in stated.recognised_in),
        ),
        (N_("Roles wanted"), words.listed(stated.roles)),
        (N_("Standing"), "" if stated.seniority is None else terms("seniority", [stated.seniority.value])),
        (N_("Working times accepted"), terms("shift", [each.value for each in stated.shifts])),
        (N_("Contracts accepted"), terms("contract", [each.value for each in stated.contracts])),
        (N_("Pay expected, at least"), pay),
    )
    return tuple((words.gettext(name), value) for name, value in facts if value)


_DOUBTS: Mapping[str, str] = {
    "thin_profile": N_("The profile names few skills."),
    "invisible_text": N_("Hidden text in the profile is not counted."),
    "machine_instruction": N_("Sentences in the profile that address a machine are not counted."),
    "keyword_list": N_("A list of keywords in the profile is not counted."),
    "copied_from_vacancy": N_("The profile repeats a passage of a vacancy, which is not counted there."),
}


def _doubts(dossier: Dossier, words: Words) -> tuple[str, ...]:
    flags = {flag for row, _ in dossier.matches for flag in row.flags}
    return tuple(words.gettext(text) for flag, text in _DOUBTS.items() if flag in flags)


def _match(row: Match | MatchApart, vacancy: Vacancy, dossier: Dossier) -> MatchRow:
    review = dossier.decisions.review(str(row.vacancy_id), str(row.candidate_id))
    return MatchRow(
        address=f"{PREFIX}/vacancies/{row.vacancy_id}/matches/{row.candidate_id}",
        title=vacancy.title,
        lang=vacancy.lang,
        rank=place_of(row),
        is_listed=isinstance(row, Match),
        score=row.score,
        verdict=Eligibility.from_list(row.eligibility).verdict,
        decision=review.decision,
    )


def _decision(row: Review, dossier: Dossier, words: Words) -> DecisionRow:
    return DecisionRow(
        vacancy_address=f"{PREFIX}/vacancies/{row.vacancy_id}/shortlist",
        title=row.vacancy.title,
        lang=row.vacancy.lang,
        past=PastDecision(
            state=row.state,
            reason=row.reason,
            note=row.note,
            by=decider(row, dossier.names, words),
            at=row.decided_at,
            is_override=row.is_override,
            is_stale=row.is_stale,
            deferred_until=row.deferred_until,
            rank=row.rank,
        ),
    )
