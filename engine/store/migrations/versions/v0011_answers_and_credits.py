"""The key and the Idempotency-Key of a request, kept answers, and what was spent of quotas."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# written out once more: a released step must not change with the code it was made from
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
WITH_TOKEN = sa.text("token IS NOT NULL")


def upgrade() -> None:
    """Bring it."""
    op.add_column("requests", sa.Column("key_id", sa.BigInteger))
    op.add_column("requests", sa.Column("token", sa.Text))
    op.create_index(
        "ix_requests_token",
        "requests",
        ["key_id", "token"],
        unique=True,
        sqlite_where=WITH_TOKEN,
        postgresql_where=WITH_TOKEN,
    )
    op.create_table(
        "kept_answers",
        sa.Column("key_id", sa.BigInteger, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("print", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("claimed_until", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("content_type", sa.Text),
        sa.Column("body", sa.LargeBinary),
        sa.PrimaryKeyConstraint("key_id", "token", name="pk_kept_answers"),
    )
    op.create_index("ix_kept_answers_created_at", "kept_answers", ["created_at"])
    op.create_table(
        "spendings",
        sa.Column("payer", sa.Text, nullable=False),
        sa.Column("began", MOMENT, nullable=False),
        sa.Column("credits", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("payer", "began", name="pk_spendings"),
    )
