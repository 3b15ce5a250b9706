"""Buttons and forms of questions and lists: which part of the bot answers each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import discord

from bot import region
from bot.errors import Told
from bot.forms import Filled

if TYPE_CHECKING:
    from bot.client import EaselBot

Pressed = Callable[[discord.Interaction[Any], str], Awaitable[None]]
Submitted = Callable[[discord.Interaction[Any], Filled], Awaitable[None]]


class Tools:
    """A table; each cog adds its own."""

    def __init__(self, bot: EaselBot) -> None:
        self._presses: dict[str, Pressed] = {region.TOOL: lambda asked, rest: region.pressed(bot, asked, rest)}
        self._forms: dict[str, Submitted] = {region.TOOL: lambda asked, filled: region.submitted(bot, asked, filled)}

    def on_press(self, tool: str, answer: Pressed) -> None:
        """Whoever presses such a button is answered so."""
        self._presses[tool] = answer

    def on_submit(self, kind: str, answer: Submitted) -> None:
        """Whoever hands in such a form is answered so."""
        self._forms[kind] = answer

    async def press(self, interaction: discord.Interaction[Any], tool: str, rest: str) -> None:
        """A button was pressed."""
        answer = self._presses.get(tool)
        if answer is None:
            raise Told("error.old_button")
        await answer(interaction, rest)

    async def submitted(self, interaction: discord.Interaction[Any], filled: Filled) -> None:
        """A form was handed in."""
        answer = self._forms.get(filled.kind or "")
        if answer is None:
            raise Told("error.old_form")
        await answer(interaction, filled)
