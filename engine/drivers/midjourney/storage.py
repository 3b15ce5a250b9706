"""How pictures get into Discord: a reserved place, a PUT of the bytes, a message; and fresh addresses (§1.4, §1.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import msgspec

from engine.drivers.midjourney import properties
from engine.drivers.midjourney.messages import attachments_of
from engine.drivers.midjourney.payloads import Posted, Refreshed, Reserved
from engine.drivers.midjourney.rest import Lane, is_here
from engine.line import shared_context
from engine.model.actions import Uploaded
from engine.model.errors import Refused, Unavailable
from engine.model.jobs import Attachment
from engine.ports import Clock

MOST_FILES = 10
"""In one message (§1.4)."""
_TOO_LARGE = "(40005)"
"""Discord's code for a file above the account's limit, which Nitro and the server's boosts raise (§1.4)."""
_MOST_URLS = 50
"""In one call (§1.5)."""
_TRIES = 3
_SLOWEST = 60.0
"""Seconds that a file may take to travel."""
_SERVER_ERROR, _TIMED_OUT, _RATE_LIMITED = 500, 408, 429
_reserved = msgspec.json.Decoder(Reserved)
_posted = msgspec.json.Decoder(Posted)
_refreshed = msgspec.json.Decoder(Refreshed)


class Storage:
    """One account's files at Discord. The bytes travel without its token."""

    def __init__(
        self,
        lane: Lane,
        channel_id: str,
        *,
        api_url: str,
        client_properties: Mapping[str, object],
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._lane = lane
        self._channel_id = channel_id
        self._clock = clock
        self._bare = httpx.AsyncClient(
            headers={"User-Agent": properties.user_agent(client_properties)},
            timeout=httpx.Timeout(_SLOWEST),
            verify=shared_context(),
            trust_env=not is_here(api_url),
            transport=transport,
            follow_redirects=False,
        )
        self._refused_size: int | None = None
        """The smallest file, in bytes, that Discord called too large for this account; None: none yet."""

    async def close(self) -> None:
        """Close the connections."""
        await self._bare.aclose()

    async def upload(self, filename: str, content: bytes, content_type: str) -> Uploaded:
        """Put a file into the upload store.

        Raises:
            Refused: Discord does not take it.
            Unavailable: that could not be done now.
        """
        wanted = {"files": [{"filename": filename, "file_size": len(content), "id": "0"}]}
        what = f"{filename} ({len(content)} bytes)"
        if self._refused_size is not None and len(content) >= self._refused_size:
            raise Refused(
                f"{what} cannot be uploaded: Discord takes no file of {self._refused_size} bytes from the account"
            )
        try:
            answer = await self._lane.ask("POST", f"channels/{self._channel_id}/attachments", body=wanted)
        except Refused as wrong:
            if _TOO_LARGE in str(wrong):
                self._refused_size = len(content)
            raise Refused(f"{what} cannot be uploaded: {wrong}") from wrong
        try:
            (place,) = _reserved.decode(answer.content).attachments
        except (msgspec.DecodeError, ValueError) as wrong:
            raise Unavailable("Discord's answer about an upload has an unknown form") from wrong
        await self._put(place.upload_url, content, content_type, what)
        return Uploaded(filename, place.upload_filename)

    async def _put(self, url: str, content: bytes, content_type: str, what: str) -> None:
        detail = ""
        for turn in range(_TRIES):
            if turn:
                await self._clock.sleep(0.5 * 2**turn)
            try:
                answer = await self._bare.put(url, content=content, headers={"Content-Type": content_type})
            except (httpx.HTTPError, httpx.InvalidURL) as wrong:
                detail = type(wrong).__name__  # its words may quote the address, which is a secret for this file
                continue
            if answer.is_success:
                return
            detail = str(answer.status_code)
            if answer.status_code < _SERVER_ERROR and answer.status_code not in (_TIMED_OUT, _RATE_LIMITED):
                raise Refused(f"{what} cannot be uploaded: Discord's upload store answered {detail}")
        raise Unavailable(f"{what} could not be uploaded now: Discord's upload store: {detail}")

    async def post(self, files: Sequence[Uploaded], nonce: str) -> tuple[Attachment, ...]:
        """Post uploaded files as one message in the account's channel.

        Raises:
            Refused: Discord does not take them.
            Unavailable: that could not be done now, or its outcome is unknown.
        """
        if not 1 <= len(files) <= MOST_FILES:
            raise Refused(f"{len(files)} files do not make a message: Discord takes 1 to {MOST_FILES}")
        # a repeated nonce makes Discord keep only the first message, so this may be asked again too
        answer = await self._lane.ask(
            "POST", f"channels/{self._channel_id}/messages", body=message(files, self._channel_id, nonce)
        )
        try:
            return attachments_of(_posted.decode(answer.content).attachments)
        except msgspec.DecodeError as wrong:
            raise Unavailable("Discord's answer to a message has an unknown form") from wrong

    async def refresh(self, urls: Sequence[str]) -> dict[str, str]:
        """New signed addresses by the old ones; those that Discord does not know are left out.

        Raises:
            Unavailable: that could not be asked now.
        """
        found: dict[str, str] = {}
        for start in range(0, len(urls), _MOST_URLS):
            batch = list(urls[start : start + _MOST_URLS])
            try:
                answer = await self._lane.ask("POST", "attachments/refresh-urls", body={"attachment_urls": batch})
                told = _refreshed.decode(answer.content).refreshed_urls
            except (Refused, msgspec.DecodeError) as wrong:
                raise Unavailable(f"addresses could not be refreshed: {wrong}") from wrong
            found |= {each.original: each.refreshed for each in told if each.refreshed}
        return {url: found[url] for url in urls if url in found}


def message(files: Sequence[Uploaded], channel_id: str, nonce: str) -> dict[str, Any]:
    """The body of a message that carries uploaded files."""
    return {
        "content": "",
        "nonce": nonce,
        "channel_id": channel_id,
        "type": 0,
        "sticker_ids": [],
        "attachments": [
            {"id": str(place), "filename": file.filename, "uploaded_filename": file.uploaded_filename}
            for place, file in enumerate(files)
        ],
    }
