"""One account's way over HTTP: one lane for submissions, which are never repeated, and reads, which may be."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx
import msgspec
from msgspec import Raw

from engine.drivers.midjourney import commands, properties
from engine.drivers.midjourney.line import Line
from engine.drivers.midjourney.outcomes import classify, read_body, wait_of
from engine.drivers.midjourney.payloads import CommandIndex, GatewayAddress, Named
from engine.model.accounts import Upstream
from engine.model.errors import Unavailable
from engine.model.snowflakes import snowflake_at
from engine.ports import Answer, AnswerKind, Clock, Refusal

KEEP_IDLE = 4.0
"""Seconds: after about 5 the far side closes, and the next POST would end as an unknown outcome (§1.2)."""
CONNECTING_PART = 0.6
"""The part of a POST's time-out that connecting may take; what fails within it never left."""
_READ_TRIES = 4
_OUTDATED_PAUSE = 60.0
"""Seconds, when the index knows no newer version than the one refused: "try again in a few minutes"."""
_PAGE = 100
_LONGEST_WAIT = 30.0
"""Seconds that a read waits for a rate limit before it gives up."""
_RATE_LIMITED, _SERVER_ERROR = 429, 500
_BIG = 256 * 1024
_index = msgspec.json.Decoder(CommandIndex)
_messages = msgspec.json.Decoder(list[Raw])
_named = msgspec.json.Decoder(Named)
_gateway = msgspec.json.Decoder(GatewayAddress)


@cache
def shared_context() -> ssl.SSLContext:
    """The one TLS context of the process: each httpx client would make its own (0.85 MB)."""
    return httpx.create_ssl_context()


