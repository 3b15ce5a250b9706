"""/styles: words and parameters that members save, use, share and delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.askers import asker_of
from bot.cards import quoted
from bot.cogs.completions import complete_style
from bot.imagining import Wanted
from bot.texts import say
from bot.texts.translator import explained
from bot.texts.translator import words as t
from engine import Deed, Style

if TYPE_CHECKING:
    from bot.client import EaselBot

Name = app_commands.Range[str, 1, 32]


class StylesCog(commands.GroupCog, group_name="styles", group_description=t("styles.description")):
    """A style is its owner's; a shared one is everybody's to use."""

    def __init__(self, bot: EaselBot) -> None:
        super().__init__()
        self._bot = bot

    @app_commands.command(name="list", description=t("styles.list"))
    async def list_(self, interaction: discord.Interaction[EaselBot]) -> None:
        """Mine, and those that are shared."""
        workspace_id, language = await self._begin(interaction)
        user_id = str(interaction.user.id)
        found = await self._bot.engine.community.styles.of(workspace_id, user_id)
        lines = [_line(each, user_id) for each in found]
        said = "\n".join(lines)[:4000] or say(language, "styles.none")
        embed = discord.Embed(title=say(language, "styles.title"), description=said, colour=0x5865F2)
        await interaction.edit_original_response(embed=embed)

    @app_commands.command(name="save", description=t("styles.save"))
    @explained(name=t("styles.name"), words=t("styles.words"), shared=t("styles.shared"))
    async def save(
        self,
        interaction: discord.Interaction[EaselBot],
        name: Name,
        words: app_commands.Range[str, 1, 1000],
        shared: bool = False,  # noqa: FBT001, FBT002 - an option of the command
    ) -> None:
        """Save one, in the place of my own of that name."""
        workspace_id, language = await self._begin(interaction, Deed.SHARE if shared else Deed.VIEW)
        styles = self._bot.engine.community.styles
        kept = await styles.save(workspace_id, str(interaction.user.id), name, words, shared=shared)
        await self._say(interaction, say(language, "styles.saved", name=quoted(kept.name)))

    @app_commands.command(name="share", description=t("styles.share"))
    @explained(name=t("styles.name"), shared=t("styles.shared"))
    @app_commands.autocomplete(name=complete_style)
    async def share(
        self,
        interaction: discord.Interaction[EaselBot],
        name: Name,
        shared: bool = True,  # noqa: FBT001, FBT002 - an option of the command
    ) -> None:
        """Let everybody here use it, or me alone again."""
        workspace_id, language = await self._begin(interaction, Deed.SHARE if shared else Deed.VIEW)
        styles, user_id = self._bot.engine.community.styles, str(interaction.user.id)
        found = await styles.named(workspace_id, user_id, name)
        await styles.share(workspace_id, found.id, user_id, shared=shared)
        key = "styles.is_shared" if shared else "styles.is_private"
        await self._say(interaction, say(language, key, name=quoted(found.name)))

    @app_commands.command(name="delete", description=t("styles.delete"))
    @explained(name=t("styles.name"))
    @app_commands.autocomplete(name=complete_style)
    async def delete(self, interaction: discord.Interaction[EaselBot], name: Name) -> None:
        """Delete one of mine."""
        workspace_id, language = await self._begin(interaction)
        styles, user_id = self._bot.engine.community.styles, str(interaction.user.id)
        found = await styles.named(workspace_id, user_id, name)
        await styles.delete(workspace_id, found.id, user_id)
        await self._say(interaction, say(language, "styles.deleted", name=quoted(found.name)))

    @app_commands.command(name="use", description=t("styles.use"))
    @explained(name=t("styles.name"), prompt=t("imagine.prompt"))
    @app_commands.autocomplete(name=complete_style)
    async def use(
        self, interaction: discord.Interaction[EaselBot], name: Name, prompt: app_commands.Range[str, 1, 6000]
    ) -> None:
        """As /imagine with that style."""
        bot = self._bot
        opened = await bot.counter.open(interaction, private=False)
        asker = await asker_of(bot, interaction)
        permit = await bot.engine.community.permits.permit(asker, Deed.GENERATE)
        found = await bot.engine.community.styles.named(permit.workspace_id, asker.user_id, name)
        await bot.imagining.take(interaction, opened, Wanted(asker=asker, prompt=prompt, style=found.id))

    async def _begin(self, interaction: discord.Interaction[Any], deed: Deed = Deed.VIEW) -> tuple[str, str]:
        await interaction.response.defer(ephemeral=True, thinking=True)
        permit = await self._bot.engine.community.permits.permit(await asker_of(self._bot, interaction), deed)
        return permit.workspace_id, await self._bot.language(interaction)

    async def _say(self, interaction: discord.Interaction[Any], text: str) -> None:
        await interaction.edit_original_response(content=text)


def _line(style: Style, reader: str) -> str:
    sign = " 🌐" if style.shared else ""
    owner = "" if style.user_id == reader else f" <@{style.user_id}>"
    return f"**{quoted(style.name)}**{sign}{owner}\n{quoted(style.words[:150])}"
