"""/imagine: words, pictures and parameters in; a card for each job out."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.askers import asker_of
from bot.cogs.completions import complete_aspect, complete_style, complete_version
from bot.cogs.given import image_inputs
from bot.counter import Opened
from bot.errors import Told
from bot.texts import say
from bot.texts.translator import words as t
from bot.values import Button, Look
from bot.views import ToolButton, ToolView
from engine import Asker, Deed, ImageInput, InvalidInput, Job, Mode, aspects, stylize_range, version_flag

if TYPE_CHECKING:
    from bot.client import EaselBot

_LOW, _HIGH = stylize_range()
ASK_SECONDS = 840.0
_TOOL = "ask"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A request that makes several jobs, until its requester agrees."""

    asker: Asker
    prompt: str
    style: int | None
    mode: Mode | None
    private: bool
    images: tuple[ImageInput, ...]
    until: float


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
        self._asked: dict[str, _Wanted] = {}
        bot.tools.on_press(_TOOL, self._agreed)

    @app_commands.command(name="imagine", description=t("imagine.description"))
    @app_commands.describe(
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
        made = await community.requests.imagine_one(
            asker, text, private=private, style=chosen, mode=speed, images=given
        )
        if isinstance(made, Job):
            await bot.counter.show(interaction, opened, [made])
        else:
            wanted = _Wanted(asker, text, chosen, speed, private, given, time.monotonic() + ASK_SECONDS)
            await self._ask(interaction, wanted, made.jobs, made.credits)

    async def _take(self, interaction: discord.Interaction[Any], opened: Opened, wanted: _Wanted) -> None:
        engine = self._bot.engine
        job = await engine.community.requests.imagine(
            wanted.asker,
            wanted.prompt,
            private=wanted.private,
            style=wanted.style,
            mode=wanted.mode,
            images=wanted.images,
        )
        await self._bot.counter.show(interaction, opened, await engine.jobs_of(job.workspace_id, job.request_id))

    async def _ask(self, interaction: discord.Interaction[Any], wanted: _Wanted, jobs: int, credits_: int) -> None:
        """Say how many jobs it will be, and wait for a yes."""
        now = time.monotonic()
        self._asked = {key: each for key, each in self._asked.items() if each.until > now}
        key = secrets.token_hex(8)
        self._asked[key] = wanted
        language = await self._bot.language(interaction)
        yes = ToolButton(_TOOL, f"{key}:yes", Button("", say(language, "ask.yes", jobs=jobs), None, Look.SUCCESS))
        no = ToolButton(_TOOL, f"{key}:no", Button("", say(language, "ask.no"), None, Look.SECONDARY))
        text = say(language, "ask.several", jobs=jobs, credits=credits_)
        await interaction.edit_original_response(content=text, view=ToolView((yes, no)))

    async def _agreed(self, interaction: discord.Interaction[Any], rest: str) -> None:
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
        await self._take(interaction, opened, wanted)
