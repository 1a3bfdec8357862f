"""Pages of the normalisation queue."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from app.db import session_scope
from app.models import ConceptAlias, QueuedPhrase
from tests.api.test_lists import counted_statements
from tests.unit.services.small_taxonomy import SKILL
from tests.web.conftest import Console, partnership_of
from tests.web.pages import Page

HOSTILE = "<script>alert(1)</script>"
HERE = "/console/normalisation"


@pytest.fixture
def queue(console: Console) -> dict[str, str]:
    """A queue of three phrases; gives their entries by wording."""
    console.api.published_vacancy(
        title="Arc welder", lang="en", skills=[{"skill": "moonlight basketry"}, {"skill": HOSTILE}]
    )
    console.api.committed_cohort(
        [
            {"external_id": f"p-{number}", "lang": "en", "skills": [{"skill": "moonlight basketry"}]}
            for number in range(2)
        ]
        + [{"external_id": "f", "lang": "fr", "skills": [{"skill": "vannerie lunaire"}]}]
    )
    response = console.post("reviewer", f"{HERE}/refresh")
    assert re.fullmatch(r"/console/jobs/[0-9a-f-]{36}", response.headers["location"])
    console.api.work()
    with session_scope(console.api.factory, write=False) as session:
        return {row.wording: f"{HERE}/{row.id}" for row in session.scalars(select(QueuedPhrase))}


def leave_the_test(console: Console) -> None:
    """Make the partnership one with real people, which shares aliases with others."""
    with session_scope(console.api.factory) as session:
        partnership_of(session, console.api, "").is_test = False


def words(console: Console, query: str = "") -> list[str]:
    page = console.page("reviewer", f"{HERE}{query}")
    return [text for href, text in page.links if re.match(rf"{HERE}/[0-9a-f-]{{36}}", href)]


def test_the_most_frequent_phrase_comes_first(console: Console, queue: dict[str, str]):
    assert words(console)[0] == "moonlight basketry"
    assert set(words(console)) >= {"moonlight basketry", "vannerie lunaire", HOSTILE}


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?lang=fr", {"vannerie lunaire"}),
        ("?kind=skill&lang=en", {"moonlight basketry", HOSTILE}),
        ("?reason=low_confidence&kind=skill", set()),
        ("?state=dismissed", set()),
    ],
)
def test_the_address_narrows_the_list(console: Console, queue: dict[str, str], query: str, shown: set[str]):
    assert set(words(console, query)) == shown


def test_the_list_takes_the_same_number_of_queries_whatever_waits(console: Console, queue: dict[str, str]):
    def opened(query: str) -> int:
        with counted_statements(console.api.engine) as statements:
            console.page("reviewer", f"{HERE}{query}")
        return len(statements)

    assert opened("?kind=skill&lang=fr") == opened("?kind=skill")


def test_a_phrase_says_where_it_stands(console: Console, queue: dict[str, str]):
    page = console.page("reviewer", queue["moonlight basketry"])

    assert "in 1 vacancy" in page.text
    assert "in 2 profiles" in page.text
    assert any(href.startswith("/console/vacancies/") and text == "Arc welder" for href, text in page.links)
    assert sum(href.startswith("/console/candidates/") for href, _ in page.links) == 2


def test_work_that_a_profile_names_is_found(console: Console):
    work = [{"occupation": "lunar basket maker «é»", "months": 3}]
    console.api.committed_cohort([{"external_id": "p", "lang": "en", "experience": work}])
    console.post("reviewer", f"{HERE}/refresh")
    console.api.work()
    [entry] = [href for href, text in console.page("reviewer", HERE).links if "basket maker" in text]

    page = console.page("reviewer", entry)

    assert sum(href.startswith("/console/candidates/") for href, _ in page.links) == 1


@pytest.mark.parametrize("is_fragment", [False, True])
def test_the_taxonomy_is_searched_with_and_without_scripts(
    console: Console, queue: dict[str, str], is_fragment: bool
):
    headers = {"HX-Request": "true"} if is_fragment else {}

    response = console.get("reviewer", f"{queue['moonlight basketry']}?q=grind", headers=headers)

    assert response.status_code == 200
    assert ("<html" in response.text) is not is_fragment
    assert "grind welds" in response.text
    assert f"concept_uri={SKILL.replace(':', '%3A')}grinding" in response.text


def test_who_reads_in_one_language_finds_what_they_type_in_another(console: Console, queue: dict[str, str]):
    console.post("reviewer", "/console/language", {"locale": "fr"})

    page = console.page("reviewer", f"{queue['moonlight basketry']}?q=drawings")

    assert "lire des plans" in page.text
    assert "read technical drawings" in page.text


def test_deciding_shows_first_what_would_change_and_then_the_next_phrase(
    console: Console, queue: dict[str, str]
):
    entry = queue["moonlight basketry"]
    preview = console.page("reviewer", f"{entry}/preview?kind=skill&concept_uri={SKILL}grinding")
    assert "3 links would change" in preview.text
    assert "In 1 vacancy · in 2 profiles" in preview.text
    form = preview.form("/alias")
    assert form.action.endswith("?kind=skill")
    assert form.fields["alias_lang"] == ["en"]

    shown = console.posted(
        "reviewer",
        form.action,
        {"concept_uri": f"{SKILL}grinding", "alias_lang": "en", "note": "as they say"},
    )

    assert "The alias holds from the next ranking on." in shown.text
    assert shown.h1 in {"vannerie lunaire", HOSTILE}
    assert "moonlight basketry" not in words(console)
    assert words(console, "?state=aliased") == ["moonlight basketry"]
    undone = console.posted("reviewer", shown.form("/withdraw").action)
    assert "waits in the queue again" in undone.text
    assert "moonlight basketry" in words(console)


def test_a_proposal_waits_in_the_list_of_aliases(console: Console, queue: dict[str, str]):
    entry = queue["vannerie lunaire"]
    console.post("reviewer", f"{entry}/alias", {"concept_uri": "", "alias_lang": "fr", "decision": "propose"})
    assert "vannerie lunaire" in words(console)
    page = console.page("reviewer 2", f"{HERE}/aliases?state=proposed")
    assert "no concept" in page.text
    assert "Reviewer" in page.text

    console.posted("reviewer 2", page.form("/approve").action)

    assert "vannerie lunaire" not in words(console)
    with session_scope(console.api.factory, write=False) as session:
        alias = session.scalars(select(ConceptAlias)).one()
        assert alias.proposed_by_account_id == console.accounts["reviewer"]
        assert alias.approved_by_account_id == console.accounts["reviewer 2"]


def test_deciding_the_same_twice_is_told_on_the_page(console: Console, queue: dict[str, str]):
    entry = queue["moonlight basketry"]
    form = {"concept_uri": f"{SKILL}grinding", "alias_lang": "en", "note": "kept note"}
    console.post("reviewer", f"{entry}/alias", form)

    response = console.post("reviewer", f"{entry}/alias", form)

    assert response.status_code == 422
    assert "says the same" in response.text
    assert "kept note" in response.text


def test_a_dismissed_phrase_comes_back_only_when_somebody_puts_it_back(
    console: Console, queue: dict[str, str]
):
    entry = queue["vannerie lunaire"]
    shown = console.posted("reviewer", f"{entry}/dismiss?lang=fr")
    assert shown.h1 == "What phrases mean"
    assert "does not come back by itself" in shown.text
    assert words(console, "?state=dismissed") == ["vannerie lunaire"]

    console.posted("reviewer", shown.form("/reopen").action)

    assert "vannerie lunaire" in words(console)
    assert console.post("reviewer", f"{entry}/reopen").status_code == 409


def test_only_an_administrator_may_share_an_alias(console: Console, queue: dict[str, str]):
    entry = queue["moonlight basketry"]
    address = f"{entry}/preview?concept_uri={SKILL}grinding"
    offered = [who for who in ("reviewer", "admin") if 'name="shared"' in console.get(who, address).text]
    assert offered == [], "in a test partnership"
    leave_the_test(console)
    assert 'name="shared"' not in console.get("reviewer", address).text
    assert 'name="shared"' in console.get("admin", address).text

    form = {"concept_uri": f"{SKILL}grinding", "alias_lang": "en", "shared": "yes"}
    assert console.post("reviewer", f"{entry}/alias", form).status_code == 403


def test_a_shared_alias_says_that_it_holds_everywhere(console: Console, queue: dict[str, str]):
    leave_the_test(console)
    form = {"concept_uri": f"{SKILL}grinding", "alias_lang": "en", "shared": "yes"}
    console.posted("admin", f"{queue['moonlight basketry']}/alias", form)

    page = console.page("reviewer", f"{HERE}/aliases")

    assert "moonlight basketry Skill · English · in all partnerships" in page.text
    assert not any(form.action.endswith("/withdraw") for form in page.forms)
    console.page("admin", f"{HERE}/aliases").form("/withdraw")
    console.api.add_partnership("b:")
    assert not any(
        form.action.endswith("/withdraw") for form in console.page("b:admin", f"{HERE}/aliases").forms
    )


def test_an_auditor_sees_aliases_and_not_the_queue(console: Console, queue: dict[str, str]):
    assert console.get("auditor", HERE).status_code == 403
    assert console.get("auditor", queue["moonlight basketry"]).status_code == 403
    page = console.page("auditor", f"{HERE}/aliases")
    assert not page.has_link(HERE)


@pytest.mark.parametrize("step", ["", "/preview"])
def test_another_partnership_has_no_such_phrase(console: Console, queue: dict[str, str], step: str):
    console.api.add_partnership("b:")

    assert console.get("b:reviewer", f"{queue['moonlight basketry']}{step}").status_code == 404
    assert "moonlight" not in console.page("b:reviewer", HERE).text


@pytest.mark.parametrize("step", ["alias", "dismiss", "reopen"])
def test_another_partnership_decides_nothing(console: Console, queue: dict[str, str], step: str):
    console.api.add_partnership("b:")

    form = {"concept_uri": "", "alias_lang": "en"}
    assert console.post("b:reviewer", f"{queue['moonlight basketry']}/{step}", form).status_code == 404
    assert "moonlight basketry" in words(console)


def test_a_phrase_that_names_nothing_links_to_nothing_then(console: Console, queue: dict[str, str]):
    entry = console.page("reviewer", queue["moonlight basketry"])
    [address] = [href for href, text in entry.links if text == "It names no skill or occupation at all"]

    preview = console.page("reviewer", address)

    assert "moonlight basketry means no concept" in preview.text
    assert "nobody guesses" in preview.text
    assert preview.form("/alias").fields["concept_uri"] == [""]


def test_a_phrase_without_a_language_gets_one_with_its_alias(console: Console):
    phrase = "lunar basketry"
    text = f"Years of {phrase}, and nothing else."
    console.api.committed_cohort([{"external_id": "p", "skills": [{"skill": phrase}], "text": text}])
    console.post("reviewer", f"{HERE}/refresh")
    console.api.work()
    [entry] = [href for href, text in console.page("reviewer", HERE).links if text == phrase]
    assert "language not declared" in console.page("reviewer", entry).text

    preview = console.page("reviewer", f"{entry}/preview?concept_uri={SKILL}grinding")

    assert f"{phrase} (in running text) nothing grind welds" in preview.text
    form = preview.form("/alias")
    assert form.choices["alias_lang"][0] == ""
    answer = console.post("reviewer", form.action, {**form.fields, "alias_lang": ""})
    assert answer.status_code == 422
    page = Page.of(answer.text)
    assert page.has_link("#alias_lang")
    assert "Choose the language that the alias holds for." in page.text
    console.posted("reviewer", form.action, {**form.fields, "alias_lang": "fr"})
    assert phrase not in words(console)


def test_a_phrase_that_was_decided_on_says_how_and_what_can_be_done(console: Console, queue: dict[str, str]):
    answered, left = queue["moonlight basketry"], queue["vannerie lunaire"]
    console.posted("reviewer", f"{answered}/alias", {"concept_uri": f"{SKILL}grinding", "alias_lang": "en"})
    console.posted("reviewer", f"{left}/dismiss")

    page = console.page("reviewer", answered)
    assert "An alias answers it." in page.text
    assert page.has_link(f"{HERE}/aliases?state=approved")
    page = console.page("reviewer", left)
    assert "waits in the queue again" in console.posted("reviewer", page.form("/reopen").action).text


def test_a_phrase_whose_vacancy_was_closed_stands_nowhere(console: Console, queue: dict[str, str]):
    [vacancy] = console.api.get("employer", "/v1/vacancies").json()["items"]
    console.api.made("employer", f"/v1/vacancies/{vacancy['id']}:close", None)

    page = console.page("reviewer", queue[HOSTILE])

    assert "In no record that is ranked now" in page.text


def test_a_concept_of_another_kind_or_none_is_refused(console: Console, queue: dict[str, str]):
    entry = queue["moonlight basketry"]

    for uri in ("urn:test:occupation:arc-welder", "urn:nowhere"):
        assert console.get("reviewer", f"{entry}/preview?concept_uri={uri}").status_code == 404


def test_hostile_words_are_shown_and_never_run(console: Console, queue: dict[str, str]):
    for address in (HERE, queue[HOSTILE], f"{queue[HOSTILE]}/preview?concept_uri={SKILL}grinding"):
        page = console.page("reviewer", address)
        assert "alert(1)" in page.text
        assert HOSTILE not in page.source


def test_links_keep_what_the_list_is_narrowed_to(console: Console, queue: dict[str, str]):
    page = console.page("reviewer", f"{HERE}?kind=skill&lang=en")
    [href] = [href for href, text in page.links if text == "moonlight basketry"]

    assert parse_qs(urlsplit(href).query) == {"kind": ["skill"], "lang": ["en"]}
    entry = console.page("reviewer", href)
    following = [href for href, text in entry.links if text == "Next phrase, without deciding"]
    assert parse_qs(urlsplit(following[0]).query) == {"kind": ["skill"], "lang": ["en"]}
