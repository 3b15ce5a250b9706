"""A house whose workspace is bound to a server of Discord, and people who ask there."""

from __future__ import annotations

from engine.core.community.desks import Community
from engine.core.community.permits import Asker, Presence
from engine.model.community.guilds import Guild, GuildSettings
from engine.model.community.permission import Where
from engine.model.errors import NotAllowed
from engine.model.jobs import Job, JobState
from tests.core.house import House

OWNER, ANN, BEN, GUARD = "1" * 18, "2" * 18, "3" * 18, "4" * 18
SERVER, STRANGE = "5" * 18, "6" * 18
CHANNEL = "7" * 18
GUARDS = "8" * 18
HERE = Where(guild_id=SERVER, channel_ids=(CHANNEL,))


def asker(user_id: str = ANN, guild_id: str | None = SERVER, roles: tuple[str, ...] = (), **changes) -> Asker:
    where = Where(guild_id=guild_id, channel_ids=(CHANNEL,))
    return Asker(user_id=user_id, name=f"user {user_id[0]}", where=where, role_ids=frozenset(roles), **changes)


def in_dm(user_id: str = ANN, *servers: str) -> Asker:
    presences = tuple(Presence(server) for server in servers or (SERVER,))
    return Asker(user_id=user_id, where=Where(guild_id=None), presences=presences)


guard = asker(GUARD, roles=(GUARDS,))


class Town:
    def __init__(self, house: House) -> None:
        self.house = house
        self._drawn = 0

    @property
    def community(self) -> Community:
        return self.house.engine.community

    @property
    def place(self) -> str:
        return self.house.origin.workspace_id

    async def open(self, **settings) -> Town:
        await self.house.open()
        await self.bind(self.place, SERVER)
        await self.settle(**settings)
        return self

    async def bind(self, workspace_id: str, server: str, user_id: str = OWNER) -> Guild:
        code = (await self.community.guilds.code(workspace_id)).code
        return await self.community.guilds.connect(code, guild_id=server, name="a server", user_id=user_id)

    async def settle(self, **settings) -> Guild:
        wanted = GuildSettings(**{"moderator_roles": (GUARDS,), **settings})
        return await self.community.guilds.settle(self.place, SERVER, wanted, "discord:1")

    async def imagine(self, who: Asker | None = None, prompt: str = "a red fox", **wishes) -> Job:
        return await self.community.requests.imagine(who or asker(), prompt, **wishes)

    async def drawn(self, who: Asker | None = None, prompt: str = "a red fox", **wishes) -> Job:
        """A job of theirs that ran to its end."""
        posted = sum(len(session.submissions) for session in self.house.driver.sessions)
        job = await self.imagine(who, prompt, **wishes)
        _, nonce = await self.house.until_posted(posted + 1)
        self._drawn += 1
        self.house.shows_an_imagine(nonce, f"11111111-1111-4111-8111-{self._drawn:012}")
        return await self.house.until_state(job, JobState.DONE)

    async def holds_the_queue(self) -> None:
        """From now on nothing is sent."""
        await self.house.engine.queues.pause(self.place)

    def sent(self) -> int:
        return sum(len(session.submissions) for session in self.house.driver.sessions)

    def stored(self) -> int:
        return len(self.house.store._jobs)


async def code_of(refused) -> tuple[str, object, tuple[str, ...]]:
    """The denial of what must be refused."""
    try:
        await refused
    except NotAllowed as error:
        return error.code, error.until, error.allowed
    raise AssertionError("it was allowed")
