"""/admin settings: what an operator settles for one server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.askers import asker_of
from bot.cards import quoted
from bot.cogs.completions import LONGEST, calm
from bot.errors import Told
from bot.staff import Leave, answer, begin, show
from bot.texts.translator import explained
from bot.texts.translator import words as t
from engine import (
    LANGUAGES,
    Deed,
    GuildSettings,
    InvalidInput,
    Layout,
    Mode,
    NsfwRule,
    Presses,
    RoleTerms,
    Terms,
    read_quota,
)

if TYPE_CHECKING:
    from bot.client import EaselBot

_UNLIMITED = "unlimited"
_SERVER = "server"
Quota = app_commands.Range[str, 1, 40]
Speeds = app_commands.Range[str, 1, 40]
Cooldown = app_commands.Range[int, 0, 86_400]
Queued = app_commands.Range[int, 0, 10_000]


@calm
async def complete_shared(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
    """The styles that everybody here may use; for operators alone."""
    bot: EaselBot = interaction.client
    permit = await bot.engine.community.permits.permit(await asker_of(bot, interaction), Deed.OPERATE)
    found = await bot.engine.community.styles.of(permit.workspace_id)
    said = current.casefold().strip()
    return [
        app_commands.Choice(name=f"{each.name}: {each.words}"[:LONGEST], value=each.name)
        for each in found
        if each.shared and said in each.name.casefold()
    ]


class Settings(app_commands.Group):
    """Each change is one entry of the audit log, and counts from the next deed on."""

    def __init__(self, bot: EaselBot) -> None:
        super().__init__(name="settings", description=t("admin.settings"))
        self._bot = bot
        self._turn = asyncio.Lock()

    async def change(self, left: Leave, edit: Callable[[GuildSettings], GuildSettings]) -> None:
        """Settle the server anew, from what is stored at this moment."""
        guilds = self._bot.engine.community.guilds
        async with self._turn:
            known = await guilds.named(left.workspace_id, left.guild.guild_id)
            await guilds.settle(left.workspace_id, left.guild.guild_id, edit(known.settings), left.who)
        self._bot.scenes.forget()
        await self._bot.rulings.look(left.guild.guild_id)

    async def _do(self, interaction: discord.Interaction[Any], edit: Callable[[GuildSettings], GuildSettings]) -> None:
        left = await begin(self._bot, interaction, Deed.OPERATE)
        await self.change(left, edit)
        await answer(interaction, left.say("me.chosen"))

    @app_commands.command(name="show", description=t("admin.show"))
    async def show(self, interaction: discord.Interaction[EaselBot]) -> None:
        """All that is settled."""
        left = await begin(self._bot, interaction, Deed.OPERATE)
        found, none = left.guild.settings, "—"
        lines = [
            f"**{left.say('admin.channels')}** {_all('#', found.channels) or none}",
            f"**{left.say('admin.roles')}** {_all('@&', found.roles) or none}",
            f"**{left.say('admin.moderators')}** {_all('@&', found.moderator_roles) or none}",
            f"**{left.say('admin.everyone')}** {_terms(found.usual) or none}",
            *(f"<@&{each.role_id}> {_terms(each.terms)}" for each in found.by_role),
            f"**{left.say('admin.nsfw')}** {left.say(f'admin.nsfw_{found.nsfw.value}')}{' 🫥' * found.spoiler}",
            f"**{left.say('admin.results')}** {_one(found.results_channel) or none}",
            f"**{left.say('admin.language')}** {found.language or none}",
            f"**{left.say('admin.presses')}** {left.say(f'admin.presses_{found.presses.value}')}",
            f"**{left.say('admin.layout')}** {left.say(f'admin.layout_{found.layout.value}')}",
            f"**{left.say('admin.alerts')}** {_one(found.alerts_channel) or none}",
            f"**{left.say('admin.style')}** {await self._style(left, found.default_style) or none}",
        ]
        await show(interaction, left.say("admin.settings_title"), lines)

    async def _style(self, left: Leave, style_id: int | None) -> str:
        styles = await self._bot.engine.community.styles.of(left.workspace_id)
        return next((quoted(each.name) for each in styles if each.id == style_id), "")

    @app_commands.command(name="channel", description=t("admin.channel"))
    @explained(channel=t("admin.channel_which"), allowed=t("admin.allowed"))
    async def channel(
        self,
        interaction: discord.Interaction[EaselBot],
        channel: discord.TextChannel | discord.ForumChannel | discord.CategoryChannel,
        allowed: bool,  # noqa: FBT001 - an option of the command
    ) -> None:
        """Allow a channel, or no more; none at all: everywhere."""
        one = str(channel.id)
        await self._do(interaction, lambda known: replace(known, channels=_with(known.channels, one, on=allowed)))

    @app_commands.command(name="role", description=t("admin.role"))
    @explained(
        role=t("admin.role_which"),
        makes=t("admin.makes"),
        moderates=t("admin.moderates"),
        quota=t("admin.quota"),
        speeds=t("admin.speeds"),
        cooldown=t("admin.cooldown"),
        queued=t("admin.queued"),
    )
    async def role(  # noqa: PLR0917 - the options of a command
        self,
        interaction: discord.Interaction[EaselBot],
        role: discord.Role,
        makes: bool | None = None,  # noqa: FBT001 - an option of the command
        moderates: bool | None = None,  # noqa: FBT001 - an option of the command
        quota: Quota | None = None,
        speeds: Speeds | None = None,
        cooldown: Cooldown | None = None,
        queued: Queued | None = None,
    ) -> None:
        """What a role gives; what is not said stays."""
        one = str(role.id)

        def edit(known: GuildSettings) -> GuildSettings:
            if makes is not None:
                known = replace(known, roles=_with(known.roles, one, on=makes))
            if moderates is not None:
                known = replace(known, moderator_roles=_with(known.moderator_roles, one, on=moderates))
            before = next((each.terms for each in known.by_role if each.role_id == one), Terms())
            after = _changed(before, quota, speeds, cooldown, queued)
            others = tuple(each for each in known.by_role if each.role_id != one)
            return replace(known, by_role=others if after == Terms() else (*others, RoleTerms(one, after)))

        await self._do(interaction, edit)

    @app_commands.command(name="everyone", description=t("admin.usual"))
    @explained(quota=t("admin.quota"), speeds=t("admin.speeds"), cooldown=t("admin.cooldown"), queued=t("admin.queued"))
    async def everyone(
        self,
        interaction: discord.Interaction[EaselBot],
        quota: Quota | None = None,
        speeds: Speeds | None = None,
        cooldown: Cooldown | None = None,
        queued: Queued | None = None,
    ) -> None:
        """What counts where no role says more."""
        await self._do(
            interaction, lambda known: replace(known, usual=_changed(known.usual, quota, speeds, cooldown, queued))
        )

    @app_commands.command(name="nsfw", description=t("admin.nsfw_set"))
    @explained(rule=t("admin.nsfw"), spoiler=t("admin.spoiler"))
    @app_commands.choices(
        rule=[app_commands.Choice(name=t(f"admin.nsfw_{each.value}"), value=each.value) for each in NsfwRule]
    )
    async def nsfw_rule(
        self,
        interaction: discord.Interaction[EaselBot],
        rule: str | None = None,
        spoiler: bool | None = None,  # noqa: FBT001 - an option of the command
    ) -> None:
        """What counts outside of age-restricted channels."""
        await self._do(
            interaction,
            lambda known: replace(
                known,
                nsfw=known.nsfw if rule is None else NsfwRule(rule),
                spoiler=known.spoiler if spoiler is None else spoiler,
            ),
        )

    @app_commands.command(name="results", description=t("admin.results_set"))
    @explained(channel=t("admin.results"))
    async def results(
        self, interaction: discord.Interaction[EaselBot], channel: discord.TextChannel | None = None
    ) -> None:
        """Where results go; without a channel where they were asked for."""
        wanted = None if channel is None else str(channel.id)
        await self._do(interaction, lambda known: replace(known, results_channel=wanted))

    @app_commands.command(name="language", description=t("admin.language_set"))
    @explained(which=t("me.which"))
    @app_commands.choices(
        which=[app_commands.Choice(name=t("me.as_discord"), value=_SERVER)]
        + [app_commands.Choice(name=each, value=each) for each in LANGUAGES]
    )
    async def language(self, interaction: discord.Interaction[EaselBot], which: str) -> None:
        """Of public cards."""
        wanted = None if which == _SERVER else which
        await self._do(interaction, lambda known: replace(known, language=wanted))

    @app_commands.command(name="style", description=t("admin.style_set"))
    @explained(name=t("admin.style_which"))
    @app_commands.autocomplete(name=complete_shared)
    async def style(
        self, interaction: discord.Interaction[EaselBot], name: app_commands.Range[str, 1, 32] | None = None
    ) -> None:
        """What every prompt gets that names no style; without a name nothing."""
        left = await begin(self._bot, interaction, Deed.OPERATE)
        wanted = None
        if name is not None:
            found = await self._bot.engine.community.styles.of(left.workspace_id)
            shared = {each.name.casefold(): each.id for each in found if each.shared}
            wanted = shared.get(name.strip().casefold())
            if wanted is None:
                raise Told("staff.no_number", given=quoted(name))
        await self.change(left, lambda known: replace(known, default_style=wanted))
        await answer(interaction, left.say("me.chosen"))

    @app_commands.command(name="presses", description=t("admin.presses_set"))
    @explained(who=t("admin.presses"))
    @app_commands.choices(
        who=[app_commands.Choice(name=t(f"admin.presses_{each.value}"), value=each.value) for each in Presses]
    )
    async def presses(self, interaction: discord.Interaction[EaselBot], who: str) -> None:
        """Who may press the buttons of public cards."""
        await self._do(interaction, lambda known: replace(known, presses=Presses(who)))

    @app_commands.command(name="layout", description=t("admin.layout_set"))
    @explained(which=t("admin.layout"))
    @app_commands.choices(
        which=[app_commands.Choice(name=t(f"admin.layout_{each.value}"), value=each.value) for each in Layout]
    )
    async def layout(self, interaction: discord.Interaction[EaselBot], which: str) -> None:
        """How cards are built."""
        await self._do(interaction, lambda known: replace(known, layout=Layout(which)))


def _with(known: tuple[str, ...], one: str, *, on: bool) -> tuple[str, ...]:
    others = tuple(each for each in known if each != one)
    return (*others, one) if on else others


def _changed(known: Terms, quota: str | None, speeds: str | None, cooldown: int | None, queued: int | None) -> Terms:
    """The terms with what was said; `none`, and 0, say nothing any more.

    Raises:
        InvalidInput: a quota or a speed is not known.
    """
    if quota is not None:
        free = quota.strip().lower() == _UNLIMITED
        known = replace(known, quota=None if free else read_quota(quota), unlimited=free)
    if speeds is not None:
        known = replace(known, speeds=_speeds(speeds))
    if cooldown is not None:
        known = replace(known, cooldown=cooldown or None)
    if queued is not None:
        known = replace(known, most_queued=queued or None)
    return known


def _speeds(text: str) -> frozenset[Mode]:
    names = text.lower().replace(",", " ").split()
    known = {mode.value.lower(): mode for mode in Mode}
    if names == ["none"]:
        return frozenset()
    for name in names:
        if name not in known:
            raise InvalidInput("speeds", "has one that is not known", value=name, allowed=f"{', '.join(known)}; none")
    return frozenset(known[name] for name in names)


def _terms(terms: Terms) -> str:
    parts = ["∞" if terms.unlimited else "", "" if terms.quota is None else str(terms.quota)]
    parts.append(", ".join(mode.value for mode in Mode if mode in terms.speeds))
    parts.append("" if terms.cooldown is None else f"⏱ {terms.cooldown} s")
    parts.append("" if terms.most_queued is None else f"⏳ {terms.most_queued}")
    return " · ".join(part for part in parts if part)


def _all(sign: str, ids: tuple[str, ...]) -> str:
    return " ".join(f"<{sign}{each}>" for each in ids[:40])


def _one(channel_id: str | None) -> str:
    return "" if channel_id is None else f"<#{channel_id}>"
