"""The first tables: workspaces, keys, accounts, requests, jobs with what is added to them, and evidence."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# written out once more: a released step must not change with the code it was made from
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Bring it."""
    _workspaces()
    _api_keys()
    _accounts()
    _requests()
    _jobs()
    _job_updates()
    _submissions()
    _results()
    _pictures()
    _wire_evidence()


def _workspaces() -> None:
    op.create_table(
        "workspaces",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workspaces"),
        sa.UniqueConstraint("name", name="uq_workspaces_name"),
    )


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("prefix", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_api_keys_workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("guild_id", sa.Text, nullable=False),
        sa.Column("channel_id", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text),
        sa.Column("token_sealed", sa.Text, nullable=False),
        sa.Column("token_mask", sa.Text, nullable=False),
        sa.Column("api_url", sa.Text, nullable=False),
        sa.Column("gateway_url", sa.Text),
        sa.Column("demo", sa.Boolean, nullable=False),
        sa.Column("concurrency", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("trouble", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("owned_until", MOMENT),
        sa.Column("session_id", sa.Text),
        sa.Column("resume_url", sa.Text),
        sa.Column("seq", sa.BigInteger),
        sa.Column("session_since", MOMENT),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_accounts_workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
    )
    op.create_index("ix_accounts_workspace_id", "accounts", ["workspace_id"])


def _requests() -> None:
    op.create_table(
        "requests",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("workspace_id", sa.Text, nullable=False),
        sa.Column("requester", sa.Text, nullable=False),
        sa.Column("dialect", sa.Text, nullable=False),
        sa.Column("ref", sa.Text),
        sa.Column("callback", sa.Text),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_requests_workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("workspace_id", sa.Text, nullable=False),
        sa.Column("application_id", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("ref", sa.Text),
        sa.Column("parent_id", sa.Text),
        sa.Column("root_id", sa.Text),
        sa.Column("click", sa.Text),
        sa.Column("bound_account_id", NUMBER),
        sa.Column("timeout_seconds", sa.Float),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("deadline_at", MOMENT),
        sa.Column("account_id", NUMBER),
        sa.Column("nonces", sa.Text, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("absence_used", sa.Boolean, nullable=False),
        sa.Column("upstream_queued", sa.Boolean, nullable=False),
        sa.Column("mode", sa.Text),
        sa.Column("interaction_id", sa.Text),
        sa.Column("progress_message_id", sa.Text),
        sa.Column("uuid", sa.Text),
        sa.Column("modal", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("may_run", sa.Boolean, nullable=False),
        sa.Column("percent", sa.Integer, nullable=False),
        sa.Column("preview_url", sa.Text),
        sa.Column("failure_reason", sa.Text),
        sa.Column("failure_detail", sa.Text),
        sa.Column("finished_at", MOMENT),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_jobs_account_id"),
        sa.ForeignKeyConstraint(["bound_account_id"], ["accounts.id"], name="fk_jobs_bound_account_id"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_jobs_request_id"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_jobs_workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index(
        "ix_jobs_ended", "jobs", ["workspace_id", "state", "created_at", "id"], **_where("finished_at IS NOT NULL")
    )
    op.create_index(
        "ix_jobs_ended_at", "jobs", ["workspace_id", "state", "finished_at"], **_where("finished_at IS NOT NULL")
    )
    op.create_index(
        "ix_jobs_ended_by_account", "jobs", ["account_id", "finished_at"], **_where("finished_at IS NOT NULL")
    )
    op.create_index("ix_jobs_list", "jobs", ["workspace_id", "created_at", "id"])
    op.create_index(
        "ix_jobs_now", "jobs", ["workspace_id", "state", "created_at", "id"], **_where("finished_at IS NULL")
    )
    op.create_index("ix_jobs_open", "jobs", ["account_id", "state"], **_where("finished_at IS NULL"))
    op.create_index("ix_jobs_queued", "jobs", ["state", "created_at", "id"], **_where("finished_at IS NULL"))


def _job_updates() -> None:
    op.create_table(
        "job_updates",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("job_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("percent", sa.Integer, nullable=False),
        sa.Column("failure_reason", sa.Text),
        sa.Column("failure_detail", sa.Text),
        sa.Column("note", sa.Text),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_job_updates_job_id"),
        sa.PrimaryKeyConstraint("id", name="pk_job_updates"),
        sa.UniqueConstraint("job_id", "version", name="uq_job_updates_job_id_version"),
    )


def _submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("account_id", NUMBER, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("job_id", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_submissions_account_id"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_submissions_job_id"),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint("account_id", "nonce", name="uq_submissions_account_id_nonce"),
    )


def _results() -> None:
    op.create_table(
        "results",
        sa.Column("job_id", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("channel_id", sa.Text, nullable=False),
        sa.Column("flags", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("pictures", sa.Text, nullable=False),
        sa.Column("components", sa.Text, nullable=False),
        sa.Column("uuid", sa.Text),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_results_job_id"),
        sa.PrimaryKeyConstraint("job_id", name="pk_results"),
    )


def _pictures() -> None:
    op.create_table(
        "pictures",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("job_id", sa.Text, nullable=False),
        sa.Column("account_id", NUMBER, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("attachment_id", sa.Text, nullable=False),
        sa.Column("filename", sa.Text, nullable=False),
        sa.Column("source_url", sa.Text, nullable=False),
        sa.Column("proxy_url", sa.Text),
        sa.Column("content_type", sa.Text),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("size", sa.BigInteger),
        sa.Column("copied_as", sa.Text),
        sa.Column("copied_at", MOMENT),
        sa.Column("failed", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_pictures_account_id"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_pictures_job_id"),
        sa.PrimaryKeyConstraint("key", name="pk_pictures"),
    )
    op.create_index(
        "ix_pictures_to_copy", "pictures", ["found_at", "job_id", "position"], **_where("copied_at IS NULL")
    )


def _wire_evidence() -> None:
    op.create_table(
        "wire_evidence",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("account_id", NUMBER, nullable=False),
        sa.Column("job_id", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_wire_evidence_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_wire_evidence"),
    )
    op.create_index("ix_wire_evidence_at", "wire_evidence", ["at"])
