"""A UUID for each linked account, and what UserAPI's answers repeat of a request."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring it; accounts that are linked already get their UUID now."""
    op.add_column("requests", sa.Column("callback_id", sa.Text))
    op.add_column("requests", sa.Column("echo", sa.Text))
    op.add_column("accounts", sa.Column("hash", sa.Text, nullable=False, server_default=""))
    accounts = sa.table("accounts", sa.column("id", sa.Integer), sa.column("hash", sa.Text))
    connection = op.get_bind()
    for (account_id,) in connection.execute(sa.select(accounts.c.id)).fetchall():
        connection.execute(accounts.update().where(accounts.c.id == account_id).values(hash=str(uuid.uuid4())))
    op.create_index("ix_accounts_hash", "accounts", ["hash"], unique=True)
