"""Where the people of Discord are served, as one value: what the bot, the native API and the commands ask."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.community.alerts import Alerts, Room
from engine.core.community.bot import BotDesk
from engine.core.community.cards import Cards
from engine.core.community.gallery import Gallery
from engine.core.community.guilds import Guilds
from engine.core.community.members import Members
from engine.core.community.permits import Permits
from engine.core.community.privacy import Privacy
from engine.core.community.reports import Discard, Forget, Reports, nothing
from engine.core.community.requests import Requests, Taking
from engine.core.community.rulings import Rulings
from engine.core.community.styles import Judge, Styles, let_pass
from engine.core.community.withdrawing import Told, Withdrawing, nobody
from engine.core.recent import Recent
from engine.ports import Clock, Secrets, Store


@dataclass(frozen=True, slots=True)
class Rolls:
    """The desks that need nothing but the store: for commands beside a running engine, too."""

    guilds: Guilds
    members: Members
    styles: Styles
    reports: Reports
    privacy: Privacy
    withdrawing: Withdrawing


@dataclass(frozen=True, slots=True)
class Community:
    """All desks."""

    guilds: Guilds
    members: Members
    styles: Styles
    reports: Reports
    privacy: Privacy
    permits: Permits
    requests: Requests
    gallery: Gallery
    cards: Cards
    alerts: Alerts
    rulings: Rulings
    bot: BotDesk


def open_rolls(
    store: Store,
    clock: Clock,
    discard: Discard,
    *,
    told: Told = nobody,
    forget: Forget = nothing,
    judge: Judge = let_pass,
) -> Rolls:
    """Open the desks that need no engine. `discard` deletes files, `told` hears of jobs that were taken back."""
    withdrawing = Withdrawing(store, clock, told)
    members = Members(store, clock, withdrawing)
    return Rolls(
        Guilds(store, clock),
        members,
        Styles(store, clock, judge),
        Reports(store, clock, discard, forget),
        Privacy(store, members, withdrawing, discard, forget),
        withdrawing,
    )


def open_community(
    store: Store,
    secrets: Secrets,
    clock: Clock,
    *,
    rolls: Rolls,
    engine: Taking,
    recent: Recent,
    room: Room,
    little_room: int,
    sole_owner: bool,
) -> Community:
    """Open all desks."""
    permits = Permits(store, clock, recent)
    return Community(
        guilds=rolls.guilds,
        members=rolls.members,
        styles=rolls.styles,
        reports=rolls.reports,
        privacy=rolls.privacy,
        permits=permits,
        requests=Requests(store, permits, rolls.members, engine),
        gallery=Gallery(store, permits),
        cards=Cards(store, secrets, clock),
        rulings=Rulings(permits, rolls.withdrawing, clock),
        alerts=Alerts(store, clock, room, little_room),
        bot=BotDesk(store, clock, alone=sole_owner),
    )
