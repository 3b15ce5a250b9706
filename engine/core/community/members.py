"""What is decided about members: seen, gone, restrained, marked; what they chose; and what they have left to spend."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.core.community.minutes import minute
from engine.core.community.withdrawing import Withdrawing
from engine.model.community.guilds import Terms
from engine.model.community.people import (
    InDiscord,
    Member,
    Notice,
    Person,
    Restrained,
    Restraint,
    Strike,
    checked_id,
    requester_of,
)
from engine.model.community.reports import LONGEST_REASON
from engine.model.errors import Conflict, InvalidInput, NotFound
from engine.model.jobs import Job
from engine.model.moderation.kept import AuditEntry
from engine.model.quotas import Budget, Quota
from engine.ports import Clock, Store

LONGEST_TIMEOUT = timedelta(days=365)
LONGEST_NAME = 100
_AGAIN = timedelta(minutes=10)
"""A member who was seen is written down at most so often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a member spent, and what they may still ask for."""

    budget: Budget | None
    """None: no quota counts for them."""
    spent: int
    left: int | None
    frees_at: datetime | None
    """When the quota's next period begins."""
    queued: int
    most_queued: int | None
    running: int
    free_again_at: datetime | None
    """When the pause after their last request ends; None: it is over."""


def checked_reason(reason: str) -> str:
    """A reason, for the audit log and the member.

    Raises:
        InvalidInput: it is too long.
    """
    said = " ".join(reason.split())
    if len(said) > LONGEST_REASON:
        raise InvalidInput("reason", f"has {len(said)} characters", allowed=f"at most {LONGEST_REASON}")
    return said


def given_strike(strike: Strike) -> AuditEntry:
    """What the audit log says of a strike."""
    told = f"{strike.user_id} {strike.reason}".rstrip()
    return minute(strike.workspace_id, strike.by, "strike given", strike.at, after=told)


def budget_for(workspace_id: str, user_id: str, terms: Terms, of_all: Quota | None) -> Budget | None:
    """Whose quota a member's requests count against: their own, else the workspace's (`of_all`); None: none's."""
    if terms.quota is not None:
        return Budget(f"member:{workspace_id}:{user_id}", terms.quota)
    return None if terms.unlimited or of_all is None else Budget(f"workspace:{workspace_id}", of_all)


