"""/imagine: words, pictures and parameters in; a card for each job out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.askers import asker_of
from bot.cogs.completions import complete_aspect, complete_style, complete_version
from bot.cogs.given import image_inputs
from bot.imagining import Wanted
from bot.texts.translator import explained
from bot.texts.translator import words as t
from engine import Deed, InvalidInput, Mode, aspects, stylize_range, version_flag

if TYPE_CHECKING:
    from bot.client import EaselBot

_LOW, _HIGH = stylize_range()


def with_parameters(prompt: str, aspect: str | None, version: str | None, stylize: int | None) -> str:
    """The prompt with what was chosen beside it; what it says itself is not said twice.

    Raises:
        InvalidInput: there is no such aspect or model.
    """
    said = prompt.strip()
    added = []
    if version is not None:
        flag = version_flag(version)
        if flag is None:
            raise InvalidInput("version", "is no model of Midjourney's", value=version, allowed="one that is suggested")
        added.append(flag)
    if stylize is not None:
        added.append(f"--stylize {stylize}")
    if aspect is not None:
        if aspect not in aspects(aspect):
            raise InvalidInput("aspect", "is none", value=aspect, allowed="two whole numbers, such as 16:9")
        added.append(f"--ar {aspect}")
    return " ".join([said, *added])


class ImagineCog(commands.Cog):
    """/imagine."""

    def __init__(self, bot: EaselBot) -> None:
        self._bot = bot

    @app_commands.command(name="imagine", description=t("imagine.description"))
    @explained(
        prompt=t("imagine.prompt"),
        aspect=t("imagine.aspect"),
        version=t("imagine.version"),
        stylize=t("imagine.stylize"),
        speed=t("imagine.speed"),
        style=t("imagine.style"),
        image=t("imagine.image"),
        image2=t("imagine.image"),
        image3=t("imagine.image"),
        private=t("imagine.private"),
    )
    @app_commands.autocomplete(aspect=complete_aspect, version=complete_version, style=complete_style)
    async def imagine(  # noqa: PLR0917 - the options of the command
        self,
        interaction: discord.Interaction[EaselBot],
        prompt: app_commands.Range[str, 1, 6000],
        aspect: str | None = None,
        version: str | None = None,
        stylize: app_commands.Range[int, _LOW, _HIGH] | None = None,
        speed: Mode | None = None,
        style: str | None = None,
        image: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        private: bool = False,  # noqa: FBT001, FBT002 - an option of the command
    ) -> None:
        """Make pictures of words."""
        bot = self._bot
        opened = await bot.counter.open(interaction, private=private)
        asker = await asker_of(bot, interaction)
        community, chosen = bot.engine.community, None
        if style is not None:
            permit = await community.permits.permit(asker, Deed.GENERATE)
            chosen = (await community.styles.named(permit.workspace_id, asker.user_id, style)).id
        given = tuple(await image_inputs(bot, [each for each in (image, image2, image3) if each is not None]))
        text = with_parameters(prompt, aspect, version, stylize)
        wanted = Wanted(asker=asker, prompt=text, style=chosen, mode=speed, private=private, images=given)
        await bot.imagining.take(interaction, opened, wanted)
