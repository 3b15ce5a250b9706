"""How messages reach Discord: by an interaction's token, by the channel, or by DM; and what each refusal means."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord.http import MultipartParameters
from discord.webhook import async_ as webhooks

from bot.payloads import change_of, message_of
from bot.values import Drawn
from engine import Card, LostCard

if TYPE_CHECKING:
    from bot.client import EaselBot

_LOST = {
    10003: LostCard.CHANNEL_GONE,
    10008: LostCard.MESSAGE_GONE,
    50001: LostCard.NO_ACCESS,
    50013: LostCard.NO_PERMISSION,
    50007: LostCard.NO_PERMISSION,  # they take no DM of the bot
    50278: LostCard.NO_PERMISSION,
}
_EXPIRED = frozenset({10015, 50027})
_UNAUTHORIZED, _TOO_MANY, _SERVER_ERROR = 401, 429, 500
_LONGEST_NONCE = 25
_NO_SESSION: Any = None
"""Calls by token need none of aiohttp's: see `bot.calling`."""


class Lost(Exception):
    """The address is not there any more, or not ours."""

    def __init__(self, why: LostCard) -> None:
        self.why = why
        super().__init__(why.value)


class Expired(Exception):
    """The interaction's token is over; the channel may still do."""


class Rejected(Exception):
    """Discord does not take what was sent; sending it again changes nothing."""


class Later(Exception):
    """It did not arrive, or Discord could not take it; it may the next time."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message."""

    name: str
    content: bytes
    spoiler: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """A card to be sent. `layout`: as Components V2. `files` None: those that are there stay."""

    card: Drawn
    job_id: str
    layout: bool = False
    files: tuple[File, ...] | None = None

    def message(self, nonce: str) -> MultipartParameters:
        """As a new message has it; sent twice with the same nonce within minutes it is one."""
        fields = message_of(self.card, self.job_id, layout=self.layout)
        return _sent({**fields, "nonce": nonce[:_LONGEST_NONCE], "enforce_nonce": True}, self.attached())

    def change(self) -> MultipartParameters:
        """As an edit has it."""
        fields = change_of(self.card, self.job_id, layout=self.layout)
        return _sent(fields, None if self.files is None else self.attached())

    def attached(self) -> list[discord.File]:
        """The files, to be read once."""
        return [discord.File(io.BytesIO(each.content), each.name, spoiler=each.spoiler) for each in self.files or ()]


def _sent(fields: dict[str, Any], files: list[discord.File] | None) -> MultipartParameters:
    """As discord.py sends it. `files` None: those of the message stay."""
    if files is None:
        return MultipartParameters(payload=fields, multipart=None, files=None)
    fields = {**fields, "attachments": [each.to_dict(number) for number, each in enumerate(files)]}
    if not files:
        return MultipartParameters(payload=fields, multipart=None, files=None)
    parts: list[dict[str, Any]] = [{"name": "payload_json", "value": json.dumps(fields)}]
    for number, each in enumerate(files):
        part = {"name": f"files[{number}]", "value": each.fp, "filename": each.filename}
        parts.append({**part, "content_type": "application/octet-stream"})
    return MultipartParameters(payload=None, multipart=parts, files=files)


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except discord.HTTPException as error:
        if error.code in _LOST:
            raise Lost(_LOST[error.code]) from error
        if error.code in _EXPIRED or error.status == _UNAUTHORIZED:
            raise Expired from error
        if error.status >= _SERVER_ERROR or error.status == _TOO_MANY:
            raise Later(str(error)) from error
        raise Rejected(str(error)) from error
    except (aiohttp.ClientError, OSError, TimeoutError, discord.RateLimited) as error:
        raise Later(str(error)) from error


class Postman:
    """Posts cards. Raises (every method): Lost, Expired, Rejected, Later."""

    def __init__(self, bot: EaselBot) -> None:
        self._bot = bot

    async def edit_by_token(self, application_id: str, token: str, message_id: str, body: Body) -> None:
        """Edit an interaction's message; within its 15 minutes that works for private ones too."""
        with body.change() as sent:
            async with _translated():  # a webhook's own method would make objects of the whole answer
                await webhooks.async_context.get().edit_webhook_message(
                    int(application_id),
                    token,
                    int(message_id),
                    session=_NO_SESSION,
                    payload=sent.payload,
                    multipart=sent.multipart,
                    files=sent.files,
                    with_components=True,
                )

    async def edit_in_channel(self, channel_id: str, message_id: str, body: Body) -> None:
        """Edit as the bot that wrote it."""
        with body.change() as sent:
            async with _translated():
                await self._bot.http.edit_message(int(channel_id), int(message_id), params=sent)

    async def send(self, channel_id: str, body: Body, nonce: str) -> str:
        """A new message; sent twice with the same nonce within minutes it is one. Returns its id."""
        with body.message(nonce) as sent:
            async with _translated():
                made = await self._bot.http.send_message(int(channel_id), params=sent)
        return str(made["id"])

    async def send_card(self, card: Card, drawn: Drawn, layout: bool) -> str:  # noqa: FBT001 - the server's own switch
        """A job's card as a new message in its channel. Returns its id."""
        return await self.send(card.channel_id, Body(drawn, card.job_id, layout), f"easel-{card.job_id}")

    async def say(self, channel_id: str, text: str, *, to: str, reply_to: str | None, nonce: str) -> None:
        """A line that mentions one member, and nobody else."""
        channel = self._bot.get_partial_messageable(int(channel_id))
        pinged = discord.AllowedMentions(
            everyone=False, roles=False, users=[discord.Object(int(to))], replied_user=False
        )
        more: dict[str, Any] = {}
        if reply_to:
            more["reference"] = discord.MessageReference(
                message_id=int(reply_to), channel_id=int(channel_id), fail_if_not_exists=False
            )
        async with _translated():
            await channel.send(text, allowed_mentions=pinged, nonce=nonce[:_LONGEST_NONCE], **more)

    async def tell(self, channel_id: str, text: str, nonce: str) -> None:
        """A line that mentions nobody."""
        async with _translated():
            await self._bot.get_partial_messageable(int(channel_id)).send(text, nonce=nonce[:_LONGEST_NONCE])

    async def whisper(self, application_id: str, token: str, text: str) -> None:
        """A private line to whoever began the interaction."""
        webhook = discord.Webhook.partial(int(application_id), token, client=self._bot)
        async with _translated():
            await webhook.send(text, ephemeral=True)

    async def dm(self, user_id: str) -> str:
        """The channel of somebody's DM."""
        async with _translated():
            channel = await self._bot.create_dm(discord.Object(int(user_id)))
        return str(channel.id)

    async def delete(self, channel_id: str, message_id: str) -> None:
        """Delete one of the bot's messages."""
        channel = self._bot.get_partial_messageable(int(channel_id))
        async with _translated():
            await channel.get_partial_message(int(message_id)).delete()

    async def delete_by_token(self, application_id: str, token: str, message_id: str) -> None:
        """Delete an interaction's message."""
        webhook = discord.Webhook.partial(int(application_id), token, client=self._bot)
        async with _translated():
            await webhook.delete_message(int(message_id))
