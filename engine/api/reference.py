"""The page /docs, which shows the OpenAPI document: Swagger UI from files of ours, loaded from nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from engine.api.ways import NATIVE, Endpoint, Way

_FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}
_ONLY_OURS = (
    "default-src 'none'; connect-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page's own script stands in it; nothing is fetched from another origin."""
_KEPT = "public, max-age=86400"


def ways() -> Iterator[Way]:
    """The page and its files, none of which stands in the document."""
    for path, endpoint in (("/docs", _page), *((f"/docs/{name}", _file(name)) for name in _FILES)):
        yield Way(
            method="GET",
            path=path,
            endpoint=endpoint,
            dialect=NATIVE,
            scope=None,
            summary="The document, to be read",
            hidden=True,
        )


async def _page(request: Request) -> Response:
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=f"{request.app.title}: the HTTP APIs",
        swagger_js_url="/docs/swagger-ui-bundle.js",
        swagger_css_url="/docs/swagger-ui.css",
        swagger_favicon_url="/docs/favicon.png",
    )
    page.headers["Content-Security-Policy"] = _ONLY_OURS
    return page


def _file(name: str) -> Endpoint:
    place = Path(str(files("fastapi_offline"))) / "static" / name

    async def endpoint(request: Request) -> Response:  # noqa: ARG001 - whoever asks
        return FileResponse(place, media_type=_FILES[name], headers={"Cache-Control": _KEPT})

    return endpoint
