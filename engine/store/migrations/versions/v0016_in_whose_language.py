"""The language of whoever asked, as their Discord says, for cards that they alone read."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring it."""
    op.add_column("cards", sa.Column("language", sa.Text))
