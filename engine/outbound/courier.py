"""How a webhook post leaves: signed, to the number that was looked at, within its time, and whatever comes of it told.

Standard Webhooks (standardwebhooks.com): `webhook-id`, `webhook-timestamp` and, with a secret, `webhook-signature`.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
from standardwebhooks import Webhook

from engine.model.addresses import Network
from engine.model.errors import Refused, Unavailable
from engine.outbound.public import Resolve, Way, resolved_in, ways_to
from engine.ports import Fate, Letter, Receipt

CONNECT_SECONDS = 5.0
CALL_SECONDS = 15.0
"""A whole call: looking up the name, connecting, posting, and the head of the answer. Its body is not read."""
RESOLVERS = 16
"""Names looked up at a time, in threads of their own: a slow name server must not hold up anybody else's."""
_RETRY_AFTER = re.compile(r"[0-9]{1,7}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds."""

    connect: float = CONNECT_SECONDS
    call: float = CALL_SECONDS


class HttpCourier:
    """The Courier port over HTTP. `networks` may be called although they are not public."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext,
        networks: Sequence[Network] = (),
        resolve: Resolve | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._networks = tuple(networks)
        self._patience = patience or Patience()
        self._threads = ThreadPoolExecutor(RESOLVERS, "webhook names")
        self._resolve = resolve or resolved_in(self._threads)
        self._client = httpx.AsyncClient(
            verify=tls,
            trust_env=False,  # a proxy of the environment would get around the guard
            follow_redirects=False,
            timeout=httpx.Timeout(self._patience.call, connect=self._patience.connect),
            # two names may share a number, not a certificate; how many at a time is the core's to say
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            headers={"User-Agent": "Easel", "Content-Type": "application/json", "Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        """Close the connections; nobody waits for names any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        await self._client.aclose()

    async def post(self, letter: Letter) -> Receipt:
        """See ports.Courier."""
        try:
            async with asyncio.timeout(self._patience.call):
                ways = await ways_to(letter.url, frozenset(), self._resolve, self._networks)
                return await self._posted(ways, letter, signed(letter))
        except (Refused, Unavailable) as error:
            return Receipt(Fate.NOT_NOW, error=str(error))
        except TimeoutError:
            return Receipt(Fate.NOT_NOW, error=f"no answer within {self._patience.call:g} seconds")
        except (httpx.ConnectTimeout, httpx.ConnectError) as error:
            return Receipt(Fate.NOT_NOW, error=_words_of(error))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return Receipt(Fate.NOT_NOW, error=f"the call broke off: {type(error).__name__}")

    async def _posted(self, ways: list[Way], letter: Letter, headers: dict[str, str]) -> Receipt:
        for way in ways[:-1]:
            try:
                return await self._called(way, letter, headers)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # its next number
        return await self._called(ways[-1], letter, headers)

    async def _called(self, way: Way, letter: Letter, headers: dict[str, str]) -> Receipt:
        request = self._client.build_request(
            "POST", way.url, content=letter.body, headers=headers | way.headers, extensions=way.extensions
        )
        answer = await self._client.send(request, stream=True)
        try:
            return _receipt(answer)
        finally:
            await answer.aclose()


def signed(letter: Letter) -> dict[str, str]:
    """The three headers of Standard Webhooks; without a secret the first two.

    Raises:
        ValueError: the secret is no base64.
    """
    headers = {"webhook-id": letter.webhook_id, "webhook-timestamp": str(int(letter.at.timestamp()))}
    if letter.secret is not None:
        signature = Webhook(letter.secret).sign(letter.webhook_id, letter.at, letter.body.decode())
        headers["webhook-signature"] = signature
    return headers


def _receipt(answer: httpx.Response) -> Receipt:
    status = answer.status_code
    if answer.is_success:
        return Receipt(Fate.TAKEN, status)
    if status == httpx.codes.GONE:
        return Receipt(Fate.UNWANTED, status, "it answers 410: it wants no more")
    if answer.is_redirect:
        return Receipt(Fate.NOT_NOW, status, f"it answers {status}, and redirects are not followed")
    asked = answer.headers.get("retry-after", "").strip()
    seconds = float(asked) if _RETRY_AFTER.fullmatch(asked) else 0.0
    return Receipt(Fate.NOT_NOW, status, f"it answers {status}", seconds)


def _words_of(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return "it cannot be reached: no connection in time"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return f"its certificate or TLS is not accepted: {cause.reason or type(cause).__name__}"
        if isinstance(cause, OSError) and not isinstance(cause, socket.gaierror) and cause.strerror:
            return f"it cannot be reached: {cause.strerror}"
        cause = cause.__cause__ or cause.__context__
    return "it cannot be reached"
