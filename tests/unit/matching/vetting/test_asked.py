import re
from random import Random

import numpy as np
import pytest

from app.matching.vetting.asked import LEAST, MANY, AskedFor
from app.matching.vetting.copies import VacancyFingerprint
from app.matching.vetting.folded import fold
from app.matching.vetting.passages import Reason, blank

OWN = """Worked eight years as a baker in a village near Porto.
Kneaded dough, fired ovens, trained two apprentices.
Drove the delivery van, kept accounts and ordered flour."""

ASKED = ("IT", "Typewriting", "order picking", "Statistics", "C++", "Plumbing", "Catering", "Beekeeping")
OTHERS = ("sailing", "chess", "pottery", "yoga", "poetry", "singing", "fishing", "knitting", "juggling")


def vacancy_of(things: tuple[str, ...]) -> VacancyFingerprint:
    return VacancyFingerprint("We look for somebody who may start soon.", asked=[[each] for each in things])


vacancy = vacancy_of(ASKED)


def kept(text: str, fingerprint: VacancyFingerprint = vacancy) -> str:
    return " ".join(blank(text, fingerprint.copied(text)).split())


def beside_own(*lines: str) -> str:
    """Own lines with others between them."""
    own = OWN.splitlines()
    return "\n".join(each for pair in zip(own, (*lines, "", "")[:3], strict=True) for each in pair)


@pytest.mark.parametrize(
    "lines",
    [
        [", ".join(ASKED)],
        ["\n".join(f"• {each}" for each in ASKED)],
        ["Typewriting and statistics and plumbing and order picking and catering and beekeeping"],
        ["TYPEWRITING STATISTICS PLUMBING ORDER PICKING CATERING BEEKEPING"],
        [", ".join(ASKED[:4]), ", ".join(ASKED[4:])],
        ["IT, typewriting, chess, order picking, statistics, C++, sailing, plumbing, catering, beekeeping"],
    ],
    ids=["commas", "bullets", "and", "nothing between, a slip", "two lines", "other words between"],
)
def test_a_list_of_what_is_asked_earns_nothing_however_it_is_written(lines: list[str]) -> None:
    text = beside_own(*lines)
    assert {passage.reason for passage in vacancy.copied(text)} == {Reason.LIST}
    assert kept(text) == " ".join(OWN.split())


@pytest.mark.parametrize(("n_named", "n_asked", "is_list"), [
    (LEAST, LEAST, True),
    (LEAST - 1, LEAST - 1, False),
    (LEAST, 8, True),
    (LEAST, 9, False),
    (7, 9, True),
    (7, 10, False),
    (MANY, 30, True),
    (MANY - 1, 30, False),
])  # fmt: skip
def test_six_things_and_most_of_what_is_asked_or_eight_are_a_list(
    n_named: int, n_asked: int, is_list: bool
) -> None:
    things = tuple(f"{chr(97 + at // 6)}{'aeiouy'[at % 6] * 4}sk" for at in range(n_asked))
    # Telling words of one item each, and one other word: eight items in a row are a list anyhow.
    row = [*things[:3], "chess", *things[3:n_named]]
    assert bool(vacancy_of(things).copied(beside_own(", ".join(row)))) == is_list


def test_a_specialist_who_knows_as_much_beside_it_keeps_the_list() -> None:
    both = [each for pair in zip(ASKED, OTHERS, strict=False) for each in pair]
    assert vacancy.copied(beside_own(", ".join(both))) == ()


def test_what_is_asked_may_be_said_in_sentences() -> None:
    told = (
        "I taught typewriting to adults at the village school and used statistics for the yearly report.",
        "My uncle let me help with plumbing, and I ran the catering of weddings; beekeeping is our trade.",
    )
    assert vacancy.copied(beside_own(*told)) == ()


def test_what_stands_elsewhere_in_the_profile_stays() -> None:
    sentence = "For three summers I did the catering of a campsite in Aveiro."
    assert kept(beside_own(sentence, ", ".join(ASKED))) == " ".join(beside_own(sentence).split())


def test_what_stands_about_a_list_behind_other_words_goes_with_it() -> None:
    row = "catering, chess, sailing, IT, typewriting, order picking, statistics, plumbing, beekeeping"
    assert "catering" not in kept(beside_own(row))


@pytest.mark.parametrize("separator", [", ", "; ", "/", " / ", "\n", "\n• ", " and ", " & ", " "])
@pytest.mark.parametrize("own", ["chess", "income tax returns", "care of the elderly", "hand-thrown pottery"])
def test_an_item_of_ones_own_makes_no_list_an_honest_one_wherever_it_stands(own: str, separator: str) -> None:
    six = [each for each in ASKED if each not in ("IT", "C++")]
    for at in range(len(six) + 1):
        row = separator.join([*six[:at], own, *six[at:]])
        left = re.findall(r"\w+", kept(beside_own(row)).lower())
        assert not set(left) & {"typewriting", "order", "picking", *(each.lower() for each in six)}


@pytest.mark.parametrize("separator", [", ", "\n"])
def test_a_long_item_of_ones_own_is_one_item_up_to_eight_words(separator: str) -> None:
    words = "preparing yearly tax returns small family partnerships abroad"
    six = [each for each in ASKED if each not in ("IT", "C++")]
    for own, is_list in ((words, True), (f"{words} mostly online", False)):
        row = [*six[:2], own, *six[2:]]
        assert bool(vacancy.copied(beside_own(separator.join(row)))) == is_list


