"""How the bot's calls by an interaction's token travel: by discord.py's rules, over the engine's line.

A card's life is six such calls. Through aiohttp, which discord.py uses, they took half of what it cost.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import discord
import httpx
import msgspec
from discord.webhook import async_ as webhooks

from engine import Line, shared_context

if TYPE_CHECKING:
    from engine import HttpAnswer

KEEP_IDLE = 4.0
"""Seconds for which an idle connection is kept; the far side closes it soon after."""
CONNECT_SECONDS, READ_SECONDS = 10.0, 30.0
TRIES = 5
_IN_QUOTES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class ReleasedLock(webhooks.AsyncDeferredLock):
    """Of the calls by one token, one at a time, and a pause when the limit is used up.

    An edit that gives way to the end of its job is cancelled. discord.py 2.7 forgets to release the lock if that
    happens in the pause, and nothing could ever be said by that token again.
    """

    async def __aexit__(self, *_: object) -> None:
        """The pause, and whatever becomes of it, the release."""
        try:
            if self.delta:
                await asyncio.sleep(self.delta)
        finally:
            self.lock.release()


class Said:
    """An answer, as discord.py's errors carry it."""

    def __init__(self, answer: HttpAnswer) -> None:
        self.status = answer.status
        self.reason = _PHRASES.get(answer.status, "")
        self.headers = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
        """By name in lower case."""
        encoded = b"content-encoding" in self.headers
        body = answer.as_httpx().content if encoded else b"".join(answer.body)
        self.data: Any = _read(body, self.headers.get(b"content-type", ""))

    def resets_after(self) -> float:
        """Seconds until its bucket holds calls again."""
        if after := self.headers.get(b"x-ratelimit-reset-after"):
            return float(after)
        return float(self.headers.get(b"x-ratelimit-reset", 0)) - time.time()

    @property
    def is_last_call(self) -> bool:
        """Whether its bucket holds none now."""
        return self.headers.get(b"x-ratelimit-remaining") == "0" and self.status != HTTPStatus.TOO_MANY_REQUESTS


class TokenCalls(webhooks.AsyncWebhookAdapter):
    """Calls by token to one address of Discord's API; in the place of discord.py's own in `async_context`."""

    def __init__(self, api_url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # discord.py's
        self._line = Line(httpx.URL(api_url), shared_context(), keep_idle=KEEP_IDLE)
        address = urlsplit(api_url)
        self._begins = len(f"{address.scheme}://{address.netloc}")
        """Where the path begins in each address."""
        agent = f"DiscordBot (https://github.com/Rapptz/discord.py {discord.__version__})"
        self._always = f"Host: {address.netloc}\r\nUser-Agent: {agent}\r\n"

    async def request(
        self,
        route: Any,
        session: object = None,  # noqa: ARG002 - discord.py's own shape, here and below
        *,
        payload: dict[str, Any] | None = None,
        multipart: Sequence[Mapping[str, Any]] | None = None,
        proxy: object = None,  # noqa: ARG002
        proxy_auth: object = None,  # noqa: ARG002
        files: Sequence[discord.File] | None = None,
        reason: str | None = None,
        auth_token: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> Any:
        """Make a call, again where Discord says that it may be made again; returns what its answer holds.

        Raises:
            discord.HTTPException: it is refused, or was five times.
            OSError, TimeoutError: nothing is known of it.
        """
        bucket = (route.webhook_id, route.webhook_token)
        lock = self._locks.get(bucket)
        if lock is None:
            self._locks[bucket] = lock = asyncio.Lock()
        head = f"{route.method} {route.url[self._begins :]}{_query(params)} HTTP/1.1\r\n{self._always}"
        if auth_token is not None:
            head += f"Authorization: Bot {auth_token}\r\n"
        if reason is not None:
            head += f"X-Audit-Log-Reason: {quote(reason, safe='/ ')}\r\n"
        async with ReleasedLock(lock) as held:
            attempt = 0
            while True:
                attempt += 1
                for file in files or ():
                    file.reset(seek=attempt > 1)
                said = await self._said(head, *_body_of(payload, multipart))
                if said.is_last_call:
                    held.delay_by(said.resets_after())
                if said.status < HTTPStatus.MULTIPLE_CHOICES:
                    return said.data
                await asyncio.sleep(_pause(said, attempt))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._line.aclose()

    async def _said(self, head: str, kind: str, body: bytes) -> Said:
        typed = f"Content-Type: {kind}\r\n" if kind else ""
        written = f"{head}{typed}Content-Length: {len(body)}\r\n\r\n".encode() + body
        try:
            return Said(await self._line.exchange(written, connect=CONNECT_SECONDS, read=READ_SECONDS))
        except httpx.TimeoutException as late:
            raise TimeoutError(str(late)) from late
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise ConnectionError(str(error)) from error


def _query(params: Mapping[str, Any] | None) -> str:
    return f"?{urlencode(params)}" if params else ""


def _body_of(payload: dict[str, Any] | None, multipart: Sequence[Mapping[str, Any]] | None) -> tuple[str, bytes]:
    """The kind of a call's body and the body."""
    if multipart:
        boundary = secrets.token_hex(16)
        parts = [b"--%b\r\n%b" % (boundary.encode(), _part(part)) for part in multipart]
        return f"multipart/form-data; boundary={boundary}", b"%b--%b--\r\n" % (b"".join(parts), boundary.encode())
    return ("", b"") if payload is None else ("application/json", msgspec.json.encode(payload))


def _part(part: Mapping[str, Any]) -> bytes:
    """One part of a form (RFC 7578), with the blank line and its end."""
    head = f'Content-Disposition: form-data; name="{part["name"]}"'
    content = part["value"]
    if "filename" in part:
        head += f'; filename="{part["filename"].translate(_IN_QUOTES)}"\r\nContent-Type: {part["content_type"]}'
        content = content.read()
    return b"%b\r\n\r\n%b\r\n" % (head.encode(), content if isinstance(content, bytes) else content.encode())


def _read(body: bytes, kind: str) -> Any:
    if kind.startswith("application/json"):
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(body)
    return body.decode(errors="replace")


def _pause(said: Said, attempt: int) -> float:
    """Seconds until it may be made again.

    Raises:
        discord.HTTPException: it may not, or was made often enough.
    """
    limited = said.status == HTTPStatus.TOO_MANY_REQUESTS and b"via" in said.headers and isinstance(said.data, dict)
    if attempt == TRIES or not (limited or said.status >= HTTPStatus.INTERNAL_SERVER_ERROR):
        raise _refusal(said)
    return float(said.data["retry_after"]) if limited else 2.0 * attempt - 1


def _refusal(said: Said) -> discord.HTTPException:
    kind: type[discord.HTTPException] = discord.HTTPException
    if said.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        kind = discord.DiscordServerError
    elif said.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
        kind = discord.Forbidden if said.status == HTTPStatus.FORBIDDEN else discord.NotFound
    return kind(said, said.data)  # type: ignore[arg-type]  # its status, reason and headers are what is looked at
