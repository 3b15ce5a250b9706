"""What anyone may learn about the running engine, and what the owner of a key may learn about their workspace."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from engine.api.auth import PerhapsCaller
from engine.api.options import premises_of
from engine.api.problems import Json
from engine.api.times import to_seconds
from engine.api.ways import NATIVE, Way
from engine.core.status import AccountStatus, Health, Status, WorkspaceStatus
from engine.model.errors import Unavailable
from engine.model.keys import Scope

API = 1
"""The version of /status; it rises when a field changes its meaning or goes, not when one is added."""


def ways() -> Iterator[Way]:
    """The three addresses."""
    for way in _ways():
        yield way
        yield way.spelled(method="HEAD")


def _ways() -> Iterator[Way]:
    tags = {"tags": ["status"]}
    yield Way(
        method="GET",
        path="/healthz",
        endpoint=_alive,
        dialect=NATIVE,
        scope=None,
        summary="Whether the process lives",
        described=tags,
    )
    yield Way(
        method="GET",
        path="/readyz",
        endpoint=_ready,
        dialect=NATIVE,
        scope=None,
        summary="Whether jobs can be stored",
        described={**tags, "responses": {503: {"description": "Not now."}}},
    )
    yield Way(
        method="GET",
        path="/status",
        endpoint=_status,
        dialect=NATIVE,
        scope=Scope.READ,
        anonymous=True,
        summary="How the engine is; with a key, how the workspace is",
        described={**tags, "responses": {401: {"description": "The key is wrong."}}},
    )


async def _alive(request: Request) -> Response:  # noqa: ARG001 - every endpoint takes it
    return Json({"alive": True})


async def _ready(request: Request) -> Response:
    try:
        status = await premises_of(request).door.status(None)
    except Unavailable as error:
        return _not_ready(error.retry_after)
    down = any(each.down for each in status.breakdowns)
    if down or not status.store_writable or status.state is Health.STOPPING:
        return _not_ready(5)
    return Json({"ready": True})


def _not_ready(retry_after: int) -> Response:
    return Json({"ready": False}, status_code=503, headers={"Retry-After": str(max(1, retry_after))})


async def _status(request: Request, caller: PerhapsCaller) -> Response:
    status = await premises_of(request).door.status(caller.workspace_id if caller else None)
    return Json(status_body(status), headers={"Cache-Control": "no-store"})


def status_body(status: Status) -> dict[str, object]:
    """The JSON of /status."""
    body: dict[str, object] = {
        "api": API,
        "state": status.state.value,
        "version": status.version,
        "uptime_seconds": round(status.uptime_seconds, 1),
        "bot": status.bot.value,
    }
    if status.workspace is not None:
        body["store_writable"] = status.store_writable
        body["breakdowns"] = [
            {"part": each.part, "times": each.times, "last_at": to_seconds(each.last_at), "down": each.down}
            for each in status.breakdowns
        ]
        body["workspace"] = _workspace_body(status.workspace)
    return body


def _workspace_body(workspace: WorkspaceStatus) -> dict[str, object]:
    oldest = workspace.oldest_wait_seconds
    webhooks = {"waiting": workspace.webhooks_due, "failed": workspace.webhooks_failed}
    return {
        "accounts": [_account_body(account) for account in workspace.accounts],
        "queued": workspace.queued,
        "running": workspace.running,
        "needs_attention": workspace.needs_attention,
        "done_today": workspace.done_today,
        "failed_today": workspace.failed_today,
        "oldest_wait_seconds": None if oldest is None else round(oldest, 1),
        "webhooks": webhooks,
        "unknown_wire": [
            {"kind": row.kind, "count": row.count, "last_at": to_seconds(row.last_at)} for row in workspace.unknown_wire
        ],
    }


def _account_body(account: AccountStatus) -> dict[str, object]:
    return {
        "id": account.id,
        "name": account.name,
        "state": account.state.value,
        "live": account.live,
        "trouble": account.trouble.value if account.trouble else None,
        "reason": account.reason,
        "running": account.running,
        "concurrency": account.concurrency,
        "queued": account.queued,
        "demo": account.demo,
        "remix": account.remix,
        "warnings": list(account.warnings),
    }
