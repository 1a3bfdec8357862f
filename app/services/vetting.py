"""Profiles without what earns nothing: for any vacancy, and for one.

Only running text is vetted. Structured skills, occupations and languages are claims of their own
and stay; copying them from a vacancy is what an honest applicant does, too.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.domain.enums import EvidenceGrade, Provenance, SkillLevel
from app.domain.records import CandidateRecord
from app.matching.vetting.copies import VacancyFingerprint
from app.matching.vetting.folded import FoldedText, fold
from app.matching.vetting.passages import Passage, blank, merged
from app.matching.vetting.vet import vet_text
from app.services.identifiers import is_identifier
from app.services.profile_words import prominent
from app.services.themes import theme_row

if TYPE_CHECKING:
    from app.services.candidate_occupations import NamedOccupation
    from app.services.preparation import PreparedCandidate, PreparedClaim, PreparedVacancy
    from app.services.taxonomy_index import TaxonomyIndex

_BETWEEN = "\n"


def vetted_record(record: CandidateRecord) -> tuple[CandidateRecord, tuple[str, ...]]:
    """Take out of a profile what earns nothing anywhere.

    Returns
    -------
    record
        The same object where nothing was taken out; texts keep their length.
    flags
        Why something was, sorted.
    """
    texts = list(_texts(record))
    vetted = [vet_text(text) for text in texts]
    flags = sorted({flag for each in vetted for flag in each.flags})
    if not flags:
        return record, ()
    return _with_texts(record, [each.text for each in vetted]), tuple(flags)


def fingerprint_of(index: TaxonomyIndex, vacancy: PreparedVacancy) -> VacancyFingerprint:
    """What a vacancy is worded in, and the taxonomy's words for it.

    These are labels of what it asks and of what its occupation needs, in its language and in
    English: who looks up the occupation may copy them as well as the vacancy.
    """
    uris = {each.concept_uri for each in vacancy.requirements if each.concept_uri is not None}
    if vacancy.occupation.row is not None:
        skills = index.essential_skills[vacancy.occupation.row]
        uris.update(index.skills.concepts[skill].uri for skill in skills)
    labels = [index.label(uri, lang) for lang in (vacancy.record.lang, "en") for uri in sorted(uris)]
    asked = [each.label for each in vacancy.requirements]
    text = f"{vacancy.record.title}\n{vacancy.record.description}"
    return VacancyFingerprint(text, [*asked, *labels], list(asked_for(index, vacancy)))


def asked_for(index: TaxonomyIndex, vacancy: PreparedVacancy) -> Iterator[list[str]]:
    """What the vacancy itself asks for, each in its own words and those of the taxonomy.

    What only its occupation asks for is no part of it: whoever works there knows it.
    """
    for each in vacancy.requirements:
        if each.provenance is not Provenance.INFERRED:
            uri = each.concept_uri
            labels = [] if uri is None else [index.label(uri, lang) for lang in (vacancy.record.lang, "en")]
            yield list(dict.fromkeys([each.source_text, each.label, *labels]))


class ProfileText:
    """The running text of a profile as copies are looked for in it; made once, used for many vacancies.

    Give it the record that ``vetted_record`` returned.
    """

    def __init__(self, record: CandidateRecord) -> None:
        self._record = record
        fields = list(_texts(record))
        self._text = _BETWEEN.join(fields)
        # Of each line: a title of a period of work is no repetition of a line of text.
        self._is_title = [
            1 <= at <= 2 * len(record.experience) and at % 2 == 1
            for at, field in enumerate(fields)
            for _ in field.split("\n")
        ]
        self.folded: FoldedText = fold(self._text)

    def without_copies(self, vacancy: VacancyFingerprint) -> tuple[CandidateRecord, tuple[str, ...]]:
        """Take out what was taken from one vacancy.

        Returns
        -------
        record
            The same object where nothing was taken out.
        flags
            Why something was, sorted.
        """
        passages = vacancy.copied(self._text, self.folded)
        once = _said_once(self._text, self._is_title)
        if once != self._text:
            # Lines that come again may part a copy, or end it elsewhere.
            passages = merged([*passages, *_wherever_said(self._text, self._is_title, vacancy.copied(once))])
        if not passages:
            return self._record, ()
        flags = tuple(sorted({each.reason.value for each in passages}))
        return _with_texts(self._record, self._blanked(passages)), flags

    def _blanked(self, passages: Sequence[Passage]) -> list[str]:
        texts, start = [], 0
        for text in _texts(self._record):
            end = start + len(text)
            own = [
                each._replace(start=max(each.start, start) - start, end=min(each.end, end) - start)
                for each in passages
                if each.start < end and start < each.end
            ]
            texts.append(blank(text, own))
            start = end + len(_BETWEEN)
        return texts


def lessened(whole: PreparedCandidate, left: PreparedCandidate) -> PreparedCandidate:
    """What both forms of a profile say, the whole one and the one without some passages.

    Reading less can find more: a denial is gone, or a bound on the length of texts is no
    longer reached. Nothing that this gives is worth more than in ``whole``, for any vacancy.
    """
    held: dict[int | str, list[PreparedClaim]] = {}
    for claim in whole.claims:
        held.setdefault(claim.skill_key, []).append(claim)
    claims = [claim for each in left.claims for claim in _bounded(each, held.get(each.skill_key, ()))]
    own = (left.terms - left.translated.keys()) & (whole.terms - whole.translated.keys())
    # A word that only a passage stood for is not said by who is left with one of the same spelling.
    translated = {
        word: behind
        for word, behind in left.translated.items()
        if word in whole.terms and not own.isdisjoint((behind, prominent(behind)))
    }
    return replace(
        left,
        record=whole.record,
        claims=claims,
        occupations=list(_said_in_both(left.occupations, whole.occupations)),
        # What a text is about is said by the whole of it; without some sentences it could come nearer.
        terms={word for word in own if theme_row(word) is None} | translated.keys(),
        translated=translated,
        vetting=tuple(sorted({*whole.vetting, *left.vetting})),
    )


def _said_in_both(
    left: Sequence[NamedOccupation], whole: Sequence[NamedOccupation]
) -> Iterator[NamedOccupation]:
    """Occupations of both forms: in the same words no more often than in either, else in those of ``whole``.

    What words say of an occupation, and how often, decides what it is worth.
    """
    held = Counter(whole)
    same = []
    for each in left:
        if held[each]:
            held[each] -= 1
            same.append(each)
    yield from same
    reworded = {occupation for occupation, _ in left} - {occupation for occupation, _ in same}
    yield from (each for each in whole if each[0] in reworded)


def _bounded(claim: PreparedClaim, held: Sequence[PreparedClaim]) -> Iterator[PreparedClaim]:
    """A claim as far as others bear it out: no better evidence, no level that is worth more."""
    grades = tuple(EvidenceGrade)
    bearing = [each for each in held if grades.index(each.evidence) >= grades.index(claim.evidence)]
    levels = [each.level for each in bearing if each.level is not None]
    if not bearing or any(each.level == claim.level for each in bearing):
        yield from [claim] if bearing else []
    elif levels and claim.level is not None:
        yield replace(claim, level=min(claim.level, max(levels)))
    elif max(SkillLevel) in (claim.level, *levels):
        yield replace(claim, level=None)
    # A level that is not stated is worth more than a low one where much is asked, and less where little
    # is: of the two nothing is worth no more than either.


def _said_once(text: str, kinds: Sequence[bool]) -> str:
    """The text with spaces for the lines that were there before, among lines of the same kind."""
    seen: set[tuple[str, bool]] = set()
    lines = text.split("\n")
    for at, (line, kind) in enumerate(zip(lines, kinds, strict=True)):
        said = line.strip(), kind
        if said in seen:
            lines[at] = " " * len(line)
        seen.add(said)
    return "\n".join(lines)


def _wherever_said(text: str, kinds: Sequence[bool], passages: Sequence[Passage]) -> list[Passage]:
    """Passages, and the same parts of lines that are the same and of the same kind."""
    starts: dict[tuple[str, bool], list[int]] = {}
    lines: list[tuple[int, tuple[str, bool]]] = []
    start = 0
    for line, kind in zip(text.split("\n"), kinds, strict=True):
        starts.setdefault((line, kind), []).append(start)
        lines.append((start, (line, kind)))
        start += len(line) + 1
    first_of = [start for start, _ in lines]
    parts = {
        (said, max(each.start - start, 0), min(each.end - start, len(said[0])), each.reason)
        for each in passages
        for start, said in lines[bisect_right(first_of, each.start) - 1 : bisect_left(first_of, each.end)]
    }
    alike = (
        Passage(start + first, start + last, reason)
        for said, first, last, reason in parts
        if first < last
        for start in starts[said]
    )
    return [*passages, *alike]


def _texts(record: CandidateRecord) -> Iterator[str]:
    """Every field of running text, in the order in which ``_with_texts`` takes them back."""
    yield record.text
    for entry in record.experience:
        yield "" if is_identifier(entry.occupation) else entry.occupation
        yield entry.text
    yield from record.education


def _with_texts(record: CandidateRecord, texts: Sequence[str]) -> CandidateRecord:
    rest = iter(texts)
    text = next(rest)
    titles = [(entry, next(rest), next(rest)) for entry in record.experience]
    work = tuple(
        replace(entry, occupation=entry.occupation if is_identifier(entry.occupation) else title, text=told)
        for entry, title, told in titles
    )
    return replace(record, text=text, experience=work, education=tuple(rest))
