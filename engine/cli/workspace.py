"""`easel workspace`: which workspaces there are, their quotas and whom to ask about them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.cli.desk import InWorkspace, Json, desk, run, show, table
from engine.model.quotas import read_quota
from engine.ports import Workspace

app = typer.Typer(help="Workspaces: quotas and contacts.", no_args_is_help=True)


def facts(workspace: Workspace) -> dict[str, Any]:
    """A workspace for programs."""
    return {
        "id": workspace.id,
        "name": workspace.name,
        "contact": workspace.contact,
        "quota": workspace.quota and str(workspace.quota),
        "createdAt": workspace.created_at.isoformat(),
    }


@app.command("list")
def list_workspaces(as_json: Json = False) -> None:
    """List the workspaces."""

    async def work() -> None:
        async with desk() as (ground, _):
            known = await ground.store.workspaces()
        rows = table("name", "quota", "contact", "created")
        for each in known:
            rows.add_row(each.name, str(each.quota or "-"), each.contact or "-", f"{each.created_at:%Y-%m-%d %H:%M}")
        show(as_json, [facts(each) for each in known], rows if known else "No workspaces yet.")

    run(work())


@app.command()
def change(
    quota: Annotated[
        str | None, typer.Option(help="Credits for all keys without their own: 500/month (day, week, month), or none.")
    ] = None,
    contact: Annotated[str | None, typer.Option(help="Whom to ask about it: an e-mail address, or nothing.")] = None,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Change a workspace's quota or contact. What is not given stays."""

    async def work() -> None:
        asked = None if quota is None else read_quota(quota)
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            if contact is not None:
                await ground.administration.set_contact(place, contact)
            if quota is not None:
                await ground.administration.set_quota(place, asked)
            after = await ground.administration.workspace(workspace)
        told = f"Workspace {after.name}: quota {after.quota or 'none'}; contact {after.contact or 'none'}."
        show(as_json, facts(after), told)

    run(work())
