"""Pictures that people hand in: attachments are read at once, since Discord's links to them are signed and expire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import aiohttp
import discord

from engine import ImageInput, InvalidInput, Unavailable

if TYPE_CHECKING:
    from bot.client import EaselBot

MOST_BYTES = 20 << 20


async def kept(bot: EaselBot, attachment: discord.Attachment, field: str) -> str:
    """The name under which Easel keeps a picture that was handed in.

    Raises:
        InvalidInput: it is none, or too large.
        Unavailable: it cannot be read or kept now.
    """
    if attachment.size > MOST_BYTES:
        raise InvalidInput(field, f"has {attachment.size} bytes", allowed=f"at most {MOST_BYTES}")
    try:
        content = await attachment.read()
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Unavailable("the attachment cannot be read now") from error
    return await bot.engine.keep(content, field)


async def image_inputs(bot: EaselBot, given: Sequence[discord.Attachment], field: str = "image") -> list[ImageInput]:
    """The pictures of an imagine or a blend, in order."""
    return [ImageInput(kept=await kept(bot, each, field), filename=each.filename or "image.png") for each in given]
