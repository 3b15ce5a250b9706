"""How the part of the Store port for the people of Discord is kept in a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from engine.model.community.cards import Card, CardState, LostCard
from engine.model.community.guilds import ConnectCode, Guild, Operator
from engine.model.community.people import Member, Person, Restrained, Strike
from engine.model.community.reports import Alert, BotState, Removal, Report
from engine.model.community.styles import Style
from engine.model.jobs import Job
from engine.model.moderation.kept import AuditEntry
from engine.ports import Erased, Footing, GalleryWanted, JobPage, MemberLoad, Place, Traces
from engine.store import queries
from engine.store.community import guilds, members, pictures, shelves
from engine.store.readers import Readers
from engine.store.writer import Writer


class SqlCommunity:
    """The methods of ports.CommunityStore; documented there."""

    _writer: Writer
    _readers: Readers

    async def add_code(self, code: ConnectCode) -> None:
        """See ports.CommunityStore."""
        await self._writer.write(lambda connection, _: guilds.add_code(connection, code))

    async def connect_guild(self, digest: str, guild: Guild, audit: AuditEntry) -> Guild | None:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: guilds.connect_guild(connection, digest, guild, audit))

    async def guild(self, guild_id: str) -> Guild | None:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: guilds.one(connection, guild_id))

    async def guilds(self, workspace_id: str | None = None) -> list[Guild]:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: guilds.listed(connection, workspace_id))

    async def change_guild(self, guild: Guild, audit: AuditEntry) -> bool:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: guilds.change(connection, guild, audit))

    async def drop_guild(self, workspace_id: str, guild_id: str, audit: AuditEntry) -> bool:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: guilds.drop(connection, workspace_id, guild_id, audit))

    async def operators(self, workspace_id: str) -> list[Operator]:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: guilds.list_operators(connection, workspace_id))

    async def add_operator(self, operator: Operator, audit: AuditEntry) -> bool:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: guilds.add_operator(connection, operator, audit))

    async def remove_operator(self, workspace_id: str, user_id: str, audit: AuditEntry) -> bool:
        """See ports.CommunityStore."""
        return await self._writer.write(
            lambda connection, _: guilds.remove_operator(connection, workspace_id, user_id, audit)
        )

    async def footing(self, user_id: str, guild_id: str | None, workspace_id: str | None = None) -> Footing:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: members.footing(connection, user_id, guild_id, workspace_id))

    async def footing_at(self, user_id: str, guild_id: str, job_id: str) -> tuple[Footing, Job | None]:
        """See ports.CommunityStore."""

        def asked(connection: Connection) -> tuple[Footing, Job | None]:
            found = members.footing(connection, user_id, guild_id, None)
            home = None if found.guild is None else found.guild.workspace_id
            return found, None if home is None else queries.job(connection, home, job_id)

        return await self._readers.read(asked)

    async def put_person(self, person: Person) -> None:
        """See ports.CommunityStore."""
        await self._writer.write(lambda connection, _: members.put_person(connection, person))

    async def see_member(self, workspace_id: str, user_id: str, name: str, at: datetime) -> Member:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: members.see(connection, workspace_id, user_id, name, at))

    async def members(self, workspace_id: str, limit: int, after: str | None = None) -> list[Member]:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: members.listed(connection, workspace_id, limit, after))

    async def member(self, workspace_id: str, user_id: str) -> Member | None:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: members.one(connection, workspace_id, user_id))

    async def restrain(self, workspace_id: str, user_id: str, held: Restrained | None, audit: AuditEntry) -> bool:
        """See ports.CommunityStore."""
        return await self._writer.write(
            lambda connection, _: members.restrain(connection, workspace_id, user_id, held, audit)
        )

    async def mark_left(self, workspace_id: str, user_id: str, at: datetime | None) -> bool:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: members.mark_left(connection, workspace_id, user_id, at))

    async def strikes(self, workspace_id: str, user_id: str) -> list[Strike]:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: members.list_strikes(connection, workspace_id, user_id))

    async def add_strike(self, strike: Strike, audit: AuditEntry) -> Strike | None:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: members.add_strike(connection, strike, audit))

    async def lift_strike(self, workspace_id: str, strike_id: int, by: str, at: datetime, audit: AuditEntry) -> bool:
        """See ports.CommunityStore."""
        return await self._writer.write(
            lambda connection, _: members.lift_strike(connection, workspace_id, strike_id, by, at, audit)
        )

    async def member_load(self, workspace_id: str, requester: str) -> MemberLoad:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: members.load(connection, workspace_id, requester))

    async def unfinished_of(self, workspace_id: str, requester: str) -> list[Job]:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: members.unfinished_of(connection, workspace_id, requester))

    async def add_card(self, card: Card) -> Card:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: shelves.add_card(connection, card))

    async def change_card(self, card: Card) -> bool:
        """See ports.CommunityStore."""
        shown = card.state is CardState.DELIVERED  # if that is lost, the next process shows the end once more
        return await self._writer.write(lambda connection, _: shelves.change_card(connection, card), patient=shown)

    async def open_cards(self, limit: int, after: int = 0) -> list[Card]:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: shelves.open_cards(connection, limit, after))

    async def cards_of(self, workspace_id: str, job_id: str) -> list[Card]:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: shelves.cards_of(connection, workspace_id, job_id))

    async def card_of_message(self, workspace_id: str, message_id: str) -> Card | None:
        """See ports.CommunityStore."""
        return await self._readers.read(
            lambda connection: shelves.card_of_message(connection, workspace_id, message_id)
        )

    async def lose_cards(self, place_id: str, why: LostCard, at: datetime) -> list[Card]:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: shelves.lose_cards(connection, place_id, why, at))

    async def styles(self, workspace_id: str, user_id: str | None) -> list[Style]:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: shelves.list_styles(connection, workspace_id, user_id))

    async def save_style(self, style: Style) -> Style:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: shelves.save_style(connection, style))

    async def drop_style(self, workspace_id: str, style_id: int) -> bool:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: shelves.drop_style(connection, workspace_id, style_id))

    async def add_report(self, report: Report) -> Report:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: shelves.add_report(connection, report))

    async def reports(
        self, workspace_id: str, limit: int, before: int | None = None, *, unsettled: bool = False
    ) -> list[Report]:
        """See ports.CommunityStore."""
        return await self._readers.read(
            lambda connection: shelves.list_reports(connection, workspace_id, limit, before, unsettled=unsettled)
        )

    async def settle_report(self, report: Report, audit: AuditEntry) -> bool:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: shelves.settle_report(connection, report, audit))

    async def remove_pictures(
        self, removal: Removal, audit: AuditEntry, strike: tuple[Strike, AuditEntry] | None = None
    ) -> tuple[str, ...] | None:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: pictures.remove(connection, removal, audit, strike))

    async def hide(self, workspace_id: str, job_id: str) -> None:
        """See ports.CommunityStore."""
        await self._writer.write(lambda connection, _: pictures.hide(connection, workspace_id, job_id))

    async def removal(self, workspace_id: str, job_id: str) -> Removal | None:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: pictures.removal_of(connection, workspace_id, job_id))

    async def workspace_of_job(self, job_id: str) -> str | None:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: pictures.workspace_of_job(connection, job_id))

    async def versions(self, job_ids: Sequence[str]) -> dict[str, int]:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: pictures.versions(connection, job_ids))

    async def gallery(self, workspace_id: str, wanted: GalleryWanted, limit: int) -> JobPage:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: pictures.gallery(connection, workspace_id, wanted, limit))

    async def requested(self, requester: str, behind: Place | None, limit: int) -> list[Job]:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: pictures.requested(connection, requester, behind, limit))

    async def memberships(self, user_id: str) -> list[Member]:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: members.memberships(connection, user_id))

    async def traces(self, user_id: str) -> Traces:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: pictures.traces(connection, user_id))

    async def erase(self, user_id: str, most: int) -> Erased:
        """See ports.CommunityStore."""
        return await self._writer.write(lambda connection, _: pictures.erase(connection, user_id, most))

    async def alerts(self, workspace_id: str | None = None) -> list[tuple[Alert, bool]]:
        """See ports.CommunityStore."""
        return await self._readers.read(lambda connection: shelves.list_alerts(connection, workspace_id))

    async def put_alerts(self, workspace_id: str, alerts: Sequence[Alert]) -> None:
        """See ports.CommunityStore."""
        await self._writer.write(lambda connection, _: shelves.put_alerts(connection, workspace_id, alerts))

    async def told_alert(self, alert: Alert) -> None:
        """See ports.CommunityStore."""
        await self._writer.write(lambda connection, _: shelves.told_alert(connection, alert))

    async def note_bot(self, state: BotState, at: datetime) -> None:
        """See ports.CommunityStore."""
        await self._writer.write(lambda connection, _: shelves.note_bot(connection, state, at))

    async def noted_bot(self) -> tuple[BotState, datetime] | None:
        """See ports.CommunityStore."""
        return await self._readers.read(shelves.noted_bot)