class Members:
    """The members of all workspaces. `who` is for the audit log: a requester, or the operator's own words."""

    def __init__(self, store: Store, clock: Clock, withdrawing: Withdrawing) -> None:
        self._store = store
        self._clock = clock
        self._withdrawing = withdrawing
        self._seen: dict[tuple[str, str], tuple[str, datetime]] = {}

    # --- what they chose

    async def person(self, user_id: str) -> Person:
        """What somebody chose; the usual where nothing was chosen."""
        return (await self._store.footing(user_id, None)).person

    async def choose(
        self,
        user_id: str,
        *,
        language: str | None = None,
        notice: Notice | None = None,
        home_workspace_id: str | None = None,
    ) -> Person:
        """Change what is given; an empty language: as Discord says."""
        known = await self.person(user_id)
        chosen = replace(
            known,
            language=known.language if language is None else language or None,
            notice=notice or known.notice,
            home_workspace_id=home_workspace_id or known.home_workspace_id,
        )
        await self._store.put_person(chosen)
        return chosen

    # --- who is there

    async def seen(self, workspace_id: str, user_id: str, name: str) -> None:
        """A member did something; written down when the name is new, and now and then."""
        now, named = self._clock.now(), name[:LONGEST_NAME]
        known = self._seen.get((workspace_id, user_id))
        if known is None or known[0] != named or known[1] <= now - _AGAIN:
            await self._store.see_member(workspace_id, user_id, named, now)
            if len(self._seen) > 10_000:  # noqa: PLR2004 - a bound, not a figure
                self._seen.clear()
            self._seen[workspace_id, user_id] = named, now

    def forget(self, user_id: str) -> None:
        """What was written down of somebody is gone: it is written anew when they do something again."""
        for known in [each for each in self._seen if each[1] == user_id]:
            del self._seen[known]

    async def left(self, workspace_id: str, user_id: str) -> list[Job]:
        """A member is in no server of the workspace any more: what waits of theirs is taken back; returns it."""
        if not await self._store.mark_left(workspace_id, user_id, self._clock.now()):
            if not await self._store.unfinished_of(workspace_id, requester_of(user_id)):
                return []
            await self._known(workspace_id, user_id)  # another process erased what was known of them
            await self._store.mark_left(workspace_id, user_id, self._clock.now())
        return await self._withdrawing.all_of(workspace_id, requester_of(user_id), "Easel: its requester left")

    async def returned(self, workspace_id: str, user_id: str) -> None:
        """A member is there again."""
        await self._store.mark_left(workspace_id, user_id, None)

    async def member(self, workspace_id: str, user_id: str) -> Member:
        """A member, as the workspace knows them.

        Raises:
            NotFound: it knows no such member.
        """
        found = await self._store.member(workspace_id, user_id)
        if found is None:
            raise NotFound("no such member")
        return found

    async def members(self, workspace_id: str, *, limit: int = 50, after: str | None = None) -> list[Member]:
        """The members that a workspace knows, by user id, those behind `after`."""
        return await self._store.members(workspace_id, limit, after)

    # --- what is laid on them

    async def restrain(  # noqa: PLR0917 - the form that a moderator fills in
        self,
        workspace_id: str,
        user_id: str,
        kind: Restraint,
        who: str,
        reason: str = "",
        seconds: int | None = None,
    ) -> list[Job]:
        """Pause, time out or ban a member; what waits of theirs is taken back; returns it.

        Raises:
            InvalidInput: a time-out without or with too long a time, or a time with another kind.
            Conflict: they are an operator.
        """
        now = self._clock.now()
        until = None if seconds is None else now + timedelta(seconds=seconds)
        if (kind is Restraint.TIMED_OUT) is (seconds is None):
            raise InvalidInput("seconds", "are given for a time-out, and for that alone", value=seconds)
        if seconds is not None and not 0 < seconds <= LONGEST_TIMEOUT.total_seconds():
            allowed = f"1 to {int(LONGEST_TIMEOUT.total_seconds())}"
            raise InvalidInput("seconds", "are out of range", value=seconds, allowed=allowed)
        if any(each.user_id == user_id for each in await self._store.operators(workspace_id)):
            raise Conflict("an operator cannot be restrained; remove the operator first")
        checked_id("user_id", user_id)
        before = (await self._known(workspace_id, user_id)).restrained
        there = None if before is None else before.in_discord  # it stays there, whatever is laid on them here
        held = Restrained(kind=kind, by=who, reason=checked_reason(reason), at=now, until=until, in_discord=there)
        laid = kind.value.replace("_", " ")
        told = f"{user_id} {held.reason}".rstrip() + ("" if until is None else f" until {until.isoformat()}")
        said = minute(workspace_id, who, f"member {laid}", now, after=told)
        await self._store.restrain(workspace_id, user_id, held, said)
        return await self._withdrawing.all_of(workspace_id, requester_of(user_id), f"Easel: its requester is {laid}")

    async def timed_out_in_discord(
        self, workspace_id: str, user_id: str, guild_id: str, until: datetime, who: str
    ) -> None:
        """The bot set Discord's own time-out beside what holds a member back: kept with that, to be lifted with it.

        Raises:
            NotFound: no such member.
        """
        held = (await self.member(workspace_id, user_id)).restrained
        if held is None:  # lifted meanwhile
            return
        told = f"{user_id} until {until.isoformat()}"
        said = minute(workspace_id, who, "member timed out in Discord", self._clock.now(), after=told)
        there = InDiscord(guild_id=guild_id, until=until)
        await self._store.restrain(workspace_id, user_id, replace(held, in_discord=there), said)

    async def _known(self, workspace_id: str, user_id: str) -> Member:
        found = await self._store.member(workspace_id, user_id)
        return found or await self._store.see_member(workspace_id, user_id, "", self._clock.now())

    async def free(self, workspace_id: str, user_id: str, who: str) -> Member:
        """Lift what holds a member back.

        Raises:
            NotFound: no such member, or nothing does.
        """
        now, member = self._clock.now(), await self.member(workspace_id, user_id)
        held = member.restrained
        if held is None:
            raise NotFound("nothing holds this member back")
        lifted = f"member no longer {held.kind.value.replace('_', ' ')}"
        said = minute(workspace_id, who, lifted, now, before=f"{user_id} {held.reason}")
        await self._store.restrain(workspace_id, user_id, None, said)
        return await self.member(workspace_id, user_id)

    async def strike(self, workspace_id: str, user_id: str, reason: str, who: str, job_id: str | None = None) -> Strike:
        """Mark a member. Raises InvalidInput."""
        now = self._clock.now()
        checked_id("user_id", user_id)
        await self._known(workspace_id, user_id)
        new = Strike(
            workspace_id=workspace_id, user_id=user_id, job_id=job_id, reason=checked_reason(reason), by=who, at=now
        )
        kept = await self._store.add_strike(new, given_strike(new))
        if kept is None:
            raise NotFound("no such member")
        return kept

    async def strikes(self, workspace_id: str, user_id: str) -> list[Strike]:
        """A member's strikes, lifted ones too, newest first."""
        return await self._store.strikes(workspace_id, user_id)

    async def lift(self, workspace_id: str, user_id: str, strike_id: int, who: str) -> Strike:
        """Lift a strike.

        Raises:
            NotFound: the member has no such strike, or it was lifted.
        """
        now = self._clock.now()
        theirs = {each.id: each for each in await self._store.strikes(workspace_id, user_id)}
        found = theirs.get(strike_id)
        said = minute(workspace_id, who, "strike lifted", now, before=f"{user_id} strike {strike_id}")
        if found is None or not await self._store.lift_strike(workspace_id, strike_id, who, now, said):
            raise NotFound("no such strike is in force")
        return replace(found, lifted_at=now, lifted_by=who)

    # --- what they have left

    async def budget(self, workspace_id: str, user_id: str, terms: Terms) -> Budget | None:
        """Whose quota their requests count against: their own, else the workspace's; None: none's."""
        own = terms.unlimited or terms.quota is not None
        workspace = None if own else await self._store.workspace(workspace_id)
        return budget_for(workspace_id, user_id, terms, None if workspace is None else workspace.quota)

    async def usage(self, workspace_id: str, user_id: str, terms: Terms) -> Usage:
        """How a member stands now, by the terms that count for them."""
        now = self._clock.now()
        load = await self._store.member_load(workspace_id, requester_of(user_id))
        budget = await self.budget(workspace_id, user_id, terms)
        spent = 0 if budget is None else await self._store.spent(budget.payer, budget.quota.began(now))
        again = None
        if terms.cooldown and load.last_at is not None:
            again = load.last_at + timedelta(seconds=terms.cooldown)
        return Usage(
            budget=budget,
            spent=spent,
            left=None if budget is None else max(0, budget.quota.credits - spent),
            frees_at=None if budget is None else budget.quota.ends(now),
            queued=load.queued,
            most_queued=terms.most_queued,
            running=load.running,
            free_again_at=again if again is not None and again > now else None,
        )
