"""How servers, codes and operators are written and read. Each function is one transaction's work."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection

from engine.model import errors
from engine.model.community.guilds import ConnectCode, Guild, Operator
from engine.model.moderation.kept import AuditEntry
from engine.store.community import rows
from engine.store.community.tables import connect_codes, guilds, operators
from engine.store.records import as_json, wire_text
from engine.store.tables import workspaces


def add_code(connection: Connection, code: ConnectCode) -> None:
    """Keep a code; those that are over are let go of. Raises NotFound: there is no such workspace."""
    if connection.execute(select(workspaces.c.id).where(workspaces.c.id == code.workspace_id)).first() is None:
        raise errors.NotFound("there is no such workspace")
    connection.execute(delete(connect_codes).where(connect_codes.c.expires_at <= code.created_at))
    values = {
        "digest": code.digest,
        "workspace_id": code.workspace_id,
        "created_at": code.created_at,
        "expires_at": code.expires_at,
    }
    rows.add(connection, connect_codes, values)


def connect_guild(connection: Connection, digest: str, guild: Guild, audit: AuditEntry) -> Guild | None:
    """Use a code up and bind a server; None: there is no such code in force.

    Raises:
        Conflict: the server is bound to another workspace; the code stays good.
    """
    in_force = (connect_codes.c.digest == digest) & (connect_codes.c.expires_at > audit.at)
    code = connection.execute(select(connect_codes).where(in_force)).first()
    if code is None:
        return None
    known = connection.execute(select(guilds).where(guilds.c.guild_id == guild.guild_id)).first()
    if known is not None and known.workspace_id != code.workspace_id:
        raise errors.Conflict("this server is connected to another workspace; its operator has to disconnect it first")
    if connection.execute(delete(connect_codes).where(in_force)).rowcount != 1:
        return None  # somebody else used it meanwhile
    if known is None:
        values = {
            "guild_id": guild.guild_id,
            "workspace_id": code.workspace_id,
            "connected_at": guild.connected_at,
            "connected_by": guild.connected_by,
            **rows.guild_values(guild),
        }
        if not rows.add(connection, guilds, values):
            raise errors.Conflict("this server is being connected by somebody else")
    operator = Operator(
        workspace_id=code.workspace_id, user_id=guild.connected_by, added_at=audit.at, added_by="a code"
    )
    _add_operator(connection, operator)
    rows.write_audit(connection, replace(audit, workspace_id=code.workspace_id))
    return one(connection, guild.guild_id)


def one(connection: Connection, guild_id: str) -> Guild | None:
    """A bound server."""
    row = connection.execute(select(guilds).where(guilds.c.guild_id == guild_id)).first()
    return None if row is None else rows.guild_of(row)


def listed(connection: Connection, workspace_id: str | None) -> list[Guild]:
    """Bound servers, the first one first."""
    found = select(guilds).order_by(guilds.c.connected_at, guilds.c.guild_id)
    if workspace_id is not None:
        found = found.where(guilds.c.workspace_id == workspace_id)
    return [rows.guild_of(row) for row in connection.execute(found)]


def change(connection: Connection, guild: Guild, audit: AuditEntry) -> bool:
    """Give a server another name and settings; False: it is not bound to that workspace."""
    own = (guilds.c.guild_id == guild.guild_id) & (guilds.c.workspace_id == guild.workspace_id)
    values = {"name": wire_text(guild.name), "settings": as_json(guild.settings)}
    if connection.execute(update(guilds).where(own).values(values)).rowcount != 1:
        return False
    rows.write_audit(connection, audit)
    return True


def drop(connection: Connection, workspace_id: str, guild_id: str, audit: AuditEntry) -> bool:
    """Unbind a server; False: it was not bound to that workspace."""
    own = (guilds.c.guild_id == guild_id) & (guilds.c.workspace_id == workspace_id)
    if connection.execute(delete(guilds).where(own)).rowcount != 1:
        return False
    rows.write_audit(connection, audit)
    return True


def list_operators(connection: Connection, workspace_id: str) -> list[Operator]:
    """A workspace's operators, the first one first."""
    own = select(operators).where(operators.c.workspace_id == workspace_id)
    found = connection.execute(own.order_by(operators.c.added_at, operators.c.user_id))
    return [rows.operator_of(row) for row in found]


def _add_operator(connection: Connection, operator: Operator) -> bool:
    values = {
        "workspace_id": operator.workspace_id,
        "user_id": operator.user_id,
        "added_at": operator.added_at,
        "added_by": wire_text(operator.added_by),
    }
    return rows.add(connection, operators, values)


def add_operator(connection: Connection, operator: Operator, audit: AuditEntry) -> bool:
    """Make somebody an operator; False: they were."""
    if not _add_operator(connection, operator):
        return False
    rows.write_audit(connection, audit)
    return True


def remove_operator(connection: Connection, workspace_id: str, user_id: str, audit: AuditEntry) -> bool:
    """Take that back; False: they were none."""
    key = {"workspace_id": workspace_id, "user_id": user_id}
    if connection.execute(delete(operators).where(rows.same(operators, key))).rowcount != 1:
        return False
    rows.write_audit(connection, audit)
    return True
