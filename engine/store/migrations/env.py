"""What Alembic is told before it runs the steps: our tables, and the connection whose transaction `migrate` holds."""

from alembic import context

from engine.store import moderation_tables  # noqa: F401 - its tables belong to the metadata
from engine.store.community import tables  # noqa: F401 - likewise
from engine.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # for steps that Alembic drafts: SQLite changes a column by making the table anew
)
with context.begin_transaction():
    context.run_migrations()
