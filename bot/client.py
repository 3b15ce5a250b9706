"""The Discord client: its parts, its state, and which of Discord's events mean something to Easel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import errors, forms
from bot.alarms import Alarms
from bot.askers import asker_of, in_server
from bot.cards import draw
from bot.cogs import COGS, OPTIONAL
from bot.counter import Counter
from bot.deeds import Deeds
from bot.imagining import Imagining
from bot.live import Pacer
from bot.pictures import MOST_BYTES, Pictures
from bot.posting import Postman
from bot.relay import Relay
from bot.rulings import Rulings
from bot.scenes import Scenes
from bot.syncing import sync_if_changed
from bot.texts import language_of
from bot.texts.translator import Translator
from bot.tools import Tools
from bot.values import Drawn, Showing
from bot.views import JobButton, ToolButton, is_ours
from engine import BotState, Deed, EaselError, Job, LostCard, Permit, Person, Presence

if TYPE_CHECKING:
    from engine import Engine

_LOG = logging.getLogger("bot")


@dataclass(frozen=True, slots=True, kw_only=True)
class BotOptions:
    """How the bot is reached and reaches Discord; addresses None: Discord's own."""

    token: str
    public_url: str
    memory: Path | None = None
    """The file in which the synced set of commands is remembered; None: it is synced at every start."""
    api_url: str | None = None
    gateway_url: str | None = None
    cdn_url: str | None = None
    guild_ready_seconds: float = 2.0
    operator_words: str = "easel guild code"


