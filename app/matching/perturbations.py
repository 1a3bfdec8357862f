"""Labels as people get them wrong: typed errors, other word order, harmless words around."""

from __future__ import annotations

from random import Random

from app.matching.text import canonical

MIN_LETTERS = 4
"""Shorter words stay as they are: one error makes another word of them."""

# Neighbours on the keys of QWERTY; on QWERTZ and AZERTY most are neighbours too.
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    key: "".join(
        other[at]
        for other, first, last in (
            (row, column - 1, column + 2),
            *((_ROWS[near], column - 1, column + 2) for near in (number - 1, number + 1) if 0 <= near < 3),
        )
        for at in range(max(0, first), min(len(other), last))
        if other[at] != key
    )
    for number, row in enumerate(_ROWS)
    for column, key in enumerate(row)
}

PADDING: dict[str, tuple[str, ...]] = {
    "ar": ("معرفة جيدة في {}", "خبرة سنتين في {}", "{} (مطلوب)", "إتقان {}", "{} بشكل أساسي"),
    "de": (
        "gute Kenntnisse: {}",
        "{} (zwingend)",
        "mindestens 2 Jahre Erfahrung, {}",
        "{} von Vorteil",
        "sehr gut: {}",
        "Grundkenntnisse, {}",
    ),
    "en": (
        "basic {}",
        "{} (mandatory)",
        "2 years of {}",
        "good knowledge of {}",
        "proven experience: {}",
        "{} is an advantage",
        "excellent {} skills",
    ),
    "es": (
        "conocimientos de {}",
        "{} (imprescindible)",
        "2 años de experiencia: {}",
        "buen nivel: {}",
        "se valora {}",
        "{} nivel básico",
    ),
    "fr": (
        "bonnes connaissances : {}",
        "{} (exigé)",
        "2 ans d'expérience, {}",
        "maîtrise : {}",
        "{} serait un plus",
        "notions, {}",
    ),
    "it": ("buona conoscenza: {}", "{} (obbligatorio)", "2 anni di esperienza, {}", "{} livello base"),
    "nl": ("goede kennis: {}", "{} (vereist)", "2 jaar ervaring, {}", "{} is een pluspunt"),
    "pl": ("dobra znajomość: {}", "{} (wymagane)", "2 lata doświadczenia, {}", "{} mile widziane"),
}
"""Words of ours around a label, by language; {} is the label."""

NEUTRAL_PADDING = ("{} (***)", "1. {}", "- {};", "{} !")
"""For languages without words above: marks and numbers only."""


def with_typos(text: str, n_edits: int, random: Random) -> str | None:
    """Make errors of typing in different words where there are enough, else in one.

    An error puts a neighbouring key for a letter, leaves a letter out, types one twice
    or swaps two. The first letter of a word stays, as it mostly does (Kukich 1992).

    Returns
    -------
    str or None
        None if no word has ``MIN_LETTERS`` letters.
    """
    words = text.split()
    places = [at for at, word in enumerate(words) if len(word) >= MIN_LETTERS and word.isalpha()]
    if not places:
        return None
    chosen = random.sample(places, min(n_edits, len(places)))
    chosen += [random.choice(places) for _ in range(n_edits - len(chosen))]
    for at in chosen:
        words[at] = _with_typo(words[at], random)
    return " ".join(words)


def _with_typo(word: str, random: Random) -> str:
    at = random.randrange(1, len(word))
    edit = random.choice(("substitute", "delete", "insert", "transpose"))
    near = _NEIGHBOURS.get(word[at].lower())
    if edit == "substitute" and near:
        return word[:at] + random.choice(near) + word[at + 1 :]
    if edit == "transpose" and at + 1 < len(word) and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if edit == "insert":
        return word[:at] + random.choice(near or word[at]) + word[at:]
    return word[:at] + word[at + 1 :]


def reordered(text: str, random: Random) -> str | None:
    """Put the words in another order; None if there is no other."""
    words = text.split()
    if len({canonical(word) for word in words}) < 2:
        return None
    moved = list(words)
    while moved == words:
        random.shuffle(moved)
    return " ".join(moved)


def padded(text: str, lang: str, random: Random) -> str:
    """Put harmless words of a language around a label."""
    return random.choice(PADDING.get(lang, NEUTRAL_PADDING)).format(text)
