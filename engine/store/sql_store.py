"""How the Store port is kept in a database: writes go to the one writer, reads to the readers beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy.engine import URL

from engine.clock import SystemClock
from engine.model.accounts import Account, Checkpoint, Lease
from engine.model.actions import Action, Service
from engine.model.deliveries import Delivery, DeliveryState
from engine.model.hooks import WorkspaceHook
from engine.model.jobs import Job, JobState, JobUpdate, Request
from engine.model.moderation import RuleBook
from engine.model.moderation.kept import AuditEntry, Refusal
from engine.ports import (
    Attempt,
    Change,
    Clock,
    DeliveryCounts,
    EvidenceCount,
    JobPage,
    JobsWanted,
    Load,
    NewAccount,
    Outcome,
    PictureCopy,
    RuleEdit,
    Switches,
    Tally,
    Workspace,
)
from engine.store import administration, deliveries, dialects, listing, moderation, queries
from engine.store import leases as holding
from engine.store.changes import EVIDENCE_AGE, write_changes
from engine.store.journal import SqlJournal
from engine.store.migration import migrate as migrate_database
from engine.store.readers import Readers
from engine.store.sql_community import SqlCommunity
from engine.store.sql_keys import SqlKeys
from engine.store.writer import Writer


def open_store(url: str, *, clock: Clock | None = None, migrate: bool = False) -> SqlStore:
    """Open a store; `migrate` brings its tables up to date first.

    Args:
        url: `sqlite:///PATH` or `postgresql://…`.
        clock: for the age of evidence; the system's when None.
        migrate: also make the database file and its folder when they are not there.

    Raises:
        BadSetting: the address names no database that we know.
        Unavailable: it cannot be migrated now. Opening alone never fails: the first call that needs the database does.
    """
    parsed = dialects.database_url(url)
    if migrate:
        migrate_database(url)
    return SqlStore(parsed, clock or SystemClock())


class SqlStore(SqlKeys, SqlCommunity, SqlJournal):
    """ports.Store on SQLite or PostgreSQL; documented there."""

    def __init__(self, url: URL, clock: Clock) -> None:
        self._clock = clock
        self._writing = dialects.writing_engine(url)
        self._reading = dialects.reading_engine(url)
        self._writer = Writer(self._writing)
        self._readers = Readers(self._reading)
        self._touched: dict[int, datetime] = {}

    @property
    def commits(self) -> int:
        """Transactions written since it was opened."""
        return self._writer.commits

    # --- hot path

    async def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """See ports.Store."""
        if not changes:
            return []
        now = self._clock.now()
        return await self._writer.write(
            lambda connection, careful: write_changes(connection, changes, now, careful=careful)
        )

    # --- leases

    async def take(self, account_id: int, owner: str, now: datetime, until: datetime) -> Lease | None:
        """See ports.Store."""
        return await self._writer.write(lambda connection, _: holding.take(connection, account_id, owner, now, until))

    async def renew(self, leases: Sequence[Lease], until: datetime) -> list[Lease]:
        """See ports.Store."""
        if not leases:
            return []
        return await self._writer.write(lambda connection, _: holding.renew(connection, leases, until))

    async def release(self, lease: Lease) -> None:
        """See ports.Store."""
        await self._writer.write(lambda connection, _: holding.release(connection, lease))

    # --- reads of the core

    async def accounts(self, workspace_id: str | None = None, *, services: bool = False) -> list[Account]:
        """See ports.Store."""
        found = await self._readers.read(lambda connection: queries.linked_accounts(connection, workspace_id))
        return found if services else [account for account in found if account.service is Service.MIDJOURNEY]

    async def account(self, account_id: int) -> Account | None:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.account(connection, account_id))

    async def checkpoint(self, account_id: int) -> Checkpoint | None:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.checkpoint(connection, account_id))

    async def queued(self, limit: int, after: Job | None = None) -> list[Job]:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.queued(connection, limit, after))

    async def switches(self) -> Switches:
        """See ports.Store."""
        return await self._readers.read(queries.switches)

    async def awaited_until(self, now: datetime, limit: int) -> list[Job]:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.awaited_until(connection, now, limit))

    async def open_jobs(self, account_id: int) -> list[Job]:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.open_jobs(connection, account_id))

    async def finished_since(self, account_id: int, since: datetime) -> list[Job]:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.finished_since(connection, account_id, since))

    async def highest_nonce(self, account_id: int) -> int:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.highest_nonce(connection, account_id))

    async def pictures_to_copy(self, limit: int) -> list[PictureCopy]:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.pictures_to_copy(connection, limit))

    async def picture(self, key: str) -> PictureCopy | None:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.picture(connection, key))

    # --- reads of the door

    async def job(self, workspace_id: str, job_id: str) -> Job | None:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.job(connection, workspace_id, job_id))

    async def request(self, workspace_id: str, request_id: str) -> Request | None:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.request(connection, workspace_id, request_id))

    async def jobs(
        self, workspace_id: str, *, states: Sequence[JobState] = (), limit: int = 50, before: datetime | None = None
    ) -> list[Job]:
        """See ports.Store."""
        return await self._readers.read(
            lambda connection: queries.listed(connection, workspace_id, states, limit, before)
        )

    async def job_page(self, workspace_id: str, wanted: JobsWanted, limit: int) -> JobPage:
        """See ports.Store."""
        return await self._readers.read(lambda connection: listing.page_of(connection, workspace_id, wanted, limit))

    async def jobs_of(self, workspace_id: str, request_id: str) -> list[Job]:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.jobs_of(connection, workspace_id, request_id))

    async def children(self, workspace_id: str, parent_id: str, action: Action) -> list[Job]:
        """See ports.Store."""
        return await self._readers.read(
            lambda connection: queries.children(connection, workspace_id, parent_id, action)
        )

    async def updates(self, job_id: str, after_version: int = 0) -> list[JobUpdate]:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.updates(connection, job_id, after_version))

    async def loads(self, workspace_id: str) -> list[Load]:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.loads(connection, workspace_id))

    async def made(self, workspace_id: str, since: datetime, *, limit: int, offset: int = 0) -> list[Job]:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.made(connection, workspace_id, since, limit, offset))

    async def open_of(self, workspace_id: str, key_id: int | None, account_id: int) -> list[Job]:
        """See ports.Store."""
        return await self._readers.read(
            lambda connection: queries.open_of(connection, workspace_id, key_id, account_id)
        )

    async def tally(self, workspace_id: str, since: datetime) -> Tally:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.tally(connection, workspace_id, since))

    async def evidence_counts(self, workspace_id: str) -> list[EvidenceCount]:
        """See ports.Store."""
        since = self._clock.now() - EVIDENCE_AGE
        return await self._readers.read(lambda connection: queries.evidence_counts(connection, workspace_id, since))

    # --- webhooks

    async def due_deliveries(self, now: datetime, limit: int, besides: Collection[str] = ()) -> list[Delivery]:
        """See ports.Store."""
        return await self._readers.read(lambda connection: deliveries.due(connection, now, limit, besides))

    async def claim_delivery(self, delivery_id: int, owner: str, now: datetime, until: datetime) -> bool:
        """See ports.Store."""
        return await self._writer.write(
            lambda connection, _: deliveries.claim(connection, delivery_id, owner, now, until)
        )

    async def settle_delivery(self, attempt: Attempt) -> bool:
        """See ports.Store."""
        return await self._writer.write(lambda connection, _: deliveries.settle(connection, attempt))

    async def free_deliveries(self, owner: str | None, ids: Sequence[int] | None = None) -> None:
        """See ports.Store."""
        await self._writer.write(lambda connection, _: deliveries.free(connection, owner, ids))

    async def delivery(self, workspace_id: str, delivery_id: int) -> Delivery | None:
        """See ports.Store."""
        return await self._readers.read(lambda connection: deliveries.one(connection, workspace_id, delivery_id))

    async def deliveries(
        self,
        workspace_id: str,
        *,
        request_id: str | None = None,
        state: DeliveryState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Delivery]:
        """See ports.Store."""
        return await self._readers.read(
            lambda connection: deliveries.listed(
                connection, workspace_id, request_id=request_id, state=state, before=before, limit=limit
            )
        )

    async def replay_deliveries(self, workspace_id: str, delivery_id: int | None, now: datetime) -> int:
        """See ports.Store."""
        return await self._writer.write(
            lambda connection, _: deliveries.replay(connection, workspace_id, delivery_id, now)
        )

    async def delivery_counts(self, workspace_id: str) -> DeliveryCounts:
        """See ports.Store."""
        return await self._readers.read(lambda connection: deliveries.counts(connection, workspace_id))

    async def sweep_deliveries(self, now: datetime) -> int:
        """See ports.Store."""
        return await self._writer.write(lambda connection, _: deliveries.sweep(connection, now))

    async def set_webhook(self, workspace_id: str, hook: WorkspaceHook | None) -> None:
        """See ports.Store."""
        await self._writer.write(lambda connection, _: administration.set_webhook(connection, workspace_id, hook))

    async def set_signing_secret(self, workspace_id: str, sealed: str) -> None:
        """See ports.Store."""
        await self._writer.write(
            lambda connection, _: administration.set_signing_secret(connection, workspace_id, sealed)
        )

    # --- administration

    async def ensure_workspace(self, name: str, now: datetime) -> Workspace:
        """See ports.Store."""
        return await self._writer.write(lambda connection, _: administration.ensure_workspace(connection, name, now))

    async def workspaces(self) -> list[Workspace]:
        """See ports.Store."""
        return await self._readers.read(queries.all_workspaces)

    async def workspace(self, workspace_id: str) -> Workspace | None:
        """See ports.Store."""
        return await self._readers.read(lambda connection: queries.workspace(connection, workspace_id))

    async def pause_workspace(self, workspace_id: str, at: datetime | None) -> bool:
        """See ports.Store."""
        return await self._writer.write(
            lambda connection, _: administration.pause_workspace(connection, workspace_id, at)
        )

    async def reboot_workspace(self, workspace_id: str, at: datetime) -> bool:
        """See ports.Store."""
        return await self._writer.write(
            lambda connection, _: administration.reboot_workspace(connection, workspace_id, at)
        )

    async def add_account(self, new: NewAccount) -> Account:
        """See ports.Store; also NotFound for an unknown workspace, Conflict for an account that is linked already."""
        return await self._writer.write(lambda connection, _: administration.add_account(connection, new))

    async def set_service(self, new: NewAccount) -> Account:
        """See ports.Store."""
        return await self._writer.write(lambda connection, _: administration.set_service(connection, new))

    async def change_account(self, account_id: int, name: str, concurrency: int) -> bool:
        """See ports.Store."""
        return await self._writer.write(
            lambda connection, _: administration.change_account(connection, account_id, name, concurrency)
        )

    async def restart_account(self, account_id: int, at: datetime) -> bool:
        """See ports.Store."""
        return await self._writer.write(
            lambda connection, _: administration.restart_account(connection, account_id, at)
        )

    async def unlink_account(self, account_id: int) -> bool:
        """See ports.Store."""
        return await self._writer.write(lambda connection, _: administration.unlink_account(connection, account_id))

    # --- moderation

    async def rule_versions(self) -> Mapping[str, int]:
        """See ports.ModerationStore."""
        return await self._readers.read(moderation.rule_versions)

    async def rule_book(self, workspace_id: str) -> RuleBook:
        """See ports.ModerationStore."""
        return await self._readers.read(lambda connection: moderation.rule_book(connection, workspace_id))

    async def edit_rules(self, edit: RuleEdit) -> RuleBook | None:
        """See ports.ModerationStore; also NotFound for an unknown workspace."""
        return await self._writer.write(lambda connection, _: moderation.edit_rules(connection, edit))

    async def refusals(self, workspace_id: str, limit: int, before: int | None = None) -> list[Refusal]:
        """See ports.ModerationStore."""
        return await self._readers.read(
            lambda connection: moderation.listed_refusals(connection, workspace_id, limit, before)
        )

    async def audit(self, workspace_id: str, limit: int, before: int | None = None) -> list[AuditEntry]:
        """See ports.ModerationStore."""
        return await self._readers.read(
            lambda connection: moderation.listed_audit(connection, workspace_id, limit, before)
        )

    # --- the store itself

    async def probe(self) -> None:
        """See ports.Store."""
        await self._writer.write(lambda connection, _: administration.prove_writable(connection))

    async def close(self) -> None:
        """See ports.Store."""
        await self._writer.close()
        await self._readers.close()
        self._reading.dispose()
        self._writing.dispose()
