"""What becomes of jobs whose requester left or was banned while they ran: moderators see them, nobody else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.posting import Body
from bot.texts import say
from engine import Card, Job, JobState, NotFound

if TYPE_CHECKING:
    from bot.client import EaselBot


async def body(bot: EaselBot, card: Card, job: Job) -> Body | None:
    """The card without picture and buttons; a finished picture is put before the moderators, who decide about it.

    None: its requester is there, and the card shows all.
    """
    try:
        member = await bot.engine.community.members.member(card.workspace_id, card.user_id)
    except NotFound:
        return None
    if not member.is_away(bot.engine.now()):
        return None
    language = await bot.scenes.language(card)
    if job.state is JobState.DONE and bot.user is not None:
        await bot.engine.community.reports.hold(
            card.workspace_id,
            job.id,
            str(bot.user.id),
            say(language, "away.reason"),
            guild_id=card.guild_id,
            channel_id=card.channel_id,
            message_id=card.message_id or None,
        )
    scenes = bot.scenes
    drawn = bot.draw(job, await scenes.showing(card, job))
    words = f"{drawn.words}\n-# {say(language, 'card.away')}" if job.state is JobState.DONE else drawn.words
    return Body(replace(drawn, words=words, picture=None, rows=()), job.id, await scenes.is_layout(card), ())
