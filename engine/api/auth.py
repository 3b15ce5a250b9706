"""Who calls: the key of a request, where its dialect puts it. Keys are never logged or repeated."""

from __future__ import annotations

from starlette.requests import Request

from engine.api.options import premises_of
from engine.api.ways import Credential, Way
from engine.model.errors import Forbidden, Unauthenticated
from engine.ports import ApiKey

LONGEST_KEY = 512

Caller = ApiKey
"""What an endpoint is given where a key is asked for."""
PerhapsCaller = ApiKey | None
"""Where the key may be left out."""

_SENT_AS = {
    Credential.BEARER: "Authorization: Bearer <key>",
    Credential.API_KEY: "api-key: <key>",
}


def bearer(header: str) -> str:
    """The key in an Authorization header; the scheme's case and extra white space do not count.

    Raises:
        Unauthenticated: there is none.
    """
    words = header.split()
    if len(words) != 2 or words[0].lower() != "bearer" or len(words[1]) > LONGEST_KEY:  # noqa: PLR2004 - scheme, key
        raise Unauthenticated("the Authorization header is not of the form: Bearer <key>")
    return words[1]


def _bare(header: str) -> str:
    words = header.split()
    if len(words) != 1 or len(words[0]) > LONGEST_KEY:
        raise Unauthenticated("the api-key header holds no key")
    return words[0]


def shown_key(request: Request, credentials: tuple[Credential, ...]) -> str | None:
    """The key that was sent, in the first of these headers that is there; None: in none of them.

    Raises:
        Unauthenticated: the header does not hold a key.
    """
    headers = request.headers
    for credential in credentials:
        header = headers.get(credential.value)
        if header is not None and header.strip():
            return bearer(header) if credential is Credential.BEARER else _bare(header)
    return None


async def identified(request: Request, way: Way) -> ApiKey | None:
    """The key in force of a request; None where none is asked for, or where it may be left out and was.

    Raises:
        Unauthenticated: none was sent, or a wrong one.
    """
    if way.scope is None:
        return None
    credentials = way.dialect.credentials
    key = shown_key(request, credentials)
    if key is None:
        if way.anonymous and not any(credential.value in request.headers for credential in credentials):
            return None
        wanted = " or ".join(_SENT_AS[credential] for credential in credentials)
        raise Unauthenticated(f"no API key was given; send the header {wanted}")
    return await premises_of(request).door.authenticate(key)


def check_scope(way: Way, caller: ApiKey) -> None:
    """See that a key may do what a route does.

    Raises:
        Forbidden: its scopes do not allow it.
    """
    if way.scope is not None and way.scope not in caller.scopes:
        scopes = ", ".join(sorted(caller.scopes))
        raise Forbidden(f"this needs a key with the scope {way.scope} (this key has: {scopes})")


def requester(key: ApiKey) -> str:
    """How the engine names who asked."""
    return f"key:{key.id}"
