"""Who asked for a job, and lists of jobs by that and by ref; when an account was last to begin a new session."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# written out once more: a released step must not change with the code it was made from
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Bring it."""
    op.add_column("accounts", sa.Column("restarted_at", MOMENT))
    op.add_column("jobs", sa.Column("requester", sa.Text))
    op.execute("UPDATE jobs SET requester = (SELECT requester FROM requests WHERE requests.id = jobs.request_id)")
    op.create_index("ix_jobs_requester", "jobs", ["requester", "workspace_id", "created_at", "id"])
    op.create_index("ix_jobs_ref", "jobs", ["ref", "workspace_id", "created_at", "id"], **_where("ref IS NOT NULL"))
