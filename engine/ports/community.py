"""What the core needs to keep of the people of Discord: servers, operators, members, cards, styles, reports, alerts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from engine.model.community.cards import Card, LostCard
from engine.model.community.guilds import ConnectCode, Guild, Operator
from engine.model.community.people import Member, Person, Restrained, Strike
from engine.model.community.reports import Alert, BotState, Removal, Report
from engine.model.community.styles import Style
from engine.model.jobs import Job
from engine.model.moderation.kept import AuditEntry, Refusal
from engine.model.quotas import Quota
from engine.model.values import value
from engine.ports.listing import JobPage, Place


@value(frozen=True, slots=True)
class Footing:
    """All that is asked about somebody at a deed, in one reading."""

    person: Person
    guild: Guild | None
    """The server, if it is bound to a workspace."""
    operator: bool
    """Of that workspace."""
    member: Member | None
    """As that workspace knows them."""
    quota: Quota | None = None
    """That workspace's, for all who have none of their own."""


@value(frozen=True, slots=True)
class MemberLoad:
    """A requester's jobs in one workspace: how many wait, how many run, and when the newest was asked for."""

    queued: int
    running: int
    last_at: datetime | None


@value(frozen=True, slots=True, kw_only=True)
class GalleryWanted:
    """Which finished pictures somebody may look through."""

    viewer: str
    """A requester: their own private ones are theirs to see."""
    sees_private: bool = False
    """A moderator sees everybody's."""
    requester: str | None = None
    """Only this one's."""
    text: str = ""
    """Part of the prompt, whatever its case."""
    behind: Place | None = None


@value(frozen=True, slots=True)
class Erased:
    """What one call deleted of a person; `left` jobs have not ended yet and keep their words until they have."""

    job_ids: tuple[str, ...]
    files: tuple[str, ...]
    """Names in the picture folder, to be deleted there."""
    left: int
    more: bool = False
    """Further jobs have ended, and wait for another call; the rest about the person goes with the last of them."""


@value(frozen=True, slots=True)
class Traces:
    """What else is kept about a person: refused requests, reports they made, cards of their jobs."""

    refusals: tuple[Refusal, ...]
    reports: tuple[Report, ...]
    cards: tuple[Card, ...]


