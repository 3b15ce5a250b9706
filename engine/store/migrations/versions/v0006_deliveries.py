"""Webhooks: a workspace's default and secret, what a request gave, and the posts with what came of them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Bring it."""
    op.add_column("workspaces", sa.Column("webhook_url", sa.Text))
    op.add_column("workspaces", sa.Column("webhook_dialect", sa.Text))
    op.add_column("workspaces", sa.Column("webhook_progress", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("workspaces", sa.Column("signing_sealed", sa.Text))
    op.add_column("requests", sa.Column("callback_kind", sa.Text))
    _deliveries()


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("job_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("dialect", sa.Text, nullable=False),
        sa.Column("hook_kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("tried_at", MOMENT),
        sa.Column("settled_at", MOMENT),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.Text),
        sa.Column("claimed_by", sa.Text),
        sa.Column("claimed_until", MOMENT),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_deliveries_job_id"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_deliveries_request_id"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_deliveries_workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("job_id", "kind", "version", name="uq_deliveries_job_id_kind_version"),
    )
    op.create_index("ix_deliveries_due", "deliveries", ["kind", "due_at", "id"], **_where("state = 'due'"))
    op.create_index("ix_deliveries_settled", "deliveries", ["settled_at"], **_where("settled_at IS NOT NULL"))
    op.create_index("ix_deliveries_request", "deliveries", ["request_id", "id"])
    op.create_index("ix_deliveries_list", "deliveries", ["workspace_id", "id"])
    op.create_index("ix_deliveries_by_state", "deliveries", ["workspace_id", "state", "id"])
