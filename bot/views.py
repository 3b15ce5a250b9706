"""Buttons that never die: job id and deed stand in the custom id, and the right is looked up at the press."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.values import Button

if TYPE_CHECKING:
    from bot.client import EaselBot

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def custom_id(job_id: str, deed: str) -> str:
    """Of a button on a job's card."""
    return f"easel:{job_id}:{deed}"


def is_ours(interaction: discord.Interaction[Any]) -> bool:
    """Whether a component that was pressed is answered by a button of this module."""
    data: Any = interaction.data
    pressed = str((data or {}).get("custom_id", ""))
    return any(kind.__discord_ui_compiled_template__.fullmatch(pressed) for kind in (JobButton, ToolButton))


class JobButton(ui.DynamicItem[ui.Button[Any]], template=rf"easel:(?P<job>{_UUID}):(?P<deed>[a-z0-9_.]{{1,40}})"):
    """A button on a card. Whatever goes wrong is told by the one error door."""

    def __init__(self, job_id: str, button: Button) -> None:
        self.job_id = job_id
        self.deed = button.deed
        super().__init__(
            ui.Button(
                label=button.label,
                emoji=button.emoji,
                style=discord.ButtonStyle(button.look.value),
                custom_id=custom_id(job_id, button.deed),
            )
        )

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - the custom id says it all
        item: ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """The button that was pressed, whichever process drew it."""
        label = item.label if isinstance(item, ui.Button) else None
        return cls(match["job"], Button(match["deed"], label or "·"))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says."""
        bot: EaselBot = interaction.client
        await bot.answering(interaction, bot.deeds.press(interaction, self.job_id, self.deed))


class ToolButton(ui.DynamicItem[ui.Button[Any]], template=r"easel-(?P<tool>[a-z]+):(?P<rest>.{0,90})"):
    """A button of a question or a list: which one, and what it has to know."""

    def __init__(self, tool: str, rest: str, button: Button, *, disabled: bool = False) -> None:
        self.tool = tool
        self.rest = rest
        super().__init__(
            ui.Button(
                label=button.label,
                emoji=button.emoji,
                style=discord.ButtonStyle(button.look.value),
                custom_id=f"easel-{tool}:{rest}",
                disabled=disabled,
            )
        )

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - the custom id says it all
        item: ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """The button that was pressed, whichever process drew it."""
        label = item.label if isinstance(item, ui.Button) else None
        return cls(match["tool"], match["rest"], Button("", label or "·"))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says."""
        bot: EaselBot = interaction.client
        await bot.answering(interaction, bot.tools.press(interaction, self.tool, self.rest))


class ToolView(ui.View):
    """Rows of tools. discord.py keeps none of them: a press is answered from its custom id alone."""

    def __init__(self, *rows: tuple[ToolButton | JobButton, ...]) -> None:
        super().__init__(timeout=None)
        for number, row in enumerate(rows):
            for button in row:
                button.item.row = number
                self.add_item(button)

    def is_dispatchable(self) -> bool:
        """Never: see the class."""
        return False
