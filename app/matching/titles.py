"""Job titles as adverts write them -> the forms an occupation may be labelled with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.matching.cues import learner_cues, title_cues
from app.matching.segmentation import clause_texts
from app.matching.text import canonical, tokens

_LONGEST_TITLE = 300
_SHORTEST_PART = 4
_MAX_FORMS = 12
_GENDER_LETTERS = "mwfhdxvkžzgniαγ"
_GENDER_MARK = re.compile(
    # (m/w/d), [H/F], (k|m), and the same without brackets
    rf"[(\[]\s*[{_GENDER_LETTERS}*](?:\s?[/|,*-]\s?[{_GENDER_LETTERS}*]){{1,3}}\s*[)\]]"
    rf"|(?<!\w)[{_GENDER_LETTERS}](?:[/|][{_GENDER_LETTERS}]){{1,3}}(?!\w)"
    # (männlich/weiblich), (homme/femme), (all genders)
    r"|\((?:[^\W\d_]{1,9}\s*/\s*){1,3}[^\W\d_]{1,9}\)|\(all genders\)|\(gn\)",
    re.IGNORECASE,
)
# A second ending in brackets or after a mark: technicien(ne), mecánico/a, Lehrer*in, mechanikas (-ė)
_BRACKET_ENDING = re.compile(r"(?<=\w)\(-?[^\W\d_]{1,6}\)|\s+\(-[^\W\d_]{1,6}\)")
_MARKED_ENDING = re.compile(r"(?<=[^\W\d_]{4})(?:/-?|[:*_]|-/-?)([^\W\d_]{1,5})(?![\w/])")
_INNER_CAPITAL = re.compile(r"(?<=[^\W\d_A-Z]{3})I(nnen|n)\b")
_PAIR = re.compile(r"([^\W\d_]{3,30})\s?/\s?([^\W\d_]{3,30})")
_NUMBERS = re.compile(
    r"\b(?:ref|réf|nr|id|no|job)\b\.?:?\s?[\w-]{0,3}\d[\w/-]{0,20}|\b\d{1,3}(?:\s?-\s?\d{1,3})?\s?%|#\d{1,12}",
    re.IGNORECASE,
)
_EMPTY_BRACKETS = re.compile(r"[(\[]\s*[)\]]")


def without_gender_marks(title: str) -> str:
    """A title in one of its forms, without marks of gender.

    Examples
    --------
    >>> without_gender_marks("Elektriker (m/w/d)"), without_gender_marks("Camarero/a")
    ('Elektriker', 'Camarero')
    >>> without_gender_marks("technicien(ne) H/F"), without_gender_marks("MIG/MAG welder")
    ('technicien', 'MIG/MAG welder')
    """
    if len(title) > _LONGEST_TITLE:
        return title
    plain = _GENDER_MARK.sub(" ", title)
    plain = _BRACKET_ENDING.sub("", plain)
    plain = _MARKED_ENDING.sub(_without_ending, plain)
    return " ".join(_INNER_CAPITAL.sub("", plain).split())


def title_forms(title: str) -> list[str]:
    """The forms to look a title up in: fullest first, without gender marks, places and conditions.

    Examples
    --------
    >>> title_forms("Elektriker (m/w/d) - Hamburg")
    ['Elektriker - Hamburg', 'Elektriker', 'Hamburg']
    >>> title_forms("kuhar/kuharica")
    ['kuhar/kuharica', 'kuhar', 'kuharica']
    """
    plain = _EMPTY_BRACKETS.sub(" ", without_gender_marks(_NUMBERS.sub(" ", title[:_LONGEST_TITLE])))
    plain = " ".join(plain.split()).strip(" ,;-–")
    forms = dict.fromkeys(form for form in _forms(plain) if canonical(form))
    return list(forms)[:_MAX_FORMS]


def first_part(line: str) -> str:
    """What a line begins with, up to the first mark between clauses; the title, if it opens with one.

    Numbers and words too short for a title, such as "Sr.", are passed over where more follows.

    Examples
    --------
    >>> first_part("Backend engineer, Lahore, 7 yrs. Node, Kafka, Docker")
    'Backend engineer'
    >>> first_part("1. Sr. Welder, Lahore")
    'Welder'
    """
    parts = list(clause_texts(without_gender_marks(line[:_LONGEST_TITLE])))
    return next((part for part in parts if len(part) >= _SHORTEST_PART), parts[0] if parts else "")


def after_heading(line: str) -> str:
    """What a line of a heading, a colon and nothing but one clause says; empty for others.

    Examples
    --------
    >>> after_heading("Occupation: welder"), after_heading("Skills: welding, Docker")
    ('welder', '')
    """
    heading, colon, rest = without_gender_marks(line[:_LONGEST_TITLE]).partition(":")
    parts = [list(clause_texts(each)) for each in (heading, rest)]
    return parts[1][0] if colon and [len(each) for each in parts] == [1, 1] else ""


def names_learner(title: str, lang: str | None) -> bool:
    """Whether a title says that one is still learning the trade.

    Parameters
    ----------
    lang
        ISO 639-1 code of the text the title is from, if known; the title may be in another language.

    Examples
    --------
    >>> names_learner("Stagiaire électricien", "fr"), names_learner("Electrician", "fr")
    (True, False)
    >>> names_learner("Student nurse", None), names_learner("Student counsellor", None)
    (True, False)
    """
    words = canonical(without_gender_marks(title[:_LONGEST_TITLE])).split()
    return any(hit.value for hit in learner_cues(lang).find(words))


def _forms(plain: str) -> Iterator[str]:
    yield plain
    parts = list(clause_texts(plain))
    both = [(part, form) for part in parts if (form := _without_noise(part))]
    quiet = [form for _, form in both]
    yield from quiet[:1]
    for part, form in both:
        yield part
        yield form
    for part in quiet:
        pair = _PAIR.search(part)
        if pair:
            for form in pair.groups():
                yield " ".join(f"{part[: pair.start()]}{form}{part[pair.end() :]}".split())
        yield from _head(part)


def _head(part: str) -> Iterator[str]:
    """What stands before a place or a purpose: "cook for a hotel" is a cook."""
    words = part.split()
    ends = title_cues().ends
    for position, word in enumerate(words[1:], start=1):
        if word.casefold() in ends:
            yield " ".join(words[:position])
            return


def _without_noise(part: str) -> str:
    words = tokens(part)
    keep: Sequence[tuple[int, int]] = [(0, len(part))]
    for hit in title_cues().noise.find([word.text for word in words]):
        start, end = words[hit.first].start, words[hit.last - 1].end
        keep = [*keep[:-1], (keep[-1][0], start), (end, keep[-1][1])]
    return " ".join(" ".join(part[start:end].split()) for start, end in keep).strip(" -–,;:|/&")


def _without_ending(match: re.Match[str]) -> str:
    """Drop a second ending; a slash between two words of their own case stays."""
    before = match.string[match.start() - 1]
    return "" if match[1].isupper() == before.isupper() else match[0]
