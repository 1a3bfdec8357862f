"""Confidence stands beside a score, by what the score rests on."""

import pytest

from app.domain.confidence import Confidence, confidence_flags, confidence_of


@pytest.mark.parametrize(
    ("flags", "band"),
    [
        ((), Confidence.HIGH),
        (("copied_from_vacancy",), Confidence.HIGH),
        (("thin_profile",), Confidence.MEDIUM),
        (("inferred_requirements", "inferred_requirements"), Confidence.MEDIUM),
        (("inferred_requirements", "thin_profile"), Confidence.LOW),
        (("thin_vacancy", "unlinked_requirements"), Confidence.LOW),
    ],
)
def test_one_reason_makes_it_medium_and_two_low(flags, band):
    assert confidence_of(confidence_flags(flags)) is band
