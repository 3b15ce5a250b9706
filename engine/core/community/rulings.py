"""What becomes of a member's job that waits when its server's settings change: judged as if it were asked for now."""

from __future__ import annotations

from engine.core.community.permits import Asker, Permits
from engine.core.community.withdrawing import Withdrawing
from engine.model.community.permission import Deed, Denial, Denied, speed_for
from engine.model.errors import NotAllowed
from engine.model.events import Unsendable
from engine.model.jobs import Failure, FailureReason, Job, JobState
from engine.model.limits import mode_asked
from engine.model.reasons import Ruling
from engine.ports import Clock

_RULED = {
    Denial.WRONG_CHANNEL: Ruling.WRONG_CHANNEL,
    Denial.AGE_CHANNEL: Ruling.AGE_CHANNEL,
    Denial.NO_ROLE: Ruling.NO_ROLE,
    Denial.NOT_CONNECTED: Ruling.NOT_CONNECTED,
}
"""Other denials are no server's settings: restraints withdraw what waits by themselves, quotas count at the asking."""


class Rulings:
    """The desk that judges again."""

    def __init__(self, permits: Permits, withdrawing: Withdrawing, clock: Clock) -> None:
        self._permits = permits
        self._withdrawing = withdrawing
        self._clock = clock

    async def judge(self, asker: Asker, job: Job) -> Ruling | None:
        """End a queued job that `asker` could not ask for any more; returns why. None: it waits on, or waits no more.

        Args:
            asker: its requester, where they asked, with the roles that they have now.
            job: as it is known.
        """
        if job.state is not JobState.QUEUED:
            return None
        ruling = await self._ruling(asker, job)
        if ruling is None:
            return None
        failure = Failure(FailureReason.BANNED, ruling)
        ended = await self._withdrawing.end(job, Unsendable(at=self._clock.now(), failure=failure))
        return None if ended is None else ruling

    async def _ruling(self, asker: Asker, job: Job) -> Ruling | None:
        try:
            permit = await self._permits.permit(asker, Deed.GENERATE if job.parent_id is None else Deed.PRESS)
        except NotAllowed as error:
            return _RULED.get(Denial(error.code))
        if permit.workspace_id != job.workspace_id:
            return Ruling.NOT_CONNECTED
        asked = job.mode or mode_asked(job.prompt)
        return Ruling.SPEED if asked and isinstance(speed_for(permit.terms, asked), Denied) else None
