"""What only some Easels offer: face swap, where the operator switched it on, and Flux, where it is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.askers import asker_of
from bot.cogs.completions import complete_aspect
from bot.cogs.given import image_inputs
from bot.texts.translator import explained
from bot.texts.translator import words as t
from engine import Action, ActionKind, FluxWishes, Given, options_of

if TYPE_CHECKING:
    from bot.client import EaselBot


class FaceSwapCog(commands.Cog):
    """A face from one picture in another."""

    def __init__(self, bot: EaselBot) -> None:
        self._bot = bot

    @app_commands.command(name="faceswap", description=t("faceswap.description"))
    @explained(face=t("faceswap.face"), image=t("faceswap.image"), private=t("imagine.private"))
    async def faceswap(
        self,
        interaction: discord.Interaction[EaselBot],
        face: discord.Attachment,
        image: discord.Attachment,
        private: bool = False,  # noqa: FBT001, FBT002 - an option of the command
    ) -> None:
        """A face from one picture in another."""
        bot = self._bot
        opened = await bot.counter.open(interaction, private=private)
        given = Given(images=tuple(await image_inputs(bot, [face, image])))
        asker = await asker_of(bot, interaction)
        swap = Action(ActionKind.FACE_SWAP)
        job = await bot.engine.community.requests.command(asker, swap, private=opened.private, given=given)
        await bot.counter.show(interaction, opened, [job])


class FluxCog(commands.Cog):
    """Pictures by Flux."""

    def __init__(self, bot: EaselBot) -> None:
        self._bot = bot

    @app_commands.command(name="flux", description=t("flux.description"))
    @explained(prompt=t("flux.prompt"), aspect=t("imagine.aspect"), private=t("imagine.private"))
    @app_commands.autocomplete(aspect=complete_aspect)
    async def flux(
        self,
        interaction: discord.Interaction[EaselBot],
        prompt: app_commands.Range[str, 1, 6000],
        aspect: str | None = None,
        private: bool = False,  # noqa: FBT001, FBT002 - an option of the command
    ) -> None:
        """Pictures by Flux."""
        bot = self._bot
        opened = await bot.counter.open(interaction, private=private)
        asker = await asker_of(bot, interaction)
        job = await bot.engine.community.requests.service(
            asker,
            Action(ActionKind.FLUX_IMAGINE),
            private=private,
            prompt=prompt,
            options=options_of(FluxWishes(aspect=aspect)),
        )
        await bot.counter.show(interaction, opened, [job])
