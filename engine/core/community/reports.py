"""What becomes of pictures that somebody finds wrong: reported, settled, removed for good."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from engine.core.community.members import checked_reason, given_strike
from engine.core.community.minutes import minute
from engine.model.community.people import Strike, user_of
from engine.model.community.reports import Removal, Report, Settled
from engine.model.errors import Conflict, NotFound, UnknownJob
from engine.model.jobs import Job, JobState
from engine.model.moderation.kept import AuditEntry
from engine.ports import Clock, Store

Discard = Callable[[tuple[str, ...]], Awaitable[None]]
"""Deletes files of the picture folder, and what was cut from them."""
Forget = Callable[[str], None]
"""Told of each job that is not any more as it was."""


def nothing(_: str) -> None:
    """For processes that remember no jobs."""


class Reports:
    """The reports and removals of all workspaces. `who` is a requester, or the operator's own words."""

    def __init__(self, store: Store, clock: Clock, discard: Discard, forget: Forget = nothing) -> None:
        self._store = store
        self._clock = clock
        self._discard = discard
        self._forget = forget

    async def report(
        self,
        workspace_id: str,
        job_id: str,
        reporter: str,
        reason: str,
        *,
        guild_id: str | None = None,
        channel_id: str | None = None,
        message_id: str | None = None,
    ) -> Report:
        """Report a picture (`reporter`: a user id). A second report of the same member is the first one.

        Raises:
            NotFound: no such job in the workspace.
            InvalidInput: the reason is too long.
        """
        if await self._store.job(workspace_id, job_id) is None:
            raise UnknownJob(f"no job {job_id}")
        return await self._store.add_report(
            Report(
                workspace_id=workspace_id,
                job_id=job_id,
                reporter=reporter,
                reason=checked_reason(reason),
                guild_id=guild_id,
                channel_id=channel_id,
                message_id=message_id,
                at=self._clock.now(),
            )
        )

    async def hold(self, workspace_id: str, job_id: str, reporter: str, reason: str, **where: str | None) -> Report:
        """Put a finished picture before the moderators, who alone see it from now on: its requester is not there.

        Raises: as `report`.
        """
        await self._store.hide(workspace_id, job_id)
        self._forget(job_id)
        return await self.report(workspace_id, job_id, reporter, reason, **where)

    async def listed(
        self, workspace_id: str, *, unsettled: bool = True, limit: int = 50, before: int | None = None
    ) -> list[Report]:
        """Reports, newest first, those with a lower id than `before`."""
        return await self._store.reports(workspace_id, limit, before, unsettled=unsettled)

    async def found(self, workspace_id: str, report_id: int) -> Report:
        """One of them. Raises NotFound."""
        page = await self._store.reports(workspace_id, 1, report_id + 1)
        if not page or page[0].id != report_id:
            raise NotFound("no such report")
        return page[0]

    async def settle(
        self, workspace_id: str, report_id: int, settled: Settled, who: str, *, strike: str | None = None
    ) -> Report:
        """Decide about a report. REMOVED removes the job's pictures, and with a reason in `strike` marks its requester.

        The reason is the moderator's own: the member reads it.

        Raises:
            NotFound: there is no such report.
            Conflict: it is settled already, or the job has not ended.
        """
        report = await self.found(workspace_id, report_id)
        if report.settled is not None:
            raise Conflict(f"this report is settled: {report.settled}")
        now = self._clock.now()
        if settled is Settled.REMOVED:
            try:
                await self.remove(workspace_id, report.job_id, who, report.reason, strike=strike)
            except NotFound:
                pass  # its pictures were removed before
            else:
                return replace(report, settled=settled, settled_at=now, settled_by=who)
        done = replace(report, settled=settled, settled_at=now, settled_by=who)
        said = minute(workspace_id, who, f"report settled: {settled}", now, before=f"job {report.job_id}")
        if not await self._store.settle_report(done, said):
            raise Conflict("this report was settled meanwhile")
        return done

    async def remove(
        self, workspace_id: str, job_id: str, who: str, reason: str = "", *, strike: str | None = None
    ) -> Job:
        """Remove a finished job's pictures for good: here, from every gallery, and (by the bot) from Discord.

        What Midjourney itself shows is not Easel's to remove. `strike`: mark its requester, for this reason.

        Raises:
            NotFound: no such job in the workspace, or its pictures were removed before.
            Conflict: it has not ended; cancel it instead.
        """
        job = await self._store.job(workspace_id, job_id)
        if job is None:
            raise UnknownJob(f"no job {job_id}")
        if job.state is not JobState.DONE:
            raise Conflict(f"job {job_id} is {job.state}: it has no picture; a job that has not ended can be cancelled")
        now, why = self._clock.now(), checked_reason(reason)
        removal = Removal(job_id=job_id, workspace_id=workspace_id, by=who, reason=why, at=now)
        said = minute(workspace_id, who, "picture removed", now, before=f"job {job_id} {why}".rstrip())
        given = None if strike is None else await self._strike(job, strike, who)
        files = await self._store.remove_pictures(removal, said, given)
        if files is None:
            raise NotFound(f"the pictures of job {job_id} were removed before")
        self._forget(job_id)
        await self._discard(files)
        return await self._after(job)

    async def _strike(self, job: Job, reason: str, who: str) -> tuple[Strike, AuditEntry] | None:
        request = await self._store.request(job.workspace_id, job.request_id)
        user_id = None if request is None else user_of(request.origin.requester)
        if user_id is None:
            return None
        now = self._clock.now()
        await self._store.see_member(job.workspace_id, user_id, "", now)
        given = Strike(
            workspace_id=job.workspace_id,
            user_id=user_id,
            job_id=job.id,
            reason=checked_reason(reason),
            by=who,
            at=now,
        )
        return given, given_strike(given)

    async def _after(self, job: Job) -> Job:
        after = await self._store.job(job.workspace_id, job.id)
        return after or job

    async def removal(self, workspace_id: str, job_id: str) -> Removal | None:
        """Who removed a job's pictures, if somebody did."""
        return await self._store.removal(workspace_id, job_id)
