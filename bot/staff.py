"""What every command of moderators and operators begins with: a private answer, and the right looked up in Easel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord

from bot.askers import asker_of, in_server
from bot.errors import Told
from bot.texts import say
from engine import Asker, Deed, Guild

if TYPE_CHECKING:
    from bot.client import EaselBot

COLOUR = 0x5865F2
_LONGEST, _LONGEST_TEXT = 4_000, 1_900
_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Leave:
    """They may; and where."""

    asker: Asker
    guild: Guild
    language: str

    @property
    def workspace_id(self) -> str:
        """The workspace that the server is bound to."""
        return self.guild.workspace_id

    @property
    def who(self) -> str:
        """As the audit log names them."""
        return self.asker.requester

    def say(self, key: str, /, **values: Any) -> str:
        """A text in their language."""
        return say(self.language, key, **values)


async def leave(bot: EaselBot, interaction: discord.Interaction[Any], deed: Deed) -> Leave:
    """Look up whether they may moderate or operate here, at this moment; Discord's own rights count for nothing.

    Raises:
        Told: it is not in a server of the bot.
        NotAllowed: they may not.
    """
    if not in_server(interaction):
        raise Told("staff.server_only")
    asker = await asker_of(bot, interaction)
    permit = await bot.engine.community.permits.permit(asker, deed)
    return Leave(asker, permit.guild, await bot.language(interaction))


async def begin(bot: EaselBot, interaction: discord.Interaction[Any], deed: Deed) -> Leave:
    """Answer privately that it is being done, then as `leave`."""
    if interaction.type is discord.InteractionType.component:
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=True, thinking=True)
    return await leave(bot, interaction, deed)


async def answer(interaction: discord.Interaction[Any], text: str, *, view: discord.ui.View | None = None) -> None:
    """A few words in the answer's place; nothing in them pings."""
    await interaction.edit_original_response(content=text[:_LONGEST_TEXT], embed=None, view=view)


async def show(
    interaction: discord.Interaction[Any], title: str, lines: list[str], *, view: discord.ui.View | None = None
) -> None:
    """A list in the answer's place."""
    embed = discord.Embed(title=title, description="\n".join(lines)[:_LONGEST], colour=COLOUR)
    await interaction.edit_original_response(content=None, embed=embed, view=view)


def number_of(text: str) -> int:
    """A number in a custom id or an option.

    Raises:
        Told: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise Told("staff.no_number", given=discord.utils.escape_markdown(text[:20]) or "·")
    return int(text)


def named(requester: str) -> str:
    """Who, as a mention that pings nobody; API keys and the operator by their words."""
    user_id = requester.removeprefix("discord:")
    return f"<@{user_id}>" if user_id.isdigit() else discord.utils.escape_markdown(requester)
