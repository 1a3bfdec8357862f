"""Lists of what a vacancy asks for are found however they are mixed and written, and honest ones are not."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from app.matching.vetting.copies import VacancyFingerprint
from app.matching.vetting.passages import blank

ABOUT = "Worked eight years as a baker in a village near Porto.", "Drove the van and kept the accounts."
ASKED = (
    "IT",
    "Typewriting",
    "order picking",
    "Statistics",
    "C++",
    "Plumbing",
    "Catering",
    "warehouse stock records",
)
OWN = ("chess", "sea fishing", "income tax returns", "guided mountain bike tours")
SEPARATORS = (", ", "; ", "/", " / ", "\n", "\n\u2022 ", " and ", " ")

vacancy = VacancyFingerprint("We look for somebody who may start soon.", asked=[[each] for each in ASKED])


@st.composite
def mixed(draw: st.DrawFn) -> list[str]:
    """Six things that are asked or more, and less than a quarter as many items of one's own, in any order."""
    asked = draw(st.permutations(ASKED).flatmap(lambda each: st.integers(6, 8).map(lambda n: each[:n])))
    own = draw(st.lists(st.sampled_from(OWN), max_size=(len(asked) - 1) // 4, unique=True))
    return draw(st.permutations([*asked, *own]))


def words_of(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


@given(mixed(), st.sampled_from(SEPARATORS))
@example(["Plumbing", "IT", "C++", "Statistics", "income tax returns", "Typewriting", "Catering"], ", ")
def test_items_of_ones_own_hide_no_list_wherever_they_stand(items: list[str], separator: str) -> None:
    text = "\n".join([ABOUT[0], separator.join(items), ABOUT[1]])
    left = words_of(blank(text, vacancy.copied(text)))
    assert not left & words_of(" ".join(ASKED))
    assert words_of(" ".join(ABOUT)) <= left


@given(
    st.permutations(ASKED),
    st.lists(st.permutations(OWN[2:]), min_size=4, max_size=4),
    st.sampled_from([(1, each) for each in SEPARATORS] + [(2, each) for each in SEPARATORS if each != " "]),
)
def test_a_list_with_as_much_of_ones_own_between_is_an_honest_one(
    asked: list[str], own: list[list[str]], style: tuple[int, str]
) -> None:
    at_once, separator = style
    others = [each for pair in own for each in pair]
    starts = range(0, len(asked), at_once)
    items = [item for at in starts for each in (asked, others) for item in each[at : at + at_once]]
    assert vacancy.copied("\n".join([ABOUT[0], separator.join(items), ABOUT[1]])) == ()
