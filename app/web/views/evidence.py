"""What a vacancy asks for beside what a candidate offers for it, each in its own words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.enums import Contract, Importance, Provenance, Shift
from app.domain.explained import support_of
from app.domain.results import Contribution
from app.models import CandidateProfile, Vacancy
from app.services.concept_labels import ConceptLabels, Naming
from app.services.match_review import MatchReview
from app.services.phrase_similarity import similarity
from app.web.snippets import Snippet, cut, find
from app.web.wording import N_, Words
from app.wording import term

_COUNTRY_CODE = 2


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage of somebody's text, and where it stands."""

    where: str
    snippet: Snippet
    lang: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement and the best evidence for it.

    ``kind`` of the relation is ``good``, ``warn`` or ``bad``; ``support`` says how well the claim
    is supported. ``value``, ``weight`` and ``credit`` are exact.
    """

    part: str
    label: str
    original: str
    original_lang: str | None
    importance: Importance | None
    provenance: Provenance | None
    asked: Quote | None
    relation: str
    kind: str
    value: float
    weight: float
    credit: float
    claim: str
    claim_label: str
    claim_lang: str | None
    support: str
    offered: Quote | None


def rows_of(review: MatchReview, words: Words) -> tuple[Row, ...]:
    """Every requirement, the heaviest first, the words of the text last."""
    shares = sorted(review.told.contributions, key=lambda share: (share.part == "text", -share.weight))
    maker = _RowMaker(review, words)
    return tuple(maker.row(share) for share in shares)


class _RowMaker:
    def __init__(self, review: MatchReview, words: Words) -> None:
        self._review = review
        self._words = words
        self._labels = review.labels
        self._locale = words.locale
        # Where the requirements stand holds for the text that was ranked only.
        is_same = review.ranked.requirements_version == review.vacancy.requirements_version
        self._asked = {each["source_text"]: each for each in review.ranked.requirements} if is_same else {}

    def row(self, share: Contribution) -> Row:
        label, original, lang = name_of(share, self._labels, self._review.vacancy, self._words)
        relation, kind = self._relation(share)
        claim_label = self._labels.label(share.claim_uri, self._locale, "")
        return Row(
            part=share.part,
            label=label,
            original=original,
            original_lang=lang,
            importance=share.importance,
            provenance=share.provenance,
            asked=self._asked_quote(share),
            relation=relation,
            kind=kind,
            value=share.value,
            weight=share.weight,
            credit=share.credit,
            claim=share.claim,
            claim_label=claim_label if claim_label != share.claim else "",
            claim_lang=self._review.candidate.lang,
            support=self._support(share),
            offered=self._offered_quote(share),
        )

    def _support(self, share: Contribution) -> str:
        support = support_of(share.part, share.evidence)
        return term(*support, self._locale) if support and share.part in ("skills", "occupation") else ""

    def _relation(self, share: Contribution) -> tuple[str, str]:
        gettext = self._words.gettext
        if share.relation == "missing":
            return gettext("Missing"), "bad"
        if share.part != "skills":
            name = (
                "same_occupation"
                if (share.part, share.relation) == ("occupation", "same")
                else share.relation
            )
            text = term("relation", name, self._locale)
            return text[:1].upper() + text[1:], "good" if share.credit >= 0.5 else "warn"
        if share.relation == "same":
            return self._same(share), "good"
        if share.relation == "similar_text":
            alike = similarity(share.source or share.requirement, share.claim)
            return gettext("Similar text %(score)s") % {"score": self._words.number(alike, "0.00")}, "warn"
        text = gettext(_RELATIONS[share.relation])
        return text, "good" if share.relation == "narrower" else "warn"

    def _same(self, share: Contribution) -> str:
        if share.claim_uri is None:
            return self._words.gettext("Same words")
        return self._words.gettext(_NAMINGS[self._labels.naming(share.claim_uri, share.claim)])

    def _asked_quote(self, share: Contribution) -> Quote | None:
        vacancy = self._review.vacancy
        text = f"{vacancy.title}\n{vacancy.description}"
        if not share.source or share.part not in ("skills", "occupation"):
            return None
        placed = self._asked.get(share.source)
        snippet = None
        if placed is not None and placed.get("source_start") is not None:
            snippet = cut(text, placed["source_start"], placed["source_end"])
        snippet = snippet or find(text, share.source)
        return None if snippet is None else Quote(self._words.gettext("Vacancy"), snippet, vacancy.lang)

    def _offered_quote(self, share: Contribution) -> Quote | None:
        if not share.claim or self._review.pseudonymous or share.part not in ("skills", "occupation"):
            return None
        candidate = self._review.candidate
        for where, text in passages(candidate, self._words):
            snippet = find(text, share.claim)
            if snippet is not None:
                return Quote(where, snippet, candidate.lang)
        return None


def name_of(
    share: Contribution, labels: ConceptLabels, vacancy: Vacancy, words: Words
) -> tuple[str, str, str | None]:
    """What a requirement is called for the reader, how the vacancy puts it, and in which language."""
    if share.part == "text":
        if share.requirement_uri is not None:
            return words.gettext("What the vacancy's text is about"), "", None
        return words.gettext("Words of the vacancy's text"), "", None
    if share.part == "languages":
        code, _, level = share.requirement.partition(" ")
        return f"{words.language(code)} {level}".strip(), "", None
    if share.part == "preferences":
        return _wish(share.requirement, words), "", None
    if share.part == "experience":
        months = share.requirement.partition(" ")[0]
        return words.gettext("%(months)s months of work in the occupation") % {"months": months}, "", None
    original = share.source or share.requirement
    label = labels.label(share.requirement_uri, words.locale, share.requirement)
    return label, "" if original.casefold() == label.casefold() else original, vacancy.lang


def _wish(code: str, words: Words) -> str:
    """What a vacancy offers that candidates may wish for: a country, working times, a contract or pay."""
    for kind in (Shift, Contract):
        if code in {each.value for each in kind}:
            return term(kind.__name__.lower(), code, words.locale)
    return words.country(code) if len(code) == _COUNTRY_CODE else code


def passages(candidate: CandidateProfile, words: Words) -> Iterator[tuple[str, str]]:
    """The texts of a profile, and what each is."""
    yield words.gettext("Profile text"), candidate.text
    for work in candidate.experience:
        titled = "\n".join(filter(None, (work.get("occupation", ""), work.get("text", ""))))
        yield words.gettext("Work experience"), titled
    for education in candidate.education:
        yield words.gettext("Education"), education


_RELATIONS = {
    "narrower": N_("Narrower skill"),
    "broader": N_("Broader skill"),
    "related": N_("Related skill"),
}
_NAMINGS = {
    Naming.PREFERRED: N_("Exact"),
    Naming.ALTERNATIVE: N_("Alternative label"),
    Naming.OTHER: N_("Same skill, in other words"),
}
