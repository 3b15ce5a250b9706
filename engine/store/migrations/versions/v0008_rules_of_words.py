"""Rules of words with their version, refused requests, and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring it."""
    op.create_table(
        "rulebooks",
        sa.Column("workspace_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_rulebooks_workspace_id"),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_rulebooks"),
    )
    _of_a_workspace(
        "rules",
        sa.Column("word_list", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("allow", sa.Text),
    )
    _of_a_workspace(
        "refusals",
        sa.Column("requester", sa.Text, nullable=False),
        sa.Column("dialect", sa.Text, nullable=False),
        sa.Column("ref", sa.Text),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("word_list", sa.Text, nullable=False),
        sa.Column("hits", sa.Text, nullable=False),
        sa.Column("job_id", sa.Text),
        sa.Column("at", MOMENT, nullable=False),
    )
    _of_a_workspace(
        "audit_log",
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("at", MOMENT, nullable=False),
    )


def _of_a_workspace(table: str, *columns: sa.Column[object]) -> None:
    """A table whose rows are counted up, never reusing a number, and are read newest first by workspace."""
    op.create_table(
        table,
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.Text, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=f"fk_{table}_workspace_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{table}_workspace_id", table, ["workspace_id", "id"])
