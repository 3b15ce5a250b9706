"""`easel queue`: how many jobs wait, and whether the queue of a workspace goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import typer

from engine.cli.desk import InWorkspace, Json, desk, run, show
from engine.ports import Store, Workspace

app = typer.Typer(help="The queue of a workspace.", no_args_is_help=True)


async def _facts(store: Store, workspace: Workspace) -> dict[str, Any]:
    """A queue for programs."""
    loads = await store.loads(workspace.id)
    return {
        "count": sum(load.queued for load in loads),
        "running": sum(load.running for load in loads),
        "pausedAt": workspace.paused_at and workspace.paused_at.isoformat(),
    }


def _do(workspace: str, as_json: bool, deed: Callable[[Store, Any, Workspace], Awaitable[object]] | None) -> None:  # noqa: FBT001 - the user's own switch
    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            if deed is not None:
                await deed(ground.store, ground.clock.now(), place)
            told = await _facts(ground.store, await ground.administration.workspace(workspace))
        state = f"paused since {told['pausedAt']}" if told["pausedAt"] else "going on"
        show(as_json, told, f"{told['count']} jobs wait, {told['running']} run; the queue is {state}.")

    run(work())


@app.command()
def count(workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Say how many jobs wait."""
    _do(workspace, as_json, None)


@app.command()
def pause(workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Send nothing new; what runs finishes."""
    _do(workspace, as_json, lambda store, now, place: store.pause_workspace(place.id, now))


@app.command()
def resume(workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Let the queue go on."""
    _do(workspace, as_json, lambda store, _, place: store.pause_workspace(place.id, None))


@app.command()
def reboot(workspace: InWorkspace = "default", as_json: Json = False) -> None:
    """Look up every open job by evidence; none is dropped."""
    _do(workspace, as_json, lambda store, now, place: store.reboot_workspace(place.id, now))
