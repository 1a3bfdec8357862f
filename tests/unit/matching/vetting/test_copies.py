from random import Random

import numpy as np
import pytest

from app.matching.vetting.copies import VacancyFingerprint
from app.matching.vetting.folded import fold
from app.matching.vetting.passages import Reason, blank

VACANCY = """Industrial electrician
We are looking for an experienced electrician to join our maintenance crew in Rotterdam harbour.
You install switchgear, lay cables through cramped tunnels and repair faulty conveyor motors.
You read circuit diagrams and document every inspection in the logbook.
Requirements: valid licence for high voltage, steady hands, willingness to climb cranes at night."""
OWN = """Worked eight years as a baker in a village near Porto.
Kneaded dough, fired ovens, trained two apprentices.
Drove the delivery van, kept accounts and ordered flour."""

vacancy = VacancyFingerprint(VACANCY)


def kept(text: str, fingerprint: VacancyFingerprint = vacancy) -> str:
    return " ".join(blank(text, fingerprint.copied(text)).split())


def reasons(text: str) -> set[Reason]:
    return {passage.reason for passage in vacancy.copied(text)}


def test_an_honest_profile_loses_nothing() -> None:
    assert vacancy.copied(OWN) == ()


def test_shared_words_of_a_trade_are_no_copy() -> None:
    text = (
        "I was an electrician in a harbour, repaired motors of cranes, and I have a licence for high voltage."
    )
    assert vacancy.copied(text) == ()


def test_a_pasted_vacancy_is_gone_and_the_rest_stays() -> None:
    assert kept(f"{OWN}\n{VACANCY}") == kept(f"{VACANCY}\n{OWN}") == " ".join(OWN.split())
    assert reasons(f"{OWN}\n{VACANCY}") == {Reason.COPIED}


def test_shuffled_lines_are_gone() -> None:
    lines = VACANCY.splitlines()
    Random(1).shuffle(lines)
    assert kept("\n".join([OWN, *lines])) == " ".join(OWN.split())


def test_sentences_between_own_ones_are_gone() -> None:
    own, pasted = OWN.splitlines(), VACANCY.splitlines()
    text = "\n".join([own[0], pasted[1], own[1], pasted[2], own[2], pasted[4]])
    assert kept(text) == " ".join(OWN.split())


def test_slips_case_punctuation_and_look_alikes_hide_nothing() -> None:
    copied = VACANCY.splitlines()[2]
    slipped = copied.replace("switchgear", "swichgear").replace("cables", "cabels").replace("motors", "motrs")
    styled = slipped.upper().replace(" ", " - ").replace("A", "\u0410").replace("O", "O\u200b")
    assert kept(f"{OWN}\n{slipped}") == kept(f"{OWN}\n{styled}") == " ".join(OWN.split())


def test_a_block_of_its_words_in_any_order_is_a_list() -> None:
    words = sorted({word.strip(".,:") for word in VACANCY.split() if len(word) > 5})
    Random(2).shuffle(words)
    text = f"{OWN}\n{' '.join(words)}"
    assert kept(text) == " ".join(OWN.split())
    assert reasons(text) == {Reason.LIST}


def test_a_list_of_what_is_asked_in_other_words_is_found_by_its_phrases() -> None:
    labels = [
        "install electrical switchboards",
        "splice fibre wires",
        "troubleshoot actuators",
        "operate scaffolding equipment",
        "wear protective clothing",
        "comply with safety legislation",
        "interpret technical drawings",
    ]
    text = f"{OWN}\n{', '.join(labels)}"
    assert vacancy.copied(text) == ()
    assert kept(text, VacancyFingerprint(VACANCY, labels)) == " ".join(OWN.split())


def test_a_few_words_in_a_row_are_common_speech() -> None:
    assert vacancy.copied("I read circuit diagrams and document inspections.") == ()


def test_a_whole_sentence_of_six_telling_words_is_a_copy() -> None:
    own = "Worked eight years as a baker in Porto."
    sentence = "You wash big crates thoroughly each single evening."
    assert kept(f"{own}\n{sentence}\n{own}", VacancyFingerprint(sentence)) == f"{own} {own}"


def test_shorter_sentences_are_copies_together_and_not_alone() -> None:
    own = "Worked eight years as a baker in Porto."
    asked = ["Sort red apples quickly downstairs.", "Harvest.", "Wash crates thoroughly outside daily."]
    fingerprint = VacancyFingerprint("\n".join(asked))
    assert fingerprint.copied(f"{own}\n{asked[0]}\n{own}") == ()
    assert kept(f"{own}\n{asked[0]}\n{own}\n{asked[2]}", fingerprint) == f"{own} {own}"


