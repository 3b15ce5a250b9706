"""Which dialects the one application carries, and that every error of all of them has the one shape."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from engine.api import health, pictures, reference
from engine.api.bounds import BodyBound, Bound, LastResort
from engine.api.direct import Application
from engine.api.document import complete
from engine.api.door import Door
from engine.api.imaginepro import routes as imaginepro
from engine.api.imaginepro import services
from engine.api.native import (
    accounts,
    deciding,
    events,
    guilds,
    keys,
    listing,
    members,
    rules,
    starting,
    webhooks,
    workspace,
)
from engine.api.native import routes as native
from engine.api.options import ApiOptions, Premises
from engine.api.problems import Problem, problem_of, problem_of_http
from engine.api.userapi import routes as userapi
from engine.api.ways import SMALL
from engine.model.errors import EaselError


def create_app(door: Door, options: ApiOptions) -> Application:
    """The application: every route, and nothing that listens yet (`listening.HttpServer` does)."""
    bound = Bound(options.body_seconds)
    app = Application(
        bound=bound,
        options=options,
        title="Easel",
        version=options.version,
        description="A self-hosted Midjourney studio: ImaginePro's routes under /api/v1, UserAPI's under "
        "/midjourney/v2, /discord and /user, its own under /v1.",
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )

    def said(scope: Scope, problem: Problem) -> Response:
        return app.ways.dialect_of(scope["path"]).answer(problem)

    async def refused(request: Request, error: Exception) -> Response:
        problem = problem_of(error) if isinstance(error, EaselError) else None
        if problem is None:
            raise error
        return said(request.scope, problem)

    async def wrong(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        problem = problem_of_http(error, request.method, request.url.path)
        if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:  # the framework names those of one route of the path
            allowed = ", ".join(app.ways.methods(request.scope["path"]))
            problem = replace(problem, headers={"Allow": allowed} if allowed else problem.headers)
        return said(request.scope, problem)

    app.state.premises = Premises(door, options)
    app.add_middleware(BodyBound, bound=bound, most=SMALL, answer=said)
    app.add_middleware(LastResort, answer=said)
    app.add_exception_handler(EaselError, refused)
    app.add_exception_handler(HTTPException, wrong)
    own = (native, events, starting, listing, deciding, accounts, keys, workspace, rules, webhooks, guilds, members)
    routes = (imaginepro, services, userapi, *own, pictures, health, reference)
    for ways in (each.ways() for each in routes):
        app.include(ways)
    _document(app)
    return app


def _document(app: Application) -> None:
    """Put into the OpenAPI document what is true of all routes, and take the framework's 422 out."""
    framework = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = complete(framework(), app.ways)
            schemas = document.get("components", {}).get("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
