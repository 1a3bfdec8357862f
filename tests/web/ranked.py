"""A ranked vacancy with people whom reviewers decide on, through the console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.api.test_matching import CANDIDATES, WELDER, ranked
from tests.web.conftest import Console
from tests.web.pages import Page

RULED_OUT: dict[str, Any] = {
    "id": "t-out",
    "lang": "en",
    "skills": ["MIG welding", "grind welds"],
    "languages": ["en A1"],
}


@dataclass
class Ranked:
    """The welder vacancy after a run; ``people`` are candidate ids by the institution's id."""

    vacancy_id: str
    people: dict[str, str]
    pseudonyms: dict[str, str]
    run: dict[str, Any]
    order: list[str]

    def address(self, name: str) -> str:
        return f"/console/vacancies/{self.vacancy_id}/matches/{self.people[name]}"

    @property
    def shortlist(self) -> str:
        return f"/console/vacancies/{self.vacancy_id}/shortlist"


def rank(console: Console, *, people: Sequence[dict[str, Any]] = (), **vacancy: Any) -> Ranked:
    """Post the vacancy and a cohort through the API, and rank."""
    api = console.api
    made = api.published_vacancy(**{**WELDER, **vacancy})
    cohort = api.committed_cohort([*CANDIDATES, RULED_OUT, *people])
    run = ranked(api)
    listed = api.get("institution", f"/v1/cohorts/{cohort['id']}/candidates").json()["items"]
    matches = api.get("reviewer", f"/v1/vacancies/{made['id']}/matches").json()
    return Ranked(
        vacancy_id=made["id"],
        people={each["external_id"]: each["id"] for each in listed},
        pseudonyms={each["external_id"]: each["pseudonym"] for each in listed},
        run=run,
        order=[each["candidate"]["external_id"] for each in matches["items"]],
    )


def decide(
    console: Console, ranking: Ranked, name: str, decision: str, *, who: str = "reviewer", **more: Any
) -> Page:
    """Open a match, choose a decision there, send the form as it stands, and read where that leads."""
    form = console.page(who, ranking.address(name)).form("/decision")
    fields: dict[str, Any] = {key: values[-1] for key, values in form.fields.items() if values}
    fields |= {"decision": decision, **more}
    return console.posted(who, form.action, fields)
