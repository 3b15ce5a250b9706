"""How a prompt becomes jobs: one at once, several after a question, wherever the words came from."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import discord

from bot.counter import Opened
from bot.errors import Told
from bot.texts import say
from bot.values import Button, Look
from bot.views import ToolButton, ToolView
from engine import Asker, EaselError, ImageInput, Job, Mode

if TYPE_CHECKING:
    from bot.client import EaselBot

ASK_SECONDS = 840.0
_TOOL = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody asks for."""

    asker: Asker
    prompt: str
    style: int | None = None
    plain: bool = False
    """Without the server's own style."""
    mode: Mode | None = None
    private: bool = False
    images: tuple[ImageInput, ...] = ()
    until: float = field(default_factory=lambda: time.monotonic() + ASK_SECONDS)
    """Until when a question may be answered, in seconds of the monotonic clock."""

    @property
    def wishes(self) -> dict[str, Any]:
        """All but who asks and the words, as the engine's desk takes it."""
        return {name: getattr(self, name) for name in ("style", "plain", "mode", "private", "images")}


class Imagining:
    """Takes prompts; those that make several jobs wait here for a yes."""

    def __init__(self, bot: EaselBot) -> None:
        self._bot = bot
        self._asked: dict[str, Wanted] = {}
        bot.tools.on_press(_TOOL, self._answered)

    async def take(self, interaction: discord.Interaction[Any], opened: Opened, wanted: Wanted) -> None:
        """Show the job's card, or ask whether so many are meant."""
        made = await self._bot.engine.community.requests.imagine_one(wanted.asker, wanted.prompt, **wanted.wishes)
        if isinstance(made, Job):
            await self._bot.counter.show(interaction, opened, [made])
        else:
            await self._ask(interaction, wanted, made.jobs, made.credits)

    async def _make(self, interaction: discord.Interaction[Any], opened: Opened, wanted: Wanted) -> None:
        engine = self._bot.engine
        job = await engine.community.requests.imagine(wanted.asker, wanted.prompt, **wanted.wishes)
        await self._bot.counter.show(interaction, opened, await engine.jobs_of(job.workspace_id, job.request_id))

    async def _ask(self, interaction: discord.Interaction[Any], wanted: Wanted, jobs: int, credits_: int) -> None:
        now = time.monotonic()
        self._asked = {key: each for key, each in self._asked.items() if each.until > now}
        key = secrets.token_hex(8)
        self._asked[key] = wanted
        language = await self._bot.language(interaction)
        yes = ToolButton(_TOOL, f"{key}:yes", Button("", say(language, "ask.yes", jobs=jobs), None, Look.SUCCESS))
        no = ToolButton(_TOOL, f"{key}:no", Button("", say(language, "ask.no"), None, Look.SECONDARY))
        text = say(language, "ask.several", jobs=jobs, credits=credits_)
        await interaction.edit_original_response(content=text, view=ToolView((yes, no)))

    async def _answered(self, interaction: discord.Interaction[Any], rest: str) -> None:
        key, _, answer = rest.partition(":")
        wanted = self._asked.get(key)
        if wanted is None or wanted.until < time.monotonic():
            raise Told("error.old_question")
        if wanted.asker.user_id != str(interaction.user.id):
            raise Told("denied.not_yours")
        del self._asked[key]
        if answer != "yes":
            language = await self._bot.language(interaction)
            await interaction.response.edit_message(content=say(language, "ask.dropped"), view=None)
            return
        await interaction.response.defer()
        message = interaction.message
        opened = Opened(None if message is None else str(message.id), wanted.private)
        await interaction.edit_original_response(view=None)
        try:
            await self._make(interaction, opened, wanted)
        except EaselError:
            await interaction.delete_original_response()  # the reason is told; a question without buttons is none
            raise
