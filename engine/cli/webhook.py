"""`easel webhook`: where a workspace's webhooks go when a request names no address, and the secret that signs them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.cli.desk import InWorkspace, Json, desk, run, show
from engine.core.webhooks import WebhookSetting
from engine.model.hooks import WorkspaceHook

app = typer.Typer(help="Webhooks of a workspace.", no_args_is_help=True)


def facts(setting: WebhookSetting) -> dict[str, Any]:
    """A workspace's default for programs."""
    hook = setting.hook
    return {
        "url": hook and hook.url,
        "dialect": hook and hook.dialect,
        "progress": hook is not None and hook.progress,
        "signed": setting.is_signed,
    }


def _words(setting: WebhookSetting) -> str:
    hook = setting.hook
    signed = "Posts are signed." if setting.is_signed else "Posts are not signed; make a secret: easel webhook secret"
    if hook is None:
        return f"There is no default; requests that name an address are posted there.\n{signed}"
    told = "its progress and its end" if hook.progress else "its end"
    if hook.url is None:
        return f"There is no default; of a request that names an address {told} is posted.\n{signed}"
    return f"Of each request {told} is posted to {hook.url}, in the words of {hook.dialect}.\n{signed}"


@app.command("set")
def set_default(
    url: Annotated[str | None, typer.Argument(help="Where requests that name no address are posted.")] = None,
    dialect: Annotated[str, typer.Option(help="In whose words: imaginepro, userapi, native.")] = "imaginepro",
    progress: Annotated[bool, typer.Option("--progress/--no-progress", help="Post progress too.")] = False,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Set the workspace's default; jobs that are stored already keep theirs."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.ensure_workspace(workspace)
            setting = await ground.webhooks.set(place.id, WorkspaceHook(url, dialect, progress))
        show(as_json, facts(setting), _words(setting))

    run(work())


@app.command("show")
def show_default(workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Show the workspace's default."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            setting = await ground.webhooks.setting(place.id)
        show(as_json, facts(setting), _words(setting))

    run(work())


@app.command()
def off(workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Have no default any more."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            setting = await ground.webhooks.off(place.id)
        show(as_json, facts(setting), _words(setting))

    run(work())


@app.command()
def secret(workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Make a new secret that signs webhooks from now on; it is shown only now."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.ensure_workspace(workspace)
            made = await ground.webhooks.new_secret(place.id)
        show(as_json, {"secret": made}, f"{made}\n\nKeep it: it is shown only now. The one before signs nothing more.")

    run(work())
