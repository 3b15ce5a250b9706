"""How a request that was judged is stored: charged where its key has a quota, and once for each Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.core.judging import Taken
from engine.core.leaving import Depart, Leaving, needs_nothing
from engine.model.errors import Forbidden, OverQuota, Unavailable
from engine.model.jobs import Job, JobUpdate, Origin, Request
from engine.model.prices import price_of, price_of_all
from engine.model.quotas import Charge, Spending
from engine.ports import Change, Clock, NewRequest, Outcome, Store


class Filing:
    """The cabinet of requests."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        filed: Callable[[Request, Sequence[Job]], None],
        stored: Callable[[Job, JobUpdate, bool], None],
        depart: Depart,
    ) -> None:
        """`filed` hears of each request that was stored, `stored` of each of its jobs and whether it leaves already."""
        self._store = store
        self._clock = clock
        self._filed = filed
        self._stored = stored
        self._depart = depart

    async def known(self, origin: Origin) -> Job | None:
        """The job that an earlier call with the same Idempotency-Key stored before its process ended."""
        if origin.token is None or not origin.again:
            return None
        return await self._by_token(origin)

    async def file(self, origin: Origin, prompt: str, taken: Taken) -> Taken:
        """Store a request; returns what is new in the store: nothing, when its Idempotency-Key was there already.

        Raises:
            Forbidden: only an account that its key may not use can run it.
            OverQuota: the credits of this period do not suffice.
            Unavailable: it cannot be stored now; nothing was.
        """
        _check_accounts(taken)
        taken, spending = self._charged(origin, taken)
        first = taken.jobs[0]
        request = Request(id=first.id, origin=origin, action=first.action, prompt=prompt, created_at=first.created_at)
        new = NewRequest(request, taken.jobs, taken.updates, spending)

        def told(outcome: Outcome, leaves: bool) -> None:  # noqa: FBT001 - a callback's word
            if outcome is Outcome.APPLIED:
                self._filed(request, taken.jobs)
                latest = taken.updates[-len(taken.jobs) :]  # one that repeats another's result has two updates
                for job, update in zip(taken.jobs, latest, strict=True):
                    self._stored(job, update, leaves)

        outcome = await self._store_it(taken, [new, *taken.beside], told)
        if outcome is Outcome.APPLIED:
            return taken
        if outcome is Outcome.OVER_QUOTA:
            raise self._over(origin, taken)
        known = await self._by_token(origin) if outcome is Outcome.DUPLICATE else None
        if known is None:
            raise Unavailable(f"the request was not stored: {outcome}")
        return Taken((known,), ())

    async def _store_it(
        self, taken: Taken, changes: Sequence[Change], told: Callable[[Outcome, bool], None]
    ) -> Outcome:
        first, *others = taken.jobs
        if not others and needs_nothing(first):
            leaving = Leaving(first, changes, told)
            if self._depart(leaving):
                return await leaving.outcome()
        outcome, *_ = await self._store.apply(changes)
        told(outcome, False)
        return outcome

    def _charged(self, origin: Origin, taken: Taken) -> tuple[Taken, Spending | None]:
        budget = origin.budget
        price = price_of_all(taken.jobs) if budget is not None else 0
        if budget is None or price == 0:
            return taken, None
        began = budget.quota.began(self._clock.now())
        jobs = tuple(
            job if job.is_final else job.but(charge=Charge(budget.payer, began, price_of(job))) for job in taken.jobs
        )
        return replace(taken, jobs=jobs), Spending(budget.payer, began, price, budget.quota.credits)

    def _over(self, origin: Origin, taken: Taken) -> OverQuota:
        assert origin.budget is not None
        quota, now = origin.budget.quota, self._clock.now()
        frees_at = quota.ends(now)
        price = price_of_all(taken.jobs)
        words = (
            f"Insufficient credits: this costs {price} of {quota}; "
            f"the next {quota.period} begins at {frees_at:%Y-%m-%dT%H:%M:%S+00:00}"
        )
        seconds = max(1, int((frees_at - now).total_seconds()) + 1)
        return OverQuota(words, frees_at=frees_at, retry_after=seconds, price=price, credits=quota.credits)

    async def _by_token(self, origin: Origin) -> Job | None:
        if origin.key_id is None or origin.token is None:
            return None
        request_id = await self._store.request_by_token(origin.key_id, origin.token)
        return None if request_id is None else await self._store.job(origin.workspace_id, request_id)


def _check_accounts(taken: Taken) -> None:
    for job in taken.jobs:
        bound = job.bound_account_id
        if bound is not None and job.only_accounts and bound not in job.only_accounts:
            allowed = ", ".join(map(str, job.only_accounts))
            raise Forbidden(f"this needs account {bound}, which this key may not use (it may use: {allowed})")
