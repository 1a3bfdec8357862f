import pytest

from app.matching.vetting.hidden import hidden_passages


def hidden(text: str) -> list[str]:
    return [text[start:end] for start, end, _ in hidden_passages(text)]


@pytest.mark.parametrize(
    "markup",
    [
        '<span style="color: #FFFFFF">welding</span>',
        "<span style='color:white;font-size:12px'>welding</span>",
        '<p style="display : none !important">welding <p>plates</p></p>',
        "<div hidden>welding <div>plates</div> pipes</div>",
        "<font color=white>welding</font>",
        '<i style="font-size:0">welding</i>',
        '<i style="font-size:1px">welding</i>',
        '<i style="opacity:0">welding</i>',
        '<i style="position:absolute;left:-9999px">welding</i>',
        "<!-- welding -->",
        "<!-- welding, never closed",
        "<script>welding</script>",
        "[//]: # (welding)",
    ],
)
def test_markup_that_hides_is_found(markup: str) -> None:
    text = f"Cook.\n{markup}"
    assert hidden(text) == [markup]


def test_an_element_is_hidden_by_the_rule_of_its_class() -> None:
    text = '<style>.gone{visibility:hidden}</style><p class="big gone">welding</p><p class="big">cooking</p>'
    assert hidden(text)[1] == '<p class="big gone">welding</p>'
    assert len(hidden(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "<b>Cook</b>, 5 < 6 and 7 > 3",
        '<p style="color:white;background:#003366">Cook</p>',
        '<p style="font-size:10px;opacity:0.9">Cook</p>',
        '<p style="color:whitesmoke;max-width:100px">Cook</p>',
        "Wrote the <script> of the play",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f Scotland",
        "Cook \u200b \u200bin a canteen, col\u00adleague",
        "می\u200cروم می\u200cروم می\u200cروم می\u200cروم",
        "\u202eשלום\u202c",
        "\uf0b7 Cook",
    ],
)
def test_what_people_see_is_not_hidden(text: str) -> None:
    assert hidden(text) == []


def test_tag_characters_and_overridden_directions_are_found() -> None:
    tags = "".join(chr(0xE0000 + ord(char)) for char in "welding")
    assert hidden(f"Cook{tags}.") == [tags]
    assert hidden("Cook \u202egnidlew\u202c and baker") == ["\u202egnidlew"]


def test_bits_in_characters_without_width_are_found() -> None:
    bits = "\u200b\u200c" * 8
    assert hidden(f"Cook {bits} and baker") == [bits]


def test_words_that_are_split_unseen_are_reported_from_the_third_on() -> None:
    assert hidden("wel\u200bding plates") == []
    assert hidden("wel\u200bding pla\u200btes and pi\u2060pes") == ["\u200b", "\u200b", "\u2060"]
