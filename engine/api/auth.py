"""Who calls: the Bearer key of a request, and the workspace it opens. Keys are never logged or repeated."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from engine.api.options import premises_of
from engine.model.errors import Unauthenticated
from engine.ports import ApiKey

LONGEST_KEY = 512

_documented = HTTPBearer(auto_error=False, description="An API key, as `easel key create` prints it.")


def bearer(header: str | None) -> str:
    """The key in an Authorization header; the scheme's case and extra white space do not count.

    Raises:
        Unauthenticated: there is none.
    """
    words = (header or "").split()
    if not words:
        raise Unauthenticated("no API key was given; send the header Authorization: Bearer <key>")
    if len(words) != 2 or words[0].lower() != "bearer" or len(words[1]) > LONGEST_KEY:  # noqa: PLR2004 - scheme, key
        raise Unauthenticated("the Authorization header is not of the form: Bearer <key>")
    return words[1]


async def identified(request: Request) -> ApiKey:
    """The key of a request that must have one."""
    return await premises_of(request).door.authenticate(bearer(request.headers.get("authorization")))


async def caller_of(
    request: Request, _documented: Annotated[HTTPAuthorizationCredentials | None, Depends(_documented)]
) -> ApiKey:
    """`identified`, as the document tells of it."""
    return await identified(request)


async def perhaps_caller_of(
    request: Request, _documented: Annotated[HTTPAuthorizationCredentials | None, Depends(_documented)]
) -> ApiKey | None:
    """The key of a request that may come without one; a wrong one is still refused."""
    return await identified(request) if "authorization" in request.headers else None


Caller = Annotated[ApiKey, Depends(caller_of)]
PerhapsCaller = Annotated[ApiKey | None, Depends(perhaps_caller_of)]


def requester(key: ApiKey) -> str:
    """How the engine names who asked."""
    return f"key:{key.id}"
