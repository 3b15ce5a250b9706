"""Who may do what: one pure function of values, asked at the moment of the deed.

Nobody has a right because Discord calls them a server's owner or administrator: operators are bound by code or command,
moderators by the roles that an operator named.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from engine.model.community.guilds import Guild, GuildSettings, NsfwRule, Presses, Terms
from engine.model.community.people import Member, Restraint
from engine.model.jobs import Mode
from engine.model.values import value


class Deed(StrEnum):
    """What somebody wants to do."""

    GENERATE = "generate"
    """Ask for something new."""
    PRESS = "press"
    """Make something new of a job."""
    VIEW = "view"
    """See a job again, or what of it costs nothing: an upscale that is there, the four quarters."""
    OWN = "own"
    """Cancel, delete, favourite."""
    REPORT = "report"
    SHARE = "share"
    """Put words of theirs before every member of the workspace."""
    MODERATE = "moderate"
    OPERATE = "operate"


class Denial(StrEnum):
    """Why not, as a code that never changes."""

    NOT_CONNECTED = "not_connected"
    """No operator has bound the server to a workspace."""
    NO_WORKSPACE = "no_workspace"
    """In a DM: no connected server lets them generate."""
    CHOOSE_WORKSPACE = "choose_workspace"
    """In a DM: several would do, and none was chosen."""
    NOT_OPERATOR = "not_operator"
    NOT_MODERATOR = "not_moderator"
    BANNED = "banned"
    PAUSED = "paused"
    TIMED_OUT = "timed_out"
    PRIVATE = "private"
    """The job is private, and somebody else's."""
    NOT_YOURS = "not_yours"
    REQUESTER_ONLY = "requester_only"
    """The server lets nobody but the requester press."""
    WRONG_CHANNEL = "wrong_channel"
    AGE_CHANNEL = "age_channel"
    """Only in channels that Discord marks as age-restricted."""
    NO_ROLE = "no_role"
    SPEED = "speed"
    COOLDOWN = "cooldown"
    TOO_MANY_QUEUED = "too_many_queued"
    GONE = "gone"
    """The picture was removed, or deleted by its requester."""


@value(frozen=True, slots=True, kw_only=True)
class Denied:
    """A refusal; `until` (aware UTC): when it ends by itself; `allowed`: ids of channels or roles, or speeds."""

    code: Denial
    until: datetime | None = None
    allowed: tuple[str, ...] = ()


@value(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who wants to do it, as the server and Easel know them at this moment."""

    user_id: str
    role_ids: frozenset[str] = frozenset()
    """In the server that counts."""
    operator: bool = False
    """Of the workspace that counts."""
    member: Member | None = None


@value(frozen=True, slots=True, kw_only=True)
class Where:
    """Where it happens. `guild_id` None: in a DM, or as a user-installed app."""

    guild_id: str | None
    channel_ids: tuple[str, ...] = ()
    """The channel, and what it lies in: a thread's parent, the category."""
    age_restricted: bool = False
    direct: bool = False
    """In a conversation with the bot alone: what is made there is private."""


@value(frozen=True, slots=True, kw_only=True)
class Target:
    """The job that it is about. `requester`: `discord:<user id>`, or a key's."""

    requester: str
    private: bool = False


def is_moderator(actor: Actor, settings: GuildSettings) -> bool:
    """Whether somebody may moderate; an operator always may."""
    return actor.operator or not actor.role_ids.isdisjoint(settings.moderator_roles)


def who_may(
    deed: Deed, actor: Actor, where: Where, guild: Guild | None, now: datetime, *, target: Target | None = None
) -> Denied | None:
    """Why somebody may not do something; None: they may.

    Args:
        deed: what.
        actor: who.
        where: the place.
        guild: the server whose settings count: that of the place or, in a DM, one that lets them generate.
        now: aware UTC.
        target: the job, where it is about one.
    """
    if guild is None:
        return Denied(code=Denial.NOT_CONNECTED if where.guild_id is not None else Denial.NO_WORKSPACE)
    settings = guild.settings
    if deed is Deed.OPERATE:
        return None if actor.operator else Denied(code=Denial.NOT_OPERATOR)
    if deed is Deed.MODERATE:
        if (held := _held_back(actor, now)) is not None:
            return held
        return None if is_moderator(actor, settings) else Denied(code=Denial.NOT_MODERATOR)
    if target is not None and (refused := _about(deed, actor, settings, target)) is not None:
        return refused
    if deed in {Deed.VIEW, Deed.OWN}:
        return None
    if (held := _held_back(actor, now)) is not None:
        return held
    return None if deed in {Deed.REPORT, Deed.SHARE} else _there(deed, actor, where, guild)


def _held_back(actor: Actor, now: datetime) -> Denied | None:
    held = None if actor.member is None or actor.operator else actor.member.restraint(now)
    if held is None:
        return None
    code = {Restraint.BANNED: Denial.BANNED, Restraint.PAUSED: Denial.PAUSED, Restraint.TIMED_OUT: Denial.TIMED_OUT}
    return Denied(code=code[held.kind], until=held.until)


def _about(deed: Deed, actor: Actor, settings: GuildSettings, target: Target) -> Denied | None:
    if target.requester == f"discord:{actor.user_id}":
        return None
    moderates = is_moderator(actor, settings)
    if target.private and not (moderates and deed is Deed.VIEW):
        return Denied(code=Denial.PRIVATE)
    if deed is Deed.OWN and not moderates:
        return Denied(code=Denial.NOT_YOURS)
    if deed is Deed.PRESS and settings.presses is Presses.REQUESTER:
        return Denied(code=Denial.REQUESTER_ONLY)
    return None


def _there(deed: Deed, actor: Actor, where: Where, guild: Guild) -> Denied | None:
    settings = guild.settings
    if where.guild_id is not None:
        places = set(where.channel_ids)
        allowed = settings.channels
        in_results = deed is Deed.PRESS and settings.results_channel in places
        if allowed and places.isdisjoint(allowed) and not in_results:
            return Denied(code=Denial.WRONG_CHANNEL, allowed=allowed)
        if settings.nsfw is NsfwRule.AGE_CHANNELS and not where.age_restricted:
            return Denied(code=Denial.AGE_CHANNEL)
    return None if may_generate(actor, guild) else Denied(code=Denial.NO_ROLE, allowed=settings.roles)


def may_generate(actor: Actor, guild: Guild) -> bool:
    """Whether a role lets somebody generate; the server's own id stands for everyone."""
    wanted = guild.settings.roles
    return not wanted or actor.operator or guild.guild_id in wanted or not actor.role_ids.isdisjoint(wanted)


def speed_for(terms: Terms, asked: Mode | None) -> Mode | Denied | None:
    """The speed to be named in the prompt; None: none has to be.

    A Denied when the one that is asked for is not theirs.
    """
    if not terms.speeds:
        return None
    if asked is None:
        if Mode.FAST in terms.speeds:
            return None
        return next(mode for mode in Mode if mode in terms.speeds)
    if asked in terms.speeds:
        return None
    return Denied(code=Denial.SPEED, allowed=tuple(mode.value for mode in Mode if mode in terms.speeds))


def is_spoiler(settings: GuildSettings, where: Where) -> bool:
    """Whether a picture that is shown there is to be hidden until somebody looks."""
    return settings.spoiler or (settings.nsfw is NsfwRule.SPOILER and not where.age_restricted)
