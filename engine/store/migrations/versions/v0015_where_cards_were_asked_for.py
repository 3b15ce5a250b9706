"""Where a card's job was asked for, when the card is in the server's channel for results."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring it."""
    op.add_column("cards", sa.Column("asked_in", sa.Text))
