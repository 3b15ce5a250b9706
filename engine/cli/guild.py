"""`easel guild` and `easel operator`: which servers of Discord are connected, and who may do everything there."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.cli.desk import InWorkspace, Json, desk, run, show, table
from engine.core.community.minutes import OPERATOR
from engine.model.community.guilds import Guild, Operator

app = typer.Typer(help="Servers of Discord.", no_args_is_help=True)
operators = typer.Typer(help="Discord users who may do everything in a workspace.", no_args_is_help=True)

UserId = Annotated[str, typer.Argument(metavar="USER_ID", help="The id of a Discord user: 5 to 20 digits.")]


def facts(guild: Guild) -> dict[str, Any]:
    """A server for programs."""
    return {
        "id": guild.guild_id,
        "name": guild.name,
        "connectedAt": guild.connected_at.isoformat(),
        "connectedBy": guild.connected_by,
    }


def _operator(operator: Operator) -> dict[str, Any]:
    return {"user": operator.user_id, "addedAt": operator.added_at.isoformat(), "addedBy": operator.added_by}


@app.command()
def code(workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Make a one-time code; `/connect code:...` in a server binds it to the workspace, within an hour."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.ensure_workspace(workspace)
            made = await ground.rolls.guilds.code(place.id)
        told = {"code": made.code, "expiresAt": made.expires_at.isoformat(), "workspace": place.name}
        hint = f"In your server type: /connect code:{made.code}\nIt works once, until {made.expires_at:%H:%M} UTC."
        show(as_json, told, f"{made.code}\n\n{hint} Whoever uses it becomes an operator.")

    run(work())


@app.command("list")
def list_guilds(workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """List the connected servers."""

    async def work() -> None:
        async with desk() as (ground, _):
            found = await ground.rolls.guilds.of((await ground.administration.workspace(workspace)).id)
        rows = table("id", "name", "connected", "by")
        for each in found:
            rows.add_row(each.guild_id, each.name, f"{each.connected_at:%Y-%m-%d %H:%M}", each.connected_by)
        show(
            as_json,
            [facts(each) for each in found],
            rows if found else "No server is connected. Connect one with: easel guild code",
        )

    run(work())


@app.command()
def disconnect(
    guild_id: Annotated[str, typer.Argument(metavar="SERVER_ID", help="See `easel guild list`.")],
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Unbind a server: nothing can be asked for there any more. Its settings are gone, its jobs stay."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            gone = await ground.rolls.guilds.disconnect(place.id, guild_id, OPERATOR)
        show(as_json, facts(gone), f"Server {gone.guild_id} ({gone.name}) is disconnected.")

    run(work())


@operators.command()
def add(user_id: UserId, workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Make a Discord user an operator."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.ensure_workspace(workspace)
            made = await ground.rolls.guilds.add_operator(place.id, user_id, OPERATOR)
        show(as_json, _operator(made), f"User {made.user_id} is an operator.")

    run(work())


@operators.command("list")
def list_operators(workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """List the operators."""

    async def work() -> None:
        async with desk() as (ground, _):
            found = await ground.rolls.guilds.operators((await ground.administration.workspace(workspace)).id)
        rows = table("user", "since", "by")
        for each in found:
            rows.add_row(each.user_id, f"{each.added_at:%Y-%m-%d %H:%M}", each.added_by)
        told = rows if found else "No operators. Add one with: easel operator add USER_ID"
        show(as_json, [_operator(each) for each in found], told)

    run(work())


@operators.command()
def remove(user_id: UserId, workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Take that back."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            await ground.rolls.guilds.remove_operator(place.id, user_id, OPERATOR)
        show(as_json, {"removed": user_id}, f"User {user_id} is no operator any more.")

    run(work())
