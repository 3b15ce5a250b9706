"""What is made of pictures and words beside /imagine: describe, blend, shorten, upload."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.askers import asker_of
from bot.cogs.given import image_inputs, kept
from bot.errors import Told
from bot.texts import say
from bot.texts.translator import explained
from bot.texts.translator import words as t
from engine import Action, ActionKind, Deed, Given, ImageInput

if TYPE_CHECKING:
    from bot.client import EaselBot

_SHAPES = {"portrait": "--ar 2:3", "square": "--ar 1:1", "landscape": "--ar 3:2"}
_LONGEST_MENU = 32


class PicturesCog(commands.Cog):
    """Each is one request of one job."""

    def __init__(self, bot: EaselBot) -> None:
        self._bot = bot
        self._menu = app_commands.ContextMenu(name=t("menu.describe"), callback=self._describe_message)
        self._menu.error(bot.tree.on_error)

    async def cog_load(self) -> None:
        """Add what cannot stand in a class."""
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it back."""
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(name="describe", description=t("describe.description"))
    @explained(image=t("describe.image"), url=t("describe.url"), private=t("imagine.private"))
    async def describe(
        self,
        interaction: discord.Interaction[EaselBot],
        image: discord.Attachment | None = None,
        url: app_commands.Range[str, 1, 2000] | None = None,
        private: bool = False,  # noqa: FBT001, FBT002 - an option of the command
    ) -> None:
        """Four prompts for a picture."""
        opened = await self._bot.counter.open(interaction, private=private)
        if (image is None) is (url is None):
            raise Told("describe.one")
        found = await image_inputs(self._bot, [image]) if image is not None else [ImageInput(address=url)]
        await self._command(interaction, opened, Action(ActionKind.DESCRIBE), Given(images=tuple(found)))

    async def _describe_message(self, interaction: discord.Interaction[EaselBot], message: discord.Message) -> None:
        opened = await self._bot.counter.open(interaction, private=False)
        address = next(
            (each.url for each in message.attachments if (each.content_type or "image/").startswith("image/")), None
        ) or next((each.image.url for each in message.embeds if each.image.url), None)
        if address is None:
            raise Told("describe.no_picture")
        given = Given(images=(ImageInput(address=address),))
        await self._command(interaction, opened, Action(ActionKind.DESCRIBE), given)

    @app_commands.command(name="blend", description=t("blend.description"))
    @explained(
        image1=t("blend.image"),
        image2=t("blend.image"),
        image3=t("blend.image"),
        image4=t("blend.image"),
        image5=t("blend.image"),
        shape=t("blend.shape"),
        private=t("imagine.private"),
    )
    @app_commands.choices(
        shape=[app_commands.Choice(name=t(f"blend.{each}"), value=each) for each in _SHAPES],
    )
    async def blend(  # noqa: PLR0917 - the options of the command
        self,
        interaction: discord.Interaction[EaselBot],
        image1: discord.Attachment,
        image2: discord.Attachment,
        image3: discord.Attachment | None = None,
        image4: discord.Attachment | None = None,
        image5: discord.Attachment | None = None,
        shape: str | None = None,
        private: bool = False,  # noqa: FBT001, FBT002 - an option of the command
    ) -> None:
        """One picture of two to five."""
        opened = await self._bot.counter.open(interaction, private=private)
        listed = [each for each in (image1, image2, image3, image4, image5) if each is not None]
        given = Given(
            images=tuple(await image_inputs(self._bot, listed)),
            dimensions=None if shape is None else _SHAPES[shape],
        )
        await self._command(interaction, opened, Action(ActionKind.BLEND), given)

    @app_commands.command(name="shorten", description=t("shorten.description"))
    @explained(prompt=t("shorten.prompt"), private=t("imagine.private"))
    async def shorten(
        self,
        interaction: discord.Interaction[EaselBot],
        prompt: app_commands.Range[str, 1, 6000],
        private: bool = False,  # noqa: FBT001, FBT002 - an option of the command
    ) -> None:
        """Which words of a prompt count."""
        opened = await self._bot.counter.open(interaction, private=private)
        await self._command(interaction, opened, Action(ActionKind.SHORTEN), Given(), prompt)

    @app_commands.command(name="upload", description=t("upload.description"))
    @explained(image=t("upload.image"))
    async def upload(self, interaction: discord.Interaction[EaselBot], image: discord.Attachment) -> None:
        """Put a picture where a prompt can name it."""
        bot = self._bot
        await interaction.response.defer(thinking=True)
        await bot.engine.community.permits.permit(await asker_of(bot, interaction), Deed.GENERATE)
        await kept(bot, image, "image")  # it is a picture, and not too large
        file = discord.File(io.BytesIO(await image.read()), image.filename)
        sent = await interaction.followup.send(
            say(await bot.public_language(interaction), "upload.done"), file=file, wait=True
        )
        if sent.attachments:
            address = say(await bot.public_language(interaction), "upload.address", address=sent.attachments[0].url)
            await interaction.followup.send(address, ephemeral=True)

    async def _command(
        self, interaction: discord.Interaction[Any], opened: Any, action: Action, given: Given, prompt: str = ""
    ) -> None:
        bot = self._bot
        asker = await asker_of(bot, interaction)
        wishes: Any = {"prompt": prompt} if prompt else {}
        job = await bot.engine.community.requests.command(asker, action, private=opened.private, given=given, **wishes)
        await bot.counter.show(interaction, opened, [job])
