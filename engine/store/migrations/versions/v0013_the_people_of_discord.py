"""Servers of Discord, codes, operators, members, strikes, cards, styles, reports, removals, alerts, the bot's state."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# written out once more: a released step must not change with the code it was made from
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _moment(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, MOMENT, nullable=null)


def _table(table: str, key: list[str], *columns: sa.Column[Any], links: dict[str, str] | None = None) -> None:
    """A table with its key; `links`: which column refers to which."""
    wanted = {"workspace_id": "workspaces.id"} if links is None else links
    named = {column.name for column in columns}
    keys = [
        sa.ForeignKeyConstraint([column], [to], name=f"fk_{table}_{column}")
        for column, to in wanted.items()
        if column in named
    ]
    op.create_table(table, *columns, *keys, sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"))


def _counted(
    table: str,
    *columns: sa.Column[Any],
    links: dict[str, str],
    unique: list[str] | None = None,
    never_again: bool = True,
) -> None:
    """A table whose rows are counted up; `unique`: what no two of them have in common."""
    keys: list[Any] = [sa.ForeignKeyConstraint([name], [to], name=f"fk_{table}_{name}") for name, to in links.items()]
    if unique is not None:
        keys.append(sa.UniqueConstraint(*unique, name=f"uq_{table}_{'_'.join(unique)}"))
    op.create_table(
        table,
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *columns,
        *keys,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sqlite_autoincrement=never_again,
    )


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


OF_WORKSPACE = {"workspace_id": "workspaces.id"}
OF_JOB = {"workspace_id": "workspaces.id", "job_id": "jobs.id"}


def upgrade() -> None:
    """Bring it."""
    _servers()
    _people()
    _cards()
    _counted(
        "styles", _text("workspace_id"), _text("user_id"), _text("name"), _text("sense"), _text("words"),
        sa.Column("shared", sa.Boolean, nullable=False), _moment("created_at"), _moment("updated_at"),
        links=OF_WORKSPACE, unique=["workspace_id", "user_id", "sense"],
    )  # fmt: skip
    _counted(
        "reports", _text("workspace_id"), _text("job_id"), _text("reporter"), _text("reason"),
        _text("guild_id", null=True), _text("channel_id", null=True), _text("message_id", null=True), _moment("at"),
        _text("settled", null=True), _moment("settled_at", null=True), _text("settled_by", null=True), links=OF_JOB,
    )  # fmt: skip
    op.create_index("ix_reports_workspace_id", "reports", ["workspace_id", "id"])
    op.create_index("ix_reports_unsettled", "reports", ["workspace_id", "id"], **_where("settled IS NULL"))
    op.create_index("ix_reports_job_id", "reports", ["job_id"])
    _table(
        "removals", ["job_id"], _text("job_id"), _text("workspace_id"), _text("removed_by"), _text("reason"),
        _moment("at"), links=OF_JOB,
    )  # fmt: skip
    _table(
        "alerts", ["workspace_id", "kind", "subject"], _text("workspace_id"), _text("kind"), _text("subject"),
        _text("said"), _moment("at"), sa.Column("told", sa.Boolean, nullable=False),
    )  # fmt: skip
    _table("bot_notes", ["name"], _text("name"), _text("state"), _moment("at"))


def _servers() -> None:
    _table(
        "guilds", ["guild_id"], _text("guild_id"), _text("workspace_id"), _text("name"), _moment("connected_at"),
        _text("connected_by"), _text("settings"),
    )  # fmt: skip
    op.create_index("ix_guilds_workspace_id", "guilds", ["workspace_id"])
    _table(
        "connect_codes", ["digest"], _text("digest"), _text("workspace_id"), _moment("created_at"),
        _moment("expires_at"),
    )  # fmt: skip
    _table(
        "operators", ["workspace_id", "user_id"], _text("workspace_id"), _text("user_id"), _moment("added_at"),
        _text("added_by"),
    )  # fmt: skip


def _people() -> None:
    _table(
        "people", ["user_id"], _text("user_id"), _text("language", null=True), _text("notice"),
        _text("home_workspace_id", null=True),
    )  # fmt: skip
    _table(
        "members", ["workspace_id", "user_id"], _text("workspace_id"), _text("user_id"), _text("name"),
        _moment("since"), _text("restrained", null=True), _moment("left_at", null=True),
    )  # fmt: skip
    op.create_index("ix_members_user_id", "members", ["user_id"])
    _counted(
        "strikes", _text("workspace_id"), _text("user_id"), _text("job_id", null=True), _text("reason"),
        _text("given_by"), _moment("at"), _moment("lifted_at", null=True), _text("lifted_by", null=True),
        links=OF_WORKSPACE,
    )  # fmt: skip
    op.create_index("ix_strikes_member", "strikes", ["workspace_id", "user_id", "id"])


def _cards() -> None:
    _counted(
        "cards", _text("workspace_id"), _text("request_id"), _text("job_id"), _text("user_id"),
        _text("application_id"), _text("guild_id", null=True), _text("channel_id"), _text("message_id", null=True),
        sa.Column("private", sa.Boolean, nullable=False), _text("token_sealed", null=True),
        _moment("token_until", null=True), sa.Column("delivered_version", sa.Integer, nullable=False),
        _text("state"), _text("lost", null=True), _moment("created_at"), _moment("updated_at"), links=OF_JOB,
        never_again=False,
    )  # fmt: skip
    op.create_index("ix_cards_to_show", "cards", ["id"], **_where("state IN ('open', 'erase')"))
    op.create_index("ix_cards_job_id", "cards", ["job_id"])
    op.create_index("ix_cards_message_id", "cards", ["message_id"], **_where("message_id IS NOT NULL"))