def test_slips_in_small_words_hide_nothing() -> None:
    copied = (
        "Wich you install switchgear, lay cables thruogh cramped tunnels and repair faulty conveyor motors."
    )
    assert kept(f"{OWN}\n{copied}", VacancyFingerprint(f"Which {VACANCY} through")) == " ".join(OWN.split())


ASKED = "German, Biology, Physics, Welding, Chemistry, Plumbing, Accounting, Catering, Logistics"


@pytest.mark.parametrize(("n", "flags"), [(7, set()), (8, {Reason.LIST})])
def test_eight_items_in_a_row_that_are_all_asked_for_are_a_list(n: int, flags: set[Reason]) -> None:
    items = ASKED.split(", ")[:n]
    Random(4).shuffle(items)
    text = f"{OWN}\n{', '.join(items)}"
    asked = VacancyFingerprint(f"We want you to know {ASKED.replace(', ', ' or at least ')}")
    assert {passage.reason for passage in asked.copied(text)} == flags
    assert (kept(text, asked) == " ".join(OWN.split())) == bool(flags)


def test_items_that_say_the_same_again_do_not_make_a_list_long() -> None:
    asked = VacancyFingerprint(ASKED)
    assert asked.copied(", ".join(["German", "German Physics", "Physics", "Welding"] * 5)) == ()


def test_repeating_a_word_of_the_vacancy_makes_no_copy() -> None:
    assert vacancy.copied("electrician, " * 60) == ()


def test_words_held_before_give_the_same_answer() -> None:
    text = f"{OWN}\n{VACANCY}"
    assert vacancy.copied(text, fold(text)) == vacancy.copied(text)


@pytest.mark.parametrize("text", ["", "...", "the and of", "\u200b", "1 2 3"])
def test_without_words_nothing_is_copied(text: str) -> None:
    assert vacancy.copied(text) == ()
    assert VacancyFingerprint(text).copied(VACANCY) == ()


def test_more_of_the_vacancy_brings_nothing_back() -> None:
    random = Random(3)
    own, lines = OWN.splitlines(), VACANCY.splitlines()
    for _ in range(50):
        copied = [lines[2], *random.choices(lines[1:], k=3)]
        text = "\n".join(random.sample([*own, *copied], len(own) + len(copied)))
        assert set(kept(text).split()) <= set(OWN.split())


def test_every_word_of_a_fold_stands_where_it_says() -> None:
    text = "Wélding\u200b-plates, \U0001d400\U0001d401\U0001d402 ＡＢＣ 12 it"
    folded = fold(text)
    words = [text[start:end] for start, end in zip(folded.start, folded.end, strict=True)]
    assert words == ["Wélding", "plates", "\U0001d400\U0001d401\U0001d402", "ＡＢＣ", "12", "it"]
    assert folded.key[2] == folded.key[3]
    assert folded.counts.tolist() == [True, True, True, True, False, False]
    assert np.unique(folded.slip_word).tolist() == [0, 1]


def pieces_of(random: Random, words: list[str], own: list[str]) -> str:
    """A text of short rows of words out of two others, cut into clauses and sentences at random."""
    text = ""
    for _ in range(random.randint(0, 6)):
        source, length = random.choice((words, own)), random.randint(1, 9)
        start = random.randrange(len(source) - length)
        row = source[start : start + length]
        if random.random() < 0.3:
            random.shuffle(row)
        text += random.choice((" ", ", ")).join(row) + random.choice((" ", ". ", "\n", ", "))
    return text


def test_no_copy_is_in_a_text_that_is_passed_over() -> None:
    random = Random(20261126)
    words, own = VACANCY.replace(".", " ").split(), OWN.replace(".", " ").split()
    texts = [OWN, "", VACANCY, "", *(pieces_of(random, words, own) for _ in range(3000))]
    may_copy = vacancy.may_be_in([fold(text) for text in texts])
    assert may_copy[:4] == [False, False, True, False]
    has_copy = [bool(vacancy.copied(text)) for text in texts]
    assert not any(copied and not may for copied, may in zip(has_copy, may_copy, strict=True))
    # The bound is near what is found, and no text leans on the one before it.
    assert 300 < sum(has_copy) < sum(may_copy) < 2000
    assert may_copy == [may for text in texts for may in vacancy.may_be_in([fold(text)])]
    assert vacancy.may_be_in([]) == []
    assert VacancyFingerprint("").may_be_in([fold(VACANCY), fold("")]) == [False, False]
