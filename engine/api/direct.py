"""Which routes are served without the framework's detours; they stand in its document like all the others.

Each job costs two requests. FastAPI's layers (dependencies, exit stacks, a closure in each of seven middlewares) decide
nothing on these routes, whose endpoints all take the request, the caller and the words of the path, and took most of
what such a request cost.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from engine.api.auth import identified
from engine.api.bounds import Bound, NotTaken, unforeseen
from engine.api.problems import answer, problem_of, problem_of_http
from engine.model.errors import EaselError

_TAKEN = {"request", "caller"}
"""What every endpoint that is served directly takes, beside at most one word of the path."""


@dataclass(frozen=True, slots=True)
class _Way:
    path: str
    endpoint: Callable[..., Awaitable[Response]]
    word: str = ""
    before: str = ""
    after: str = ""
    """With a word in the path: its name, and what stands before and after it."""

    def word_of(self, path: str) -> str | None:
        """What stands at the place of the word; None: the path is another one."""
        end = len(path) - len(self.after)
        if not path.startswith(self.before) or not path.endswith(self.after) or end <= len(self.before):
            return None
        word = path[len(self.before) : end]
        return None if "/" in word else word


class Application(FastAPI):
    """FastAPI with a direct way to some routes."""

    def __init__(self, *, bound: Bound, **described: object) -> None:
        super().__init__(**described)  # type: ignore[arg-type] # as FastAPI takes them
        self._bound = bound
        self._exact: dict[tuple[str, str], _Way] = {}
        self._open: dict[str, list[_Way]] = {}

    def include_direct(self, routes: APIRouter) -> None:
        """Include the routes in the document and serve them directly; every other method or path is the framework's."""
        self.include_router(routes)
        for route in routes.routes:
            assert isinstance(route, APIRoute)
            words = set(inspect.signature(route.endpoint).parameters) - _TAKEN
            assert words == set(route.param_convertors), f"{route.path} cannot be served directly"
            for method in route.methods or ():
                if not words:
                    self._exact[method, route.path] = _Way(route.path, route.endpoint)
                    continue
                (word,) = words
                before, _, after = route.path.partition(f"{{{word}}}")
                self._open.setdefault(method, []).append(_Way(route.path, route.endpoint, word, before, after))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            method, path = scope["method"], scope["path"]
            exact = self._exact.get((method, path))
            if exact is not None:
                await self._serve(exact, {}, scope, receive, send)
                return
            for way in self._open.get(method, ()):
                word = way.word_of(path)
                if word is not None:
                    await self._serve(way, {way.word: word}, scope, receive, send)
                    return
        await super().__call__(scope, receive, send)

    async def _serve(self, way: _Way, words: dict[str, str], scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        try:
            response = await self._respond(way, words, scope, receive)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the last place where one can be caught
            response = answer(unforeseen(error, way.path, scope))
        try:
            await response(scope, receive, send)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - likewise; the server breaks the answer off
            unforeseen(error, way.path, scope)

    async def _respond(self, way: _Way, words: dict[str, str], scope: Scope, receive: Receive) -> Response:
        try:
            request = Request(scope, await self._bound.taken(scope, receive))
            caller = await identified(request)
            return await way.endpoint(request=request, caller=caller, **words)
        except NotTaken as refused:
            return answer(refused.problem)
        except HTTPException as error:
            return answer(problem_of_http(error, scope["method"], scope["path"]))
        except EaselError as error:
            problem = problem_of(error)
            if problem is None:
                raise
            return answer(problem)
