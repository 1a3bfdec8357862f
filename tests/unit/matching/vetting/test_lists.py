from app.matching.vetting.folded import fold
from app.matching.vetting.lists import MOST_WORDS, list_passages
from app.matching.vetting.passages import Reason

LETTERS = "bdfgklmnprst"


def word(number: int) -> str:
    """A word that no other number makes."""
    return "".join(LETTERS[number // 12**place % 12] + "aeiou"[place] for place in range(4))


def found(text: str) -> list[tuple[Reason, str]]:
    return [(reason, text[start:end]) for start, end, reason in list_passages(text, fold(text))]


def test_a_list_longer_than_any_real_one_is_a_dump() -> None:
    items = ", ".join(f"{word(2 * n)} {word(2 * n + 1)}" for n in range(MOST_WORDS // 2 + 1))
    own = "I have cooked for ten years in a large canteen of a hospital and liked it."
    assert found(f"{own}\n{items}\n{own}") == [(Reason.LIST, items)]


def test_a_list_as_long_as_real_ones_is_none() -> None:
    assert found("\n".join(word(n) for n in range(MOST_WORDS))) == []


def test_sentences_between_lists_keep_them_apart() -> None:
    own = "I have cooked for ten years in a large canteen of a hospital and liked it."
    half = ", ".join(word(n) for n in range(MOST_WORDS // 2 + 20))
    other = ", ".join(word(n + 500) for n in range(MOST_WORDS // 2 + 20))
    assert found(f"{half}\n{own}\n{other}") == []


def test_sentences_that_are_wrapped_into_short_lines_are_no_list() -> None:
    words = [f"{word(3 * n)} the {word(3 * n + 1)} and {word(3 * n + 2)}" for n in range(MOST_WORDS)]
    assert found("\n".join(words)) == []


def test_what_a_list_says_again_and_again_is_reported_but_for_the_first_time() -> None:
    text = ", ".join(["welding", "cutting plates"] * 20)
    passages = list(list_passages(text, fold(text)))
    assert {passage.reason for passage in passages} == {Reason.REPETITION}
    assert len(passages) == 38
    assert passages[0].start == len("welding, cutting plates,")


def test_hardly_any_words_are_no_list() -> None:
    assert found("") == found("welding, " * 5) == []
