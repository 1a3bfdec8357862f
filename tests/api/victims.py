"""Records of a victim: whatever another must not see, with a marker in every text."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.api.conftest import Api

MARKER = "Zaffre"  # in every text of the victims, and nowhere else


@dataclass
class Loot:
    """What is a victim's: values for the parameters of operations, and what must never show."""

    by_parameter: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)

    def add(self, parameter: str, value: str) -> str:
        self.by_parameter[parameter] = value
        self.secrets.add(value)
        return value


def marked(name: str) -> str:
    return f"{MARKER}-{name}"


def add_organisation(api: Api, name: str, kind: str, admin: str = "admin") -> str:
    """Add an organisation to the admin's partnership, with a key under its name."""
    made = api.made(admin, "/v1/organisations", {"external_id": marked(name), "kind": kind, "name": name})
    body = {"label": marked(name), "role": kind, "organisation_id": made["id"]}
    issued = api.made(admin, "/v1/api-keys", body)
    api.keys[name] = issued["secret"]
    api.ids[name], api.ids[f"{name} key"] = made["id"], issued["key"]["id"]
    return str(made["id"])


def fill_employer(api: Api, name: str, loot: Loot) -> None:
    texts = {"title": marked("title"), "description": marked("description"), "occupation": marked("trade")}
    draft = api.made(
        name,
        "/v1/vacancies",
        {"external_id": marked("draft"), **texts, "skills": [marked("skill")], "country": "PL"},
    )
    loot.add("vacancy_id", draft["id"])
    need = {"external_id": marked("need"), "occupation": marked("trade"), "headcount": 1}
    loot.add("need_id", api.made(name, "/v1/skills-needs", need)["id"])
    loot.add("employer_id", api.ids[name])
    common(api, name, loot)


def fill_institution(api: Api, name: str, loot: Loot) -> None:
    programme = {"external_id": marked("programme"), "title": marked("title"), "skills": [marked("skill")]}
    loot.add("programme_id", api.made(name, "/v1/programmes", programme)["id"])
    cohort = {"external_id": marked("cohort"), "title": marked("title"), "programme": marked("programme")}
    cohort_id = loot.add("cohort_id", api.made(name, "/v1/cohorts", cohort)["id"])
    candidate = {
        "external_id": marked("candidate"),
        "text": marked("text"),
        "skills": [marked("skill")],
        "identity": {"given_name": marked("name"), "email": f"{MARKER}@invented.example"},
    }
    made = api.made(name, f"/v1/cohorts/{cohort_id}/candidates", candidate)
    loot.add("candidate_id", made["id"])
    loot.secrets.add(made["pseudonym"])
    api.made(name, f"/v1/cohorts/{cohort_id}:commit", None)
    loot.add("institution_id", api.ids[name])
    common(api, name, loot)


def common(api: Api, name: str, loot: Loot) -> None:
    loot.add("organisation_id", api.ids[name])
    loot.add("key_id", api.ids[f"{name} key"])
    loot.add("subject_id", api.ids[name])


def fill_rankings(api: Api, reviewer: str, employer: str, loot: Loot) -> str:
    """Publish and rank; gives the published vacancy.

    Institutions may read it, so it is known by its id and has no marker.
    """
    shown = api.published_vacancy(employer, external_id="shown")
    loot.secrets.add(shown["id"])
    run = api.made(reviewer, "/v1/match-runs", {})
    loot.add("run_id", run["id"])
    loot.add("run", run["id"])
    loot.add("job_id", run["job_id"])
    assert api.work() == 1
    ranking = api.get(reviewer, f"/v1/vacancies/{shown['id']}/matches").json()
    loot.add("match_id", ranking["items"][0]["id"])
    review = {
        "candidate_id": ranking["items"][0]["candidate"]["id"],
        "decision": "deferred",
        "reason": "other",
        "note": marked("note"),
    }
    loot.secrets.add(api.made(reviewer, f"/v1/vacancies/{shown['id']}/reviews", review)["id"])
    fill_normalisation(api, reviewer, loot)
    fill_weights(api, reviewer.replace("reviewer", "admin"), loot)
    return str(shown["id"])


def fill_weights(api: Api, admin: str, loot: Loot) -> None:
    """Propose weights."""
    body = {"name": "theirs", "values": {"title": 3.0}, "reason": marked("reason")}
    loot.add("profile_id", api.made(admin, "/v1/weight-profiles", body)["id"])


def fill_normalisation(api: Api, reviewer: str, loot: Loot) -> None:
    """Propose an alias, and queue what the run before could not link."""
    alias = {"phrase": marked("alias"), "lang": "en", "kind": "skill", "concept_uri": None}
    loot.add("alias_id", api.made(reviewer, "/v1/aliases", alias)["id"])
    queue = api.get(reviewer, "/v1/normalisation-queue").json()["items"]
    assert any(marked("skill") in entry["wording"] for entry in queue)
    loot.secrets.update(entry["id"] for entry in queue)
    loot.add("entry_id", queue[0]["id"])


def own_view(api: Api, name: str) -> list[str]:
    """What a victim sees of its own records."""
    paths = ("vacancies", "skills-needs", "programmes", "cohorts", "api-keys", "organisations")
    answers = [api.get(name, f"/v1/{path}?limit=200") for path in paths]
    seen = [answer.text for answer in answers if answer.status_code == 200]
    assert seen
    return seen
