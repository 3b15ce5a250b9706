"""What steers the queue: boosts, pauses, moments after which nobody waits; and what few requests say."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# written out once more: a released step must not change with the code it was made from
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Bring it."""
    op.add_column("workspaces", sa.Column("paused_at", MOMENT))
    op.add_column("workspaces", sa.Column("rebooted_at", MOMENT))
    op.add_column("requests", sa.Column("seldom", sa.Text))
    op.add_column("jobs", sa.Column("rank", sa.Integer, nullable=False, server_default="1"))
    op.add_column("jobs", sa.Column("gives_up_at", MOMENT))
    op.drop_index("ix_jobs_queued", "jobs")
    op.create_index("ix_jobs_queued", "jobs", ["state", "rank", "created_at", "id"], **_where("finished_at IS NULL"))
    op.create_index("ix_jobs_gives_up", "jobs", ["gives_up_at"], **_where("gives_up_at IS NOT NULL"))
    # until now the deadline of such a job was also the moment after which nobody waited
    op.execute(
        "UPDATE jobs SET gives_up_at = deadline_at "
        "WHERE finished_at IS NULL AND (state = 'NEEDS_ATTENTION' OR timeout_seconds IS NOT NULL)"
    )
