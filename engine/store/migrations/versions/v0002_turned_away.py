"""How often Midjourney's full queue turned a job away."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring it."""
    op.add_column("jobs", sa.Column("turned_away", sa.Integer, nullable=False, server_default="0"))
