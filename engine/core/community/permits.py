"""In which workspace somebody acts, and whether they may: looked up in the store at the moment of the deed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from engine.core.community.members import budget_for
from engine.core.recent import Recent
from engine.model.community.guilds import Guild, Terms, terms_for
from engine.model.community.people import ERASED, Member, Person, requester_of
from engine.model.community.permission import Actor, Deed, Denial, Denied, Target, Where, may_generate, who_may
from engine.model.errors import NotAllowed, UnknownJob
from engine.model.jobs import Job, JobState
from engine.model.quotas import Budget, Quota
from engine.ports import Clock, Footing, Store


@dataclass(frozen=True, slots=True)
class Presence:
    """A server in which somebody is a member, and their roles there."""

    guild_id: str
    role_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Somebody of Discord at a deed, as Discord shows them."""

    user_id: str
    name: str = ""
    where: Where
    role_ids: frozenset[str] = frozenset()
    """In the server of `where`."""
    presences: tuple[Presence, ...] = field(default=())
    """In a DM or as a user-installed app: the servers of the bot in which they are members."""

    @property
    def requester(self) -> str:
        """As jobs name them."""
        return requester_of(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """They may; and what counts for it."""

    workspace_id: str
    guild: Guild
    """Whose settings count."""
    actor: Actor
    person: Person
    terms: Terms
    budget: Budget | None = None
    """Whose quota it counts against; None: none's."""
    job: Job | None = None
    """The one that it is about."""
    requester: str | None = None
    """Whose job that is."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A workspace in which somebody may act from a DM."""

    workspace_id: str
    guild: Guild


@dataclass(frozen=True, slots=True)
class _Ground:
    guild: Guild | None
    actor: Actor
    person: Person
    quota: Quota | None = None
    """The workspace's."""


class Permits:
    """The desk that says who may. Nothing is remembered between two deeds."""

    def __init__(self, store: Store, clock: Clock, recent: Recent) -> None:
        self._store = store
        self._clock = clock
        self._recent = recent

    async def permit(self, asker: Asker, deed: Deed) -> Permit:
        """Leave to do something that is about no job.

        Raises:
            NotAllowed: they may not; its code is a `Denial`.
        """
        ground = await self._ground(asker, None)
        return self._allowed(deed, asker, ground, None, None)

    async def permit_for(self, asker: Asker, deed: Deed, job_id: str) -> Permit:
        """Leave to do something to or with a job.

        Raises:
            NotFound: there is no such job where they are.
            NotAllowed: they may not, or (to press or view) the job's pictures were removed.
        """
        ground, job = await self._ground_of(asker, job_id)
        if ground.guild is None:
            return self._allowed(deed, asker, ground, None, None)
        if job is None:
            raise UnknownJob(f"no job {job_id}")
        home = ground.guild.workspace_id
        self._recent.learn(job)
        asked = (await self._recent.request(home, job.request_id)).origin.requester
        permit = self._allowed(deed, asker, ground, Target(requester=asked, private=job.private), job)
        bare = job.state is JobState.DONE and job.result is not None and not job.result.components
        if deed in {Deed.PRESS, Deed.VIEW} and bare and (asked == ERASED or await self._removed(job)):
            raise NotAllowed(Denial.GONE)
        return permit

    async def _removed(self, job: Job) -> bool:
        return await self._store.removal(job.workspace_id, job.id) is not None

    async def choices(self, asker: Asker) -> list[Choice]:
        """The workspaces in which somebody may act from a DM, each with a server that lets them."""
        found: dict[str, Choice] = {}
        for guild, actor, _ in await self._servers(asker):
            if may_generate(actor, guild):
                found.setdefault(guild.workspace_id, Choice(guild.workspace_id, guild))
        return list(found.values())

    def _allowed(self, deed: Deed, asker: Asker, ground: _Ground, target: Target | None, job: Job | None) -> Permit:
        denied = who_may(deed, ground.actor, asker.where, ground.guild, self.now(), target=target)
        if denied is not None or ground.guild is None:
            raise refusal_of(denied or Denied(code=Denial.NOT_CONNECTED))
        home, terms = ground.guild.workspace_id, terms_for(ground.guild.settings, ground.actor.role_ids)
        return Permit(
            workspace_id=home,
            guild=ground.guild,
            actor=ground.actor,
            person=ground.person,
            terms=terms,
            budget=budget_for(home, asker.user_id, terms, ground.quota),
            job=job,
            requester=None if target is None else target.requester,
        )

    def now(self) -> datetime:
        """The present."""
        return self._clock.now()

    async def _ground_of(self, asker: Asker, job_id: str) -> tuple[_Ground, Job | None]:
        """Where they stand towards a job, and the job; in a server that is one reading."""
        guild_id = asker.where.guild_id
        if guild_id is not None:
            found, job = await self._store.footing_at(asker.user_id, guild_id, job_id)
            return _in_server(asker, found), job
        workspace_id = await self._store.workspace_of_job(job_id)
        if workspace_id is None:
            raise UnknownJob(f"no job {job_id}")
        ground = await self._ground(asker, workspace_id)
        if ground.guild is None:  # somebody else's workspace answers like an unknown job
            raise UnknownJob(f"no job {job_id}")
        return ground, await self._store.job(workspace_id, job_id)

    async def _ground(self, asker: Asker, workspace_id: str | None) -> _Ground:
        guild_id = asker.where.guild_id
        if guild_id is not None:
            return _in_server(asker, await self._store.footing(asker.user_id, guild_id))
        servers = await self._servers(asker)
        person = (await self._store.footing(asker.user_id, None)).person
        own = [each for each in servers if workspace_id in {None, each[0].workspace_id}]
        able = [each for each in own if may_generate(each[1], each[0])]
        homes = {guild.workspace_id for guild, *_ in able}
        if workspace_id is None and len(homes) > 1:
            if person.home_workspace_id not in homes:
                raise NotAllowed(Denial.CHOOSE_WORKSPACE)
            able = [each for each in able if each[0].workspace_id == person.home_workspace_id]
        chosen = able or (own if workspace_id is not None else [])
        if not chosen:
            return _Ground(None, Actor(user_id=asker.user_id), person)
        guild, actor, quota = chosen[0]
        return _Ground(guild, actor, person, quota)

    async def _servers(self, asker: Asker) -> list[tuple[Guild, Actor, Quota | None]]:
        """The bound servers in which they are members, with how they stand in each, and its workspace's quota."""
        roles = {presence.guild_id: presence.role_ids for presence in asker.presences}
        found = []
        footings: dict[str, Footing] = {}
        for guild in await self._store.guilds():
            if guild.guild_id in roles:
                footing = footings.get(guild.workspace_id)
                if footing is None:
                    footing = await self._store.footing(asker.user_id, None, guild.workspace_id)
                    footings[guild.workspace_id] = footing
                actor = _actor(asker.user_id, roles[guild.guild_id], footing.operator, footing.member)
                found.append((guild, actor, footing.quota))
        return found


def _in_server(asker: Asker, found: Footing) -> _Ground:
    actor = _actor(asker.user_id, asker.role_ids, found.operator, found.member)
    return _Ground(found.guild, actor, found.person, found.quota)


def _actor(user_id: str, role_ids: frozenset[str], operator: bool, member: Member | None) -> Actor:  # noqa: FBT001 - a fact
    return Actor(user_id=user_id, role_ids=role_ids, operator=operator, member=member)


def refusal_of(denied: Denied) -> NotAllowed:
    """The error that says so."""
    return NotAllowed(denied.code, until=denied.until, allowed=denied.allowed)
