import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.vetting.passages import Passage, Reason, blank, merged

TEXT = "one two\nthree\nfour"


def test_a_blanked_passage_leaves_every_other_character_where_it_was() -> None:
    assert blank(TEXT, [Passage(4, 7, Reason.COPIED)]) == "one    \nthree\nfour"


@pytest.mark.parametrize("end", [13, 14])
def test_a_blanked_line_takes_its_end_with_it(end: int) -> None:
    assert blank(TEXT, [Passage(8, end, Reason.COPIED)]) == "one two\n      four"


def test_a_passage_that_ends_a_line_it_did_not_begin_leaves_the_line_end() -> None:
    assert blank(TEXT, [Passage(4, 13, Reason.COPIED)]) == "one          \nfour"


def test_an_invisible_character_in_a_word_does_not_cut_it() -> None:
    assert blank("wel\u200bding", [Passage(3, 4, Reason.INVISIBLE)]) == "wel\u200bding"


@given(st.text("ab \n", max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=5))
def test_blanking_keeps_length_and_adds_nothing(text: str, pairs: list[tuple[int, int]]) -> None:
    spans = [(min(pair), min(max(pair), len(text))) for pair in pairs if min(pair) < len(text)]
    passages = [Passage(start, end, Reason.COPIED) for start, end in spans if start < end]
    blanked = blank(text, passages)
    assert len(blanked) == len(text)
    assert all(after in (before, " ") for before, after in zip(text, blanked, strict=True))
    assert all(not blanked[start:end].strip() for start, end, _ in passages)


def test_passages_of_one_reason_that_touch_are_one() -> None:
    found = [Passage(5, 9, Reason.COPIED), Passage(0, 5, Reason.COPIED), Passage(2, 7, Reason.LIST)]
    assert merged(found) == (Passage(0, 9, Reason.COPIED), Passage(2, 7, Reason.LIST))
