"""Label tables: what a label stands for and in which order rows lie."""

import random

import numpy as np
import pytest

from app.matching.labels import DERIVED, PREFERRED, build_label_table, derived_forms


@pytest.mark.parametrize(
    ("label", "forms"),
    [
        ("Java (computer programming)", ["Java"]),
        ("soudeur/soudeuse", ["soudeur", "soudeuse"]),
        (
            "technicien de maintenance/technicienne de maintenance",
            ["technicien de maintenance", "technicienne de maintenance"],
        ),
        ("Elektriker/in", ["Elektriker", "Elektrikerin"]),
        ("MIG/MAG", []),
        ("weld pipes", []),
    ],
)
def test_derived_forms(label: str, forms: list[str]) -> None:
    assert list(derived_forms(label)) == forms


def test_the_strongest_kind_of_a_repeated_label_stays() -> None:
    table = build_label_table(["Java (language)", "java"], [3, 3], [PREFERRED, PREFERRED], ["en", "en"])
    java = table.texts.index("java")
    assert table.kind[table.text_row == java].tolist() == [PREFERRED]
    assert DERIVED not in table.kind


def test_row_order_does_not_depend_on_input_order() -> None:
    rows = [("weld", 0, 0, "en"), ("souder", 0, 0, "fr"), ("welding", 0, 1, "en"), ("weld", 1, 1, "en")]
    shuffled = rows[:]
    random.Random(7).shuffle(shuffled)
    left, right = (build_label_table(*map(list, zip(*table, strict=True))) for table in (rows, shuffled))
    assert left.texts == right.texts
    for name in ("text_row", "concept_row", "kind", "lang_row"):
        assert np.array_equal(getattr(left, name), getattr(right, name))
