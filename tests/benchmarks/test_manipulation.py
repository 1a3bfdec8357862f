"""The manipulated twins are what they say, and gain nothing where all is vetted."""

import json
from pathlib import Path
from random import Random

import pytest

from benchmarks.manipulation import main
from benchmarks.manipulations import KINDS, Material

OWN = "Baker in a village near Porto.\nKneaded dough, fired ovens, trained two apprentices.\nDrove the van."
VACANCY = """Industrial electrician
We are looking for an experienced electrician to join our maintenance crew in Rotterdam harbour.
You install switchgear, lay cables through cramped tunnels and repair faulty conveyor motors.
You read circuit diagrams and document every inspection in the logbook, and you train new colleagues.
Requirements: valid licence for high voltage, steady hands, willingness to climb cranes at night."""

MATERIAL = Material(
    own=OWN,
    vacancy=VACANCY,
    asked=[f"skill {name}" for name in "abcdefghij"],
    labels=[f"label {name}" for name in "abcdefghijklm"],
    claimed=["fired ovens"],
    rarity={"switchgear": 9.0},
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_manipulated_profile_adds_to_the_honest_one(kind: str) -> None:
    made = KINDS[kind](MATERIAL, Random(1))
    assert made is not None
    assert len(made) > len(OWN)
    rest = iter(made.splitlines())
    assert all(line in rest for line in OWN.splitlines())
    assert made == KINDS[kind](MATERIAL, Random(1))


def test_too_little_to_copy_makes_no_manipulation() -> None:
    little = Material(OWN, "Cook", [], [], [], {})
    made = {kind: KINDS[kind](little, Random(1)) for kind in KINDS}
    none = ["among_own_sentences", "labels_of_the_occupation"]
    none += ["list_in_two_places", "list_of_what_is_asked", "list_with_a_skill_of_ones_own"]
    none += ["own_lines_repeated", "rarest_words", "word_to_the_machine"]
    assert sorted(kind for kind, text in made.items() if text is None) == none


@pytest.mark.benchmark
def test_the_command_reports_every_kind_and_no_rise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = OWN.splitlines()
    vacancy = {"id": "v", "lang": "en", "title": "Industrial electrician", "description": VACANCY}
    people = [
        {"id": f"c{n}", "lang": "en", "text": "\n".join([*own[n % 3 :], f"Worked for {n} years as a cook."])}
        for n in range(12)
    ]
    (tmp_path / "vacancies.jsonl").write_text(json.dumps(vacancy) + "\n", encoding="utf-8")
    (tmp_path / "resumes.jsonl").write_text("".join(json.dumps(each) + "\n" for each in people), "utf-8")
    target = tmp_path / "figures.json"
    main(["--corpus", str(tmp_path), "--pairs", "12", "--json", str(target)])
    report = json.loads(target.read_text(encoding="utf-8"))
    assert report["all"]["rises"] == 0
    assert report["all"]["rises_without_vetting"] > 5
    assert report["all"]["pairs"] == sum(each["pairs"] for each in report["kinds"].values())
    assert report["untouched"]["pairs_flagged"] == 0
    assert json.loads(capsys.readouterr().out) == report
