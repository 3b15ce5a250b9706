"""Which dialects the one application carries, and that every error of all of them has the one shape."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from engine.api import health, pictures
from engine.api.bounds import BodyBound, LastResort
from engine.api.door import Door
from engine.api.imaginepro import routes as imaginepro
from engine.api.native import routes as native
from engine.api.options import ApiOptions, Premises
from engine.api.problems import Problem, answer, problem_of
from engine.model.errors import EaselError


def create_app(door: Door, options: ApiOptions) -> FastAPI:
    """The application: every route, and nothing that listens yet (`listening.HttpServer` does)."""
    app = FastAPI(
        title="Easel",
        version=options.version,
        description="A self-hosted Midjourney studio: ImaginePro's routes under /api/v1, its own under /v1.",
        redirect_slashes=False,
        redoc_url=None,
    )
    app.state.premises = Premises(door, options)
    app.add_middleware(BodyBound, most_bytes=options.body_bytes, seconds=options.body_seconds)
    app.add_middleware(LastResort)
    app.add_exception_handler(EaselError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    for routes in (imaginepro.router(), native.router(), pictures.router(), health.router()):
        app.include_router(routes)
    _document(app)
    return app


async def _refused(_: Request, error: Exception) -> Response:
    problem = problem_of(error) if isinstance(error, EaselError) else None
    if problem is None:
        raise error
    return answer(problem)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    cause = str(error.detail)
    if error.status_code == 404:  # noqa: PLR2004 - the framework's own word for an unknown route
        cause = f"there is no route {request.method} {_clipped(request.url.path)}"
    if error.status_code == 405:  # noqa: PLR2004
        cause = f"{request.method} is not allowed here"
    return answer(Problem(error.status_code, cause, dict(error.headers or {})))


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first: Any = next(iter(error.errors()), {})
    field = ".".join(str(part) for part in first.get("loc", ())) or "request"
    return answer(Problem(400, f"{field}: {first.get('msg', 'is invalid')}"))


def _clipped(path: str) -> str:
    return path if len(path) <= 100 else path[:100] + "..."  # noqa: PLR2004 - enough to recognise it


def _document(app: FastAPI) -> None:
    """Take the framework's 422 out of the OpenAPI document: no route answers it."""
    framework = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = framework()
            for path in document["paths"].values():
                for operation in path.values():
                    operation["responses"].pop("422", None)
            schemas = document.get("components", {}).get("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
