"""How a visitor's call reaches another process of this Easel on this machine, and its answer comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import httpx

from engine.model.errors import Unavailable

_SECONDS = httpx.Timeout(75.0, connect=2.0)
"""A page waits up to 60 seconds for the next thing that happens."""


class HttpPassing:
    """Calls one address on this machine; `is_open_to_all` decides who from other machines may."""

    def __init__(self, url: str, is_open_to_all: Callable[[], Awaitable[bool]]) -> None:
        self._client = httpx.AsyncClient(
            base_url=url,
            trust_env=False,
            follow_redirects=False,
            timeout=_SECONDS,
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=10),
        )
        self._is_open_to_all = is_open_to_all

    async def is_open_to_all(self) -> bool:
        """Whether visitors from other machines may use it now."""
        return await self._is_open_to_all()

    async def call(
        self, method: str, target: str, content_type: str, body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Make a call; `target` is path and query. Status, headers and body of the answer.

        Raises:
            Unavailable: it does not answer.
        """
        headers = {"Content-Type": content_type} if content_type else {}
        try:
            answer = await self._client.request(method, target, headers=headers, content=body)
        except httpx.HTTPError as error:
            raise Unavailable("the other process does not answer") from error
        return answer.status_code, answer.headers, answer.content

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