@pytest.mark.parametrize(
    "skills",
    [
        ("{}, {}", "{}, {}", "{}, {}"),
        ("• {} and {}", "• {} and {}", "• {} and {}"),
        ("• {}\n• {}", "• {}\n• {}", "• {}\n• {}"),
        ("{}, {} and {}", "{}", "{}, {}"),
        ("• {}\n• {}\n• {}\n• {}", "• {}\n• {}", "• Tea"),
    ],
    ids=["a line", "a bullet", "bullets", "more for one", "four bullets and two"],
)
def test_what_was_done_in_each_job_is_no_list(skills: tuple[str, ...]) -> None:
    six = iter(each for each in ASKED if each not in ("IT", "C++"))
    jobs = ("2019-2022 Clerk with Acme AG", "2016-2019 Porter at Hotel Bolt", "2014-2016 Intern with Siemens")
    told = [line.format(*(next(six) for _ in range(line.count("{}")))) for line in skills]
    text = "\n".join(line for pair in zip(jobs, told, strict=True) for line in pair)
    assert "Beekeeping" in text
    assert vacancy.copied(text) == ()


def test_three_things_with_another_between_are_no_piece_of_a_list() -> None:
    row = "Plumbing, folk singing, catering, beekeeping"
    left = kept(f"{row}\n{OWN}\n{', '.join(ASKED[:6])}")
    assert row in left
    assert "Typewriting" not in left


def test_five_things_with_another_between_are_a_piece_of_a_list() -> None:
    ten = vacancy_of((*ASKED[1:4], *ASKED[5:], "Welding", "Knitting", "Masonry", "Weaving"))
    five = "Typewriting, order picking, {}statistics, plumbing, knitting"
    rest = "Catering, beekeeping, welding"
    own = "hand-thrown garden pottery, "
    # By words the first two are lost behind the other item, and six of ten are no list.
    assert ten.copied(beside_own(five.format(own), rest))
    assert ten.copied(beside_own(five.format(f"{own * 2}"), rest)) == ()


def test_things_of_many_words_are_no_more_than_items_of_many_words() -> None:
    things = (
        *("operate harbour cranes", "splice steel ropes", "grease winches daily", "paint ship hulls"),
        *("sort scrap metal", "drive forklift trucks"),
    )
    own = (
        *("teach folk dances", "grow green beans", "bake sourdough bread", "write short stories"),
        *("train guide dogs", "tune church organs"),
    )
    both = [each for pair in zip(things, own, strict=True) for each in pair]
    assert vacancy_of(things).copied(beside_own(", ".join(both))) == ()


def test_pairs_of_what_is_asked_are_no_list() -> None:
    six = [each for each in ASKED if each not in ("IT", "C++")]
    pairs = [", ".join(pair) for pair in zip(six[::2], six[1::2], strict=True)]
    assert vacancy.copied(beside_own(*pairs)) == ()
    assert vacancy.copied(beside_own("\n".join(pairs))) != ()


@pytest.mark.parametrize("separator", [", ", "\n", " and ", " "])
def test_short_words_name_something_as_items_or_in_capitals(separator: str) -> None:
    things = ("IT", "C", "R", "GO", "UX", "QA")
    asked = vacancy_of(things)
    assert kept(beside_own(separator.join(things)), asked) == " ".join(OWN.split())
    is_item = separator != " and "
    assert bool(asked.copied(beside_own(separator.join(things).lower()))) == is_item


def test_other_words_for_what_is_asked_name_it_too_and_what_is_said_alike_is_one() -> None:
    things = [[each, f"{each}s, all of them"] for each in ("weld", "bake", "cook", "sing", "read")]
    text = beside_own("weld, bake, cook, sing, read, keyboards")
    assert VacancyFingerprint("", asked=[*things, *things]).copied(text) == ()
    assert VacancyFingerprint("", asked=[*things, ["type", "keyboards"]]).copied(text)


def test_more_things_than_bits_of_a_number() -> None:
    asked = AskedFor([[[at, at + 1]] for at in range(150)], n_words=151)
    rows = np.array([-1, *range(70, 70 + MANY + 1), -1, -2])
    is_joined = np.ones(len(rows), dtype=np.bool_)
    none = np.zeros_like(rows)
    assert asked.listed(rows, none, none, is_joined) == [(1, MANY + 2)]
    assert asked.listed(rows[:-4], none[:-4], none[:-4], is_joined[:-4]) == []
    assert asked.may_be_listed(rows, np.array([0, 1, 5])).tolist() == [False, False, False]
    assert asked.may_be_listed(rows, np.array([0, 1])).tolist() == [False, True]


def test_no_list_is_in_a_text_that_is_passed_over() -> None:
    random = Random(20261127)
    words = [*ASKED, *OTHERS[:3]]
    texts = ["", OWN]
    for _ in range(2000):
        rows = [random.sample(words, random.randint(1, len(words))) for _ in range(random.randint(0, 2))]
        texts.append("\n".join([OWN, *(random.choice((", ", " ", "\n")).join(row) for row in rows)]))
    may_be = vacancy.may_be_in([fold(text) for text in texts])
    has_list = [bool(vacancy.copied(text)) for text in texts]
    assert not any(found and not may for found, may in zip(has_list, may_be, strict=True))
    assert 300 < sum(has_list) < sum(may_be) < 2000
