"""Create the tables of staff accounts, and keep beside each actor's key the account.

Revision: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DIGEST = sa.String(64)
# Table -> what was done there by a key. SQLite copies these tables; nothing refers to them.
COPIED = {
    "concept_alias": ("proposed_by", "approved_by", "ended_by"),
    "job": ("requested_by",),
    "queued_phrase": ("decided_by",),
    "review": ("decided_by",),
    "weight_profile": ("proposed_by", "approved_by", "ended_by"),
}
# To a match run its matches refer, and an event outlives its subject: in place, without a foreign key.
IN_PLACE = {"audit_event": "actor", "match_run": "requested_by"}

TWO_PERSONS = "ck_weight_profile_two_persons"
TWO_KEYS = (
    "approved_at IS NULL OR COALESCE(approved_by_key_id <> proposed_by_key_id,"
    " (approved_by_key_id IS NULL) <> (proposed_by_key_id IS NULL))"
)
_APPROVER = "COALESCE(approved_by_key_id, approved_by_account_id)"
_PROPOSER = "COALESCE(proposed_by_key_id, proposed_by_account_id)"
TWO_ACTORS = (
    f"approved_at IS NULL OR COALESCE({_APPROVER} <> {_PROPOSER},"
    f" ({_APPROVER} IS NULL) <> ({_PROPOSER} IS NULL))"
)
# All of a review but its note; see revision 0008.
FINAL = (
    "id", "partnership_id", "vacancy_id", "candidate_id", "number", "state", "reason", "is_override",
    "run_id", "rank", "score", "verdict", "requirements_version", "candidate_version",
    "decided_by_key_id", "decided_by_role", "decided_at",
)  # fmt: skip
FINAL_SQLITE = """
CREATE TRIGGER review_no_{name} BEFORE {event} ON review
BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END
"""
FINAL_POSTGRESQL = """
CREATE TRIGGER review_append_only BEFORE UPDATE OF {columns} OR DELETE OR TRUNCATE ON review
EXECUTE FUNCTION review_is_append_only()
"""
# What two persons decided with an account among them cannot be told any more: it is out of force.
FORGET_APPROVALS = f"""
UPDATE weight_profile SET state = 'withdrawn', ended_at = COALESCE(ended_at, approved_at),
    approved_at = NULL, approved_by_key_id = NULL
