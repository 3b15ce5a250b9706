"""Which accounts are live, as their holders note it for the other processes of the database."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring it."""
    op.add_column("accounts", sa.Column("live", sa.Boolean, nullable=False, server_default=sa.false()))
