"""How a request reaches its way: without the framework's detours, though the framework's document tells of all of them.

Each job costs two requests. FastAPI's layers (dependencies, exit stacks, a closure in each of seven middlewares) would
decide nothing here, where every endpoint takes the request, the caller and the words of the path, and took most of what
such a request cost. What the framework still answers itself: its document, wrong methods, unknown paths.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.api.auth import Caller, check_scope, identified
from engine.api.bodies import READ_FIELDS, ignored_header
from engine.api.bounds import DISCARDED_BODIES, Bound, NotTaken, unforeseen
from engine.api.once import once, token_of
from engine.api.options import ApiOptions, premises_of
from engine.api.origins import named
from engine.api.passage import Passage
from engine.api.problems import problem_of, problem_of_http
from engine.api.turnstile import Turnstile
from engine.api.visitors import NUMBER, REQUEST_ID, address_of, numbered
from engine.api.ways import NATIVE, Credential, Id, Way, Ways
from engine.model.errors import EaselError, InvalidInput, OverQuota, UnknownKey
from engine.model.keys import Scope as KeyScope

_GIVEN = {"request", "caller"}
"""What an endpoint may take beside the words of its path."""

_SECURITY = {
    Credential.BEARER: Depends(
        HTTPBearer(auto_error=False, description="An API key, as `easel key create` prints it.")
    ),
    Credential.API_KEY: Depends(APIKeyHeader(name="api-key", auto_error=False, description="The same, bare.")),
}
_READ_HEADERS = [
    "Authorization", "api-key", "Content-Type", "Easel-Requester", "Idempotency-Key", "Last-Event-ID", "X-Request-Id",
]  # fmt: skip
_TOLD_HEADERS = ["Easel-Ignored", "Idempotency-Replayed", "Retry-After", "X-Request-Id"]
_TOLD_OF = {
    Id.JOB: "The job's id, as it was answered.",
    Id.ACCOUNT: "The linked account's number.",
    Id.ACCOUNT_HASH: "The linked account's UUID.",
    Id.PICTURE: "The picture's 32 hexadecimal digits; an extension may follow.",
    Id.NUMBER: "1 to 4.",
}


class Application(FastAPI):
    """FastAPI with a direct way to every route."""

    def __init__(self, *, bound: Bound, options: ApiOptions, **described: object) -> None:
        super().__init__(**described)  # type: ignore[arg-type] # as FastAPI takes them
        self.ways = Ways(NATIVE)
        self._bound = bound
        self._turnstile = Turnstile(options.rates, options.wrong_keys)
        self._trusted = options.trusted_proxies
        elsewhere = options.elsewhere
        self._passage = None if elsewhere is None else Passage(elsewhere, bound, options.trusted_proxies)
        self._entrance: ASGIApp = self._enter
        if options.cors_origins:
            self._entrance = CORSMiddleware(
                self._enter,
                allow_origins=options.cors_origins,
                allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=_READ_HEADERS,
                expose_headers=_TOLD_HEADERS,
            )

    def include(self, ways: Iterable[Way]) -> None:
        """Serve these, and tell of them in the document."""
        for way in ways:
            takes = set(inspect.signature(way.endpoint).parameters)
            assert takes - _GIVEN == set(way.words), f"{way.path} does not give what its endpoint takes"
            self.ways.add(way)
            self.add_api_route(
                way.path,
                _told(way),
                methods=[way.method],
                summary=way.summary,
                include_in_schema=not way.hidden,
                dependencies=[] if way.scope is None else [_SECURITY[each] for each in way.dialect.credentials],
                **{"tags": [way.dialect.title], **way.described},
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if self._passage is not None and scope["type"] == "http" and self._passage.leads(scope["path"]):
            await self._passage(scope, receive, send, self.state.premises.closing)
            return
        await self._entrance(scope, receive, send)

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        number = scope[NUMBER] = numbered(scope)
        if scope["path"].startswith("//"):  # a client's base address that ends in a slash
            scope["path"] = "/" + scope["path"].lstrip("/")
        found = self.ways.find(scope["method"], scope["path"])
        if found is not None:
            await self._serve(*found, scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (REQUEST_ID, number)]
            await send(message)

        await super().__call__(scope, receive, told)

    async def _serve(self, way: Way, words: dict[str, str], scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        try:
            response = await self._respond(way, words, scope, receive)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the last place where one can be caught
            response = way.dialect.answer(unforeseen(error, way.path, scope))
        response.raw_headers.append((REQUEST_ID, scope[NUMBER]))
        fields = scope.get(READ_FIELDS)
        if fields is not None and response.status_code < HTTPStatus.BAD_REQUEST:
            ignored = ignored_header(fields)
            if ignored is not None:
                response.raw_headers.append((b"easel-ignored", ignored))
        try:
            await response(scope, receive, send)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - likewise; the server breaks the answer off
            unforeseen(error, way.path, scope)

    async def _respond(self, way: Way, words: dict[str, str], scope: Scope, receive: Receive) -> Response:
        try:
            caller = await self._identified(way, scope, receive)
            request = Request(scope, await self._bound.taken(scope, receive, way.body))
            if caller is None or way.method != "POST" or (token := token_of(scope)) is None:
                return await self._done(way, words, request, caller)
            return await once(
                premises_of(request).door.repeats,
                request,
                caller,
                token,
                lambda: self._done(way, words, request, caller),
                told=way.dialect.answer,
            )
        except NotTaken as refused:
            return self._bound.said(refused, way.dialect.answer(refused.problem))
        except EaselError as error:
            return _refused(way, error)

    async def _done(self, way: Way, words: dict[str, str], request: Request, caller: Caller | None) -> Response:
        """What the endpoint answers, or how its dialect says that it refused."""
        try:
            if way.never_empty and request.scope["query_string"]:
                _check_query(way, request)
            if way.scope is None:
                return await way.endpoint(request=request, **words)
            if way.scope is KeyScope.GENERATE:
                named(request)  # a wrong name is refused also by those that keep none
            return await way.endpoint(request=request, caller=caller, **words)
        except HTTPException as error:
            return way.dialect.answer(problem_of_http(error, way.method, request.scope["path"]))
        except EaselError as error:
            return _refused(way, error)

    async def _identified(self, way: Way, scope: Scope, receive: Receive) -> Caller | None:
        """Who calls, told by the head alone; the body of somebody who may not is not kept."""
        try:
            return await self._admitted(way, scope)
        except EaselError as error:
            problem = problem_of(error)
            if await self._bound.passed_over(scope, receive, way.body) or problem is None:
                raise
            closing = replace(problem, headers={**problem.headers, "Connection": "close"})
            raise NotTaken(closing, unread=way.body * DISCARDED_BODIES) from error

    async def _admitted(self, way: Way, scope: Scope) -> Caller | None:
        """Whoever calls, when they may, and not too often."""
        try:
            caller = await identified(Request(scope), way)
        except UnknownKey:
            await self._turnstile.wrong_key(address_of(scope, self._trusted))
            raise
        if caller is not None and way.counted is not None:
            check_scope(way, caller)
            await self._turnstile.passed(caller.id, caller.rates, way.counted)
        return caller


def _check_query(way: Way, request: Request) -> None:
    """See that no word of the query is empty where that means nothing. Raises InvalidInput."""
    for name, value in request.query_params.multi_items():
        if not value and name in way.never_empty:
            raise InvalidInput(name, "is empty", allowed="a value; or leave it out")


def _refused(way: Way, error: EaselError) -> Response:
    """How a way's dialect says an error of the engine's; one of our own is raised again."""
    problem = problem_of(error)
    if problem is None:
        raise error
    if isinstance(error, OverQuota):
        problem = replace(problem, status=way.dialect.over_quota)
    return way.dialect.answer(problem)


def _told(way: Way) -> Callable[..., Awaitable[Response]]:
    """What the framework's document reads of a way; a request never gets here."""

    async def told(**_: Any) -> Response:
        raise HTTPException(404)

    words = [
        inspect.Parameter(
            word,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=Annotated[str, Path(description=_TOLD_OF.get(way.ids[word], f"The {way.ids[word]}'s id."))],
        )
        for word in way.words
    ]
    told.__signature__ = inspect.Signature(words, return_annotation=Response)  # type: ignore[attr-defined]
    told.__name__ = way.endpoint.__name__.lstrip("_")
    return told
