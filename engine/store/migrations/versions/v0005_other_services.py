"""Accounts of other services than Midjourney: the operator's keys for them, worked with under the same leases."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring it."""
    op.add_column("accounts", sa.Column("service", sa.Text, nullable=False, server_default="midjourney"))
