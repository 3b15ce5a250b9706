"""A card's life with discord.py and nothing else: what the bot's own figure is compared with (`bench.bot`).

`python -m bench.bare_bot FILE`: the file names the addresses, the token, the shown card and the size of its picture.
Each `/imagine` is deferred and edited as the bot's cards are, by discord.py's public calls; no job runs.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
from pathlib import Path
from typing import Any

import discord
import msgspec
import yarl
from discord import app_commands, ui
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

EDITS, PACE = 4, 2.5
"""Edits before the one with the picture, and the seconds between them."""


class Orders(msgspec.Struct):
    """What the bench asks for."""

    api_url: str
    gateway_url: str
    token: str
    card: dict[str, Any]
    """A finished card, as the channel shows it."""
    bytes: int
    """Of its picture."""


class BareBot(commands.Bot):
    """Answers `/imagine`."""

    def __init__(self, orders: Orders) -> None:
        super().__init__(
            command_prefix=(),
            help_command=None,
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            enable_debug_events=False,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.orders = orders
        self.picture = os.urandom(orders.bytes)

    async def setup_hook(self) -> None:
        @self.tree.command(name="imagine", description="Shows a card.")
        @app_commands.describe(prompt="Words")
        async def imagine(interaction: discord.Interaction[BareBot], prompt: str) -> None:  # noqa: ARG001 - Discord's
            await interaction.response.defer(thinking=True)
            for _ in range(EDITS):
                await interaction.edit_original_response(content=None, embed=self._embed(), view=self._view(1))
                await asyncio.sleep(PACE)
            embed = self._embed().set_image(url="attachment://picture.webp")
            files = [discord.File(io.BytesIO(self.picture), "picture.webp")]
            await interaction.edit_original_response(
                content=None, embed=embed, view=self._view(len(self.orders.card["components"])), attachments=files
            )

        await self.tree.sync()

    def _embed(self) -> discord.Embed:
        embed = discord.Embed.from_dict(self.orders.card["embeds"][0])
        return embed.set_image(url=None)

    def _view(self, rows: int) -> ui.View:
        view = ui.View(timeout=None)
        for number, row in enumerate(self.orders.card["components"][:rows]):
            for each in row["components"][: None if rows > 1 else 1]:
                emoji = (each.get("emoji") or {}).get("name")
                style = discord.ButtonStyle(each["style"])
                view.add_item(
                    ui.Button(
                        label=each.get("label"), emoji=emoji, style=style, custom_id=each["custom_id"], row=number
                    )
                )
        view.stop()  # so that discord.py does not keep it
        return view


def main() -> None:
    orders = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Orders)
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = orders.api_url.rstrip("/"), yarl.URL(orders.gateway_url)
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    bot = BareBot(orders)

    async def run() -> None:
        async with bot:
            await bot.start(orders.token)

    try:
        import uvloop  # noqa: PLC0415 - there is none for Windows
    except ImportError:
        asyncio.run(run())
    else:
        uvloop.run(run())


if __name__ == "__main__":
    main()