class CommunityStore(Protocol):
    """The part of the store for the people of Discord. An `audit` entry is written with the change, and only with it.

    Raises (every method): `errors.Unavailable` when the database cannot be read or written now.
    """

    # servers and operators
    async def add_code(self, code: ConnectCode) -> None:
        """Keep a one-time code; those that are over are let go of."""
        ...

    async def connect_guild(self, digest: str, guild: Guild, audit: AuditEntry) -> Guild | None:
        """Use a code up: bind the server to its workspace (`guild` and `audit` name none yet), the user an operator.

        A server that is bound already keeps its settings. None: there is no such code, or it is used or over.

        Raises:
            Conflict: the server is bound to another workspace; the code stays good.
        """
        ...

    async def guild(self, guild_id: str) -> Guild | None:
        """A server that is bound."""
        ...

    async def guilds(self, workspace_id: str | None = None) -> list[Guild]:
        """Bound servers, of one workspace or of all, the first one first."""
        ...

    async def change_guild(self, guild: Guild, audit: AuditEntry) -> bool:
        """Give it the name and settings of `guild`; False: it is not bound to that workspace."""
        ...

    async def drop_guild(self, workspace_id: str, guild_id: str, audit: AuditEntry) -> bool:
        """Unbind a server, its settings with it; False: it was not bound to that workspace."""
        ...

    async def operators(self, workspace_id: str) -> list[Operator]:
        """Its operators, the first one first."""
        ...

    async def add_operator(self, operator: Operator, audit: AuditEntry) -> bool:
        """Make somebody an operator; False: they were."""
        ...

    async def remove_operator(self, workspace_id: str, user_id: str, audit: AuditEntry) -> bool:
        """Take that back; False: they were none."""
        ...

    # members
    async def footing(self, user_id: str, guild_id: str | None, workspace_id: str | None = None) -> Footing:
        """How somebody stands in a server or, without one, in that workspace."""
        ...

    async def footing_at(self, user_id: str, guild_id: str, job_id: str) -> tuple[Footing, Job | None]:
        """How somebody stands in a server, and a job of its workspace, in one reading."""
        ...

    async def put_person(self, person: Person) -> None:
        """What somebody chose, in the place of what was."""
        ...

    async def see_member(self, workspace_id: str, user_id: str, name: str, at: datetime) -> Member:
        """A member was seen: made if there is none, the name as it is now."""
        ...

    async def members(self, workspace_id: str, limit: int, after: str | None = None) -> list[Member]:
        """Its members by user id, those behind `after`."""
        ...

    async def member(self, workspace_id: str, user_id: str) -> Member | None:
        """One of them."""
        ...

    async def restrain(self, workspace_id: str, user_id: str, held: Restrained | None, audit: AuditEntry) -> bool:
        """Lay a restraint on a member, in the place of another, or (None) lift it; False: no such member."""
        ...

    async def mark_left(self, workspace_id: str, user_id: str, at: datetime | None) -> bool:
        """A member left, or (None) is there again; False: no such member."""
        ...

    async def strikes(self, workspace_id: str, user_id: str) -> list[Strike]:
        """A member's strikes, lifted ones too, newest first."""
        ...

    async def add_strike(self, strike: Strike, audit: AuditEntry) -> Strike | None:
        """Keep a strike; None: no such member."""
        ...

    async def lift_strike(self, workspace_id: str, strike_id: int, by: str, at: datetime, audit: AuditEntry) -> bool:
        """Lift a strike; False: no such one, or it was lifted."""
        ...

    async def member_load(self, workspace_id: str, requester: str) -> MemberLoad:
        """A requester's jobs that are not over, and when they last asked."""
        ...

    async def unfinished_of(self, workspace_id: str, requester: str) -> list[Job]:
        """A requester's jobs that are not over, oldest first."""
        ...

    # cards
    async def add_card(self, card: Card) -> Card:
        """Keep a card."""
        ...

    async def change_card(self, card: Card) -> bool:
        """Give it the place, token, version and state of `card`; False: there is none.

        One that is marked ERASE stays so, unless it is GIVEN_UP: whoever read it before cannot take the mark away.
        """
        ...

    async def open_cards(self, limit: int, after: int = 0) -> list[Card]:
        """Cards that are OPEN or ERASE, by id, those behind `after`."""
        ...

    async def cards_of(self, workspace_id: str, job_id: str) -> list[Card]:
        """The cards of a job, or of all jobs of a request, oldest first."""
        ...

    async def card_of_message(self, workspace_id: str, message_id: str) -> Card | None:
        """The card in a message."""
        ...

    async def lose_cards(self, place_id: str, why: LostCard, at: datetime) -> list[Card]:
        """Give up all open cards in a channel or a server; returns them as they are then."""
        ...

    # styles
    async def styles(self, workspace_id: str, user_id: str | None) -> list[Style]:
        """A member's own styles and those that others share (None: every one), by name."""
        ...

    async def save_style(self, style: Style) -> Style:
        """Keep a style; one of the same owner with the same name is replaced and keeps its id."""
        ...

    async def drop_style(self, workspace_id: str, style_id: int) -> bool:
        """Delete a style; False: there is none."""
        ...

    # reports and removals
    async def add_report(self, report: Report) -> Report:
        """Keep a report; one of the same member about the same job that is not settled stays instead."""
        ...

    async def reports(
        self, workspace_id: str, limit: int, before: int | None = None, *, unsettled: bool = False
    ) -> list[Report]:
        """Reports, newest first, those with a lower id than `before`."""
        ...

    async def settle_report(self, report: Report, audit: AuditEntry) -> bool:
        """Write down what was decided; False: there is no such report, or it is settled."""
        ...

    async def remove_pictures(
        self, removal: Removal, audit: AuditEntry, strike: tuple[Strike, AuditEntry] | None = None
    ) -> tuple[str, ...] | None:
        """Forget a finished job's pictures and buttons; returns the files that we have. None: it was done before.

        In the same transaction its unsettled reports are settled as removed, its cards are to be erased, and a strike
        is kept with an entry of its own.
        """
        ...

    async def hide(self, workspace_id: str, job_id: str) -> None:
        """Make a job that has ended private."""
        ...

    async def removal(self, workspace_id: str, job_id: str) -> Removal | None:
        """Who removed a job's pictures, if somebody did."""
        ...

    async def workspace_of_job(self, job_id: str) -> str | None:
        """Whose job it is."""
        ...

    async def versions(self, job_ids: Sequence[str]) -> dict[str, int]:
        """The stored versions of these jobs."""
        ...

    async def gallery(self, workspace_id: str, wanted: GalleryWanted, limit: int) -> JobPage:
        """Finished jobs with pictures, newest first; it looks at some thousand jobs at most."""
        ...

    # everything about a person
    async def requested(self, requester: str, behind: Place | None, limit: int) -> list[Job]:
        """A requester's jobs of all workspaces, newest first."""
        ...

    async def memberships(self, user_id: str) -> list[Member]:
        """What every workspace knows of a person."""
        ...

    async def traces(self, user_id: str) -> Traces:
        """What else is kept about a person, in all workspaces, oldest first."""
        ...

    async def erase(self, user_id: str, most: int) -> Erased:
        """Delete a person's words and pictures of so many ended jobs; with the last of them all else about the person.

        That is: choices, styles, refused words, the name on reports. Jobs stay as figures without words, asked for by
        `discord:erased`, their cards are to be erased; restraints and strikes stay.
        """
        ...

    # alerts and the bot
    async def alerts(self, workspace_id: str | None = None) -> list[tuple[Alert, bool]]:
        """The conditions that hold, and whether each was told as it is."""
        ...

    async def put_alerts(self, workspace_id: str, alerts: Sequence[Alert]) -> None:
        """These hold now, and no others; one that says the same as before stays told."""
        ...

    async def told_alert(self, alert: Alert) -> None:
        """It was told, unless it says something else by now."""
        ...

    async def note_bot(self, state: BotState, at: datetime) -> None:
        """How a bot in another process is."""
        ...

    async def noted_bot(self) -> tuple[BotState, datetime] | None:
        """What was noted last, and when."""
        ...
