"""Which dialects the one application carries, and that every error of all of them has the one shape."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from engine.api import health, pictures
from engine.api.bounds import BodyBound, Bound, LastResort
from engine.api.direct import Application
from engine.api.door import Door
from engine.api.imaginepro import routes as imaginepro
from engine.api.native import routes as native
from engine.api.options import ApiOptions, Premises
from engine.api.problems import Problem, answer, problem_of, problem_of_http
from engine.model.errors import EaselError


def create_app(door: Door, options: ApiOptions) -> FastAPI:
    """The application: every route, and nothing that listens yet (`listening.HttpServer` does)."""
    bound = Bound(options.body_bytes, options.body_seconds, options.picture_bytes, ("/button",))
    app = Application(
        bound=bound,
        title="Easel",
        version=options.version,
        description="A self-hosted Midjourney studio: ImaginePro's routes under /api/v1, its own under /v1.",
        redirect_slashes=False,
        redoc_url=None,
    )
    app.state.premises = Premises(door, options)
    app.add_middleware(BodyBound, bound=bound)
    app.add_middleware(LastResort)
    app.add_exception_handler(EaselError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    for asked_for_each_job in (imaginepro.router(), native.router()):
        app.include_direct(asked_for_each_job)
    for routes in (pictures.router(), health.router()):
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
    return answer(problem_of_http(error, request.method, request.url.path))


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first: Any = next(iter(error.errors()), {})
    field = ".".join(str(part) for part in first.get("loc", ())) or "request"
    return answer(Problem(400, f"{field}: {first.get('msg', 'is invalid')}"))


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
