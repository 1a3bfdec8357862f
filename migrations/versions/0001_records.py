"""Create the tables of the records, the match runs, the jobs and the audit log.

Revision: 0001
Revises: none
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.Uuid()
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON()
TEXT = sa.Text()
INT = sa.Integer()
CODE = sa.String(32)

# In the order in which they can be made; dropped the other way round.
TABLES = (
    "partnership",
    "audit_event",
    "organisation",
    "api_key",
    "skills_need",
    "training_programme",
    "vacancy",
    "cohort",
    "idempotency_key",
    "match_run",
    "programme_skill_claim",
    "skill_requirement",
    "skills_need_requirement",
    "vacancy_language",
    "candidate_profile",
    "cohort_issue",
    "job",
    "ranked_vacancy",
    "candidate_identity",
    "candidate_language",
    "candidate_occupation",
    "match",
    "skill_claim",
    "match_contribution",
)

APPEND_ONLY_SQLITE = """
CREATE TRIGGER audit_event_no_{action} BEFORE {action} ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
"""
APPEND_ONLY_POSTGRESQL = """
CREATE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$;
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
EXECUTE FUNCTION audit_event_is_append_only()
"""


def required(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def optional(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def one_of(column: str, *values: str) -> str:
    quoted = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({quoted})"


def key(columns: list[str], table: str, *, cascade: bool = False) -> dict[str, Any]:
    """Describe a foreign key: the first column refers to ``id``, the others to their namesakes."""
    return {
        "columns": columns,
        "refcolumns": [f"{table}.{column}" for column in ["id", *columns[1:]]],
        "ondelete": "CASCADE" if cascade else None,
    }


def table(
    name: str,
    *columns: sa.Column[Any],
    primary: list[str],
    unique: Sequence[list[str]] = (),
    keys: Sequence[Mapping[str, Any]] = (),
    checks: Mapping[str, str] | None = None,
    indexes: Sequence[list[str]] = (),
) -> None:
    """Create a table whose constraints carry the names that the models give them.

    The names are spelled out here and not taken from the models, so that this
    revision makes the same schema for ever.
    """

    def named(kind: str, parts: list[str]) -> Any:
        return op.f("_".join([kind, name, *parts]))

    op.create_table(
        name,
        *columns,
        sa.PrimaryKeyConstraint(*primary, name=op.f(f"pk_{name}")),
        *(sa.UniqueConstraint(*parts, name=named("uq", parts)) for parts in unique),
        *(sa.ForeignKeyConstraint(**k, name=named("fk", k["columns"])) for k in keys),
        *(sa.CheckConstraint(rule, name=named("ck", [label])) for label, rule in (checks or {}).items()),
    )
    for parts in indexes:
        op.create_index(named("ix", parts), name, parts)


def upgrade() -> None:
    table(
        "partnership",
        required("id", ID),
        required("name", TEXT),
        required("is_test", sa.Boolean()),
        required("created_at", TIME),
        primary=["id"],
        unique=[["name"]],
    )
    table(
        "audit_event",
        required("id", ID),
        required("partnership_id", ID),
        required("at", TIME),
        optional("actor_key_id", ID),
        required("actor_role", CODE),
        optional("actor_organisation_id", ID),
        required("operation", sa.String(64)),
        required("subject_type", sa.String(64)),
        required("subject_id", ID),
        required("details", JSON),
        primary=["id"],
        keys=[key(["partnership_id"], "partnership")],
        checks={"role": one_of("actor_role", "employer", "institution", "reviewer", "admin", "auditor")},
        indexes=[["partnership_id", "id"], ["subject_id"]],
    )
    table(
        "organisation",
        required("id", ID),
        required("partnership_id", ID),
        required("external_id", TEXT),
        required("kind", CODE),
        required("name", TEXT),
        optional("country", sa.String(2)),
        required("version", INT),
        required("created_at", TIME),
        required("updated_at", TIME),
        primary=["id"],
        unique=[["id", "partnership_id"], ["partnership_id", "external_id"]],
        keys=[key(["partnership_id"], "partnership")],
        checks={
            "organisationkind": one_of("kind", "employer", "institution"),
            "external_id_length": "length(external_id) BETWEEN 1 AND 200",
        },
    )
    table(
        "api_key",
        required("id", ID),
        required("partnership_id", ID),
        optional("organisation_id", ID),
        required("role", CODE),
        required("label", TEXT),
        required("public_id", sa.String(32)),
        required("secret_sha256", sa.String(64)),
        required("created_at", TIME),
        optional("expires_at", TIME),
        optional("revoked_at", TIME),
        optional("last_used_at", TIME),
        primary=["id"],
        unique=[["public_id"]],
        keys=[
            key(["organisation_id", "partnership_id"], "organisation"),
            key(["partnership_id"], "partnership"),
        ],
        checks={
            "role": one_of("role", "employer", "institution", "reviewer", "admin", "auditor"),
            "organisation_by_role": "(role IN ('employer', 'institution')) = (organisation_id IS NOT NULL)",
        },
        indexes=[["partnership_id", "organisation_id"]],
    )
    table(
        "skills_need",
        required("id", ID),
        required("partnership_id", ID),
        required("employer_id", ID),
        required("external_id", TEXT),
        required("occupation", TEXT),
        required("headcount", INT),
        optional("lang", sa.String(16)),
        optional("country", sa.String(2)),
        required("region", TEXT),
        optional("needed_from", sa.Date()),
        optional("needed_until", sa.Date()),
        required("status", CODE),
        required("version", INT),
        required("created_at", TIME),
        required("updated_at", TIME),
        primary=["id"],
        unique=[["employer_id", "external_id"]],
        keys=[key(["employer_id", "partnership_id"], "organisation"), key(["partnership_id"], "partnership")],
        checks={
            "skillsneedstatus": one_of("status", "open", "closed"),
            "headcount_positive": "headcount >= 1",
            "period_forwards": "needed_until >= needed_from",
            "external_id_length": "length(external_id) BETWEEN 1 AND 200",
        },
        indexes=[["partnership_id", "status"]],
    )
    table(
        "training_programme",
        required("id", ID),
        required("partnership_id", ID),
        required("institution_id", ID),
        required("external_id", TEXT),
        required("title", TEXT),
        optional("lang", sa.String(16)),
        optional("isced_f", sa.String(4)),
        optional("eqf_level", INT),
        required("status", CODE),
        required("version", INT),
        required("created_at", TIME),
        required("updated_at", TIME),
        primary=["id"],
        unique=[["id", "institution_id"], ["institution_id", "external_id"]],
        keys=[
            key(["institution_id", "partnership_id"], "organisation"),
            key(["partnership_id"], "partnership"),
        ],
        checks={
            "programmestatus": one_of("status", "submitted", "withdrawn"),
            "eqf_level_range": "eqf_level BETWEEN 1 AND 8",
            "external_id_length": "length(external_id) BETWEEN 1 AND 200",
        },
        indexes=[["partnership_id", "status"]],
    )
    table(
        "vacancy",
        required("id", ID),
        required("partnership_id", ID),
        required("employer_id", ID),
        required("external_id", TEXT),
        required("title", TEXT),
        required("description", TEXT),
        optional("lang", sa.String(16)),
        optional("country", sa.String(2)),
        required("occupation", TEXT),
        required("openings", INT),
        required("status", CODE),
        required("requirements_version", INT),
        required("version", INT),
        required("created_at", TIME),
        required("updated_at", TIME),
        primary=["id"],
        unique=[["employer_id", "external_id"]],
        keys=[key(["employer_id", "partnership_id"], "organisation"), key(["partnership_id"], "partnership")],
        checks={
            "vacancystatus": one_of("status", "draft", "published", "paused", "filled", "closed", "expired"),
            "openings_positive": "openings >= 1",
            "external_id_length": "length(external_id) BETWEEN 1 AND 200",
        },
        indexes=[["partnership_id", "status"]],
    )
    table(
        "cohort",
        required("id", ID),
        required("partnership_id", ID),
        required("institution_id", ID),
        optional("programme_id", ID),
        required("external_id", TEXT),
        required("title", TEXT),
        optional("finishes_on", sa.Date()),
        required("status", CODE),
        required("version", INT),
        required("created_at", TIME),
        required("updated_at", TIME),
        primary=["id"],
        unique=[["id", "institution_id", "partnership_id"], ["institution_id", "external_id"]],
        keys=[
            key(["institution_id", "partnership_id"], "organisation"),
            key(["partnership_id"], "partnership"),
            key(["programme_id", "institution_id"], "training_programme"),
        ],
        checks={
            "cohortstatus": one_of(
                "status",
                "received",
                "validating",
                "needs_attention",
                "ready",
                "committed",
                "failed",
                "withdrawn",
            ),
            "external_id_length": "length(external_id) BETWEEN 1 AND 200",
        },
        indexes=[["partnership_id", "status"]],
    )
    table(
        "idempotency_key",
        required("id", ID),
        required("api_key_id", ID),
        required("key", sa.String(255)),
        required("method", sa.String(8)),
        required("path", TEXT),
        required("body_digest", sa.String(64)),
        required("state", CODE),
        optional("status_code", INT),
        optional("response_headers", JSON),
        optional("response_body", sa.LargeBinary()),
        required("created_at", TIME),
        primary=["id"],
        unique=[["api_key_id", "key"]],
        keys=[key(["api_key_id"], "api_key", cascade=True)],
        checks={
            "idempotencystate": one_of("state", "in_flight", "done"),
            "done_is_answered": "(state = 'done') = (status_code IS NOT NULL)",
        },
        indexes=[["created_at"]],
    )
    table(
        "match_run",
        required("id", ID),
        required("partnership_id", ID),
        optional("requested_by_key_id", ID),
        required("state", CODE),
        required("k", INT),
        optional("vacancy_ids", JSON),
        required("weight_profile_name", TEXT),
        required("weight_profile", JSON),
        optional("engine_version", TEXT),
        optional("taxonomy_name", TEXT),
        optional("taxonomy_checksum", TEXT),
        optional("index_fingerprint", TEXT),
        optional("input_digest", TEXT),
        required("n_vacancies", INT),
        required("n_candidates", INT),
        required("n_matches", INT),
        optional("error_code", TEXT),
        required("created_at", TIME),
        optional("started_at", TIME),
        optional("finished_at", TIME),
        primary=["id"],
        keys=[key(["partnership_id"], "partnership"), key(["requested_by_key_id"], "api_key")],
        checks={
            "matchrunstate": one_of("state", "requested", "running", "complete", "failed", "cancelled"),
            "k_positive": "k >= 1",
            "complete_is_pinned": "state <> 'complete' OR ("
            "engine_version IS NOT NULL AND taxonomy_name IS NOT NULL"
            " AND taxonomy_checksum IS NOT NULL AND index_fingerprint IS NOT NULL"
            " AND input_digest IS NOT NULL AND finished_at IS NOT NULL)",
        },
        indexes=[["partnership_id", "id"]],
    )
    table(
        "programme_skill_claim",
        required("programme_id", ID),
        required("position", INT),
        required("source_text", TEXT),
        required("evidence", CODE),
        optional("level", INT),
        primary=["programme_id", "position"],
        keys=[key(["programme_id"], "training_programme", cascade=True)],
        checks={
            "evidencegrade": one_of(
                "evidence", "self_stated", "taught", "assessed", "certified", "proven_at_work"
            ),
            "level_range": "level BETWEEN 1 AND 4",
        },
    )
    table(
        "skill_requirement",
        required("vacancy_id", ID),
        required("position", INT),
        required("source_text", TEXT),
        required("importance", CODE),
        optional("level", INT),
        primary=["vacancy_id", "position"],
        keys=[key(["vacancy_id"], "vacancy", cascade=True)],
        checks={
            "importance": one_of("importance", "essential", "optional"),
            "level_range": "level BETWEEN 1 AND 4",
        },
    )
    table(
        "skills_need_requirement",
        required("skills_need_id", ID),
        required("position", INT),
        required("source_text", TEXT),
        required("importance", CODE),
        optional("level", INT),
        primary=["skills_need_id", "position"],
        keys=[key(["skills_need_id"], "skills_need", cascade=True)],
        checks={
            "importance": one_of("importance", "essential", "optional"),
            "level_range": "level BETWEEN 1 AND 4",
        },
    )
    table(
        "vacancy_language",
        required("vacancy_id", ID),
        required("position", INT),
        required("lang", sa.String(16)),
        optional("cefr", CODE),
        primary=["vacancy_id", "position"],
        keys=[key(["vacancy_id"], "vacancy", cascade=True)],
        checks={"cefr": one_of("cefr", "A1", "A2", "B1", "B2", "C1", "C2")},
    )
    table(
        "candidate_profile",
        required("id", ID),
        required("partnership_id", ID),
        required("institution_id", ID),
        required("cohort_id", ID),
        required("external_id", TEXT),
        required("pseudonym", sa.String(16)),
        optional("lang", sa.String(16)),
        required("text", TEXT),
        required("education", JSON),
        required("experience", JSON),
        required("status", CODE),
        required("version", INT),
        required("created_at", TIME),
        required("updated_at", TIME),
        primary=["id"],
        unique=[["cohort_id", "external_id"], ["partnership_id", "pseudonym"]],
        keys=[
            key(["cohort_id", "institution_id", "partnership_id"], "cohort"),
            key(["partnership_id"], "partnership"),
        ],
        checks={
            "candidatestatus": one_of(
                "status", "registered", "consented", "active", "paused", "placed", "withdrawn", "erased"
            ),
            "external_id_length": "length(external_id) BETWEEN 1 AND 200",
        },
        indexes=[["institution_id"]],
    )
    table(
        "cohort_issue",
        required("cohort_id", ID),
        required("position", INT),
        required("pointer", TEXT),
        required("code", TEXT),
        required("message", TEXT),
        required("hint", TEXT),
        optional("row", INT),
        optional("column", TEXT),
        primary=["cohort_id", "position"],
        keys=[key(["cohort_id"], "cohort", cascade=True)],
    )
    table(
        "job",
        required("id", ID),
        required("partnership_id", ID),
        optional("organisation_id", ID),
        optional("requested_by_key_id", ID),
        required("requested_role", CODE),
        optional("match_run_id", ID),
        required("kind", sa.String(64)),
        required("payload", JSON),
        required("status", CODE),
        required("attempts", INT),
        required("max_attempts", INT),
        optional("worker", TEXT),
        optional("lease_until", TIME),
        optional("heartbeat_at", TIME),
        required("progress_stage", TEXT),
        required("progress_done", INT),
        required("progress_total", INT),
        optional("error_code", TEXT),
        required("created_at", TIME),
        optional("started_at", TIME),
        optional("finished_at", TIME),
        primary=["id"],
        keys=[
            key(["match_run_id"], "match_run", cascade=True),
            key(["organisation_id", "partnership_id"], "organisation"),
            key(["partnership_id"], "partnership"),
            key(["requested_by_key_id"], "api_key"),
        ],
        checks={
            "jobstatus": one_of("status", "queued", "running", "succeeded", "failed", "cancelled"),
            "role": one_of("requested_role", "employer", "institution", "reviewer", "admin", "auditor"),
            "running_is_leased": "(status = 'running') = (lease_until IS NOT NULL)",
            "attempts_bounded": "attempts <= max_attempts",
        },
        indexes=[["match_run_id"], ["partnership_id", "id"], ["status", "id"]],
    )
    table(
        "ranked_vacancy",
        required("run_id", ID),
        required("vacancy_id", ID),
        required("requirements_version", INT),
        required("n_matches", INT),
        required("flags", JSON),
        required("requirements", JSON),
        primary=["run_id", "vacancy_id"],
        keys=[key(["run_id"], "match_run", cascade=True), key(["vacancy_id"], "vacancy")],
        indexes=[["vacancy_id"]],
    )
    table(
        "candidate_identity",
        required("candidate_id", ID),
        optional("given_name", TEXT),
        optional("family_name", TEXT),
        optional("email", TEXT),
        optional("phone", TEXT),
        optional("birth_date", sa.Date()),
        optional("sex", TEXT),
        optional("nationality", TEXT),
        primary=["candidate_id"],
        keys=[key(["candidate_id"], "candidate_profile", cascade=True)],
    )
    table(
        "candidate_language",
        required("candidate_id", ID),
        required("position", INT),
        required("lang", sa.String(16)),
        optional("cefr", CODE),
        primary=["candidate_id", "position"],
        keys=[key(["candidate_id"], "candidate_profile", cascade=True)],
        checks={"cefr": one_of("cefr", "A1", "A2", "B1", "B2", "C1", "C2")},
    )
    table(
        "candidate_occupation",
        required("candidate_id", ID),
        required("position", INT),
        required("source_text", TEXT),
        primary=["candidate_id", "position"],
        keys=[key(["candidate_id"], "candidate_profile", cascade=True)],
    )
    table(
        "match",
        required("id", ID),
        required("run_id", ID),
        required("vacancy_id", ID),
        required("candidate_id", ID),
        required("rank", INT),
        required("score", sa.Double()),
        required("tied", sa.Boolean()),
        required("parts", JSON),
        required("flags", JSON),
        primary=["id"],
        unique=[["run_id", "vacancy_id", "candidate_id"], ["run_id", "vacancy_id", "rank"]],
        keys=[
            key(["candidate_id"], "candidate_profile"),
            key(["run_id"], "match_run", cascade=True),
            key(["vacancy_id"], "vacancy"),
        ],
        checks={"score_range": "score BETWEEN 0 AND 1", "rank_positive": "rank >= 1"},
        indexes=[["candidate_id"], ["vacancy_id"]],
    )
    table(
        "skill_claim",
        required("candidate_id", ID),
        required("position", INT),
        required("source_text", TEXT),
        required("evidence", CODE),
        optional("level", INT),
        primary=["candidate_id", "position"],
        keys=[key(["candidate_id"], "candidate_profile", cascade=True)],
        checks={
            "evidencegrade": one_of(
                "evidence", "self_stated", "taught", "assessed", "certified", "proven_at_work"
            ),
            "level_range": "level BETWEEN 1 AND 4",
        },
    )
    table(
        "match_contribution",
        required("match_id", ID),
        required("position", INT),
        required("part", sa.String(32)),
        required("requirement", TEXT),
        optional("requirement_uri", TEXT),
        optional("importance", CODE),
        optional("provenance", CODE),
        required("weight", sa.Double()),
        required("credit", sa.Double()),
        required("value", sa.Double()),
        required("relation", sa.String(32)),
        required("claim", TEXT),
        optional("claim_uri", TEXT),
        optional("evidence", CODE),
        primary=["match_id", "position"],
        keys=[key(["match_id"], "match", cascade=True)],
        checks={
            "importance": one_of("importance", "essential", "optional"),
            "provenance": one_of("provenance", "stated", "extracted", "inferred"),
            "evidencegrade": one_of(
                "evidence", "self_stated", "taught", "assessed", "certified", "proven_at_work"
            ),
        },
    )
    protect_audit_events()


def protect_audit_events() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(APPEND_ONLY_SQLITE.format(action=action))
    else:
        op.execute(APPEND_ONLY_POSTGRESQL)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_event_is_append_only()")
