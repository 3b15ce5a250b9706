"""What a card tells beside its job: looked up in the engine when it is drawn."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.pictures import reachable
from bot.texts import language_of, say
from bot.values import Showing
from engine import (
    Action,
    ActionKind,
    Card,
    EaselError,
    GuildSettings,
    Job,
    JobState,
    Layout,
    NotFound,
    Where,
    is_spoiler,
    user_of,
)

if TYPE_CHECKING:
    from bot.client import EaselBot

_KNOWN_SECONDS = 15.0
"""Settings and accounts are asked for again after so long."""
ANNOUNCED_BEFORE = timedelta(seconds=90)
"""So long before its token is over, a private card says how the result comes."""
_SEED_AFTER = timedelta(seconds=2)
"""Sooner nobody can have asked for a finished job's seed."""
_STEALTH, _PUBLIC = "stealth", "public"
_JUMP = "https://discord.com/channels/{}/{}/{}"


class Scenes:
    """Looks up settings, accounts, parents."""

    def __init__(self, bot: EaselBot) -> None:
        self._bot = bot
        self._settings: dict[str, tuple[float, GuildSettings]] = {}
        self._accounts: dict[str, tuple[float, dict[int, tuple[str, str | None]]]] = {}

    def forget(self) -> None:
        """Settings or accounts changed here: ask again."""
        self._settings.clear()
        self._accounts.clear()

    async def settings(self, guild_id: str | None) -> GuildSettings:
        """A server's settings; the usual ones elsewhere."""
        if guild_id is None:
            return GuildSettings()
        known = self._settings.get(guild_id)
        if known is None or known[0] < time.monotonic():
            guild = await self._bot.engine.community.guilds.guild(guild_id)
            known = (time.monotonic() + _KNOWN_SECONDS, GuildSettings() if guild is None else guild.settings)
            self._settings[guild_id] = known
        return known[1]

    async def is_layout(self, card: Card) -> bool:
        """Whether it is of Components V2: as it was begun, whatever its server wants by now."""
        layout = card.layout or (await self.settings(card.guild_id)).layout
        return layout is Layout.COMPONENTS

    async def language(self, card: Card) -> str:
        """The server's language on a public card; on a private one its reader's: chosen, else as their Discord says."""
        if card.guild_id is None or card.private:
            person = await self._bot.engine.community.members.person(card.user_id)
            if person.language is not None:
                return language_of(person.language)
            if card.language is not None:
                return card.language
        settings = await self.settings(card.guild_id)
        guild = None if card.guild_id is None else self._bot.get_guild(int(card.guild_id))
        return language_of(settings.language, None if guild is None else guild.preferred_locale.value)

    async def spoiler(self, card: Card) -> bool:
        """Whether its pictures are hidden until somebody looks."""
        if card.guild_id is None:
            return False
        settings = await self.settings(card.guild_id)
        if not is_spoiler(settings, Where(guild_id=card.guild_id)):
            return False  # wherever it is: discord.py would look through every server for the channel
        channel = self._bot.get_channel(int(card.channel_id))
        parent = getattr(channel, "parent", None) or channel
        return is_spoiler(settings, Where(guild_id=card.guild_id, age_restricted=bool(getattr(parent, "nsfw", False))))

    async def showing(self, card: Card, job: Job, *, picture: str | None = None, link: str | None = None) -> Showing:
        """All that is told."""
        engine, language = self._bot.engine, await self.language(card)
        now = engine.now()
        name, visibility = await self._account(job)
        notes = []
        if job.private and not job.is_final:
            notes.append(say(language, "card.stealth" if visibility == _STEALTH else "card.not_stealth"))
        if not job.is_final and card.token_until is not None and now > card.token_until - ANNOUNCED_BEFORE:
            notes += self._announced(card, language)
        mode = None if job.mode is None else job.mode.value
        requester, spoiler = await self._requester(job), await self.spoiler(card)
        return Showing(
            language=language,
            now=now,
            requester=requester,
            outlook=None if job.is_final else engine.outlooks.of(job),
            account=" · ".join(part for part in (name, mode, visibility) if part),
            parent=await self._parent(card, job),
            picture=(picture or self._described(job, spoiler=spoiler)) if job.is_final else self._preview(job),
            link=link,
            spoiler=spoiler,
            seed=await self._seed(job),
            notes=tuple(notes),
            visited=job.private and requester != card.user_id,
        )

    async def _requester(self, job: Job) -> str:
        """The id of the member who asked for it, whoever opened this card; empty: nobody of Discord."""
        try:
            request = await self._bot.engine.request(job.workspace_id, job.request_id)
        except NotFound:  # erased a moment ago
            return ""
        return user_of(request.origin.requester) or ""

    def is_present(self, card: Card) -> bool:
        """Whether the bot itself is in the card's channel."""
        return self._bot.get_channel(int(card.channel_id)) is not None

    def _announced(self, card: Card, language: str) -> list[str]:
        """How the end comes once only the interaction's token would lead to the message."""
        if card.private or (card.abroad and not self.is_present(card)):
            return [say(language, "card.by_dm")]
        return [say(language, "card.anew")] if card.abroad else []

    def _described(self, job: Job, *, spoiler: bool) -> str | None:
        """The picture that was described, as Midjourney shows it above its words; no link can be hidden by Discord."""
        details = None if job.result is None else job.result.details
        return None if details is None or spoiler else self._fetched(details.image_url)

    def _preview(self, job: Job) -> str | None:
        """Midjourney's preview."""
        return self._fetched(job.preview_url)

    def _fetched(self, address: str | None) -> str | None:
        """An address that Discord can fetch: a simulator's lies on this machine."""
        if address is None or self._bot.options.api_url is not None:
            return address
        return address if reachable(address) is not None else None

    async def visibility(self, workspace_id: str) -> bool:
        """Whether every account of the workspace is known to be in stealth mode."""
        known = (await self._of(workspace_id)).values()
        return bool(known) and all(visibility == _STEALTH for _, visibility in known)

    async def _of(self, workspace_id: str) -> dict[int, tuple[str, str | None]]:
        known = self._accounts.get(workspace_id)
        if known is None or known[0] < time.monotonic():
            listed = await self._bot.engine.linked.of(workspace_id)
            found = {
                each.id: (each.name, None if each.facts.info is None else each.facts.info.visibility) for each in listed
            }
            known = self._accounts[workspace_id] = (time.monotonic() + _KNOWN_SECONDS, found)
        return known[1]

    async def _account(self, job: Job) -> tuple[str, str | None]:
        """The account's name and visibility; before one is chosen, what is true of all."""
        known = await self._of(job.workspace_id)
        if job.account_id in known:
            return known[job.account_id]
        return "", _STEALTH if await self.visibility(job.workspace_id) else None

    async def _parent(self, card: Card, job: Job) -> str | None:
        if job.parent_id is None:
            return None
        for each in reversed(await self._bot.engine.community.cards.of(card.workspace_id, job.parent_id)):
            direct = each.guild_id is None
            # what one person alone sees in a server cannot be linked, nor anybody else's DM
            hidden = each.abroad or (each.user_id != card.user_id if direct else each.private)
            if each.job_id == job.parent_id and each.message_id and not hidden:
                return _JUMP.format(each.guild_id or "@me", each.channel_id, each.message_id)
        return None

    async def _seed(self, job: Job) -> str | None:
        if job.state is not JobState.DONE or job.result is None or job.result.uuid is None:
            return None
        if job.finished_at is not None and self._bot.engine.now() - job.finished_at < _SEED_AFTER:
            return None
        try:
            known = await self._bot.engine.made_before(job, Action(ActionKind.SEED))
        except EaselError:  # it offers none
            return None
        details = None if known is None or known.result is None else known.result.details
        return None if details is None else details.seed
