"""How a card was begun (no message of Components V2 becomes an embed again), and whether the bot is where it is."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring it."""
    op.add_column("cards", sa.Column("layout", sa.Text))
    op.add_column("cards", sa.Column("abroad", sa.Boolean, nullable=False, server_default=sa.false()))