class Tree(app_commands.CommandTree["EaselBot"]):
    """Sends the errors of commands to the one door."""

    async def on_error(
        self, interaction: discord.Interaction[EaselBot], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell it."""
        await interaction.client.tell(interaction, error)


def intents(*, members: bool) -> discord.Intents:
    """The least: servers with their channels and roles, bans; who leaves, where the portal allows it."""
    wanted = discord.Intents.none()
    wanted.guilds = wanted.moderation = True
    wanted.members = members
    return wanted


class EaselBot(commands.Bot):
    """One process's bot."""

    def __init__(self, engine: Engine, options: BotOptions, *, members: bool = False) -> None:
        super().__init__(
            command_prefix=(),
            help_command=None,
            tree_cls=Tree,
            intents=intents(members=members),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=options.guild_ready_seconds,
            enable_debug_events=False,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )
        self.engine = engine
        self.options = options
        self.pictures = Pictures(engine, options.public_url)
        self.scenes = Scenes(self)
        self.post = Postman(self)
        self.pacer = Pacer()
        self.relay = Relay(self, self.post)
        self.alarms = Alarms(self)
        self.rulings = Rulings(self)
        self.counter = Counter(self)
        self.deeds = Deeds(self)
        self.tools = Tools(self)
        self.imagining = Imagining(self)
        self.presences: dict[int, tuple[float, tuple[Presence, ...]]] = {}
        """In which servers somebody was lately, and until when that is believed; for suggestions alone."""
        self.asking: dict[int, asyncio.Task[tuple[Presence, ...]]] = {}
        """Questions to Discord for that, which go on when nobody can wait longer."""

    async def setup_hook(self) -> None:
        """Logged in, not connected yet: commands and buttons are made known, open cards taken up."""
        flags = self.application_flags
        if flags and (flags.gateway_guild_members or flags.gateway_guild_members_limited):
            self._connection._intents.members = True  # noqa: SLF001 - the portal's switch is known only now
        self.add_dynamic_items(JobButton, ToolButton)
        offered = (cog for cog, kind in OPTIONAL.items() if self.engine.offers(kind))
        for cog in (*COGS, *offered):
            await self.add_cog(cog(self))
        await self.tree.set_translator(Translator())
        await sync_if_changed(self)
        self.relay.start()
        self.alarms.start()
        self.rulings.start()

    async def close(self) -> None:
        """Leave: cards stay as they are, and the next process goes on with them."""
        await self.rulings.stop()
        await self.alarms.stop()
        await self.relay.stop()
        await super().close()

    # --- what every part asks

    def draw(self, job: Job, showing: Showing) -> Drawn:
        """A job's card."""
        return draw(job, showing)

    def most_bytes(self, guild_id: str | None) -> int:
        """How large the files of a message may be there."""
        guild = self.get_guild(int(guild_id)) if guild_id else None
        return MOST_BYTES if guild is None else guild.filesize_limit

    async def language(self, interaction: discord.Interaction[Any]) -> str:
        """The language of whoever acts: their own choice, else their Discord's."""
        try:
            person = await self.engine.community.members.person(str(interaction.user.id))
        except EaselError:
            return language_of(None, interaction.locale.value)
        return self.language_for(interaction, person)

    def language_for(self, interaction: discord.Interaction[Any], person: Person) -> str:
        """The same, where what they chose is known already."""
        return language_of(person.language, interaction.locale.value)

    async def public_language(self, interaction: discord.Interaction[Any]) -> str:
        """What is said where others read it: the server's own setting, else what Discord has for it."""
        local = interaction.guild_locale
        settings = await self.scenes.settings(str(interaction.guild_id) if in_server(interaction) else None)
        return language_of(settings.language, None if local is None else local.value, interaction.locale.value)

    async def permit_for(self, interaction: discord.Interaction[Any], deed: Deed, job_id: str) -> Permit:
        """Leave to do something to a job; see the engine's own."""
        asker = await asker_of(self, interaction)
        return await self.engine.community.permits.permit_for(asker, deed, job_id)

    async def answering(self, interaction: discord.Interaction[Any], work: Awaitable[None]) -> None:
        """Do it; whatever goes wrong is told by the one error door."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - this is the door
            await self.tell(interaction, error)

    async def tell(self, interaction: discord.Interaction[Any], error: BaseException) -> None:
        """The one error door."""
        await errors.tell(interaction, error, await self.language(interaction))

    # --- Discord's events

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Forms are answered here: discord.py forgets those that another process opened. So are unknown buttons."""
        if interaction.type is discord.InteractionType.modal_submit:
            await self.answering(interaction, forms.answer(self, interaction))
        elif interaction.type is discord.InteractionType.component and not is_ours(interaction):
            await self.tell(interaction, errors.Told("error.old_button"))

    async def on_connect(self) -> None:
        """The gateway took us."""
        await self.engine.community.bot.tell(BotState.CONNECTED)

    async def on_resumed(self) -> None:
        """The gateway took us back."""
        await self.engine.community.bot.tell(BotState.CONNECTED)

    async def on_disconnect(self) -> None:
        """The socket is gone; discord.py connects again."""
        if not self.is_closed():
            await self.engine.community.bot.tell(BotState.RECONNECTING)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - discord.py's own shape
        """An event could not be answered."""
        _LOG.exception("the event %s could not be answered", event_method)

    async def on_guild_update(self, _before: discord.Guild, after: discord.Guild) -> None:
        """A server has another name."""
        await self.engine.community.guilds.renamed(str(after.id), after.name)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed from a server."""
        await self.relay.lost_in(str(guild.id), LostCard.BOT_REMOVED)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A channel is gone."""
        await self.relay.lost_in(str(channel.id), LostCard.CHANNEL_GONE)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """A thread is gone."""
        await self.relay.lost_in(str(payload.thread_id), LostCard.CHANNEL_GONE)

    async def on_raw_member_remove(self, payload: discord.RawMemberRemoveEvent) -> None:
        """Somebody left, was kicked or banned."""
        await self._left(payload.guild_id, payload.user.id)

    async def on_member_ban(self, guild: discord.Guild, user: discord.User | discord.Member) -> None:
        """Somebody was banned; told even where the portal does not let us hear who leaves."""
        await self._left(guild.id, user.id)

    async def on_member_join(self, member: discord.Member) -> None:
        """Somebody came (back)."""
        bound = await self.engine.community.guilds.guild(str(member.guild.id))
        if bound is not None:
            await self.engine.community.members.returned(bound.workspace_id, str(member.id))

    async def _left(self, guild_id: int, user_id: int) -> None:
        bound = await self.engine.community.guilds.guild(str(guild_id))
        if bound is None:
            return
        others = [
            each for each in await self.engine.community.guilds.of(bound.workspace_id) if each.guild_id != str(guild_id)
        ]
        for each in others:
            guild = self.get_guild(int(each.guild_id))
            if guild is not None and await _has(guild, user_id):
                return
        await self.engine.community.members.left(bound.workspace_id, str(user_id))


async def _has(guild: discord.Guild, user_id: int) -> bool:
    try:
        await guild.fetch_member(user_id)
    except discord.NotFound:
        return False
    except (discord.HTTPException, OSError, TimeoutError):
        return True  # not known: nothing is taken back on a guess
    return True
