"""A real discord.py client on the simulator's bot side."""

from __future__ import annotations

import asyncio
import contextlib
import io

import discord
import yarl
from discord import app_commands, ui

from tests.simulator.people import PNG, People


class Again(ui.DynamicItem[ui.Button], template=r"again:(?P<job>\d+)"):
    def __init__(self, job):
        super().__init__(ui.Button(label="Again", custom_id=f"again:{job}"))
        self.job = job

    @classmethod
    async def from_custom_id(cls, interaction, item, match):
        return cls(match["job"])

    async def callback(self, interaction):
        await interaction.response.send_message(f"again {self.job}", ephemeral=True)


class Remix(ui.Modal, title="Remix"):
    prompt = ui.Label(text="Prompt", component=ui.TextInput(max_length=20, default="old"))
    style = ui.Label(
        text="Style",
        component=ui.Select(
            options=[discord.SelectOption(label="Anime", value="anime"), discord.SelectOption(label="Raw")]
        ),
    )
    image = ui.Label(text="Image", component=ui.FileUpload(required=False, max_values=2))

    async def on_submit(self, interaction):
        files = [await attachment.read() for attachment in self.image.component.values]
        words = f"{self.prompt.component.value} {self.style.component.values} {[len(f) for f in files]}"
        await interaction.response.send_message(words)


class Card(ui.LayoutView):
    box = ui.Container(
        ui.TextDisplay("# A picture"),
        ui.MediaGallery(discord.MediaGalleryItem("attachment://grid.png", description="four cats")),
        ui.ActionRow(ui.Button(label="U1", custom_id="u1")),
        accent_colour=0x336699,
    )


class Painter(discord.Client):
    """A small bot with every kind of command; `heard` are the events it was told, in order."""

    def __init__(self, **options):
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = intents.members = intents.moderation = True
        super().__init__(intents=options.pop("intents", intents), guild_ready_timeout=0.05, **options)
        self.tree = app_commands.CommandTree(self)
        self.heard = []
        self.gate = asyncio.Event()
        self.is_up = asyncio.Event()
        self._news = asyncio.Event()
        self._add_commands()
        self._add_menus()

    async def setup_hook(self):
        self.add_dynamic_items(Again)
        await self.tree.sync()

    def dispatch(self, event, /, *args, **kwargs):
        self.heard.append((event, args))
        if event == "ready":
            self.is_up.set()
        self._news.set()
        super().dispatch(event, *args, **kwargs)

    async def told(self):
        """Until the next event."""
        self._news.clear()
        await self._news.wait()

    def _add_commands(self):
        tree = self.tree

        @tree.command(description="Paint")
        @app_commands.describe(prompt="words")
        @app_commands.choices(
            aspect=[app_commands.Choice(name="Wide", value="16:9"), app_commands.Choice(name="Tall", value="9:16")]
        )
        async def imagine(
            interaction: discord.Interaction,
            prompt: app_commands.Range[str, 1, 100],
            aspect: str = "1:1",
            count: app_commands.Range[int, 1, 4] = 1,
            image: discord.Attachment | None = None,
        ):
            await interaction.response.defer()
            for percent in (25, 50, 75):
                await interaction.edit_original_response(content=f"{prompt} {percent}%")
            embed = discord.Embed(title=prompt, description=f"{aspect} {count}").set_image(url="attachment://grid.png")
            view = ui.View(timeout=None)
            view.add_item(Again(7))
            await interaction.edit_original_response(
                content=None, embed=embed, view=view, attachments=[discord.File(io.BytesIO(PNG), "grid.png")]
            )
            if image is not None:
                await interaction.followup.send(f"{image.filename} {len(await image.read())}", ephemeral=True)

        @tree.command(description="Styles")
        async def style(interaction: discord.Interaction, name: str):
            await interaction.response.send_message(f"style {name}", ephemeral=True)

        @style.autocomplete("name")
        async def names(interaction, current):
            return [app_commands.Choice(name=n, value=n.lower()) for n in ("Anime", "Raw") if current in n.lower()]

        @tree.command(description="Form")
        async def remix(interaction: discord.Interaction):
            await interaction.response.send_modal(Remix())

        @tree.command(description="Card")
        async def card(interaction: discord.Interaction):
            await interaction.response.send_message(view=Card(), file=discord.File(io.BytesIO(PNG), "grid.png"))

        @tree.command(description="Silence")
        async def silence(interaction: discord.Interaction):
            await self.gate.wait()

    def _add_menus(self):
        tree = self.tree

        @tree.context_menu(name="Describe this image")
        async def describe(interaction: discord.Interaction, message: discord.Message):
            await interaction.response.send_message(f"{len(message.attachments)} from {message.author.name}")

        mod = app_commands.Group(
            name="mod", description="m", default_permissions=discord.Permissions(manage_messages=True)
        )
        banword = app_commands.Group(name="banword", description="b", parent=mod)

        @banword.command(description="add")
        async def add(interaction: discord.Interaction, word: str, member: discord.Member | None = None):
            await interaction.response.send_message(f"banned {word} {member}", ephemeral=True)

        tree.add_command(mod)


class Scene(People):
    """A running simulator, the people in it, and discord.py pointed at it."""

    def __init__(self, running, monkeypatch):
        super().__init__(running.control)
        self.running = running
        simulator = running.simulator
        monkeypatch.setattr(discord.http.Route, "BASE", simulator.bot_api_url)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(simulator.gateway_url))
        self.token = simulator.bot_side.described()["token"]

    @contextlib.asynccontextmanager
    async def bot(self, **options):
        painter = Painter(**options)
        running = asyncio.create_task(painter.start(self.token))
        up = asyncio.create_task(painter.is_up.wait())
        try:
            await asyncio.wait({running, up}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
            yield painter
        finally:
            up.cancel()
            await painter.close()
            await asyncio.gather(running, return_exceptions=True)
