"""Who is told that a long job is over: its requester alone, in the way that they chose."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.posting import Expired, Later, Lost, Postman, Rejected
from bot.texts import say
from engine import Card, Job, JobState, Notice, entry_of

if TYPE_CHECKING:
    from bot.client import EaselBot

_LOG = logging.getLogger("bot")
LONG_SECONDS = 60.0


class Notices:
    """An edit notifies nobody; this does."""

    def __init__(self, bot: EaselBot, post: Postman) -> None:
        self._bot = bot
        self._post = post

    async def tell(self, card: Card, job: Job) -> None:
        """Tell it once, when the job took long and ended while the card was waiting for it."""
        if job.finished_at is None or job.state is JobState.CANCELLED or job.finished_at < card.created_at:
            return
        if (job.finished_at - job.created_at).total_seconds() <= LONG_SECONDS or not card.message_id:
            return
        person = await self._bot.engine.community.members.person(card.user_id)
        if person.notice is Notice.OFF:
            return
        language = await self._bot.scenes.language(card)
        place = f"https://discord.com/channels/{card.guild_id or '@me'}/{card.channel_id}/{card.message_id}"
        if card.abroad:  # in a server whose id is not kept, and said there
            place = f"`{job.id}`"
        ready = "notice.answered" if entry_of(job.action).makes.in_words else "notice.ready"
        key = ready if job.state is JobState.DONE else "notice.failed"
        text = say(language, key, who=f"<@{card.user_id}>", where=place)
        try:
            await self._send(card, person.notice, text)
        except (Lost, Expired, Later, Rejected) as error:
            _LOG.info("card %s: its requester could not be told: %r", card.id, error)

    async def _send(self, card: Card, notice: Notice, text: str) -> None:
        token = self._bot.engine.community.cards.token(card)
        nonce = f"easel-told-{card.id}"
        if notice is Notice.DM:
            channel_id = await self._post.dm(card.user_id)
            await self._post.say(channel_id, text, to=card.user_id, reply_to=None, nonce=nonce)
        elif not card.private and not card.abroad:
            await self._post.say(card.channel_id, text, to=card.user_id, reply_to=card.message_id, nonce=nonce)
        elif token is not None:
            await self._post.whisper(card.application_id, token, text)
