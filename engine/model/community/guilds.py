"""What an operator settles for a Discord server, and how a server is bound to a workspace."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from engine.model.community.people import checked_id
from engine.model.errors import InvalidInput
from engine.model.jobs import Mode
from engine.model.quotas import Period, Quota
from engine.model.values import value

MOST_IDS = 200
LONGEST_COOLDOWN = 86_400
MOST_QUEUED = 10_000
CODE_LIVES = timedelta(hours=1)
LANGUAGES = ("en", "de", "es", "fr", "ja", "zh")
"""Discord's locales begin so: `en-US`, `zh-CN`."""
_DAYS = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30}


class NsfwRule(StrEnum):
    """What counts outside of channels that Discord marks as age-restricted."""

    NONE = "none"
    AGE_CHANNELS = "age_channels"
    """Nothing is generated outside of them."""
    SPOILER = "spoiler"
    """Pictures outside of them are spoilers."""


class Presses(StrEnum):
    """Who may press the buttons of a public card."""

    ANYONE = "anyone"
    """Everybody who may generate; they pay themselves."""
    REQUESTER = "requester"


class Layout(StrEnum):
    """How cards are built."""

    EMBED = "embed"
    COMPONENTS = "components"
    """Components V2."""


@value(frozen=True, slots=True, kw_only=True)
class Terms:
    """How much members may ask for; None and empty say nothing."""

    quota: Quota | None = None
    unlimited: bool = False
    """No quota, not even the workspace's."""
    speeds: frozenset[Mode] = frozenset()
    """Those they may use; the first of fast, relax, turbo stands where a prompt names none of them."""
    cooldown: int | None = None
    """Seconds between two requests."""
    most_queued: int | None = None
    """How many jobs of theirs may wait at a time."""


NO_TERMS = Terms()


@value(frozen=True, slots=True)
class RoleTerms:
    """What a role gives beyond the usual terms."""

    role_id: str
    terms: Terms


@value(frozen=True, slots=True, kw_only=True)
class GuildSettings:
    """What is settled for one server; empty lists leave it open to all."""

    channels: tuple[str, ...] = ()
    """Where jobs may be asked for: channels, categories, or the parents of threads."""
    roles: tuple[str, ...] = ()
    """Who may generate; the server's own id is everyone."""
    moderator_roles: tuple[str, ...] = ()
    """Empty: the operators alone."""
    usual: Terms = NO_TERMS
    by_role: tuple[RoleTerms, ...] = ()
    nsfw: NsfwRule = NsfwRule.NONE
    spoiler: bool = False
    """Every picture is a spoiler."""
    results_channel: str | None = None
    """Where results go; None: where they were asked for."""
    language: str | None = None
    """One of `LANGUAGES`; None: the server's own, as Discord says."""
    default_style: int | None = None
    """Id of a shared style."""
    presses: Presses = Presses.ANYONE
    alerts_channel: str | None = None
    layout: Layout = Layout.EMBED


USUAL_SETTINGS = GuildSettings()


@value(frozen=True, slots=True, kw_only=True)
class Guild:
    """A Discord server that is bound to a workspace."""

    guild_id: str
    workspace_id: str
    name: str
    connected_at: datetime
    connected_by: str
    """The user id of the operator who used the code."""
    settings: GuildSettings = USUAL_SETTINGS


@value(frozen=True, slots=True, kw_only=True)
class Operator:
    """Somebody of Discord who may do everything in a workspace."""

    workspace_id: str
    user_id: str
    added_at: datetime
    added_by: str


@value(frozen=True, slots=True, kw_only=True)
class ConnectCode:
    """A one-time code as it is stored: only its SHA-256."""

    digest: str
    workspace_id: str
    created_at: datetime
    expires_at: datetime


def checked(settings: GuildSettings) -> GuildSettings:
    """The settings, each list without repetitions.

    Raises:
        InvalidInput: a value is not allowed.
    """
    for field, one in (("results_channel", settings.results_channel), ("alerts_channel", settings.alerts_channel)):
        if one is not None:
            checked_id(field, one)
    if settings.language is not None and settings.language not in LANGUAGES:
        raise InvalidInput("language", "is not known", value=settings.language, allowed=", ".join(LANGUAGES))
    for terms in (settings.usual, *(each.terms for each in settings.by_role)):
        _check_terms(terms)
    named = _ids("by_role", [each.role_id for each in settings.by_role])
    if len(named) < len(settings.by_role):
        raise InvalidInput("by_role", "names a role twice", allowed="each role once")
    return replace(
        settings,
        channels=_ids("channels", settings.channels),
        roles=_ids("roles", settings.roles),
        moderator_roles=_ids("moderator_roles", settings.moderator_roles),
    )


def _ids(field: str, ids: Collection[str]) -> tuple[str, ...]:
    if len(ids) > MOST_IDS:
        raise InvalidInput(field, f"are {len(ids)}", allowed=f"at most {MOST_IDS}")
    return tuple(dict.fromkeys(checked_id(field, each) for each in ids))


def _check_terms(terms: Terms) -> None:
    if terms.cooldown is not None and not 0 <= terms.cooldown <= LONGEST_COOLDOWN:
        raise InvalidInput("cooldown", "is out of range", value=terms.cooldown, allowed=f"0 to {LONGEST_COOLDOWN}")
    if terms.most_queued is not None and not 1 <= terms.most_queued <= MOST_QUEUED:
        raise InvalidInput("most_queued", "is out of range", value=terms.most_queued, allowed=f"1 to {MOST_QUEUED}")
    if terms.unlimited and terms.quota is not None:
        raise InvalidInput("quota", "is given, and unlimited too", allowed="one of both")


def terms_for(settings: GuildSettings, role_ids: Collection[str]) -> Terms:
    """What counts for a member: of what their roles say the most generous, else what is usual."""
    told = [each.terms for each in settings.by_role if each.role_id in role_ids]
    usual = settings.usual
    quotas = [terms.quota for terms in told if terms.quota is not None]
    unlimited = any(terms.unlimited for terms in told) or (usual.unlimited and not quotas)
    speeds = frozenset[Mode]().union(*(terms.speeds for terms in told))
    cooldowns = [terms.cooldown for terms in told if terms.cooldown is not None]
    queued = [terms.most_queued for terms in told if terms.most_queued is not None]
    best = max(quotas, key=_daily, default=usual.quota)
    return Terms(
        quota=None if unlimited else best,
        unlimited=unlimited,
        speeds=speeds or usual.speeds,
        cooldown=min(cooldowns, default=usual.cooldown),
        most_queued=max(queued, default=usual.most_queued),
    )


def _daily(quota: Quota) -> float:
    return quota.credits / _DAYS[quota.period]