def is_here(url: str) -> bool:
    """Whether an address is this machine's own: the simulator is never asked through a proxy of the environment."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def proxies_of_the_environment() -> bool:
    """Whether httpx would look for a proxy there; which one, if any, it then decides itself."""
    named = getproxies()
    return any(named.get(scheme) for scheme in ("http", "https", "all"))


class Lane:
    """One account's REST side. No two submissions are under way at once."""

    def __init__(
        self,
        upstream: Upstream,
        place: commands.Place,
        token: str,
        *,
        client_properties: Mapping[str, object],
        post_timeout_seconds: float,
        clock: Clock,
        holds: Callable[[], bool],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._place = place
        self._timeout = post_timeout_seconds
        self._clock = clock
        self._holds = holds
        self._lock = asyncio.Lock()
        self._commands: dict[commands.CommandKey, commands.Command] = {}
        self._not_before = 0.0
        """Ticks until which Discord wants silence."""
        if transport is None and (is_here(upstream.api_url) or not proxies_of_the_environment()):
            transport = Line(httpx.URL(upstream.api_url), shared_context(), keep_idle=KEEP_IDLE)
        self._http = httpx.AsyncClient(
            base_url=upstream.api_url.rstrip("/") + "/",
            headers={"Authorization": token, **properties.headers(client_properties)},
            timeout=httpx.Timeout(post_timeout_seconds),
            limits=httpx.Limits(max_connections=4, keepalive_expiry=KEEP_IDLE),
            verify=shared_context(),
            trust_env=not is_here(upstream.api_url),
            transport=transport,
            follow_redirects=False,
        )
        # made once: merging URL, headers and limits anew costs as much as the rest of a POST
        self._post_url = self._http.base_url.join("interactions")
        headers = {**self._http.headers, "Content-Type": "application/json"}
        self._post_headers = httpx.Request("POST", self._post_url, headers=headers, content=b"{}").headers
        connecting = CONNECTING_PART * post_timeout_seconds
        self._post_limits = {"timeout": {"connect": connecting}}  # one limit holds for the rest together
        # what is not asked for here (redirects, authentication, cookies) need not be looked at with each POST
        self._send = self._http.send if transport is None else transport.handle_async_request

    async def close(self) -> None:
        """Close the connections, after an open POST has been answered or has timed out."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._timeout), self._lock:
                pass
        await self._http.aclose()

    async def submit(self, submission: commands.Interaction, nonce: str, live: Callable[[], str | None]) -> Answer:
        """One POST to /interactions, at most once.

        Args:
            submission: what to send.
            nonce: its nonce.
            live: gives the session id while the session is live; asked just before the request is written.
        """
        async with self._lock:
            left = self._not_before - self._clock.ticks()
            if left > 0:
                detail = f"Discord asked for silence, {left:.1f} s of it are left"
                return Answer(AnswerKind.REFUSED, detail, Refusal.WAIT, retry_after=left)
            wanted = commands.command_of(submission)
            known = await self._command(wanted) if wanted and live() and self._holds() else None
            if isinstance(known, Answer):
                return known
            answer = await self._post(submission, nonce, known, live)
            if answer.refusal is Refusal.WAIT and answer.retry_after is not None:
                self._not_before = self._clock.ticks() + answer.retry_after
            if answer.refusal is Refusal.AGAIN and wanted is not None:
                return await self._rediscovered(wanted, known, answer)
            return answer

    async def _post(
        self,
        submission: commands.Interaction,
        nonce: str,
        command: commands.Command | None,
        live: Callable[[], str | None],
    ) -> Answer:
        session_id = live()
        if session_id is None:
            return Answer(AnswerKind.NEVER_LEFT, "the session is not live")
        body = commands.encode(submission, self._place, session_id=session_id, nonce=nonce, command=command)
        content = msgspec.json.encode(body)
        headers = self._post_headers.copy()
        headers["Content-Length"] = str(len(content))
        # with a stream instead of the content nothing is normalised and added anew
        stream = httpx.ByteStream(content)
        request = httpx.Request(
            "POST", self._post_url, headers=headers, stream=stream, extensions=dict(self._post_limits)
        )
        if not self._holds():
            return Answer(AnswerKind.NEVER_LEFT, "the lease is over")
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._send(request)
        except TimeoutError as late:
            return classify(late)  # connecting has a limit of its own, so it may have been written
        except (httpx.HTTPError, httpx.InvalidURL) as wrong:
            return classify(wrong)
        return classify(answer)

    async def _rediscovered(
        self, wanted: commands.CommandKey, refused: commands.Command | None, answer: Answer
    ) -> Answer:
        self._commands.pop(wanted, None)
        found = await self._command(wanted)
        if found != refused:
            return found if isinstance(found, Answer) else answer
        self._commands.pop(wanted, None)
        self._not_before = self._clock.ticks() + _OUTDATED_PAUSE
        detail = f"{answer.detail}; the index knows no newer version yet"
        return Answer(AnswerKind.REFUSED, detail, Refusal.WAIT, retry_after=_OUTDATED_PAUSE)

    async def _command(self, wanted: commands.CommandKey) -> commands.Command | Answer:
        """From the cache, the index, or (when that cannot be read or hides it) the built-in table; else why not."""
        if wanted in self._commands:
            return self._commands[wanted]
        where = self._place
        path = f"guilds/{where.guild_id}" if where.guild_id else f"channels/{where.channel_id}"
        built_in = commands.BUILT_IN.get(wanted)
        try:
            answer = await self._read(f"{path}/application-command-index", tries=1)
            content = answer.content
            decode = _index.decode
            index = await asyncio.to_thread(decode, content) if len(content) > _BIG else decode(content)
        except (Unavailable, msgspec.DecodeError):
            unread = "the command is not sent: Discord's list of commands could not be read"
            return built_in or Answer(AnswerKind.NEVER_LEFT, unread)
        found = commands.find(index.application_commands, wanted) or built_in
        if found is None:
            hidden = f"the command “{wanted[1]}” is not available to this account in its channel"
            return Answer(AnswerKind.REFUSED, hidden, Refusal.FAIL)
        self._commands[wanted] = found
        return found

    async def gateway_url(self) -> str:
        """The address that GET /gateway names.

        Raises:
            Unavailable: it could not be asked.
        """
        answer = await self._read("gateway", tries=1)
        try:
            return _gateway.decode(answer.content).url
        except msgspec.DecodeError as wrong:
            raise Unavailable("GET /gateway answered something else") from wrong

    async def history(self, after: datetime) -> list[Raw]:
        """Every message of the channel since then, undecoded, oldest first.

        Raises:
            Unavailable: it could not be read to the end.
        """
        cursor = snowflake_at(after - timedelta(milliseconds=1))
        found: list[Raw] = []
        while True:
            params = {"limit": str(_PAGE), "after": cursor}
            answer = await self._read(f"channels/{self._place.channel_id}/messages", params)
            try:
                page = _messages.decode(answer.content)
                ids = [int(str(_named.decode(message).id)) for message in page]
            except (msgspec.DecodeError, ValueError) as wrong:
                raise Unavailable("the channel's history has an unknown form") from wrong
            # newest first, also with `after` (§1.5); sorted all the same
            found.extend(message for _, message in sorted(zip(ids, page, strict=True), key=lambda pair: pair[0]))
            if len(page) < _PAGE:
                return found
            newest = max(ids)
            if newest <= int(cursor):
                raise Unavailable("the channel's history does not go on")
            cursor = str(newest)

    async def message(self, message_id: str) -> Raw | None:
        """One message, undecoded; None when the channel has none of that id.

        Raises:
            Unavailable: it could not be read.
        """
        near = {"limit": "1", "around": message_id}
        answer = await self._read(f"channels/{self._place.channel_id}/messages", near)
        try:
            page = _messages.decode(answer.content)
            return next((body for body in page if str(_named.decode(body).id) == message_id), None)
        except msgspec.DecodeError as wrong:
            raise Unavailable("the channel's history has an unknown form") from wrong

    async def _read(
        self, path: str, params: Mapping[str, str] | None = None, *, tries: int = _READ_TRIES
    ) -> httpx.Response:
        """A GET, repeated a few times.

        Raises:
            Unavailable: no good answer came.
        """
        detail = "the lease is over"
        for turn in range(tries):
            if self._http.is_closed:
                detail = "the session is closed"
                break
            if not self._holds():
                break
            pause = 0.5 * 2**turn
            try:
                answer = await self._http.get(path, params=params)
            except httpx.HTTPError as wrong:
                detail = f"GET {path}: {type(wrong).__name__}"
            else:
                if answer.is_success:
                    return answer
                detail = f"GET {path}: {answer.status_code}"
                if answer.status_code == _RATE_LIMITED:
                    pause = wait_of(answer, read_body(answer)) or pause
                elif answer.status_code < _SERVER_ERROR:
                    break
            if pause > _LONGEST_WAIT or turn + 1 == tries:
                break
            await self._clock.sleep(pause)
        raise Unavailable(detail)
