"""Properties of the canonical form."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.matching.text import _word_pattern, canonical, tokens


@given(st.text())
@example("ΐ")
@example("İ")
@example("ﷺ .NET C++")
def test_canonical_is_idempotent(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once


@given(st.text(alphabet=st.characters(max_codepoint=0x5FF)))
@settings(max_examples=1000)
def test_canonical_is_idempotent_where_it_takes_one_pass(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once


@given(st.text())
def test_tokens_stand_where_they_say(text: str) -> None:
    for token in tokens(text):
        assert 0 <= token.start < token.end <= len(text)
        assert token.text in canonical(text[token.start : token.end]).split()


@given(st.text(alphabet=st.characters(codec="ascii")), st.text(alphabet=st.characters(codec="ascii")))
def test_case_never_matters(left: str, right: str) -> None:
    assert canonical(f"{left} {right}".upper()) == canonical(f"{left} {right}".lower())


@given(
    st.one_of(st.text(alphabet=st.characters(codec="ascii")), st.from_regex(r"[A-Za-z0-9 ]*", fullmatch=True))
)
def test_plain_letters_need_no_pattern(text: str) -> None:
    assert canonical(text) == " ".join(_word_pattern().findall(text.lower()))
