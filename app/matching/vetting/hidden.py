"""Text that a machine reads and a person does not see."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from app.matching.vetting.passages import Passage, Reason

# Tag characters spell out text that nothing shows; behind a black flag they choose a region's.
_TAGS = re.compile("(\U0001f3f4?)([\U000e0000-\U000e007f]+)")
_FLAG_TAGS = 8
_NOTHING = "\u180b-\u180e\u200b-\u200f\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
# Bits spelt in characters without width; copying from pages leaves one here and there.
_NOTHING_RUN = re.compile(f"[{_NOTHING}]{{8,}}")
_SPLIT = re.compile("(?<=[^\\W\\d_])[\u200b-\u200d\u2060-\u2064\ufeff]+(?=[^\\W\\d_])")
_LEAST_SPLIT = 3
# Scripts in which letters are joined or cut by such characters as a matter of spelling.
_PLAIN_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC")
_OVERRIDDEN = re.compile("[\u202d\u202e]([^\u202c\n]*)(?:\u202c|\n|$)")

_MARKDOWN_COMMENT = re.compile(r"^\[//\]:[ ]?#[^\n]*", re.MULTILINE)
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b([^<>]*)>", re.IGNORECASE)
_NEVER_SHOWN = frozenset({"script", "style", "template", "head", "noscript"})
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr"})
_ATTRIBUTE = re.compile(r"""([a-z-]+)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""", re.IGNORECASE)
_CLASS_RULE = re.compile(r"\.([\w-]+)\s*\{([^{}]*)\}")
_WHITE = (
    r"(?:white|snow|ivory|transparent|#f[a-f0-9]f[a-f0-9]f[a-f0-9]|#fff"
    r"|rgba?\(25[0-5],25[0-5],25[0-5].*?\)|rgba\(.*?,0?\.?0*\))"
)
_HIDING = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|(?<![\w-])opacity:0?\.?0*(?![\d.])"
    r"|font-size:(?:0?\.\d+|[01](?:\.\d+)?)(?![\d.])"
    rf"|(?<![\w-])color:{_WHITE}(?![\w-])|(?:text-indent|left|top|margin-left):-\d{{3,}}|clip:rect\([01]"
    r"|(?<![\w-])(?:max-)?(?:width|height):[01](?:px|pt)?(?![\d.])"
)
_DARK_GROUND = re.compile(r"background(?:-color)?:(?!\s*(?:white|#fff|none|transparent))")


def hidden_passages(text: str) -> Iterator[Passage]:
    """Find what is not to be seen: tag characters, overridden directions, hidden markup.

    Words that invisible characters split are read as the words they show; three of them
    are reported, as what is split is meant not to be found.
    """
    spans = _markup(text) if "<" in text or "[//]" in text else iter(())
    yield from (Passage(start, end, Reason.INVISIBLE) for start, end in spans)
    if text.isascii():
        return
    for match in _TAGS.finditer(text):
        if not (match[1] and len(match[2]) <= _FLAG_TAGS):
            yield Passage(match.start(2), match.end(), Reason.INVISIBLE)
    for match in _NOTHING_RUN.finditer(text):
        yield Passage(match.start(), match.end(), Reason.INVISIBLE)
    for match in _OVERRIDDEN.finditer(text):
        if _is_turned(match[0][0], match[1]):
            yield Passage(match.start(), match.end(1), Reason.INVISIBLE)
    split = [match for match in _SPLIT.finditer(text) if _is_plain(text[match.start() - 1])]
    if len(split) >= _LEAST_SPLIT:
        yield from (Passage(match.start(), match.end(), Reason.INVISIBLE) for match in split)


def _is_turned(override: str, text: str) -> bool:
    """Whether an override turns letters against the direction that they have."""
    wanted = ("L",) if override == "\u202e" else ("R", "AL")
    return any(unicodedata.bidirectional(char) in wanted for char in text)


def _is_plain(char: str) -> bool:
    return unicodedata.name(char, "").startswith(_PLAIN_SCRIPTS)


def _markup(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_HTML_COMMENT, _MARKDOWN_COMMENT):
        yield from (match.span() for match in pattern.finditer(text))
    hiding_classes = {name for name, rules in _CLASS_RULE.findall(text) if _hides(rules)}
    opened: list[tuple[str, int]] = []  # name and start of the hidden element, and of those inside it
    for match in _TAG.finditer(text):
        name = match[2].lower()
        if name in _VOID or match[3].endswith("/"):
            continue
        if match[1]:
            if opened and opened[-1][0] == name:
                _, start = opened.pop()
                if not opened:
                    yield start, match.end()
        elif opened:
            if name == opened[-1][0]:
                opened.append((name, match.start()))
        elif name in _NEVER_SHOWN or _is_hidden(name, match[3], hiding_classes):
            opened.append((name, match.start()))
    if opened and opened[0][0] not in _NEVER_SHOWN:
        # Nothing closes it: a browser hides the rest. A name like <script> alone may be a word of the text.
        yield opened[0][1], len(text)


def _is_hidden(name: str, attributes: str, hiding_classes: set[str]) -> bool:
    for match in _ATTRIBUTE.finditer(attributes):
        attribute, value = match[1].lower(), match[2] or match[3] or match[4] or ""
        if attribute == "hidden" or (attribute == "style" and _hides(value)):
            return True
        if attribute == "class" and not hiding_classes.isdisjoint(value.split()):
            return True
        if name == "font" and attribute == "color" and _hides(f"color:{value}"):
            return True
        if name == "font" and attribute == "size" and value.strip() == "0":
            return True
    return False


def _hides(rules: str) -> bool:
    plain = re.sub(r"\s|!important", "", rules.lower())
    found = _HIDING.search(plain)
    return found is not None and not (found[0].startswith("color:") and _DARK_GROUND.search(plain))
