from random import Random

from app.matching.vetting.duplicates import N_SKETCH, likeness, near_duplicates, sketch_of
from tests.unit.matching.vetting.test_lists import word


def make_text(seed: int, n_words: int = 200) -> str:
    random = Random(seed)
    return " ".join(word(random.randrange(5000)) for _ in range(n_words))


def edited(text: str, every: int) -> str:
    return " ".join("andere" if at % every == every - 1 else each for at, each in enumerate(text.split()))


def test_a_text_with_a_few_other_words_is_found_and_others_are_not() -> None:
    one, other = make_text(1), make_text(2)
    people = [("b", sketch_of(one)), ("c", sketch_of(other)), ("a", sketch_of(edited(one, 40)))]
    assert near_duplicates(people) == [("b", "a")]


def test_case_punctuation_lines_and_invisible_characters_make_no_other_profile() -> None:
    text = make_text(3)
    styled = text.upper().replace(" ", ",\n- ").replace("A", "A\u200b")
    assert sketch_of(styled) == sketch_of(text)


def test_who_is_like_one_of_a_group_is_of_the_group() -> None:
    texts = [make_text(4)]
    for every in (25, 24, 23):
        texts.append(edited(texts[-1], every))
    sketches = [(str(row), sketch_of(text)) for row, text in enumerate(texts)]
    assert near_duplicates(sketches) == [("0", "1", "2", "3")]


def test_profiles_of_hardly_any_words_are_like_nobody() -> None:
    assert near_duplicates([("a", sketch_of("cook")), ("b", sketch_of("cook")), ("c", sketch_of(""))]) == []


def test_claims_make_up_for_missing_text_in_any_order() -> None:
    claims = [word(number) for number in range(30)]
    people = [("a", sketch_of("", claims)), ("b", sketch_of("", claims[::-1]))]
    assert near_duplicates(people) == [("a", "b")]


def test_the_estimate_is_near_the_share_of_common_shingles() -> None:
    one = make_text(5, 1000)
    half = " ".join([*one.split()[:500], *make_text(6, 500).split()])
    # 497 shingles of 1,497 are common.
    assert abs(likeness(sketch_of(one), sketch_of(half)) - 1 / 3) < 0.12
    assert len(sketch_of(one)) == N_SKETCH
