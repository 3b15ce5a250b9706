"""What every action of Midjourney needs: arguments and answers of jobs, switches of accounts, whole requests."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Bring it."""
    op.add_column("accounts", sa.Column("activity_url", sa.Text))
    op.add_column("accounts", sa.Column("facts", sa.Text))
    op.add_column("jobs", sa.Column("given", sa.Text))
    op.add_column("jobs", sa.Column("seldom", sa.Text))
    op.add_column("results", sa.Column("details", sa.Text))
    op.create_index("ix_jobs_request", "jobs", ["request_id", "workspace_id", "created_at", "id"])
    op.create_index(
        "ix_jobs_children",
        "jobs",
        ["parent_id", "action", "workspace_id", "created_at", "id"],
        **_where("parent_id IS NOT NULL"),
    )
