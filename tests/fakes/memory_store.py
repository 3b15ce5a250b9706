"""A complete ports.Store in memory, for tests of the core: same checks, same answers as the database, no disk."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.model import errors
from engine.model.accounts import Account, AccountState, Checkpoint, Lease
from engine.model.actions import Action, Service
from engine.model.answers import Claim, Found, KeptAnswer
from engine.model.deliveries import Delivery, DeliveryState
from engine.model.hooks import WorkspaceHook
from engine.model.jobs import FINAL_STATES, OPEN_STATES, UPSTREAM_STATES, Job, JobState, JobUpdate, Request
from engine.model.quotas import Quota
from engine.ports import (
    AccountChange,
    ApiKey,
    Attempt,
    Change,
    DeliveryCounts,
    Evidence,
    EvidenceCount,
    FactsLearned,
    JobChange,
    JobPage,
    JobsWanted,
    JournalEntry,
    KeepAudit,
    KeepEvidence,
    KeepRefusal,
    LiveNoted,
    Load,
    NewAccount,
    NewKey,
    NewRequest,
    Outcome,
    PictureCopied,
    PictureCopy,
    Place,
    ProgressNote,
    SaveCheckpoint,
    Switches,
    Tally,
    Workspace,
)
from tests.fakes.memory_answers import MemoryAnswers
from tests.fakes.memory_community import MemoryCommunity
from tests.fakes.memory_deliveries import MemoryDeliveries
from tests.fakes.memory_moderation import MemoryModeration

EVIDENCE_ROWS = 10_000
EVIDENCE_DAYS = timedelta(days=30)
TOUCH_EVERY = timedelta(minutes=1)
DEMO_PAUSED = "a real account was linked"

APPLIED, STALE_VERSION, STALE_LEASE, DUPLICATE = (
    Outcome.APPLIED,
    Outcome.STALE_VERSION,
    Outcome.STALE_LEASE,
    Outcome.DUPLICATE,
)


@dataclass
class _Hold:
    owner: str | None = None
    epoch: int = 0
    until: datetime | None = None
    live: bool = False


class MemoryStore(MemoryCommunity, MemoryModeration):
    """The store without a database.

    `trouble`: while it is set, every write raises `errors.Unavailable` with these words; reads go on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trouble: str | None = None
        self._workspaces: dict[str, Workspace] = {}
        self._keys: dict[int, ApiKey] = {}
        self._accounts: dict[int, Account] = {}
        self._holds: dict[int, _Hold] = {}
        self._checkpoints: dict[int, Checkpoint] = {}
        self._requests: dict[str, Request] = {}
        self._jobs: dict[str, Job] = {}
        self._updates: dict[str, list[JobUpdate]] = {}
        self._journal: list[JobUpdate] = []
        self._nonces: set[tuple[int, str]] = set()
        self._pictures: dict[str, PictureCopy] = {}
        self._evidence: list[Evidence] = []
        self.webhooks = MemoryDeliveries()
        self.answers = MemoryAnswers()

    def _check_writable(self) -> None:
        if self.trouble is not None:
            raise errors.Unavailable(self.trouble)

    async def _writing(self) -> None:
        await asyncio.sleep(0)
        self._check_writable()

    # --- hot path

    async def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        self._check_writable()
        for change in changes:
            self._check_references(change)
        outcomes = [self._apply(change) for change in changes]
        await asyncio.sleep(0)  # only now: a caller that is cancelled has written, as with the database
        return outcomes

    def _check_references(self, change: Change) -> None:
        if isinstance(change, NewRequest):
            workspaces = {change.request.origin.workspace_id, *(job.workspace_id for job in change.jobs)}
            if not workspaces <= self._workspaces.keys():
                raise errors.NotFound("a change names something that is not there: workspace")
        kept = [change.evidence] if isinstance(change, KeepEvidence) else []
        if any(evidence.account_id not in self._accounts for evidence in kept):
            raise errors.NotFound("a change names something that is not there: account")

    def _apply(self, change: Change) -> Outcome:
        match change:
            case NewRequest():
                return self._new_request(change)
            case JobChange():
                return self._job_change(change)
            case ProgressNote():
                return self._progress(change)
            case SaveCheckpoint():
                return self._save_checkpoint(change)
            case KeepEvidence():
                if change.lease is not None and not self._holds_lease(change.lease):
                    return STALE_LEASE
                self._keep((change.evidence,))
                return APPLIED
            case AccountChange():
                return self._account_change(change)
            case _:
                return self._apply_seldom(change)

    def _apply_seldom(self, change: FactsLearned | LiveNoted | PictureCopied | KeepRefusal | KeepAudit) -> Outcome:
        match change:
            case FactsLearned():
                return self._facts_learned(change)
            case LiveNoted():
                return self._live_noted(change)
            case PictureCopied():
                return self._picture_copied(change)
            case KeepRefusal():
                self._keep_refusal(change.refusal)
                return APPLIED
            case KeepAudit():
                self._minute(change.entry)
                return APPLIED

    def _new_request(self, change: NewRequest) -> Outcome:
        ids = [job.id for job in change.jobs]
        if change.request.id in self._requests or len(set(ids)) < len(ids) or any(i in self._jobs for i in ids):
            return DUPLICATE
        origin = change.request.origin
        token = None if origin.key_id is None or origin.token is None else (origin.key_id, origin.token)
        if token in self.answers.tokens:
            return DUPLICATE
        if change.spending is not None and not self.answers.spend(change.spending):
            return Outcome.OVER_QUOTA
        if token is not None:
            self.answers.tokens[token] = change.request.id
        self._requests[change.request.id] = replace(change.request, origin=replace(origin, again=False, budget=None))
        for job in change.jobs:
            self._jobs[job.id] = job
        for update in change.updates:
            self._updates.setdefault(update.job_id, []).append(update)
            self._journal.append(update)
        if (kind := change.delivery) is not None:
            self.webhooks.write(change.jobs[0], kind)
        return APPLIED

    def _job_change(self, change: JobChange) -> Outcome:
        before, after = change.before, change.after
        if change.lease is not None and not self._holds_lease(change.lease):
            return STALE_LEASE
        stored = self._jobs.get(before.id)
        if stored is None or stored.version != before.version or stored.state is not before.state:
            return STALE_VERSION
        added = after.nonces[len(before.nonces) :]
        submissions = [(after.account_id, nonce) for nonce in added if after.account_id is not None]
        pictures = after.result.pictures if after.result is not None and before.result is None else ()
        if (
            any(submission in self._nonces for submission in submissions)
            or len(set(submissions)) < len(submissions)
            or any(picture.key in self._pictures for picture in pictures)
            or any(update.version == change.update.version for update in self._updates.get(before.id, ()))
        ):
            return DUPLICATE
        self._jobs[after.id] = after
        self._updates.setdefault(after.id, []).append(change.update)
        self._journal.append(change.update)
        self._nonces.update(submissions)
        for picture in pictures:
            assert after.account_id is not None
            self._pictures[picture.key] = PictureCopy(
                picture, after.id, after.account_id, picture.attachment.kept_as, failed=False
            )
        self._keep(change.evidence)
        if (charge := change.given_back) is not None:
            self.answers.give_back(charge)
        if (kind := change.delivery) is not None:
            self.webhooks.write(after, kind)
        if change.checkpoint is not None and change.lease is not None:
            self._save_checkpoint(SaveCheckpoint(change.checkpoint, change.lease))
        return APPLIED

    def _progress(self, change: ProgressNote) -> Outcome:
        if change.lease is not None and not self._holds_lease(change.lease):
            return STALE_LEASE
        stored = self._jobs.get(change.job_id)
        if stored is None or stored.version != change.version or stored.percent > change.percent:
            return STALE_VERSION
        links = replace(stored.links, uuid=change.uuid or stored.links.uuid)
        self._jobs[stored.id] = replace(stored, percent=change.percent, preview_url=change.preview_url, links=links)
        return APPLIED

    def _save_checkpoint(self, change: SaveCheckpoint) -> Outcome:
        if not self._holds_lease(change.lease):
            return STALE_LEASE
        point = change.checkpoint
        account = self._accounts[point.account_id]
        self._accounts[account.id] = account = replace(account, user_id=point.user_id or account.user_id)
        self._checkpoints[point.account_id] = replace(point, user_id=account.user_id)
        return APPLIED

    def _account_change(self, change: AccountChange) -> Outcome:
        if change.lease is not None and not self._holds_lease(change.lease):
            return STALE_LEASE
        account = self._accounts.get(change.account_id)
        if account is None or account.state is AccountState.UNLINKED:
            return STALE_VERSION
        self._accounts[account.id] = replace(
            account,
            state=change.state,
            trouble=change.trouble,
            reason=change.reason,
            user_id=change.user_id or account.user_id,
        )
        return APPLIED

    def _facts_learned(self, change: FactsLearned) -> Outcome:
        if change.lease is not None and not self._holds_lease(change.lease):
            return STALE_LEASE
        account = self._accounts.get(change.account_id)
        if account is None or account.state is AccountState.UNLINKED:
            return STALE_VERSION
        self._accounts[account.id] = replace(account, facts=change.facts)
        return APPLIED

    def _live_noted(self, change: LiveNoted) -> Outcome:
        if not self._holds_lease(change.lease):
            return STALE_LEASE
        self._holds[change.lease.account_id].live = change.live
        return APPLIED

    def _picture_copied(self, change: PictureCopied) -> Outcome:
        copy = self._pictures.get(change.key)
        if copy is None:
            return STALE_VERSION
        self._pictures[change.key] = replace(copy, filename=change.filename, failed=change.filename is None)
        return APPLIED

    def _keep(self, evidence: Sequence[Evidence]) -> None:
        self._evidence.extend(evidence)
        del self._evidence[:-EVIDENCE_ROWS]

    # --- leases

    def _holds_lease(self, lease: Lease) -> bool:
        hold = self._holds.get(lease.account_id)
        return hold is not None and hold.owner == lease.owner and hold.epoch == lease.epoch

    async def take(self, account_id: int, owner: str, now: datetime, until: datetime) -> Lease | None:
        await self._writing()
        account = self._accounts.get(account_id)
        if account is None or account.state is AccountState.UNLINKED:
            return None
        hold = self._holds[account_id]
        if hold.owner not in (None, owner) and hold.until is not None and hold.until >= now:
            return None
        hold.owner, hold.epoch, hold.until, hold.live = owner, hold.epoch + 1, until, False
        return Lease(account_id, owner, hold.epoch, until)

    async def renew(self, leases: Sequence[Lease], until: datetime) -> list[Lease]:
        await self._writing()
        held = [lease for lease in leases if self._holds_lease(lease)]
        for lease in held:
            self._holds[lease.account_id].until = until
        return [replace(lease, until=until) for lease in held]

    async def release(self, lease: Lease) -> None:
        await self._writing()
        if self._holds_lease(lease):
            hold = self._holds[lease.account_id]
            hold.owner = hold.until = None

    # --- reads of the core

    async def accounts(self, workspace_id: str | None = None, *, services: bool = False) -> list[Account]:
        return [
            account
            for account in self._accounts.values()
            if account.state is not AccountState.UNLINKED
            and workspace_id in (None, account.workspace_id)
            and (services or account.service is Service.MIDJOURNEY)
        ]

    async def account(self, account_id: int) -> Account | None:
        return self._accounts.get(account_id)

    async def checkpoint(self, account_id: int) -> Checkpoint | None:
        return self._checkpoints.get(account_id)

    async def queued(self, limit: int, after: Job | None = None) -> list[Job]:
        def place(job: Job):
            return (not job.boost, job.created_at, job.id)

        waiting = (job for job in self._jobs.values() if job.state is JobState.QUEUED)
        return sorted((job for job in waiting if after is None or place(job) > place(after)), key=place)[:limit]

    async def switches(self) -> Switches:
        linked = await self.accounts(services=True)
        holds = {each.id: self._holds[each.id] for each in linked}
        live_until = {each: hold.until for each, hold in holds.items() if hold.live and hold.until is not None}
        return Switches(tuple(await self.workspaces()), {each.id: each.state for each in linked}, live_until)

    async def awaited_until(self, now: datetime, limit: int) -> list[Job]:
        sent = (job for job in self._jobs.values() if job.state in OPEN_STATES and job.gives_up_at is not None)
        return sorted((job for job in sent if job.gives_up_at <= now), key=lambda job: job.gives_up_at)[:limit]

    async def open_jobs(self, account_id: int) -> list[Job]:
        return _oldest_first(
            job
            for job in self._jobs.values()
            if job.account_id == account_id and (job.state in OPEN_STATES or job.state is JobState.QUEUED)
        )

    async def finished_since(self, account_id: int, since: datetime) -> list[Job]:
        ended = [
            job
            for job in self._jobs.values()
            if job.account_id == account_id and job.finished_at is not None and job.finished_at >= since
        ]
        return sorted(ended, key=lambda job: (job.finished_at, job.id))

    async def highest_nonce(self, account_id: int) -> int:
        return max((int(nonce) for owner, nonce in self._nonces if owner == account_id), default=0)

    async def pictures_to_copy(self, limit: int) -> list[PictureCopy]:
        return [copy for copy in self._pictures.values() if copy.filename is None and not copy.failed][:limit]

    async def picture(self, key: str) -> PictureCopy | None:
        return self._pictures.get(key)

    # --- reads of the door

    async def job(self, workspace_id: str, job_id: str) -> Job | None:
        job = self._jobs.get(job_id)
        return job if job is not None and job.workspace_id == workspace_id else None

    async def request(self, workspace_id: str, request_id: str) -> Request | None:
        request = self._requests.get(request_id)
        return request if request is not None and request.origin.workspace_id == workspace_id else None

    async def jobs(
        self, workspace_id: str, *, states: Sequence[JobState] = (), limit: int = 50, before: datetime | None = None
    ) -> list[Job]:
        fitting = (
            job
            for job in self._jobs.values()
            if job.workspace_id == workspace_id
            and (not states or job.state in states)
            and (before is None or job.created_at < before)
        )
        return _oldest_first(fitting)[::-1][:limit]

    async def job_page(self, workspace_id: str, wanted: JobsWanted, limit: int) -> JobPage:
        own = [job for job in self._jobs.values() if job.workspace_id == workspace_id and self._fits(job, wanted)]
        newest = sorted(own, key=lambda job: (job.created_at, job.id), reverse=True)
        last = newest[limit - 1] if len(newest) > limit else None
        return JobPage(tuple(newest[:limit]), None if last is None else Place(last.created_at, last.id))

    def _fits(self, job: Job, wanted: JobsWanted) -> bool:
        request = self._requests.get(job.request_id)
        place = wanted.behind
        return (
            (not wanted.states or job.state in wanted.states)
            and (wanted.private or not job.private)
            and wanted.action in (None, job.action)
            and wanted.ref in (None, job.ref)
            and (wanted.requester is None or (request is not None and request.origin.requester == wanted.requester))
            and wanted.parent_id in (None, job.parent_id)
            and (wanted.since is None or job.created_at >= wanted.since)
            and (wanted.until is None or job.created_at < wanted.until)
            and (place is None or (job.created_at, job.id) < (place.created_at, place.job_id))
        )

    async def jobs_of(self, workspace_id: str, request_id: str) -> list[Job]:
        return _oldest_first(
            job for job in self._jobs.values() if (job.workspace_id, job.request_id) == (workspace_id, request_id)
        )

    async def children(self, workspace_id: str, parent_id: str, action: Action) -> list[Job]:
        wanted = (workspace_id, parent_id, action)
        return _oldest_first(
            job for job in self._jobs.values() if (job.workspace_id, job.parent_id, job.action) == wanted
        )

    async def updates(self, job_id: str, after_version: int = 0) -> list[JobUpdate]:
        return [update for update in self._updates.get(job_id, ()) if update.version > after_version]

    async def journal_end(self) -> int:
        return len(self._journal)

    async def journal(self, after: int, limit: int, *, until: int | None = None) -> list[JournalEntry]:
        return [self._entry(after + n, each) for n, each in enumerate(self._journal[after:until], start=1)][:limit]

    async def journal_of(
        self,
        workspace_id: str,
        after: int,
        limit: int,
        *,
        until: int,
        states: Collection[JobState] = (),
        requester: str | None = None,
    ) -> list[JournalEntry]:
        return [
            entry
            for entry in await self.journal(after, until, until=until)
            if entry.workspace_id == workspace_id
            and (not states or entry.update.state in states)
            and requester in (None, entry.requester)
        ][:limit]

    def _entry(self, place: int, update: JobUpdate) -> JournalEntry:
        job = self._jobs[update.job_id]
        return JournalEntry(
            place=place,
            workspace_id=job.workspace_id,
            request_id=job.request_id,
            action=job.action,
            ref=job.ref,
            requester=self._requests[job.request_id].origin.requester,
            private=job.private,
            update=update,
        )

    async def loads(self, workspace_id: str) -> list[Load]:
        found: dict[int | None, list[int]] = {}
        for job in self._jobs.values():
            if job.workspace_id != workspace_id:
                continue
            if job.state is JobState.QUEUED:
                found.setdefault(job.bound_account_id, [0, 0])[0] += 1
            elif job.state in UPSTREAM_STATES:
                found.setdefault(job.account_id, [0, 0])[1] += 1
        in_order = sorted(found.items(), key=lambda each: (each[0] is not None, each[0]))
        return [Load(account_id, queued, running) for account_id, (queued, running) in in_order]

    async def made(self, workspace_id: str, since: datetime, *, limit: int, offset: int = 0) -> list[Job]:
        seen = [
            job
            for job in self._jobs.values()
            if (job.workspace_id, job.state) == (workspace_id, JobState.DONE)
            and job.finished_at >= since
            and job.result is not None
            and job.result.pictures
            and not job.private
        ]
        return sorted(seen, key=lambda job: (job.finished_at, job.id), reverse=True)[offset : offset + limit]

    async def open_of(self, workspace_id: str, key_id: int | None, account_id: int) -> list[Job]:
        return _oldest_first(
            job
            for job in self._jobs.values()
            if job.workspace_id == workspace_id
            and (job.state in OPEN_STATES or job.state is JobState.QUEUED)
            and account_id in (job.account_id, job.bound_account_id)
            and self._requests[job.request_id].origin.key_id == key_id
        )

    async def tally(self, workspace_id: str, since: datetime) -> Tally:
        jobs = [job for job in self._jobs.values() if job.workspace_id == workspace_id]
        waiting = [job.created_at for job in jobs if job.state is JobState.QUEUED]

        def ended(state: JobState) -> int:
            return sum(job.state is state and job.finished_at is not None and job.finished_at >= since for job in jobs)

        return Tally(
            {state: sum(job.state is state for job in jobs) for state in JobState if state not in FINAL_STATES},
            ended(JobState.DONE),
            ended(JobState.FAILED),
            min(waiting, default=None),
        )

    async def evidence_counts(self, workspace_id: str) -> list[EvidenceCount]:
        own = {account.id for account in self._accounts.values() if account.workspace_id == workspace_id}
        times: dict[str, list[datetime]] = {}
        for evidence in self._evidence:
            if evidence.account_id in own:
                times.setdefault(evidence.kind, []).append(evidence.at)
        return [EvidenceCount(kind, len(ats), max(ats)) for kind, ats in sorted(times.items())]

    # --- webhooks

    async def due_deliveries(self, now: datetime, limit: int, besides: Collection[str] = ()) -> list[Delivery]:
        return self.webhooks.due(now, limit, besides)

    async def claim_delivery(self, delivery_id: int, owner: str, now: datetime, until: datetime) -> bool:
        await self._writing()
        return self.webhooks.claim(delivery_id, owner, now, until)

    async def settle_delivery(self, attempt: Attempt) -> bool:
        await self._writing()
        return self.webhooks.settle(attempt)

    async def free_deliveries(self, owner: str | None, ids: Sequence[int] | None = None) -> None:
        await self._writing()
        self.webhooks.free(owner, ids)

    async def delivery(self, workspace_id: str, delivery_id: int) -> Delivery | None:
        return self.webhooks.one(workspace_id, delivery_id)

    async def deliveries(
        self,
        workspace_id: str,
        *,
        request_id: str | None = None,
        state: DeliveryState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Delivery]:
        return self.webhooks.listed(workspace_id, request_id, state, before, limit)

    async def replay_deliveries(self, workspace_id: str, delivery_id: int | None, now: datetime) -> int:
        await self._writing()
        return self.webhooks.replay(workspace_id, delivery_id, now)

    async def delivery_counts(self, workspace_id: str) -> DeliveryCounts:
        return self.webhooks.counts(workspace_id)

    async def sweep_deliveries(self, now: datetime) -> int:
        await self._writing()
        return self.webhooks.sweep(now)

    async def set_webhook(self, workspace_id: str, hook: WorkspaceHook | None) -> None:
        await self._writing()
        self._workspaces[workspace_id] = replace(self._workspaces[workspace_id], webhook=hook)

    async def set_signing_secret(self, workspace_id: str, sealed: str) -> None:
        await self._writing()
        self._workspaces[workspace_id] = replace(self._workspaces[workspace_id], signing_sealed=sealed)

    # --- administration

    async def ensure_workspace(self, name: str, now: datetime) -> Workspace:
        await self._writing()
        for workspace in self._workspaces.values():
            if workspace.name == name:
                return workspace
        workspace = Workspace(str(uuid.uuid4()), name, now)
        self._workspaces[workspace.id] = workspace
        return workspace

    async def workspaces(self) -> list[Workspace]:
        return sorted(self._workspaces.values(), key=lambda workspace: (workspace.created_at, workspace.id))

    async def workspace(self, workspace_id: str) -> Workspace | None:
        return self._workspaces.get(workspace_id)

    async def pause_workspace(self, workspace_id: str, at: datetime | None) -> bool:
        await self._writing()
        found = self._workspaces.get(workspace_id)
        since = None if at is None or found is None else found.paused_at or at
        return self._put_workspace(workspace_id, paused_at=since)

    async def reboot_workspace(self, workspace_id: str, at: datetime) -> bool:
        await self._writing()
        return self._put_workspace(workspace_id, rebooted_at=at)

    def _put_workspace(self, workspace_id: str, **changes: object) -> bool:
        if workspace_id not in self._workspaces:
            return False
        self._workspaces[workspace_id] = replace(self._workspaces[workspace_id], **changes)
        return True

    async def add_account(self, new: NewAccount) -> Account:
        await self._writing()
        if new.workspace_id not in self._workspaces:
            raise errors.NotFound("there is no such workspace")
        linked = await self.accounts(new.workspace_id)
        if any(_same_account(account, new) for account in linked):
            raise errors.Conflict("this account is already linked with that server and channel")
        if not new.demo and all(account.demo for account in linked):
            for account in linked:
                if account.state is AccountState.ACTIVE:
                    self._accounts[account.id] = replace(account, state=AccountState.PAUSED, reason=DEMO_PAUSED)
        return self._add(new)

    def _add(self, new: NewAccount) -> Account:
        account = Account(
            id=len(self._accounts) + 1,
            hash=str(uuid.uuid4()),
            workspace_id=new.workspace_id,
            name=new.name,
            guild_id=new.guild_id,
            channel_id=new.channel_id,
            token_sealed=new.token_sealed,
            token_mask=new.token_mask,
            upstream=new.upstream,
            service=new.service,
            user_id=new.user_id,
            demo=new.demo,
            concurrency=new.concurrency,
            linked_at=new.linked_at,
        )
        self._accounts[account.id] = account
        self._holds[account.id] = _Hold()
        return account

    async def set_service(self, new: NewAccount) -> Account:
        await self._writing()
        if new.workspace_id not in self._workspaces:
            raise errors.NotFound("there is no such workspace")
        found = [
            account
            for account in await self.accounts(new.workspace_id, services=True)
            if account.service is new.service
        ]
        if not found:
            return self._add(new)
        account = found[0]
        if (account.token_mask, account.upstream.api_url) != (new.token_mask, new.upstream.api_url):
            account = replace(account, token_sealed=new.token_sealed, token_mask=new.token_mask, upstream=new.upstream)
            if account.state is AccountState.STOPPED:
                account = replace(account, state=AccountState.ACTIVE, trouble=None, reason=None)
            self._accounts[account.id] = account
        return account

    async def change_account(self, account_id: int, name: str, concurrency: int) -> bool:
        return await self._change_account(account_id, name=name, concurrency=concurrency)

    async def restart_account(self, account_id: int, at: datetime) -> bool:
        return await self._change_account(account_id, restarted_at=at)

    async def _change_account(self, account_id: int, **changes) -> bool:
        await self._writing()
        account = self._accounts.get(account_id)
        if account is None or account.state is AccountState.UNLINKED:
            return False
        self._accounts[account_id] = replace(account, **changes)
        return True

    async def unlink_account(self, account_id: int) -> bool:
        await self._writing()
        account = self._accounts.get(account_id)
        if account is None or account.state is AccountState.UNLINKED:
            return False
        self._accounts[account_id] = replace(
            account, state=AccountState.UNLINKED, token_sealed="", trouble=None, reason=None
        )
        self._checkpoints.pop(account_id, None)
        return True

    async def add_key(self, new: NewKey) -> ApiKey:
        await self._writing()
        if new.workspace_id not in self._workspaces:
            raise errors.NotFound("there is no such workspace")
        if any(key.digest == new.digest for key in self._keys.values()):
            raise errors.Conflict("this key is already stored")
        terms = {name: getattr(new, name) for name in ("scopes", "account_ids", "rates", "quota")}
        number = len(self._keys) + 1
        key = ApiKey(number, new.workspace_id, new.name, new.prefix, new.digest, new.created_at, **terms)
        self._keys[key.id] = key
        return key

    async def change_key(self, key: ApiKey) -> bool:
        await self._writing()
        before = self._keys.get(key.id)
        if before is None or before.workspace_id != key.workspace_id or before.revoked_at is not None:
            return False
        terms = {name: getattr(key, name) for name in ("name", "scopes", "account_ids", "rates", "quota")}
        self._keys[key.id] = replace(before, **terms)
        return True

    async def claim_answer(self, claim: Claim, *, sole_owner: bool) -> Found:
        await self._writing()
        return self.answers.claim(claim, sole_owner=sole_owner)

    async def keep_answer(self, claim: Claim, answer: KeptAnswer) -> None:
        await self._writing()
        row = self.answers.held(claim)
        if row is not None:
            row.answer = answer

    async def drop_claim(self, claim: Claim) -> None:
        await self._writing()
        if self.answers.held(claim) is not None:
            del self.answers.rows[claim.key_id, claim.token]

    async def forget_answers(self, before: datetime) -> None:
        await self._writing()
        self.answers.forget(before)

    async def request_by_token(self, key_id: int, token: str) -> str | None:
        return self.answers.tokens.get((key_id, token))

    async def spent(self, payer: str, began: datetime) -> int:
        return self.answers.spendings.get((payer, began), 0)

    async def set_contact(self, workspace_id: str, contact: str) -> bool:
        return await self._change_workspace(workspace_id, contact=contact)

    async def set_quota(self, workspace_id: str, quota: Quota | None) -> bool:
        return await self._change_workspace(workspace_id, quota=quota)

    async def _change_workspace(self, workspace_id: str, **changes) -> bool:
        await self._writing()
        before = self._workspaces.get(workspace_id)
        if before is None:
            return False
        self._workspaces[workspace_id] = replace(before, **changes)
        return True

    async def keys(self, workspace_id: str) -> list[ApiKey]:
        return [self._with_quota(key) for key in self._keys.values() if key.workspace_id == workspace_id]

    def _with_quota(self, key: ApiKey) -> ApiKey:
        return replace(key, workspace_quota=self._workspaces[key.workspace_id].quota)

    async def key_by_digest(self, digest: str) -> ApiKey | None:
        return next((self._with_quota(key) for key in self._keys.values() if key.digest == digest), None)

    async def revoke_key(self, workspace_id: str, key_id: int, now: datetime) -> bool:
        await self._writing()
        key = self._keys.get(key_id)
        if key is None or key.workspace_id != workspace_id or key.revoked_at is not None:
            return False
        self._keys[key_id] = replace(key, revoked_at=now)
        return True

    async def touch_key(self, key_id: int, now: datetime) -> None:
        await self._writing()
        key = self._keys.get(key_id)
        if key is not None and (key.last_used_at is None or key.last_used_at <= now - TOUCH_EVERY):
            self._keys[key_id] = replace(key, last_used_at=now)

    async def probe(self) -> None:
        await self._writing()

    async def close(self) -> None:
        self.trouble = "the store is closed"


def _oldest_first(jobs) -> list[Job]:
    return sorted(jobs, key=lambda job: (job.created_at, job.id))


def _same_account(linked: Account, new: NewAccount) -> bool:
    """One person in one channel of one upstream; while a user id is not yet known, the token's mask stands for it."""
    place = (linked.guild_id, linked.channel_id, linked.upstream) == (new.guild_id, new.channel_id, new.upstream)
    if linked.user_id is not None and new.user_id is not None:
        return place and linked.user_id == new.user_id
    return place and linked.token_mask == new.token_mask and new.token_mask != "..."
