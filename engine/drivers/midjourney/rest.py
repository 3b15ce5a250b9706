"""One account's way over HTTP: one lane for submissions, which are never repeated, and reads, which may be."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit
from urllib.request import getproxies

import httpx
import msgspec
from msgspec import Raw

from engine.drivers.midjourney import commands, properties
from engine.drivers.midjourney.outcomes import classify, quoted, read_body, wait_of
from engine.drivers.midjourney.payloads import GatewayAddress, Named, PrivateChannel
from engine.drivers.midjourney.registry import Registry
from engine.line import Line, shared_context
from engine.model.accounts import Upstream
from engine.model.actions import Reaction
from engine.model.errors import Refused, Unavailable
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
_UNAUTHORIZED, _RATE_LIMITED, _SERVER_ERROR = 401, 429, 500
_messages = msgspec.json.Decoder(list[Raw])
_named = msgspec.json.Decoder(Named)
_gateway = msgspec.json.Decoder(GatewayAddress)
_channel = msgspec.json.Decoder(PrivateChannel)
_channels = msgspec.json.Decoder(list[PrivateChannel])


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


Answered = TypeVar("Answered")

_NOT_LIVE = Answer(AnswerKind.NEVER_LEFT, "the session is not live")
_LEASE_OVER = Answer(AnswerKind.NEVER_LEFT, "the lease is over")


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
        where = f"guilds/{place.guild_id}" if place.guild_id else f"channels/{place.channel_id}"
        self._registry = Registry(lambda: self.ask("GET", f"{where}/application-command-index", tries=1))
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

    async def submit(
        self, submission: commands.Interaction | Reaction, nonce: str, live: Callable[[], str | None]
    ) -> Answer:
        """One call to /interactions, or one reaction; at most once.

        Args:
            submission: what to send.
            nonce: its nonce; a reaction has none.
            live: gives the session id while the session is live; asked just before the request is written.
        """
        async with self._lock:
            left = self._not_before - self._clock.ticks()
            if left > 0:
                detail = f"Discord asked for silence, {left:.1f} s of it are left"
                return Answer(AnswerKind.REFUSED, detail, Refusal.WAIT, retry_after=left)
            if isinstance(submission, Reaction):
                answer = await self._write(lambda _: self._reaction(submission), live)
            else:
                answer = await self._interact(submission, nonce, live)
            if answer.refusal is Refusal.WAIT and answer.retry_after is not None:
                self._not_before = self._clock.ticks() + answer.retry_after
            return answer

    async def _interact(self, submission: commands.Interaction, nonce: str, live: Callable[[], str | None]) -> Answer:
        wanted, known = commands.command_of(submission), None
        if wanted is not None:
            if live() is None:
                return _NOT_LIVE
            if not self._holds():
                return _LEASE_OVER
            known = await self._registry.command(wanted)
            if known is None:
                return self._unregistered(wanted)

        def request(session_id: str) -> httpx.Request:
            body = commands.encode(submission, self._place, session_id=session_id, nonce=nonce, command=known)
            content = msgspec.json.encode(body)
            headers = self._post_headers.copy()
            headers["Content-Length"] = str(len(content))
            # with a stream instead of the content nothing is normalised and added anew
            stream = httpx.ByteStream(content)
            return httpx.Request(
                "POST", self._post_url, headers=headers, stream=stream, extensions=dict(self._post_limits)
            )

        answer = await self._write(request, live)
        if answer.refusal is Refusal.AGAIN and wanted is not None:
            return await self._rediscovered(wanted, known, answer)
        return answer

    def _reaction(self, reaction: Reaction) -> httpx.Request:
        where = f"channels/{reaction.channel_id}/messages/{reaction.message_id}/reactions/{quote(reaction.emoji)}"
        url = self._http.base_url.join(f"{where}/%40me?location=Message&type=0")
        return httpx.Request("PUT", url, headers=self._http.headers, content=b"", extensions=dict(self._post_limits))

    async def _write(self, request: Callable[[str], httpx.Request], live: Callable[[], str | None]) -> Answer:
        """Send once, if session and lease allow it in this moment."""
        session_id = live()
        if session_id is None:
            return _NOT_LIVE
        made = request(session_id)
        if not self._holds():
            return _LEASE_OVER
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._send(made)
        except TimeoutError as late:
            return classify(late)  # connecting has a limit of its own, so it may have been written
        except (httpx.HTTPError, httpx.InvalidURL) as wrong:
            return classify(wrong)
        return classify(answer)

    def _unregistered(self, wanted: commands.CommandKey) -> Answer:
        """The command's version is not known: nothing can be sent."""
        if self._registry.was_read:
            detail = f"the command “{wanted[1]}” is not available to this account in its channel"
            return Answer(AnswerKind.REFUSED, detail, Refusal.FAIL)
        detail = f"“{wanted[1]}” is not sent: Discord's list of commands could not be read"
        return Answer(AnswerKind.NEVER_LEFT, detail)

    async def _rediscovered(
        self, wanted: commands.CommandKey, refused: commands.Command | None, answer: Answer
    ) -> Answer:
        self._registry.outdated()
        found = await self._registry.command(wanted)
        if found != refused:
            return answer
        self._registry.outdated()
        detail = f"{answer.detail}; the index knows no newer version yet"
        return Answer(AnswerKind.REFUSED, detail, Refusal.WAIT, retry_after=_OUTDATED_PAUSE)

    async def gateway_url(self) -> str:
        """The address that GET /gateway names.

        Raises:
            Unavailable: it could not be asked.
        """
        answer = await self.ask("GET", "gateway", tries=1)
        try:
            return _gateway.decode(answer.content).url
        except msgspec.DecodeError as wrong:
            raise Unavailable("GET /gateway answered something else") from wrong

    async def history(self, after: datetime, channel_id: str | None = None) -> list[Raw]:
        """Every message of the account's channel (or of another) since then, undecoded, oldest first.

        Raises:
            Unavailable: it could not be read to the end.
        """
        cursor = snowflake_at(after - timedelta(milliseconds=1))
        found: list[Raw] = []
        while True:
            params = {"limit": str(_PAGE), "after": cursor}
            answer = await self.ask("GET", f"channels/{channel_id or self._place.channel_id}/messages", params=params)
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
        answer = await self.ask("GET", f"channels/{self._place.channel_id}/messages", params=near)
        try:
            page = _messages.decode(answer.content)
            return next((body for body in page if str(_named.decode(body).id) == message_id), None)
        except msgspec.DecodeError as wrong:
            raise Unavailable("the channel's history has an unknown form") from wrong

    async def direct_channels(self) -> list[PrivateChannel]:
        """The account's direct messages.

        Raises:
            Unavailable: they could not be read.
        """
        return self._decoded(_channels, await self.ask("GET", "users/@me/channels", tries=1))

    async def open_direct(self, user_id: str) -> PrivateChannel:
        """The direct messages with somebody; one that exists is given back as it is.

        Raises:
            Unavailable: that could not be had now.
            Refused: Discord does not allow it.
        """
        return self._decoded(_channel, await self.ask("POST", "users/@me/channels", body={"recipients": [user_id]}))

    @staticmethod
    def _decoded(decoder: msgspec.json.Decoder[Answered], answer: httpx.Response) -> Answered:
        try:
            return decoder.decode(answer.content)
        except msgspec.DecodeError as wrong:
            raise Unavailable(f"{answer.request.url.path} answered something else") from wrong

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        tries: int = _READ_TRIES,
    ) -> httpx.Response:
        """A call that does no harm when it is made twice, repeated a few times.

        Raises:
            Refused: Discord does not do what a call other than GET asks for; its words say why.
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
                answer = await self._http.request(method, path, params=params, json=body)
            except httpx.HTTPError as wrong:
                detail = f"{method} {path}: {type(wrong).__name__}"
            else:
                if answer.is_success:
                    return answer
                detail = f"{method} {path}: {answer.status_code}"
                if answer.status_code == _RATE_LIMITED:
                    pause = wait_of(answer, read_body(answer)) or pause
                elif answer.status_code < _SERVER_ERROR:
                    _raise_final(method, answer)
                    break
            if pause > _LONGEST_WAIT or turn + 1 == tries:
                break
            await self._clock.sleep(pause)
        raise Unavailable(detail)


def _raise_final(method: str, answer: httpx.Response) -> None:
    """Raise Refused when the same call would be refused again: neither token nor captcha is a matter of the call."""
    said = read_body(answer)
    if method != "GET" and said is not None and answer.status_code != _UNAUTHORIZED and not said.captcha:
        raise Refused(f"Discord answered {answer.status_code}{quoted(said)}")
