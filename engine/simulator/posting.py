"""What people write themselves: messages with uploads, their deletion, and read markers (protocol §1.5)."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from engine.simulator import refusals
from engine.simulator.bodies import parts_of, values_of
from engine.simulator.ids import stamp
from engine.simulator.places import place
from engine.simulator.refusals import Refusal, Refused

if TYPE_CHECKING:
    from engine.simulator.ledger import Ledger
    from engine.simulator.messages import Post
    from engine.simulator.people import Account, Channel
    from engine.simulator.places import Route
    from engine.simulator.shelf import File
    from engine.simulator.uploads import Uploads
    from engine.simulator.world import World

_LONGEST = 2000
_RECENT = 1000  # nonces remembered for deduplication


class Posting:
    """The routes under /messages that change something."""

    def __init__(self, *, world: World, post: Post, uploads: Uploads, ledger: Ledger) -> None:
        self._world = world
        self._post = post
        self._uploads = uploads
        self._ledger = ledger
        self._recent: OrderedDict[tuple[str, str], str] = OrderedDict()  # (account, nonce) → message id

    def routes(self) -> list[Route]:
        """Method, path and action of each."""
        return [
            ("POST", "/channels/{channel}/messages", self._write),
            ("DELETE", "/channels/{channel}/messages/{message}", self._take_back),
            ("POST", "/channels/{channel}/messages/{message}/ack", self._read),
        ]

    async def _write(self, request: web.Request, account: Account) -> dict[str, Any] | Refusal:
        channel = place(self._world, request, account)
        body = await values_of(request)
        parts = {n: self._uploads.keep_part(*part) for n, part in (await parts_of(request)).items()}
        content, nonce = body.get("content") or "", body.get("nonce")
        if not isinstance(content, str) or len(content) > _LONGEST:
            return refusals.form("content", "BASE_TYPE_MAX_LENGTH", f"Must be {_LONGEST} or fewer in length.")
        if nonce is not None and (not isinstance(nonce, str | int) or len(str(nonce)) > 25):
            return refusals.form("nonce", "NONCE_TYPE_TOO_LONG", "Must be 25 or fewer in length.")
        known = self._world.messages.get(self._recent.get((account.id, str(nonce)), ""))
        if nonce is not None and known is not None:
            return {**known.read(), "nonce": nonce}  # the same message, kept once
        listed = body.get("attachments")
        if listed is None and parts:
            listed = [{"id": number} for number in parts]
        files = [file for _, file in self._uploads.attached(account, listed, parts, "attachments")]
        if not content.strip() and not files:
            return refusals.EMPTY_MESSAGE
        made = self._written(account, channel, content, files)
        self._uploads.use(account, listed, f"message {made['id']}")
        if nonce is not None:
            self._recent[account.id, str(nonce)] = made["id"]
            if len(self._recent) > _RECENT:
                self._recent.popitem(last=False)
        self._ledger.write(
            "posted", account=account.id, channel=channel.id, message=made["id"], nonce=nonce, content=content,
            attachments=[file.told() for file in files],
        )  # fmt: skip
        self._post.create(made, wire_nonce=None if nonce is None else str(nonce), posted_by=account.id)
        return made if nonce is None else {**made, "nonce": nonce}

    def _written(self, account: Account, channel: Channel, content: str, files: list[File]) -> dict[str, Any]:
        hung = [self._post.file(file, f"attachments/{channel.id}") for file in files]  # before their message
        identity = self._world.new_id()
        return {
            "type": 0,
            "content": content,
            "mentions": [],
            "mention_roles": [],
            "attachments": hung,
            "embeds": [],
            "timestamp": stamp(identity),
            "edited_timestamp": None,
            "flags": 0,
            "components": [],
            "id": identity,
            "channel_id": channel.id,
            "author": account.user(),
            "pinned": False,
            "mention_everyone": False,
            "tts": False,
        }

    async def _take_back(self, request: web.Request, account: Account) -> web.Response | Refusal:
        channel = place(self._world, request, account)
        message = self._world.messages.get(request.match_info["message"])
        if message is None or message.channel_id != channel.id or message.only is not None:
            return refusals.UNKNOWN_MESSAGE
        if message.read()["author"]["id"] != account.user_id:
            return refusals.MISSING_PERMISSIONS
        self._post.delete(request.match_info["message"], channel)
        return web.Response(status=204)

    async def _read(self, request: web.Request, account: Account) -> dict[str, Any] | Refusal:
        place(self._world, request, account)
        raw = await request.read()
        if raw and not isinstance(msgspec.json.decode(raw), dict):
            raise Refused(refusals.BAD_JSON)
        return {"token": None}
