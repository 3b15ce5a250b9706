"""One HTTP call to a service, and what its failure proves: that nothing was begun, or nothing."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

import httpx

from engine.model.sightings import Trouble
from engine.ports import Answer, AnswerKind, Refusal

MOST_BYTES = 64 * 1024 * 1024
_SHOWN = 300
_OK = range(200, 300)


class Caller:
    """Calls one service. The key goes to no other place, redirects are not followed, no proxy stands between."""

    def __init__(self, tls: ssl.SSLContext, headers: Mapping[str, str], *, seconds: float) -> None:
        self._client = httpx.AsyncClient(
            verify=tls,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(seconds, connect=min(seconds, 10.0)),
            headers={"User-Agent": "Easel", **headers},
        )

    async def post(self, url: str, **body: Any) -> httpx.Response | Answer:
        """The answer to a POST that was taken, or what its failure proves."""
        try:
            answer = await self._read("POST", url, **body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Answer(AnswerKind.NEVER_LEFT, f"the service cannot be reached: {type(error).__name__}")
        except httpx.HTTPError as error:
            return Answer(AnswerKind.UNKNOWN, f"no answer came: {type(error).__name__}")
        return answer if answer.status_code in _OK else refused(answer)

    async def get(self, url: str, **params: Any) -> httpx.Response:
        """The answer to a GET, whatever its status. Raises httpx.HTTPError."""
        return await self._read("GET", url, **params)

    async def _read(self, method: str, url: str, **options: Any) -> httpx.Response:
        async with self._client.stream(method, url, **options) as answer:
            content = bytearray()
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > MOST_BYTES:
                    raise httpx.DecodingError("the answer is too large")
            return httpx.Response(answer.status_code, headers=answer.headers, content=bytes(content))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def refused(answer: httpx.Response) -> Answer:
    """What a status that is no success proves."""
    status = answer.status_code
    detail = f"the service answers {status}: {words_of(answer)}"
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return Answer(AnswerKind.REFUSED, detail, Refusal.ACCOUNT, Trouble.TOKEN)
    if status == httpx.codes.PAYMENT_REQUIRED:
        return Answer(AnswerKind.REFUSED, detail, Refusal.ACCOUNT, Trouble.CREDITS)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        after = answer.headers.get("retry-after", "")
        return Answer(AnswerKind.REFUSED, detail, Refusal.WAIT, retry_after=float(after) if after.isdecimal() else None)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Answer(AnswerKind.UNKNOWN, detail)
    return Answer(AnswerKind.REFUSED, detail, Refusal.FAIL)


def words_of(answer: httpx.Response) -> str:
    """The first words of an answer, for people; a picture has none."""
    if answer.headers.get("content-type", "").startswith(("image/", "application/octet-stream")):
        return ""
    return " ".join(answer.text[:_SHOWN].split())
