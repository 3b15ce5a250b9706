"""`easel key`: API keys, which are shown once and then only by their first characters."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.cli.desk import InWorkspace, Json, desk, run, show, table
from engine.ports import ApiKey

app = typer.Typer(help="API keys.", no_args_is_help=True)


def facts(key: ApiKey) -> dict[str, Any]:
    """A stored key for programs."""
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "createdAt": key.created_at.isoformat(),
        "lastUsedAt": key.last_used_at and key.last_used_at.isoformat(),
        "revokedAt": key.revoked_at and key.revoked_at.isoformat(),
    }


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What you will recognise it by.")] = "unnamed",
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Make an API key; it is shown only now."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.ensure_workspace(workspace)
            made = await ground.administration.create_key(place, name)
        show(
            as_json,
            {"key": made.key, **facts(made.stored), "workspace": place.name},
            f"{made.key}\n\nKeep it: it is shown only now. Revoke it with: easel key revoke {made.stored.id}",
        )

    run(work())


@app.command("list")
def list_keys(workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """List the keys of a workspace, revoked ones too."""

    async def work() -> None:
        async with desk() as (ground, _):
            keys = await ground.administration.keys(await ground.administration.workspace(workspace))
        rows = table("id", "begins", "name", "created", "last used", "revoked")
        for key in keys:
            told = [f"{at:%Y-%m-%d %H:%M}" if at else "-" for at in (key.created_at, key.last_used_at, key.revoked_at)]
            rows.add_row(str(key.id), key.prefix, key.name, *told)
        show(as_json, [facts(key) for key in keys], rows if keys else "No keys. Make one with: easel key create")

    run(work())


@app.command()
def revoke(
    which: Annotated[str, typer.Argument(help="The key's number, its first characters, or the whole key.")],
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Revoke a key; a running Easel refuses it within two seconds."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            gone = await ground.administration.revoke_key(place, which)
        show(as_json, {"revoked": gone.id, "prefix": gone.prefix}, f"Key {gone.id} ({gone.prefix}...) is revoked.")

    run(work())
