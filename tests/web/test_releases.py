"""A vacancy's requirements once another release of the taxonomy is in use."""

from __future__ import annotations

from dataclasses import replace

from app.db import session_scope
from app.domain.enums import RelationKind
from app.domain.taxonomy import Relation, Taxonomy
from app.services.taxonomy import import_release
from tests.api.conftest import read_result
from tests.factories import NOW
from tests.unit.services.small_taxonomy import SKILL, small_taxonomy
from tests.web.conftest import Console
from tests.web.test_vacancies import at, labels, published, requirement


def use(console: Console, taxonomy: Taxonomy) -> None:
    """Import a release and make it the one in use."""
    with session_scope(console.api.factory) as session:
        newer = read_result(replace(taxonomy, name="small-2"))
        import_release(session, newer, now=NOW, make_default=True)


def test_a_decision_for_a_skill_that_a_newer_release_leaves_out_waits(console: Console):
    vacancy = published(console.api)
    gone = f"{SKILL}unused-skill"
    name = requirement(console.page("reviewer", at(vacancy)), "fit pipes")
    sent = {"settled": "corrected", "decided_uri": gone}
    console.posted("reviewer", f"{at(vacancy)}/requirements/{name}", sent)
    small = small_taxonomy()
    concepts = tuple(each for each in small.concepts if each.uri != gone)
    use(console, replace(small, concepts=concepts, labels=tuple(e for e in small.labels if e.uri != gone)))
    page = console.page("reviewer", at(vacancy))
    assert "1 decision is for a skill that the taxonomy in use does not have" in page.text
    # Until somebody decides again, it is as the words were linked.
    assert "fit pipes" in labels(page)


def test_all_that_a_skill_belongs_to_tells_it_from_others(console: Console):
    vacancy = published(console.api)
    link = f"{at(vacancy)}/requirements/{requirement(console.page('reviewer', at(vacancy)), 'fit pipes')}"
    assert "Belongs to: perform arc welding" in console.page("reviewer", f"{link}?q=MIG").text
    small = small_taxonomy()
    also = Relation(f"{SKILL}mig-welding", RelationKind.BROADER, f"{SKILL}grinding")
    use(console, replace(small, relations=tuple(sorted((*small.relations, also)))))
    found = console.page("reviewer", f"{link}?q=MIG").text.split("Belongs to: ")[1]
    assert found.startswith(("grind welds , perform arc welding", "perform arc welding , grind welds"))