WHERE NOT ({TWO_KEYS})
"""


def upgrade() -> None:
    _create_accounts()
    for table, deeds in COPIED.items():
        _add_accounts(table, deeds)
    for table, deed in IN_PLACE.items():
        _add_account_in_place(table, deed)


def downgrade() -> None:
    op.execute(FORGET_APPROVALS)
    for table, deed in IN_PLACE.items():
        # The constraint on the column goes with it.
        op.drop_column(table, f"{deed}_account_id")
    for table, deeds in COPIED.items():
        _drop_accounts(table, deeds)
    for table in ("sign_in_attempt", "staff_session", "staff_account"):
        op.drop_table(table)


def _create_accounts() -> None:
    op.create_table(
        "staff_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_changed_at", TIME, nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(32), nullable=False),
        sa.Column("preferences", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", TIME, nullable=True),
        sa.Column("last_signed_in_at", TIME, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_account")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_account_email")),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_staff_account_partnership_id")
        ),
        sa.CheckConstraint(
            "role IN ('employer', 'institution', 'reviewer', 'admin', 'auditor')",
            name=op.f("ck_staff_account_role"),
        ),
        sa.CheckConstraint("locale IN ('en', 'fr', 'ar')", name=op.f("ck_staff_account_locale")),
        sa.CheckConstraint(
            "role IN ('reviewer', 'admin', 'auditor')", name=op.f("ck_staff_account_role_of_staff")
        ),
        sa.CheckConstraint("length(email) BETWEEN 3 AND 254", name=op.f("ck_staff_account_email_length")),
        sa.CheckConstraint(
            "length(display_name) BETWEEN 1 AND 100", name=op.f("ck_staff_account_display_name_length")
        ),
        sa.CheckConstraint(
            "(password_hash IS NULL) = (password_changed_at IS NULL)",
            name=op.f("ck_staff_account_password_is_dated"),
        ),
    )
    op.create_index(op.f("ix_staff_account_partnership_id_id"), "staff_account", ["partnership_id", "id"])
    op.create_table(
        "staff_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", DIGEST, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_staff_session_token_sha256")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_staff_session_account_id")
        ),
    )
    op.create_index(op.f("ix_staff_session_account_id"), "staff_session", ["account_id"])
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email_sha256", DIGEST, nullable=False),
        sa.Column("address_sha256", DIGEST, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    for columns in (["email_sha256", "at"], ["address_sha256", "at"], ["at"]):
        op.create_index(op.f(f"ix_sign_in_attempt_{'_'.join(columns)}"), "sign_in_attempt", columns)


def _add_accounts(table: str, deeds: tuple[str, ...]) -> None:
    _drop_review_triggers(table)
    with op.batch_alter_table(table, copy_from=_with_checks(table)) as batch:
        for deed in deeds:
            account = f"{deed}_account_id"
            batch.add_column(sa.Column(account, sa.Uuid(), nullable=True))
            batch.create_foreign_key(op.f(f"fk_{table}_{account}"), "staff_account", [account], ["id"])
            batch.create_check_constraint(_one(table, deed), _rule(deed))
        if table == "weight_profile":
            batch.drop_constraint(op.f(TWO_PERSONS), type_="check")
            batch.create_check_constraint(op.f(TWO_PERSONS), TWO_ACTORS)
    _create_review_triggers(table, with_account=True)


def _drop_accounts(table: str, deeds: tuple[str, ...]) -> None:
    _drop_review_triggers(table)
    with op.batch_alter_table(table, copy_from=_with_checks(table)) as batch:
        if table == "weight_profile":
            batch.drop_constraint(op.f(TWO_PERSONS), type_="check")
            batch.create_check_constraint(op.f(TWO_PERSONS), TWO_KEYS)
        for deed in deeds:
            account = f"{deed}_account_id"
            batch.drop_constraint(_one(table, deed), type_="check")
            batch.drop_constraint(op.f(f"fk_{table}_{account}"), type_="foreignkey")
            batch.drop_column(account)
    _create_review_triggers(table, with_account=False)


def _add_account_in_place(table: str, deed: str) -> None:
    account = f"{deed}_account_id"
    if _on_sqlite():
        # SQLite takes a constraint on an existing table only with a new column.
        check = f"CONSTRAINT {_one(table, deed)} CHECK ({_rule(deed)})"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {account} CHAR(32) {check}")
    else:
        op.add_column(table, sa.Column(account, sa.Uuid(), nullable=True))
        op.create_check_constraint(_one(table, deed), table, _rule(deed))


def _drop_review_triggers(table: str) -> None:
    """Copying a table on SQLite loses its triggers, and theirs name the columns that are final."""
    if table != "review":
        return
    if _on_sqlite():
        for name in ("update", "delete"):
            op.execute(f"DROP TRIGGER review_no_{name}")
    else:
        op.execute("DROP TRIGGER review_append_only ON review")


def _create_review_triggers(table: str, *, with_account: bool) -> None:
    if table != "review":
        return
    columns = ", ".join((*FINAL, "decided_by_account_id") if with_account else FINAL)
    if _on_sqlite():
        for name, event in (("update", f"UPDATE OF {columns}"), ("delete", "DELETE")):
            op.execute(FINAL_SQLITE.format(name=name, event=event))
    else:
        op.execute(FINAL_POSTGRESQL.format(columns=columns))


def _with_checks(name: str) -> sa.Table:
    """Read a table with its CHECK constraints, which not every version of SQLAlchemy reads along."""
    table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
    read = {constraint.name for constraint in table.constraints}
    for check in sa.inspect(op.get_bind()).get_check_constraints(name):
        if check["name"] not in read:
            table.append_constraint(sa.CheckConstraint(check["sqltext"], name=op.f(str(check["name"]))))
    return table


def _one(table: str, deed: str) -> str:
    return op.f(f"ck_{table}_{deed}_one")


def _rule(deed: str) -> str:
    return f"{deed}_key_id IS NULL OR {deed}_account_id IS NULL"


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
