"""How a painted region is handed in: on Midjourney's own site inside Discord, which is given no Discord token (§7).

Two forms are known and it is not settled which is current: the newer is tried first, the other on 404, and the one that
worked is kept.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx

from engine.drivers.midjourney.commands import Place
from engine.drivers.midjourney.outcomes import never_reached, wait_of
from engine.drivers.midjourney.rest import CONNECTING_PART, is_here
from engine.line import shared_context
from engine.model.accounts import Upstream
from engine.model.actions import MIDJOURNEY_APPLICATION, RegionAnswer
from engine.ports import Answer, AnswerKind, Refusal

SITE = "https://{application_id}.discordsays.com"
_PREFIX = "MJ::iframe::"
_OK, _NOT_FOUND, _RATE_LIMITED = 200, 404, 429
_CLIENT_ERRORS = range(400, 500)
_SHORT_WAIT = 5.0
_SUCCESS = re.compile(rb"\bsuccess\b", re.IGNORECASE)
_NO_SUCCESS = re.compile(rb'"success"\s*:\s*(?:false|0|null|"")', re.IGNORECASE)

Form = Callable[[RegionAnswer, str, str], httpx.Request]


class ActivitySite:
    """One account's way to the site; it keeps no cookies of Discord and sends no Authorization."""

    def __init__(
        self,
        upstream: Upstream,
        place: Place,
        *,
        user_agent: str,
        timeout_seconds: float,
        holds: Callable[[], bool],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        # Niji's regions go to Midjourney's site too (§11)
        self._site = (upstream.activity_url or SITE).replace("{application_id}", MIDJOURNEY_APPLICATION).rstrip("/")
        self._place = place
        self._timeout = timeout_seconds
        self._holds = holds
        self._forms: list[Form] = [self._newer, self._older]
        here = is_here(self._site)
        self._http = httpx.AsyncClient(
            headers={"User-Agent": user_agent},
            timeout=httpx.Timeout(timeout_seconds, connect=CONNECTING_PART * timeout_seconds),
            verify=shared_context(),
            trust_env=not here,
            transport=transport,
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def submit(self, answer: RegionAnswer, live: Callable[[], bool]) -> Answer:
        """Hand the region in, at most once: another form is tried only where the first is not served.

        Args:
            answer: mask and words.
            live: whether the session is live; asked just before the request is written.
        """
        token = quote(answer.custom_id.removeprefix(_PREFIX), safe="")
        mask = await asyncio.to_thread(lambda: base64.b64encode(answer.mask).decode())
        outcome = Answer(AnswerKind.NEVER_LEFT, "nothing was sent")
        for form in tuple(self._forms):
            if not live():
                return Answer(AnswerKind.NEVER_LEFT, "the session is not live")
            if not self._holds():
                return Answer(AnswerKind.NEVER_LEFT, "the lease is over")
            try:
                async with asyncio.timeout(self._timeout):
                    response = await self._http.send(form(answer, token, mask))
            except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as wrong:
                return _unanswered(wrong)
            outcome = _meaning(response)
            if response.status_code != _NOT_FOUND:
                if outcome.kind is AnswerKind.ACCEPTED:
                    self._forms.sort(key=lambda known: known != form)
                return outcome
        return outcome

    def _newer(self, answer: RegionAnswer, token: str, mask: str) -> httpx.Request:
        """Form B of §7, as a client of 2026 sends it."""
        parts = urlsplit(self._site)
        where, page = self._place, f"{self._site}/.proxy/inpaint/index.html"
        instance = f"{where.channel_id}:{answer.application_id}:{answer.custom_id}"
        guild = f"&guild_id={where.guild_id}" if where.guild_id else ""
        query = f"instance_id={instance}&custom_id={answer.custom_id}&channel_id={where.channel_id}{guild}"
        return self._http.build_request(
            "POST",
            f"{self._site}/.proxy/inpaint/api/submit-job/{token}",
            json={"mask": mask, "prompt": answer.prompt},
            headers={
                "Origin": f"{parts.scheme}://{parts.netloc}",
                "Referer": f"{page}?{query}&frame_id={uuid4()}&platform=desktop",
            },
        )

    def _older(self, answer: RegionAnswer, _token: str, mask: str) -> httpx.Request:
        """Form A of §7, of several clients since 2024."""
        body: dict[str, Any] = {"username": "0", "userId": "0", "customId": answer.custom_id.removeprefix(_PREFIX)}
        body |= {"mask": mask, "prompt": answer.prompt, "full_prompt": None}
        return self._http.build_request("POST", f"{self._site}/inpaint/api/submit-job", json=body)


def _unanswered(wrong: Exception) -> Answer:
    detail = type(wrong).__name__  # its words may quote the address, and that holds the token of the page
    if never_reached(wrong):
        return Answer(AnswerKind.NEVER_LEFT, f"the call did not reach Midjourney's site ({detail})")
    return Answer(AnswerKind.UNKNOWN, f"the region left, and no answer came ({detail})")


def _meaning(response: httpx.Response) -> Answer:
    status = response.status_code
    if status == _OK and _SUCCESS.search(response.content) and not _NO_SUCCESS.search(response.content):
        return Answer(AnswerKind.ACCEPTED)
    detail = f"Midjourney's site answered {status}"
    if status == _RATE_LIMITED:
        wait = wait_of(response, None)
        return Answer(AnswerKind.REFUSED, detail, Refusal.WAIT, retry_after=_SHORT_WAIT if wait is None else wait)
    if status in _CLIENT_ERRORS:
        return Answer(AnswerKind.REFUSED, f"{detail} to the painted region", Refusal.FAIL)
    return Answer(AnswerKind.UNKNOWN, f"{detail}, which proves nothing")
