"""ImaginePro as a dialect: its name, where its key is, who asks, and how a row of its routes is written."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.requests import Request

from engine.api.auth import Caller
from engine.api.imaginepro.schemas import Common
from engine.api.origins import origin_of
from engine.api.ways import Credential, Dialect, Endpoint, Way
from engine.model.jobs import Origin
from engine.model.keys import Scope

IMAGINEPRO = Dialect(
    name="imaginepro",
    title="ImaginePro",
    credentials=(Credential.BEARER,),
    prefixes=("/api/v1",),
    over_quota=HTTPStatus.UNAUTHORIZED,
    webhook_field="webhookOverride",
)
FAMILIES = ("midjourney", "nova")
"""The same routes under both names."""


def way(method: str, path: str, endpoint: Endpoint, scope: Scope, summary: str, **more: Any) -> Way:
    """A row of this dialect; `path` is what follows /api/v1."""
    return Way(
        method=method,
        path=f"/api/v1{path}",
        endpoint=endpoint,
        dialect=IMAGINEPRO,
        scope=scope,
        summary=summary,
        **more,
    )


def asked_by(request: Request, caller: Caller, common: Common, *, boost: bool = False) -> Origin:
    """Who asks, where they want to be told, and what is true of every job of this dialect."""
    said = {"boost": boost, "source_links": common.source_links}
    return origin_of(request, caller, IMAGINEPRO, ref=common.ref, callback=common.webhook, **said)
