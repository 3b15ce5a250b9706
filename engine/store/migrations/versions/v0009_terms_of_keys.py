"""What an API key may do and how much, and the quota and contact of a workspace."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring it; keys that are there already keep every right."""
    op.add_column("api_keys", sa.Column("scopes", sa.Text, nullable=False, server_default="generate manage read"))
    for name in ("account_ids", "rates", "quota"):
        op.add_column("api_keys", sa.Column(name, sa.Text))
    op.add_column("workspaces", sa.Column("contact", sa.Text, nullable=False, server_default=""))
    op.add_column("workspaces", sa.Column("quota", sa.Text))
