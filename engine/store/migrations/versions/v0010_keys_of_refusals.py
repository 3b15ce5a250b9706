"""The API key with which a refused request came."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring it."""
    op.add_column("refusals", sa.Column("key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
