"""`easel delivery`: webhook posts, what came of them, and that they go out once more."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.cli.desk import InWorkspace, Json, desk, run, show, table
from engine.model.deliveries import Delivery, DeliveryState
from engine.model.errors import InvalidInput

app = typer.Typer(help="Webhook posts.", no_args_is_help=True)


def facts(delivery: Delivery) -> dict[str, Any]:
    """A post for programs."""
    return {
        "id": delivery.id,
        "webhookId": delivery.webhook_id,
        "jobId": delivery.job_id,
        "kind": delivery.kind,
        "state": delivery.state,
        "url": delivery.url,
        "dialect": delivery.dialect,
        "attempts": delivery.tries,
        "lastStatus": delivery.status,
        "lastError": delivery.error,
        "createdAt": delivery.created_at.isoformat(),
        "nextTryAt": delivery.due_at.isoformat() if delivery.state is DeliveryState.DUE else None,
        "settledAt": delivery.settled_at and delivery.settled_at.isoformat(),
    }


@app.command("list")
def list_deliveries(
    job: Annotated[str | None, typer.Option(help="Those of this job's request.")] = None,
    state: Annotated[DeliveryState | None, typer.Option(help="Those in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    before: Annotated[int | None, typer.Option(help="Those before this number: the next page.")] = None,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """List webhook posts, newest first."""

    async def work() -> None:
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            found = await ground.webhooks.deliveries(place.id, job_id=job, state=state, before=before, limit=limit)
        rows = table("number", "job", "what", "state", "tries", "created", "to", "why not")
        for each in found:
            created = f"{each.created_at:%Y-%m-%d %H:%M:%S}"
            told = [str(each.id), each.job_id, each.kind, each.state, str(each.tries), created]
            rows.add_row(*told, each.url, each.error or "")
        show(as_json, [facts(each) for each in found], rows if found else "No such posts.")

    run(work())


@app.command()
def replay(
    number: Annotated[int | None, typer.Argument(help="The post's number, as it is listed.")] = None,
    failed: Annotated[bool, typer.Option("--all-failed", help="Every post that was given up.")] = False,
    workspace: InWorkspace = "default",
    as_json: Json = False,
) -> None:
    """Send a post again; it is tried for three more days and keeps its webhook id."""

    async def work() -> None:
        if failed is (number is not None):
            raise InvalidInput("delivery replay", "does not say what is meant", allowed="a number, or --all-failed")
        async with desk() as (ground, _):
            place = await ground.administration.workspace(workspace)
            if number is None:
                count = await ground.webhooks.replay_failed(place.id)
            else:
                await ground.webhooks.replay(place.id, number)
                count = 1
        show(as_json, {"replayed": count}, f"Sent again: {count}")

    run(work())
